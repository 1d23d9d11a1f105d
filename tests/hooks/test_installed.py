"""What the hooks find when git itself calls `gates`, and what `gates` finds when called by hand."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hooks.conftest import Project
from hooks.plants import MESSAGES, PLANTS, found

pytestmark = pytest.mark.live

POLICY = """\
version: 1
project: orders
sources: [src]
levels:
  1:
    name: Automated
    gates:
      lint: {uses: ruff, when: [commit, ci]}
      tests:
        uses: pytest
        when: [push]
        with:
          args: [tests/test_settings.py, "-pno:inline_snapshot", "-pno:hypothesispytest"]
      commits: commit-message
"""
LFS = '#!/bin/sh\nwhile read -r local rest; do echo "kept saw $local"; done\n'


def test_what_is_staged_is_judged_by_hand(orders: Project) -> None:
    for name, plant in PLANTS.items():
        plant.stage(orders)
        done = orders.gates("check", "--staged")
        assert (name, found(orders)) == (name, plant.found), done.text
        assert (name, done.code) == (name, plant.code), done.text


@pytest.fixture
def quick(orders: Project) -> Project:
    """The service with one gate for each commit and one for each push."""
    orders.write("gates.yaml", POLICY)
    orders.git("commit", "--quiet", "--all", "-m", "build: judge less")
    orders.git("tag", "v1")
    return orders


def bare(project: Project) -> Project:
    """The service as a GUI client sees it: next to nothing in the environment."""
    git = shutil.which("git")
    assert git
    kept = {name: project.environ[name] for name in ("HOME", "GIT_CONFIG_NOSYSTEM")}
    return replace(project, environ={**kept, "PATH": str(Path(git).parent)})


def test_git_calls_gates_from_a_bare_environment_and_a_strange_folder(quick: Project) -> None:
    strange = quick.root.parent / 'it\'s "mine" & $(more)'
    quick.root.rename(strange)
    project = bare(replace(quick, root=strange))
    assert project.gates("install-hook").code == 0
    for message, is_good in MESSAGES.items():
        PLANTS["clean"].stage(project)
        done = project.run("git", "commit", "-m", message)
        assert (message, done.code) == (message, 0 if is_good else 1), done.text
        project.git("reset", "--quiet", "--soft", "v1")
    PLANTS["lint, format, secret, test"].stage(project)
    done = project.run("git", "commit", "-m", "feat: add up sums")
    assert done.code == 1, done.text
    assert found(project) == {"lint": "failed"}
    assert project.run("git", "commit", "--no-verify", "-m", "anything").code == 0
    assert project.gates("install-hook", "--uninstall").code == 0
    assert project.run("git", "commit", "--allow-empty", "-m", "anything").code == 0


def test_each_ref_of_a_push_is_judged_after_the_hook_that_was_there(quick: Project) -> None:
    kept = quick.root / ".git" / "hooks" / "pre-push"
    kept.parent.mkdir(exist_ok=True)
    kept.write_text(LFS)
    kept.chmod(0o755)
    assert quick.gates("install-hook", "--stage", "pre-push").code == 0
    remote = str(quick.root.parent / "remote.git")
    quick.git("init", "--quiet", "--bare", remote)
    for branch, plant in (("good", "clean"), ("bad", "untracked module")):
        quick.git("checkout", "--quiet", "-b", branch, "main")
        PLANTS[plant].stage(quick)
        quick.git("commit", "--quiet", "-m", f"feat: add up {branch} sums")
    quick.git("checkout", "--quiet", "good")
    # The bad one is the second, and is not what lies there.
    done = quick.run("git", "push", remote, "good", "bad")
    assert done.code == 1, done.text
    assert "kept saw refs/heads/good" in done.text
    assert "kept saw refs/heads/bad" in done.text
    assert "errored       tests" in done.text
    assert quick.git("ls-remote", remote) == ""
    for _ in range(2):  # the second time, the remote has it already
        done = quick.run("git", "push", remote, "good")
        assert done.code == 0, done.text
    assert quick.git("ls-remote", remote).endswith("refs/heads/good")


def test_where_gates_is_gone_nothing_is_committed(quick: Project) -> None:
    assert quick.gates("install-hook", "--stage", "pre-commit").code == 0
    hook = quick.root / ".git" / "hooks" / "pre-commit"
    hook.write_text(hook.read_text().replace(sys.executable, "/gone/bin/python"))
    PLANTS["clean"].stage(quick)
    head = quick.git("rev-parse", "HEAD")
    done = quick.run("git", "commit", "-m", "feat: add up sums")
    assert done.code != 0
    assert "gates: pre-commit could not run" in done.text
    assert quick.git("rev-parse", "HEAD") == head
