"""The identity of a work tree as it lies there, uncommitted work included."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gates.toolkit.files import sha256_file
from gates.toolkit.git import Git


@dataclass(frozen=True, slots=True)
class TreeState:
    """The files of a repository as they lie there.

    Attributes:
        commit: HEAD's commit, or None before the first one.
        tree: the identity of the files.
        is_dirty: whether they differ from the commit.
        paths: of those that differ, relative to the top of the repository.
    """

    commit: str | None
    tree: str
    is_dirty: bool
    paths: frozenset[str] = frozenset()


def tree_state(git: Git, *, aside: Collection[Path] = ()) -> TreeState | None:
    """HEAD, the identity of the files and whether they differ, from one look; None outside git.

    A clean work tree has the identity of HEAD's tree. Otherwise it is `sha256:` and the digest of
    HEAD's tree and, for each file that differs from it, is neither tracked nor ignored, or is one
    that git was told not to look at: its path, kind and content. So equal identities mean equal
    files; equal files on different commits may have different identities.

    Args:
        git: the repository.
        aside: files and folders, absolute, that belong to no tree where git does not track them.

    Raises:
        ToolCrashed: git could not look.
        OSError: a file that differs cannot be read.
    """
    top = git.toplevel()
    if top is None:
        return None
    commit, dirty = git.dirty()
    if aside:
        dirty = frozenset(name for name in dirty if not _is_aside(git, top / name, aside))
    tree = git.root_tree(commit)
    if not dirty:
        return TreeState(commit, tree, is_dirty=False)
    from hashlib import sha256

    digest = sha256(b"gates/tree/v1\0" + tree.encode("ascii"))
    for name in sorted(dirty):
        digest.update(b"\0\0" + os.fsencode(name) + b"\0" + _content(git, top / name))
    return TreeState(commit, f"sha256:{digest.hexdigest()}", is_dirty=True, paths=dirty)


def tracked_state(git: Git) -> str | None:
    """The identity of the tracked files as they lie there; None outside git or before a commit.

    Raises:
        ToolCrashed: git could not look.
    """
    if git.toplevel() is None or git.head() is None:
        return None
    from hashlib import sha256

    answer = git.ask("diff", "--binary", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
    return sha256(answer.stdout).hexdigest()


def _is_aside(git: Git, path: Path, aside: Collection[Path]) -> bool:
    lies_there = any(path.is_relative_to(folder) for folder in aside)
    return lies_there and not git.is_tracked(path)


def _content(git: Git, path: Path) -> bytes:
    """Kind and content of what lies there, as bytes without two NULs in a row."""
    try:
        found = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return b"gone"
    if stat.S_ISLNK(found.st_mode):
        return b"link\0" + os.fsencode(path.readlink())
    if stat.S_ISDIR(found.st_mode):
        inner = git.at(path)
        if inner.toplevel() != path.resolve():
            return b"folder"
        return f"repository\0{inner.head()} {inner.tree_id()}".encode()
    if not stat.S_ISREG(found.st_mode):
        return b"other"
    kind = "executable" if found.st_mode & stat.S_IXUSR else "file"
    return f"{kind}\0{sha256_file(path)}".encode()
