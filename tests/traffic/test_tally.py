from __future__ import annotations

import json

from traffic.running import GET, plan_of

from gates.formats import load_record
from gates.formats.load_plan import Request
from gates.traffic.connection import Success
from gates.traffic.tally import MAX_REASONS, Tally


def tally_of(*requests: Request, seconds: float = 2.0, warmup_s: float = 1.0) -> Tally:
    return Tally(plan_of(1, *requests, rate=3, seconds=seconds, warmup_s=warmup_s))


def written(tally: Tally, seconds: float = 2.0) -> bytes:
    return b"".join(tally.lines(started=1767225600.1234, seconds=seconds))


def test_a_record_holds_each_second_even_one_without_requests() -> None:
    tally = tally_of()
    second = tally.asked(1.5, 0)
    tally.succeeded(Success(second, 0, 0.0123456))
    second = tally.asked(-0.5, 0)
    tally.failed(second, 0, "status 500")
    record = load_record.read(written(tally))
    assert [beat.at for beat in record.beats] == [-1, 0, 1]
    assert [(cell.at, cell.times.tolist(), cell.failed) for cell in record.cells] == [
        (-1, [], (("status 500", 1),)),
        (1, [12346], ()),
    ]
    assert (str(record.started), record.generator) == ("1767225600.123", "load")
    assert record.rate == 3


def test_equal_times_are_counted_and_stand_in_order() -> None:
    tally = tally_of()
    for time in (0.003, 0.001, 0.003, -0.000001):
        tally.succeeded(Success(tally.asked(0.1, 0), 0, time))
    (cell,) = load_record.read(written(tally)).cells
    assert list(zip(cell.times, cell.counts, strict=True)) == [(0, 1), (1000, 1), (3000, 2)]


def test_endpoints_stand_apart_in_a_second() -> None:
    tally = tally_of(GET, Request(name="GET /b", path="/b"))
    tally.succeeded(Success(tally.asked(0.1, 1), 1, 0.001))
    tally.succeeded(Success(tally.asked(0.2, 0), 0, 0.001))
    assert [cell.endpoint for cell in load_record.read(written(tally)).cells] == [0, 1]


def test_what_has_no_end_is_unfinished() -> None:
    tally = tally_of()
    tally.asked(0.1, 0)
    tally.failed(tally.asked(0.2, 0), 0, "connection refused")
    assert tally.open == 1
    record = load_record.read(written(tally))
    assert record.unfinished == 1
    assert json.loads(written(tally).splitlines()[-1])["end"] == {
        "requests": 2,
        "failed": 1,
        "unfinished": 1,
        "seconds": 2.0,
    }


def test_a_success_that_was_none_becomes_a_failure() -> None:
    tally = tally_of()
    one, other = (Success(tally.asked(0.1, 0), 0, 0.001, led_elsewhere=True) for _ in range(2))
    for success in (one, other):
        tally.succeeded(success)
    tally.took_back(one, "bytes after the answer")
    record = load_record.read(written(tally))
    assert [(cell.times.tolist(), cell.counts.tolist()) for cell in record.cells] == [([1000], [1])]
    assert (record.failures, record.redirects) == ((("bytes after the answer", 1),), 1)
    tally.took_back(other, "bytes after the answer")
    record = load_record.read(written(tally))
    assert [cell.times.tolist() for cell in record.cells] == [[]]
    assert (record.failures, record.redirects) == ((("bytes after the answer", 2),), 0)


def test_redirects_are_told_where_there_are_any() -> None:
    tally = tally_of()
    tally.succeeded(Success(tally.asked(-0.5, 0), 0, 0.001, led_elsewhere=True))
    tally.succeeded(Success(tally.asked(0.5, 0), 0, 0.001))
    assert b"redirects" not in written(tally)
    tally.succeeded(Success(tally.asked(0.6, 0), 0, 0.001, led_elsewhere=True))
    assert load_record.read(written(tally)).redirects == 1


def test_a_run_that_was_ended_early_has_fewer_seconds() -> None:
    record = load_record.read(written(tally_of(), seconds=0.7))
    assert [beat.at for beat in record.beats] == [-1, 0]


def test_only_so_many_reasons_are_told_apart() -> None:
    tally = tally_of()
    for number in range(MAX_REASONS + 3):
        tally.failed(tally.asked(0.1, 0), 0, f"reason {number}")
    tally.failed(tally.asked(0.1, 0), 0, "reason 0")
    reasons = dict(load_record.read(written(tally)).failures)
    assert len(reasons) == MAX_REASONS + 1
    assert (reasons["another failure"], reasons["reason 0"]) == (3, 2)


def test_the_border_of_a_run_belongs_to_its_last_second() -> None:
    tally = tally_of()
    assert tally.second_of(2.0) == 1
    assert tally.second_of(-1.0) == -1


def test_each_look_at_the_clock_counts_and_late_ones_are_told() -> None:
    tally = tally_of()
    due = tally.probed(0.0, 0.0001)
    assert due == 0.01
    due = tally.probed(due, 0.017)
    second = tally.seconds[0]
    assert (second.probes, second.late) == (2, 1)
    assert round(second.worst_s, 6) == 0.007


def test_a_generator_that_stands_still_misses_many_looks() -> None:
    tally = tally_of()
    due = tally.probed(0.5, 1.5)
    assert 1.5 < due < 1.52
    late = tally.seconds[0].late + tally.seconds[1].late
    assert late == 100  # all but the one that was due just now
    assert tally.seconds[0].probes == 50


def test_looks_outside_the_run_do_not_count() -> None:
    tally = tally_of()
    tally.probed(-5.0, -4.0)
    tally.probed(2.0, 3.0)
    assert [second.probes for second in tally.seconds.values()] == [0, 0, 0]
