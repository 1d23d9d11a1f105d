from __future__ import annotations

import pytest

from gates.formats import junit
from gates.formats.junit_merge import Merged, merge


def suite(*cases: str, name: str = "s", host: str = "") -> str:
    body = "".join(cases)
    return f"<testsuite name='{name}' hostname='{host}'>{body}</testsuite>"


def case(name: str, *inside: str, owner: str = "c") -> str:
    return f"<testcase classname='{owner}' name='{name}' time='1'>{''.join(inside)}</testcase>"


def merged(*texts: str) -> Merged:
    return merge([junit.read(text.encode(), what="x") for text in texts])


FAILURE = "<failure message='no'/>"


def test_one_report_is_itself() -> None:
    report = junit.read(suite(case("a")).encode(), what="x")
    assert merge([report]) == Merged(report, 0)
    assert merge([report]).report is report


def test_shards_add_up() -> None:
    both = merged(suite(case("a"), case("b", FAILURE)), suite(case("d"), "<error/>", name="t"))
    assert both.repeated == 0
    counts = both.report.counts
    assert (counts.passed, counts.failed, counts.errors, counts.retried) == (2, 1, 1, 0)
    assert (both.report.records, int(both.report.seconds)) == (3, 3)
    assert [found.name for found in both.report.cases] == ["b", "t"]


@pytest.mark.parametrize(
    ("first", "second", "outcome", "retried"),
    [
        ("", "", "passed", 0),
        ("", FAILURE, "failed", 1),
        (FAILURE, "", "failed", 1),
        (FAILURE, FAILURE, "failed", 0),
        ("", "<error/>", "errors", 1),
        ("<skipped/>", "", "skipped", 0),
        ("<skipped/>", FAILURE, "failed", 0),
        ("<skipped type='pytest.xfail'/>", FAILURE, "failed", 1),
        ("", "<flakyFailure/>", "passed", 1),
    ],
)
def test_a_test_in_two_reports_counts_once_at_its_worst(
    first: str, second: str, outcome: str, retried: int
) -> None:
    both = merged(suite(case("a", first)), suite(case("a", second), name="elsewhere"))
    assert both.repeated == 1
    counts = both.report.counts
    assert (counts.tests, getattr(counts, outcome), counts.retried) == (1, 1, retried)


def test_tests_of_one_name_in_one_report_are_not_lost() -> None:
    # Two browsers, each with the same test: Playwright writes them as hosts.
    one = suite(case("a"), host="chromium") + suite(case("a", FAILURE), host="firefox")
    whole = f"<testsuites>{one}</testsuites>"
    assert merged(whole).report.counts.tests == 2
    again = merged(whole, whole.replace("chromium", "webkit"))
    assert (again.report.counts.tests, again.repeated) == (2, 2)
    # The one of firefox met its own, so no pass of another stands against its failure.
    assert (again.report.counts.failed, again.report.counts.retried) == (1, 0)


def test_the_report_that_holds_most_of_one_name_decides_how_many_they_are() -> None:
    one = suite(case("a"), name="p")
    three = "".join(suite(case("a"), name=name) for name in "qrs")
    both = merged(one, f"<testsuites>{three}</testsuites>")
    assert (both.report.counts.tests, both.repeated) == (3, 1)


def test_what_the_reports_declare_adds_up_where_all_do() -> None:
    silent, telling = (
        suite(case("a")),
        suite(case("b")).replace("<testsuite ", "<testsuite tests='1' "),
    )
    assert merged(telling, telling.replace("'b'", "'c'")).report.declared == 2
    assert merged(silent, telling).report.declared is None


def test_an_order_of_shards_does_not_matter() -> None:
    texts = (suite(case("a"), case("b")), suite(case("a", FAILURE)), suite(case("d", "<skipped/>")))
    forth, back = merged(*texts), merged(*reversed(texts))
    assert forth.report.counts == back.report.counts
    assert forth.repeated == back.repeated == 1
