"""Whatever a tool, a checkout or a record says, no line that we print is a command but ours."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from io import FileIO, TextIOWrapper
from pathlib import Path

import pytest
from cli.conftest import Gates
from reports.hostile import ATTACKS, infested, infested_rollup
from reports.runs import gate_runs, sample_run
from runner.grammar import commands

from gates.cli.outputs import FORMATS, GITHUB
from gates.cli.streams import DoorStream
from gates.cli.terminal import problem_lines
from gates.domain.errors import Problem
from gates.domain.events import GateEnded, GateProgressed, GateStarted, Waiting
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.reports import console, github, rollup_console
from gates.reports.explain import Surroundings, gate_lines, overview_lines
from gates.reports.plan_text import plan_lines
from gates.reports.progress import PlainProgress
from gates.reports.record_v1 import render as render_record
from gates.reports.style import render

Printed = Callable[[Callable[[DoorStream], object]], str]

COLOURS = pytest.mark.parametrize("colour", [False, True])
EACH = pytest.mark.parametrize("text", ATTACKS)
ALL = "\n".join(ATTACKS)


@pytest.fixture
def printed(tmp_path: Path) -> Printed:
    """What a CI system reads of what a function prints."""
    path = tmp_path / "printed"

    def run(prints: Callable[[DoorStream], object]) -> str:
        assert isinstance(sys.__stdout__, TextIOWrapper)
        with DoorStream(FileIO(path, "w"), sys.__stdout__) as stream:
            prints(stream)
        return path.read_bytes().decode()

    return run


def is_safe(text: str) -> bool:
    signs = ("##vso[", "##[", "##teamcity[", "\x1b]")
    return bool(text) and not commands(text) and not any(sign in text.casefold() for sign in signs)


def _write(text: str, out: DoorStream) -> None:
    out.write(text)


def around(text: str) -> Surroundings:
    return Surroundings(
        width=80,
        root=text,
        policy=text,
        planned={},
        reports={text: text},
        logs=frozenset({text}),
    )


@COLOURS
@EACH
def test_the_console(printed: Printed, text: str, *, colour: bool) -> None:
    run = infested(text)
    for width, is_screen in ((120, False), (40, True)):
        report = console.report(run, colour=colour, width=width, is_screen=is_screen, record=text)
        assert is_safe(printed(partial(_write, report)))
    rolled = rollup_console.report(infested_rollup(text), colour=colour, width=80, record=text)
    assert is_safe(printed(lambda out: out.write(rolled)))


@COLOURS
@EACH
def test_explain_and_plan(printed: Printed, text: str, *, colour: bool) -> None:
    run = infested(text)
    lines = [*overview_lines(run, around(text))]
    for gate in run.gates:
        lines += gate_lines(run, gate, around(text))
    lines += plan_lines(run.plan, run.plan.gates, 1, {})
    assert is_safe(printed(lambda out: out.write(render(lines, colour=colour))))


@EACH
def test_progress_and_errors(printed: Printed, text: str) -> None:
    run = infested(text)
    clock = iter(range(0, 10_000, 40))

    def prints(out: DoorStream) -> None:
        shown = PlainProgress(
            gates=run.plan.gates,
            title=(text, 1, text),
            out=out,
            pulse=out,
            now=lambda: float(next(clock)),
        )
        for gate in run.gates:
            shown.event(GateStarted(gate=gate.plan, expected_s=1.0))
            shown.event(GateProgressed(name=gate.name, text=text))
            shown.tick()
            shown.event(GateEnded(gate=gate))
        shown.event(Waiting(text))
        problem = Problem(text, text, place=text, hint=text, excerpt=text)
        out.write(render(problem_lines(problem), colour=False))

    assert is_safe(printed(prints))


@pytest.mark.parametrize("make", [infested, infested_rollup])
@EACH
def test_annotations_are_all_that_is_obeyed(
    printed: Printed, text: str, make: Callable[[str], Run | RollUp]
) -> None:
    report = github.report(make(text))

    def prints(out: DoorStream) -> None:
        out.write(text)
        out.write_commands(report)
        out.write(text)

    found = printed(prints)
    names = [each.name for each in commands(found)]
    assert len(names) == len(report.splitlines()) > 0
    assert set(names) <= {"error", "warning", "notice"}


@pytest.mark.parametrize("words", [("report", name) for name in FORMATS if name != GITHUB])
def test_a_whole_command_in_ci(gates: Gates, words: tuple[str, ...]) -> None:
    gates.policy("version: 1\nproject: orders\nlevels:\n  1: [ruff]\n")
    gates.repo.write("kept.json", render_record(infested(ALL, sample_run(*gate_runs()))))
    done = gates(*words, "--record", "kept.json", CI="true")
    assert done.code == 0
    assert is_safe(done.out)
    assert not commands(done.err)


def test_an_error_in_ci(gates: Gates) -> None:
    done = gates("report", "console", "--record", "##[set-output name=verdict]passed", CI="true")
    assert done.code == 2
    assert is_safe(done.err)
    name = "\n::set-output name=verdict::passed"
    assert is_safe(gates("explain", name, CI="true").err)
    assert is_safe(gates(f"--{name}", CI="true").err)


def test_a_person_reads_it_as_it_is(gates: Gates) -> None:
    gates.policy("version: 1\nproject: orders\nlevels:\n  1: [ruff]\n")
    gates.repo.write("kept.json", render_record(infested("a ##[error]x", sample_run())))
    done = gates("report", "console", "--record", "kept.json")
    assert "a ##[error]x" in done.out
