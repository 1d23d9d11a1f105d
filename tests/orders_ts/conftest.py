"""The TypeScript order service in a repository of its own, ready to be copied."""

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
PACKAGES = BACKENDS / "orders-ts" / "node_modules"
LEFT_OUT = shutil.ignore_patterns("node_modules", "coverage", "dist", ".gates")
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

    def commit(self, message: str) -> None:
        """Commit everything."""
        self.git("add", "-A")
        self.git("commit", "--quiet", "-m", message)

    def check(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Run `gates check`; its exit code and its record."""
        environ = {
            name: text
            for name, text in os.environ.items()
            # What is measured here is the service; what `gates` runs must not be traced besides.
            if not name.startswith(("PYTEST", "COVERAGE", "NODE"))
        }
        environ.pop("VIRTUAL_ENV", None)
        done = subprocess.run(
            (sys.executable, "-m", "gates", "check", "--report", "json", *arguments),
            cwd=self.root,
            env=environ,
            capture_output=True,
            check=False,
            timeout=300,
        )
        assert done.stdout, done.stderr.decode()
        record: dict[str, object] = json.loads(done.stdout)
        return done.returncode, record


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """One repository a worker; never changed. Its packages are those of the checkout, linked."""
    if not PACKAGES.is_dir():
        pytest.skip(
            "the packages of the service are not installed: run"
            " `npm ci --ignore-scripts --no-audit --no-fund` in tests/backends/orders-ts"
        )
    root = tmp_path_factory.mktemp("template") / "orders"
    shutil.copytree(BACKENDS / "orders-ts", root, ignore=LEFT_OUT)
    (root / "node_modules").symlink_to(PACKAGES)
    copy = Copy(root)
    copy.git("init", "--quiet", "--initial-branch", "main")
    copy.commit("feat: serve orders")
    return copy


@pytest.fixture
def orders(template: Copy, tmp_path: Path) -> Copy:
    """A copy that a test may change."""
    shutil.copytree(template.root, tmp_path / "orders", symlinks=True)
    return Copy(tmp_path / "orders")
