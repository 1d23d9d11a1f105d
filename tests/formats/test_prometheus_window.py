from __future__ import annotations

from fractions import Fraction

import pytest
from formats.metric_pages import between, counters, gauges, histogram

from gates.domain.errors import StageError
from gates.formats.prometheus_query import Selector
from gates.formats.prometheus_text import read
from gates.formats.prometheus_window import gauge, labels_apart, window

HITS = Selector("hits_total")


def labelled(**values: int) -> str:
    lines = "".join(f'hits_total{{kind="{kind}"}} {value}\n' for kind, value in values.items())
    return f"# TYPE hits_total counter\n{lines}"


def test_counters_are_what_they_grew_by_and_gauges_what_they_are() -> None:
    seen = between(
        counters(hits_total=10) + gauges(queue=7), counters(hits_total=25) + gauges(queue=3)
    )

    assert seen.total(HITS) == 15
    assert seen.total(Selector("queue")) == 3


def test_labels_choose_and_the_rest_is_added() -> None:
    seen = between(labelled(get=1, put=1), labelled(get=4, put=11, new=100))

    assert seen.growth(HITS) == 113
    assert seen.growth(Selector("hits_total", (("kind", "put"),))) == 10


def test_a_counter_without_a_type_is_told_by_its_name() -> None:
    seen = between("hits_total 1\nqueue 5\n", "hits_total 3\nqueue 2\n")

    assert [seen.total(HITS), seen.total(Selector("queue"))] == [2, 2]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        (counters(a_total=9), counters(a_total=3), "`a_total` went from 9.0 to 3.0"),
        (labelled(a=1, b=1), labelled(a=1), '`hits_total{kind="b"}` is gone'),
        (
            gauges(process_start_time_seconds=1767225600.5) + counters(a_total=1),
            gauges(process_start_time_seconds=1767225605.5) + counters(a_total=1),
            "`process_start_time_seconds` went from 1767225600.5 to 1767225605.5",
        ),
        (
            counters(a_total=9) + gauges(a_created=1767225600.5),
            counters(a_total=9) + gauges(a_created=1767225699.5),
            "`a_created` went from",
        ),
    ],
)
def test_a_restart_and_several_processes_are_told_apart(before: str, after: str, why: str) -> None:
    with pytest.raises(StageError) as restarted:
        between(before, after)
    assert restarted.value.problem.slug == "metrics-reset"
    assert why in restarted.value.problem.summary

    with pytest.raises(StageError) as several:
        window([before.encode(), after.encode()], [after.encode()], Fraction(1))
    assert several.value.problem.slug == "several-processes"
    assert "PROMETHEUS_MULTIPROC_DIR" in several.value.problem.hint


def test_what_may_fall_or_go() -> None:
    seen = between(
        gauges(queue=9, orders_created=5, gone=1)
        + counters(orders_total=1, odd="NaN")
        + histogram("t", {"1": 2, "+Inf": 3}, 9),
        gauges(queue=1, orders_created=3)
        + counters(orders_total=1, odd=1)
        + histogram("t", {"1": 2, "+Inf": 4}, 4),
    )

    assert seen.growth(Selector("t_count")) == 1
    with pytest.raises(StageError, match=r"`t_sum` fell"):
        seen.growth(Selector("t_sum"))


def test_a_gauge_that_tells_when_something_began_may_go() -> None:
    seen = between(counters(a_total=1) + gauges(process_start_time_seconds=1), counters(a_total=2))
    assert seen.growth(Selector("a_total")) == 1


@pytest.mark.parametrize(
    ("selector", "why", "hint"),
    [
        (Selector("hit_total"), "no series is `hit_total`", "did you mean `hits_total`?"),
        (Selector("zzz"), "no series is `zzz`", "see the page"),
        (Selector("hits_total", (("k", "1"),)), 'no series is `hits_total{k="1"}`', "there is"),
    ],
)
def test_a_series_that_is_not_there_is_told(selector: Selector, why: str, hint: str) -> None:
    seen = between(counters(hits_total=1), counters(hits_total=2))

    with pytest.raises(StageError) as caught:
        seen.total(selector)
    assert (why in caught.value.problem.summary, hint in caught.value.problem.hint) == (True, True)


def test_the_growth_of_a_gauge_is_refused_and_so_is_nan() -> None:
    seen = between(gauges(queue=1), gauges(queue="NaN"))

    with pytest.raises(StageError, match="is a gauge, and no counter"):
        seen.growth(Selector("queue"))
    with pytest.raises(StageError, match="is NaN, and no number"):
        seen.total(Selector("queue"))


def test_the_gauges_of_one_page() -> None:
    page = read((gauges(queue=4) + counters(a_total=1)).encode(), what="p")

    assert gauge(page, Selector("queue")) == 4
    with pytest.raises(StageError, match="only grows"):
        gauge(page, Selector("a_total"))


@pytest.mark.parametrize(("before", "after", "side"), [(1, 2, "before"), (2, 0, "after")])
def test_too_few_pages(before: int, after: int, side: str) -> None:
    page = counters(a_total=1).encode()

    with pytest.raises(StageError, match=f"times {side} the measurement"):
        window([page] * before, [page] * after, Fraction(1), least=2)


def test_pages_from_files_must_show_that_they_are_whole() -> None:
    text, more = counters(a_total=1), 'a_total{x="1"} 1\n'
    whole = "# TYPE a counter\na_total 1\n"

    with pytest.raises(StageError, match="does not end in `# EOF`"):
        window([text.encode()], [text.encode()], Fraction(0), is_given=True)
    pages = (f"{whole}# EOF\n".encode(),), (f"{whole}{more}# EOF\n".encode(),)
    with pytest.raises(StageError, match="is on the page after, and not on the page before"):
        window(*pages, Fraction(0), is_given=True).growth(Selector("a_total"))
    assert window(*pages, Fraction(0)).growth(Selector("a_total")) == 1


def test_what_a_fetch_of_the_page_itself_adds() -> None:
    pages = [counters(hits_total=n).encode() for n in (5, 6, 8)]
    later = [counters(hits_total=n).encode() for n in (20, 21)]

    assert window(pages, later, Fraction(1)).by_fetch(HITS) == 2
    assert window(pages[:1], later[:1], Fraction(1)).by_fetch(HITS) == 0


@pytest.mark.parametrize("kind", ["counter", "gauge"])
def test_a_series_of_one_time_on_both_sides_is_old(kind: str) -> None:
    old = f"# TYPE a {kind}\na 1 1767225600000\n"
    new = f"# TYPE a {kind}\na 1 1767225601000\n"

    assert between(old, new).total(Selector("a")) == (kind == "gauge")
    with pytest.raises(StageError, match="`a` is of the same time before and after"):
        between(old, old).total(Selector("a"))


def test_labels_in_which_series_differ() -> None:
    page = read(b'a{x="1",y="1"} 1\na{x="2",y="1"} 1\na{y="1",z="1"} 1\n', what="p")

    assert labels_apart(page.series("a")) == {"x", "z"}
    assert labels_apart(page.series("a")[:1]) == labels_apart(()) == set()
