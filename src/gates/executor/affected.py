"""Judging a change only, in a repository of several projects: which of them it may affect.

A project is affected by a changed file in its folder, by one that lies in no project, and by a
project that it may depend on. In doubt it is affected: its gates then say one by one whether the
change touches them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.executor.manifests import Names, is_manifest, names_of, read
from gates.toolkit.changes import resolve_base
from gates.toolkit.door import one_line
from gates.toolkit.git import Git

Reasons = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Affected:
    """What a change means for each project.

    Attributes:
        base: the commit that it was compared with.
        why: each affected project, with the reason.
        listed: each other one, with the number of its files, none of which changed.
    """

    base: str
    why: Reasons
    listed: Mapping[str, int]


def affected(
    git: Git, projects: Sequence[str], *, named: str, environ: Mapping[str, str]
) -> Affected:
    """Tell which projects a change may affect.

    Args:
        git: the repository, asked in the folder that names the projects.
        projects: their paths, relative to that folder.
        named: the base that the command line named.
        environ: the environment of `gates`.

    Raises:
        StageError: the base is not there, or there is no repository.
        ToolCrashed: git could not compare.
    """
    base = resolve_base(git, named=named, environ=environ).commit
    top = git.toplevel() or git.root
    here = git.root.relative_to(top).as_posix()
    folders = {path: os.path.normpath(f"{here}/{path}") for path in projects}
    listed: dict[str, list[str]] = {path: [] for path in projects}
    for name in git.at(top).ls_files(untracked=True):
        for path in projects:
            if _is_in(name, folders[path]):
                listed[path].append(name)
    look = _Look(top, folders, listed)
    why = look.direct(_changed(git.at(top), base))
    look.spread(why)
    rest = {path: len(listed[path]) for path in projects if path not in why}
    return Affected(base, {path: why[path] for path in projects if path in why}, rest)


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the projects; paths of files are relative to the top of the repository.

    Attributes:
        top: the repository's uppermost folder.
        folders: the folder of each project.
        listed: the files of each that git tracks or does not ignore.
    """

    top: Path
    folders: Mapping[str, str]
    listed: Mapping[str, Sequence[str]]

    def direct(self, changed: Sequence[str]) -> dict[str, str]:
        """The projects that changed files lie in, and those that git does not see into."""
        why: dict[str, str] = {}
        for name in changed:
            around = [path for path, folder in self.folders.items() if _is_in(name, folder)]
            what = f"`{one_line(name)}` changed"
            if not around:
                return dict.fromkeys(self.folders, f"{what}, which lies in no project")
            for path in around:
                why.setdefault(path, what)
        for path, folder in self.folders.items():
            files = self.listed[path]
            if not files or folder in files or f"{folder}/" in files:
                why.setdefault(path, "git does not list its files here, so any may have changed")
        return why

    def spread(self, why: dict[str, str]) -> None:
        """Add to the affected projects all that may depend on one of them."""
        pending = list(why)
        known = {path: self._manifests(path) for path in self.folders if path not in why}
        while pending and known:
            other = pending.pop()
            names = names_of(self.top, self.folders[other], self.listed[other])
            for path in tuple(known):
                how = self._depends(path, known[path], other, names)
                if how:
                    why[path] = f"`{other}` is affected, and {how}"
                    pending.append(path)
                    del known[path]

    def _manifests(self, path: str) -> tuple[str, ...]:
        return tuple(name for name in self.listed[path] if is_manifest(name))

    def _depends(self, path: str, manifests: Sequence[str], other: str, names: Names) -> str:
        """How a project may depend on another, or empty."""
        if all(name.endswith("gates.yaml") for name in manifests):
            return f"no manifest says what `{path}` depends on"
        if not names.is_known:
            return "the name of its package cannot be read"
        for name in manifests:
            text = read(self.top / name)
            if text is None:
                return f"`{one_line(name)}` cannot be read"
            if names.stand_in(text, name, self.folders[other]):
                return f"`{one_line(name)}` names it"
        return self._linked(path, other)

    def _linked(self, path: str, other: str) -> str:
        folder = self.folders[other]
        for link, target in self._links(path):
            if _is_in(target, folder) or _is_in(folder, target):
                return f"the link `{one_line(link)}` leads there"
        return ""

    def _links(self, path: str) -> Iterator[tuple[str, str]]:
        top = os.path.realpath(self.top)
        for name in self.listed[path]:
            full = self.top / name
            if full.is_symlink():
                yield name, os.path.relpath(os.path.realpath(full), top)


def _changed(git: Git, base: str) -> tuple[str, ...]:
    """All paths that differ from a commit; of a renamed file both names, as each was somebody's."""
    answer = git.ask(
        "diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--ignore-submodules=none",
        base,
    )  # fmt: skip
    names = {os.fsdecode(name) for name in answer.stdout.split(b"\0") if name}
    return tuple(sorted(names | set(git.untracked()) | set(git.unwatched())))


def _is_in(name: str, folder: str) -> bool:
    """Whether a path is a folder, or lies below it."""
    return folder in {".", name} or name.startswith(f"{folder}/")
