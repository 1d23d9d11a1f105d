"""A scratch repository for the tests of every room."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo


@pytest.fixture
def git_environ(tmp_path: Path) -> dict[str, str]:
    """An environment for git that reads one private configuration."""
    config = tmp_path / "gitconfig"
    config.write_text(
        "[user]\n\tname = Ann Example\n\temail = ann@example.com\n"
        '[init]\n\tdefaultBranch = main\n[protocol "file"]\n\tallow = always\n'
    )
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
    }


@pytest.fixture
def repo(tmp_path: Path, git_environ: dict[str, str]) -> Repo:
    """An empty repository."""
    made = Repo(tmp_path / "repo", git_environ)
    made.root.mkdir()
    made.git("init", "--quiet")
    return made
