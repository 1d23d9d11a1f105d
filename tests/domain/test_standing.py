from __future__ import annotations

from datetime import date, timedelta

import pytest
from samples import ERRORS, LINE, condition, gate, result

from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity
from gates.domain.judge import Judged, NotMeasured, judge
from gates.domain.metric import count, ratio
from gates.domain.standing import Standing, notes, stand
from gates.domain.status import Status
from gates.domain.waiver import Waiver, WaiverFile

TODAY = date(2026, 1, 31)
PLAN = gate(
    condition("errors == 0", ERRORS),
    condition("line >= 90%", LINE),
    name="audit",
    specs=(ERRORS, LINE),
)


def waiver(
    finding: str = "CVE-1", *, gate: str = "audit", first: int = -30, last: int = 60
) -> Waiver:
    return Waiver(
        gate=gate,
        finding=finding,
        scope="jinja2",
        reason="no fix yet",
        owner="ana",
        created=TODAY + timedelta(first),
        expires=TODAY + timedelta(last),
        place=".gates/waivers.yaml:3:5",
    )


def of_condition(metric: str) -> Waiver:
    return Waiver(
        gate="audit",
        condition=metric,
        reason="r",
        owner="o",
        created=TODAY,
        expires=TODAY + timedelta(60),
    )


def measured(*waivers: Waiver, found: int = 1, covered: int = 10) -> Judged:
    finding = Finding(
        rule="CVE-1",
        severity=Severity.HIGH,
        message="m",
        subject="jinja2 2.10",
        counts=("errors",),
    )
    outcome = result(
        count("errors", found), ratio("line", covered, 10), findings=(finding,) * found
    )
    return judge(PLAN, outcome, waivers=waivers, today=TODAY)


def standing(*waivers: Waiver, judged: Judged | None = None, is_whole: bool = True) -> Standing:
    outcome = judged or measured(*waivers)
    file = WaiverFile(source=".gates/waivers.yaml", sha256="d" * 64, waivers=waivers)
    return stand(file, {"audit": outcome}, today=TODAY, is_whole=is_whole)


def told(*waivers: Waiver) -> list[str]:
    return list(notes(standing(*waivers), TODAY))


def test_a_waiver_that_is_used_needs_no_word() -> None:
    stood = standing(waiver())
    assert (stood.expired, stood.early, stood.ending, stood.unmatched) == ((), (), (), ())
    assert (stood.total, stood.sha256) == (1, "d" * 64)
    assert told(waiver()) == []


@pytest.mark.parametrize(("days", "shown"), [(1, "1 day"), (3, "3 days"), (400, "400 days")])
def test_an_expired_waiver_is_told(days: int, shown: str) -> None:
    late = waiver(first=-500, last=-days)
    assert standing(late).expired == (late,)
    (text,) = told(late)
    assert text == (
        f"waiver expired {shown} ago ({late.expires}): gate `audit`, CVE-1 in jinja2: no fix yet"
        " (ana); what it covered counts again; mend that, or renew the waiver"
        " (.gates/waivers.yaml:3:5)"
    )


def test_an_expired_waiver_is_told_also_where_its_gate_did_not_run() -> None:
    late = waiver(gate="other", last=-1)
    assert standing(late).expired == (late,)


def test_a_waiver_that_does_not_hold_yet_is_told() -> None:
    early = waiver(first=1)
    assert standing(early).early == (early,)
    assert told(early)[0].startswith("waiver not valid before 2026-02-01: gate `audit`, CVE-1")


@pytest.mark.parametrize(
    ("days", "shown"),
    [(0, "expires today"), (1, "expires in 1 day"), (14, "expires in 14 days"), (15, None)],
)
def test_a_waiver_that_ends_soon_is_told(days: int, shown: str | None) -> None:
    soon = waiver(last=days)
    assert standing(soon).ending == ((soon,) if shown else ())
    assert [text.partition(" (")[0] for text in told(soon)] == (
        [f"waiver {shown}"] if shown else []
    )


def test_a_waiver_that_covers_nothing_is_told_once() -> None:
    idle = waiver("CVE-2", last=3)
    stood = standing(waiver(), idle)
    assert (stood.unmatched, stood.ending) == ((idle,), (idle,))
    (text,) = told(waiver(), idle)
    assert "waiver unmatched: gate `audit`, CVE-2 in jinja2" in text
    assert "delete it" in text


def test_a_condition_that_holds_needs_no_waiver() -> None:
    line = of_condition("line")
    assert standing(line, judged=measured(line)).unmatched == (line,)
    assert standing(line, judged=measured(line, covered=1)).unmatched == ()
    assert told(line)[0].endswith("it covers nothing that counts; delete it")


def test_what_was_not_measured_calls_no_waiver_unmatched() -> None:
    problem = Problem("blind", "nothing to see")
    idle = waiver("CVE-2")
    nothing = judge(PLAN, NotMeasured(problem=problem), waivers=(idle,), today=TODAY)
    for judged in (
        nothing,
        Judged(status=Status.SKIPPED, reason="not selected"),
        Judged(status=Status.UNAFFECTED, reason="the change touches none"),
    ):
        assert standing(idle, judged=judged).unmatched == ()
    assert standing(waiver(gate="other")).unmatched == ()
    assert standing(idle, is_whole=False).unmatched == ()


def test_a_gate_that_was_measured_in_part_calls_no_waiver_unmatched() -> None:
    plan = gate(
        condition("errors == 0", ERRORS),
        condition('line{path="a"} >= 90%', LINE),
        name="audit",
        specs=(ERRORS, LINE),
    )
    outcome = result(count("errors", 0), ratio("line", 1, 1))
    judged = judge(plan, outcome, waivers=(), today=TODAY)
    assert judged.status is Status.ERRORED
    assert standing(waiver(), of_condition("errors"), judged=judged).unmatched == ()


def test_the_most_pressing_comes_first() -> None:
    texts = told(waiver(last=3), waiver("CVE-2"), waiver("CVE-3", first=2), waiver(last=-1))
    assert [text.split()[1].strip(":") for text in texts] == [
        "expired",
        "not",
        "unmatched",
        "expires",
    ]
