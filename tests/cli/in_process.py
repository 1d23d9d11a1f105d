"""Whole commands in the tests' own process: quick, and what they run of `gates` is measured."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.conftest import KEPT, Ended
from click.testing import CliRunner
from repositories import Repo

from gates.cli.main import group
from gates.domain.errors import ConfigError, StageError

MEASURED = ".coverage.*"


@contextmanager
def _only(environ: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _unseen(folder: Path) -> None:
    """Let git ignore what a forked process, where the tests are measured, leaves in the folder."""
    top = next((each for each in (folder, *folder.parents) if (each / ".git").is_dir()), None)
    if top is None:
        return
    (top / ".git" / "info").mkdir(exist_ok=True)
    exclude = top / ".git" / "info" / "exclude"
    told = exclude.read_text() if exclude.exists() else ""
    if MEASURED not in told.splitlines():
        exclude.write_text(f"{told}\n{MEASURED}\n")


def gates_at(folder: Path, environ: Mapping[str, str], *arguments: str) -> Ended:
    _unseen(folder)
    with chdir(folder), _only(environ):
        done = CliRunner().invoke(group, arguments, prog_name="gates")
    error = done.exception
    if isinstance(error, ConfigError | StageError):
        problems = error.problems if isinstance(error, ConfigError) else (error.problem,)
        told = (f"error[{p.slug}]: {p.summary}\n{p.place}\n{p.hint}\n" for p in problems)
        return Ended(error.exit_code, done.stdout, done.stderr + "".join(told))
    if error is not None and not isinstance(error, SystemExit):
        raise error
    return Ended(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class InProcess:
    """Stands in for `cli.conftest.Gates`."""

    repo: Repo

    def __call__(self, *arguments: str, **environ: str) -> Ended:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        return gates_at(self.repo.root, {**self.repo.environ, **kept, **environ}, *arguments)

    def policy(self, text: str) -> None:
        self.repo.write("gates.yaml", text)
        self.repo.commit()
