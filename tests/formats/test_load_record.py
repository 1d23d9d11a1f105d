from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from formats.load_records import record

from gates.domain.errors import OutputUnreadable
from gates.formats.load_record import joined, merge


def test_one_record_stays_as_it_is() -> None:
    one = record(2)

    assert merge([one]) == one


def test_what_generators_did_at_the_same_time_adds_up() -> None:
    one = record(2, lambda _: {10_000: 5, 20_000: 1}, failed=lambda _: {"refused": 1})
    other = record(
        2,
        lambda _: {10_000: 1, 30_000: 1},
        failed=lambda _: {"refused": 1, "unfinished": 1},
        started=1767225600.5,
        rate=50.0,
        endpoints=["POST /orders"],
    )
    again = replace(other, endpoints=("GET /orders",), started=Decimal(1767225601))

    found = merge([one, other, again])

    assert found.endpoints == ("GET /orders", "POST /orders")
    assert (found.rate, found.connections, found.started) == (Decimal(200), 30, one.started)
    assert found.unfinished == 4
    cells = {(cell.at, cell.endpoint): cell for cell in found.cells}
    orders = cells[0, 0]
    assert dict(zip(orders.times, orders.counts, strict=True)) == {
        10_000: 6,
        20_000: 1,
        30_000: 1,
    }
    assert dict(orders.failed) == {"refused": 2, "unfinished": 1}
    assert cells[0, 1].succeeded == 2
    beat = found.phase[0]
    assert (beat.workers, beat.probes, beat.asked, beat.users) == (3, 300, 15, None)
    assert beat.cpu == Decimal("0.25")


def test_a_generator_that_ended_early_leaves_its_workers_missing() -> None:
    early = record(1, duration_s=3.0, started=1767225600.5)
    other = record(3)

    assert [beat.workers for beat in merge([early, other]).phase] == [2, 1, 1]
    assert merge([early, other]).seconds == other.seconds


def test_what_nobody_works_by_stays_unknown() -> None:
    users = record(2, rate=None, connections=None, generator="locust")
    found = merge([record(2), users])

    assert (found.rate, found.connections) == (None, None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "stands among them twice"),
        ({"duration_s": 3.0}, "longer or shorter"),
        ({"warmup_s": 1.0, "version": "2"}, "longer or shorter"),
        ({"started": 1767225600.124}, "stands among them twice"),
        ({"started": 1767225602.2, "version": "2"}, "of another time"),
    ],
)
def test_records_that_do_not_belong_together_are_refused(
    change: dict[str, object], words: str
) -> None:
    one = record(2)
    numbers = {
        key: Decimal(str(value)) if key != "version" else value for key, value in change.items()
    }

    with pytest.raises(OutputUnreadable, match=words):
        merge([one, replace(one, **numbers)])  # type: ignore[arg-type]


def test_a_run_goes_on_where_the_last_one_ended() -> None:
    one = record(2, lambda at: {10_000 + at: 1})
    other = record(
        3,
        lambda at: {20_000 + at: 1},
        endpoints=["POST /orders"],
        failed=lambda _: {"unfinished": 1},
    )

    found = joined(one, other)

    assert [beat.at for beat in found.phase] == [0, 1, 2, 3, 4]
    assert [(cell.at, cell.endpoint, list(cell.times)) for cell in found.measured] == [
        (0, 0, [10_000]),
        (1, 0, [10_001]),
        (2, 1, [20_000]),
        (3, 1, [20_001]),
        (4, 1, [20_002]),
    ]
    assert (found.duration_s, found.seconds, found.unfinished) == (Decimal(5), Decimal("5.04"), 3)
    assert found.endpoints == ("GET /orders", "POST /orders")
    assert {cell.at for cell in found.cells if cell.at < 0} == {-2, -1}


def test_redirects_add_up() -> None:
    one = replace(record(2), redirects=3)
    other = replace(record(2, lambda _: {10_000: 9}), redirects=4)

    assert merge([one, other]).redirects == 7
    assert joined(one, other).redirects == 7
