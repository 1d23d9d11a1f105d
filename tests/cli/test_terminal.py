from __future__ import annotations

import io
import os
import pty
from collections.abc import Iterator
from typing import TextIO

import pytest

from gates.cli.terminal import (
    PLAIN_WIDTH,
    is_live,
    problem_lines,
    show_error,
    wants_colour,
    width_of,
    wrap_of,
)
from gates.domain.errors import ConfigError, Problem
from gates.reports.style import render


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal() -> Iterator[TextIO]:
    """The near end of a real terminal."""
    far, near = pty.openpty()
    with os.fdopen(far, "rb"), os.fdopen(near, "w", encoding="utf-8") as stream:
        yield stream


@pytest.mark.parametrize(
    ("environ", "at_terminal", "in_pipe"),
    [
        ({}, True, False),
        ({"TERM": "xterm-256color"}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": ""}, True, False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, True, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False, False),
        ({"CI": "true"}, True, False),
        ({"CI": "true", "FORCE_COLOR": "1"}, True, True),
    ],
)
def test_colour(environ: dict[str, str], *, at_terminal: bool, in_pipe: bool) -> None:
    assert wants_colour(Screen(), environ) is at_terminal
    assert wants_colour(io.StringIO(), environ) is in_pipe


@pytest.mark.parametrize(
    ("environ", "at_terminal"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
        ({"CI": "true"}, False),
        ({"FORCE_COLOR": "1", "CI": "true"}, False),
    ],
)
def test_liveness_is_decided_without_looking_at_colour(
    environ: dict[str, str], *, at_terminal: bool
) -> None:
    assert is_live(Screen(), environ) is at_terminal
    assert not is_live(io.StringIO(), environ)
    assert not is_live(io.StringIO(), {**environ, "FORCE_COLOR": "1"})


def test_a_real_terminal_is_one(terminal: TextIO) -> None:
    assert is_live(terminal, {"TERM": "xterm"})
    assert wants_colour(terminal, {"TERM": "xterm"})


def test_the_width_where_no_terminal_reads_is_always_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    assert width_of(io.StringIO()) == PLAIN_WIDTH


def test_the_width_of_a_terminal(monkeypatch: pytest.MonkeyPatch, terminal: TextIO) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    assert width_of(terminal) == 77


PROBLEM = Problem(
    "unknown-key",
    "`levls` is no key here",
    place="gates.yaml:2:1",
    hint="did you mean `levels`?",
    excerpt="levls:\n^",
)


def test_a_problem_says_what_where_and_what_next() -> None:
    assert render(problem_lines(PROBLEM), colour=False) == (
        "error[unknown-key]: `levls` is no key here\n"
        "  gates.yaml:2:1\n"
        "    levls:\n"
        "    ^\n"
        "  hint: did you mean `levels`?\n"
    )


def test_a_problem_without_more_is_one_line() -> None:
    assert render(problem_lines(Problem("x", "y")), colour=False) == "error[x]: y\n"


def test_every_problem_of_an_error_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    show_error(ConfigError(Problem("first", "one"), Problem("second", "two")))
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "error[first]: one\nerror[second]: two\n")


def test_an_error_has_colour_where_it_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    show_error(ConfigError(PROBLEM))
    assert capsys.readouterr().err.startswith("\x1b[1;31merror[unknown-key]\x1b[0m: ")


def test_lines_are_wrapped_for_a_terminal_alone(
    terminal: TextIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    assert wrap_of(terminal) == 60
    assert wrap_of(io.StringIO()) is None
