from __future__ import annotations

import json
from itertools import pairwise
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports.hostile import ATTACKS
from runner.grammar import commands

from gates.toolkit.ci_door import LineDoor, disarmed, disarmed_json, disarmed_markup, is_ci

PIECES = [*"##::[]\n\r \t\x85ax=\x1bm3;1", "\x1b[31m", "##[", "error"]
SIGNS = st.lists(st.sampled_from(PIECES)).map("".join)
AZURE = ("##vso[", "##[", "##teamcity[")


def is_safe(text: str) -> bool:
    lowered = text.casefold()
    return not commands(text) and not any(sign in lowered for sign in AZURE)


@pytest.mark.parametrize("text", ATTACKS)
def test_no_command_is_left(text: str) -> None:
    assert is_safe(disarmed(text))
    assert is_safe(disarmed(f"before\n{text}\nafter"))
    assert is_safe(f"\x1b[31m{disarmed(text)}")


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("::error::x", ": :error::x"),
        ("a\n\t ::error::x", "a\n\t : :error::x"),
        ("a\r::error::x", "a\r: :error::x"),
        ("\x1b[1m::error::x", "\x1b[1m: :error::x"),
        ("a ##[error]x ##[error]y", "a # #[error]x # #[error]y"),
        ("##VsO[x]", "# #VsO[x]"),
        ("##teamcity[x]", "# #teamcity[x]"),
        ("#\x1b[1m#[x]", "# \x1b[1m#[x]"),
    ],
)
def test_a_blank_breaks_a_command(text: str, done: str) -> None:
    assert disarmed(text) == done


@pytest.mark.parametrize(
    "text", ["", "plain", "tests/a.py::test_b", "a ::error::x", "## Heading", "# [link]", "a: b"]
)
def test_what_is_no_command_stays(text: str) -> None:
    assert disarmed(text) == disarmed_json(text) == disarmed_markup(text) == text


@given(SIGNS)
def test_no_text_of_any_kind_is_a_command(text: str) -> None:
    assert is_safe(disarmed(text))
    assert disarmed(disarmed(text)) == disarmed(text)


@given(st.lists(SIGNS))
def test_a_command_cannot_be_put_together_of_pieces(pieces: list[str]) -> None:
    door = LineDoor()
    assert is_safe("".join(door.passed(piece) for piece in pieces))


@pytest.mark.parametrize("text", ATTACKS)
def test_nor_of_single_signs_or_behind_blanks(text: str) -> None:
    door = LineDoor()
    assert is_safe("".join(door.passed(sign) for sign in text))
    for blanks in (" " * 500, "\x1b[31m" * 99, "é" * 99):
        door = LineDoor()
        assert is_safe("".join(map(door.passed, (blanks, "", text, "\n", text))))


def test_a_line_that_is_no_command_any_more_needs_no_break() -> None:
    door = LineDoor()
    pieces = ("x" * 500, " ", "::error::x", "\n")
    assert "".join(map(door.passed, pieces)) == "".join(pieces)
    assert door.is_at_start
    assert door.passed(" ") == " "
    assert door.is_at_start
    assert door.passed("x") == "x"
    assert not door.is_at_start


@given(st.recursive(SIGNS, lambda inner: st.lists(inner) | st.dictionaries(SIGNS, inner)))
def test_json_means_the_same(value: object) -> None:
    for indent in (None, 1):
        done = disarmed_json(json.dumps(value, indent=indent, ensure_ascii=True))
        assert json.loads(done) == value
        assert is_safe(done)


@given(SIGNS.map(lambda text: text.replace("\x1b", "").replace("\r", "").replace("\x85", "")))
def test_xml_means_the_same(text: str) -> None:
    quoted = escape(text, {'"': "&quot;", "\n": "&#10;"})
    done = disarmed_markup(f'<a b="{quoted}">\n{escape(text)}</a>')
    found = ET.fromstring(done)  # noqa: S314 - it is our own
    assert (found.get("b"), found.text) == (text.replace("\t", " "), f"\n{text}")
    assert is_safe(done)


@pytest.mark.parametrize(
    ("environ", "due"),
    [
        ({}, False),
        ({"CI": ""}, False),
        ({"CI": "0"}, False),
        ({"CI": "False"}, False),
        ({"CI": "true"}, True),
        ({"GITHUB_ACTIONS": "true"}, True),
        ({"TF_BUILD": "True"}, True),
        ({"TEAMCITY_VERSION": "2026.1"}, True),
        ({"CIX": "1"}, False),
    ],
)
def test_ci_systems_say_that_they_are_there(environ: dict[str, str], *, due: bool) -> None:
    assert is_ci(environ) is due


def test_it_takes_no_longer_than_the_text_is_long() -> None:
    for text in ("#" * 200_000, "##" + "a" * 200_000, " " * 200_000 + ":", "\x1b[" * 100_000):
        assert disarmed(text) == text


def test_attacks_are_all_different() -> None:
    assert all(one != other for one, other in pairwise(sorted(ATTACKS)))
