"""`gates init --ci`: the files by which a CI system runs `gates`."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from gates import app
from gates.config import policy
from gates.domain.errors import ConfigError, Problem
from gates.survey import ci_files
from gates.survey.ci_files import CiFile, Project
from gates.survey.ci_install import installation
from gates.toolkit.git import Git

SYSTEMS = ("github", "gitlab")

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


def has_policy(folder: Path) -> bool:
    """Whether a folder has a gates.yaml of its own already."""
    return (folder / policy.NAME).is_file()


def write_files(system: str, folder: Path, environ: Mapping[str, str], *, dry_run: bool) -> None:
    """Write the files of a CI system, and tell what its settings must say.

    Args:
        system: one of `SYSTEMS`.
        folder: that of gates.yaml.
        environ: the environment of `gates`.
        dry_run: print the files to standard output, and write none.

    Raises:
        ConfigError: a file is there already, which is never overwritten, or cannot be written; the
            folder is in no repository; gates.yaml cannot be used.
    """
    top = Git(folder, environ).toplevel()
    if top is None:
        summary = "a CI system runs what a repository holds, and this folder is in none"
        raise ConfigError(Problem("no-repository", summary, place=str(folder), hint="git init"))
    project = _project(folder, top, environ)
    is_beside = (top / ci_files.GITLAB_FILE).exists()
    if system == "github":
        files, by_hand = ci_files.github(project), ci_files.github_by_hand(project)
    else:
        files = ci_files.gitlab(project, is_beside=is_beside)
        by_hand = ci_files.gitlab_by_hand(is_beside=is_beside)
    screen = sys.stderr if dry_run else sys.stdout
    if dry_run:
        sys.stdout.write("".join(f"# {file.path}\n{file.text}" for file in files))
    else:
        _write(top, files)
        screen.write("".join(f"wrote {file.path}\n" for file in files))
    screen.write("\nto be set by hand\n" + "".join(f"  {line}\n" for line in by_hand))


def _project(folder: Path, top: Path, environ: Mapping[str, str]) -> Project:
    here = folder.resolve().relative_to(top).as_posix()
    where = "" if here == "." else here
    if where and not _PLAIN.fullmatch(where):
        summary = f"the name of the folder `{where}` cannot stand in a file of a CI system"
        raise ConfigError(Problem("ci-folder", summary, place=str(folder)))
    levels: tuple[int, ...] = (1,)
    if has_policy(folder):
        plan = app.load(folder, environ).plan
        levels = tuple(sorted({gate.level for gate in plan.gates} | {1}))
    return Project(
        folder=where,
        branch=_default_branch(top),
        levels=levels,
        installation=installation(folder, has_environment=False),
    )


def _default_branch(top: Path) -> str:
    """The default branch of the remote as the clone knows it, else `main`."""
    head = top / ".git" / "refs" / "remotes" / "origin" / "HEAD"
    try:
        name = head.read_text(encoding="utf-8").strip().rpartition("refs/remotes/origin/")[2]
    except (OSError, ValueError):
        return "main"
    return name if _PLAIN.fullmatch(name) else "main"


def _write(top: Path, files: tuple[CiFile, ...]) -> None:
    taken = [file.path for file in files if os.path.lexists(top / file.path)]
    if taken:
        summary = f"`{taken[0]}` is there already, and is never overwritten"
        hint = "`gates init --ci NAME --dry-run` shows what would be written"
        raise ConfigError(Problem("ci-file-exists", summary, place=taken[0], hint=hint))
    for file in files:
        path = top / file.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as handle:
                handle.write(file.text)
        except OSError as error:
            summary = f"`{file.path}` cannot be written: {error.strerror}"
            raise ConfigError(Problem("ci-file-unwritten", summary, place=file.path)) from error
