"""What `gates init` tells: the gates that it found fit, why each is there, and what it left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gates.domain.survey import Chosen, Proposal
from gates.reports.style import Line, line, padded, width_of


def proposal_lines(proposal: Proposal, folder: str) -> Iterator[Line]:
    """What was found in a folder, and what comes of it."""
    yield line()
    named = ", ".join(proposal.sources)
    facts = f" · {proposal.layout}: {named}" if named not in proposal.layout else ""
    facts = facts or f" · {proposal.layout}"
    yield line(
        (proposal.project or folder, "strong"), facts, f" · tools from {proposal.tools_from}"
    )
    for note in proposal.notes:
        yield line(("note ", "warn"), note)
    yield line()
    yield from _chosen(proposal.chosen)
    if proposal.left_out:
        yield line()
        yield line(("left out", "strong"))
    name = max((width_of(gate.name) for gate in proposal.left_out), default=0) + 2
    for gate in proposal.left_out:
        yield line(
            "  ", (padded(gate.name, name), "strong"), (f"{gate.criterion}  ", "faint"), gate.why
        )
        if gate.hint:
            yield line(" " * (name + 2), ("next: ", "faint"), gate.hint)


def written_lines(path: str, chosen: Sequence[Chosen], quick: Sequence[str]) -> Iterator[Line]:
    """That the file is written, and what is run of it at once."""
    many = f"{len(chosen)} gate{'s' if len(chosen) != 1 else ''}"
    yield line()
    yield line(("wrote ", "good"), (path, "place"), f" with {many}")
    if quick:
        yield line(f"the quickest of them, run now: {', '.join(quick)}")


def next_lines(launcher: str, quick: Sequence[str]) -> Iterator[Line]:
    """What to do next."""
    yield line()
    beside = " (their outcome is no part of this command's exit code)" if quick else ""
    yield line(("next ", "strong"), f"`{launcher}gates check` runs all gates{beside}")
    yield line(f"     `{launcher}gates doctor` tells what could go wrong with them")


def _chosen(gates: Sequence[Chosen]) -> Iterator[Line]:
    name = max((width_of(gate.name) for gate in gates), default=0) + 2
    uses = max((width_of(gate.uses) for gate in gates), default=0) + 2
    why = max((width_of(gate.why) for gate in gates), default=0) + 2
    for gate in gates:
        yield line(
            "  ",
            (padded(gate.name, name), "strong"),
            padded(gate.uses, uses),
            padded(gate.why, why),
            (gate.found, "faint"),
        )
