from __future__ import annotations

from gates.domain.metric import Direction, Unit
from gates.formats.counts import BY_SEVERITY, counted


def test_what_counts_is_better_lower() -> None:
    spec = counted("odd", "odd lines", "lines")

    assert (spec.unit, spec.direction, spec.noun) == (Unit.COUNT, Direction.LOWER, "lines")


def test_each_severity_is_counted() -> None:
    assert [spec.name for spec in BY_SEVERITY] == ["high", "medium", "low", "unknown"]
