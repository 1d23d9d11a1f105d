"""A project whose gates are measured in several clones of it, for tests of shards."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from cli.conftest import KEPT, Ended
from cli.in_process import gates_at
from repositories import Repo

SHOP = "".join(
    f"def pick_{name}(n):\n    n = n + 1\n    n = n + 2\n    n = n + 3\n    return n\n\n\n"
    for name in ("one", "two", "three")
)
"""A source of which each of three groups of tests runs the most, and none all."""

PYPROJECT = '[tool.pytest.ini_options]\npythonpath = ["src"]\naddopts = "-p no:cacheprovider"\n'


def calling(*names: str) -> str:
    calls = "".join(f"    assert pick_{name}(1) == 7\n" for name in names)
    imports = ", ".join(f"pick_{name}" for name in names)
    return f"from shop import {imports}\n\n\ndef test_it():\n{calls}"


@dataclass(frozen=True, slots=True)
class Machines:
    """A checkout, and clones of it that stand for other machines.

    Attributes:
        home: the folder that holds them all.
        repo: the checkout in which the shards are planned and merged.
        environ: what every command in it sees.
    """

    home: Path
    repo: Repo
    environ: dict[str, str]

    @property
    def plan(self) -> Path:
        return self.home / "plan.json"

    @property
    def bundles(self) -> Path:
        return self.home / "bundles"

    def gates(self, *arguments: str, **environ: str) -> Ended:
        return self.gates_at(self.repo.root, *arguments, **environ)

    def gates_at(self, folder: Path, *arguments: str, **environ: str) -> Ended:
        return gates_at(folder, {**self.environ, **environ}, *arguments)

    def planned(self, count: int, **environ: str) -> list[int]:
        """Plan the shards; their numbers, as GitHub is given them."""
        form = ("--format", "github-matrix", "--shards", str(count))
        done = self.gates("plan", *form, "--output", str(self.plan), **environ)
        assert done.code == 0, done.err
        shards: list[int] = json.loads(done.out)["shard"]
        return shards

    def clone(self, name: str) -> Path:
        path = self.home / name
        self.repo.git("clone", "--quiet", str(self.repo.root), str(path))
        return path

    def measured(self, index: int, **environ: str) -> Ended:
        """Measure a shard in a clone of its own."""
        clone = self.clone(f"machine-{index}")
        bundle = ("--bundle", str(self.bundles))
        shard = ("--shard", str(index), "--plan", str(self.plan))
        return self.gates_at(clone, "check", *shard, *bundle, **environ)

    def merged(self, *paths: Path, **environ: str) -> Ended:
        given = [str(path) for path in paths or (self.bundles,)]
        return self.gates("merge", *given, "--expect", str(self.plan), **environ)

    def copied(self, folder: Path) -> Machines:
        """The same machines, with bundles and a plan of their own that a test may damage."""
        shutil.copytree(self.bundles, folder / "bundles")
        shutil.copy(self.plan, folder / "plan.json")
        return Machines(folder, self.repo, self.environ)


def machines(home: Path, policy: str, files: dict[str, str]) -> Machines:
    """A committed project in `home/main`."""
    root = home / "main"
    root.mkdir(parents=True)
    environ = {name: os.environ[name] for name in KEPT if name in os.environ}
    environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environ['PATH']}"
    environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    git = {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ana",
        "GIT_AUTHOR_EMAIL": "ana@example.com",
        "GIT_COMMITTER_NAME": "Ana",
        "GIT_COMMITTER_EMAIL": "ana@example.com",
    }
    repo = Repo(root, {**environ, **git})
    repo.git("init", "--quiet", "--initial-branch=main")
    ignored = ".gates/\n__pycache__/\n"
    for name, text in {".gitignore": ignored, "gates.yaml": policy, **files}.items():
        repo.write(name, text)
    repo.commit()
    return Machines(home, repo, repo.environ)
