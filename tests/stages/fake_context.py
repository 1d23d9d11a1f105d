"""What the tests of stages share: the fakes that authors of stages get, and recorded output."""

from __future__ import annotations

from pathlib import Path

from gates.testing.fakes import Answer, FakeContext, ended, fake_context, metrics_of

__all__ = ["Answer", "FakeContext", "ended", "fake_context", "metrics_of", "recorded"]


def recorded(path: str) -> bytes:
    """What a real tool wrote: a file below `tests/stages/data`."""
    return (Path(__file__).parent / "data" / path).read_bytes()
