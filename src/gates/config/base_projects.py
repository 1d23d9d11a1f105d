"""The projects of a monorepo as a commit has them: which folders its `projects:` came to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from gates.config.policy import NAME
from gates.domain.plan import ProjectEntry
from gates.toolkit.git import Git

_DEEP = "**"
_FOREIGN = frozenset({"__pycache__", "node_modules", "venv"})


def folders(git: Git, commit: str) -> tuple[str, ...]:
    """The folders below the git root's asked folder in which a commit has a gates.yaml, sorted."""
    listed = git.ask("ls-tree", "-r", "-z", "--name-only", commit).stdout
    ends = f"/{NAME}"
    names = os.fsdecode(listed).split("\0")
    return tuple(sorted(name.removesuffix(ends) for name in names if name.endswith(ends)))


def named(entries: Iterable[ProjectEntry], found: Sequence[str]) -> tuple[str, ...]:
    """The folders that the entries of `projects:` name, in the order of the entries, each once."""
    hits: dict[str, None] = {}
    for entry in entries:
        parts = [part for part in entry.pattern.split("/") if part not in {"", "."}]
        for folder in found:
            if folder == "/".join(parts) or _matches(parts, folder.split("/")):
                hits[folder] = None
    return tuple(hits)


def _matches(pattern: Sequence[str], folder: Sequence[str]) -> bool:
    """Whether a pattern matches a folder, part by part, as it does on the disk."""
    if not pattern:
        return not folder
    if pattern[0] == _DEEP:
        rest = pattern[1:]
        if _matches(rest, folder):
            return True
        return bool(folder) and _is_seen(folder[0], "*") and _matches(pattern, folder[1:])
    return bool(folder) and _fits(folder[0], pattern[0]) and _matches(pattern[1:], folder[1:])


def _fits(name: str, part: str) -> bool:
    if part == name:
        return True
    return fnmatchcase(name, part) and _is_seen(name, part)


def _is_seen(name: str, part: str) -> bool:
    return name not in _FOREIGN and (not name.startswith(".") or part.startswith("."))
