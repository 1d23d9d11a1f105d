"""Which gates of which project a roll-up judges, as the command line asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import GatePlan, Plan
from gates.domain.rollup import OWN, labelled
from gates.domain.run import Selection
from gates.executor.schedule import check_selection, ordered, selected
from gates.formats.nearest import nearest

LISTED = 12
"""How many names a hint lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One project of a roll-up, before it is judged.

    Attributes:
        path: its folder, relative to the one that names it; `OWN` for that one itself.
        plan: its plan.
        selection: what of it is judged, or None where the command line left it out.
    """

    path: str
    plan: Plan
    selection: Selection | None

    @property
    def label(self) -> str:
        """Its path, with its name where that is another."""
        return labelled(self.path, self.plan.project)

    @property
    def gates(self) -> tuple[GatePlan, ...]:
        """The gates that are judged, what they need included, in the order of running."""
        if self.selection is None:
            return ()
        gates = self.plan.up_to(self.selection.level)
        return ordered(selected(gates, self.selection.gates))


def parts_of(
    own: Plan, projects: Mapping[str, Plan], selection: Selection
) -> tuple[tuple[Part, ...], tuple[str, ...]]:
    """Divide a selection among the projects.

    Args:
        own: the plan of the folder that names them.
        projects: their plans, by path.
        selection: what the command line asked for; its gates are `PATH:NAME`, or a name alone,
            which stands for every gate that is called so.

    Returns:
        The parts, the folder's own gates first; and what every output must tell.

    Raises:
        ConfigError: a gate is nowhere, or a project does not have the level.
    """
    plans = dict(projects)
    level, notes = _own_level(own, selection.level)
    if level:
        plans = {OWN: own, **projects}
    levels = {path: level if path == OWN else selection.level for path in plans}
    chosen = _chosen(plans, levels, selection.gates)
    parts = tuple(
        Part(
            path=path,
            plan=plan,
            selection=replace(selection, level=levels[path], gates=chosen[path])
            if path in chosen
            else None,
        )
        for path, plan in plans.items()
    )
    problems = [problem for part in parts for problem in _problems(part)]
    if problems:
        raise ConfigError(*problems)
    return parts, notes


def located(problem: Problem, path: str) -> Problem:
    """A problem of a project's gates.yaml, with the folder in its place."""
    place = problem.place or "gates.yaml"
    if path == OWN or place.startswith(("/", f"{path}/")):
        return problem
    return replace(problem, place=f"{path}/{place}")


def _own_level(own: Plan, level: int) -> tuple[int, tuple[str, ...]]:
    """The highest level, up to the asked one, that the folder has itself; and what to tell."""
    found = max((gate.level for gate in own.gates if gate.level <= level), default=0)
    if found == level or not own.gates:
        return found, ()
    what = f"{own.project} itself has no gates at Level {level}"
    return found, (
        f"{what}, its projects have" + (f"; its own are of Level {found}" * bool(found)),
    )


def _chosen(
    plans: Mapping[str, Plan], levels: Mapping[str, int], addresses: tuple[str, ...]
) -> dict[str, tuple[str, ...]]:
    """The gates that are asked for of each project that is asked for; no gate means all.

    Raises:
        ConfigError: with each address that leads nowhere.
    """
    if not addresses:
        return dict.fromkeys(plans, ())
    chosen: dict[str, dict[str, None]] = {}
    problems: list[Problem] = []
    names = {path: [g.name for g in plan.up_to(levels[path])] for path, plan in plans.items()}
    for address in addresses:
        path, colon, name = address.rpartition(":")
        path = (path.rstrip("/") or path).removeprefix("./") if colon else ""
        if colon and path not in plans:
            problems.append(_unknown_project(path, plans))
            continue
        hits = [at for at in ([path] if colon else plans) if name in names[at]]
        if not hits and not (colon and _lacks_level(plans[path], levels[path])):
            problems.append(_unknown_gate(name, path, names))
        for at in hits or ([path] if colon else []):
            chosen.setdefault(at, {})[name] = None
    if problems:
        raise ConfigError(*problems)
    return {path: tuple(chosen[path]) for path in plans if path in chosen}


def _lacks_level(plan: Plan, level: int) -> bool:
    return not any(gate.level == level for gate in plan.gates)


def _problems(part: Part) -> Iterator[Problem]:
    """What makes a part unfit to be judged."""
    if part.selection is None:
        return
    try:
        check_selection(part.plan, part.selection)
    except ConfigError as error:
        for problem in error.problems:
            hint = f"{problem.hint}; each project is judged at the level that is asked for"
            yield located(replace(problem, hint=hint), part.path)


def _unknown_project(path: str, plans: Mapping[str, Plan]) -> Problem:
    guess = nearest(path, tuple(plans))
    hint = f"did you mean `{guess}`?" if guess else f"projects: {_listed(tuple(plans))}"
    return Problem("unknown-project", f"no project lies at `{path}`", hint=hint)


def _unknown_gate(name: str, path: str, names: Mapping[str, list[str]]) -> Problem:
    known = names[path] if path else [f"{at}:{each}" for at, own in names.items() for each in own]
    bare = tuple(dict.fromkeys(each.rpartition(":")[2] for each in known))
    guess = nearest(name, bare)
    hint = f"did you mean `{guess}`?" if guess else f"gates: {_listed(tuple(known))}"
    where = f"`{path}`" if path else "any project"
    return Problem("unknown-gate", f"no gate is named `{name}` in {where}", hint=hint)


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more
