from __future__ import annotations

from decimal import Decimal
from typing import cast

import pytest
from formats.cuts import refuses_every_cut
from formats.load_records import Lines, beat, cell, end, head, lines_of, written

from gates.domain.errors import OutputUnreadable
from gates.formats.load_lines import read

ORDERS = {10_000: 5, 20_000: 1}


def test_a_record_is_read() -> None:
    failed = {"status 500": 2, "unfinished": 1}
    lines = [
        head(2, endpoints=["GET /orders", "POST /orders"]),
        cell(-1, {5_000: 7}),
        beat(-1),
        cell(0, ORDERS),
        cell(0, {30_000: 1}, endpoint=1, failed=failed),
        beat(0, cpu=1, asked=12),
        beat(1, users=3),
    ]

    record = read(written([*lines, end(lines, 2.01)]))

    assert record.endpoints == ("GET /orders", "POST /orders")
    assert (record.rate, record.connections) == (Decimal(100), 10)
    assert (record.duration_s, record.seconds) == (Decimal(2), Decimal("2.01"))
    assert [(each.at, each.endpoint, each.succeeded, each.failures) for each in record.cells] == [
        (-1, 0, 7, 0),
        (0, 0, 6, 0),
        (0, 1, 1, 3),
    ]
    assert list(record.measured[0].times) == [10_000, 20_000]
    assert record.unfinished == 1
    assert record.failures == (("status 500", 2), ("unfinished", 1))
    assert [each.at for each in record.phase] == [0, 1]
    assert (record.phase[1].users, record.phase[0].asked) == (3, 12)


def test_what_a_generator_does_not_work_by_is_null() -> None:
    users = head(1, rate=None, connections=None, generator="locust")
    lines = [users, cell(0, ORDERS), beat(0, asked=None)]

    record = read(written([*lines, end(lines, 1)]))

    assert (record.rate, record.connections, record.phase[0].asked) == (None, None, None)


def test_a_record_that_was_cut_is_refused() -> None:
    refuses_every_cut(read, written(lines_of(2)))


def test_a_run_that_ended_early_is_read_with_the_seconds_that_it_had() -> None:
    lines = [head(60), cell(0, ORDERS), beat(0), beat(1)]

    assert read(written([*lines, end(lines, 1.4)])).seconds == Decimal("1.4")


def changed(**changes: object) -> Lines:
    """A record of two seconds with one field changed, by the place of its line and its name."""
    lines = lines_of(2)
    for name, value in changes.items():
        place, _, field = name.partition("__")
        lines[int(place.removeprefix("line"))][field] = value
    return lines


def without(at: int) -> Lines:
    lines = lines_of(3)
    return [line for line in lines if not ("probe" in line and line["at"] == at)]


GOOD = lines_of(2)
GOOD_END = cast("dict[str, object]", GOOD[-1]["end"])


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([], "the record is empty"),
        (GOOD[:-1], "the record has no end"),
        (GOOD[1:], "is not the head"),
        (changed(line0__schema="gates/load/v2"), "is not the head"),
        (changed(line0__endpoints=[]), "are 0, not 1 to"),
        (changed(line0__endpoints=["a", "a"]), "hold one twice"),
        (changed(line0__endpoints=["", "a"]), "an empty one"),
        (changed(line0__duration_s=0), "is 0"),
        (changed(line0__duration_s=700_000.0), "tells of more than"),
        (changed(line0__warmup_s=-1), "is negative"),
        (changed(line0__rate=0), "is 0"),
        (changed(line1__endpoint=1), "is none of the endpoints"),
        (changed(line1__times=[[5, 1], [5, 1]]), "do not rise"),
        (changed(line1__times=[[5, 0]]), "count nothing"),
        (changed(line1__times=[[5, 1, 1]]), "hold no pair"),
        (changed(line1__times=[[5.5, 1]]), "no whole numbers"),
        (changed(line1__times=[[True, 1]]), "no whole numbers"),
        (changed(line1__times=[[-1, 1]]), "do not rise"),
        (changed(line1__times=[[10**12, 1]]), "do not rise"),
        (changed(line1__failed={"status 500": 0}), "counts nothing"),
        (changed(line1__at=-1), "a second and an endpoint again"),
        (changed(line1__at=-3), "second -3 outside the run"),
        (changed(line5__at=3), "second 3 outside the run"),
        (changed(line2__probe={"count": 5, "late": 6, "worst_us": 0}), "more late ones"),
        (changed(line2__at=-1), "tells of a second again"),
        (changed(line2__at="1"), "not an integer"),
        (changed(line6__asked=99), "more than were asked for"),
        (changed(line0__rate=None), "not how many requests it was to send"),
        (changed(line4__asked=None), "not how many requests it was to send"),
        (
            [*GOOD[:-1], {"end": {**GOOD_END, "redirects": 201}}],
            "are 201, and 200 requests succeeded",
        ),
        ([*GOOD, GOOD[2]], "stands behind the end"),
        ([*GOOD, GOOD[-1]], "stands behind the end"),
        (without(0), "0 is missing"),
        (without(1), "1 is missing"),
        (without(2), "2 is missing"),
    ],
)
def test_a_record_that_is_not_whole_or_lies_is_refused(lines: Lines, words: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(written(lines), what="load.jsonl")

    assert words in caught.value.problem.summary
    assert caught.value.problem.place.startswith("load.jsonl")


@pytest.mark.parametrize("name", ["requests", "failed", "unfinished"])
@pytest.mark.parametrize("by", [-1, 1])
def test_counts_that_disagree_are_refused(name: str, by: int) -> None:
    failed = {"status 500": 1, "unfinished": 1}
    lines = lines_of(2, failed=lambda _: failed, rate=None, generator="locust")
    lines = [{**line, "asked": None} if "probe" in line else line for line in lines]
    read(written(lines))
    told = lines[-1]["end"]
    assert isinstance(told, dict)
    lines[-1] = {"end": {**told, name: told[name] + by}}

    with pytest.raises(OutputUnreadable, match="and the seconds before it hold"):
        read(written(lines))


def test_the_line_of_a_problem_is_told() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(written(changed(line3__endpoint=4)), what="load.jsonl")

    assert caught.value.problem.place == "load.jsonl:4"
