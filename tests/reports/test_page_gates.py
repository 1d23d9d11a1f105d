from __future__ import annotations

from dataclasses import replace

from reports.runs import gate_runs, sample_run, undecided

from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined
from gates.domain.run import GateRun
from gates.reports.page_gates import (
    COMMAND_LIMIT,
    FOLDED_FINDINGS,
    OPEN_FINDINGS,
    GateView,
    gate_view,
)

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()


def view(gate: GateRun, most: int = FOLDED_FINDINGS) -> GateView:
    return gate_view(gate, sample_run(gate), "g1", most)


def test_a_gate_that_holds_leaves_nothing_to_mend() -> None:
    seen = view(LINT)
    assert (seen.is_open, seen.reasons, seen.hint, seen.findings.total) == (False, (), "", 0)
    assert seen.said == ""
    assert [(each.subject, each.value, each.limit) for each in seen.conditions] == [
        ("errors", "0", "== 0")
    ]


def test_each_condition_has_its_tone() -> None:
    seen = {each.subject: each for each in view(COVERAGE).conditions}
    assert (seen["line"].tone, seen["line"].word) == ("failed", "failed")
    assert (seen["changed_line"].tone, seen["changed_line"].value) == ("spared", "does not apply")
    assert (seen["errors"].tone, seen["errors"].word) == ("warn", "warning: failed")
    assert seen["errors"].aside == "only tells"
    assert seen["line"].bar is not None


def test_what_was_not_measured_says_why() -> None:
    seen = view(AUDIT)
    assert seen.said == "`pip-audit` was not found"
    assert seen.hint == "pip install pip-audit"
    assert (seen.conditions, seen.examined, seen.tool) == ((), "", "")
    assert view(LATER).said == "not selected on the command line"


def test_a_condition_without_a_value_tells_its_status() -> None:
    checks = tuple(replace(check, reading=None) for check in COVERAGE.judged.checks)
    seen = view(replace(COVERAGE, judged=replace(COVERAGE.judged, checks=checks)))
    assert [each.value for each in seen.conditions] == ["failed", "does not apply", "failed"]


def test_waived_findings_are_told_beside_the_number() -> None:
    assert view(SAST).conditions[0].aside == "1 waived, not counted"


def test_an_estimate_is_shown_by_its_interval_where_it_decides_nothing() -> None:
    seen = view(undecided())
    assert seen.conditions[0].value == "between 88 % and 92 %"
    assert seen.numbers == (("line", "91 % (91 of 100), between 88 % and 92 %"),)


def test_findings_are_cut_in_two_steps_the_gravest_first() -> None:
    many = [
        Finding(rule=f"R{n % 3}", severity=Severity.LOW, message=str(n), counts=("line",))
        for n in range(50)
    ]
    grave = Finding(rule="G", severity=Severity.CRITICAL, message="grave", counts=("line",))
    judged = replace(COVERAGE.judged, findings=(*many, grave))
    found = view(replace(COVERAGE, judged=judged), most=10).findings
    assert (found.total, len(found.shown), len(found.folded), found.left) == (51, 20, 10, 21)
    assert (found.shown[0].rule, found.shown[0].severity) == ("G", "critical")
    assert found.rules == (("R0", 17), ("R1", 17), ("R2", 16), ("G", 1))
    assert len(found.shown) == OPEN_FINDINGS
    whole = view(replace(COVERAGE, judged=judged)).findings
    assert (len(whole.folded), whole.left, whole.rules) == (31, 0, ())


def test_a_long_command_is_cut() -> None:
    seen = view(replace(LINT, argv=("x" * (COMMAND_LIMIT + 5),)))
    assert (len(seen.command), seen.cut) == (COMMAND_LIMIT, 5)
    assert view(LINT).cut == 0


def test_the_proof_names_what_stands_behind_the_numbers() -> None:
    assert LINT.tool is not None
    proven = replace(
        COVERAGE,
        tool=replace(LINT.tool, how="in .venv"),
        examined=Examined(count=200, unit="lines", details=(("files", 1200),)),
    )
    proof = dict(view(proven).proof)
    assert proof["stage"] == "ruff"
    assert proof["criteria"] == "L1-COVERAGE"
    assert proof["tool found"] == "in .venv"
    assert proof["files"] == "1,200"
    assert proof["exit code of the tool"] == "1"
    assert proof["log"].endswith("coverage/01-tool.stdout")
    assert dict(view(LATER).proof) == {"stage": "ruff"}


def test_tags_stand_beside_the_name_of_a_number() -> None:
    reading = LINT.judged.readings[0]
    tagged = replace(reading, metric=replace(reading.metric, tags=(("path", "a"),)))
    seen = view(replace(LINT, judged=replace(LINT.judged, readings=(tagged,))))
    assert seen.numbers == (('errors{path="a"}', "0"),)
