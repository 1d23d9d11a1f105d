from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from hashlib import sha256
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from gates import stages
from gates.config.load import load
from gates.domain.condition import Role
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Exemption, LevelPlan, Plan
from gates.plugin import ReportStage
from gates.stages import BUILT_IN

LoadText = Callable[[str], Plan]
Refuse = Callable[[str], tuple[Problem, ...]]
Lines = Callable[[str], list[str]]

SHORTEST = """\
version: 1
levels:
  1: [ruff, pytest, coverage]
"""

UNFIT = "the limit of `line >= 90` does not fit `line`, which is measured in percent"

WHOLE = """\
version: 1
project: shop
sources: {include: [src], exclude: [src/made]}
environment: ../venv
targets: {simple_query: 50ms, steep: 5, half: 0.5}
not_applicable:
  L1-AUDIT: {reason: nothing is installed, owner: Ann}
levels:
  2:
    name: Whole
    gates:
      load:
        needs: tests
        with: {rate: 1.5, paths: [a, b]}
        require:
          - p95 < target.simple_query
          - p95{endpoint="GET /orders"} < 50ms
          - slope < target.steep
          - rate > 10/s
        timeout: 10m
        env: {LANG: C}
        criteria: L2-E2E
  1:
    - ruff
    - {uses: pytest, name: tests}
    - uses: coverage
      drop: changed_line
      require: [line >= 85%, line <= 99%]
      warn: branch >= 50%
"""


def test_the_shortest_file_loads(load_text: LoadText) -> None:
    plan = load_text(SHORTEST)
    assert [gate.name for gate in plan.gates] == ["ruff", "pytest", "coverage"]
    assert plan.project == "orders"
    assert plan.levels == (LevelPlan(number=1, name="Automated"),)
    coverage = plan.gate("coverage")
    assert coverage.needs == ("pytest",)
    assert coverage.asks == (("pytest", ("coverage",)),)
    assert coverage.options == {"tests": "pytest"}
    assert [each.text for each in coverage.conditions] == ["line >= 90%", "changed_line >= 90%"]
    assert {each.origin for each in coverage.conditions} == {"default"}
    assert coverage.criteria == ("L1-COVERAGE",)
    assert coverage.place == "gates.yaml:3:21"
    assert plan.policy.sha256 == sha256(SHORTEST.encode()).hexdigest()


def test_the_whole_form_loads(load_text: LoadText) -> None:
    plan = load_text(WHOLE)
    assert plan.project == "shop"
    assert (plan.include, plan.exclude) == (("src",), ("src/made",))
    assert plan.environment == "../venv"
    assert plan.not_applicable == (
        Exemption(criterion="L1-AUDIT", reason="nothing is installed", owner="Ann"),
    )
    assert [(level.number, level.name) for level in plan.levels] == [(1, "Automated"), (2, "Whole")]
    assert [(gate.level, gate.name) for gate in plan.gates] == [
        (1, "ruff"),
        (1, "tests"),
        (1, "coverage"),
        (2, "load"),
    ]
    capacity = plan.gate("load")
    assert capacity.options == {"rate": Decimal("1.5"), "paths": ["a", "b"]}
    assert capacity.needs == ("tests",)
    assert capacity.timeout_s == 600
    assert capacity.exclusive
    assert capacity.env == (("LANG", "C"),)
    assert capacity.criteria == ("L2-LOAD", "L2-E2E")
    assert [(each.text, each.limit) for each in capacity.conditions] == [
        ("p95 < target.simple_query", Decimal("0.050")),
        ('p95{endpoint="GET /orders"} < 50ms', Decimal("0.050")),
        ("slope < target.steep", Decimal(5)),
        ("rate > 10/s", Decimal(10)),
    ]


def test_each_condition_knows_its_place(load_text: LoadText) -> None:
    conditions = load_text(WHOLE).gate("coverage").conditions
    assert [(each.text, each.role, each.origin) for each in conditions] == [
        ("line >= 85%", Role.REQUIRE, "gates.yaml:28:17"),
        ("line <= 99%", Role.REQUIRE, "gates.yaml:28:30"),
        ("branch >= 50%", Role.WARN, "gates.yaml:29:13"),
    ]


def test_the_file_of_the_design_loads_with_the_real_stages() -> None:
    text = "version: 1\nlevels:\n  1: [ruff, mypy, pytest, coverage, bandit, pip-audit]\n"
    plan = load(text.encode(), name="gates.yaml", default_project="plain")
    assert [gate.uses for gate in plan.gates] == [
        "ruff",
        "mypy",
        "pytest",
        "coverage",
        "bandit",
        "pip-audit",
    ]
    assert plan.gate("coverage").needs == ("pytest",)
    assert all(gate.conditions and gate.criteria for gate in plan.gates)


OPTIONS: dict[str, dict[str, object]] = {
    "command": {"run": "true", "examined": "exit-status"},
    "broadcast": {"path": "/ws", "trigger": "POST /all", "body": "{message}"},
    "http": {"sets": ["health"]},
    "logs": {"gate": "served"},
    "pool": {"run": "true", "gauge": "db_pool_active"},
}
"""What stages without a sample cannot do without."""

SERVED = "{name: served, uses: command, service: api, with: {run: 'true', examined: exit-status}}"
"""A gate with a service, for stages that look at what it did to that."""


# The stage `policy` judges a change of gates.yaml, and so has no place in one.
@pytest.mark.parametrize("uses", sorted({*BUILT_IN} - {"policy"}))
def test_every_built_in_stage_has_defaults_that_bind(uses: str) -> None:
    kind = stages.load(uses)
    options = OPTIONS.get(uses) or (dict(kind.sample.options) if kind.sample is not None else {})
    if issubclass(kind, ReportStage):
        options = {"report": "out/report", **options}
    stage = kind(kind.options_type.from_plain(options))
    want = stage.wants()
    others = want.uses[:1] if want is not None else ()
    require = list(kind.sample.require) if kind.sample is not None else []
    named: dict[str, object] = {"uses": uses, "name": "it", "with": options, "require": require}
    if stage.asks_service():
        named["service"] = "api"
    gates = ", ".join([SERVED, *others, json.dumps(named)])
    text = f"version: 1\nservices: {{api: {{run: serve}}}}\nlevels: {{3: [{gates}]}}\n"
    plan = load(text.encode(), name="gates.yaml", default_project="plain")
    gate = plan.gate("it")
    specs = {spec.name for spec in gate.specs}
    assert {each.metric for each in gate.conditions} <= specs
    assert any(each.role is Role.REQUIRE for each in gate.conditions)


def test_all_problems_come_at_once(lines: Lines) -> None:
    assert lines(
        """\
        version: 1
        projekt: x
        sources: []
        targets: {q: fast, r: true, Bad: 1}
        not_applicable: {L1-LNT: {reason: r, owner: o}, L1-LINT: {reason: '', ownr: o}}
        levels:
          "2": [ruff]
          4: [ruff]
          1:
            gates:
              lint: rufff
              Types: ruff
              empty:
              five: 5
              cov:
                uses: coverage
                name: x
                with: {test: unit, min_changed: "5", critical: [a]}
                require: [lin >= 90%, line >= 90, 5, branch >= 50%, branch >= 50.0%]
                warn: {a: b}
                timeout: 90
                env: {A: 5, B-C: x}
                needs: [lnt, cov]
                criteria: [L1-X]
                wen: [ci]
              nostage: {with: {}}
              load: {}
          3: {lint: ruff}
        """
    ) == [
        "2:1 unknown-key: unknown key `projekt`",
        "3:1 empty-value: `sources` is empty",
        "4:14 bad-target: target `q` is `fast`, which is no number with a unit",
        "4:23 bad-value: `r` should be text or a number, not `true`",
        "4:29 bad-target-name: `Bad` is not a target's name",
        "5:18 unknown-criterion: no criterion is named `L1-LNT`",
        "5:49 missing-key: `L1-LINT` has no `owner`",
        "5:59 empty-value: `reason` is empty",
        "5:71 unknown-key: unknown key `ownr`",
        "7:3 unknown-level: unknown level `2`",
        "8:3 unknown-level: unknown level `4`",
        "11:13 unknown-stage: no stage is named `rufff`",
        "12:7 bad-gate-name: `Types` is not a gate's name",
        "13:7 bad-value: this gate is empty",
        "14:13 bad-value: a gate should be a stage's name or a mapping, not a number",
        "17:9 unknown-key: unknown key `name`",
        "18:16 unknown-option: unknown option `test`",
        "18:41 bad-value: `min_changed` should be a whole number, not text",
        "18:56 bad-value: `critical` should be a mapping, not a list",
        "19:19 unknown-metric: stage `coverage` measures no `lin`",
        "19:31 bad-unit: " + UNFIT,
        "19:43 bad-value: item 3 of `require` should be text, not a number",
        "19:61 same-condition: `branch >= 50.0%` is written twice, the first time on line 19",
        "20:15 bad-value: `warn` should be a list or text, not a mapping",
        "21:18 bad-value: `timeout` should be text, not a number",
        "22:18 bad-value: `A` should be text, not a number",
        "22:21 bad-env-name: `B-C` is not a variable's name",
        "23:17 unknown-gate: no gate is named `lnt`",
        "23:22 needs-cycle: `cov` needs `cov`: none of them could start",
        "24:20 unknown-criterion: no criterion is named `L1-X`",
        "25:9 unknown-key: unknown key `wen`",
        "26:7 missing-key: gate `nostage` does not say which stage it uses",
        "27:7 nothing-required: gate `load` requires nothing, so it could never fail",
        "28:7 unknown-key: unknown key `lint`",
    ]


def test_problems_of_the_reader_and_of_the_meaning_come_together(lines: Lines) -> None:
    assert lines("version: 1\nproject: 010\nlevels: {1: [ruf]}\n") == [
        "2:10 yaml-ambiguous: `010` is a number with a leading zero",
        "3:14 unknown-stage: no stage is named `ruf`",
    ]


def test_a_file_that_is_no_yaml_gives_only_that(lines: Lines) -> None:
    (line,) = lines("version: 1\nlevels: [\n")
    assert "yaml-syntax" in line


def test_excerpts_point_at_the_value(refuse: Refuse) -> None:
    (problem,) = refuse("version: 1\nlevels: {1: [{uses: ruff, require: [errors == 0%]}]}\n")
    line, caret = problem.excerpt.split("\n")
    assert line[len(caret) - 1 :].startswith("errors == 0%")


def test_nothing_of_pydantic_is_told(refuse: Refuse) -> None:
    problems = refuse(
        """\
        version: one
        project: 5
        sources: 7
        environment: [a]
        targets: 5
        not_applicable: {L1-LINT: no reason}
        levels:
          1: [{uses: 5, with: 5, name: 6, needs: {a: b}, env: [a]}, [x]]
          2: [{uses: load, with: {rate: {}}}]
        """
    )
    shown = " ".join(f"{each.summary} {each.hint}" for each in problems)
    for word in ("Input", "valid", "instance", "pydantic", "type=", "string", "dict", "integer"):
        assert word not in shown.replace("invalid", "")


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("levels: {1: [ruff]}", "missing-key"),
        ("version: 2\nlevels: 5\nfoo: 1", "bad-version"),
        ("version: true\nlevels: {1: [ruff]}", "bad-value"),
        ("version: 1.0\nlevels: {1: [ruff]}", "bad-value"),
        ("version: 1", "no-levels"),
        ("version: 1\nlevels:", "no-levels"),
        ("version: 1\nlevels: {}", "no-levels"),
        ("version: 1\nlevels: [ruff]", "bad-value"),
    ],
)
def test_the_frame_of_the_file_is_checked(lines: Lines, text: str, slug: str) -> None:
    (line,) = lines(text)
    assert line.split()[1] == f"{slug}:"


def test_a_config_error_names_the_file_as_given() -> None:
    with pytest.raises(ConfigError) as caught:
        load(dedent("version: 1").encode(), name="other.yaml", default_project="x")
    assert caught.value.problems[0].place.startswith("other.yaml:")


_SCALARS = some.sampled_from(
    [
        *("ruff", "coverage", "1", "1.5", "true", "", "null", "[]", "{}", "[a, 5]", "'x'"),
        *("{a: {5: b}}", "line >= 90%", "'line{path=\"a\"} >= 1%'", "target.x", "90s"),
        *("[ruff, [ruff]]", "{uses: 5}"),
    ]
)


@given(at=some.integers(min_value=0, max_value=40), value=_SCALARS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_value_anywhere_is_read_or_refused_with_a_place(
    load_text: LoadText, at: int, value: str
) -> None:
    rows = WHOLE.splitlines()
    at %= len(rows)
    head, colon, _ = rows[at].partition(": ")
    rows[at] = f"{head}{colon or ': '}{value}"
    problems, plan = _tried(load_text, "\n".join(rows))
    assert all(problem.place.startswith("gates.yaml:") for problem in problems)
    assert all(problem.summary and problem.slug for problem in problems)
    for gate in plan.gates if plan else ():
        assert any(each.role is Role.REQUIRE for each in gate.conditions)


@given(at=some.integers(min_value=0, max_value=len(WHOLE)), count=some.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_file_with_a_hole_is_read_or_refused(load_text: LoadText, at: int, count: int) -> None:
    problems, plan = _tried(load_text, WHOLE[:at] + WHOLE[at + count :])
    assert bool(problems) is (plan is None)


def _tried(load_text: LoadText, text: str) -> tuple[tuple[Problem, ...], Plan | None]:
    try:
        return (), load_text(text)
    except ConfigError as error:
        return error.problems, None
