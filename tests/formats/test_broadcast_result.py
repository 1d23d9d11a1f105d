from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from gates.domain.errors import StageError
from gates.domain.metric import Metric
from gates.domain.stage_result import StageResult
from gates.formats.broadcast_plan import BroadcastProtocol
from gates.formats.broadcast_record import BroadcastRecord, Heard, Lag, Life, Sent, Trouble
from gates.formats.broadcast_result import DEFAULTS, SPECS, result_of

MS = 1000
SENT = tuple(Sent(number, number * 10 * MS, number * 10 * MS + 500) for number in range(10))


def heard(number: int, *got: tuple[int, int], lives: tuple[Life, ...] = (Life(0),)) -> Heard:
    return Heard(number, lives, got)


def whole(delay_us: int = MS) -> tuple[tuple[int, int], ...]:
    return tuple((each.number, each.at_us + delay_us) for each in SENT)


def run(*ears: Heard, lag_us: int = 0, deadline_us: int = 100 * MS) -> BroadcastRecord:
    return BroadcastRecord(
        nonce="n",
        version="1",
        protocol=BroadcastProtocol.SSE,
        subscribers=len(ears),
        messages=len(SENT),
        deadline_us=deadline_us,
        sent=SENT,
        heard=ears,
        lag=Lag(10, 0, lag_us),
    )


def metric(result: StageResult, name: str) -> Metric:
    (found,) = (each for each in result.metrics if each.name == name)
    return found


def told(result: StageResult) -> dict[str, object]:
    names = ("delivered", "duplicates", "out_of_order", "missed_subscribers", "connected")
    return {
        name: (each.numerator if each.value is None else each.value)
        for name in names
        for each in [metric(result, name)]
    }


def test_a_broadcast_that_reaches_everybody() -> None:
    result = result_of(run(heard(0, *whole()), heard(1, *whole(3 * MS)), lag_us=MS), what="r")
    assert told(result) == {
        "delivered": 20, "duplicates": 0, "out_of_order": 0, "missed_subscribers": 0,
        "connected": 2,
    }  # fmt: skip
    assert metric(result, "delivered").denominator == 20
    assert metric(result, "p50").value == Decimal("0.001")
    assert metric(result, "p95").value == Decimal("0.003")
    # The program's own lag can only have made the time longer.
    assert metric(result, "p95").interval == (Decimal("0.002"), Decimal("0.003"))
    assert metric(result, "p50").interval == (Decimal(0), Decimal("0.001"))
    assert metric(result, "lag").value == Decimal("0.001")
    assert (result.examined.count, result.findings, result.notes) == (20, (), ())
    assert {each.name for each in result.metrics} == {spec.name for spec in SPECS}
    assert "p99" in {each.metric for each in result.inconclusive}


def test_a_lost_message_is_told() -> None:
    result = result_of(run(heard(0, *whole()), heard(1, *whole()[:-1])), what="r")
    assert told(result)["delivered"] == 19
    assert told(result)["missed_subscribers"] == 1
    (finding,) = result.findings
    assert (finding.rule, finding.message) == ("lost", "messages that never came: 1 (subscriber 1)")


def test_a_message_that_comes_twice_hides_no_lost_one() -> None:
    got = (*whole()[:-1], whole()[0])
    result = result_of(run(heard(0, *got)), what="r")
    assert told(result) == {
        "delivered": 9, "duplicates": 1, "out_of_order": 0, "missed_subscribers": 1,
        "connected": 1,
    }  # fmt: skip
    assert [each.rule for each in result.findings] == ["lost", "duplicate"]


def test_messages_out_of_order_are_counted() -> None:
    first, second, *rest = whole()
    late = (first[0], second[1] + 1)
    result = result_of(run(heard(0, second, late, *rest)), what="r")
    assert told(result)["out_of_order"] == 1
    assert [each.rule for each in result.findings] == ["order"]


def test_a_message_after_the_deadline_is_not_delivered() -> None:
    got = ((0, 101 * MS), *whole()[1:])
    result = result_of(run(heard(0, *got)), what="r")
    assert (told(result)["delivered"], metric(result, "delivered").interval) == (9, None)
    assert metric(result, "max").value == Decimal("0.101")
    assert [each.rule for each in result.findings] == ["late"]


def test_what_missed_the_deadline_by_less_than_our_lag_is_open() -> None:
    got = ((0, 101 * MS), *whole()[1:])
    result = result_of(run(heard(0, *got), lag_us=2 * MS), what="r")
    assert metric(result, "delivered").interval == (Decimal("0.9"), Decimal(1))


def test_subscribers_that_were_not_let_in_missed_all() -> None:
    refused = heard(1, lives=(Life(None, 5, "HTTP 503"),))
    closed = heard(2, *whole()[:5], lives=(Life(0, 50 * MS, "closed"),))
    others = [heard(number, lives=(Life(None, 5, "HTTP 503"),)) for number in (3, 4, 5)]
    result = result_of(run(heard(0, *whole()), refused, closed, *others), what="r")
    assert told(result) == {
        "delivered": 15, "duplicates": 0, "out_of_order": 0, "missed_subscribers": 5,
        "connected": 2,
    }  # fmt: skip
    assert [(each.rule, each.message) for each in result.findings] == [
        ("refused", "connections that were refused: 4, HTTP 503 (subscribers 1, 3, 4 and 1 more)"),
        ("closed", "connections that were closed: 1, closed (subscriber 2)"),
        ("lost", "messages that never came: 5 (subscriber 2)"),
    ]


BACK = (Life(0, 25 * MS, "dropped", was_dropped=True), Life(65 * MS))


def test_what_was_made_up_for_is_due_from_the_return_on() -> None:
    missed = tuple((number, 66 * MS) for number in range(3, 7))
    result = result_of(run(heard(0, *whole()[:3], *missed, *whole()[7:], lives=BACK)), what="r")
    assert told(result)["delivered"] == 10
    assert metric(result, "max").value == Decimal("0.001")
    assert result.findings == ()
    assert result.notes == ("times of messages that were made up for stand in no percentile",)


def test_what_is_made_up_for_too_late_is_late() -> None:
    missed = tuple((number, 366 * MS) for number in range(3, 7))
    ear = heard(0, *whole()[:3], *missed, lives=BACK)
    result = result_of(run(ear), what="r")
    assert told(result)["delivered"] == 3


def test_without_a_live_message_there_are_no_times() -> None:
    lives = (Life(0, 1, "dropped", was_dropped=True), Life(200 * MS))
    ear = heard(0, *((each.number, 201 * MS) for each in SENT), lives=lives)
    result = result_of(run(ear), what="r")
    assert [each.metric for each in result.not_applicable] == ["p50", "p90", "p95", "p99", "max"]
    assert result.inconclusive == ()


def test_foreign_messages_are_told() -> None:
    ear = replace(heard(0, *whole()), foreign=3, misplaced=2)
    result = result_of(run(replace(ear, broken=1)), what="r")
    assert result.notes == (
        "1 messages that hold a token, and are JSON that breaks off",
        "2 messages that hold a token at another place than `expect` names",
        "3 messages without a token of this run came, and say nothing",
    )
    assert [each.rule for each in result.findings] == ["misplaced", "broken"]


def test_without_a_place_for_the_token_every_output_says_so() -> None:
    (note,) = result_of(run(heard(0, *whole())), what="r", is_placed=False).notes
    assert note.startswith("without `expect` a message counts as delivered wherever its token")


def test_connections_that_the_service_closes_are_counted_though_all_was_delivered() -> None:
    closed = (Life(0, 500 * MS, "the service closed it: 1011"),)
    result = result_of(run(heard(0, *whole(), lives=closed), heard(1, *whole())), what="r")
    assert (told(result)["delivered"], metric(result, "closed").value) == (20, 1)
    assert "closed == 0" in DEFAULTS
    (finding,) = result.findings
    assert (finding.rule, "1011" in finding.message) == ("closed", True)
    back = result_of(run(heard(0, *whole(), lives=BACK)), what="r")
    assert metric(back, "closed").value == 0


DEAF = run(heard(0))


@pytest.mark.parametrize(
    ("record", "slug", "hint"),
    [
        (replace(DEAF, trouble=Trouble("trigger-refused", "x")), "trigger-refused", "`trigger`"),
        (replace(DEAF, trouble=Trouble("generator-trouble", "x")), "generator-trouble", "mend"),
        (run(heard(0, lives=(Life(None, 1, "no"),))), "no-subscriber", "`path`"),
        (run(), "no-subscriber", "`path`"),
        (replace(DEAF, sent=()), "nothing-examined", ""),
        (replace(DEAF, lag=Lag(0, 0, 0)), "nothing-examined", ""),
        (run(heard(0, *whole()), lag_us=10 * MS + 1), "generator-saturated", "`subscribers`"),
        (DEAF, "never-broadcast", "`trigger`"),
        (run(replace(heard(0), foreign=2)), "never-broadcast", "2 messages came"),
        (run(replace(heard(0), misplaced=2)), "never-broadcast", "`expect`"),
        (run(replace(heard(0), broken=2, foreign=1)), "never-broadcast", "2 messages that hold"),
    ],
)
def test_a_run_that_shows_nothing_is_errored(record: BroadcastRecord, slug: str, hint: str) -> None:
    with pytest.raises(StageError) as caught:
        result_of(record, what="r")
    assert caught.value.problem.slug == slug
    assert hint in caught.value.problem.hint


def test_a_lag_of_a_tenth_of_the_deadline_is_borne() -> None:
    assert result_of(run(heard(0, *whole()), lag_us=10 * MS), what="r").examined.count == 10
