"""How strict the conditions of a gate are: what they admit of a metric, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.condition import Condition, Operator, Role
from gates.domain.metric import Direction, Unit
from gates.domain.plan import GatePlan
from gates.domain.policy_change import Kind, PolicyChange

_UPPER = frozenset({Operator.LT, Operator.LE, Operator.EQ})
_LOWER = frozenset({Operator.GT, Operator.GE, Operator.EQ})
_OPEN = frozenset({Operator.LT, Operator.GT})


@dataclass(frozen=True, slots=True)
class _Bound:
    """One end of what is admitted; `value` grows with strictness."""

    value: Decimal
    is_open: bool

    def is_as_strict_as(self, other: _Bound) -> bool:
        if self.value != other.value:
            return self.value > other.value
        return self.is_open or not other.is_open


@dataclass(frozen=True, slots=True)
class _Region:
    """What conditions on one metric admit; each bound is None where there is none.

    Attributes:
        low: the lower end.
        high: the upper end, negated, so that a greater value is stricter here too.
        low_baseline: the allowance of a lower end that a baseline gives.
        high_baseline: that of an upper end, negated likewise.
    """

    low: _Bound | None
    high: _Bound | None
    low_baseline: _Bound | None
    high_baseline: _Bound | None

    @property
    def point(self) -> Decimal | None:
        """The one value that is admitted, or None."""
        if self.low and self.high and self.low.value == -self.high.value:
            return self.low.value
        return None

    def is_as_strict_as(self, other: _Region) -> bool:
        """Whether nothing is admitted that the other does not admit."""
        pairs = (
            (self.low, other.low),
            (self.high, other.high),
            (self.low_baseline, other.low_baseline),
            (self.high_baseline, other.high_baseline),
        )
        return all(
            theirs is None or (mine is not None and mine.is_as_strict_as(theirs))
            for mine, theirs in pairs
        )

    def is_better_than(self, point: Decimal, direction: Direction) -> bool:
        """Whether all that is admitted is at least as good as one value."""
        if direction is Direction.LOWER:
            return self.high is not None and -self.high.value <= point
        return self.low is not None and self.low.value >= point


def compare_conditions(before: GatePlan, after: GatePlan) -> Iterator[PolicyChange]:
    """What becomes of the conditions of one gate."""
    old, new = _by_subject(before.conditions), _by_subject(after.conditions)
    for subject in dict.fromkeys((*old, *new)):
        yield from _of_subject(
            _Pair(before, after, subject, tuple(old.get(subject, ())), tuple(new.get(subject, ())))
        )


@dataclass(frozen=True, slots=True)
class _Pair:
    """The conditions on one metric with its tags, before and after."""

    gate: GatePlan
    later: GatePlan
    subject: str
    old: tuple[Condition, ...]
    new: tuple[Condition, ...]

    def change(self, kind: Kind, before: str, after: str, *, doubt: bool = False) -> PolicyChange:
        what = f"condition on `{self.subject}` of gate `{self.gate.name}`"
        return PolicyChange(
            kind=kind,
            what=what,
            before=before,
            after=after,
            place=self.place,
            is_doubtful=doubt,
        )

    @property
    def place(self) -> str:
        written = (each.origin for each in self.new if each.origin != "default")
        return next(written, self.later.place)


def _of_subject(pair: _Pair) -> Iterator[PolicyChange]:
    """What becomes of the conditions on one metric."""
    old, new = _required(pair.old), _required(pair.new)
    if old and not new:
        yield _lost(pair)
        return
    before, after = _texts(old, new)
    if new and not old:
        yield pair.change(Kind.TIGHTENED, _all_texts(pair.old), after)
    elif old and new:
        kind, doubt = _bearing(pair, _region(old), _region(new))
        if kind is not None:
            yield pair.change(kind, before, after, doubt=doubt)
    told, tells = (_only_told(each) for each in (pair.old, pair.new))
    if not (new and not old) and _meaning(told) != _meaning(tells):
        kind = Kind.ADDED if not told else Kind.CHANGED
        yield pair.change(kind, *_texts(told, tells))


def _bearing(pair: _Pair, old: _Region, new: _Region) -> tuple[Kind | None, bool]:
    is_tighter, is_looser = new.is_as_strict_as(old), old.is_as_strict_as(new)
    if is_tighter:
        return (None if is_looser else Kind.TIGHTENED), False
    spec, point = pair.gate.spec(pair.old[0].metric), old.point
    if spec is not None and point is not None and new.is_better_than(point, spec.direction):
        return Kind.TIGHTENED, False
    return Kind.LOOSENED, not is_looser


def _lost(pair: _Pair) -> PolicyChange:
    """A metric of which nothing is required any more."""
    before = _all_texts(_required(pair.old))
    told = _only_told(pair.new)
    if told:
        return pair.change(Kind.LOOSENED, before, _all_texts(told))
    dropped = [text for text in pair.later.dropped if text in {each.text for each in pair.old}]
    if dropped:
        return pair.change(Kind.LOOSENED, before, "dropped")
    metric = pair.old[0].metric
    known = {each.subject for each in pair.gate.conditions}
    narrower = [
        each
        for each in _required(pair.later.conditions)
        if each.metric == metric and each.subject not in known
    ]
    if narrower:
        return pair.change(Kind.LOOSENED, before, f"only {_all_texts(narrower)}")
    return pair.change(Kind.REMOVED, before, "")


def _by_subject(conditions: Iterable[Condition]) -> dict[str, list[Condition]]:
    found: dict[str, list[Condition]] = {}
    for condition in conditions:
        found.setdefault(condition.subject, []).append(condition)
    return found


def _required(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(each for each in conditions if each.role is Role.REQUIRE)


def _only_told(conditions: Iterable[Condition]) -> tuple[Condition, ...]:
    return tuple(each for each in conditions if each.role is Role.WARN)


def _meaning(conditions: Iterable[Condition]) -> frozenset[tuple[str, str, str]]:
    """What conditions say, however they are written."""
    return frozenset(
        (
            each.operator.value,
            str(each.known_limit and each.known_limit.normalize()),
            _allowed(each),
        )
        for each in conditions
    )


def _allowed(condition: Condition) -> str:
    return str(condition.baseline.allowance.normalize()) if condition.baseline else ""


def _texts(old: Iterable[Condition], new: Iterable[Condition]) -> tuple[str, str]:
    """Both sides for people; with the limits where the same words stand for other numbers."""
    before, after = _all_texts(old), _all_texts(new)
    if before == after:
        return _all_texts(old, limits=True), _all_texts(new, limits=True)
    return before, after


def _all_texts(conditions: Iterable[Condition], *, limits: bool = False) -> str:
    def text(condition: Condition) -> str:
        told = f"{condition.text} ({condition.shown_limit})" if limits else condition.text
        return told if condition.role is Role.REQUIRE else f"warn: {told}"

    return ", ".join(text(each) for each in conditions)


def _region(conditions: Iterable[Condition]) -> _Region:
    """What is admitted where all conditions hold, within what the unit can be."""
    conditions = tuple(conditions)
    unit = conditions[0].unit
    low: list[_Bound] = [] if unit is Unit.NUMBER else [_Bound(Decimal(0), is_open=False)]
    high = [_Bound(Decimal(-1), is_open=False)] if unit in {Unit.RATIO, Unit.FLAG} else []
    low_baseline: list[_Bound] = []
    high_baseline: list[_Bound] = []
    for each in conditions:
        is_open, baseline = each.operator in _OPEN, each.baseline
        value = baseline.allowance if baseline else each.limit
        if each.operator in _LOWER:
            (low_baseline if baseline else low).append(_Bound(value, is_open))
        if each.operator in _UPPER:
            (high_baseline if baseline else high).append(_Bound(-value, is_open))
    return _Region(*map(_strictest, (low, high, low_baseline, high_baseline)))


def _strictest(bounds: Iterable[_Bound]) -> _Bound | None:
    return max(bounds, key=lambda bound: (bound.value, bound.is_open), default=None)
