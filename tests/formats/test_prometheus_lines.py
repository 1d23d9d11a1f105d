from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.prometheus_lines import MAX_LABELS, Refused, escaped, number, sample, words


def refused(line: str, *, is_openmetrics: bool = False) -> str:
    with pytest.raises(Refused) as caught:
        sample(line, 1, is_openmetrics=is_openmetrics)
    return caught.value.summary


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1), ("+1.5e3", 1500), (".5", Decimal("0.5")), ("-2.", -2), ("0.05", Decimal("0.05"))],
)
def test_a_number_is_the_shortest_decimal_of_its_double(text: str, value: Decimal) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["NaN", "nan"])
def test_nan_is_a_number_of_the_format(text: str) -> None:
    found = number(text)
    assert found is not None
    assert found.is_nan()


@pytest.mark.parametrize(("text", "value"), [("+Inf", "Infinity"), ("-inf", "-Infinity")])
def test_the_infinities_are_numbers_of_the_format(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["", "1_0", "0x1", "1e999", "one", "--1", "٣", "1e9e9"])
def test_what_is_no_number_of_the_format(text: str) -> None:
    assert number(text) is None


def test_a_number_with_a_huge_exponent_costs_nothing() -> None:
    assert number("1e-999999999") == 0


@pytest.mark.parametrize(
    ("line", "is_open", "why"),
    [
        ("a", False, "not a series with a value: `a`"),
        ("a{} one", False, "`one` is no number"),
        ("a 1 1.5", False, "`1.5` is no time"),
        ("a 1 2 3", False, "not a series"),
        ('a{x="1" y="2"} 1', False, "cannot be read"),
        ("a{x=1} 1", False, "cannot be read"),
        ('a{x="1",x="2"} 1', False, "the label `x` stands twice"),
        ('a{x="\\t"} 1', False, "`\\t` is no escape"),
        ("a{,} 1", False, "cannot be read"),
        ('{"a.b"} 1', False, "not a series"),
        ('a{x="1",} 1', True, "a comma stands after the last label"),
        ("a  1", True, "not a series"),
        ("a 1 NaN", True, "`NaN` is no time"),
        ('a 1 # {x="1"} 1', True, "`a` cannot have an exemplar"),
        ('a_total 1 # {x="1"} one', True, "`one` is no number"),
        ('a_total 1 # {x="1"} 1 x', True, "`x` is no time"),
        (f'a_total 1 # {{x="{"1" * 128}"}} 1', True, "more than 128"),
    ],
)
def test_a_line_that_is_none(line: str, why: str, *, is_open: bool) -> None:
    assert why in refused(line, is_openmetrics=is_open)


def test_too_many_labels_are_refused() -> None:
    inner = ",".join(f'l{at}="1"' for at in range(MAX_LABELS + 1))
    assert f"more than {MAX_LABELS}" in refused(f"a{{{inner}}} 1")


def test_a_series_shows_its_name_and_labels() -> None:
    assert sample('a{z="1",b="2"} 1', 3, is_openmetrics=False).shown == 'a{b="2",z="1"}'
    assert sample("a 1", 3, is_openmetrics=False).shown == "a"


def test_times_are_milliseconds_in_the_text_format_and_seconds_in_openmetrics() -> None:
    assert sample("a 1 1500", 1, is_openmetrics=False).timestamp == Decimal("1.5")
    assert sample("a 1 1.5", 1, is_openmetrics=True).timestamp == Decimal("1.5")


def test_words_of_comments() -> None:
    assert words("# HELP a b  c ") == ("HELP", "a", "b  c ")
    assert words("#  TYPE a gauge ") == ("TYPE", "a", "gauge")
    assert words("# HELP a") == ("HELP", "a", "")
    assert words("# HELPS a") is None
    assert words("#HELP a b") is None
    with pytest.raises(Refused, match="followed by no name"):
        words("# HELP 1")


def test_escapes_of_a_help_text_differ_between_the_formats() -> None:
    assert escaped('\\\\ \\n \\"', quote=True) == '\\ \n "'
    with pytest.raises(Refused, match="no escape"):
        escaped('\\"', quote=False)
    with pytest.raises(Refused, match="no escape"):
        escaped("\\", quote=True)
