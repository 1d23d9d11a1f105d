from __future__ import annotations

from decimal import Decimal

import pytest
from formats.cuts import refuses_every_cut
from formats.metric_pages import client, counters, histogram
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_witness
from prometheus_client.parser import text_string_to_metric_families as text_witness

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.prometheus_lines import Kind
from gates.formats.prometheus_text import MAX_BYTES, read

AWKWARD = 'a "b" \\ c\nd}'


def refused(page: str) -> str:
    with pytest.raises(OutputUnreadable) as caught:
        read(page.encode(), what="page")
    return f"{caught.value.problem.place}: {caught.value.problem.summary}"


@pytest.mark.parametrize("name", ["text.prom", "openmetrics.prom"])
def test_a_page_of_the_python_client_says_what_the_client_reads_in_it(name: str) -> None:
    data = client(name)
    witness = open_witness if name.startswith("open") else text_witness

    page = read(data, what=name)

    ours = {
        (series.name, series.labels): float(series.value)
        for family in page.families.values()
        for series in family.series
    }
    theirs = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in witness(data.decode())
        for sample in family.samples
    }
    assert ours.keys() == theirs.keys()
    assert {key for key in ours if ours[key] != theirs[key]} == {("pool_active", ())}  # NaN
    assert page.is_openmetrics is name.startswith("open")


def test_the_kinds_texts_and_labels_of_a_page() -> None:
    page = read(client("openmetrics.prom"), what="page")

    assert {name: family.kind for name, family in page.families.items()} == {
        "cache_lookups": Kind.COUNTER,
        "pool_active": Kind.GAUGE,
        "limit": Kind.GAUGE,
        "db_query_duration_seconds": Kind.HISTOGRAM,
        "size_bytes": Kind.SUMMARY,
        "build": Kind.INFO,
        "mode": Kind.STATESET,
    }
    assert page.families["cache_lookups"].help == 'Lookups, \\ and "quotes"\nin two lines'
    first = page.series("cache_lookups_total")[0]
    assert (first.label("cache"), first.label("other")) == (AWKWARD, "")
    assert first.value == 3
    assert page.series("limit")[0].value == Decimal("Infinity")
    assert page.series("unknown") == ()


def test_what_only_grows_is_told_by_type_and_name() -> None:
    page = read(client("openmetrics.prom"), what="page")

    assert [name for name in page.by_name if page.is_counted(name)] == [
        "cache_lookups_total",
        "db_query_duration_seconds_bucket",
        "db_query_duration_seconds_count",
        "db_query_duration_seconds_sum",
        "size_bytes_count",
        "size_bytes_sum",
    ]


def test_comments_blanks_and_times_of_the_text_format() -> None:
    page = read(
        b'# free words\n\n \t\nup{ job = "a" , } 1 1767225600123\n# TYPE\tx\tgauge\nx 2\n', what="p"
    )

    up = page.series("up")[0]
    assert (up.labels, up.timestamp) == ((("job", "a"),), Decimal("1767225600.123"))
    assert (page.families["up"].kind, page.families["x"].kind) == (Kind.UNTYPED, Kind.GAUGE)


def test_a_unit_is_kept_where_the_name_ends_in_it() -> None:
    page = read(b"# TYPE a_bytes gauge\n# UNIT a_bytes bytes\na_bytes 1\n# EOF\n", what="p")

    assert page.families["a_bytes"].unit == "bytes"
    assert "its name does not end in it" in refused("# UNIT a bytes\na 1\n# EOF\n")
    assert read(b"# UNIT a bytes\na 1\n", what="p").families["a"].unit == ""


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("a 1\na 2\n", "page:2: the series `a` stands twice"),
        ('a{x=""} 1\na 2\n', "page:2: the series `a` stands twice"),
        ('a 1\nb 1\na{x="1"} 1\n', "page:3: the lines of `a` are not together"),
        ("a 1\n# TYPE a gauge\n", "page:2: `# TYPE a` stands after a series of `a`"),
        ("# TYPE a gauge\n# TYPE a gauge\na 1\n", "page:2: a second `# TYPE` of `a`"),
        ("# HELP a x\n# HELP a x\na 1\n", "page:2: a second `# HELP` of `a`"),
        ("# TYPE a counters\na 1\n", "page:1: `counters` is no type"),
        ("# TYPE a info\na 1\n", "page:1: `info` is no type"),
        ("# TYPE a histogram\na 1\n", "page:2: a histogram `a` has no series of that very name"),
        (
            "# TYPE a summary\n# TYPE a_sum gauge\na_sum 1\n",
            "`a_sum` belongs to `a` and to `a_sum`",
        ),
        ("# TYPE 1a gauge\n", "page:1: `# TYPE` is followed by no name"),
        ("a 1", "page:1: the last line does not end"),
        ("a 1\n# EOF\nb 1\n# EOF\n", "page:2: there are lines after `# EOF`"),
        ("a 1\n\n# EOF\n", "page:2: an empty line"),
        ("a 1\n# words\n# EOF\n", "page:2: a comment that is neither"),
        ("a 1\n# HELP a x\n# EOF\n", "page:2: `# HELP a` stands after a series"),
        ("# TYPE a counter\na 1\n# EOF\n", "page:2: a counter `a` has no series of that very name"),
        ("\n", "page: the page is empty"),
        ("# TYPE a gauge\n", "page: the page holds no series"),
        (" <!doctype html><p>late</p>", "page: the page is HTML"),
        ("html>\n", "page:1: not a series with a value: `html>`"),
    ],
)
def test_a_page_that_two_readers_could_read_differently_is_refused(page: str, words: str) -> None:
    assert words in refused(page)


def test_a_page_that_is_no_text_or_too_long_is_refused() -> None:
    with pytest.raises(OutputUnreadable, match="not UTF-8") as caught:
        read(b'a 1\nb{x="\xff"} 1\n', what="page")
    assert caught.value.problem.place == "page:2"
    with pytest.raises(OutputUnreadable, match="more than"):
        read(b"#" * (MAX_BYTES + 1), what="page")


def test_openmetrics_that_was_cut_off_anywhere_is_not_whole() -> None:
    def whole(data: bytes) -> None:
        if not read(data, what="page").is_openmetrics:
            raise StageError("page-not-whole", "no end")

    refuses_every_cut(whole, client("openmetrics.prom"))


def test_untyped_names_that_only_look_like_parts_of_another_stand() -> None:
    page = read((counters(orders=3) + "orders_count 4\n").encode(), what="page")

    assert page.families["orders_count"].kind is Kind.UNTYPED


def test_a_histogram_is_checked_with_its_line() -> None:
    page = histogram("h", {"1": 5, "2": 4, "+Inf": 6}, 9)

    assert refused(page) == 'page:3: `h_bucket{le="2"}` holds less than the bucket below it'
