from __future__ import annotations

from dataclasses import replace

from inline_snapshot import snapshot
from samples import CHANGED, ERRORS, LINE, condition, gate, plan

from gates.domain.condition import Role
from gates.domain.plan import GatePlan
from gates.domain.service import ITSELF, ServicePlan
from gates.reports.plan_text import plan_lines
from gates.reports.style import render


def coverage() -> GatePlan:
    made = gate(
        replace(condition("line >= 95%", LINE), origin="gates.yaml:9:7", replaces="line >= 90%"),
        replace(condition("changed_line >= 90%", CHANGED), origin="default of coverage"),
        replace(condition("errors == 0", ERRORS, Role.WARN), origin="gates.yaml:10:7"),
        name="coverage",
        specs=(LINE, CHANGED, ERRORS),
        needs=("tests", "lint"),
        criteria=("L1-COVERAGE", "X-OWN"),
    )
    return replace(
        made,
        uses="coverage",
        place="gates.yaml:8:5",
        dropped=("branch >= 80%",),
        asks=(("tests", ("coverage", "contexts")),),
        exclusive=True,
        timeout_s=125,
    )


def text_of(*gates: GatePlan, level: int = 1, expected_s: dict[str, float] | None = None) -> str:
    return render(plan_lines(plan(*gates), gates, level, expected_s or {}), colour=False)


def test_the_whole_plan_of_a_gate() -> None:
    shown = text_of(gate(name="tests"), coverage())
    assert shown == snapshot("""\

orders · Level 1 Level 1 · 2 gates

tests  uses ruff · Level 1 · at most 10 min 00 s
  requires errors == 0  default
  L1-LINT  lint, strict rules

coverage  uses coverage · Level 1 · after tests, lint · alone · at most 2 min 05 s  gates.yaml:8:5
  asks gate `tests` for coverage, contexts
  requires line >= 95 %  gates.yaml:9:7, in place of the default `line >= 90%`
  requires changed_line >= 90 %  default of coverage
  warns    errors == 0  gates.yaml:10:7
  dropped branch >= 80%
  L1-COVERAGE  coverage of business logic
  X-OWN

""")


def test_the_time_that_a_gate_took_is_told_where_it_is_known() -> None:
    shown = text_of(gate(name="tests"), gate(name="lint"), expected_s={"lint": 12.34})
    assert "tests  uses ruff · Level 1 · at most 10 min 00 s\n" in shown
    assert "lint  uses ruff · Level 1 · at most 10 min 00 s · took 12.3 s last time\n" in shown


def test_gates_stand_in_the_order_given() -> None:
    one, two = gate(name="one"), gate(name="two")
    lines = text_of(two, one).splitlines()
    assert [line.split()[0] for line in lines if "uses" in line] == ["two", "one"]


def test_the_heading_names_the_judged_level() -> None:
    shown = text_of(gate(name="one"), gate(name="two", level=2), level=2)
    assert "orders · Level 2 Level 2 · 2 gates" in shown
    assert "one  uses ruff · Level 1" in shown
    assert "two  uses ruff · Level 2" in shown


def test_a_level_without_a_name_is_still_shown() -> None:
    assert "orders · Level 3" in text_of(gate(), level=3)


def test_the_services_of_a_gate_stand_in_the_order_of_their_start() -> None:
    services = (
        ServicePlan(name="db", run=(ITSELF, "-m", "serve me"), shared=True),
        ServicePlan(
            name="api", run=("serve", "--port", "{port}"), needs=("db", "far"), shared=True
        ),
        ServicePlan(name="far", url="https://a.example"),
        ServicePlan(name="idle", run=("x",), place="gates.yaml:9:3"),
    )
    chosen = replace(gate(name="load"), service="api", env=(("A", "1"),))
    whole = replace(plan(chosen), services=services)
    shown = render(plan_lines(whole, (chosen,), 1, {}), colour=False).splitlines()
    assert [line for line in shown if "service" in line] == [
        "  service db  -m 'serve me'  shared by the gates of the run",
        "  service far  https://a.example  runs elsewhere",
        "  service api  serve --port '{port}'  a fresh one",
        "service `idle` never starts: no gate names it  gates.yaml:9:3",
    ]
