"""A scratch repository for the tests of every room."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from repositories import Repo

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("gates", deadline=None)
settings.load_profile("gates")


def pytest_configure() -> None:
    """Let no forked process save again what its parent has measured, and saves itself.

    coverage.py's patches of `fork` and `_exit` together make each child write all of it: a quarter
    of a second for each, in a process that has run some tests.
    """
    if "coverage" not in sys.modules:
        return
    from coverage import Coverage

    measuring: list[Coverage | None] = []

    def note_parents() -> None:
        measuring[:] = [Coverage.current()]

    def silence_parents() -> None:
        for each in measuring:
            if each is not None:
                vars(each)["save"] = lambda: None

    os.register_at_fork(before=note_parents, after_in_child=silence_parents)


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
