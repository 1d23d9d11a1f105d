"""Conditions: the closed grammar `METRIC[{TAG="VALUE"}] OP LIMIT`, bound before anything runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gates.domain.allowance import Allowance, Baseline, objection, parse_allowance
from gates.domain.metric import MetricSpec, Tags, Unit, tags_of
from gates.domain.units import EXAMPLES, NAMES, SUFFIXES, show, to_base

UNKNOWN = Decimal("NaN")
"""The limit of a condition whose baseline is not known: whatever compares with it raises."""


class Operator(StrEnum):
    """How a value is compared with its limit."""

    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    EQ = "=="

    def holds(self, value: tuple[int, int], limit: Decimal) -> bool:
        """Compare an exact fraction with an exact limit, without any rounding."""
        top, bottom = value
        limit_top, limit_bottom = limit.as_integer_ratio()
        left, right = top * limit_bottom, limit_top * bottom
        match self:
            case Operator.LT:
                return left < right
            case Operator.LE:
                return left <= right
            case Operator.GT:
                return left > right
            case Operator.GE:
                return left >= right
            case Operator.EQ:
                return left == right


class Role(StrEnum):
    """Whether a condition decides or only tells."""

    REQUIRE = "require"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A condition as written, before its limit is bound to a metric's unit.

    Attributes:
        text: the whole condition, with single spaces.
        metric: its metric's name.
        tags: which part of the metric it speaks of.
        operator: how it compares.
        number: the limit's number, or None for a target or a baseline.
        suffix: the limit's unit as written, or empty.
        target: the name behind `target.`, or empty.
        allowance: what stands behind `baseline`, or None where it is no baseline.
    """

    text: str
    metric: str
    tags: Tags
    operator: Operator
    number: Decimal | None
    suffix: str
    target: str
    allowance: Allowance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """A bound condition: type-checked, its limit in the metric's base unit.

    Attributes:
        text: as written, with single spaces.
        metric: its metric's name.
        tags: which part of the metric it speaks of; empty for the whole.
        operator: how the measured value is compared with the limit.
        limit: in the base unit, exact; `UNKNOWN` where a baseline does not give it, or not yet.
        unit: base unit of metric and limit.
        role: whether it decides or only tells.
        origin: `default` or `file:line:column` of gates.yaml.
        replaces: text of the default that it replaces, or empty.
        baseline: what the limit is worked out from, or None where it is written.
    """

    text: str
    metric: str
    tags: Tags
    operator: Operator
    limit: Decimal
    unit: Unit
    role: Role = Role.REQUIRE
    origin: str = "default"
    replaces: str = ""
    baseline: Baseline | None = None

    @property
    def subject(self) -> str:
        """The metric with its tags, as a condition writes it."""
        return subject(self.metric, self.tags)

    @property
    def known_limit(self) -> Decimal | None:
        """The limit, or None where it is not known."""
        return None if self.limit.is_nan() else self.limit

    @property
    def shown_limit(self) -> str:
        """Operator and limit for people: `>= 90 %`, `<= 110 ms, baseline 100 ms + 10 %`."""
        limit, baseline = self.known_limit, self.baseline
        if baseline is None:
            return f"{self.operator.value} {show(self.limit, self.unit)}"
        allowed = baseline.shown(self.unit)
        if limit is None or baseline.median is None:
            return f"{self.operator.value} baseline{allowed}"
        median = show(baseline.median, self.unit)
        return f"{self.operator.value} {show(limit, self.unit)}, baseline {median}{allowed}"


class ConditionError(ValueError):
    """A condition that cannot be parsed or bound.

    Attributes:
        slug: stable short name of what is wrong.
        hint: what to write instead, or empty.
    """

    def __init__(self, slug: str, summary: str, hint: str = "") -> None:
        super().__init__(summary)
        self.slug = slug
        self.hint = hint


def subject(metric: str, tags: Tags) -> str:
    """Write a metric with its tags: `p95{endpoint="GET /orders"}`."""
    if not tags:
        return metric
    inner = ",".join(f'{name}="{value}"' for name, value in tags)
    return f"{metric}{{{inner}}}"


def parse(text: str) -> Written:
    """Parse a condition.

    Raises:
        ConditionError: where it is not `METRIC[{TAG="VALUE"}] OP LIMIT`.
    """
    import re

    found = re.fullmatch(
        r"\s*(?P<metric>[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\s*(?:\{(?P<tags>.*)\})?"
        r"\s*(?P<op><=|>=|==|<|>)\s*(?P<limit>[^<>=]+?)\s*",
        text,
        re.ASCII,
    )
    if found is None:
        hint = 'write METRIC OP LIMIT, as in `line >= 90%` or `p95{endpoint="GET /x"} < 50ms`'
        raise ConditionError("bad-condition", f"`{text}` is not a condition", hint)
    tags = _parse_tags(found["tags"] or "", text)
    allowance = parse_allowance(found["limit"])
    limit = allowance.text if allowance else found["limit"]
    number, suffix, target = (None, "", "") if allowance else _parse_limit(limit, text)
    operator = Operator(found["op"])
    shown = f"{subject(found['metric'], tags)} {operator.value} {limit}"
    return Written(
        text=shown,
        metric=found["metric"],
        tags=tags,
        operator=operator,
        number=number,
        suffix=suffix,
        target=target,
        allowance=allowance,
    )


def bind(
    written: Written,
    spec: MetricSpec,
    targets: Mapping[str, Written],
    *,
    role: Role = Role.REQUIRE,
    origin: str = "default",
) -> Condition:
    """Type-check a condition against the metric that its stage declares.

    Args:
        written: the parsed condition.
        spec: the specification of its metric.
        targets: the project's own numbers by name, parsed by `parse_limit`.
        role: whether it decides.
        origin: where it stands.

    Raises:
        ConditionError: for an unknown target or tag, or a unit or an allowance that does not fit.
    """
    unknown = [name for name, _ in written.tags if name not in spec.tags]
    if unknown:
        known = ", ".join(f"`{tag}`" for tag in spec.tags) or "none"
        raise ConditionError(
            "unknown-tag", f"`{spec.name}` has no tag `{unknown[0]}`", f"its tags: {known}"
        )
    baseline = _bind_baseline(written, spec)
    return Condition(
        text=written.text,
        metric=written.metric,
        tags=written.tags,
        operator=written.operator,
        limit=UNKNOWN if baseline else _bind_limit(written, spec, targets),
        unit=spec.unit,
        role=role,
        origin=origin,
        baseline=baseline,
    )


def _bind_baseline(written: Written, spec: MetricSpec) -> Baseline | None:
    if written.allowance is None:
        return None
    problem = objection(written.text, written.operator.value, written.allowance, spec)
    if problem is not None:
        raise ConditionError(problem.slug, problem.summary, problem.hint)
    return Baseline(allowance=written.allowance.share)


def _bind_limit(written: Written, spec: MetricSpec, targets: Mapping[str, Written]) -> Decimal:
    source = written
    if written.target:
        if written.target not in targets:
            raise ConditionError("unknown-target", f"no target is named `{written.target}`")
        source = targets[written.target]
    if source.number is None:
        raise ConditionError("bad-limit", f"`{written.text}` has no limit that is a number")
    limit = to_base(source.number, source.suffix, spec.unit)
    if limit is None:
        raise ConditionError(
            "bad-unit",
            f"the limit of `{written.text}` does not fit `{spec.name}`,"
            f" which is measured in {NAMES[spec.unit]}",
            f"write it as in `{spec.name} {written.operator.value} {EXAMPLES[spec.unit]}`",
        )
    _refuse_decided(written, limit, spec.unit)
    return limit


def _refuse_decided(written: Written, limit: Decimal, unit: Unit) -> None:
    """Refuse a condition that every value satisfies, or none: it would decide nothing.

    Raises:
        ConditionError: with what the values can be.
    """
    foregone = always(written.operator, limit, unit)
    if foregone is not None:
        lowest, highest = _RANGES[unit]
        hint = (
            f"its values lie between {lowest} and {highest}" if highest else "it is never below 0"
        )
        what = "always" if foregone else "never"
        raise ConditionError("decided", f"`{written.text}` {what} holds", hint)


def always(operator: Operator, limit: Decimal, unit: Unit) -> bool | None:
    """Whether each value that a metric can have is on one side; None where there are both."""
    ends = [end for end in _RANGES[unit] if end is not None]
    holds = {operator.holds((end, 1), limit) for end in ends}
    if operator is Operator.EQ or len(holds) != 1:
        return None
    if len(ends) == 1:
        far = max(limit, Decimal(0)) * 2 + 1
        holds.add(operator.holds(far.as_integer_ratio(), limit))
    return holds.pop() if len(holds) == 1 else None


def parse_limit(text: str) -> Written:
    """Parse a target's value: a number with its unit.

    Raises:
        ConditionError: where it is anything else.
    """
    number, suffix, target = _parse_limit(text.strip(), text)
    if target:
        raise ConditionError("bad-limit", f"the target `{text}` names another target")
    return Written(
        text=text,
        metric="",
        tags=(),
        operator=Operator.EQ,
        number=number,
        suffix=suffix,
        target="",
    )


_RANGES: dict[Unit, tuple[int | None, int | None]] = {
    Unit.COUNT: (0, None),
    Unit.RATIO: (0, 1),
    Unit.SECONDS: (0, None),
    Unit.PER_SECOND: (0, None),
    Unit.BYTES: (0, None),
    Unit.NUMBER: (None, None),
    Unit.FLAG: (0, 1),
}
"""The lowest and highest value that a metric of each unit can have."""


def _parse_tags(text: str, whole: str) -> Tags:
    import re

    if not text.strip():
        if "{" in whole:
            raise ConditionError("bad-condition", f"`{whole}` names no tag between its braces")
        return ()
    tag = r'\s*([a-z][a-z0-9_]*)\s*=\s*(?:"([^"\\]*)"|([A-Za-z0-9_.-]+))\s*'
    if re.fullmatch(rf"{tag}(?:,{tag})*", text, re.ASCII) is None:
        raise ConditionError(
            "bad-tags", f"the tags of `{whole}` cannot be read", 'write {NAME="VALUE"}'
        )
    pairs = [(name, quoted or bare) for name, quoted, bare in re.findall(tag, text, re.ASCII)]
    if len({name for name, _ in pairs}) != len(pairs):
        raise ConditionError("bad-tags", f"`{whole}` names a tag twice")
    return tags_of(dict(pairs))


def _parse_limit(text: str, whole: str) -> tuple[Decimal | None, str, str]:
    import re

    target = re.fullmatch(r"target\.([a-z][a-z0-9_-]*)", text, re.ASCII)
    if target is not None:
        return None, "", target[1]
    suffixes = "|".join(re.escape(suffix) for suffix in sorted(SUFFIXES, key=len, reverse=True))
    found = re.fullmatch(
        rf"(-?(?:0|[1-9][0-9]{{0,17}})(?:\.[0-9]{{1,9}})?)\s*({suffixes})?", text, re.ASCII
    )
    if found is None:
        hint = (
            "a limit is a number with its unit ("
            + ", ".join(SUFFIXES)
            + ", or none), `target.NAME`, or `baseline` with an allowance such as `+ 10%`"
        )
        raise ConditionError("bad-limit", f"the limit of `{whole}` cannot be read", hint)
    return Decimal(found[1]), found[2] or "", ""
