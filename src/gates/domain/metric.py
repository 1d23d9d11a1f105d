"""Metrics: named, exact numbers with a unit, and the specifications that declare them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """The base unit in which a metric's value is kept."""

    COUNT = "count"
    RATIO = "ratio"
    SECONDS = "s"
    PER_SECOND = "/s"
    BYTES = "B"
    NUMBER = "number"
    FLAG = "flag"


class Direction(StrEnum):
    """Which way is better; decides what loosens a condition."""

    LOWER = "lower"
    HIGHER = "higher"


Exact = int | Decimal
Tags = tuple[tuple[str, str], ...]
"""Tag names and values, sorted by name."""


def tags_of(mapping: Mapping[str, str]) -> Tags:
    """Sort a mapping of tags into the form that metrics and conditions compare."""
    return tuple(sorted(mapping.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricSpec:
    """A stage's promise to report a metric.

    Attributes:
        name: as conditions write it.
        unit: base unit of its value.
        direction: which way is better.
        title: a few words for tables and docs.
        noun: what it counts, plural, as "12 more NOUN would pass" says it; empty where it counts
            nothing.
        tags: names of the tags that it may carry.
        optional: a result may say that it does not apply, with the reason; any other metric must
            be there in each result.
    """

    name: str
    unit: Unit
    direction: Direction
    title: str
    noun: str = ""
    tags: tuple[str, ...] = ()
    optional: bool = False


NEW_FINDINGS = MetricSpec(
    name="new_findings",
    unit=Unit.COUNT,
    direction=Direction.LOWER,
    title="findings that a change adds",
    noun="new findings",
)
"""What a condition of any stage that tells findings may ask; measured only where one does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One measured value, exact.

    Attributes:
        name: as its specification says.
        value: in the specification's base unit; None where numerator and denominator hold it.
        numerator: of a ratio.
        denominator: of a ratio, above 0.
        tags: which part of the whole it speaks of; empty for the whole.
        interval: lower and upper bound of an estimate, in the base unit, or None.

    Raises:
        ValueError: for a value that is not finite, or a ratio without a positive denominator.
    """

    name: str
    value: Exact | None = None
    numerator: int | None = None
    denominator: int | None = None
    tags: Tags = ()
    interval: tuple[Decimal, Decimal] | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        if (self.value is None) == (self.numerator is None):
            raise ValueError(f"metric `{self.name}` needs either a value or a ratio")
        if isinstance(self.value, Decimal) and not self.value.is_finite():
            raise ValueError(f"metric `{self.name}` is {self.value}")
        if self.value is None and (self.denominator is None or self.denominator <= 0):
            raise ValueError(f"metric `{self.name}` is a ratio of nothing")

    @property
    def fraction(self) -> tuple[int, int]:
        """The value as an exact fraction of two integers, the second above 0."""
        if self.value is not None:
            return self.value.as_integer_ratio()
        if self.numerator is None or self.denominator is None:
            raise ValueError(f"metric `{self.name}` holds no value")
        return self.numerator, self.denominator


def count(name: str, value: int, **tags: str) -> Metric:
    """Make a metric that counts."""
    return Metric(name=name, value=value, tags=tags_of(tags))


def ratio(name: str, numerator: int, denominator: int, **tags: str) -> Metric:
    """Make a metric that is a ratio of two counts."""
    return Metric(name=name, numerator=numerator, denominator=denominator, tags=tags_of(tags))


def flag(name: str, *, holds: bool) -> Metric:
    """Make a metric that is 1 where a claim holds, else 0."""
    return Metric(name=name, value=int(holds))


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """How much a stage looked at: the proof behind its metrics.

    Attributes:
        count: how many, above 0 for any gate that passes.
        unit: what was counted, plural (`files`, `tests`, `lines`, `packages`).
        excluded: how many the configuration left out, where known.
        note: what a reader should know about it, or empty.
        details: further counts by name, shown in this order.
    """

    count: int
    unit: str
    excluded: int | None = None
    note: str = ""
    details: tuple[tuple[str, int], ...] = field(default=())
