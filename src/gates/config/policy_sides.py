"""A policy as it lies there, and as a commit has it: gates.yaml, waivers, and further files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gates.config import policy
from gates.config.extends import Book, Commit
from gates.config.option_rules import rules_of
from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import Plan
from gates.domain.policy_change import PolicyFile, PolicySide
from gates.domain.waiver import WAIVERS, Waiver, WaiverFile
from gates.toolkit.git import Git
from gates.toolkit.pinned import Pinned

FOLDER = ".gates"
"""The folder of the policy beside gates.yaml."""

_LOCAL = f"{FOLDER}/local/"
_COUNTED = "counted"

Read = Callable[[str], bytes | None]
"""Reads a file by its path relative to the folder of gates.yaml; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BasePolicy:
    """The policy of a commit.

    Attributes:
        commit: its name.
        plan: what its gates.yaml says.
        waivers: the exceptions beside it, or None where it has no file of them.
        side: both, ready to be compared.
    """

    commit: str
    plan: Plan
    waivers: WaiverFile | None
    side: PolicySide


def resolved(git: Git, ref: str) -> str:
    """The commit that a revision names.

    Raises:
        ConfigError: it names none here.
    """
    commit = git.resolve(ref)
    if commit is None:
        summary = f"there is no commit `{ref}` to take the policy from"
        hint = "fetch it first, as in `git fetch origin main`, or name another revision"
        if git.toplevel() is None:
            summary, hint = "this is no git repository, so no other policy is known", ""
        raise ConfigError(Problem("unknown-ref", summary, place=ref, hint=hint))
    return commit


def of_commit(git: Git, commit: str, project: str, pinned: Pinned) -> BasePolicy | None:
    """The policy of a commit; None where it has no gates.yaml.

    Args:
        git: the repository, asked in the folder of gates.yaml.
        commit: its whole name.
        project: the project's name where gates.yaml gives none.
        pinned: reads pinned revisions.

    Raises:
        ConfigError: where it has one that cannot be used.
    """
    data = git.committed(policy.NAME, of=commit)
    if data is None:
        return None
    from gates.config.load import load_book
    from gates.config.waivers import load as load_waivers

    source = f"{policy.NAME}@{commit}"
    plan = load_book(Book(data, source, Commit(git, commit, pinned)), default_project=project)
    excused = git.committed(WAIVERS, of=commit)
    waivers: tuple[Waiver, ...] = () if excused is None else load_waivers(excused, plan)

    def read(path: str) -> bytes | None:
        return git.committed(path, of=commit)

    listed = git.ask("ls-tree", "-r", "-z", "--name-only", commit, "--", FOLDER).stdout
    names = os.fsdecode(listed).split("\0")
    file = None
    if excused is not None:
        digest = sha256(excused).hexdigest()
        file = WaiverFile(source=f"{WAIVERS}@{commit}", sha256=digest, waivers=waivers)
    return BasePolicy(
        commit=commit,
        plan=plan,
        waivers=file,
        side=PolicySide(plan=plan, waivers=waivers, files=_files(plan, names, read)),
    )


def of_checkout(root: Path, git: Git, plan: Plan, waivers: WaiverFile | None) -> PolicySide:
    """The policy as it lies there.

    Args:
        root: the folder of gates.yaml.
        git: its repository.
        plan: what gates.yaml says.
        waivers: the exceptions beside it.

    Raises:
        ConfigError: where a file of it cannot be read.
    """

    def read(path: str) -> bytes | None:
        full = root / path
        return policy.read(full) if full.is_file() else None

    names = git.at(root).ls_files([FOLDER], untracked=True)
    excused = waivers.waivers if waivers else ()
    return PolicySide(plan=plan, waivers=excused, files=_files(plan, names, read))


def _files(plan: Plan, names: Iterable[str], read: Read) -> dict[str, PolicyFile]:
    """The further files of a policy: those in its folder, and those that options name."""
    wanted = {
        name: True
        for name in names
        if name.startswith(f"{FOLDER}/") and name != WAIVERS and not name.startswith(_LOCAL)
    }
    rules = rules_of((plan,))
    for gate in plan.gates:
        for option, value in gate.options.items():
            kind = rules[gate.uses].get(option)
            if kind is not None and kind.policy_file and isinstance(value, str) and value:
                wanted.setdefault(value, kind.policy_file == _COUNTED)
    found = {}
    for path, is_counted in wanted.items():
        is_inside = not (path.startswith("/") or os.pardir in path.split("/"))
        data = read(path) if is_inside else None
        if data is not None:
            found[path] = PolicyFile(sha256(data).hexdigest(), is_counted)
    return found
