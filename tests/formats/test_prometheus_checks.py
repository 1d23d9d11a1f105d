from __future__ import annotations

import pytest
from formats.metric_pages import counters, histogram

from gates.domain.errors import OutputUnreadable
from gates.formats.prometheus_text import read


def refused(page: str) -> str:
    with pytest.raises(OutputUnreadable) as caught:
        read(page.encode(), what="p")
    return f"{caught.value.problem.place}: {caught.value.problem.summary}"


def open_page(kind: str, name: str, *lines: str) -> str:
    return "\n".join((f"# TYPE {name} {kind}", *lines, "# EOF", ""))


SOUND = histogram("h", {"1": 5, "+Inf": 6}, 9)


def test_a_histogram_that_agrees_with_itself_is_read() -> None:
    page = read((SOUND + histogram("g", {"1": 0, "+Inf": 0}, 0, 'x="1"')).encode(), what="p")
    assert len(page.families) == 2


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (SOUND.replace("count 6", "count 7"), "p:5: `h_count` is 7.0, and its bucket"),
        (SOUND.replace("h_count 6\n", ""), "is not followed by both `_sum` and `_count`"),
        (SOUND.replace("h_sum 9\n", ""), "is not followed by both `_sum` and `_count`"),
        (SOUND.replace('h_bucket{le="+Inf"} 6\n', ""), 'is not followed by `le="+Inf"`'),
        (histogram("h", {"2": 5, "1": 5, "+Inf": 6}, 9), "the buckets of `h` are not in order"),
        (SOUND.replace('le="1"', 'le="x"'), "has no `le` that is a number"),
        (SOUND.replace('{le="1"}', ""), "has no `le` that is a number"),
        ("# TYPE h histogram\nh_sum 1\nh_count 1\n", "is of a histogram without buckets"),
        (SOUND.replace('"1"} 5', '"1"} -5'), "counts, and is negative"),
        (SOUND.replace('"1"} 5', '"1"} NaN'), "counts, and is NaN"),
        (counters(a=-1), "p:2: `a` counts, and is negative"),
        ("# TYPE s summary\ns_sum 1\n", "is not followed by both"),
        ('# TYPE s summary\ns{quantile="2"} 1\ns_sum 1\ns_count 1\n', "between 0 and 1"),
        ("# TYPE s summary\ns_sum 1\ns_count -1\n", "counts, and is negative"),
        (open_page("counter", "a", "a_total NaN"), "counts, and is NaN"),
        (open_page("info", "a", "a_info 2"), "is an info, and not 1"),
        (open_page("stateset", "a", "a 1"), "has no label `a`"),
        (open_page("stateset", "a", 'a{a="on"} 2'), "is a state, and neither 0 nor 1"),
        (
            open_page("gaugehistogram", "a", 'a_bucket{le="+Inf"} 1', "a_gsum 1", "a_gcount 2"),
            "`a_gcount` is 2",
        ),
    ],
)  # fmt: skip
def test_a_family_that_contradicts_itself(page: str, words: str) -> None:
    assert words in refused(page)


def test_what_the_text_format_allows() -> None:
    page = read(
        b'# TYPE a counter\na NaN\n# TYPE s summary\ns{quantile="0.5"} NaN\ns_sum 0\ns_count 0\n',
        what="p",
    )
    assert set(page.families) == {"a", "s"}


def test_openmetrics_may_tell_buckets_alone() -> None:
    page = read(open_page("histogram", "h", 'h_bucket{le="+Inf"} 1').encode(), what="p")
    assert len(page.series("h_bucket")) == 1
