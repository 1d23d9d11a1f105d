"""Metrics that count what a tool found, declared in one way: fewer is better."""

from __future__ import annotations

from gates.domain.metric import Direction, MetricSpec, Unit


def counted(name: str, title: str, noun: str) -> MetricSpec:
    """A metric that counts; see `MetricSpec` for what the words are for."""
    return MetricSpec(name=name, unit=Unit.COUNT, direction=Direction.LOWER, title=title, noun=noun)


BY_SEVERITY = (
    counted("high", "findings of high severity", "findings"),
    counted("medium", "findings of medium severity", "findings"),
    counted("low", "findings of low severity", "findings"),
    counted("unknown", "findings of unknown severity", "findings"),
)
"""What a scanner for insecure code counts."""
