from __future__ import annotations

from dataclasses import replace

import pytest
from reports.rollups import sample_rollup
from reports.runs import gate_runs, sample_run, undecided
from samples import gate

from gates.domain.finding import Finding, Severity
from gates.domain.judge import Judged
from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict
from gates.reports.entries import LAST, Effect, Entry, entries_of, ranked

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()
SHELL = SAST.judged.waived[0][0]


def only(*gates: GateRun) -> Run:
    return sample_run(*gates)


def found(*findings: Finding, of: GateRun = COVERAGE, prefix: str = "") -> list[Entry]:
    judged = replace(of.judged, findings=findings)
    run = replace(only(replace(of, judged=judged)), prefix=prefix)
    return [entry for entry in entries_of(run) if entry.rule == "R"]


def finding(path: str = "src/a.py", line: int = 3, **more: object) -> Finding:
    made = Finding(rule="R", severity=Severity.LOW, message="m", path=path, line=line)
    return replace(made, **more)  # type: ignore[arg-type]


def test_a_finding_that_decides_is_an_error_where_it_stands() -> None:
    entry = next(entries_of(only(COVERAGE)))
    assert (entry.id, entry.tool, entry.effect) == ("coverage/uncovered", "ruff", Effect.ERROR)
    assert (entry.place.path, entry.place.line, entry.place.column) == (
        "src/orders/pricing.py",
        45,
        1,
    )
    assert entry.message == "lines 45-52 are not covered"
    assert entry.waiver is None
    assert not entry.is_security


def test_a_condition_without_findings_stands_at_its_gate() -> None:
    entry = list(entries_of(only(COVERAGE)))[1]
    assert (entry.id, entry.tool, entry.effect) == ("coverage/errors", "gates", Effect.WARNING)
    assert (entry.place.path, entry.place.line, entry.place.column) == ("gates.yaml", 8, 5)
    assert entry.message == "errors is 2, required == 0; 2 fewer errors would pass"


def test_a_condition_that_decides_is_an_error_and_one_with_findings_is_not_told_twice() -> None:
    bare = replace(COVERAGE, judged=replace(COVERAGE.judged, findings=()))
    rules = {entry.rule: entry.effect for entry in entries_of(only(bare))}
    assert rules == {"line": Effect.ERROR, "errors": Effect.WARNING}


def test_a_waived_finding_keeps_its_waiver() -> None:
    (entry,) = entries_of(only(SAST))
    assert entry.waiver is not None
    assert entry.effect is Effect.NOTE
    assert entry.is_security


def test_a_waived_condition_keeps_its_waiver() -> None:
    (waiver,) = SAST.judged.waivers
    waiver = replace(waiver, finding="", condition="line")
    checks = tuple(replace(each, status=Status.WAIVED) for each in COVERAGE.judged.checks[:1])
    judged = Judged(status=Status.WAIVED, reason="so", checks=checks, waivers=(waiver,))
    (entry,) = entries_of(only(replace(COVERAGE, judged=judged)))
    assert (entry.waiver, entry.effect) == (waiver, Effect.WARNING)


def test_a_gate_that_was_not_measured_says_why_and_what_next() -> None:
    (entry,) = entries_of(only(AUDIT))
    assert (entry.id, entry.effect) == ("audit/errored", Effect.ERROR)
    assert entry.message == "`pip-audit` was not found; next: pip install pip-audit"
    assert (entry.place.path, entry.place.line) == ("gates.yaml", 1)


def test_what_did_not_run_or_is_untouched_is_nothing_to_tell() -> None:
    assert list(entries_of(only(LINT, LATER))) == []


@pytest.mark.parametrize(
    ("level", "effect"), [(1, Effect.WARNING), (2, Effect.ERROR), (3, Effect.ERROR)]
)
def test_what_is_open_weighs_by_its_level(level: int, effect: Effect) -> None:
    bare = GateRun(plan=gate(level=level), judged=Judged(status=Status.INCONCLUSIVE, reason="few"))
    (entry,) = entries_of(only(bare, LINT))
    assert (entry.rule, entry.effect) == ("inconclusive", effect)


def test_a_condition_that_its_sample_leaves_open_is_told() -> None:
    (entry,) = entries_of(only(undecided()))
    assert (entry.id, entry.effect) == ("load/line", Effect.ERROR)


@pytest.mark.parametrize(
    ("severity", "effect"),
    [
        (Severity.CRITICAL, Effect.WARNING),
        (Severity.UNKNOWN, Effect.WARNING),
        (Severity.MEDIUM, Effect.WARNING),
        (Severity.LOW, Effect.NOTE),
        (Severity.INFO, Effect.NOTE),
    ],
)
def test_what_decides_nothing_is_no_error(severity: Severity, effect: Effect) -> None:
    (entry,) = found(finding(severity=severity), of=LINT)
    assert entry.effect is effect


@pytest.mark.parametrize(
    ("prefix", "path", "due"),
    [
        ("", "src/a.py", "src/a.py"),
        ("services/api/", "src/a.py", "services/api/src/a.py"),
        ("", "./src//a.py", "src/a.py"),
        ("api/", "../shared/a.py", "shared/a.py"),
        ("", "a\nb.py", "a b.py"),
    ],
)
def test_a_path_is_that_of_the_repository(prefix: str, path: str, due: str) -> None:
    (entry,) = found(finding(path), prefix=prefix)
    assert (entry.place.path, entry.place.line) == (due, 3)


@pytest.mark.parametrize("path", ["/usr/lib/a.py", "../a.py", "..", ".", "a/../../b"])
def test_what_lies_outside_stands_at_the_gate(path: str) -> None:
    (entry,) = found(finding(path))
    assert (entry.place.path, entry.place.line) == ("gates.yaml", 8)
    assert entry.message.startswith(f"{path}:3: ")


def test_what_has_a_subject_tells_it() -> None:
    (entry,) = found(finding("", 0, subject="jinja2 2.0"))
    assert entry.message == "jinja2 2.0: m"
    assert entry.place.path == "gates.yaml"


def test_lines_are_in_order_and_bounded() -> None:
    entries = found(
        finding(line=5, end_line=3),
        finding(line=5, end_line=7),
        finding(line=10**30, column=10**30),
    )
    lines = [(each.place.line, each.place.end_line) for each in entries]
    assert lines == [(5, 5), (5, 7), (LAST, LAST)]
    assert entries[2].place.column == LAST


@pytest.mark.parametrize(
    ("place", "path", "line"),
    [
        (f"gates.yaml@{'a' * 40}:8:5", "services/a/gates.yaml", 8),
        (f"https://shop.example/policy@{'b' * 64}:level.yaml:8:5", "services/a/gates.yaml", 1),
        (f"git@shop.example:policy@{'b' * 40}:level.yaml:8:5", "services/a/gates.yaml", 1),
        ("../shared@2/level.yaml:8:5", "services/shared@2/level.yaml", 8),
    ],
)
def test_a_gate_of_a_policy_of_a_commit_stands_in_this_checkout(
    place: str, path: str, line: int
) -> None:
    bad = replace(AUDIT, plan=replace(AUDIT.plan, place=place))
    run = only(bad)
    policy = replace(run.policy, source=f"gates.yaml@{'a' * 40}")
    run = replace(run, prefix="services/a/", plan=replace(run.plan, policy=policy))
    (entry,) = entries_of(run)
    assert (entry.place.path, entry.place.line) == (path, line)
    (_, stopped) = entries_of(replace(run, complete=False))
    assert stopped.place.path == "services/a/gates.yaml"


@pytest.mark.parametrize("place", ["gates.yaml", "/abs/gates.yaml:1:2", "x:a:b", "::", ""])
def test_a_gate_whose_place_is_not_told_stands_at_the_top(place: str) -> None:
    bad = replace(AUDIT, plan=replace(AUDIT.plan, place=place))
    (entry,) = entries_of(only(bad))
    assert (entry.place.line, entry.place.column) in {(1, 0), (1, 2)}
    assert not entry.place.path.startswith("/")


def test_what_no_gate_tells_is_told_of_the_run() -> None:
    stopped = replace(only(LINT), verdict=Verdict.ERRORED, exit_code=130, complete=False)
    (entry,) = entries_of(stopped)
    assert (entry.id, entry.effect) == ("verdict", Effect.ERROR)
    assert entry.message.startswith("the run was interrupted; files changed")
    (entry,) = entries_of(replace(only(LINT), verdict=Verdict.ERRORED, exit_code=3))
    assert entry.message.startswith("the run is errored")
    (entry,) = entries_of(only(LATER))
    assert entry.rule == "verdict"


def test_a_roll_up_tells_of_all_projects() -> None:
    entries = list(entries_of(sample_rollup()))
    gates = {entry.gate for entry in entries}
    assert "services/api:coverage" in gates
    mail = next(entry for entry in entries if entry.gate == "services/mail")
    assert (mail.rule, mail.place.path) == ("verdict", "services/mail/gates.yaml")
    assert "mount a file system" in mail.message
    stopped = replace(sample_rollup(), complete=False)
    whole = next(each for each in entries_of(stopped) if not each.gate)
    assert whole.message.startswith("the check was interrupted")
    graver = replace(sample_rollup(sample_rollup().projects[0]), verdict=Verdict.ERRORED)
    (entry,) = entries_of(graver)
    assert entry.message.startswith("the check is errored")


def test_the_new_come_first_then_what_decides_then_the_worst() -> None:
    entry = next(entries_of(only(COVERAGE)))
    waived = next(entries_of(only(SAST)))
    order = [
        replace(entry, is_new=True, severity=Severity.LOW, effect=Effect.WARNING),
        replace(entry, severity=Severity.CRITICAL),
        replace(entry, severity=Severity.LOW),
        replace(entry, severity=Severity.CRITICAL, effect=Effect.WARNING),
        replace(waived, is_new=True),
    ]
    assert ranked(reversed(order)) == order
