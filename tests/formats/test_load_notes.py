from __future__ import annotations

import random
from collections import Counter
from typing import cast

import pytest
from formats.load_records import beat, cell, end, head, lines_of, record, written

from gates.formats import load_notes
from gates.formats.latency import MAX_TAGGED
from gates.formats.load_model import LoadRecord
from gates.formats.load_notes import burstiness
from gates.formats.load_part import parts_of
from gates.formats.load_record import read


def notes(found: LoadRecord, died: str = "") -> tuple[str, ...]:
    return load_notes.of(found, *parts_of(found), died)


def steady(_: int) -> Counter[int]:
    chance = random.Random(5)  # noqa: S311 - no secret
    return Counter(int(chance.gauss(50_000, 5_000)) for _ in range(200))


def test_the_warm_up_is_told_with_what_it_would_have_changed() -> None:
    found = record(12, lambda at: {300_000: 100} if at < 0 else {20_000: 90, 80_000: 10})

    (told,) = notes(found)
    assert told == (
        "200 requests of 2 s of warm-up are left out; with them p95 would be 300 ms in place of"
        " 80 ms"
    )


def test_without_a_warm_up_nothing_is_left_out() -> None:
    assert notes(record(12, lambda at: {} if at < 0 else {20_000: 100})) == ()


def test_a_warm_up_of_failures_says_nothing_of_times() -> None:
    found = record(12, lambda _: {}, failed=lambda _: {"refused": 1})

    assert (
        "2 requests of 2 s of warm-up are left out, 2 of which failed, most by: refused"
        in notes(found, "it ended")
    )


def test_failures_of_the_warm_up_are_told_beside_a_run_without_any() -> None:
    found = record(
        12,
        lambda at: {20_000: 100} if at >= 0 else {},
        failed=lambda at: {"status 500": 180, "reset": 1} if at == -1 else {},
    )

    (told,) = notes(found)
    assert told.startswith(
        "181 requests of 2 s of warm-up are left out, 181 of which failed, most by: status 500"
    )


def test_endpoints_that_were_asked_in_the_warm_up_alone_are_told() -> None:
    lines = lines_of(12, endpoints=["GET /a", "POST /login"])
    lines[1]["endpoint"] = 1

    assert any("`POST /login` got no request after" in each for each in notes(read(written(lines))))


def test_redirects_among_the_successes_are_told() -> None:
    lines = lines_of(12, lambda at: {20_000: 15} if at >= 0 else {})
    lines[-1] = {"end": {**cast("dict[str, object]", lines[-1]["end"]), "redirects": 180}}

    assert notes(read(written(lines)))[0] == (
        "180 of 180 answers that count as a success were redirects, which nobody followed: where"
        " that is right, name the status that is due"
    )


def test_failures_are_told_by_their_most_frequent_reasons() -> None:
    reasons = {"status 500": 5, "status 503": 3, "refused": 2, "status 404": 1}
    found = record(12, failed=lambda at: reasons if at == 0 else {})

    assert notes(found)[0] == (
        "11 of 1,211 requests failed, and have no times: 5 by: status 500, 3 by: status 503, 2 by:"
        " refused"
    )


def test_a_service_that_died_is_told_first() -> None:
    assert notes(record(), "it ended with exit code 1")[0] == (
        "the service did not outlive the load: it ended with exit code 1"
    )


def test_a_run_without_slices_says_what_it_takes_for_granted() -> None:
    assert any("too short to be cut into 6 slices" in note for note in notes(record(5)))


def test_bursts_are_told() -> None:
    wild = record(12, lambda at: {20_000: 50, 80_000: 50} if at in {4, 5} else {20_000: 100})

    assert any("slow requests came in bursts" in note for note in notes(wild))
    assert not any("bursts" in note for note in notes(record(12, steady)))


def test_burstiness_is_one_where_requests_are_independent() -> None:
    chance = random.Random(11)  # noqa: S311 - no secret

    def times(_: int) -> Counter[int]:
        return Counter(chance.randrange(1000) for _ in range(300))

    found = record(200, times)

    assert burstiness(found, parts_of(found)[0]) == pytest.approx(1, abs=0.3)


def test_what_does_not_vary_has_no_bursts() -> None:
    same = record(12, lambda _: {20_000: 100})
    none = record(12, lambda _: {}, failed=lambda _: {"refused": 1})

    assert burstiness(same, parts_of(same)[0]) == 0
    assert burstiness(none, parts_of(none)[0]) == 0


def test_endpoints_without_metrics_of_their_own_are_counted() -> None:
    names = [f"GET /{number}" for number in range(MAX_TAGGED + 1)]
    lines = [head(1, endpoints=names), beat(0, asked=MAX_TAGGED + 1)]
    lines += [cell(0, {5: 1}, endpoint=number) for number in range(MAX_TAGGED + 1)]

    found = read(written([*lines, end(lines, 1)]))

    assert any(f"of {MAX_TAGGED + 1} endpoints {MAX_TAGGED} have" in note for note in notes(found))
