from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
from cli.conftest import Gates
from reports.runs import gate_runs, sample_run

from gates.reports.record_v1 import render

POLICY = "version: 1\nproject: orders\nlevels:\n  1: [ruff]\n"


@pytest.fixture
def stored(gates: Gates) -> Gates:
    gates.policy(POLICY)
    gates.repo.write("kept/mine.json", render(sample_run(gate_runs()[0])))
    gates.repo.write("kept/run.json", "another")
    return gates


def test_the_record_that_was_named_is_the_record_that_is_told(stored: Gates) -> None:
    done = stored("report", "console", "--record", "kept/mine.json")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[-1] == "record kept/mine.json"
    into = stored("report", "console", "--record", "kept/mine.json", "-o", "out.txt")
    assert (into.code, into.out) == (0, "")
    assert (stored.repo.root / "out.txt").read_text() == done.out


def test_a_record_as_json_is_what_was_stored(stored: Gates) -> None:
    done = stored("report", "json", "--record", "kept/mine.json")
    assert done.out == (stored.repo.root / "kept" / "mine.json").read_text()


@pytest.mark.parametrize("name", ["a" * 5000, "kept/none.json", "\x1b]0;x\x07"])
def test_a_record_that_is_not_there_is_a_usage_error(stored: Gates, name: str) -> None:
    done = stored("report", "console", "--record", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("error[no-record]: ")
    assert "\x1b" not in done.err


def test_a_hostile_record_steers_no_terminal(stored: Gates) -> None:
    text = render(sample_run(gate_runs()[0])).replace('"orders"', '"\\u001b]0;owned\\u0007o"')
    stored.repo.write("kept/mine.json", text)
    done = stored("report", "console", "--record", "kept/mine.json", FORCE_COLOR="1")
    assert done.code == 0
    assert "\x1b]" not in done.out
    assert "\x07" not in done.out


def test_a_record_that_contradicts_itself_is_an_error(stored: Gates) -> None:
    text = render(sample_run(*gate_runs())).replace('"verdict": "failed"', '"verdict": "passed"')
    stored.repo.write("kept/mine.json", text)
    done = stored("report", "console", "--record", "kept/mine.json")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[record-contradiction]: `/verdict` is `passed`")


@pytest.mark.parametrize("words", [("report", "console"), ("report", "json"), ("explain",)])
def test_a_record_of_another_version_says_what_to_do(stored: Gates, words: tuple[str, ...]) -> None:
    document = json.loads(render(sample_run(gate_runs()[0])))
    del document["gates"][0]["canary"]
    stored.repo.write("kept/mine.json", json.dumps(document))
    done = stored(*words, "--record", "kept/mine.json")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("error[record-older]: `/gates/0` has no member `canary`")
    assert "hint: run `gates check` again" in done.err


def in_terminal(gates: Gates, columns: int, *words: str) -> list[str]:
    """What a command writes to a terminal of some columns, line by line."""
    far, near = os.openpty()
    try:
        subprocess.run(
            [sys.executable, "-m", "gates", *words],
            cwd=gates.repo.root,
            env={**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "CI": ""},
            stdout=near,
            timeout=60,
            check=True,
        )
        os.close(near)
        text = b""
        while True:
            try:
                text += os.read(far, 1 << 16)
            except OSError:  # Linux tells so that nobody has the near end open any more
                return text.decode().splitlines()
    finally:
        os.close(far)


@pytest.mark.parametrize("words", [("report", "console"), ("explain", "lint")])
@pytest.mark.parametrize("columns", [60, 80])
def test_a_terminal_wraps_and_a_pipe_does_not(
    stored: Gates, columns: int, words: tuple[str, ...]
) -> None:
    note = "a note of many words " * 10
    run = sample_run(replace(gate_runs()[0], notes=(note,)))
    stored.repo.write("kept/mine.json", render(run))
    shown = in_terminal(stored, columns, *words, "--record", "kept/mine.json")
    prose = [line for line in shown if "a note" in line or "words" in line]
    assert len(prose) > 2
    assert max(map(len, prose)) <= columns
    piped = stored(*words, "--record", "kept/mine.json", COLUMNS=str(columns))
    assert note.strip() in piped.out


def test_a_badge_of_a_metric_with_a_label(stored: Gates) -> None:
    words = ("report", "badge", "--record", "kept/mine.json")
    assert "<title>gates level 1: passed</title>" in stored(*words).out
    done = stored(*words, "--metric", "lint/errors", "--label", "lint", "-o", "badge.svg")
    assert (done.code, done.out, done.err) == (0, "", "")
    assert "<title>lint: 0</title>" in (stored.repo.root / "badge.svg").read_text()
    refused = stored(*words, "--metric", "lint/error")
    assert (refused.code, refused.out) == (2, "")
    assert "did you mean `lint/errors`?" in refused.err


@pytest.mark.parametrize("words", [("--metric", "lint/errors"), ("--label", "x")])
def test_options_of_the_badge_are_its_own(stored: Gates, words: tuple[str, ...]) -> None:
    done = stored("report", "sarif", "--record", "kept/mine.json", *words)
    assert done.code == 2
    assert "options of the format badge" in done.err
