"""What is told of tests of which most show nothing: skipped, or expected to fail."""

from __future__ import annotations

from dataclasses import replace

from gates.domain.metric import Examined

SHOWN = {"skipped": "skipped", "xfailed": "expected to fail"}
"""Words for the details of `tested.summed_up` that count tests which show nothing."""


def told(examined: Examined) -> Examined:
    """The tests that a stage examined, with a note that every output repeats where most are silent.

    Args:
        examined: as `tested.summed_up` counts them; skipped tests are not among its `count`.
    """
    counts = dict(examined.details)
    silent = {words: counts[name] for name, words in SHOWN.items() if counts.get(name)}
    total = examined.count + counts.get("skipped", 0)
    number = sum(silent.values())
    if 2 * number <= total:
        return examined
    parts = ", ".join(f"{many} {words}" for words, many in silent.items())
    return replace(examined, note=f"{number} of {total} tests show nothing: {parts}")
