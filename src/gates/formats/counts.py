"""Metrics that several stages report, declared in one way."""

from __future__ import annotations

from gates.domain.metric import Direction, MetricSpec, Unit


def counted(name: str, title: str, noun: str, *, optional: bool = False) -> MetricSpec:
    """A metric that counts what was found, fewer being better; see `MetricSpec` for the words."""
    return MetricSpec(
        name=name,
        unit=Unit.COUNT,
        direction=Direction.LOWER,
        title=title,
        noun=noun,
        optional=optional,
    )


BY_SEVERITY = (
    counted("high", "findings of high severity", "findings"),
    counted("medium", "findings of medium severity", "findings"),
    counted("low", "findings of low severity", "findings"),
    counted("unknown", "findings of unknown severity", "findings"),
)
"""What a scanner for insecure code counts."""

TYPED = (
    counted("any", "explicit Any", "uses of Any"),
    counted("untyped", "functions not fully typed", "functions not fully typed"),
    MetricSpec(
        name="strict",
        unit=Unit.FLAG,
        direction=Direction.HIGHER,
        title="strict mode holds for every source",
    ),
)
"""What the criterion of types asks beside errors."""
