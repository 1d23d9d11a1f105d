"""What the documentation shows is there, and is taken by what it speaks of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from house.tree import ROOT, text_of, tracked

from gates.cli.main import COMMANDS
from gates.config.load import load

PAGES = [name for name in tracked("README.md", "CHANGELOG.md", "docs") if name.endswith(".md")]
LINK = re.compile(r"\]\(([^()\s]+)\)")
BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:`|^\$ |bin/)gates (?:-C \S+ )?([a-z][a-z-]*)", re.MULTILINE)

POLICIES = [
    pytest.param(block, id=f"{page}-{number}")
    for page in PAGES
    for number, block in enumerate(BLOCK.findall(text_of(page)), 1)
    if block.startswith("version:")
]
"""Each whole gates.yaml that a page shows."""


@pytest.mark.parametrize("page", PAGES)
def test_each_link_within_the_repository_leads_somewhere(page: str) -> None:
    targets = [link.partition("#")[0] for link in LINK.findall(text_of(page)) if "://" not in link]
    folder = (ROOT / page).parent
    assert [link for link in targets if not (folder / link).exists()] == []


def test_the_first_page_links() -> None:
    assert Path("docs/ARCHITECTURE.md").as_posix() in LINK.findall(text_of("README.md"))


def test_the_first_page_shows_a_policy() -> None:
    assert any(str(policy.id).startswith("README.md") for policy in POLICIES)


@pytest.mark.parametrize("policy", POLICIES)
def test_each_policy_that_is_shown_is_taken(policy: str) -> None:
    plan = load(policy.encode(), name="gates.yaml", default_project="shown")
    assert plan.gates


@pytest.mark.parametrize("page", PAGES)
def test_each_command_that_is_shown_is_there(page: str) -> None:
    assert [name for name in COMMAND.findall(text_of(page)) if name not in COMMANDS] == []
