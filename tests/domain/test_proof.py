from __future__ import annotations

from decimal import Decimal

import pytest
from samples import CHANGED, ERRORS, LINE, P95, condition, gate, result

from gates.domain.condition import Role
from gates.domain.metric import Metric, count, ratio
from gates.domain.proof import breach
from gates.domain.stage_result import NotApplicable

GATE = gate(condition("p95 < 100ms", P95), specs=(P95,))


def slug(metric: Metric) -> str:
    problem = breach(GATE, result(metric))
    return "" if problem is None else problem.slug


def p95(value: str, *ends: str) -> Metric:
    low, high = ends or (value, value)
    return Metric(name="p95", value=Decimal(value), interval=(Decimal(low), Decimal(high)))


@pytest.mark.parametrize("ends", [("0.09", "0.2"), ("0.1", "0.2"), ("0.09", "0.1"), ("0.1", "0.1")])
def test_a_value_within_its_interval_is_sound(ends: tuple[str, str]) -> None:
    assert not slug(p95("0.1", *ends))


@pytest.mark.parametrize(
    "ends",
    [("0.11", "0.2"), ("0.05", "0.09"), ("0.2", "0.05"), ("0", "Infinity"), ("NaN", "0.2")],
)
def test_a_value_outside_its_interval_is_a_contradiction(ends: tuple[str, str]) -> None:
    assert slug(p95("0.1", *ends)) == "contradiction"


def test_the_interval_of_a_ratio_holds_its_exact_value() -> None:
    plan = gate(condition("line >= 90%", LINE), specs=(LINE,))
    third = Metric(
        name="line", numerator=1, denominator=3, interval=(Decimal("0.3334"), Decimal("0.4"))
    )
    problem = breach(plan, result(third))

    assert problem is not None
    assert problem.summary == "`line` does not lie within its own interval"


def test_what_proves_nothing_is_named() -> None:
    warned = gate(condition("errors == 0", ERRORS, Role.WARN))
    both = gate(specs=(ERRORS, CHANGED))
    absent = (NotApplicable(metric="changed_line", reason="x"),)
    told = (
        breach(warned, result(count("errors", 0))),
        breach(gate(), result(count("errors", 0), examined=0)),
        breach(gate(), result(count("other", 0))),
        breach(gate(), result(ratio("errors", 0, 1))),
        breach(gate(), result(count("errors", 0), count("errors", 0))),
        breach(gate(), result()),
        breach(
            both, result(count("errors", 0), ratio("changed_line", 1, 1), not_applicable=absent)
        ),
    )

    assert [problem.slug if problem else "" for problem in told] == [
        "empty-gate",
        "nothing-examined",
        "undeclared-metric",
        "contradiction",
        "contradiction",
        "metric-missing",
        "contradiction",
    ]
    assert breach(both, result(count("errors", 0), not_applicable=absent)) is None
