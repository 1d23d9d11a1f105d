"""The order service in a repository of its own, its tools' caches warm, ready to be copied."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

BACKENDS = Path(__file__).parent.parent / "backends"
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".coverage*", ".gates", "out")
TESTS = "tests: pytest\n"
WITHOUT_OURS = (
    'tests: {uses: pytest, with: {args: ["-pno:inline_snapshot", "-pno:hypothesispytest"]}}\n'
)
"""The gate without pytest plugins that these tests have and the service has not: slow to import."""
WITHOUT_LOAD = (
    (
        """      bench:
        uses: load
        service: api-sqlite
        env: {ORDERS_ANONYMOUS_LIMIT: "1000000"}
        with: {paths: [GET /products, GET /products/7], rate: 1x, warmup: 2s, duration: 8s}
""",
        "",
    ),
)
GIT = ("git", "-c", "user.name=Ann Example", "-c", "user.email=ann@example.com")


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of the order service.

    Attributes:
        root: its folder, the top of a repository.
    """

    root: Path

    def git(self, *arguments: str, stdin: bytes = b"") -> None:
        """Run git in it."""
        environ = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run((*GIT, *arguments), cwd=self.root, input=stdin, env=environ, check=True)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file at its one place that reads so."""
        path = self.root / name
        assert path.read_text().count(old) == 1, old
        path.write_text(path.read_text().replace(old, new))

    def applies(self, patch: bytes) -> bool:
        """Whether a patch fits the files as they are."""
        command = (*GIT, "apply", "--check", "-")
        return not subprocess.run(
            command, cwd=self.root, input=patch, capture_output=True, check=False
        ).returncode

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", message)

    def check(
        self, *arguments: str, path: str | None = None, python: str = sys.executable
    ) -> tuple[int, dict[str, object]]:
        """Run `gates check`; its exit code and its record."""
        environ = {
            name: text
            for name, text in os.environ.items()
            # What is measured here is the service; what `gates` runs must not be traced besides.
            if not name.startswith(("PYTEST", "COVERAGE"))
        }
        environ.pop("VIRTUAL_ENV", None)
        if path is not None:
            environ["PATH"] = path
        done = subprocess.run(
            (python, "-m", "gates", "check", "--report", "json", *arguments),
            cwd=self.root,
            env=environ,
            capture_output=True,
            check=False,
            timeout=300,
        )
        assert done.stdout, done.stderr.decode()
        record: dict[str, object] = json.loads(done.stdout)
        return done.returncode, record


def made(root: Path, *, level: int = 1) -> Copy:
    """A fresh repository that holds the service, judged once so that caches are warm.

    At Level 1 it is without the gate that loads the service: those tests run side by side.
    """
    shutil.copytree(BACKENDS / "orders", root, ignore=LEFT_OUT)
    copy = Copy(root)
    policy = root / "gates.yaml"
    assert TESTS in policy.read_text()
    policy.write_text(policy.read_text().replace(TESTS, WITHOUT_OURS))
    for old, new in () if level > 1 else WITHOUT_LOAD:
        copy.edit("gates.yaml", old, new)
    copy.git("init", "--quiet", "--initial-branch", "main")
    copy.commit("feat: serve orders")
    if level == 1:
        copy.check("--gate", "types")
    return copy


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One repository a worker; never changed."""
    return made(tmp_path_factory.mktemp("template") / "orders")


@pytest.fixture
def orders(template: Copy, tmp_path: Path) -> Copy:
    """A copy that a test may change."""
    shutil.copytree(template.root, tmp_path / "orders", symlinks=True)
    return Copy(tmp_path / "orders")


@pytest.fixture(scope="session")
def running_template(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One repository for the tests that start the service; never changed."""
    return made(tmp_path_factory.mktemp("running") / "orders", level=2)


@pytest.fixture
def running(running_template: Copy, tmp_path: Path) -> Copy:
    """A copy of it that a test may change."""
    shutil.copytree(running_template.root, tmp_path / "orders", symlinks=True)
    return Copy(tmp_path / "orders")
