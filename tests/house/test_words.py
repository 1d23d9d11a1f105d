"""What must not stand in any file, and what may stand beside what at the top."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from house.tree import ROOT, text_of, tracked

from gates.cli.main import COMMANDS

TOP = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "action.yml",
    "docs",
    "gates.yaml",
    "pyproject.toml",
    "src",
    "tests",
}
"""All that stands at the top, beside what begins with a dot."""

HERE = f"tests/house/{Path(__file__).name}"

MACHINE = re.compile(
    r"/[r]oot/|/tmp/pytest-of-|/private/var/folders/|\b[A-Z]:\\Users\\"
    # The place of this very checkout, where it is telling enough to be no accident.
    + (f"|{re.escape(str(ROOT))}/" if len(ROOT.parts) > 2 else "")
)
REGISTRY = re.compile(
    r"\b(?:[p]ypi\.org|[p]ythonhosted\.org|[n]pmjs\.(?:com|org)|[c]rates\.io|[r]ubygems\.org|[g]olang\.org)\b"
)
# In double quotes the first one is a key in reports of other tools.
UNUSED = re.compile(r'violation(?!s")|result[ _-]?code', re.IGNORECASE)

COMMAND = re.compile(r"`gates (?:-C \S+ )?([a-z][a-z-]*)")


def places(pattern: re.Pattern[str], names: list[str]) -> list[str]:
    """Each place at which a pattern stands, but those in this file."""
    found = []
    for name in names:
        if name == HERE:
            continue
        lines = text_of(name).splitlines()
        found += [f"{name}:{n}" for n, line in enumerate(lines, 1) if pattern.search(line)]
    return found


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine", "registry"])
def test_no_file_tells_of_the_machine_or_the_registry_it_was_made_with(
    pattern: re.Pattern[str],
) -> None:
    assert places(pattern, tracked()) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (MACHINE, "see /" + "root/.cache/tool"),
        (MACHINE, f"{ROOT}/src/gates/app.py"),
        (REGISTRY, "https://files.python" + "hosted.org/packages/x"),
        (UNUSED, "count_violations"),
        (UNUSED, "the RESULT CODE of a tool"),
        (UNUSED, "resultCode"),
    ],
)
def test_what_is_looked_for_would_be_found(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


def test_one_word_for_each_thing() -> None:
    names = tracked("src", "docs", "README.md", "CHANGELOG.md")
    assert "README.md" in names
    assert places(UNUSED, names) == []


def test_nothing_else_stands_at_the_top() -> None:
    names = {name.split("/")[0] for name in tracked()}
    assert {name for name in names if not name.startswith(".")} == TOP


def test_each_command_that_a_message_names_is_there() -> None:
    named = {
        (command, f"{name}:{node.lineno}")
        for name in tracked("src/gates")
        if name.endswith(".py")
        for node in ast.walk(ast.parse(text_of(name)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for command in COMMAND.findall(node.value)
    }
    assert {command for command, _ in named} >= {"check"}
    assert sorted(place for command, place in named if command not in COMMANDS) == []
