from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gates.config.kept import decode, digest, encode
from gates.domain.allowance import Baseline
from gates.domain.condition import Condition, Operator, Role
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.plan import Exemption, GatePlan, LevelPlan, Plan, Policy

LoadText = Callable[[str], Plan]

_decimals = some.decimals(allow_nan=False, allow_infinity=False, min_value=0, max_value=10**9)
_options = some.dictionaries(
    some.text(),
    some.recursive(
        some.none() | some.booleans() | some.integers() | _decimals | some.text(),
        lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
        max_leaves=8,
    ),
)
_texts = some.lists(some.text(), max_size=3).map(tuple)


def _plan(options: dict[str, object], texts: tuple[str, ...], limit: Decimal) -> Plan:
    spec = MetricSpec(
        name="line",
        unit=Unit.RATIO,
        direction=Direction.HIGHER,
        title="lines",
        noun="lines",
        tags=texts,
        optional=True,
    )
    condition = Condition(
        text="line >= 90%",
        metric="line",
        tags=tuple((text, text) for text in texts),
        operator=Operator.GE,
        limit=limit,
        unit=Unit.RATIO,
        role=Role.WARN,
        origin="gates.yaml:1:2",
        replaces="line >= 80%",
    )
    gate = GatePlan(
        name="it",
        level=2,
        uses="coverage",
        options=options,
        specs=(spec,),
        conditions=(condition,),
        criteria=texts,
        dropped=texts,
        needs=texts,
        asks=(("other", texts),),
        exclusive=True,
        timeout_s=5,
        env=tuple((text, text) for text in texts),
        service="api",
        place="gates.yaml:3:4",
    )
    return Plan(
        project="orders",
        policy=Policy(source="gates.yaml", sha256="00"),
        levels=(LevelPlan(number=2, name="Integration"),),
        gates=(gate,),
        include=texts,
        exclude=texts,
        environment=".venv",
        not_applicable=(Exemption(criterion="L1-LINT", reason="r", owner="o"),),
        judging=gate if texts else None,
    )


@given(options=_options, texts=_texts, limit=_decimals)
def test_a_plan_comes_back_as_it_was(
    options: dict[str, object], texts: tuple[str, ...], limit: Decimal
) -> None:
    plan = _plan(options, texts, limit)
    back = decode(encode(plan))
    assert back == plan
    assert repr(back) == repr(plan)  # 1 and True, or 1.0 and 1.00, are equal


@pytest.mark.parametrize("options", [{"a": {"decimal": "1"}}, {"a": {"mapping": {}}}, {"a": "1.5"}])
def test_options_that_look_like_our_marks_come_back(options: dict[str, object]) -> None:
    plan = _plan(options, (), Decimal(1))
    assert decode(encode(plan)).gates[0].options == options


_WHOLE = encode(_plan({"a": [Decimal("1.5"), {"b": "c"}]}, ("x",), Decimal("0.9")))


@given(at=some.integers(min_value=0, max_value=len(_WHOLE) - 1))
def test_a_truncated_plan_is_no_plan(at: int) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - json raises ValueErrors of its own
        decode(_WHOLE[:at])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("project",), 5),
        (("project",), None),
        (("policy",), ["one"]),
        (("levels",), {}),
        (("levels", 0), []),
        (("levels", 0, "number"), "1"),
        (("levels", 0, "number"), True),
        (("gates", 0, "exclusive"), 1),
        (("gates", 0, "options"), []),
        (("gates", 0, "options"), {"a": {"other": 1}}),
        (("gates", 0, "options"), {"a": {"decimal": 5}}),
        (("gates", 0, "env"), [["a"]]),
        (("gates", 0, "env"), [["a", 5]]),
        (("gates", 0, "conditions", 0, "limit"), "much"),
        (("gates", 0, "conditions", 0, "limit"), "NaN"),
        (("gates", 0, "conditions", 0, "operator"), "="),
        (("gates", 0, "conditions", 0, "role"), "tell"),
        (("gates", 0, "specs", 0, "unit"), "miles"),
    ],
)
def test_a_member_of_another_kind_is_refused(path: tuple[str | int, ...], value: object) -> None:
    document: object = json.loads(_WHOLE)
    *way, last = path
    inner = document
    for step in way:
        inner = _below(inner, step)
    if isinstance(inner, list):
        assert isinstance(last, int)
        inner[last] = value
    else:
        assert isinstance(inner, dict)
        inner[last] = value
    with pytest.raises(ValueError):  # noqa: PT011 - enums raise ValueErrors of their own
        decode(json.dumps(document))


def test_a_condition_on_a_baseline_is_kept(load_text: LoadText) -> None:
    plan = load_text(
        "version: 1\nlevels: {1: [pytest, {uses: coverage, require: line <= baseline + 0.5pt}]}\n"
    )
    kept = decode(encode(plan))
    assert kept == plan
    (held,) = (each for each in kept.gate("coverage").conditions if each.metric == "line")
    assert held.known_limit is None
    assert held.baseline == Baseline(allowance=Decimal("0.005"))


def test_what_decides_how_a_gate_measures_has_a_digest_of_its_own() -> None:
    same = digest("load", {"rate": Decimal(1), "a": [1]}, "api", {"A": "1"})
    assert same == digest("load", {"a": [1], "rate": Decimal(1)}, "api", {"A": "1"})
    others = {
        digest("locust", {"rate": Decimal(1), "a": [1]}, "api", {"A": "1"}),
        digest("load", {"rate": "1", "a": [1]}, "api", {"A": "1"}),
        digest("load", {"rate": Decimal(1), "a": [1]}, "db", {"A": "1"}),
        digest("load", {"rate": Decimal(1), "a": [1]}, "api", {"A": "2"}),
        digest("load", {}, "api", {}),
    }
    assert len(others | {same}) == 6


def test_a_missing_member_is_refused() -> None:
    with pytest.raises(ValueError, match="not a kept plan"):
        decode("{}")


def _below(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        found: object = value[step]
        return found
    assert isinstance(value, list)
    assert isinstance(step, int)
    return value[step]
