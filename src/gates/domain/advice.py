"""How far a failed condition is from its limit, in words that name the next step."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from gates.domain.condition import Condition, Operator, subject
from gates.domain.metric import Exact, Metric, MetricSpec, Tags, Unit
from gates.domain.units import show


def distance(condition: Condition, metric: Metric, spec: MetricSpec) -> str:
    """Say what would make the condition hold: "80 more covered lines would pass"; or empty.

    Empty too where the metric counts nothing that has a name. For a ratio the denominator is taken
    to stay as it is.
    """
    noun = spec.noun
    if spec.unit is Unit.RATIO:
        return _ratio_distance(condition, metric, noun)
    if metric.value is None or spec.unit is Unit.FLAG:
        return ""
    if spec.unit is Unit.COUNT:
        gap = _count_gap(condition, metric.value)
        if not gap or not noun:
            return ""
        return _would_pass(gap, noun)
    away = condition.limit - Decimal(metric.value)
    return f"{show(abs(away), spec.unit)} {'above' if away < 0 else 'below'} the limit"


def unmeasured(condition: Condition, metrics: Sequence[Metric]) -> str:
    """Say that nothing was measured that a condition is on, and what it may have meant."""
    alike = [metric for metric in metrics if metric.name == condition.metric and metric.tags]
    if not condition.tags or not any(metric.name == condition.metric for metric in metrics):
        return f"`{condition.subject}` was not measured"
    # Heavy to import, and needed only here.
    from difflib import get_close_matches

    known = {_values(metric.tags): subject(metric.name, metric.tags) for metric in alike}
    close = get_close_matches(_values(condition.tags), known, n=1)
    meant = f"; did you mean `{known[close[0]]}`?" if close else ""
    return f"`{condition.subject}` has no value with these tags{meant}"


def _values(tags: Tags) -> str:
    return "\n".join(value for _, value in tags)


def _count_gap(condition: Condition, value: Exact) -> int:
    """How many to add (negative: take away) until an integer value satisfies the condition."""
    limit = condition.limit
    wanted = {
        Operator.EQ: limit,
        Operator.LE: limit.to_integral_value(ROUND_FLOOR),
        Operator.LT: limit.to_integral_value(ROUND_CEILING) - 1,
        Operator.GE: limit.to_integral_value(ROUND_CEILING),
        Operator.GT: limit.to_integral_value(ROUND_FLOOR) + 1,
    }[condition.operator]
    return int(wanted - Decimal(value))


def _ratio_distance(condition: Condition, metric: Metric, noun: str) -> str:
    top, bottom = metric.fraction
    limit_top, limit_bottom = condition.limit.as_integer_ratio()
    at_most = limit_top * bottom // limit_bottom
    at_least = -(-limit_top * bottom // limit_bottom)
    wanted = {
        Operator.EQ: at_least,
        Operator.GE: at_least,
        Operator.GT: at_most + 1,
        Operator.LE: at_most,
        Operator.LT: at_least - 1,
    }[condition.operator]
    gap = wanted - top
    if not gap or not noun or wanted < 0 or wanted > bottom:
        return ""
    return _would_pass(gap, noun)


def _would_pass(gap: int, noun: str) -> str:
    if abs(gap) == 1:
        noun = singular(noun)
    return f"{abs(gap)} {'more' if gap > 0 else 'fewer'} {noun} would pass"


def singular(noun: str) -> str:
    """One of what a noun in the plural counts: `files to reformat` gives `file to reformat`.

    Its first word in the plural is the one that counts; what follows only tells more of it.
    """
    words = noun.split(" ")
    for at, word in enumerate(words):
        if len(word) <= len("as"):
            continue
        if word.endswith("ies"):
            words[at] = word.removesuffix("ies") + "y"
        elif word.endswith(("sses", "shes", "ches", "xes")):
            words[at] = word.removesuffix("es")
        elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
            words[at] = word.removesuffix("s")
        else:
            continue
        break
    return " ".join(words)
