"""The conditions of a gate before and after, each by its metric's own direction, exactly."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import ERRORS, LINE, P95, condition, gate

from gates.domain.condition import Condition, Operator, Role
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.plan import GatePlan
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_conditions import compare_conditions

SLOPE = MetricSpec(name="slope", unit=Unit.NUMBER, direction=Direction.LOWER, title="slope")
SPECS = (ERRORS, LINE, P95, SLOPE)


def asking(*texts: str) -> GatePlan:
    found: list[Condition] = []
    for text in texts:
        role = Role.WARN if text.startswith("warn ") else Role.REQUIRE
        text = text.removeprefix("warn ")  # noqa: PLW2901
        spec = next(spec for spec in SPECS if text.startswith(spec.name))
        found.append(replace(condition(text, spec, role), origin=f"gates.yaml:{len(found) + 1}:1"))
    return replace(gate(*found, specs=SPECS), place="gates.yaml:9:1")


def change(before: GatePlan, after: GatePlan) -> PolicyChange:
    (found,) = compare_conditions(before, after)
    return found


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("line >= 90%", "line >= 85%", Kind.LOOSENED),
        ("line >= 90%", "line >= 95%", Kind.TIGHTENED),
        ("line >= 90%", "line > 90%", Kind.TIGHTENED),
        ("line > 90%", "line >= 90%", Kind.LOOSENED),
        ("p95 < 100ms", "p95 < 120ms", Kind.LOOSENED),
        ("p95 < 100ms", "p95 <= 100ms", Kind.LOOSENED),
        ("p95 <= 100ms", "p95 < 100ms", Kind.TIGHTENED),
        ("p95 < 100ms", "p95 < 99.999ms", Kind.TIGHTENED),
        ("errors == 0", "errors <= 1", Kind.LOOSENED),
        ("errors <= 1", "errors == 0", Kind.TIGHTENED),
        ("errors == 5", "errors == 3", Kind.TIGHTENED),
        ("errors == 5", "errors <= 5", Kind.TIGHTENED),
        ("errors == 5", "errors == 6", Kind.LOOSENED),
        ("errors == 5", "errors >= 5", Kind.LOOSENED),
        ("line == 90%", "line >= 90%", Kind.TIGHTENED),
        ("line == 90%", "line <= 90%", Kind.LOOSENED),
        ("line >= 90%", "line <= 90%", Kind.LOOSENED),
        ("slope < 1", "slope < 2", Kind.LOOSENED),
        ("slope < -1", "slope < -2", Kind.TIGHTENED),
        ("line >= baseline - 1pt", "line >= baseline - 2pt", Kind.LOOSENED),
        ("line >= baseline - 2pt", "line >= baseline - 1pt", Kind.TIGHTENED),
        ("p95 <= baseline + 10%", "p95 <= baseline + 20%", Kind.LOOSENED),
        ("p95 <= baseline + 10%", "p95 < baseline + 10%", Kind.TIGHTENED),
        ("p95 <= baseline + 10%", "p95 <= 100ms", Kind.LOOSENED),
        ("p95 <= 100ms", "p95 <= baseline + 10%", Kind.LOOSENED),
        ("line >= 90%", "warn line >= 90%", Kind.LOOSENED),
        ("warn line >= 90%", "line >= 90%", Kind.TIGHTENED),
        ("warn line >= 90%", "warn line >= 80%", Kind.CHANGED),
        ("warn line >= 90%", "errors == 0", Kind.CHANGED),
        ("line >= 90%", 'line{path="a"} >= 90%', Kind.LOOSENED),
    ],
)
def test_each_way_to_change_one_has_its_kind(before: str, after: str, kind: Kind) -> None:
    found = [
        each
        for each in compare_conditions(asking(before), asking(after))
        if "errors" not in each.what or "errors" in before
    ]
    assert found[0].kind is kind, found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("line >= 90%", "line >= 90.0%"),
        ("p95 < 100ms", "p95 < 0.1s"),
        ("errors == 0", "errors <= 0"),
        ("warn p95 < 100ms", "warn p95 < 0.1s"),
    ],
)
def test_the_same_in_other_words_is_no_change(before: str, after: str) -> None:
    assert not list(compare_conditions(asking(before), asking(after)))


def test_all_conditions_on_a_metric_count_together() -> None:
    both = asking("errors <= 10", "errors <= 5")
    assert not list(compare_conditions(both, asking("errors <= 5")))
    assert change(both, asking("errors <= 10")).kind is Kind.LOOSENED
    assert change(asking("slope > 1", "slope < 5"), asking("slope < 5")).kind is Kind.LOOSENED


def test_a_range_that_moves_cannot_be_told_to_be_as_strict() -> None:
    found = change(asking("slope > 1", "slope < 5"), asking("slope > 2", "slope < 6"))
    assert (found.kind, found.is_doubtful) == (Kind.LOOSENED, True)


def test_a_baseline_beside_a_floor_tightens() -> None:
    found = change(asking("line >= 90%"), asking("line >= 90%", "line >= baseline - 1pt"))
    assert found.kind is Kind.TIGHTENED


def test_a_lost_condition_is_removed_and_a_dropped_default_loosened() -> None:
    before, after = asking("line >= 90%", "errors == 0"), asking("errors == 0")
    assert change(before, after) == PolicyChange(
        kind=Kind.REMOVED,
        what="condition on `line` of gate `lint`",
        before="line >= 90%",
        place="gates.yaml:9:1",
    )
    dropped = replace(after, dropped=("line >= 90%",))
    found = change(before, dropped)
    assert (found.kind, found.after) == (Kind.LOOSENED, "dropped")


def test_a_narrower_condition_is_told_beside_the_lost_one() -> None:
    before = asking("line >= 90%")
    after = asking('line{path="a"} >= 90%')
    lost, new = compare_conditions(before, after)
    assert (lost.kind, lost.after) == (Kind.LOOSENED, 'only line{path="a"} >= 90%')
    assert (new.kind, new.place) == (Kind.TIGHTENED, "gates.yaml:1:1")


def test_the_same_words_with_another_limit_tell_their_limits() -> None:
    before = asking("p95 < 100ms")
    (first,) = before.conditions
    target = replace(first, text="p95 < target.simple")
    raised = replace(target, limit=Decimal("0.2"))
    found = change(replace(before, conditions=(target,)), replace(before, conditions=(raised,)))
    assert found.kind is Kind.LOOSENED
    assert found.before == "p95 < target.simple (< 100 ms)"
    assert found.after == "p95 < target.simple (< 200 ms)"


OPERATORS = st.sampled_from([Operator.LT, Operator.LE, Operator.GT, Operator.GE])
LIMITS = st.decimals(min_value=-3, max_value=3, places=1)


@given(OPERATORS, LIMITS, OPERATORS, LIMITS, LIMITS)
def test_what_is_not_loosened_admits_nothing_new(
    one: Operator, first: Decimal, other: Operator, second: Decimal, value: Decimal
) -> None:
    before, after = asking(f"slope {one} {first}"), asking(f"slope {other} {second}")
    if any(each.loosens for each in compare_conditions(before, after)):
        return
    fraction = value.as_integer_ratio()
    assert one.holds(fraction, first) or not other.holds(fraction, second)
