from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from reports.runs import gate_runs
from samples import gate

from gates.domain.events import GateEnded, GateProgressed, GateStarted, Waiting
from gates.reports.live import LiveProgress

CONTROL = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)")


class Terminal(io.StringIO):
    """A terminal that knows what rich's live display says to one, and nothing more."""

    def isatty(self) -> bool:
        return True

    def rows(self) -> list[str]:
        """The lines on the screen, without empty ones at its end."""
        lines, at, column = [""], 0, 0
        end = 0
        for match in CONTROL.finditer(self.getvalue()):
            assert match.start() == end, self.getvalue()[end : match.start()]
            end = match.end()
            _, number, letter, back, feed, text = match.groups()
            if text:
                lines[at] = (
                    lines[at][:column].ljust(column) + text + lines[at][column + len(text) :]
                )
                column += len(text)
            elif feed:
                at, column = at + 1, 0
                lines += [""] * (at + 1 - len(lines))
            elif back:
                column = 0
            elif letter == "A":
                at -= int(number or "1")
            elif letter == "K":
                assert number == "2"
                lines[at] = ""
            else:
                assert letter in "mhl", match.group()
        assert end == len(self.getvalue())
        while lines and not lines[-1]:
            del lines[-1]
        return [each.rstrip() for each in lines]


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Drawn:
    """A live table of the sample gates, on a terminal that can be looked at."""

    def __init__(self, *, colour: bool = False, width: int = 100) -> None:
        self.clock = Clock()
        self.terminal = Terminal()
        self.progress = LiveProgress(
            gates=tuple(each.plan for each in gate_runs()),
            title=("orders", 1, "Automated"),
            out=self.terminal,
            now=self.clock,
            colour=colour,
            width=width,
        )

    def start(self, name: str, expected_s: float | None = None) -> None:
        self.progress.event(GateStarted(gate(name=name), expected_s))

    def end(self, name: str) -> None:
        run = next(each for each in gate_runs() if each.name == name)
        self.progress.event(GateEnded(run))

    def after(self, seconds: float) -> list[str]:
        self.clock.seconds += seconds
        self.progress.tick()
        return self.terminal.rows()

    def rows(self) -> list[str]:
        return self.terminal.rows()


@pytest.fixture
def drawn() -> Drawn:
    return Drawn()


HEAD = ["", "orders · Level 1 Automated · 5 gates", ""]


def test_the_heading_stands_before_anything_runs(drawn: Drawn) -> None:
    drawn.progress.close()
    assert drawn.rows() == HEAD[:2]


def test_a_running_gate_is_redrawn_in_its_row(drawn: Drawn) -> None:
    drawn.start("lint")
    assert drawn.rows() == [*HEAD, "running       lint      0.00 s"]
    assert drawn.after(2.0) == [*HEAD, "running       lint      2.0 s"]
    assert drawn.after(70.0) == [*HEAD, "running       lint      1 min 12 s"]


def test_the_expected_time_is_what_is_left_of_it(drawn: Drawn) -> None:
    drawn.start("lint", expected_s=10.0)
    assert drawn.after(4.0)[-1] == "running       lint      4.0 s · about 6.0 s left"
    assert drawn.after(7.0)[-1] == "running       lint      11.0 s"


def test_progress_of_a_stage_is_shown_in_its_row(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.progress.event(GateProgressed("lint", "third file", done=1200, total=3400))
    assert drawn.rows()[-1].endswith("0.00 s · 1,200 of 3,400 · third file")
    drawn.progress.event(GateProgressed("lint", "soon", done=3300))
    assert drawn.rows()[-1].endswith("0.00 s · soon")


def test_rows_of_ended_gates_stay_above_those_that_run(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.start("coverage")
    drawn.end("lint")
    first, second = drawn.rows()[3:]
    assert first.startswith("passed        lint      errors 0 (== 0)")
    assert second == "running       coverage  0.00 s"
    drawn.start("audit")
    drawn.end("audit")
    rows = drawn.after(1.0)[3:]
    assert [row.split()[:2] for row in rows] == [
        ["passed", "lint"],
        ["errored", "audit"],
        ["running", "coverage"],
    ]
    assert rows[0] == first


def test_when_it_closes_only_the_rows_of_ended_gates_are_left(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.start("coverage")
    drawn.end("lint")
    drawn.progress.close()
    assert drawn.terminal.getvalue().endswith("\x1b[2K")
    assert [row.split()[:2] for row in drawn.rows()[3:]] == [["passed", "lint"]]
    # What is printed next begins on a line of its own.
    drawn.terminal.write("next\n")
    assert drawn.rows()[-1] == "next"
    assert "\x1b[?25l" in drawn.terminal.getvalue()
    assert drawn.terminal.getvalue().rindex("\x1b[?25h") > drawn.terminal.getvalue().rindex("[?25l")


def test_what_the_run_waits_for_is_shown_until_something_happens(drawn: Drawn) -> None:
    drawn.progress.event(Waiting("waits for another run of this folder"))
    assert drawn.rows()[-1] == "waits for another run of this folder"
    drawn.start("lint")
    assert drawn.rows() == [*HEAD, "running       lint      0.00 s"]


def test_a_row_that_is_too_long_is_cut_so_that_it_stays_one_row() -> None:
    drawn = Drawn(width=40)
    drawn.start("lint")
    drawn.progress.event(GateProgressed("lint", "x" * 200))
    assert len(drawn.rows()) == len(HEAD) + 1
    assert len(drawn.rows()[-1]) < 40
    assert drawn.after(1.0)[:3] == HEAD


def test_a_row_that_wraps_stays_whole() -> None:
    drawn = Drawn(width=60)
    drawn.start("coverage")
    drawn.end("coverage")
    drawn.start("audit")
    text = " ".join(" ".join(drawn.rows()[3:]).split())
    assert all(words in text for words in ("line 89.5 % (>= 90 %)", "errors 2 (== 0 warn)"))
    assert all(len(row) <= 60 for row in drawn.rows())
    assert drawn.rows()[-1].startswith("running       audit")


def test_without_colour_no_colour_is_written(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.end("lint")
    drawn.progress.close()
    assert not re.search(r"\x1b\[[\d;]*m", drawn.terminal.getvalue())


def test_with_colour_the_status_has_its_own() -> None:
    drawn = Drawn(colour=True)
    drawn.start("coverage")
    drawn.end("coverage")
    drawn.progress.close()
    assert re.search(r"\x1b\[1;31mfailed", drawn.terminal.getvalue())


def test_texts_are_never_read_as_markup(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.progress.event(GateProgressed("lint", "tests/a.py::test[bold] [/x] :smile:"))
    assert drawn.rows()[-1].endswith("tests/a.py::test[bold] [/x] :smile:")


def test_an_ended_gate_that_runs_again_starts_at_nothing(drawn: Drawn) -> None:
    drawn.start("lint")
    drawn.after(9.0)
    drawn.end("lint")
    drawn.start("lint")
    assert drawn.rows()[-1] == "running       lint      0.00 s"


def test_the_columns_fit_the_longest_name() -> None:
    long = tuple(replace(each, plan=replace(each.plan, name="a" * 20)) for each in gate_runs()[:1])
    terminal = Terminal()
    progress = LiveProgress(
        gates=tuple(each.plan for each in long),
        title=("orders", 1, "Automated"),
        out=terminal,
        now=Clock(),
        colour=False,
        width=100,
    )
    progress.event(GateEnded(long[0]))
    assert f"passed        {'a' * 20}  errors 0 (== 0)" in terminal.rows()[-1]
    progress.close()
