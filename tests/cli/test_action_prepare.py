"""The step ahead of the check installs what is lacking, by programs that stand in for the real."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repo
from runner.grammar import Listener

from gates.cli import action_prepare
from gates.cli.action_inputs import Inputs
from gates.domain.errors import StageError

POLICY = "version: 1\nlevels: {1: [ruff, mypy]}\n"


class Machine:
    """A repository, and a PATH on which each program only writes down how it was called."""

    def __init__(self, repo: Repo, *, code: int = 0) -> None:
        self.repo = repo
        self.told = repo.root.parent / "told"
        self.temp = repo.root.parent / "temp"
        self.bin = repo.root.parent / "bin"
        self.bin.mkdir()
        for name in ("uv", "npm", "make"):
            self.program(self.bin / name, code)
        for name in ("python", "pip", "mypy"):
            self.program(repo.root / ".venv" / "bin" / name, code)
        self.program(self.temp / "gates" / "beside" / "bin" / "python", code)
        repo.write(".gitignore", ".venv\n")
        repo.write("gates.yaml", POLICY)
        repo.commit()

    def program(self, path: Path, code: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = f'echo "{path.name} $*" >> {self.told}\nenv >> {self.told}.env\n'
        path.write_text(f"#!/bin/sh\n{lines}echo '::error::forged'\nexit {code}\n")
        path.chmod(0o755)

    @property
    def environ(self) -> dict[str, str]:
        path = f"{self.bin}:{self.repo.environ['PATH']}"
        own = {"PATH": path, "RUNNER_TEMP": str(self.temp), "GITHUB_TOKEN": "x"}
        return {**self.repo.environ, **own}

    def prepare(self, **inputs: str) -> list[str]:
        action_prepare.prepare(Inputs(install=inputs["install"]), self.repo.root, self.environ)
        return self.told.read_text().splitlines() if self.told.exists() else []


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, repo: Repo) -> None:
    """As if `gates` were installed where nothing else is, and started in the checkout."""
    monkeypatch.setattr("sys.prefix", str(repo.root.parent / "own"))
    monkeypatch.chdir(repo.root)


def test_nothing_is_installed_where_that_is_asked_for(repo: Repo) -> None:
    assert Machine(repo).prepare(install="none") == []


def test_a_command_is_split_and_read_by_no_shell(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(repo)
    assert machine.prepare(install="make 'a b'; x") == ["make a b; x"]
    env = Path(f"{machine.told}.env").read_text().splitlines()
    assert "GITHUB_TOKEN=x" not in env
    assert f"PIP_CACHE_DIR={machine.temp}/gates/cache/pip" in env
    listener = Listener()
    listener.feed(capfd.readouterr().out)
    assert listener.annotations == []


def test_what_the_project_lacks_comes_from_beside_it(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    repo.write("package-lock.json", "{}")
    told = Machine(repo).prepare(install="auto")
    assert told[0] == "npm ci --no-audit --no-fund --loglevel error"
    assert told[1].startswith("python -I -m pip install")
    assert told[1].endswith(" ruff")
    assert "not pinned, since the project does not bring them: ruff" in capfd.readouterr().out


def test_what_only_the_project_can_bring_is_told(
    repo: Repo, capfd: pytest.CaptureFixture[str]
) -> None:
    machine = Machine(repo)
    (repo.root / ".venv" / "bin" / "mypy").unlink()
    machine.prepare(install="auto")
    assert "`mypy` is not in the project's environment" in capfd.readouterr().out


def test_what_no_lock_pins_is_told(repo: Repo, capfd: pytest.CaptureFixture[str]) -> None:
    repo.write("requirements.txt", "a\n")
    machine = Machine(repo)
    machine.program(machine.bin / "python3", 0)
    venv, moved = repo.root / ".venv", repo.root / ".moved"
    venv.rename(moved)
    machine.program(machine.bin / "python3", 0)
    (machine.bin / "python3").write_text(f"#!/bin/sh\nmv {moved} {venv}\n")
    told = machine.prepare(install="auto")
    assert told[0].endswith("--requirement requirements.txt")
    assert "not pinned by a lock with digests" in capfd.readouterr().out


def test_an_installer_that_the_machine_lacks_is_installed_beside(repo: Repo) -> None:
    repo.write("poetry.lock", "")
    machine = Machine(repo)
    (repo.root / ".venv").rename(repo.root / ".moved")
    beside = machine.temp / "gates" / "beside" / "bin"
    with pytest.raises(StageError, match="`poetry` is not on PATH"):
        machine.prepare(install="auto")
    assert machine.told.read_text().rstrip().endswith(" poetry")
    machine.program(beside / "poetry", 0)
    told = machine.prepare(install="auto")
    assert "poetry install --all-extras --all-groups --no-interaction" in told


def test_an_installation_that_fails_ends_the_step(repo: Repo) -> None:
    with pytest.raises(StageError, match="exit code 4 of: make") as raised:
        Machine(repo, code=4).prepare(install="make")
    assert "install: none" in raised.value.problem.hint


def test_outside_git_there_is_no_history(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    action_prepare.fetch(Inputs(), folder, {"PATH": "/usr/bin:/bin"})
