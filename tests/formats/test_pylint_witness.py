from __future__ import annotations

import ast

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable
from gates.formats.pylint_json import Message
from gates.formats.pylint_witness import (
    EXAMINED,
    TEXT,
    enabled_rules,
    settings,
    tells_suppression,
)

BOTH = ["4.1.4", "3.0.0"]


def test_the_plugin_is_python_and_gives_its_message() -> None:
    ast.parse(TEXT)

    assert f'"{EXAMINED}"' in TEXT


@pytest.mark.parametrize("version", BOTH)
def test_recorded_rules(version: str) -> None:
    rules = enabled_rules(recorded(f"pylint/{version}/enabled.txt"))

    assert {"C0114", "E0602", "R0801", "W0611"} <= rules
    assert not rules & {"E0001", "F0001", "W0012", "I0020", "R0022"}


def test_what_is_disabled_and_what_pylint_says_of_itself_is_no_rule() -> None:
    listing = (
        b"Enabled messages:\n  syntax-error (E0001)\n  fatal (F0001)\n  useless (R0022)\n"
        b"  suppressed-message (I0020)\nDisabled messages:\n  unused-import (W0611)\n"
    )

    assert enabled_rules(listing) == frozenset()


def test_without_a_list_nothing_is_proved() -> None:
    with pytest.raises(OutputUnreadable, match="which rules"):
        enabled_rules(b"  unused-import (W0611)\n")


@pytest.mark.parametrize("version", BOTH)
def test_recorded_settings(version: str) -> None:
    found = settings(recorded(f"pylint/{version}/settings.toml"))

    assert found["ignore"] == ["CVS"]
    assert "exit-zero" not in found


@pytest.mark.parametrize("data", [b"", b"tool = 1\n", b"[tool.black]\n", b"noise\n", b"\xff"])
def test_broken_settings_are_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="did not print its configuration"):
        settings(data)


@pytest.mark.parametrize(
    ("code", "text", "tells"),
    [
        ("I0020", "Suppressed 'unused-import' (from line 4)", True),
        ("I0020", "Suppressed 'locally-disabled' (from line 1)", False),
        ("I0020", "Suppressed 'useless-suppression' (from line 1)", False),
        ("W0611", "Suppressed 'unused-import' (from line 4)", False),
    ],
)
def test_only_what_would_count_is_suppressed(code: str, text: str, *, tells: bool) -> None:
    message = Message(
        code=code,
        symbol="",
        category="info",
        text=text,
        path="a.py",
        line=1,
        column=1,
        confidence="HIGH",
    )

    assert tells_suppression(message) == tells
