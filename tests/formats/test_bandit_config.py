from __future__ import annotations

import json

import pytest

from gates.formats.bandit_config import (
    Choices,
    blind,
    choices,
    named_by_ini,
    table,
    without_exclusions,
)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[tool.bandit]\nskips = ['B101']\n", {"skips": ["B101"]}),
        (b"[tool.bandit]\n", {}),
        (b"[tool]\nbandit = 1\n", None),
        (b"tool = 1\n", None),
        (b"[project]\nname = 'x'\n", None),
        (b"no toml", None),
        (b"\xff", None),
    ],
)
def test_its_table_in_pyproject(data: bytes, expected: object) -> None:
    assert table(data) == expected


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pyproject.toml", b"[tool.bandit]\nexclude_dirs = ['tmp']\nskips = ['B101']\n"),
        ("b.yaml", b"exclude_dirs: [tmp]\nskips: [B101]\n"),
    ],
)
def test_exclusions_are_taken_out_and_the_rest_stays(name: str, data: bytes) -> None:
    assert json.loads(without_exclusions(data, name=name) or b"") == {"skips": ["B101"]}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pyproject.toml", b"[project]\n"),
        ("pyproject.toml", b"[tool.bandit]\nday = 2026-01-31\n"),
        ("b.yaml", b"skips: &a [B101]\n"),
        ("b.yaml", b"skips: [\n"),
        ("b.yaml", b"- B101\n"),
    ],
)
def test_what_cannot_be_written_again_is_none(name: str, data: bytes) -> None:
    assert without_exclusions(data, name=name) is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"[bandit]\nconfigfile = a%b.yaml\n", "a%b.yaml"),
        (b"[bandit]\nskips = B101\n", ""),
        (b"[other]\n", ""),
        (b"no section", ""),
        (b"\xff", ""),
    ],
)
def test_the_configuration_that_an_ini_names(data: bytes, expected: str) -> None:
    assert named_by_ini(data) == expected


@pytest.mark.parametrize(
    ("excluded", "sees", "why"),
    [
        (False, False, "finds nothing in code that is known to be insecure"),
        (True, False, "finds nothing in code that is known to be insecure"),
        (True, True, "exclusions take the planted `/t/planted.py`"),
        (False, True, "enables no test that a canary is known for"),
    ],
)
def test_why_it_is_blind_is_told(excluded: bool, sees: bool, why: str) -> None:  # noqa: FBT001
    problem = blind("/t/planted.py", excluded=excluded, sees_otherwise=sees).problem

    assert problem.summary.startswith("the scanner is blind: ")
    assert why in problem.summary
    assert problem.hint


PROFILES = b"profiles: {x: {include: [B101], exclude: [B102]}}\nskips: [B103]\n"


@pytest.mark.parametrize(
    ("name", "data", "ini", "expected"),
    [
        ("", b"", b"", Choices()),
        ("pyproject.toml", b"[project]\n", b"", Choices()),
        (
            "pyproject.toml",
            b"[tool.bandit]\nskips = ['B602']\ntests = ['B101']\n",
            b"",
            Choices(off=frozenset({"B602"}), only=frozenset({"B101"})),
        ),
        (
            "b.yaml",
            b"skips: [B1]\nexclude_dirs: [x]\nassert_used: {skips: ['*']}\n",
            b"[bandit]\nskips = B602, B3\ntests = B101\n",
            Choices(
                off=frozenset({"B1", "B602", "B3"}),
                only=frozenset({"B101"}),
                tables=frozenset({"assert_used"}),
            ),
        ),
        ("", b"", b"[bandit]\none = B602\nskips = %(one)s\n", Choices(off=frozenset({"B602"}))),
        ("", b"", b"[bandit]\nskips = 1%\n", Choices(off=frozenset({"1%"}))),
        ("b.yaml", PROFILES, b"", Choices(off=frozenset({"B103"}))),
        (
            "b.yaml",
            PROFILES,
            b"[bandit]\nprofile = x\n",
            Choices(off=frozenset({"B102"}), only=frozenset({"B101"})),
        ),
        ("b.yaml", PROFILES, b"[bandit]\nprofile = none\n", Choices()),
        ("b.yaml", b"skips: &a [B101]\n", b"no section", Choices(unread=("`b.yaml`", "`.bandit`"))),
    ],
)
def test_what_is_said_of_the_tests(name: str, data: bytes, ini: bytes, expected: Choices) -> None:
    assert choices(data, name=name, ini=ini) == expected


def test_all_that_is_said_of_the_tests_is_told() -> None:
    said = Choices(
        off=frozenset({"B602"}),
        only=frozenset({"B101"}),
        tables=frozenset({"shell_injection"}),
        unread=("`b.yaml`",),
    )

    assert said.notes() == (
        "`b.yaml` could not be read for the tests that it switches off",
        "switched off by configuration: `B602`",
        "by configuration no other test is on: `B101`",
        "what tests look for is set by configuration: `shell_injection`",
    )
    assert Choices().notes() == ()
