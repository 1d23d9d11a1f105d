import pytest

from gates.domain.status import Status, Verdict
from gates.reports.style import (
    STATUS_STYLE,
    STYLES,
    VERDICT_STYLE,
    line,
    padded,
    render,
    seconds_text,
    width_of,
)


def test_each_status_and_verdict_has_a_style() -> None:
    assert set(STATUS_STYLE) == set(Status)
    assert set(VERDICT_STYLE) == set(Verdict)
    assert set(STATUS_STYLE.values()) | set(VERDICT_STYLE.values()) <= set(STYLES)


def test_blanks_at_the_end_are_cut() -> None:
    assert render([line("a", ("  ", "good"))], colour=False) == "a\n"


def test_colour_wraps_only_text() -> None:
    assert line(("a", "good"), ("  ", "bad"), "b").render(colour=True) == "\x1b[32ma\x1b[0m  b"


def test_wide_characters_take_two_columns() -> None:
    assert width_of("日本") == 4
    assert padded("日本", 6) == "日本  "


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.314, "0.31 s"), (12.34, "12.3 s"), (59.94, "59.9 s"), (125, "2 min 05 s")],
)
def test_durations(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text


@pytest.mark.parametrize("colour", [True, False])
def test_what_a_span_holds_steers_no_terminal(*, colour: bool) -> None:
    text = line("a\x1b]0;title\x07\x1b[31m", ("b\r\nc\u202e", ""), "\x9b2Jd").render(colour=colour)
    assert text == "ab cd"
