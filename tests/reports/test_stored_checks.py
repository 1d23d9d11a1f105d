from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from reports.records import RECORD, edited
from reports.runs import gate_runs, sample_run
from samples import ERRORS, P95, condition, gate, result

from gates.domain.errors import OutputUnreadable
from gates.domain.judge import Judged, judge
from gates.domain.metric import Examined, Metric, count
from gates.domain.run import GateRun, Run
from gates.domain.status import Status, Verdict
from gates.reports import console
from gates.reports.record_v1 import render
from gates.reports.stored import read

LINT, COVERAGE, SAST, AUDIT, LATER = range(5)


def again(run: Run) -> Run:
    return read(render(run).encode(), what="run.json")


SERVICE = {
    "name": "api",
    "url": None,
    "local": True,
    "shared": False,
    "owner": None,
    "trouble": None,
    "logs": ["a"],
}


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("verdict", "passed", "its gates make it `failed`"),
        ("verdict", "errored", "its gates make it `failed`"),
        ("exit_code", 0, "/exit_code` is 0"),
        ("exit_code", 130, "/exit_code` is 130"),
        ("complete", False, "/exit_code` is 1"),
        ("level", 0, "/level` is no level"),
        ("level", 4, "/level` is no level"),
        ("levels/0/number", 7, "is no level"),
        ("gates", [], "/gates` is empty"),
        ("gates/1/name", "lint", "stands twice"),
        ("gates/0/level", 2, "is not judged by this run"),
        ("gates/0/level", 0, "is not judged by this run"),
        ("gates/0/logs", ["a"], "is not in pairs"),
        ("gates/0/services", [SERVICE], "hold logs that are not in pairs"),
        ("gates/0/examined", None, "nothing was examined"),
        ("gates/0/examined/count", 0, "nothing was examined"),
        ("gates/0/conditions", [], "which nothing of it shows"),
        ("gates/1/status", "passed", "its conditions make it `failed`"),
        ("gates/0/metrics", [], "is not what its metric says"),
        ("gates/0/metrics/0/value", 3, "is not what its metric says"),
        ("gates/0/error", "tool-missing", "though an error is told"),
        ("gates/0/status", "unaffected", "its conditions make it `passed`"),
        ("gates/3/status", "passed", "though an error is told"),
        ("gates/2/waivers", [], "is waived by no waiver"),
        ("gates/2/waived_findings", [], "that other findings left than were waived"),
        ("gates/2/metrics/0/waived", 0, "that other findings left than were waived"),
        ("gates/2/metrics/0/waived", 2, "that other findings left than were waived"),
        ("gates/2/status", "passed", "its conditions make it `waived`"),
        ("gates/2/waivers/0/gate", "lint", "hold one of another gate"),
        ("gates/2/waivers/0/expires", "2026-01-30", "hold one that was not valid"),
        ("gates/2/waivers/0/created", "2026-02-01", "hold one that was not valid"),
        ("gates/2/waivers/0/expires", "2026-01-31", None),
        ("gates/2/conditions/0/status", "waived", "is waived without a waiver"),
        ("gates/1/metrics/0/denominator", 0, "has a ratio that is none"),
        ("gates/1/metrics/0/denominator", -200, "has a ratio that is none"),
        ("gates/1/metrics/0/denominator", None, "has a ratio that is none"),
        ("gates/1/metrics/0/numerator", None, "has a ratio that is none"),
        ("gates/1/metrics/0/numerator", 200, "is not its ratio"),
        ("gates/1/metrics/0/numerator", 179.5, "not an integer"),
        ("gates/1/metrics/0/interval", [0.1], "is no pair of bounds"),
        ("gates/1/metrics/0/interval", [0.1, 0.2, 0.3], "is no pair of bounds"),
        ("gates/1/metrics/0/interval", 3, "not an array"),
        ("gates/0/metrics/0/value", 10**31, "larger than any number"),
        ("gates/0/conditions/0/limit", -(10**31), "larger than any number"),
        ("seconds", -1, "is no duration"),
        ("seconds", 10**12, "is no duration"),
        ("gates/0/seconds", -1, "is no duration"),
    ],
)
def test_a_record_that_contradicts_itself_is_unreadable(
    path: str, value: object, words: str | None
) -> None:
    data = edited(path, value)
    if words is None:
        assert read(data, what="run.json").level == 1
        return
    with pytest.raises(OutputUnreadable) as refused:
        read(data, what="run.json")
    assert words in refused.value.problem.summary
    assert refused.value.problem.place == "run.json"


@pytest.mark.parametrize("key", ["commit", "tree", "base", "selection"])
def test_a_key_that_is_not_there_is_not_null(key: str) -> None:
    document = json.loads(RECORD)
    document[key] = None
    assert read(json.dumps(document).encode(), what="run.json").level == 1
    del document[key]
    with pytest.raises(OutputUnreadable, match=f"has no member `{key}`"):
        read(json.dumps(document).encode(), what="run.json")


def passed(**more: object) -> Run:
    return replace(sample_run(gate_runs()[LINT]), **more)  # type: ignore[arg-type]


def test_a_run_is_heavier_than_its_gates_where_files_changed_or_it_was_interrupted() -> None:
    changed = passed(verdict=Verdict.ERRORED, exit_code=3)
    assert again(changed).verdict is Verdict.ERRORED
    for code in (129, 130, 143):
        stopped = passed(verdict=Verdict.ERRORED, exit_code=code, complete=False)
        assert again(stopped).exit_code == code
    failed = passed(verdict=Verdict.FAILED, exit_code=1)
    assert again(failed).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"verdict": Verdict.PARTIAL}, "its gates make it `passed`"),
        ({"verdict": Verdict.PENDING, "exit_code": 4}, "its gates make it `passed`"),
        ({"complete": False, "exit_code": 130}, "though the run was interrupted"),
        ({"verdict": Verdict.ERRORED, "complete": False, "exit_code": 0}, "is 0"),
        ({"verdict": Verdict.ERRORED, "complete": False, "exit_code": 300}, "is 300"),
    ],
)
def test_no_other_verdict_stands_beside_passed_gates(more: dict[str, object], words: str) -> None:
    with pytest.raises(OutputUnreadable) as refused:
        again(passed(**more))
    assert words in refused.value.problem.summary


def test_a_partial_run_is_read() -> None:
    gates = gate_runs()
    assert again(sample_run(gates[LINT], gates[LATER])).verdict is Verdict.PARTIAL
    assert again(sample_run(gates[LINT], gates[SAST])).verdict is Verdict.PASSED
    assert again(sample_run(gates[AUDIT])).verdict is Verdict.ERRORED


def test_an_unaffected_gate_needs_a_change_and_inputs() -> None:
    idle = GateRun(
        plan=gate(name="idle"),
        judged=Judged(status=Status.UNAFFECTED, reason="the change touches none"),
        examined=Examined(count=3, unit="files"),
    )
    assert again(sample_run(idle)).verdict is Verdict.PASSED
    with pytest.raises(OutputUnreadable, match="no change was judged"):
        again(replace(sample_run(idle), base=None))
    with pytest.raises(OutputUnreadable, match="nothing was examined"):
        again(sample_run(replace(idle, examined=None)))


def test_a_waived_gate_needs_a_waiver() -> None:
    sast = gate_runs()[SAST]
    bare = replace(sast, judged=replace(sast.judged, waived=(), waivers=()))
    with pytest.raises(OutputUnreadable, match="is waived without a waiver"):
        again(sample_run(bare))


def test_a_value_just_below_its_limit_is_not_refused_for_the_records_rounding() -> None:
    planned = gate(condition("p95 < 100ms", P95), specs=(P95,))
    metric = Metric(name="p95", value=Decimal("0.09999999999999999999"))
    judged = judge(
        planned, result(metric), waivers=(), today=gate_runs()[SAST].judged.waivers[0].created
    )
    run = sample_run(replace(gate_runs()[LINT], plan=planned, judged=judged))
    assert run.verdict is Verdict.PASSED
    assert again(run).verdict is Verdict.PASSED


ODD: tuple[object, ...] = (
    None, True, -1, 0, 4, 1.5, 10**40, "", "\x1b]0;x\x07\n\ud800", [], [1], {}, {"a": 1}, "passed",
)  # fmt: skip


def places(value: object, path: str = "") -> Iterator[str]:
    if path:
        yield path
    members: list[tuple[str, object]] = []
    if isinstance(value, dict):
        members = [(str(key), each) for key, each in value.items()]
    elif isinstance(value, list):
        members = [(str(index), each) for index, each in enumerate(value)]
    for key, each in members:
        yield from places(each, f"{path}/{key}" if path else key)


def outcome(data: bytes) -> str:
    try:
        run = read(data, what="run.json")
    except OutputUnreadable:
        return "unreadable"
    text = console.report(run, colour=False, width=80)
    assert "\x1b" not in text
    assert render(run)
    return "read"


def test_whatever_stands_in_a_record_ends_in_a_report_or_an_error() -> None:
    document: object = json.loads(RECORD)
    outcomes = {outcome(edited(path, odd)) for path in places(document) for odd in ODD}
    assert outcomes == {"read", "unreadable"}


def test_a_waiver_may_have_ended_while_the_run_went_on() -> None:
    sast = gate_runs()[SAST]
    (waiver,) = sast.judged.waivers
    begun = replace(waiver, created=date(2026, 2, 1), expires=date(2026, 2, 1))
    ((finding, _),) = sast.judged.waived
    judged = replace(sast.judged, waivers=(begun,), waived=((finding, begun),))
    run = sample_run(replace(sast, judged=judged))
    assert again(replace(run, seconds=Decimal(12 * 3600))).verdict is Verdict.PASSED
    with pytest.raises(OutputUnreadable, match="was not valid"):
        again(run)
    with pytest.raises(OutputUnreadable, match="was not valid"):
        again(replace(run, started=datetime(9999, 12, 31, tzinfo=UTC), seconds=Decimal(10**9)))


def test_a_waived_condition_is_read_with_its_waiver() -> None:
    planned = gate(condition("errors == 0", ERRORS))
    waiver = replace(
        gate_runs()[SAST].judged.waivers[0], gate="lint", finding="", condition="errors"
    )
    judged = judge(planned, result(count("errors", 3)), waivers=(waiver,), today=waiver.created)
    run = sample_run(replace(gate_runs()[LINT], plan=planned, judged=judged))
    assert again(run).gates[0].status is Status.WAIVED
    text = render(run).replace('"condition": "errors"', '"condition": "warnings"')
    with pytest.raises(OutputUnreadable, match="waived without a waiver"):
        read(text.encode(), what="run.json")
