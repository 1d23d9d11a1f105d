"""A stage of another package: installed beside, listed, tried, and used from a gates.yaml."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli.conftest import Ended
from repositories import Repo

PACKAGE = Path(__file__).parent / "gates-todo"

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        not (find_spec("pip") and find_spec("hatchling")), reason="pip and hatchling install it"
    ),
]


@dataclass(frozen=True, slots=True)
class Beside:
    """An environment that holds all of this one's packages, and the other package.

    Attributes:
        python: its interpreter.
    """

    python: Path

    def run(self, *words: str, cwd: Path, environ: dict[str, str]) -> Ended:
        path = {"PATH": f"{self.python.parent}{os.pathsep}{environ['PATH']}"}
        done = subprocess.run(
            [self.python, *words],
            cwd=cwd,
            env={**environ, **path},
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def beside(tmp_path_factory: pytest.TempPathFactory) -> Beside:
    folder = tmp_path_factory.mktemp("beside") / "env"
    venv.create(folder, with_pip=False, symlinks=True)
    paths = {"base": str(folder), "platbase": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=paths))
    here = sysconfig.get_path("purelib")
    (site / "beside.pth").write_text(f"import site; site.addsitedir({here!r})\n")
    made = Beside(folder / "bin" / "python")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--quiet")
    # The build back end is looked up where this process would find it.
    search = os.pathsep.join(path for path in sys.path if path)
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": search}
    words = ("-m", "pip", "install", *offline, "--disable-pip-version-check", str(PACKAGE))
    ended = made.run(*words, cwd=folder, environ=environ)
    assert ended.code == 0, ended.err
    return made


@pytest.fixture
def project(repo: Repo) -> Repo:
    repo.write("gates.yaml", "version: 1\nproject: shop\nsources: [src]\nlevels:\n  1: [todo]\n")
    repo.write("src/shop.py", "PRICE = 3\n")
    repo.commit()
    return repo


def gates(beside: Beside, repo: Repo, *words: str) -> Ended:
    return beside.run("-m", "gates", *words, cwd=repo.root, environ=repo.environ)


def test_it_is_listed_and_shown(beside: Beside, project: Repo) -> None:
    listed = gates(beside, project, "stages").out.splitlines()
    assert "todo" in [line.split()[0] for line in listed]
    assert "count-todos" in gates(beside, project, "stages", "todo").out


def test_it_holds_in_every_trial(beside: Beside, project: Repo) -> None:
    ended = gates(beside, project, "stages", "check", "todo")
    assert ended.code == 0, ended.out + ended.err
    assert ended.out.splitlines()[-1].endswith(" 0 broken")


def test_a_gates_yaml_can_use_it(beside: Beside, project: Repo) -> None:
    ended = gates(beside, project, "check")
    assert ended.code == 0, ended.out + ended.err
    project.write("src/more.py", "# TO" + "DO: more\n")
    project.commit()
    ended = gates(beside, project, "check")
    assert ended.code == 1, ended.out + ended.err
    assert "src/more.py:1" in ended.out


def test_its_own_tests_pass(beside: Beside, tmp_path: Path) -> None:
    words = (
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        f"--rootdir={PACKAGE}",
    )
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = beside.run(*words, str(PACKAGE / "tests"), cwd=tmp_path, environ=environ)
    assert ended.code == 0, ended.out + ended.err
    assert " passed" in ended.out
