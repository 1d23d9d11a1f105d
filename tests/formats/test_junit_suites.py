from __future__ import annotations

import pytest

from gates.formats.junit_suites import HINT_SAID, Suite


def suite(
    said: dict[str, str], *, records: int = 3, problems: int = 1, skips: int = 1, news: int = 1
) -> Suite:
    made = Suite("", {"name": "s", **said})
    made.records, made.problems, made.skips, made.new_tests = records, problems, skips, news
    return made


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({}, ""),
        ({"tests": "3", "failures": "1", "errors": "0", "skipped": "1"}, ""),
        ({"tests": "3", "failures": "0", "errors": "", "skipped": "0"}, ""),
        ({"tests": "2"}, ""),
        ({"tests": "4"}, "suite `s` declares 4 tests, but holds 3"),
        ({"tests": "0"}, "suite `s` declares 0 tests, but 1 ran"),
        ({"failures": "2"}, "suite `s` declares 2 failures and errors, but holds 1"),
        ({"failures": "1", "errors": "1"}, "declares 2 failures and errors, but holds 1"),
        ({"skipped": "1", "disabled": "1"}, "suite `s` declares 2 skipped tests, but holds 1"),
        ({"tests": "three"}, "declares tests='three', which is no count"),
        ({"tests": "-1"}, "which is no count"),
        ({"failures": "٣"}, "which is no count"),
        ({"errors": "1_0"}, "which is no count"),
        ({"errors": "1" * 13}, "which is no count"),
        ({"failed": "1", "status": "failed", "success": "False"}, ""),
        ({"failed": "2"}, "suite `s` says that 2 tests failed, but holds 1"),
        ({"result": "Aborted"}, "suite `s` says result='Aborted': it did not come to its end"),
    ],
)
def test_declared_against_counted(said: dict[str, str], message: str) -> None:
    found = suite(said).contradiction(subtests=False)
    assert message in found
    assert bool(message) == bool(found)


def test_a_failure_that_no_test_tells_has_a_hint_of_its_own() -> None:
    silent = suite({"result": "Failed"}, problems=0)
    assert silent.contradiction(subtests=False) == (
        "suite `s` says result='Failed', but no failure stands in it"
    )
    assert silent.hint == HINT_SAID
    told = suite({"result": "Failed"})
    assert (told.contradiction(subtests=False), told.hint) == ("", "")


def test_subtests_are_declared_but_not_recorded() -> None:
    assert suite({"tests": "9"}).contradiction(subtests=True) == ""
    assert suite({"tests": "9", "failures": "2"}).contradiction(subtests=True)
    empty = suite({"tests": "9"}, records=0, problems=0, skips=0, news=0)
    assert "declares 9 tests, but holds 0" in empty.contradiction(subtests=True)


def test_an_outer_suite_may_be_silent_about_the_inner_ones() -> None:
    outer = Suite("", {"name": "o", "tests": "0"})
    inner = outer.below({"name": "i", "tests": "1"})
    inner.records = inner.new_tests = 1
    outer.close(inner)
    assert inner.path == "i"
    assert outer.contradiction(subtests=False) == ""
    assert outer.records == 1
    assert outer.declared_tests() == 0


def test_paths_name_the_suites_around() -> None:
    assert Suite("a", {}).below({"name": "b"}).path == "a/b"


def test_declared_tests_come_from_the_inner_suites_if_all_say_so() -> None:
    outer = Suite("", {})
    assert outer.declared_tests() is None
    outer.close(suite({"tests": "3"}))
    assert outer.declared_tests() == 3
    outer.close(suite({}))
    assert outer.declared_tests() is None
