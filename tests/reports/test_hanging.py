import pytest

from gates.reports.hanging import hanging, next_step
from gates.reports.style import render, width_of

HEAD = ("  ", ("lint  ", "strong"))


def shown(*body: str | tuple[str, str], width: int | None) -> list[str]:
    return render(hanging(HEAD, body, width), colour=False).splitlines()


def test_without_a_screen_no_line_is_broken() -> None:
    assert shown("one two " * 40 + "end", ("  place", "faint"), width=None) == [
        "  lint  " + "one two " * 40 + "end  place"
    ]


def test_a_line_goes_on_below_its_text() -> None:
    assert shown("one two three four five six", ("  gates.yaml:6:7", "faint"), width=34) == [
        "  lint  one two three four five",
        "        six  gates.yaml:6:7",
    ]


def test_where_the_head_takes_it_all_a_line_goes_on_further_left() -> None:
    assert shown("one two three", width=16) == ["  lint  one two", "    three"]


@pytest.mark.parametrize("width", [60, 80])
def test_no_line_is_wider_than_the_screen(width: int) -> None:
    lines = shown("a word or another " * 20, "漢字 " * 30, width=width)
    assert max(map(width_of, lines)) <= width
    assert len(lines) > 4


def test_what_is_there_to_be_copied_stays_whole() -> None:
    command = "`gates -C 'some folder/of a project' init`,"
    assert shown("to begin: ", command, " or not", width=40) == [
        "  lint  to begin:",
        f"        {command}",
        "        or not",
    ]
    assert shown("x" * 50, width=40) == ["  lint  " + "x" * 50]


@pytest.mark.parametrize(
    ("text", "is_broken"),
    [
        (".venv/bin/python -m pip install 'coverage>=7.14' and-so-on and-on", False),
        ("git fetch --unshallow and so on, which is as long as a line can be", False),
        ("write a lock: `uv lock`, `poetry lock`, or whatever else there may be", True),
    ],
)
def test_a_next_step_that_is_a_command_can_be_pasted(text: str, *, is_broken: bool) -> None:
    lines = render(next_step(6, text, 50), colour=False).splitlines()
    assert lines[0].startswith("      next: ")
    assert (len(lines) > 1) is is_broken


def test_words_of_one_style_share_its_colour() -> None:
    (one,) = hanging(HEAD, (("one two three", "faint"),), 60)
    assert one.spans == (("  ", ""), ("lint  ", "strong"), ("one two three", "faint"))
