import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from executor.conftest import Runner, scripted
from reports.runs import sample_run
from samples import ERRORS, LINE, P95, condition, gate, plan, result

from gates.domain.condition import Condition
from gates.domain.judge import judge
from gates.domain.metric import Metric, ratio
from gates.domain.plan import GatePlan, Plan
from gates.domain.run import GateRun, Where
from gates.domain.status import Status
from gates.domain.waiver import Waiver
from gates.executor import baselines
from gates.reports import record_v1
from gates.toolkit.state import COMPARED

TODAY = date(2026, 1, 31)
HERE = Where(host="runner", os="Linux 6.1", cpus=2)
DIGEST = "d" * 64
LATENCY = condition("p95 <= baseline + 10%", P95)
Change = Callable[[dict[str, object]], object]


def load(*conditions: Condition, name: str = "load", digest: str = DIGEST) -> GatePlan:
    made = gate(*(conditions or (LATENCY,)), name=name, specs=(P95, LINE), level=2)
    return replace(made, options_sha256=digest)


def measured(planned: GatePlan, milliseconds: int, waivers: tuple[Waiver, ...] = ()) -> GateRun:
    metrics = (
        Metric(name="p95", value=Decimal(milliseconds) / 1000),
        ratio("line", milliseconds, 1000),
    )
    outcome = result(*metrics)
    judged = judge(planned, outcome, waivers=waivers, today=TODAY)
    return GateRun(plan=planned, judged=judged, examined=outcome.examined, tool=outcome.tool)


class Records:
    """The records of earlier runs in one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.ids: list[str] = []

    def write(
        self, milliseconds: int = 100, change: Change | None = None, *gates: GateRun
    ) -> dict[str, object]:
        """Write the record of one more run; a change is made to it before."""
        identity = f"20260131T1200{len(self.ids):02}Z-abcdef"
        run = replace(
            sample_run(*(gates or (measured(load(), milliseconds),))), id=identity, where=HERE
        )
        document = json.loads(record_v1.render(run))
        if change is not None:
            change(document)
        self.put(identity, json.dumps(document).encode())
        self.ids.insert(0, identity)
        found: dict[str, object] = document
        return found

    def put(self, identity: str, data: bytes) -> None:
        folder = self.root / ".gates" / "local" / "runs" / identity
        folder.mkdir(parents=True)
        (folder / "run.json").write_bytes(data)

    def settle(self, *gates: GatePlan) -> tuple[Condition, tuple[str, ...]]:
        """The first condition of the first gate."""
        settled, notes = self.plan(*(gates or (load(),)))
        return settled.gates[0].conditions[0], notes

    def plan(self, *gates: GatePlan) -> tuple[Plan, tuple[str, ...]]:
        return baselines.settle(plan(*gates), 2, self.root, HERE)


@pytest.fixture
def records(tmp_path: Path) -> Records:
    return Records(tmp_path)


def test_the_form_of_record_is_the_one_that_is_written() -> None:
    assert baselines.SCHEMA == record_v1.SCHEMA


def test_the_newest_seven_runs_give_the_limit(records: Records) -> None:
    for value in (1, 1, 103, 97, 101, 99, 500, 102, 100):
        records.write(value)
    found, notes = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs == tuple(records.ids[:7])
    assert found.baseline.median == Decimal("0.101")
    assert found.limit == Decimal("0.1111")
    assert notes == ()


def test_older_records_are_not_opened_once_there_are_enough(records: Records) -> None:
    records.put("20260130T120000Z-abcdef", b"{")
    for _ in range(7):
        records.write()
    assert records.settle()[1] == ()


def test_no_record_leaves_the_limit_open(records: Records) -> None:
    found, notes = records.settle()
    assert (found.known_limit, notes) == (None, ())
    assert (
        judge(
            replace(load(), conditions=(found,)),
            result(Metric(name="p95", value=Decimal(0)), ratio("line", 1, 1)),
            waivers=(),
            today=TODAY,
        ).status
        is Status.INCONCLUSIVE
    )


def test_a_plan_without_a_baseline_is_left_alone(records: Records) -> None:
    records.put("20260130T120000Z-abcdef", b"{")
    asked = plan(load(condition("p95 < 100ms", P95)))
    assert baselines.settle(asked, 2, records.root, HERE) == (asked, ())


def test_a_gate_above_the_judged_level_is_left_alone(records: Records) -> None:
    for _ in range(5):
        records.write()
    asked = plan(load())
    assert baselines.settle(asked, 1, records.root, HERE) == (asked, ())


def test_each_gate_has_a_baseline_of_its_own(records: Records) -> None:
    slow = load(name="slow")
    for _ in range(5):
        records.write(0, None, measured(load(), 100), measured(slow, 300))
    done, _ = records.plan(load(), slow, load(condition("p95 < 1s", P95), name="other"))
    assert [each.conditions[0].limit for each in done.gates] == [
        Decimal("0.11"),
        Decimal("0.33"),
        Decimal(1),
    ]


def test_a_ratio_is_taken_by_its_counts(records: Records) -> None:
    for _ in range(5):
        records.write(333)
    found, _ = records.settle(load(condition("line >= baseline - 1pt", LINE)))
    assert found.limit == Decimal("0.323")


def test_runs_that_had_no_baseline_yet_stand_in_the_first_one(records: Records) -> None:
    for many in range(5):
        found, _ = records.settle()
        assert found.known_limit is None
        document = records.write(100, None, measured(replace(load(), conditions=(found,)), 100))
        assert gates_of(document)[0]["status"] == "inconclusive"
        assert found.baseline is not None
        assert len(found.baseline.runs) == many
    assert records.settle()[0].limit == Decimal("0.11")


def test_a_run_that_was_worse_than_its_baseline_does_not_count(records: Records) -> None:
    for _ in range(5):
        records.write()
    for _ in range(10):
        worse = replace(load(), conditions=(records.settle()[0],))
        document = records.write(0, None, measured(worse, 130))
        assert gates_of(document)[0]["status"] == "failed"
    found, _ = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs == tuple(records.ids[10:])


def test_a_worse_run_that_was_waived_counts(records: Records) -> None:
    for _ in range(5):
        records.write()
    waiver = Waiver(
        gate="load", condition="p95", reason="r", owner="ana", created=TODAY, expires=TODAY
    )
    worse = replace(load(), conditions=(records.settle()[0],))
    document = records.write(0, None, measured(worse, 130, (waiver,)))
    assert gates_of(document)[0]["status"] == "waived"
    found, _ = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs[0] == records.ids[0]


def test_a_run_that_failed_for_another_reason_counts(records: Records) -> None:
    strict = load(condition("p95 < 50ms", P95))
    for _ in range(5):
        records.write(0, None, measured(strict, 100))
    assert records.settle()[0].limit == Decimal("0.11")


def gates_of(document: dict[str, object]) -> list[dict[str, object]]:
    gates = document["gates"]
    assert isinstance(gates, list)
    return gates


def in_where(**fields: object) -> Change:
    def change(document: dict[str, object]) -> None:
        where = document["where"]
        assert isinstance(where, dict)
        where.update(fields)

    return change


def in_gate(**fields: object) -> Change:
    return lambda document: gates_of(document)[0].update(fields)


def in_metric(**fields: object) -> Change:
    def change(document: dict[str, object]) -> None:
        metrics = gates_of(document)[0]["metrics"]
        assert isinstance(metrics, list)
        metrics[0].update(fields)

    return change


@pytest.mark.parametrize(
    "change",
    [
        in_where(cpus=4),
        in_where(os="Linux 6.2"),
        in_where(host="laptop"),
        in_where(ci="github"),
        in_gate(name="other"),
        in_gate(options_sha256="e" * 64),
        in_gate(options_sha256=None),
        in_gate(cached=True),
        in_gate(status="errored"),
        in_gate(status="skipped"),
        in_gate(metrics=[]),
        in_metric(name="p99"),
        in_metric(unit="number"),
        in_metric(tags={"endpoint": "GET /"}),
        lambda document: document.update(complete=False),
        lambda document: document.update(schema="gates/run/v2"),
    ],
)
def test_a_run_that_cannot_be_compared_does_not_count(records: Records, change: Change) -> None:
    for _ in range(4):
        records.write()
    records.write(100, change)
    found, notes = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs == tuple(records.ids[1:])
    assert (found.known_limit, notes) == (None, ())


def test_machines_of_a_ci_system_are_told_apart_by_their_kind_alone(records: Records) -> None:
    for at in range(5):
        records.write(100, in_where(ci="github", host=f"machine-{at}"))
    there = replace(HERE, ci="github", host="machine-9")
    done, _ = baselines.settle(plan(load()), 2, records.root, there)
    assert done.gates[0].conditions[0].limit == Decimal("0.11")


def test_a_gate_of_which_nobody_knows_how_it_measures_has_no_baseline(records: Records) -> None:
    for _ in range(5):
        records.write(0, None, measured(load(digest=""), 100))
    assert records.settle(load(digest=""))[0].known_limit is None


def test_a_run_that_never_ended_is_passed_over(records: Records) -> None:
    (records.root / ".gates" / "local" / "runs" / "20260131T130000Z-abcdef").mkdir(parents=True)
    for _ in range(5):
        records.write()
    found, notes = records.settle()
    assert (found.limit, notes) == (Decimal("0.11"), ())


DAMAGED = "the record of run `20260131T130000Z-abcdef` is left out of the baselines: "


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda data: data[:-20], "not JSON"),
        (lambda _: b"", "is empty"),
        (lambda data: data.replace(b'"unit": "s"', b'"unit": 7'), "not a string"),
        (lambda data: data.replace(b'"status": "inc', b'"status": "x'), "is no known word"),
        (lambda data: data.replace(b'"complete"', b'"completed"'), "has no member `complete`"),
        (lambda data: data.replace(b'"value": 0.1,', b'"value": NaN,'), "is no number"),
        (lambda data: data, "is that of another run"),
    ],
)
def test_a_damaged_record_is_left_out_and_told(
    records: Records, damage: Callable[[bytes], bytes], told: str
) -> None:
    for _ in range(4):
        records.write()
    document = records.write(100)
    later = "20260131T130000Z-abcdef"
    if "another run" not in told:
        document["id"] = later
    records.put(later, damage(json.dumps(document).encode()))
    found, notes = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs == tuple(records.ids)
    assert len(notes) == 1
    assert notes[0].startswith(DAMAGED)
    assert told in notes[0]


def test_a_ratio_of_nothing_is_damage(records: Records) -> None:
    records.write(100, in_metric(numerator=1, denominator=0))
    assert "is a ratio of nothing" in records.settle()[1][0]


def test_a_link_is_not_followed(records: Records) -> None:
    records.write()
    run = records.root / ".gates" / "local" / "runs" / records.ids[0]
    (run / "run.json").rename(records.root / "elsewhere.json")
    (run / "run.json").symlink_to(records.root / "elsewhere.json")
    found, notes = records.settle()
    assert found.baseline is not None
    assert found.baseline.runs == ()
    assert "left out of the baselines" in notes[0]


def test_runs_are_recorded_until_a_regression_fails(run: Runner) -> None:
    counted = condition("errors <= baseline + 10%", ERRORS)

    def check(errors: int) -> GateRun:
        planned = scripted("load", f"echo {errors}", conditions=(counted,), options_sha256=DIGEST)
        done = run(planned)
        (Path(done.folder) / "run.json").write_text(record_v1.render(done), encoding="utf-8")
        assert (Path(done.folder) / COMPARED).exists()  # so that it outlives many quick runs
        return done.gates[0]

    first = [check(100) for _ in range(5)]
    assert {each.status for each in first} == {Status.INCONCLUSIVE}
    assert first[3].judged.reason == (
        "errors is 100, and its baseline stands on 3 of 5 recorded runs"
    )
    assert check(109).status is Status.PASSED
    worse = check(121)
    assert worse.status is Status.FAILED
    assert worse.judged.reason == "errors is 121, required <= 110, baseline 100 + 10 %"
