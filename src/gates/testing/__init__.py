"""For authors of stages: fakes for their tests, and the conformance kit.

`fake_context` gives a stage a project in a temporary folder, whose programs answer from a list.
`check` tries a stage with everything that can go wrong with its tools.
"""

from __future__ import annotations

from gates.plugin import Sample
from gates.testing.conformance import Conformance, Trial, check
from gates.testing.fake_service import FakeService
from gates.testing.fakes import Answer, FakeContext, ended, fake_context, metrics_of

__all__ = [
    "Answer",
    "Conformance",
    "FakeContext",
    "FakeService",
    "Sample",
    "Trial",
    "check",
    "ended",
    "fake_context",
    "metrics_of",
]
