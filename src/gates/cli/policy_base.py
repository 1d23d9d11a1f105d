"""`--policy-from`: the projects that were read, judged by the policy of another commit."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from gates import app
from gates.config import base_projects, policy, policy_from, policy_sides
from gates.config.policy_from import Names
from gates.config.policy_sides import BasePolicy
from gates.domain.errors import ConfigError, Problem, StageError
from gates.domain.plan import Plan
from gates.domain.policy_change import GATE, Kind, PolicyChange, PolicySide
from gates.domain.policy_diff import PolicyDiff, ProjectDiff
from gates.domain.rollup import OWN
from gates.domain.run import Selection
from gates.toolkit.pinned import Pinned


def refuse_beside(ref: str | None) -> None:
    """Refuse another policy where what git is about to take is judged.

    Raises:
        click.UsageError: both are asked for.
    """
    if ref is not None:
        raise click.UsageError(
            "--policy-from judges a change in CI; a hook judges by the policy that it commits"
        )


def by_base(loaded: app.Loaded, ref: str, selection: Selection, start: Path) -> app.Loaded:
    """A project whose plan and waivers are those of a commit, with the gate that compares them.

    Args:
        loaded: the project as it lies there.
        ref: the revision whose policy counts.
        selection: what the command line asks for.
        start: the folder in which the command was started.

    Raises:
        ConfigError: the revision is not there, its policy cannot be used, or has nothing at the
            level that is asked for.
    """
    commit = policy_sides.resolved(loaded.git, ref)
    _refuse_removed(loaded, commit, start)
    based = _by_commit(loaded, ref, commit, _taken_over(loaded, commit))
    _refuse_empty(based.plan, selection.level)
    return based


def projects_by_base(
    monorepo: app.Monorepo, ref: str, selection: Selection, start: Path
) -> app.Monorepo:
    """A monorepo in which each project is judged by its own policy of a commit.

    Args:
        monorepo: its projects as they lie there.
        ref: the revision whose policy counts.
        selection: what the command line asks for.
        start: the folder in which the command was started.

    Raises:
        ConfigError: as for `by_base`.
    """
    top = monorepo.top
    commit = policy_sides.resolved(top.git, ref)
    _refuse_removed(top, commit, start)
    changes = (*_taken_over(top, commit), *moved(monorepo, commit))
    projects = {
        path: _by_commit(loaded, ref, commit, ()) for path, loaded in monorepo.projects.items()
    }
    for based in projects.values():
        _refuse_empty(based.plan, selection.level)
    told = (f"{each.what}: {each.kind.value} by this change" for each in changes)
    return app.Monorepo(
        top=_by_commit(top, ref, commit, changes),
        projects=projects,
        notes=(*monorepo.notes, *told),
    )


def diff(loaded: app.Loaded, ref: str, start: Path) -> PolicyDiff:
    """What became of the policy, and of what lies around it, since a commit.

    Args:
        loaded: the project as it lies there.
        ref: the revision that is compared with.
        start: the folder in which the command was started.

    Raises:
        ConfigError: the revision is not there, or the present policy cannot be used.
        StageError: the policy of the revision cannot be used, or a changed file cannot be read.
    """
    from gates.formats import weakening

    commit = policy_sides.resolved(loaded.git, ref)
    _refuse_removed(loaded, commit, start)
    entries = [(OWN, loaded)]
    try:
        further = _taken_over(loaded, commit)
        if loaded.plan.projects:
            monorepo = app.load_projects(loaded, os.environ)
            entries += monorepo.projects.items()
            further += moved(monorepo, commit)
        projects = tuple(
            _diff_of(path, each, commit, further if path == OWN else ()) for path, each in entries
        )
    except _BaseUnreadable as error:
        first = error.problems[0]
        raise StageError(first.slug, first.summary, hint=first.hint, place=first.place) from error
    return PolicyDiff(
        ref=ref,
        commit=commit,
        projects=projects,
        outside=weakening.look(loaded.git, commit, loaded.root),
    )


def _diff_of(
    path: str, loaded: app.Loaded, commit: str, further: tuple[PolicyChange, ...]
) -> ProjectDiff:
    base = _base_of(loaded, commit)
    after = loaded.plan.policy
    if base is None:
        return ProjectDiff(path=path, before=None, after=after, changes=further)
    changes = (*further, *policy_from.compared(base.side, head_side(loaded)))
    return ProjectDiff(path=path, before=base.plan.policy, after=after, changes=changes)


def head_side(loaded: app.Loaded) -> PolicySide:
    """The policy as it lies there."""
    return policy_sides.of_checkout(loaded.root, loaded.git, loaded.plan, loaded.waivers)


def moved(monorepo: app.Monorepo, commit: str) -> tuple[PolicyChange, ...]:
    """The projects that were added or removed since a commit.

    Raises:
        ConfigError: the commit's policy cannot be used.
    """
    git, base = monorepo.top.git, _base_of(monorepo.top, commit)
    if base is None:
        return ()
    found = base_projects.folders(git, commit)
    return tuple(_moved(base_projects.named(base.plan.projects, found), tuple(monorepo.projects)))


def _moved(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[PolicyChange]:
    for path in before:
        if path not in after:
            what = f"project `{path}`"
            yield PolicyChange(kind=Kind.REMOVED, what=what, before="judged", place=policy.NAME)
    for path in after:
        if path not in before:
            what = f"project `{path}`"
            yield PolicyChange(kind=Kind.ADDED, what=what, after="judged", place=policy.NAME)


def _by_commit(
    loaded: app.Loaded, ref: str, commit: str, changes: tuple[PolicyChange, ...]
) -> app.Loaded:
    names = Names(ref=ref, commit=commit, head=loaded.plan.policy.source)
    head, base = head_side(loaded), _base_of(loaded, commit)
    if base is None:
        others = base_projects.folders(loaded.git, commit)
        # What took a policy's place brings no waiver of that either.
        waivers = None if changes else loaded.waivers
        return replace(
            loaded, plan=policy_from.first(head, names, others, changes), waivers=waivers
        )
    plan = policy_from.guarded(base, head, names, changes)
    return replace(loaded, plan=plan, waivers=base.waivers)


def _taken_over(loaded: app.Loaded, commit: str) -> tuple[PolicyChange, ...]:
    """What is lost where a new gates.yaml takes the place of one further up; most often nothing.

    Raises:
        ConfigError: that of the commit cannot be used.
    """
    git, top = loaded.git, loaded.git.toplevel()
    if top is None or git.committed(policy.NAME, of=commit) is not None:
        return ()
    for folder in loaded.root.parents:
        if not folder.is_relative_to(top):
            break
        inside = loaded.root.relative_to(folder).as_posix()
        base = _base_of(replace(loaded, root=folder, git=git.at(folder)), commit)
        if base is not None:
            if base_projects.named(base.plan.projects, (inside,)):
                return ()  # a project that came
            above = "/".join([*[".."] * (inside.count("/") + 1), policy.NAME])
            what = f"the policy of this folder, `{above}`"
            texts = (f"judged by `{above}`", "judged by a new one")
            return (
                PolicyChange(
                    kind=Kind.REMOVED, what=what, before=texts[0], after=texts[1],
                    place=loaded.plan.policy.source,
                ),
            )  # fmt: skip
    return ()


class _BaseUnreadable(ConfigError):
    """The policy of the commit cannot be used."""


def _base_of(loaded: app.Loaded, commit: str) -> BasePolicy | None:
    pinned = Pinned(loaded.state, os.environ, loaded.root)
    try:
        return policy_sides.of_commit(loaded.git, commit, loaded.root.name or "project", pinned)
    except ConfigError as error:
        raise _BaseUnreadable(*error.problems) from error


def _refuse_removed(loaded: app.Loaded, commit: str, start: Path) -> None:
    """Refuse where the commit has a gates.yaml nearer than the one that was found.

    Raises:
        ConfigError: with the folder that lost it.
    """
    folder = start.resolve()
    while folder != loaded.root and folder.is_relative_to(loaded.root):
        inside = f"{folder.relative_to(loaded.root)}/{policy.NAME}"
        if loaded.git.committed(inside, of=commit) is not None:
            summary = f"this change removes `{inside}`, by which this folder was judged"
            hint = f"put it back, or check the folder of the other {policy.NAME}"
            raise ConfigError(Problem("policy-removed", summary, place=inside, hint=hint))
        folder = folder.parent


def _refuse_empty(plan: Plan, level: int) -> None:
    """Refuse a level at which there is no gate but the one on the policy.

    Raises:
        ConfigError: with the levels that have some.
    """
    own = [gate for gate in plan.gates if gate.uses != GATE]
    if not own and plan.projects:
        return
    if all(gate.level != level for gate in own):
        summary = f"level {level} has no gates in {plan.policy.source}"
        have = ", ".join(sorted({f"{gate.level}" for gate in own}))
        hint = f"levels with gates: {have}; gates that this change adds are not judged yet"
        raise ConfigError(Problem("empty-level", summary, hint=hint))
