from __future__ import annotations

from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut
from formats.load_samples import locust
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats.latency import Step
from gates.formats.locust_csv import Table, read

STATS = "load_stats.csv"
FAILURES = "load_failures.csv"
HISTORY = "load_stats_history.csv"


def found(data: bytes) -> Table:
    return read([(STATS, data)])


def changed(old: str, new: str, name: str = "flaky_stats.csv") -> bytes:
    """The recorded table with one cell changed."""
    data = locust(name)
    assert data.count(old.encode()) == 1
    return data.replace(old.encode(), new.encode())


def test_what_locust_wrote_is_read() -> None:
    table = found(locust("flaky_stats.csv"))

    assert [row.key for row in table.rows] == ["GET /flaky", "GET /orders"]
    assert table.whole is not None
    assert (table.whole.spread.requests, table.whole.spread.failures) == (836, 24)
    assert table.whole.rate == Decimal("119.51882077137066")
    assert table.whole.spread.slowest == Decimal("1047.067193001567")
    assert table.errors == ()


def test_a_printed_percentile_stands_at_the_rank_at_which_locust_takes_it() -> None:
    whole = found(locust("flaky_stats.csv")).whole

    assert whole is not None
    steps = {step.upto: step for step in whole.spread.steps}
    # floor(836 * 0.95) + 1; between 90 % and 95 % both ends are open.
    assert steps[795] == Step(795, Decimal("76.5"), Decimal("77.5"))
    assert steps[794] == Step(794, Decimal("71.5"), Decimal("77.5"))
    assert whole.spread.steps[-1].upto == 836


def test_not_measured_is_no_number() -> None:
    table = found(locust("idle_stats.csv"))

    assert (table.rows, table.whole) == ((), None)


def test_a_table_that_was_cut_is_refused() -> None:
    refuses_every_cut(found, locust("sound_stats.csv"))


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (b"", "locust-table"),
        (b"a,b\n1,2\n", "locust-table"),
        (b"\xff\xfe", "csv-syntax"),
        (b'"never closed', "csv-syntax"),
        (b'"' + b"x" * 200_000 + b'"', "csv-syntax"),
        (b"\0" * 64, "locust-table"),
    ],
)
def test_what_is_no_such_table_is_refused(data: bytes, slug: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        found(data)

    assert caught.value.problem.slug == slug
    assert caught.value.problem.place == STATS


def test_a_table_that_is_too_large_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="more than 67108864 bytes"):
        found(b" " * (64 * 1024 * 1024 + 1))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("GET,/flaky,238,24", "GET,/flaky,239,24", "row 4: 836 requests, and the rows have 837"),
        ("GET,/flaky,238,24", "GET,/flaky,238,25", "row 4: 24 failures, and the rows have 25"),
        ("GET,/flaky,238,24", "GET,/flaky,238,239", "row 2: 239 of 238 requests failed"),
        ("GET,/flaky,238,24", "GET,/flaky,N/A,24", "row 2: `N/A` is no count"),
        ("GET,/flaky,238,24", "GET,/flaky,238", "row 2: 21 cells, and the first row has 22"),
        (",Aggregated,836", ",Aggregate,836", "the last row is not `Aggregated`"),
        ("49.726209434297246", "39.726209434297246", "the mean is not that of the rows"),
        ("49.726209434297246", "nan", "`nan` is no number"),
        ("49.726209434297246", "1e999999", "`1e999999` is no number"),
        ("49.726209434297246", "2000.0", "a mean of 2000.0 between"),
        ("1047.067193001567,2.0,119", "2047.067193001567,2.0,119", "is not the longest time"),
        ("47,57,63,66,72,77", "47,57,63,66,72,71", "`71` is no percentile"),
        ("72,77,100,190", "72,77,101,190", "`101` is no percentile"),
        ("72,77,100,190", "N/A,77,100,190", "`N/A` is no count"),
        (",99.99%,100%", ",99.99%,100", "`100` is no percentile"),
        (",99.99%,100%", ",99.99%,99.999%", "do not go up to 100 %"),
        (",66%,75%,", ",75%,66%,", "do not go up to 100 %"),
    ],
)
def test_a_table_that_lies_is_refused(old: str, new: str, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words) as caught:
        found(changed(old, new))

    assert caught.value.problem.place == STATS


def test_failures_are_told_most_frequent_first() -> None:
    more = b"GET,/flaky,HTTPError('500 Server Error: Internal Server Error for url: /flaky'),24"
    data = locust("flaky_failures.csv")
    assert more in data
    two = data.replace(more, b'GET,/flaky,"first,\nof two lines",4,,\r\nGET,/flaky,second,20')

    table = read([(FAILURES, two), (STATS, locust("flaky_stats.csv"))])

    assert table.errors == (("second", 20), ("first,\nof two lines", 4))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b",24,", b",23,", "23 failures, and `_stats.csv` has 24"),
        (b",24,", b",x,", "`x` is no count"),
    ],
)
def test_failures_that_contradict_the_numbers_are_refused(
    old: bytes, new: bytes, words: str
) -> None:
    failures = locust("flaky_failures.csv").replace(old, new)

    with pytest.raises(OutputUnreadable, match=words) as caught:
        read([(STATS, locust("flaky_stats.csv")), (FAILURES, failures)])
    assert caught.value.problem.place == FAILURES


def test_failures_of_a_run_without_requests_are_refused() -> None:
    with pytest.raises(OutputUnreadable, match="24 failures, and"):
        read([(STATS, locust("idle_stats.csv")), (FAILURES, locust("flaky_failures.csv"))])


def test_a_history_that_ends_as_the_table_does_is_accepted() -> None:
    history = locust("flaky_stats_history.csv")

    assert read([(HISTORY, history), (STATS, locust("flaky_stats.csv"))]).whole is not None


@settings(deadline=None, database=None)
@given(st.data())
def test_a_history_that_lost_lines_is_refused(data: st.DataObject) -> None:
    # A cut inside its last line can leave the requests, and takes only what is not read here.
    lines = locust("flaky_stats_history.csv").splitlines(keepends=True)
    kept = data.draw(st.integers(1, len(lines) - 1))

    with pytest.raises(OutputUnreadable):
        read([(STATS, locust("flaky_stats.csv")), (HISTORY, b"".join(lines[:kept]))])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"Total Request Count", b"Requests"), "counts no requests"),
        ((b",836,24,", b",835,24,"), "ends at 835 requests, and `_stats.csv` has 836"),
    ],
)
def test_a_history_that_lies_is_refused(change: tuple[bytes, bytes], words: str) -> None:
    history = locust("flaky_stats_history.csv").replace(*change)

    with pytest.raises(OutputUnreadable, match=words):
        read([(STATS, locust("flaky_stats.csv")), (HISTORY, history)])


def test_a_history_of_a_run_without_requests_is_compared_too() -> None:
    with pytest.raises(OutputUnreadable, match="ends at 836 requests, and"):
        read([(STATS, locust("idle_stats.csv")), (HISTORY, locust("flaky_stats_history.csv"))])


def test_two_runs_cannot_be_put_together() -> None:
    parts = [("a_stats.csv", locust("sound_stats.csv")), ("b_stats.csv", locust("flaky_stats.csv"))]

    with pytest.raises(OutputUnreadable, match="percentiles do not add up") as caught:
        read(parts)
    assert "--json-file" in caught.value.problem.hint


def test_without_the_numbers_there_is_nothing() -> None:
    with pytest.raises(OutputUnreadable, match="the table with the numbers") as caught:
        read([(FAILURES, locust("flaky_failures.csv"))])
    assert "PREFIX_stats.csv" in caught.value.problem.hint
