from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from gates.formats.bandit_ratings import TESTS
from gates.formats.insecure_samples import SAMPLES, blind, listed, seen, text, told, unseen

NUMBERS = ("307", "102")


def test_a_file_holds_one_sample_on_a_line() -> None:
    assert text(NUMBERS) == b"data = input()\neval(input())\nexec(input())\n"


def test_each_sample_is_one_line_of_python_and_is_rated() -> None:
    for number, sample in SAMPLES.items():
        assert "\n" not in sample
        ast.parse(sample)
        assert number in TESTS


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({("307", 2), ("102", 3)}, NUMBERS),
        ({("307", 3), ("102", 3)}, ("102",)),
        ({("102", 2)}, ()),
        (set(), ()),
    ],
)
def test_a_sample_is_seen_by_its_own_test_on_its_own_line(
    found: set[tuple[str, int]], expected: tuple[str, ...]
) -> None:
    assert seen(NUMBERS, found) == expected


def test_what_was_planted_and_found_is_told() -> None:
    assert told(["B102", "B307"]) == "planted `exec(input())`, and B102 found it"


def test_what_was_not_found_is_told() -> None:
    found = [f"B{number}" for number in SAMPLES]

    assert unseen(found, "B", by="bandit") == ()
    assert unseen(found[2:], "B", by="bandit") == (
        "planted and not found, so bandit does not look for it here: `B102`, `B307`",
    )


def test_many_are_named_in_part() -> None:
    assert listed(["1", "2", "3", "4", "5", "6"], "S").endswith("`S5` and 1 more")


def test_blindness_is_told_with_a_next_step() -> None:
    problem = blind("it sees nothing", hint="look", place="bandit").problem

    assert (problem.slug, problem.summary) == (
        "scanner-blind",
        "the scanner is blind: it sees nothing",
    )
    assert (problem.hint, problem.place) == ("look", "bandit")


@pytest.mark.live
def test_live_both_scanners_find_all_samples_as_they_are_rated(tmp_path: Path) -> None:
    """Where one of them no longer does, a canary made of that sample would be a false alarm."""
    (tmp_path / "planted.py").write_bytes(text(SAMPLES))
    tools = Path(sys.executable).parent
    options = {
        "bandit": ("--quiet", "--format=json", f"--ini={tmp_path}/none"),
        "ruff": (
            "check",
            "--isolated",
            "--no-cache",
            "--preview",
            "--select=S",
            "--output-format=json",
        ),
    }
    bandit, ruff = (
        json.loads(
            subprocess.run(
                [tools / name, *options[name], "planted.py"],
                cwd=tmp_path,
                capture_output=True,
                check=False,
            ).stdout
        )
        for name in ("bandit", "ruff")
    )

    places = {(of["test_id"][1:], of["line_number"]) for of in bandit["results"]}
    assert seen(SAMPLES, places) == tuple(SAMPLES)
    assert seen(SAMPLES, {(of["code"][1:], of["location"]["row"]) for of in ruff}) == tuple(SAMPLES)
    rated = {
        of["test_id"][1:]: (of["issue_severity"].lower(), of["issue_cwe"]["id"])
        for of in bandit["results"]
        if (of["test_id"][1:], of["line_number"]) in set(zip(SAMPLES, range(2, 99), strict=False))
    }
    assert rated == {number: (TESTS[number][0].value, TESTS[number][1]) for number in SAMPLES}
