"""Patterns that are looked at in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.probe_model import Check
from gates.formats.probe_patterns import PROGRAM, answered, request


def check(pattern: str = "", text: str = "") -> Check:
    return Check(
        rule="http/header",
        subject="",
        expected="",
        got="",
        holds=True,
        pattern=pattern,
        text=text,
    )


CHECKS = (check("^a+$", "aaa"), check(), check("^a+$", "aab"))


def test_the_program_answers_each_pattern(tmp_path: Path) -> None:
    program, pairs = tmp_path / "patterns.py", tmp_path / "patterns.json"
    program.write_text(PROGRAM)
    pairs.write_bytes(request(CHECKS))
    command = [sys.executable, "-I", "-S", str(program), str(pairs)]
    done = subprocess.run(command, capture_output=True, check=True)

    assert [each.holds for each in answered(CHECKS, done.stdout)] == [True, True, False]


def test_nothing_is_run_without_patterns() -> None:
    assert request([check()]) == b""


@pytest.mark.parametrize("output", [b"[true]", b"[true, true, true]", b"", b'["yes", true]'])
def test_other_than_one_answer_for_each_is_no_answer(output: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        answered(CHECKS, output)
