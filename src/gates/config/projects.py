"""The folders that `projects:` names: each with a gates.yaml of its own, each once.

None lies outside the folder of the file that names it, also not by a link; what is left out is
told. Light, for the warm path.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from gates.config import policy
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan, ProjectEntry
from gates.domain.rollup import OWN
from gates.toolkit.door import one_line
from gates.toolkit.git import Git

SHOWN = 5
"""How many folders a note names."""

_SIGNS = "*?["
_DEEP = "**"
_FOREIGN = frozenset({"__pycache__", "node_modules", "venv"})


@dataclass(frozen=True, slots=True)
class Found:
    """What the entries of `projects:` come to; all paths relative to the folder of the file.

    Attributes:
        projects: folders with a gates.yaml, in the order of the entries, each once.
        without: folders that a glob matches and that have none.
        unnamed: folders with a gates.yaml that git tracks and no entry names.
    """

    projects: tuple[str, ...]
    without: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()

    def notes(self) -> tuple[str, ...]:
        """What every output must tell of the folders that are not judged."""
        notes = []
        if self.without:
            what = f"{_many(self.without)} of `projects:` without {policy.NAME}"
            notes.append(f"{what}, not judged: {_shown(self.without)}")
        if self.unnamed:
            what = f"{_many(self.unnamed)} with a {policy.NAME} that no entry of `projects:` names"
            notes.append(f"{what}, not judged: {_shown(self.unnamed)}")
        return tuple(notes)


def find(root: Path, entries: Iterable[ProjectEntry], git: Git) -> Found:
    """Find the folders that the entries name.

    Args:
        root: the folder of gates.yaml, without links.
        entries: paths and globs.
        git: its repository, also where there is none.

    Raises:
        ConfigError: with each entry that leads nowhere, or out of the folder.
    """
    real = Path(os.path.realpath(root))
    projects: dict[str, None] = {}
    without: dict[str, None] = {}
    problems: list[Problem] = []
    for entry in entries:
        found, bare, refused = _of_entry(real, entry)
        projects |= dict.fromkeys(found)
        without |= dict.fromkeys(bare)
        problems += refused
    if problems:
        raise ConfigError(*problems)
    return Found(tuple(projects), tuple(without), _unnamed(real, projects, git))


def nested(plans: Mapping[str, Plan]) -> tuple[Problem, ...]:
    """What is wrong with projects that name projects themselves."""
    hint = "name its projects in the outer file, or judge it alone: `gates -C DIR check`"
    return tuple(
        Problem(
            "nested-projects",
            f"the project `{path}` has `projects:` itself",
            place=f"{path}/{plan.projects[0].place}",
            hint=hint,
        )
        for path, plan in plans.items()
        if plan.projects
    )


def _of_entry(
    root: Path, entry: ProjectEntry
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Problem, ...]]:
    """The projects of an entry, the folders that have no gates.yaml, and what is wrong."""
    parts = [part for part in entry.pattern.split("/") if part not in {"", "."}]
    if entry.pattern.startswith("/") or ".." in parts or not parts:
        summary = f"`{entry.pattern}` names no folder below that of {policy.NAME}"
        hint = "write a path or a glob that begins here, as in `services/*`"
        return (), (), (_problem(entry, summary, hint),)
    is_glob = any(sign in part for part in parts for sign in _SIGNS)
    is_glob = is_glob and not root.joinpath(*parts).is_dir()
    folders = _matched(root, parts) if is_glob else (root.joinpath(*parts),)
    found: list[str] = []
    bare: list[str] = []
    problems: list[Problem] = []
    for folder in folders:
        if not os.path.lexists(folder / policy.NAME):
            bare.append(os.path.relpath(folder, root))
            continue
        inside = _inside(root, folder)
        if inside:
            found.append(inside)
        elif folder != root:
            problems.append(_leads_away(entry, os.path.relpath(folder, root)))
    if not found and not problems:
        problems.append(_of_nothing(entry, root.joinpath(*parts), is_glob=is_glob))
    # Below `**` every folder matches, and most are there for other reasons.
    return tuple(found), () if _DEEP in parts else tuple(bare), tuple(problems)


def _matched(folder: Path, parts: list[str]) -> Iterator[Path]:
    """The folders that a pattern matches, sorted in each folder; hidden ones only where named."""
    if not parts:
        yield folder
        return
    part, *rest = parts
    if part == _DEEP:
        yield from _matched(folder, rest)
        for below in _below(folder, "*", linked=False):
            yield from _matched(below, parts)
    elif any(sign in part for sign in _SIGNS):
        for below in _below(folder, part, linked=True):
            yield from _matched(below, rest)
    elif (folder / part).is_dir():
        yield from _matched(folder / part, rest)


def _below(folder: Path, pattern: str, *, linked: bool) -> list[Path]:
    """The folders in a folder whose name matches.

    Raises:
        ConfigError: where the folder cannot be read; what is in it must not go unjudged.
    """
    try:
        with os.scandir(folder) as entries:
            names = [each.name for each in entries if each.is_dir(follow_symlinks=linked)]
    except OSError as error:
        summary = f"`{one_line(folder.name)}` cannot be read: {error.strerror}"
        raise ConfigError(Problem("project-unreadable", summary, place=str(folder))) from error
    return [
        folder / name
        for name in sorted(names)
        if name not in _FOREIGN
        and fnmatchcase(name, pattern)
        and (not name.startswith(".") or pattern.startswith("."))
    ]


def _inside(root: Path, folder: Path) -> str:
    """Where a folder really lies, relative to the root; empty where it is not below it."""
    real = os.path.relpath(os.path.realpath(folder), root)
    file = os.path.relpath(os.path.realpath(folder / policy.NAME), root)
    is_away = any(path == os.pardir or path.startswith(f"{os.pardir}/") for path in (real, file))
    return "" if is_away or real == OWN else real


def _unnamed(root: Path, projects: Iterable[str], git: Git) -> tuple[str, ...]:
    """The folders with a gates.yaml that git tracks and that are not judged."""
    ends = f"/{policy.NAME}"
    tracked = (name.removesuffix(ends) for name in git.at(root).ls_files() if name.endswith(ends))
    known = set(projects)
    return tuple(
        name for name in tracked if name not in known and os.path.lexists(root / name / policy.NAME)
    )


def _of_nothing(entry: ProjectEntry, folder: Path, *, is_glob: bool) -> Problem:
    if is_glob:
        summary = f"`{entry.pattern}` matches no folder with a {policy.NAME}"
        return _problem(entry, summary, f"`gates -C DIR init` writes a first {policy.NAME}")
    if not folder.is_dir():
        hint = "name its folder" if folder.name == policy.NAME else "mend the path, or leave it out"
        return _problem(entry, f"there is no folder `{entry.pattern}`", hint)
    summary = f"the folder `{entry.pattern}` has no {policy.NAME}"
    return _problem(entry, summary, "`gates -C DIR init` writes a first one")


def _leads_away(entry: ProjectEntry, path: str) -> Problem:
    summary = f"`{one_line(path)}` leads by a link out of the folder that names it, or to itself"
    return _problem(entry, summary, "name folders that really lie below this one")


def _problem(entry: ProjectEntry, summary: str, hint: str) -> Problem:
    return Problem("bad-project", summary, place=entry.place, hint=hint)


def _many(folders: tuple[str, ...]) -> str:
    return f"{len(folders)} folder{'s' if len(folders) > 1 else ''}"


def _shown(folders: tuple[str, ...]) -> str:
    names = ", ".join(one_line(name) for name in folders[:SHOWN])
    return f"{names} and {len(folders) - SHOWN} more" if len(folders) > SHOWN else names
