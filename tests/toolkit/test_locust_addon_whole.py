"""What the add-on adds up and writes, without Locust."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gates.formats import load_record
from gates.formats.load_record import LoadRecord
from gates.toolkit import locust_addon_whole as totals
from gates.toolkit.locust_addon_tally import Settings, Tally, Told
from gates.toolkit.locust_addon_whole import Whole

BEGUN = 1_767_225_600
GET = "GET /orders"


Times = list[tuple[int, int, str, dict[int, int]]]
Failed = list[tuple[int, int, str, dict[str, int]]]
Seconds = list[tuple[int, int, int, float, float, int]]


def told(
    *,
    times: Times | None = None,
    failed: Failed | None = None,
    seconds: Seconds | None = None,
    done: bool = False,
) -> Told:
    """What a worker tells, by default nothing, at this moment."""
    found = Tally().take(done=done)
    return {
        **found,
        "times": times or [],
        "failed": failed or [],
        "seconds": seconds or [],
    }


def whole(*, hosts: tuple[str, ...] = (), workers: int = 0) -> Whole:
    return Whole(Settings("load.jsonl", 1, 2, 10, workers, (), hosts), BEGUN)


def second(at: int, *, users: int = 2, cpu: float = 0.2) -> tuple[int, int, int, float, float, int]:
    return (BEGUN + at, 95, 1, 0.007, cpu, users)


def read(kept: Whole) -> LoadRecord:
    text = "".join(f"{line}\n" for line in kept.lines("2.47.0", complete=True))
    return load_record.read(text.encode())


def test_workers_add_up_to_one_record() -> None:
    kept = whole()
    for node, cpu in (("a", 0.2), ("b", 0.5)):
        beats = [second(at, cpu=cpu) for at in (-1, 0, 1)]
        times = [
            (BEGUN, BEGUN, GET, {20_000: 2, 9_000: 1}),
            (BEGUN - 1, BEGUN - 1, GET, {50_000: 1}),
        ]
        failed = [(BEGUN + 1, BEGUN + 1, "GET /other", {"status 500": 1, "unfinished": 1})]
        kept.add(node, told(times=times, failed=failed, seconds=beats))

    record = read(kept)

    assert record.endpoints == ("GET /orders", "GET /other")
    assert (record.unfinished, int(record.seconds)) == (2, 2)
    assert [list(cell.times) for cell in record.measured] == [[9_000, 20_000], []]
    assert [list(cell.counts) for cell in record.measured] == [[2, 4], []]
    beat = record.phase[0]
    assert (beat.probes, beat.late, beat.worst_us, beat.workers) == (190, 2, 7_000, 2)
    assert (float(beat.cpu), beat.users, beat.asked) == (0.5, 4, None)
    assert kept.requests() == 12


def test_what_a_worker_tells_in_parts_is_one_second() -> None:
    kept = whole()
    kept.add("a", told(seconds=[second(0), second(1)], times=[(BEGUN, BEGUN, GET, {5: 1})]))
    kept.add("a", told(seconds=[second(0, users=9)]))

    beat = read(kept).phase[0]

    assert (beat.probes, beat.workers, beat.users) == (190, 1, 2)


def test_what_lies_outside_the_run_is_left_out() -> None:
    kept = whole()
    times = [(BEGUN + at, BEGUN + at, GET, {5: 1}) for at in (-2, -1, 0, 1, 2)]
    kept.add("a", told(times=times, seconds=[second(at) for at in (-2, -1, 0, 1, 2)]))

    assert [cell.at for cell in read(kept).cells] == [-1, 0, 1]


def test_a_request_of_the_warm_up_that_never_ends_counts_in_the_measured_phase() -> None:
    kept = whole()
    failed = [(BEGUN - 1, BEGUN - 1, GET, {"unfinished": 1})]
    kept.add("a", told(failed=failed, seconds=[second(0), second(1)]))

    record = read(kept)

    assert record.unfinished == 1
    assert record.measured[0].at == 0


def test_a_run_that_did_not_end_has_no_end() -> None:
    kept = whole()

    assert not any('"end"' in line for line in kept.lines("2.47.0", complete=False))
    assert any('"end"' in line for line in kept.lines("2.47.0", complete=True))


def trouble(kept: Whole, *, since: float = 0.0) -> str:
    found = kept.trouble(time.time() - since)
    return found[0] if found else ""


def test_a_request_to_another_host_ends_the_run() -> None:
    kept = whole(hosts=("127.0.0.1:1",))
    kept.add("local", {**told(), "hosts": {"127.0.0.1:1": 4}})
    assert trouble(kept) == ""
    kept.add("local", {**told(), "hosts": {"elsewhere.example": 1}})

    assert kept.trouble(time.time()) == ("strange-host", "elsewhere.example")


def test_exceptions_without_a_single_request_end_the_run() -> None:
    kept = whole()
    kept.add("local", {**told(), "errors": {"KeyError: 'id'": totals.HOPELESS}})
    assert kept.trouble(time.time()) == ("task-exceptions", "KeyError: 'id'")

    kept.add("local", told(failed=[(BEGUN, BEGUN, GET, {"status 500": 1})]))
    assert trouble(kept) == ""


def test_a_worker_that_falls_silent_is_lost_unless_it_is_done() -> None:
    kept = whole(workers=2)
    kept.add("a", told())
    kept.add("b", told(done=True))
    assert trouble(kept) == ""
    kept.heard["a"] -= totals.SILENT_S + 1
    kept.heard["b"] -= totals.SILENT_S + 1

    assert kept.trouble(time.time()) == ("worker-lost", "1 of 2")


def test_workers_that_never_tell_anything_are_told() -> None:
    kept = whole(workers=2)
    kept.add("a", told())

    assert trouble(kept, since=totals.JOIN_S + 1) == "workers-silent"
    assert trouble(kept) == ""


def test_clocks_that_differ_are_told() -> None:
    kept = whole()
    assert kept.clocks() is None
    kept.add("a", told())
    assert kept.clocks() is None
    kept.add("b", {**told(), "now": time.time() + 3})

    assert kept.clocks() == ("clocks", "-3.0 s")


def test_users_go_from_one_number_to_the_next() -> None:
    ramp = ((10, 10), (10, 5), (0, 10))

    seen = [totals.users_at(ramp, at) for at in (0, 1, 9.5, 12, 20, 24.9, 30)]

    assert seen == [1, 1, 10, 10, 5, 1, 0]


def test_files_appear_whole(tmp_path: Path) -> None:
    totals.write_whole(tmp_path / "a", "text \udcff")

    assert (tmp_path / "a").read_text() == "text \\udcff"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize(
    ("began", "ended", "second"),
    [
        (-1, -1, -1),  # within the warm-up
        (-1, 1, -1),  # it ends within the measured phase, in which its user goes on to ask
        (-1, 2, 0),  # it outlasts the measured phase
        (-1, 9, 0),
        (1, 9, 1),
    ],
)
def test_a_request_of_the_warm_up_that_outlasts_the_measured_phase_counts_in_it(
    began: int, ended: int, second: int
) -> None:
    kept = whole()
    cell = (BEGUN + began, BEGUN + ended, GET)
    kept.add("a", told(times=[(*cell, {9: 1})], failed=[(*cell, {"status 500": 1})]))

    assert set(kept.times) == set(kept.failed) == {(BEGUN + second, GET)}


def test_a_fault_of_the_add_on_ends_the_run() -> None:
    kept = whole()
    kept.add("a", {**told(), "broken": "request by KeyError"})
    kept.add("b", told())

    assert kept.trouble(time.time()) == ("addon-failed", "request by KeyError")


def test_hosts_are_told_apart_whatever_their_letters() -> None:
    kept = whole(hosts=("Shop.example:1",))
    kept.add("local", {**told(), "hosts": {"shop.example:1": 4}})

    assert trouble(kept) == ""
