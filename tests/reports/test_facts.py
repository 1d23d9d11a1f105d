from __future__ import annotations

from gates.reports.facts import fact, verbatim, wrapped
from gates.reports.style import render, width_of


def shown(*lines: object) -> list[str]:
    from gates.reports.style import Line

    return render([each for each in lines if isinstance(each, Line)], colour=False).splitlines()


def test_a_text_is_broken_between_words() -> None:
    lines = shown(*wrapped("one two three four", 12, "  "))
    assert lines == ["  one two", "  three four"]


def test_a_word_that_is_too_long_stands_whole() -> None:
    assert shown(*wrapped("a " + "b" * 30 + " c", 10)) == ["a", "b" * 30, "c"]


def test_wide_letters_take_two_columns() -> None:
    lines = shown(*wrapped("漢字 漢字 漢字", 10))
    assert lines == ["漢字 漢字", "漢字"]
    assert max(map(width_of, lines)) <= 10


def test_no_text_is_no_line() -> None:
    assert list(wrapped("  ", 10)) == []


def test_a_fact_stands_beside_its_label() -> None:
    assert shown(*fact("measured", "one two three", 24)) == [
        "    measured    one two",
        "                three",
    ]


def test_what_is_copied_is_never_broken() -> None:
    assert shown(verbatim("the tool", "x " * 200))[0].count("x") == 200
