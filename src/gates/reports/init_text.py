"""What `gates init` tells: the gates that it found fit, why each is there, and what it left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.domain.survey import Chosen, Proposal
from gates.reports.hanging import hanging, next_step
from gates.reports.style import Line, line, padded, width_of


def proposal_lines(proposal: Proposal, folder: str, width: int | None = None) -> Iterator[Line]:
    """What was found in a folder, and what comes of it.

    Args:
        proposal: what was found.
        folder: name of the folder.
        width: columns of the screen; by default no line is broken.
    """
    yield line()
    named = ", ".join(proposal.sources)
    facts = f" · {proposal.layout}: {named}" if named not in proposal.layout else ""
    facts = facts or f" · {proposal.layout}"
    head = ((proposal.project or folder, "strong"),)
    yield from hanging(head, (facts, f" · tools from {proposal.tools_from}"), width)
    for note in proposal.notes:
        yield from hanging((("note ", "warn"),), (note,), width)
    yield line()
    yield from _chosen(proposal.chosen, width)
    if proposal.left_out:
        yield line()
        yield line(("left out", "strong"))
    name = max((width_of(gate.name) for gate in proposal.left_out), default=0) + 2
    for gate in proposal.left_out:
        left = ("  ", (padded(gate.name, name), "strong"), (f"{gate.criterion}  ", "faint"))
        yield from hanging(left, (gate.why,), width)
        if gate.hint:
            yield from next_step(name + 2, gate.hint, width)


def written_lines(path: str, chosen: Sequence[Chosen], quick: Sequence[str]) -> Iterator[Line]:
    """That the file is written, and what is run of it at once."""
    many = f"{len(chosen)} gate{'s' if len(chosen) != 1 else ''}"
    yield line()
    yield line(("wrote ", "good"), (path, "place"), f" with {many}")
    if quick:
        yield line(f"the quickest of them, run now: {', '.join(quick)}")


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
