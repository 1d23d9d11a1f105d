"""The order service in a repository with hooks: of pre-commit, of prek, or of `gates` itself.

The managers build a private environment for `gates` from a folder of wheels, so that no test needs
a network: GATES_TEST_WHEELS names it. It holds what `gates` depends on and builds with.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BACKEND = ROOT / "tests" / "backends" / "orders"
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".coverage*", ".gates", "out")
PACKAGED = ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
"""What a manager needs of this repository to install `gates` from it."""

POLICY = """\
version: 1
project: orders
sources: [src]
levels:
  1:
    name: Automated
    gates:
      lint: {uses: ruff, when: [commit]}
      format: {uses: ruff-format, when: [commit]}
      tests:
        uses: pytest
        when: [commit, push]
        with:
          args: [tests/test_settings.py, "-pno:inline_snapshot", "-pno:hypothesispytest"]
      secrets:
        uses: detect-secrets
        when: [commit]
        with:
          exclude:
            [.env.sample, README.md, advisories, alembic.ini, contracts, migrations,
            requirements.in, requirements.txt, schemathesis.toml, src/orders/repositories,
            src/orders/routes, src/orders/services, tests]
      commits: commit-message
"""
"""The gates of the order service that are quick enough for a commit."""

TAG = "v1.0.0"
"""The revision that managers are told; the digits of a commit would look like a secret."""

NO_WHEELS = (
    "GATES_TEST_WHEELS names no folder of wheels, so a manager of hooks cannot install `gates`"
    " without a network: `pip download --only-binary :all: -d DIR . hatchling editables` makes one"
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and all that it wrote."""

    code: int
    text: str


@dataclass(frozen=True, slots=True)
class Project:
    """A repository that holds the order service.

    Attributes:
        root: its top.
        environ: the whole environment of what is run in it.
    """

    root: Path
    environ: Mapping[str, str]

    def run(self, *command: str, stdin: str = "", **environ: str) -> Ended:
        """Run a command at its top."""
        done = subprocess.run(
            command,
            cwd=self.root,
            env={**self.environ, **environ},
            input=stdin.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, os.fsdecode(done.stdout))

    def git(self, *arguments: str) -> str:
        """Run git in it, without any hook; what it wrote."""
        done = self.run("git", "-c", f"core.hooksPath={os.devnull}", *arguments)
        assert done.code == 0, done.text
        return done.text.strip()

    def gates(self, *arguments: str, stdin: str = "") -> Ended:
        """Run the `gates` of this checkout, as by hand."""
        return self.run(sys.executable, "-m", "gates", *arguments, stdin=stdin)

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        (self.root / name).write_text(text)

    def restore(self) -> None:
        """Throw away every change since the last commit."""
        self.git("reset", "--quiet", "--hard")
        self.git("clean", "--quiet", "-d", "--force")

    def forget(self) -> None:
        """Throw away the records of earlier runs."""
        shutil.rmtree(self.root / ".gates" / "local", ignore_errors=True)

    def statuses(self) -> dict[str, str]:
        """How each gate of the one recorded run stands that was due in it."""
        (path,) = self.root.glob(".gates/local/runs/*/run.json")
        record = json.loads(path.read_bytes())
        found = {gate["name"]: gate["status"] for gate in record["gates"]}
        return {name: status for name, status in found.items() if status != "skipped"}


@pytest.fixture(scope="session")
def wheels() -> Path:
    """The folder from which private environments are installed."""
    folder = os.environ.get("GATES_TEST_WHEELS", "")
    if not folder or not list(Path(folder).glob("hatchling-*.whl")):
        pytest.skip(NO_WHEELS)
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of PATH with what prek needs, and with no tool of the project."""
    folder = tmp_path_factory.mktemp("programs")
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if uv:
        (folder / "uv").symlink_to(uv)
    return folder


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Project:
    """The service, committed once; never changed."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Ann Example\n\temail = ann@example.com\n[init]\n\tdefaultBranch = main\n"
        '[protocol "file"]\n\tallow = always\n[advice]\n\tdetachedHead = false\n'
    )
    kept = ("TMPDIR", "LD_LIBRARY_PATH")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    path = f"{_without_environment(os.environ['PATH'])}:{programs}"
    environ |= {"HOME": str(home), "PATH": path, "GIT_CONFIG_NOSYSTEM": "1"}
    project = Project(tmp_path_factory.mktemp("template") / "orders", environ)
    shutil.copytree(BACKEND, project.root, ignore=LEFT_OUT)
    project.write("gates.yaml", POLICY)
    project.git("init", "--quiet")
    project.git("add", "-A")
    project.git("commit", "--quiet", "-m", "feat: serve orders")
    return project


@pytest.fixture
def orders(template: Project, tmp_path: Path) -> Project:
    """A copy that a test may change; its tools are in `.venv`, which git does not see."""
    root = tmp_path / "orders"
    shutil.copytree(template.root, root, symlinks=True)
    (root / ".venv").symlink_to(sys.prefix)
    with (root / ".git" / "info" / "exclude").open("a") as excluded:
        excluded.write("/.venv\n")
    return Project(root, template.environ)


@pytest.fixture(scope="session")
def hook_repository(template: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A clone of this checkout as it stands, as managers of hooks take it."""
    made = Project(tmp_path_factory.mktemp("hooks") / "gates", template.environ)
    made.root.mkdir()
    for name in PACKAGED:
        path = ROOT / name
        if path.is_dir():
            shutil.copytree(path, made.root / name, ignore=LEFT_OUT)
        else:
            shutil.copy(path, made.root / name)
    made.git("init", "--quiet")
    made.git("add", "-A")
    made.git("commit", "--quiet", "-m", "feat: judge")
    made.git("tag", TAG)
    return made


def _without_environment(path: str) -> str:
    """PATH without this interpreter's own programs: a project's tools must be found otherwise."""
    own = {os.path.realpath(Path(sys.executable).parent), os.path.realpath(f"{sys.prefix}/bin")}
    return os.pathsep.join(
        each for each in path.split(os.pathsep) if os.path.realpath(each) not in own
    )
