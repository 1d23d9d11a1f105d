"""What `gates init` tells: the gates that it found fit, why each is there, and what it left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.domain.survey import Chosen, LeftOut, Proposal
from gates.reports.hanging import hanging, next_step
from gates.reports.style import Line, line, padded, width_of


def proposal_lines(
    proposal: Proposal, folder: str, width: int | None = None, *, place: str = ""
) -> Iterator[Line]:
    """What was found in a folder, and what comes of it.

    Args:
        proposal: what was found.
        folder: name of the folder.
        width: columns of the screen; by default no line is broken.
        place: where it lies among other projects, or empty; then it stands for their names.
    """
    yield line()
    named = ", ".join(proposal.sources)
    facts = f" · {proposal.layout}: {named}" if named not in proposal.layout else ""
    facts = facts or f" · {proposal.layout}"
    head = ((place or proposal.project or folder, "strong"),)
    yield from hanging(head, (facts, f" · tools from {proposal.tools_from}"), width)
    for note in proposal.notes:
        yield from hanging((("note ", "warn"),), (note,), width)
    yield line()
    yield from _chosen(proposal.chosen, width)
    yield from _left_out(proposal.left_out, width)


def projects_lines(name: str, projects: Sequence[str], width: int | None = None) -> Iterator[Line]:
    """That a folder only holds projects, and which.

    Args:
        name: its name.
        projects: their folders.
        width: columns of the screen; by default no line is broken.
    """
    yield line()
    many = f"{len(projects)} project{'s' if len(projects) != 1 else ''}"
    yield from hanging(((name, "strong"), " · "), (f"{many}: {', '.join(projects)}",), width)


def skipped_lines(path: str, why: str, hint: str, width: int | None = None) -> Iterator[Line]:
    """That nothing is written for a project.

    Args:
        path: its folder.
        why: the reason.
        hint: the next step, or empty.
        width: columns of the screen; by default no line is broken.
    """
    yield line()
    yield from hanging(((path, "strong"), " · "), (why,), width)
    if hint:
        yield from next_step(2, hint, width)


def own_lines(
    chosen: Sequence[Chosen], left_out: Sequence[LeftOut], width: int | None = None
) -> Iterator[Line]:
    """The gates of a folder that holds projects: those that look at the whole repository."""
    if not chosen and not left_out:
        return
    yield line()
    yield line(("the whole repository", "strong"))
    if chosen:
        yield line()
    yield from _chosen(chosen, width)
    yield from _left_out(left_out, width)


def next_of_projects(
    launcher: str, folder: str, left: Sequence[str], width: int | None = None
) -> Iterator[Line]:
    """What to do next in a folder that holds projects.

    Args:
        launcher: what must stand before `gates`, or empty.
        folder: the folder as the shell sees it, quoted.
        left: projects that got no file.
        width: columns of the screen; by default no line is broken.
    """
    gates = f"{launcher}gates" if folder == "." else f"{launcher}gates -C {folder}"
    steps = [f"`{gates} check` checks all projects, and tells one verdict"]
    if left:
        prefix = "" if folder == "." else f"{folder}/"
        named = ", ".join(f"`gates -C {prefix}{path} init`" for path in left)
        steps.append(f"once gates can run there: {named}; then add the folder to `projects:`")
    yield line()
    for at, step in enumerate(steps):
        head = ("next ", "strong") if at == 0 else " " * len("next ")
        yield from hanging((head,), (step,), width)


def _left_out(gates: Sequence[LeftOut], width: int | None) -> Iterator[Line]:
    if gates:
        yield line()
        yield line(("left out", "strong"))
    name = max((width_of(gate.name) for gate in gates), default=0) + 2
    for gate in gates:
        left = ("  ", (padded(gate.name, name), "strong"), (f"{gate.criterion}  ", "faint"))
        yield from hanging(left, (gate.why,), width)
        if gate.hint:
            yield from next_step(name + 2, gate.hint, width)


def written_lines(path: str, chosen: Sequence[Chosen], quick: Sequence[str]) -> Iterator[Line]:
    """That the file is written, and what is run of it at once."""
    yield line()
    yield wrote(path, chosen)
    if quick:
        yield line(f"the quickest of them, run now: {', '.join(quick)}")


def wrote(path: str, chosen: Sequence[Chosen], *, projects: int = 0) -> Line:
    """That a file is written.

    Args:
        path: of the file.
        chosen: its gates.
        projects: how many projects it names.
    """
    of_projects = f"{projects} project{'s' if projects != 1 else ''}" if projects else ""
    of_gates = f"{len(chosen)} gate{'s' if len(chosen) != 1 else ''}"
    many = " and ".join(filter(None, (of_projects, of_gates if chosen or not projects else "")))
    return line(("wrote ", "good"), (path, "place"), f" with {many}")


def next_lines(
    launcher: str, quick: Sequence[str], folder: str = ".", width: int | None = None
) -> Iterator[Line]:
    """What to do next.

    Args:
        launcher: what must stand before `gates`, or empty.
        quick: names of the gates that were run at once.
        folder: the project's folder as the shell sees it, quoted.
        width: columns of the screen; by default no line is broken.
    """
    gates = f"{launcher}gates" if folder == "." else f"{launcher}gates -C {folder}"
    yield line()
    beside = " (their outcome is no part of this command's exit code)" if quick else ""
    runs, tells = f"`{gates} check` runs all gates{beside}", "tells what could go wrong with them"
    yield from hanging((("next ", "strong"),), (runs,), width)
    yield from hanging((" " * len("next "),), (f"`{gates} doctor` {tells}",), width)


def _chosen(gates: Sequence[Chosen], width: int | None) -> Iterator[Line]:
    name = max((width_of(gate.name) for gate in gates), default=0) + 2
    uses = max((width_of(gate.uses) for gate in gates), default=0) + 2
    why = max((width_of(gate.why) for gate in gates), default=0) + 2
    found = max((width_of(gate.found) for gate in gates), default=0)
    if width is not None and 2 + name + uses + why + found > width:
        why = 0  # there is no room for a column of its own
    for gate in gates:
        head = ("  ", (padded(gate.name, name), "strong"), padded(gate.uses, uses))
        beside = (gate.found if why else f"  {gate.found}", "faint")
        if why:
            yield line(*head, padded(gate.why, why), beside)
        else:
            yield from hanging(head, (gate.why, beside), width)
