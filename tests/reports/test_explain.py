from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from inline_snapshot import snapshot
from reports.runs import against_baseline, gate_runs, sample_run
from samples import CHANGED, ERRORS, LINE, P95, condition, gate, result

from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity
from gates.domain.judge import Judged, NotMeasured, Reading, judge
from gates.domain.metric import Examined, Metric, Unit, count, flag, ratio
from gates.domain.run import GateRun, Run
from gates.domain.service import ServiceRun
from gates.domain.stage_result import Inconclusive
from gates.domain.status import Status
from gates.domain.units import to_base
from gates.reports.explain import MEANING, Surroundings, exactly, gate_lines, overview_lines
from gates.reports.style import render

LINT, COVERAGE, SAST, AUDIT, LATER = gate_runs()
TODAY = date(2026, 1, 31)


def around(run: Run, **more: str) -> Surroundings:
    return Surroundings(
        width=100,
        root="/project",
        policy=more.get("policy", ""),
        planned={} if "policy" in more else {each.name: each.plan for each in run.gates},
        reports={each.path: "there, unchanged" for gate in run.gates for each in gate.artifacts},
        logs=frozenset(log for gate in run.gates for log in gate.logs if log.endswith("stdout")),
    )


def explained(chosen: GateRun, *others: GateRun, limit: int | None = None) -> str:
    run = sample_run(chosen, *others)
    return render(gate_lines(run, chosen, around(run), limit), colour=False)


def fact(text: str, label: str) -> list[str]:
    return [each[16:] for each in text.splitlines() if each.startswith(f"    {label:<12}")]


def test_a_failed_gate_is_explained_whole() -> None:
    assert explained(COVERAGE) == snapshot("""\
orders failed · Level 1 Level 1 · 2026-01-31 12:00:00 UTC · run 20260131T120000Z-abcdef

failed coverage  Level 1 · uses ruff · gates.yaml:8:5
  failed: it was measured, and a condition does not hold.
  line is 89.5 %, required >= 90 %; 1 more covered line would pass

  failed line >= 90%
    what        line coverage
    measured    179 of 200 = 89.5 %
    required    >= 90 %; a ratio, in percent, higher is better
    stands      gates.yaml:9:7, in place of the default `line >= 85%`
    to pass     1 more covered line would pass

  unaffected changed_line >= 90%
    what        x
    measured    nothing: no executable line changed
    required    >= 90 %; a ratio, in percent, higher is better
    stands      a default of the stage `ruff`, not written in gates.yaml

  failed errors == 0 (only tells)
    what        errors
    measured    2
    required    == 0; a count, lower is better
    stands      a default of the stage `ruff`, not written in gates.yaml
    to pass     2 fewer errors would pass

  proof
    examined    10 files
    canary      planted and found: B307 in a planted file
    tool        ruff 1.0
    exit code   1
    took        1.2 s

  files  in .gates/local/runs/20260131T120000Z-abcdef
    report      coverage/out/report.json
                sha256 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
                there, unchanged
    log         coverage/01-tool.stdout
    log         coverage/01-tool.stderr (not there any more)

  to repeat it
    the gate    gates check --level 1 --gate coverage
    the tool    cd /project
                /env/bin/tool check 'a file'
                the stage may have set variables or files for it that the record does not hold

  findings (1)
    src/orders/pricing.py:45:1  uncovered
      lines 45-52 are not covered
      fingerprint 31263f2dd327514a4ede3c87d8bf5cc9

  told
    `line >= 90%` replaces the default `line >= 85%`
    changed_line does not apply: no executable line changed
    warning: errors is 2, required == 0
    the default `branch >= 80%` is dropped in gates.yaml
    a note
""")


def test_without_a_name_each_gate_that_did_not_pass_is_told() -> None:
    run = sample_run()
    assert render(overview_lines(run, around(run)), colour=False) == snapshot("""\
orders failed · Level 1 Level 1 · 2026-01-31 12:00:00 UTC · run 20260131T120000Z-abcdef

failed coverage  Level 1 · uses ruff · gates.yaml:8:5
  line is 89.5 %, required >= 90 %; 1 more covered line would pass
  more: gates explain coverage

waived sast  Level 1 · uses ruff
  passed with waived findings
  B602 src/orders/mail.py:12: waived until 2026-02-01 by ana: input is a constant
  more: gates explain sast

errored audit  Level 1 · uses ruff
  `pip-audit` was not found
  next: pip install pip-audit
  more: gates explain audit

skipped later  Level 1 · uses ruff
  not selected on the command line
  more: gates explain later
""")


def test_where_all_passed_the_names_are_told() -> None:
    run = sample_run(LINT)
    text = render(overview_lines(run, around(run)), colour=False)
    assert "all gates passed; name one, as in `gates explain lint`: lint" in text


def test_an_error_names_its_next_step() -> None:
    text = explained(AUDIT)
    assert "errored: it could not be measured, and nothing measured is never a pass." in text
    assert fact(text, "error") == ["tool-missing"]
    assert fact(text, "next") == ["pip install pip-audit"]
    assert fact(text, "at") == ["pip-audit"]
    assert fact(text, "examined") == ["nothing"]
    assert fact(text, "the tool") == ["no command ran"]


def errored(name: str, caused_by: str | None, hint: str = "") -> GateRun:
    planned = gate(name=name)
    outcome = NotMeasured(problem=Problem("x", f"no {name}", hint=hint), caused_by=caused_by)
    return GateRun(plan=planned, judged=judge(planned, outcome, waivers=(), today=TODAY))


def test_a_chain_of_causes_is_followed_to_its_end() -> None:
    first, second, third = (
        errored("a", "b"),
        errored("b", "c", "look at c"),
        errored("c", None, "mend c"),
    )
    text = explained(first, second, third)
    assert fact(text, "caused by") == ["b: errored: no b", "c: errored: no c"]
    assert fact(text, "next") == ["look at c", "mend c"]


def test_a_circle_of_causes_ends() -> None:
    text = explained(errored("a", "b"), errored("b", "a"))
    assert fact(text, "caused by") == ["b: errored: no b"]
    assert fact(explained(errored("a", "gone")), "caused by") == []


@pytest.mark.parametrize(
    ("metric", "unit", "limit", "shown"),
    [
        (ratio("line", 179, 200), Unit.RATIO, "0.9", "179 of 200 = 89.5 %"),
        (ratio("line", 89_999, 100_000), Unit.RATIO, "0.9", "89,999 of 100,000 = 89.999 %"),
        (ratio("line", 2, 3), Unit.RATIO, "0.9", "2 of 3 = 66.66… %"),
        (ratio("line", 0, 7), Unit.RATIO, "0.9", "0 of 7 = 0 %"),
        (count("errors", 12), Unit.COUNT, "0", "12"),
        (flag("strict", holds=True), Unit.FLAG, "1", "1"),
        (Metric(name="p95", value=Decimal("0.0873")), Unit.SECONDS, "0.1", "0.0873 s (87.3 ms)"),
        (Metric(name="p95", value=Decimal(2)), Unit.SECONDS, "1", "2 s"),
        (
            Metric(name="rate", value=Decimal("3.14159")),
            Unit.PER_SECOND,
            "3",
            "3.14159 /s (3.14 /s)",
        ),
        (Metric(name="size", value=1500), Unit.BYTES, "1", "1500 B (1.5 kB)"),
    ],
)
def test_values_are_told_exactly(metric: Metric, unit: Unit, limit: str, shown: str) -> None:
    assert exactly(Reading(metric=metric, unit=unit), Decimal(limit)) == shown


def measured(planned_text: str, *metrics: Metric, **more: Inconclusive) -> GateRun:
    spec = {"p95": P95, "line": LINE, "errors": ERRORS}[planned_text.replace("{", " ").split()[0]]
    planned = gate(condition(planned_text, spec), specs=(spec,))
    found = result(*metrics, inconclusive=tuple(more.values()))
    return GateRun(plan=planned, judged=judge(planned, found, waivers=(), today=TODAY))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (measured("errors == 0", count("errors", 3)), "3 fewer errors would pass"),
        (
            measured("p95 < 100ms", Metric(name="p95", value=Decimal("0.103"))),
            "p95 has to be < 100 ms; it is 3 ms above the limit",
        ),
        (
            measured(
                "p95 < 100ms",
                Metric(name="p95", value=Decimal("0.1")),
                few=Inconclusive(metric="p95", reason="12 requests"),
            ),
            "measure more: 12 requests",
        ),
        (
            measured('line{path="src"} >= 90%', ratio("line", 1, 2)),
            'line{path="src"} has to be >= 90 %, and has to be measured',
        ),
    ],
)
def test_what_would_make_it_pass(made: GateRun, words: str) -> None:
    assert fact(explained(made), "to pass") == [words]


def test_what_a_sample_leaves_open_is_told_with_what_would_decide_it() -> None:
    ends = (Decimal("0.093"), Decimal("0.104"))
    made = measured("p95 < 100ms", Metric(name="p95", value=Decimal("0.098"), interval=ends))

    assert made.status is Status.INCONCLUSIVE
    shown = explained(made)
    assert fact(shown, "measured") == ["0.098 s (98 ms)"]
    assert fact(shown, "interval") == ["between 93 ms and 104 ms"]
    told = " ".join(fact(shown, "to pass"))
    assert told.startswith("measure more: p95 lies between 93 ms and 104 ms, required < 100 ms")


def test_a_flag_says_what_it_has_to_be() -> None:
    from gates.domain.metric import Direction, MetricSpec

    strict = MetricSpec(name="strict", unit=Unit.FLAG, direction=Direction.HIGHER, title="strict")
    planned = gate(condition("strict == 1", strict), specs=(strict,))
    found = result(flag("strict", holds=False))
    judged = judge(planned, found, waivers=(), today=TODAY)
    text = explained(GateRun(plan=planned, judged=judged))
    assert fact(text, "to pass") == ["strict has to be == 1"]
    assert to_base(Decimal(1), "", Unit.FLAG) == 1


def test_a_condition_says_where_it_stands() -> None:
    text = explained(COVERAGE)
    assert fact(text, "stands") == [
        "gates.yaml:9:7, in place of the default `line >= 85%`",
        "a default of the stage `ruff`, not written in gates.yaml",
        "a default of the stage `ruff`, not written in gates.yaml",
    ]
    same = replace(condition("changed_line >= 90%", CHANGED), replaces="changed_line >= 90%")
    planned = gate(same, specs=(CHANGED,))
    judged = judge(planned, result(ratio("changed_line", 1, 1)), waivers=(), today=TODAY)
    told = fact(explained(GateRun(plan=planned, judged=judged)), "stands")
    assert told == [
        "a default of the stage `ruff`, not written in gates.yaml, the same as the default"
    ]


def test_a_changed_policy_is_told_and_no_metric_of_it_is_trusted() -> None:
    run = sample_run(COVERAGE)
    beside = around(run, policy="gates.yaml changed since this run")
    text = render(gate_lines(run, COVERAGE, beside), colour=False)
    assert "\ngates.yaml changed since this run\n" in text
    assert fact(text, "what") == []
    assert "nor does it hold the `env:` of the gate" in " ".join(text.split())
    assert "gates.yaml changed" in render(overview_lines(run, beside), colour=False)


def test_the_environment_that_gates_yaml_adds_stands_before_the_command() -> None:
    plan = replace(COVERAGE.plan, env=(("MODE", "a b"), ("X", "1")))
    text = explained(replace(COVERAGE, plan=plan))
    assert "MODE='a b' X=1 /env/bin/tool check 'a file'" in text
    assert fact(text, "the tool") == ["cd /project"]


def test_what_was_examined_is_told_with_its_parts() -> None:
    examined = Examined(
        count=1204, unit="lines", excluded=3, note="as said", details=(("files", 7),)
    )
    text = explained(replace(COVERAGE, examined=examined, cached=True))
    lines = text.splitlines()
    at = lines.index("    examined    1,204 lines (3 excluded)")
    assert lines[at + 1 : at + 3] == [" " * 16 + "7 files", " " * 16 + "as said"]
    assert fact(text, "took") == ["1.2 s (outcome of an earlier run of the same inputs)"]
    assert fact(text, "canary") == ["planted and found: B307 in a planted file"]


def test_a_tool_says_where_it_was_found() -> None:
    assert COVERAGE.tool is not None
    tool = replace(COVERAGE.tool, version="", path="/env/bin/ruff", how="in .venv")
    text = explained(replace(COVERAGE, tool=tool))
    assert fact(text, "tool") == ["ruff (version unknown)"]
    assert fact(text, "found at") == ["/env/bin/ruff (in .venv)"]


def test_files_that_are_gone_are_told() -> None:
    text = explained(COVERAGE)
    assert fact(text, "log") == [
        "coverage/01-tool.stdout",
        "coverage/01-tool.stderr (not there any more)",
    ]
    assert f"sha256 {'a' * 64}\n" in text
    run = sample_run(COVERAGE)
    bare = Surroundings(width=100, root="/project")
    assert "not looked at" in render(gate_lines(run, COVERAGE, bare), colour=False)


def test_findings_that_decide_come_first_and_can_be_limited() -> None:
    found = tuple(
        Finding(rule=rule, severity=severity, message="m", path="a", line=1, counts=counts)
        for rule, severity, counts in (
            ("beside", Severity.CRITICAL, ("errors",)),
            ("low", Severity.LOW, ("line",)),
            ("high", Severity.HIGH, ("line",)),
        )
    )
    chosen = replace(COVERAGE, judged=replace(COVERAGE.judged, findings=found))
    text = explained(chosen)
    assert "findings (3)" in text
    assert text.index("high high") < text.index("low low") < text.index("critical beside")
    short = explained(chosen, limit=1)
    assert "high high" in short
    assert "low low" not in short
    assert "… and 2 more; leave out --limit to see them" in short


def test_waivers_that_were_used_are_told() -> None:
    assert (
        "B602 src/orders/mail.py:12: waived until 2026-02-01 by ana: input is a constant"
        in " ".join(explained(SAST).split())
    )
    assert fact(explained(SAST), "measured") == ["0, 1 waived left out"]


def test_each_status_has_a_meaning() -> None:
    assert set(MEANING) == set(Status)
    for status in Status:
        chosen = GateRun(plan=gate(name="x"), judged=Judged(status=status, reason="so"))
        assert MEANING[status] in explained(chosen, LINT)


def test_an_interrupted_run_says_so() -> None:
    run = replace(sample_run(LINT), complete=False)
    assert "the run was interrupted" in render(overview_lines(run, around(run)), colour=False)


def test_a_narrow_screen_breaks_prose_and_no_command() -> None:
    run = sample_run(COVERAGE)
    narrow = replace(around(run), width=50)
    lines = render(gate_lines(run, COVERAGE, narrow), colour=False).splitlines()
    prose = [each for each in lines if "default of the stage" in each]
    assert prose
    assert max(map(len, prose)) <= 50


def test_the_services_of_a_gate_are_told_with_their_logs() -> None:
    service = ServiceRun(
        name="api",
        url="http://127.0.0.1:4000",
        is_local=True,
        owner="checked",
        trouble="it ended",
        logs=("s/01.stdout", "s/01.stderr"),
    )
    shown = explained(replace(AUDIT, services=(service,)))
    told = "api http://127.0.0.1:4000; owner of its port: checked"
    assert fact(shown, "service") == [told]
    assert "                it ended\n" in shown
    assert "s/01.stderr (not there any more)" in fact(shown, "log")


def test_a_baseline_names_the_runs_that_it_stands_on() -> None:
    text = explained(against_baseline(130, 100, 99, 101, 98, 102))
    assert fact(text, "required") == [
        "<= 110 ms, baseline 100 ms + 10 %; a time, in seconds, lower is better"
    ]
    (told,) = fact(text, "baseline")
    assert told.startswith("the median of 20260130T120005Z-abcdef, ")


def test_a_baseline_without_runs_enough_says_what_is_missing() -> None:
    text = explained(against_baseline(130, 100))
    assert fact(text, "baseline") == ["the median of 20260130T120001Z-abcdef"]
    (missing,) = fact(text, "to pass")
    assert missing.startswith("record more runs, or write a number as the limit: its baseline")
    assert fact(explained(against_baseline(130)), "baseline") == ["the median of no recorded run"]
