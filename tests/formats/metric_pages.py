"""What the tests of pages of metrics share: a recording, and small pages."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

from gates.formats.prometheus_window import Window, window

RECORDED = Path(__file__).parent / "data/prometheus_client/0.26.0"


def client(name: str) -> bytes:
    """What prometheus_client 0.26.0 made of one registry, in both formats."""
    return (RECORDED / name).read_bytes()


def counters(**values: float | str) -> str:
    """Counters by name."""
    return "".join(f"# TYPE {name} counter\n{name} {value}\n" for name, value in values.items())


def gauges(**values: float | str) -> str:
    """Gauges by name."""
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in values.items())


def histogram(
    name: str, buckets: Mapping[str, int], total: float, labels: str = "", *, typed: bool = True
) -> str:
    """A histogram by the upper edges of its buckets, the last of which is `+Inf`."""
    head = f"# TYPE {name} histogram\n" if typed else ""
    inner = f",{labels}" if labels else ""
    lines = "".join(
        f'{name}_bucket{{le="{edge}"{inner}}} {count}\n' for edge, count in buckets.items()
    )
    whole = f"{{{labels}}}" if labels else ""
    last = list(buckets.values())[-1]
    return f"{head}{lines}{name}_sum{whole} {total}\n{name}_count{whole} {last}\n"


def between(before: str, after: str, seconds: int = 10) -> Window:
    """The window between two pages, each fetched twice."""
    pages = [before.encode()] * 2, [after.encode()] * 2
    return window(*pages, Fraction(seconds), least=2)
