from __future__ import annotations

import io

import pytest
from reports.runs import gate_runs
from samples import gate

from gates.domain.events import GateEnded, GateProgressed, GateStarted, Waiting
from gates.reports.progress import HEARTBEAT_S, PlainProgress


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Written:
    """A plain table of the sample gates, with both of its streams."""

    def __init__(self, *, colour: bool = False) -> None:
        self.clock = Clock()
        self.out = io.StringIO()
        self.pulse = io.StringIO()
        self.progress = PlainProgress(
            gates=tuple(each.plan for each in gate_runs()),
            title=("orders", 1, "Automated"),
            out=self.out,
            pulse=self.pulse,
            now=self.clock,
            colour=colour,
            width=110,
        )

    def start(self, name: str, expected_s: float | None = None) -> None:
        self.progress.event(GateStarted(gate(name=name), expected_s))

    def end(self, name: str) -> None:
        run = next(each for each in gate_runs() if each.name == name)
        self.progress.event(GateEnded(run))

    def beat_after(self, seconds: float) -> str:
        """What the pulse says when so many seconds have passed."""
        self.clock.seconds += seconds
        before = len(self.pulse.getvalue())
        self.progress.tick()
        return self.pulse.getvalue()[before:]


@pytest.fixture
def written() -> Written:
    return Written()


def test_the_heading_is_written_at_once(written: Written) -> None:
    assert written.out.getvalue() == "\norders · Level 1 Automated · 5 gates\n\n"
    assert not written.pulse.getvalue()


def test_each_gate_gets_its_row_when_it_ends(written: Written) -> None:
    written.start("coverage")
    written.start("lint")
    before = written.out.getvalue()
    written.end("lint")
    first = written.out.getvalue()[len(before) :]
    assert first.startswith("passed        lint      errors 0 (== 0)")
    assert first.count("\n") == 1
    written.end("coverage")
    assert written.out.getvalue().startswith(before + first + "failed        coverage")


def test_a_gate_that_was_never_started_has_its_row_too(written: Written) -> None:
    written.end("later")
    assert written.out.getvalue().endswith(
        "skipped       later     not selected on the command line\n"
    )


def test_nothing_is_ever_redrawn(written: Written) -> None:
    written.start("lint")
    written.progress.event(GateProgressed("lint", "half", 1, 2))
    written.progress.tick()
    written.end("lint")
    written.progress.close()
    text = written.out.getvalue() + written.pulse.getvalue()
    assert not {"\x1b", "\r"} & set(text)
    assert "half" not in text


def test_colour_is_written_where_it_is_wanted() -> None:
    written = Written(colour=True)
    written.end("coverage")
    assert "\x1b[1;31mfailed" in written.out.getvalue()


def test_a_heartbeat_comes_only_after_so_much_silence(written: Written) -> None:
    written.start("lint")
    assert not written.beat_after(HEARTBEAT_S - 0.01)
    assert written.beat_after(0.01) == "still running: lint 30.0 s\n"


def test_the_heartbeat_goes_on(written: Written) -> None:
    written.start("lint")
    assert written.beat_after(HEARTBEAT_S)
    assert not written.beat_after(HEARTBEAT_S - 1)
    assert written.beat_after(1) == "still running: lint 1 min 00 s\n"


def test_a_row_that_was_written_is_a_sign_of_life(written: Written) -> None:
    written.start("lint")
    written.start("coverage")
    assert not written.beat_after(HEARTBEAT_S - 1)
    written.end("lint")
    assert not written.beat_after(HEARTBEAT_S - 1)
    assert "lint" not in written.beat_after(1)


def test_the_heartbeat_tells_how_long_it_usually_takes_and_how_far_it_is(written: Written) -> None:
    written.start("lint", expected_s=125.0)
    written.start("coverage")
    written.progress.event(GateProgressed("coverage", "12 of 60 tests"))
    assert written.beat_after(HEARTBEAT_S) == (
        "still running: lint 30.0 s, usually 2 min 05 s; coverage 30.0 s, 12 of 60 tests\n"
    )


def test_where_nothing_runs_there_is_no_heartbeat(written: Written) -> None:
    assert not written.beat_after(10 * HEARTBEAT_S)
    written.start("lint")
    written.end("lint")
    assert not written.beat_after(10 * HEARTBEAT_S)


def test_a_heartbeat_never_goes_where_the_rows_go(written: Written) -> None:
    written.start("lint")
    before = written.out.getvalue()
    assert written.beat_after(HEARTBEAT_S)
    assert written.out.getvalue() == before


def test_what_the_run_waits_for_is_told(written: Written) -> None:
    written.progress.event(Waiting("waits for another run of this folder"))
    assert written.pulse.getvalue() == "waits for another run of this folder\n"
