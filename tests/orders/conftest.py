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


def made(root: Path) -> Copy:
    """A fresh repository that holds the service, judged once so that caches are warm."""
    shutil.copytree(BACKENDS / "orders", root, ignore=LEFT_OUT)
    copy = Copy(root)
    policy = root / "gates.yaml"
    assert TESTS in policy.read_text()
    policy.write_text(policy.read_text().replace(TESTS, WITHOUT_OURS))
    copy.git("init", "--quiet", "--initial-branch", "main")
    copy.commit("feat: serve orders")
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
