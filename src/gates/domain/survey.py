"""What a look at a project finds: gates that would suit it, and what is wrong with those it has.

Values alone: `gates init` and `gates doctor` show them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A gate that suits the project and can run now.

    Attributes:
        name: the gate's name.
        uses: its stage.
        purpose: what it shows, in a few words.
        why: why it is there; names no place of this machine, since it goes into gates.yaml.
        options: what stands under `with:`.
        found: the tool, its version and its place, for the screen.
        seconds: about how long it takes; None for what is not quick by its nature.
    """

    name: str
    uses: str
    purpose: str
    why: str
    options: tuple[tuple[str, str], ...] = ()
    found: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A documented criterion that no gate can show now.

    Attributes:
        name: the name that its gate would have.
        criterion: its ID.
        why: the reason; names no place of this machine.
        hint: the next step, for the screen.
    """

    name: str
    criterion: str
    why: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a first gates.yaml would hold.

    Attributes:
        project: the project's name, or empty where that of its folder serves.
        layout: how its sources lie, in a few words.
        sources: its sources.
        exclude: patterns of what lies among them and is none.
        environment: the folder for `environment:`, or empty where it is found without.
        tools_from: where its tools are looked up first, for the screen.
        launcher: what must stand before `gates` for its environment to be in use, or empty.
        environ: variables that the launcher would set.
        chosen: the gates, in the order of the file.
        left_out: what is left out.
        quick: names of the gates that are quick enough to run at once.
        notes: what the user should know besides.
    """

    project: str
    layout: str
    sources: tuple[str, ...]
    exclude: tuple[str, ...] = ()
    environment: str = ""
    tools_from: str = ""
    launcher: str = ""
    environ: tuple[tuple[str, str], ...] = ()
    chosen: tuple[Chosen, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    quick: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Weight(StrEnum):
    """How much a remark on a gate weighs."""

    CANNOT_RUN = "cannot run"
    DOUBTFUL = "doubtful"
    CANNOT_FAIL = "cannot fail"
    LOOSE = "loose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something that a reader should know of a gate.

    Attributes:
        gate: its name, or empty for all gates.
        place: where it stands in gates.yaml.
        weight: how much it weighs.
        summary: what it is, one line.
        hint: the next step, or empty.
    """

    gate: str
    place: str
    weight: Weight
    summary: str
    hint: str = ""


SLOW_S = 0.15
"""Seconds from which on the start of a program is called slow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTool:
    """A program that gates need.

    Attributes:
        name: as it is looked up.
        version: empty where nobody tells it.
        path: absolute; empty where it is missing.
        how: where it was found, or why it was not.
        seconds: how long `--version` took; None where it was not asked.
        slow: why its start costs time, where that is known, or empty.
        hint: what to do about it, or empty.
    """

    name: str
    version: str = ""
    path: str = ""
    how: str = ""
    seconds: float | None = None
    slow: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the surroundings.

    Attributes:
        name: what it is about.
        text: what it is.
        is_doubtful: it can change what a gate sees.
        hint: the next step, or empty.
    """

    name: str
    text: str
    is_doubtful: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What `gates doctor` finds.

    Attributes:
        project: its name.
        policy: path of gates.yaml.
        gates: how many gates it has.
        facts: of environment, repository and state.
        tools: each program that a gate needs, by name.
        remarks: on gates, in the order of the file.
        uncovered: criteria of Level 1 that no gate names, with their titles.
    """

    project: str
    policy: str
    gates: int
    facts: tuple[Fact, ...] = ()
    tools: tuple[SeenTool, ...] = ()
    remarks: tuple[Remark, ...] = ()
    uncovered: tuple[tuple[str, str], ...] = ()
