"""Whole commands in a scratch repository, with an environment of nothing but what is needed."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from repositories import Repo

KEPT = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "COVERAGE_PROCESS_START", "COVERAGE_FILE")
"""Variables of the test's own environment that a command may see."""


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Gates:
    repo: Repo

    def __call__(self, *arguments: str, **environ: str) -> Ended:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        coverage = {key: text for key, text in os.environ.items() if key.startswith("COV")}
        done = subprocess.run(
            [sys.executable, "-m", "gates", *arguments],
            cwd=self.repo.root,
            env={**self.repo.environ, **kept, **coverage, **environ},
            capture_output=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())

    def policy(self, text: str) -> None:
        self.repo.write("gates.yaml", text)
        self.repo.commit()


@pytest.fixture
def gates(repo: Repo) -> Gates:
    return Gates(repo)


@pytest.fixture
def root(repo: Repo) -> Path:
    return repo.root
