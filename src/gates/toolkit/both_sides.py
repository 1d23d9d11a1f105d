"""The content of changed files on both sides of a change: at its base, and as they lie there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.git import Git

_ARGUMENT_BYTES = 64 << 10
_PART_BYTES = 64 << 20
_FIELDS = 4  # mode, kind, object and size of an entry of a tree
_LINKS = frozenset({"120000", "160000"})


@dataclass(frozen=True, slots=True)
class Pair:
    """A changed file by its names, from the top of the repository, with `/`.

    Attributes:
        before: its name at the base; empty where it was not there.
        after: its present name; empty where it is gone.
        is_tracked: git's own comparison names it; else git does not track or watch it.
    """

    before: str
    after: str
    is_tracked: bool = True

    @property
    def name(self) -> str:
        """Its present name, else the one that it had."""
        return self.after or self.before


def pairs(git: Git, base: str) -> tuple[Pair, ...]:
    """The files that differ from a base, untracked ones included; renamed ones are one pair.

    Raises:
        StageError: there is no repository, or the base is not in it.
        ToolCrashed: git could not compare.
    """
    top = git.toplevel()
    if top is None:
        raise StageError(
            "no-repository",
            "what a change weakens is told by git, and this folder is in no repository",
            hint="run in a clone of the repository",
            place=str(git.root),
        )
    whole = git.at(top)
    if whole.ask("rev-parse", "--verify", "--quiet", f"{base}^{{tree}}").exit_code:
        raise StageError(
            "base-missing",
            f"the base `{base}` is not in this clone",
            hint=f"git fetch origin {base}",
            place=base,
        )
    answer = whole.ask(
        "diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", "--no-textconv",
        "--ignore-submodules=none", "--no-relative", base, "--",
    )  # fmt: skip
    found = {pair.name: pair for pair in _named(os.fsdecode(answer.stdout).split("\0"))}
    for path in whole.untracked():
        found.setdefault(path, Pair("", path, is_tracked=False))
    for path in whole.unwatched():
        found.setdefault(path, Pair(path, path, is_tracked=False))
    return tuple(found[name] for name in sorted(found))


def _named(fields: list[str]) -> Iterator[Pair]:
    at = 0
    while at + 1 < len(fields):
        letter, name = fields[at][:1], fields[at + 1]
        at += 2
        if letter in {"R", "C"} and at < len(fields):
            yield Pair(name if letter == "R" else "", fields[at])
            at += 1
        elif letter == "A":
            yield Pair("", name)
        elif letter == "D":
            yield Pair(name, "")
        else:
            yield Pair(name, name)


def at_base(git: Git, base: str, paths: Iterable[str], *, limit: int) -> dict[str, bytes]:
    """What a base has of files, read by few processes; links, folders and larger ones left out.

    Args:
        git: the repository.
        base: a commit, or a tree.
        paths: from the top of the repository.
        limit: bytes that a file may have.

    Raises:
        StageError: git gave other bytes than it announced.
        ToolCrashed: git could not read.
    """
    top = git.toplevel()
    if top is None:
        return {}
    whole = git.at(top)
    objects: dict[str, tuple[str, int]] = {}
    for part in _parts(sorted({path for path in paths if path})):
        answer = whole.ask("ls-tree", "-z", "-l", "--full-tree", base, "--", *part)
        for entry in os.fsdecode(answer.stdout).split("\0"):
            about, tab, path = entry.partition("\t")
            fields = about.split()
            if tab and len(fields) == _FIELDS and fields[1] == "blob" and fields[0] not in _LINKS:
                objects[path] = fields[2], int(fields[3])
    wanted = {path: found for path, found in objects.items() if found[1] <= limit}
    contents = _contents(whole, dict(sorted(wanted.values())))
    return {path: contents[name] for path, (name, _) in wanted.items()}


def _parts(paths: Sequence[str]) -> Iterator[list[str]]:
    """The paths in parts that fit on a command line."""
    part: list[str] = []
    size = 0
    for path in paths:
        length = len(os.fsencode(path)) + 1
        if part and size + length > _ARGUMENT_BYTES:
            yield part
            part, size = [], 0
        part.append(path)
        size += length
    if part:
        yield part


def _contents(git: Git, objects: dict[str, int]) -> dict[str, bytes]:
    """The bytes of each object, by its name; git writes those that it is asked for one by one."""
    found: dict[str, bytes] = {}
    waiting = list(objects)
    while waiting:
        part: list[str] = []
        size = 0
        while waiting and (not part or size + objects[waiting[0]] <= _PART_BYTES):
            if len(part) * (len(waiting[0]) + 1) > _ARGUMENT_BYTES:
                break
            size += objects[waiting[0]]
            part.append(waiting.pop(0))
        data = git.ask("show", "--no-textconv", "--no-color", *part).stdout
        if len(data) != size:
            raise StageError(
                "base-unreadable",
                f"git gave {len(data)} bytes of {len(part)} files of the base that have {size}",
                hint="see whether the clone is whole: git fsck",
            )
        at = 0
        for name in part:
            found[name] = data[at : at + objects[name]]
            at += objects[name]
    return found


def present(top: Path, path: str, *, limit: int) -> bytes | None:
    """What a file holds; None where it is no regular file of its own, or is larger.

    Raises:
        StageError: it is there, and cannot be read.
    """
    from gates.toolkit.regular import open_regular

    place = top / path
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > limit:
            return None
        with open_regular(place) as file:
            return file.read(limit + 1)
    except OSError as error:
        raise StageError(
            "changed-file-unreadable",
            f"a changed file cannot be read: {error.strerror or error}",
            hint="give yourself the right to read it",
            place=path,
        ) from error
