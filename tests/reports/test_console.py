from dataclasses import replace

from inline_snapshot import snapshot
from reports.runs import TODAY, gate_runs, sample_run, undecided
from samples import ERRORS, LINE, condition, gate, result

from gates.domain.finding import Finding, Severity
from gates.domain.judge import judge
from gates.domain.metric import Metric, count, ratio
from gates.domain.run import GateRun
from gates.domain.service import ServiceRun
from gates.reports.console import SHOWN_FINDINGS, report


def test_the_report_names_what_where_how_far_and_what_next() -> None:
    assert report(sample_run(), colour=False, width=120) == snapshot("""\

orders · Level 1 Level 1 · 5 gates

passed        lint      errors 0 (== 0)                               10 files · ruff 1.0 · 1.2 s
failed        coverage  line 89.5 % (>= 90 %)  errors 2 (== 0 warn)   10 files · ruff 1.0 · 1.2 s
waived        sast      errors 0, 1 waived (== 0)                     10 files · ruff 1.0 · 1.2 s
errored       audit     `pip-audit` was not found                     0.01 s
skipped       later     not selected on the command line

failed coverage  gates.yaml:8:5
  line is 89.5 %, required >= 90 %; 1 more covered line would pass
  src/orders/pricing.py:45:1  uncovered  lines 45-52 are not covered
  again: /env/bin/tool check 'a file'
  log: .gates/local/runs/20260131T120000Z-abcdef/coverage/01-tool.stdout

errored audit
  `pip-audit` was not found
  next: pip install pip-audit

run: files changed while they were judged
lint: a note
coverage: `line >= 90%` replaces the default `line >= 85%`
coverage: changed_line does not apply: no executable line changed
coverage: warning: errors is 2, required == 0
coverage: the default `branch >= 80%` is dropped in gates.yaml
coverage: a note
sast: a note
sast: B602 src/orders/mail.py:12: waived until 2026-02-01 by ana: input is a constant

2 of 11 documented criteria up to Level 1 are met
no gate shows L1-FORMAT, L1-TYPES, L1-TESTS, L1-SECRETS, L1-BENCH, L1-ARCH, L1-COMMIT
failed · Level 1 · 1 passed, 1 waived, 1 errored, 1 failed, 1 skipped · 3.2 s · exit code 1
record .gates/local/runs/20260131T120000Z-abcdef/run.json
""")


def test_a_narrow_screen_wraps_what_was_measured() -> None:
    lines = report(sample_run(), colour=False, width=60).splitlines()
    row = next(index for index, line in enumerate(lines) if line.startswith("failed"))
    assert lines[row + 1].startswith(" " * 22)


def test_colour_changes_nothing_but_colour() -> None:
    import re

    coloured = report(sample_run(), colour=True, width=120)
    assert "\x1b[1;31m" in coloured
    stripped = re.sub("\x1b\\[[0-9;]*m", "", coloured)
    plain = report(sample_run(), colour=False, width=120)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_many_findings_are_cut_and_counted() -> None:
    failed = gate_runs()[1]
    many = tuple(
        Finding(rule="r", severity=Severity.LOW, message=str(n), path="a", line=n + 1)
        for n in range(40)
    )
    gate = replace(failed, judged=replace(failed.judged, findings=many))
    text = report(sample_run(gate), colour=False, width=120)
    assert f"… and {40 - SHOWN_FINDINGS} more in the record" in text


def test_a_run_that_passed_has_no_details() -> None:
    text = report(sample_run(gate_runs()[0]), colour=False, width=120)
    assert "again:" not in text
    assert "passed · Level 1 · 1 passed" in text


def test_what_a_sample_leaves_open_is_told_with_both_ends() -> None:
    text = report(sample_run(undecided()), colour=False, width=120)
    assert "line between 88 % and 92 % (>= 90 %)" in text
    assert (
        "line lies between 88 % and 92 %, required >= 90 %: the sample cannot decide it"
    ) in text
    assert "errored · Level 1 · 1 inconclusive" in text


def waived_condition(*more: Metric) -> GateRun:
    """A gate whose condition on `line` is waived."""
    sast = gate_runs()[2]
    planned = gate(
        condition("line >= 90%", LINE), condition("errors == 0", ERRORS), specs=(LINE, ERRORS)
    )
    waiver = replace(sast.judged.waivers[0], gate="lint", finding="", condition="line")
    measured = result(ratio("line", 8, 10), *(more or (count("errors", 0),)))
    return replace(
        sast, plan=planned, judged=judge(planned, measured, waivers=(waiver,), today=TODAY)
    )


def test_a_waived_condition_is_told_with_its_end_reason_and_owner() -> None:
    text = report(sample_run(waived_condition()), colour=False, width=120)
    assert "line 80 % (>= 90 % waived)" in text
    assert (
        "lint: line is 80 %, required >= 90 %:"
        " waived until 2026-02-01 by ana: input is a constant\n" in text
    )


def test_a_waived_condition_is_no_reason_of_a_failed_gate() -> None:
    text = report(sample_run(waived_condition(count("errors", 3))), colour=False, width=120)
    assert text.count("line is 80 %") == 1
    assert "  errors is 3, required == 0" in text


def test_many_waived_findings_are_cut_and_counted() -> None:
    sast = gate_runs()[2]
    ((finding, waiver),) = sast.judged.waived
    many = tuple((replace(finding, line=n + 1), waiver) for n in range(40))
    gate_run = replace(sast, judged=replace(sast.judged, waived=many))
    text = report(sample_run(gate_run), colour=False, width=120)
    assert text.count("waived until") == SHOWN_FINDINGS
    assert f"sast: {40 - SHOWN_FINDINGS} more that are waived stand in the record" in text


def test_a_screen_wraps_what_is_told_and_no_command() -> None:
    found = replace(
        gate_runs()[1].judged.findings[0], message="lines are not covered " * 6, counts=("line",)
    )
    failed = gate_runs()[1]
    failed = replace(
        failed,
        judged=replace(failed.judged, findings=(found,)),
        argv=("/env/bin/tool", *("--option",) * 20),
        notes=("a note of many words " * 8,),
    )
    errored = gate_runs()[3]
    problem = errored.judged.problem
    assert problem is not None
    problem = replace(problem, summary="no such tool " * 8, hint="install it and " * 8)
    errored = replace(
        errored, judged=replace(errored.judged, problem=problem, reason=problem.summary)
    )
    run = replace(sample_run(failed, errored), notes=("files changed meanwhile " * 6,))
    for width in (60, 80):
        lines = report(run, colour=False, width=width, is_screen=True).splitlines()
        whole = tuple(line for line in lines if len(line) > width)
        assert [line.split()[0] for line in whole if "log:" not in line] == ["again:"]
        at = next(i for i, line in enumerate(lines) if "pricing.py:45" in line)
        assert lines[at + 1].startswith("    ")
        assert lines[at + 1][4] != " "
        # Nothing is lost, nothing is told twice.
        wide = report(run, colour=False, width=width).split()
        assert " ".join(lines).split() == wide


def test_nothing_is_wrapped_where_no_screen_shows_it() -> None:
    noted = replace(gate_runs()[1], notes=("a note of many words " * 12,))
    text = report(sample_run(noted), colour=False, width=60)
    assert f"coverage: {'a note of many words ' * 12}".rstrip() in text.splitlines()


def test_the_logs_of_a_service_are_named() -> None:
    api = ServiceRun(
        name="api",
        url="http://127.0.0.1:4000",
        is_local=True,
        logs=("c/01-s.stdout", "c/01-s.stderr"),
    )
    failed = replace(gate_runs()[1], services=(api,))
    shown = report(sample_run(failed), colour=False, width=120).splitlines()
    at = next(index for index, line in enumerate(shown) if line.startswith("  log: "))
    folder = ".gates/local/runs/20260131T120000Z-abcdef"
    assert shown[at + 1] == f"  log of service api: {folder}/c/01-s.*"
    homeless = replace(sample_run(failed), folder="")
    assert "log of service" not in report(homeless, colour=False, width=120)
