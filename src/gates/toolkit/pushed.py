"""What a push hands over, as git tells its hook: which commits, and what the remote has already.

Format of the lines: githooks(5), pre-push. pre-commit and prek read them and hand on one ref in
variables.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gates.domain.errors import ConfigError, Problem, StageError
from gates.toolkit.door import one_line
from gates.toolkit.git import Git

FIELDS = 4
IDS = frozenset({40, 64})
HEXADECIMAL = frozenset("0123456789abcdef")
FROM, TO = "PRE_COMMIT_FROM_REF", "PRE_COMMIT_TO_REF"
BRANCH, REMOTE = "PRE_COMMIT_LOCAL_BRANCH", "PRE_COMMIT_REMOTE_NAME"
DEFAULTS = ("HEAD", "main", "master")


@dataclass(frozen=True, slots=True)
class PushedRef:
    """One ref of a push.

    Attributes:
        name: what it is called here; what the remote calls it where it is deleted.
        new: what it will be; empty where it is deleted.
        old: what the remote has under its name; empty where that is nothing, or unknown.
    """

    name: str
    new: str
    old: str


@dataclass(frozen=True, slots=True)
class PushedCommit:
    """A commit that a push brings, once for all refs that lead to it.

    Attributes:
        commit: the commit.
        names: the refs.
        base: what the remote has of it already, or None where everything counts as new.
    """

    commit: str
    names: tuple[str, ...]
    base: str | None


def refs(data: bytes, environ: Mapping[str, str]) -> tuple[PushedRef, ...]:
    """The refs of a push: by the lines that git wrote, else by what a hook manager says.

    Args:
        data: what stands on standard input.
        environ: the environment of `gates`.

    Raises:
        ConfigError: neither says anything, or a line is none of git's.
    """
    lines = [line for line in os.fsdecode(data).split("\n") if line]
    if lines:
        return tuple(_ref(line) for line in lines)
    new = environ.get(TO) or environ.get(BRANCH, "")
    if new:
        old = environ.get(FROM, "") if environ.get(TO) else ""
        return (PushedRef(environ.get(BRANCH) or new, new, old),)
    raise ConfigError(
        Problem(
            "no-push",
            "nothing says what is pushed: git writes it to the standard input of its hook"
            " `pre-push`",
            hint=f"call it from that hook; by hand, set {TO} and {FROM} to revisions",
        )
    )


def commits(
    git: Git, given: Sequence[PushedRef], environ: Mapping[str, str]
) -> tuple[PushedCommit, ...]:
    """The commits that are pushed, each once; deleted refs bring none.

    What the remote has is the commit that it has under that name, where the new one descends from
    it; else the commit at which the new one left the remote's default branch.

    Raises:
        StageError: a ref leads to no commit.
    """
    found: dict[str, PushedCommit] = {}
    for ref in given:
        if not ref.new:
            continue
        commit = git.resolve(ref.new)
        if commit is None:
            name = one_line(ref.name)
            summary = f"`{name}` leads to no commit that is here, so it cannot be judged"
            raise StageError("no-commit", summary, place=name, hint="push it without the hook")
        base = _base(git, commit, ref.old, environ.get(REMOTE) or "origin")
        other = found.get(commit)
        if other is not None:
            base = base if base == other.base else None
        names = (*(other.names if other else ()), ref.name)
        found[commit] = PushedCommit(commit, names, base)
    return tuple(found.values())


def _ref(line: str) -> PushedRef:
    words = line.split(" ")
    if len(words) != FIELDS or not (_is_id(words[1]) and _is_id(words[3])):
        raise ConfigError(
            Problem(
                "bad-push",
                f"a line of standard input is none of git's: `{one_line(line, limit=80)}`",
                hint="git writes `<local ref> <local id> <remote ref> <remote id>`",
            )
        )
    name, new, there, old = words
    if not new.strip("0"):
        return PushedRef(there, "", old)
    return PushedRef(name, new, old if old.strip("0") else "")


def _is_id(text: str) -> bool:
    return len(text) in IDS and set(text) <= HEXADECIMAL


def _base(git: Git, commit: str, old: str, remote: str) -> str | None:
    known = git.resolve(old) if old else None
    if known is not None and known != commit and git.merge_base(known, commit) == known:
        return known
    for name in DEFAULTS:
        default = git.resolve(f"refs/remotes/{remote}/{name}")
        if default is not None:
            shared = git.merge_base(default, commit)
            # Where the remote has the commit itself, nothing would be left to judge.
            return shared if shared != commit else None
    return None
