"""Which modules a command loads: names and no times, so that no busy machine can turn it red."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

LISTING = """\
import sys
listing = sys.argv.pop(1)
sys.argv[0] = "gates"
before = set(sys.modules)
try:
    from gates.__main__ import main
    main()
finally:
    with open(listing, "w") as file:
        file.write("\\n".join(sorted(set(sys.modules) - before)))
"""
"""Runs the command line in this process, and lists what it loaded however it ended."""

HEAVY = frozenset(
    {
        "asyncio",
        "bandit",
        "concurrent",
        "coverage",
        "email",
        "http",
        "importlib.metadata",
        "jinja2",
        "junitparser",
        "logging",
        "multiprocessing",
        "packaging",
        "pydantic",
        "pydantic_core",
        "rich",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "tempfile",
        "unittest",
        "urllib.request",
        "xml",
        "yaml",
        "zipfile",
    }
)
"""What no command may load before it is known to be needed."""

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
"""


UNAFFECTED = """\
version: 1
project: shop
levels:
  1: [ruff, ruff-format, mypy, pytest]
"""
"""Gates of which two are due at a commit."""

UNNEEDED = frozenset(
    {
        "_strptime",
        "calendar",
        "ctypes",
        "gates.cli.github_files",
        "gates.config.extends",
        "gates.config.kept_services",
        "gates.config.kept_waivers",
        "gates.config.load",
        "gates.domain.policy_change",
        "gates.domain.rollup",
        "gates.domain.shards",
        "gates.domain.standing",
        "gates.executor.freshness",
        "gates.executor.newness",
        "gates.executor.placing",
        "gates.executor.services",
        "gates.executor.stamps",
        "gates.toolkit.pinned",
        "gates.toolkit.pushed",
        "gates.toolkit.reaper",
        "gates.toolkit.supervisor",
    }
)
"""What a commit that affects no gate must not wait for."""

MOST_OWN = 120
"""How many modules of ours such a commit may load: new ones are to be weighed."""

GIT_CALLS = 11
"""How many git processes such a commit may start: each costs some milliseconds."""

RECORDER = """\
#!/bin/sh
printf '%s\\n' "$*" >> {log}
exec {git} "$@"
"""


def heavy(loaded: set[str]) -> set[str]:
    """The heavy ones among modules, by their own name or that of a package around them."""
    return {name for name in loaded if any(f"{name}.".startswith(f"{each}.") for each in HEAVY)}


def own(loaded: set[str]) -> set[str]:
    return {name for name in loaded if name.split(".")[0] == "gates"}


class Loading:
    """Runs commands in a scratch project and tells which modules each loaded."""

    def __init__(self, repo: Repo, listing: Path) -> None:
        self.repo = repo
        self.listing = listing

    def __call__(self, *arguments: str, path: str = "") -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", LISTING, str(self.listing), *arguments],
            cwd=self.repo.root,
            # Nothing that collects coverage may come along: it would load modules of its own.
            env={**self.repo.environ, "PATH": path + os.environ["PATH"]},
            capture_output=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return set(self.listing.read_text().splitlines())


@pytest.fixture
def loading(repo: Repo, tmp_path: Path) -> Loading:
    repo.write("gates.yaml", POLICY)
    repo.commit()
    return Loading(repo, tmp_path / "modules.txt")


@pytest.fixture
def warm(loading: Loading) -> Loading:
    """A project whose plan is kept; loading it for the first time shows that the names are seen."""
    assert {"pydantic", "yaml"} <= heavy(loading("plan"))
    return loading


def test_the_version_loads_nothing_but_itself(loading: Loading) -> None:
    loaded = loading("--version")
    assert own(loaded) == {"gates", "gates.__main__"}
    assert loaded - own(loaded) <= {"__future__"}


def test_the_help_loads_no_command(loading: Loading) -> None:
    loaded = loading("--help")
    assert not heavy(loaded)
    assert not {name for name in own(loaded) if name.startswith(("gates.app", "gates.executor"))}


@pytest.mark.parametrize("command", ["plan", "check"])
def test_with_a_kept_plan_nothing_heavy_is_loaded(warm: Loading, command: str) -> None:
    assert not heavy(warm(command))


@pytest.mark.parametrize("command", ["plan", "check"])
def test_with_a_kept_plan_gates_yaml_is_not_read_again(warm: Loading, command: str) -> None:
    reading = {"gates.config.load", "gates.config.wire", "gates.formats.strict_yaml"}
    assert not own(warm(command)) & reading


def test_a_kept_plan_loads_no_stage_and_nothing_that_runs_one(warm: Loading) -> None:
    running = ("gates.stages.", "gates.executor.execute", "gates.toolkit.processes")
    assert not {name for name in own(warm("plan")) if name.startswith(running)}


def test_a_run_loads_only_the_stages_that_it_runs(warm: Loading) -> None:
    stages = {name for name in own(warm("check")) if name.startswith("gates.stages.")}
    assert stages == {"gates.stages.command"}


def test_a_run_without_a_terminal_loads_nothing_that_draws(warm: Loading) -> None:
    assert not {name for name in warm("check", "--report", "json") if name.startswith("rich")}


@pytest.fixture
def committed(repo: Repo, tmp_path: Path) -> Loading:
    """A project with a kept plan and a kept side tree, whose index is as the last commit."""
    repo.write("gates.yaml", UNAFFECTED)
    repo.write(".gitignore", ".gates/local/\n")
    repo.write("shop.py", "X = 1\n")
    repo.commit()
    loading = Loading(repo, tmp_path / "modules.txt")
    assert "gates.config.load" in loading("check", "--staged")
    return loading


def test_a_commit_that_affects_nothing_waits_for_little(committed: Loading) -> None:
    loaded = committed("check", "--staged")
    assert not heavy(loaded)
    assert not loaded & UNNEEDED
    stages = {name for name in loaded if name.startswith("gates.stages.")}
    assert stages == {"gates.stages.ruff", "gates.stages.ruff_format"}
    assert len(own(loaded)) <= MOST_OWN


def test_a_commit_that_affects_nothing_asks_git_seldom(committed: Loading, tmp_path: Path) -> None:
    log, folder, git = tmp_path / "calls.txt", tmp_path / "bin", shutil.which("git")
    assert git is not None
    folder.mkdir()
    (folder / "git").write_text(RECORDER.format(log=shlex.quote(str(log)), git=shlex.quote(git)))
    (folder / "git").chmod(0o755)
    committed("check", "--staged", path=f"{folder}{os.pathsep}")
    calls = log.read_text().splitlines()
    assert any("write-tree" in call for call in calls)
    assert len(calls) <= GIT_CALLS, calls
