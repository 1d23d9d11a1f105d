from __future__ import annotations

from gates.reports.facts import fact, folded, verbatim, wrapped
from gates.reports.style import line, render, width_of


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


def test_a_styled_line_is_folded_behind_an_indent() -> None:
    each = line("  ", ("a.py:1", "place"), "  high E1  one two ", ("three", "warn"), "! four")
    assert shown(*folded(each, 20, "    ")) == [
        "  a.py:1  high E1",
        "    one two three!",
        "    four",
    ]
    assert ("a.py:1", "place") in next(iter(folded(each, 20, "    "))).spans
    assert [*folded(each, None)] == [each]
    assert [*folded(each, 60)] == [each]


def test_a_word_that_is_longer_than_a_line_stays_whole_when_folded() -> None:
    assert shown(*folded(line("  a " + "x" * 30 + " b"), 10, " ")) == ["  a", " " + "x" * 30, " b"]
    assert shown(*folded(line("x" * 30), 10)) == ["x" * 30]


def test_wide_characters_take_two_columns_when_folded() -> None:
    assert shown(*folded(line("漢字 漢字 漢字"), 10)) == ["漢字 漢字", "漢字"]
