from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from samples import CHANGED, ERRORS, LINE, P95, condition, gate, result

from gates.domain.baseline import Past, settled
from gates.domain.condition import Condition, Role
from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity
from gates.domain.judge import Judged, NotMeasured, judge, left_open
from gates.domain.metric import Direction, Metric, MetricSpec, Unit, count, ratio
from gates.domain.plan import GatePlan
from gates.domain.stage_result import Inconclusive, NotApplicable, StageResult
from gates.domain.status import Status
from gates.domain.waiver import Waiver

TODAY = date(2026, 1, 31)


def judged(plan: GatePlan, outcome: StageResult | NotMeasured, *waivers: Waiver) -> Judged:
    return judge(plan, outcome, waivers=waivers, today=TODAY)


def waiver(**fields: str) -> Waiver:
    return Waiver(
        gate="lint",
        reason="no fix yet",
        owner="ana",
        created=date(2026, 1, 1),
        expires=date(2026, 2, 1),
        **fields,
    )


def finding(rule: str = "F401", path: str = "src/a.py") -> Finding:
    return Finding(
        rule=rule,
        severity=Severity.HIGH,
        message="m",
        path=path,
        counts=("errors",),
        aliases=("X",),
    )


@pytest.mark.parametrize(
    ("covered", "status"), [(179, Status.FAILED), (180, Status.PASSED), (200, Status.PASSED)]
)
def test_a_ratio_is_judged_before_any_rounding(covered: int, status: Status) -> None:
    plan = gate(condition("line >= 90%", LINE), specs=(LINE,))
    assert judged(plan, result(ratio("line", covered, 200))).status is status


def test_the_reason_and_the_advice_name_the_numbers() -> None:
    plan = gate(condition("line >= 90%", LINE), specs=(LINE,))
    outcome = judged(plan, result(ratio("line", 179, 200)))
    assert outcome.reason == "line is 89.5 %, required >= 90 %"
    assert outcome.checks[0].advice == "1 more covered line would pass"


def test_nothing_examined_is_errored() -> None:
    outcome = judged(gate(), result(count("errors", 0), examined=0))
    assert outcome.status is Status.ERRORED
    assert outcome.reason == "0 files were examined"


def test_a_gate_that_requires_nothing_is_errored() -> None:
    plan = gate(condition("errors == 0", ERRORS, Role.WARN))
    assert judged(plan, result(count("errors", 0))).status is Status.ERRORED


def test_a_missing_metric_is_errored() -> None:
    assert judged(gate(), result()).status is Status.ERRORED


def test_an_undeclared_metric_is_errored() -> None:
    outcome = judged(gate(), result(count("errors", 0), count("warnings", 0)))
    assert outcome.problem is not None
    assert outcome.problem.slug == "undeclared-metric"


def test_a_metric_reported_twice_is_errored() -> None:
    outcome = judged(gate(), result(count("errors", 0), count("errors", 3)))
    assert outcome.status is Status.ERRORED


def test_a_metric_in_another_form_than_declared_is_errored() -> None:
    plan = gate(condition("line >= 90%", LINE), specs=(LINE,))
    assert judged(plan, result(count("line", 95))).status is Status.ERRORED
    assert judged(gate(), result(ratio("errors", 0, 1))).status is Status.ERRORED


def test_what_was_not_measured_is_errored_with_its_cause() -> None:
    problem = Problem("need-errored", "the gate it needs produced nothing")
    outcome = judged(gate(), NotMeasured(problem=problem, caused_by="tests"))
    assert (outcome.status, outcome.caused_by) == (Status.ERRORED, "tests")


def test_failed_outranks_errored_within_a_gate() -> None:
    plan = gate(
        condition("errors == 0", ERRORS),
        condition('line{path="a"} >= 80%', LINE),
        specs=(ERRORS, LINE),
    )
    outcome = judged(plan, result(count("errors", 2), ratio("line", 9, 10)))
    assert outcome.status is Status.FAILED
    assert outcome.checks[1].status is Status.ERRORED
    assert "has no value with these tags" in outcome.checks[1].reason


def test_a_condition_with_tags_reads_only_its_own_value() -> None:
    plan = gate(condition('line{path="a"} >= 80%', LINE), specs=(LINE,))
    metrics = (ratio("line", 9, 10), ratio("line", 7, 10, path="a"))
    assert judged(plan, result(*metrics)).status is Status.FAILED


def test_a_warning_tells_and_never_decides() -> None:
    plan = gate(
        condition("line >= 90%", LINE),
        condition("errors == 0", ERRORS, Role.WARN),
        specs=(ERRORS, LINE),
    )
    outcome = judged(plan, result(ratio("line", 1, 1), count("errors", 5)))
    assert outcome.status is Status.PASSED
    assert outcome.checks[1].status is Status.FAILED


def test_a_metric_that_does_not_apply_leaves_its_condition_unaffected() -> None:
    plan = gate(
        condition("line >= 90%", LINE),
        condition("changed_line >= 90%", CHANGED),
        specs=(LINE, CHANGED),
    )
    absent = (NotApplicable(metric="changed_line", reason="no line changed"),)
    outcome = judged(plan, result(ratio("line", 1, 1), not_applicable=absent))
    assert outcome.status is Status.PASSED
    assert outcome.checks[1].status is Status.UNAFFECTED
    without = judged(plan, result(ratio("line", 1, 1)))
    assert without.status is Status.ERRORED


def test_a_gate_whose_every_condition_does_not_apply_is_unaffected_and_not_passed() -> None:
    plan = gate(condition("changed_line >= 90%", CHANGED), specs=(CHANGED,))
    absent = (NotApplicable(metric="changed_line", reason="no line changed"),)
    outcome = judged(plan, result(not_applicable=absent))
    assert (outcome.status, outcome.reason) == (Status.UNAFFECTED, "no line changed")


def test_a_metric_that_must_be_measured_cannot_be_said_not_to_apply() -> None:
    absent = (NotApplicable(metric="errors", reason="convenient"),)
    assert judged(gate(), result(not_applicable=absent)).status is Status.ERRORED
    plan = gate(condition("changed_line >= 90%", CHANGED), specs=(CHANGED,))
    both = (NotApplicable(metric="changed_line", reason="convenient"),)
    contradiction = judged(plan, result(ratio("changed_line", 1, 1), not_applicable=both))
    assert contradiction.status is Status.ERRORED


def test_a_sample_that_cannot_decide_is_inconclusive_even_where_its_value_would_pass() -> None:
    plan = gate(condition("p95 < 100ms", P95), specs=(P95,))
    thin = (Inconclusive(metric="p95", reason="12 requests cannot tell a p95"),)
    metric = Metric(name="p95", value=Decimal("0.01"))
    assert judged(plan, result(metric, inconclusive=thin)).status is Status.INCONCLUSIVE


def between(low: str, high: str, value: str = "") -> Metric:
    ends = (Decimal(low), Decimal(high))
    return Metric(name="p95", value=Decimal(value or high), interval=ends)


@pytest.mark.parametrize(
    ("text", "low", "high", "status"),
    [
        ("p95 < 100ms", "0.09", "0.0999", Status.PASSED),
        ("p95 < 100ms", "0.09", "0.1", Status.INCONCLUSIVE),
        ("p95 < 100ms", "0.0999", "0.2", Status.INCONCLUSIVE),
        ("p95 < 100ms", "0.1", "0.2", Status.FAILED),
        ("p95 <= 100ms", "0.09", "0.1", Status.PASSED),
        ("p95 <= 100ms", "0.1", "0.2", Status.INCONCLUSIVE),
        ("p95 <= 100ms", "0.1001", "0.2", Status.FAILED),
        ("p95 > 100ms", "0.1", "0.2", Status.INCONCLUSIVE),
        ("p95 > 100ms", "0.09", "0.1", Status.FAILED),
        ("p95 >= 100ms", "0.1", "0.2", Status.PASSED),
        ("p95 >= 100ms", "0.09", "0.1", Status.INCONCLUSIVE),
        ("p95 == 100ms", "0.09", "0.2", Status.INCONCLUSIVE),
        ("p95 == 100ms", "0.09", "0.1", Status.INCONCLUSIVE),
        ("p95 == 100ms", "0.1", "0.1", Status.PASSED),
        ("p95 == 100ms", "0.09", "0.099", Status.FAILED),
    ],
)
def test_a_limit_within_the_interval_is_not_decided(
    text: str, low: str, high: str, status: Status
) -> None:
    plan = gate(condition(text, P95), specs=(P95,))

    assert judged(plan, result(between(low, high))).status is status
    is_open = bool(left_open(plan.conditions, (between(low, high),)))
    assert is_open == (status is Status.INCONCLUSIVE)


def test_what_is_not_decided_tells_both_ends_and_has_no_advice() -> None:
    plan = gate(condition("p95 < 100ms", P95), specs=(P95,))

    outcome = judged(plan, result(between("0.0932", "0.10004", "0.098")))

    assert outcome.reason == (
        "p95 lies between 93.2 ms and 100.04 ms, required < 100 ms: the sample cannot decide it"
    )
    assert outcome.checks[0].advice == ""


def test_a_waiver_does_not_cover_what_is_not_decided() -> None:
    plan = gate(condition("p95 < 100ms", P95), specs=(P95,))
    by = waiver(condition="p95")

    assert judged(plan, result(between("0.09", "0.2")), by).status is Status.INCONCLUSIVE
    assert judged(plan, result(between("0.1", "0.2")), by).status is Status.WAIVED


def test_a_warning_that_is_not_decided_decides_nothing() -> None:
    asked = (condition("errors == 0", ERRORS), condition("p95 < 100ms", P95, Role.WARN))
    plan = gate(*asked, specs=(ERRORS, P95))

    outcome = judged(plan, result(count("errors", 0), between("0.09", "0.2")))

    assert (outcome.status, outcome.checks[1].status) == (Status.PASSED, Status.INCONCLUSIVE)
    assert left_open(plan.conditions, (between("0.09", "0.2"),)) == ()


def test_a_small_sample_that_fails_everywhere_has_failed() -> None:
    plan = gate(condition("p95 < 100ms", P95), specs=(P95,))
    thin = (Inconclusive(metric="p95", reason="12 requests do not tell p95"),)

    for ends, status in (
        (("0.1", "0.2"), Status.FAILED),
        (("0.09", "0.2"), Status.INCONCLUSIVE),
        (("0.01", "0.02"), Status.INCONCLUSIVE),
    ):
        outcome = judged(plan, result(between(*ends), inconclusive=thin))
        assert outcome.status is status
        assert (outcome.reason == thin[0].reason) == (status is Status.INCONCLUSIVE)


@pytest.mark.parametrize(("high", "status"), [("0.04", "passed"), ("0.06", "inconclusive")])
def test_a_ratio_with_an_interval_is_compared_with_its_ends(high: str, status: str) -> None:
    plan = gate(condition("line < 5%", LINE), specs=(LINE,))
    share = replace(ratio("line", 3, 100), interval=(Decimal("0.01"), Decimal(high)))

    assert judged(plan, result(share)).status == status


def test_a_condition_of_another_metric_is_not_open() -> None:
    asked = (condition("p95 < 100ms", P95), condition("errors == 0", ERRORS))

    assert left_open(asked, (count("errors", 3),)) == ()
    assert left_open(asked, (between("0.09", "0.2"), count("errors", 3))) == ("p95 < 100ms",)


def test_a_waived_finding_leaves_the_count_and_shows() -> None:
    plan = gate()
    outcome = judged(
        plan, result(count("errors", 1), findings=(finding(),)), waiver(finding="F401")
    )
    assert outcome.status is Status.WAIVED
    assert outcome.readings[0].metric.value == 0
    assert outcome.readings[0].waived == 1
    assert [each.rule for each, _ in outcome.waived] == ["F401"]
    assert outcome.findings == ()
    assert len(outcome.waivers) == 1


@pytest.mark.parametrize("name", ["F401", "X"])
def test_a_waiver_matches_rule_or_alias_within_its_scope(name: str) -> None:
    findings = (finding(), finding(path="src/b.py"))
    measured = result(count("errors", 2), findings=findings)
    outcome = judged(gate(), measured, waiver(finding=name, scope="src/a.py"))
    assert outcome.status is Status.FAILED
    assert outcome.readings[0].metric.value == 1


def test_a_waiver_that_is_not_valid_today_changes_nothing() -> None:
    late = Waiver(
        gate="lint",
        finding="F401",
        reason="r",
        owner="o",
        created=date(2025, 1, 1),
        expires=date(2026, 1, 30),
    )
    measured = result(count("errors", 1), findings=(finding(),))
    assert judged(gate(), measured, late).status is Status.FAILED


def test_a_waiver_of_another_gate_changes_nothing() -> None:
    measured = result(count("errors", 1), findings=(finding(),))
    assert judged(gate(name="types"), measured, waiver(finding="F401")).status is Status.FAILED


def test_a_waived_condition_is_waived_and_says_what_it_measured() -> None:
    outcome = judged(gate(), result(count("errors", 4)), waiver(condition="errors"))
    assert outcome.status is Status.WAIVED
    assert "errors is 4" in outcome.reason
    assert len(outcome.waivers) == 1


def test_a_waiver_never_covers_what_was_not_measured() -> None:
    outcome = judged(gate(), result(examined=0), waiver(condition="errors"))
    assert outcome.status is Status.ERRORED


TYPES = replace(ERRORS, name="warnings")
STRICT = MetricSpec(name="strict", unit=Unit.FLAG, direction=Direction.HIGHER, title="strict")


def test_a_waived_finding_leaves_each_count_that_holds_it_and_no_other() -> None:
    plan = gate(
        condition("errors == 0", ERRORS),
        condition("warnings == 0", TYPES),
        specs=(replace(ERRORS, tags=("fix",)), TYPES),
    )
    both = replace(finding(), counts=("errors", 'errors{fix="no"}'))
    other = replace(finding("E501"), counts=("errors", "warnings"))
    metrics = (
        count("errors", 2),
        count("errors", 1, fix="no"),
        count("errors", 1, fix="yes"),
        count("warnings", 1),
    )
    outcome = judged(plan, result(*metrics, findings=(both, other)), waiver(finding="F401"))
    assert [(reading.metric.value, reading.waived) for reading in outcome.readings] == [
        (1, 1),
        (0, 1),
        (1, 0),
        (1, 0),
    ]
    assert outcome.status is Status.FAILED
    assert outcome.findings == (other,)


def test_a_waived_finding_that_decided_nothing_leaves_its_gate_passed() -> None:
    plan = gate(
        condition("errors == 0", ERRORS),
        condition("warnings == 0", TYPES, Role.WARN),
        specs=(ERRORS, TYPES),
    )
    told = replace(finding(), counts=("warnings",))
    measured = result(count("errors", 0), count("warnings", 1), findings=(told,))
    outcome = judged(plan, measured, waiver(finding="F401"))
    assert outcome.status is Status.PASSED
    assert [each.rule for each, _ in outcome.waived] == ["F401"]
    lenient = gate(condition("errors <= 3", ERRORS))
    measured = result(count("errors", 2), findings=(finding(),))
    assert judged(lenient, measured, waiver(finding="F401")).status is Status.PASSED


@pytest.mark.parametrize("counts", [(), ("line",), ("strict",), ("gone",)])
def test_a_finding_that_no_count_holds_cannot_be_waived(counts: tuple[str, ...]) -> None:
    plan = gate(
        condition("line >= 90%", LINE), condition("strict == 1", STRICT), specs=(LINE, STRICT)
    )
    found = replace(finding(), counts=counts)
    measured = result(ratio("line", 1, 10), count("strict", 0), findings=(found,))
    outcome = judged(plan, measured, waiver(finding="F401"))
    assert outcome.status is Status.FAILED
    assert (outcome.findings, outcome.waived, outcome.waivers) == ((found,), (), ())
    assert [reading.waived for reading in outcome.readings] == [0, 0]


def test_more_waived_findings_than_were_counted_are_a_contradiction() -> None:
    measured = result(count("errors", 1), findings=(finding(), finding(path="src/b.py")))
    outcome = judged(gate(), measured, waiver(finding="F401"))
    assert outcome.status is Status.ERRORED
    assert outcome.reason == "`errors` is 1, and 2 waived findings count in it"


def test_each_waiver_that_covers_a_finding_is_used() -> None:
    wide, narrow = waiver(finding="F401", scope="src"), waiver(finding="X", scope="src/a.py")
    idle = waiver(finding="F401", scope="tests")
    measured = result(count("errors", 1), findings=(finding(),))
    outcome = judged(gate(), measured, wide, narrow, idle)
    assert outcome.waivers == (wide, narrow)
    assert [by for _, by in outcome.waived] == [wide]


def test_a_waiver_of_a_warning_changes_nothing() -> None:
    plan = gate(
        condition("line >= 90%", LINE),
        condition("errors == 0", ERRORS, Role.WARN),
        specs=(ERRORS, LINE),
    )
    measured = result(ratio("line", 1, 1), count("errors", 5))
    outcome = judged(plan, measured, waiver(condition="errors"))
    assert (outcome.status, outcome.checks[1].status) == (Status.PASSED, Status.FAILED)
    assert outcome.waivers == ()


def test_a_waived_condition_covers_no_other_and_no_finding() -> None:
    plan = gate(
        condition("line >= 90%", LINE),
        condition('line{path="a"} >= 90%', LINE),
        specs=(LINE,),
    )
    metrics = (ratio("line", 1, 10), ratio("line", 1, 10, path="a"))
    outcome = judged(plan, result(*metrics), waiver(condition="line"))
    assert outcome.status is Status.FAILED
    assert [check.status for check in outcome.checks] == [Status.WAIVED, Status.FAILED]
    held = judged(plan, result(ratio("line", 1, 1), ratio("line", 1, 1, path="a")), waiver())
    assert (held.status, held.waivers) == (Status.PASSED, ())


def test_a_waiver_never_covers_a_sample_that_cannot_decide() -> None:
    plan = gate(condition("p95 < 100ms", P95), specs=(P95,))
    thin = (Inconclusive(metric="p95", reason="12 requests cannot tell a p95"),)
    metric = Metric(name="p95", value=Decimal(1))
    outcome = judged(plan, result(metric, inconclusive=thin), waiver(condition="p95"))
    assert outcome.status is Status.INCONCLUSIVE


def test_a_waived_finding_does_not_lighten_another_failure() -> None:
    plan = gate(
        condition("errors == 0", ERRORS), condition("line >= 90%", LINE), specs=(ERRORS, LINE)
    )
    measured = result(count("errors", 1), ratio("line", 1, 10), findings=(finding(),))
    assert judged(plan, measured, waiver(finding="F401")).status is Status.FAILED
    outcome = judged(plan, measured, waiver(finding="F401"), waiver(condition="line"))
    assert outcome.status is Status.WAIVED
    assert "line is 10 %" in outcome.reason


def held(many: int) -> Condition:
    """A condition on a baseline of so many runs, each of 100 ms."""
    past = tuple(Past(f"run-{9 - at}", (100, 1000)) for at in range(many))
    return settled(condition("p95 <= baseline + 10%", P95), past)


def timed(value: str, *ends: str) -> Metric:
    interval = (Decimal(ends[0]), Decimal(ends[1])) if ends else None
    return Metric(name="p95", value=Decimal(value), interval=interval)


@pytest.mark.parametrize(
    ("metric", "status", "reason"),
    [
        (timed("0.11"), Status.PASSED, "p95 is 110 ms"),
        (
            timed("0.111"),
            Status.FAILED,
            "p95 is 111 ms, required <= 110 ms, baseline 100 ms + 10 %",
        ),
        (timed("0.1", "0.09", "0.109"), Status.PASSED, "p95 is 100 ms"),
        (
            timed("0.1", "0.09", "0.112"),
            Status.INCONCLUSIVE,
            (
                "p95 lies between 90 ms and 112 ms, required <= 110 ms, baseline 100 ms + 10 %:"
                " the sample cannot decide it"
            ),
        ),
    ],
)
def test_a_baseline_is_judged_as_any_limit(metric: Metric, status: Status, reason: str) -> None:
    found = judged(gate(held(5), specs=(P95,)), result(metric))
    assert (found.status, found.reason) == (status, reason)


def test_without_runs_enough_a_baseline_decides_nothing() -> None:
    slow = timed("9", "8", "10")
    found = judged(gate(held(3), specs=(P95,)), result(slow), waiver(condition="p95"))
    assert found.status is Status.INCONCLUSIVE
    assert found.reason == "p95 is 9 s, and its baseline stands on 3 of 5 recorded runs"
    assert left_open((held(3),), (slow,)) == ()


def test_without_runs_enough_nothing_measured_is_still_an_error() -> None:
    optional = replace(P95, optional=True)
    found = judged(gate(held(3), specs=(optional, ERRORS)), result(count("errors", 0)))
    assert found.status is Status.ERRORED
