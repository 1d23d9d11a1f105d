"""The roll-up: one verdict over the runs of several projects; each run keeps its own record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from gates.domain.errors import Problem
from gates.domain.plan import Policy
from gates.domain.run import Run, Where
from gates.domain.status import Status, Verdict

OWN = "."
"""The path of the folder that names the projects, for the gates that it has itself."""

GRAVITY = (Verdict.PASSED, Verdict.PARTIAL, Verdict.PENDING, Verdict.ERRORED, Verdict.FAILED)
"""Verdicts, the lightest first."""


class Outcome(StrEnum):
    """What became of a project in a roll-up."""

    JUDGED = "judged"
    UNAFFECTED = "unaffected"
    SKIPPED = "skipped"
    ERRORED = "errored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRun:
    """One project of a roll-up.

    Attributes:
        path: its folder, relative to the one that names it; `OWN` for that one itself.
        name: the project's name.
        outcome: what became of it.
        reason: why it was judged, or was not; may be empty where it was.
        problem: what kept it from being judged, or None.
        run: its run, where it was judged.
        record: that run's record, relative to the folder that names the projects; or empty.
        sha256: hexadecimal digest of that record, or empty.
        listed: files that were compared with the change, where it is unaffected.
    """

    path: str
    name: str
    outcome: Outcome
    reason: str = ""
    problem: Problem | None = None
    run: Run | None = None
    record: str = ""
    sha256: str = ""
    listed: int | None = None

    @property
    def verdict(self) -> Verdict:
        """What the project means for the roll-up."""
        if self.run is not None:
            return self.run.verdict
        match self.outcome:
            case Outcome.UNAFFECTED:
                return Verdict.PASSED
            case Outcome.SKIPPED:
                return Verdict.PARTIAL
            case Outcome.ERRORED | Outcome.JUDGED:
                return Verdict.ERRORED

    @property
    def exit_code(self) -> int:
        """The exit code of the project alone."""
        return self.run.exit_code if self.run is not None else self.verdict.exit_code

    @property
    def shown(self) -> str:
        """Its verdict for people; of a project that was not judged, what became of it."""
        return self.verdict.value if self.run is not None else self.outcome.value

    @property
    def label(self) -> str:
        """Its path, with its name where that is another."""
        return labelled(self.path, self.name)

    @property
    def labelled_run(self) -> Run | None:
        """Its run with the label in place of the project's name, so that reports tell the path."""
        if self.run is None:
            return None
        return replace(self.run, plan=replace(self.run.plan, project=self.label))

    @property
    def counts(self) -> Mapping[Status, int]:
        """How many of its gates have each status, none left out but zeros."""
        found = Counter(gate.status for gate in self.run.gates) if self.run else Counter[Status]()
        return {status: found[status] for status in Status if found[status]}


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUp:
    """Everything about one check of several projects.

    Attributes:
        id: sorts by time; that of the run of the folder's own gates, where it has any.
        project: the name of the folder that names the projects.
        level: the level that was asked for.
        projects: the folder's own gates first, where it has any, then each project.
        verdict: the gravest of them, or graver.
        exit_code: of the process; 130 or 143 for an interrupt.
        complete: it reached its end; False where it was interrupted.
        started: UTC.
        seconds: wall time.
        commit: HEAD, or None outside git.
        tree: identity of the tree that was judged, dirty files included; or None.
        dirty: the tree differs from the commit.
        base: the commit that a change was judged against, or None.
        selection: what the command line selected, or None.
        where: the machine.
        originator: who started it.
        gates_version: version of this program.
        policy: the file that names the projects.
        notes: what every output must tell.
        folder: where its record lies.
    """

    id: str
    project: str
    level: int
    projects: tuple[ProjectRun, ...]
    verdict: Verdict
    exit_code: int
    complete: bool
    started: datetime
    seconds: Decimal
    commit: str | None
    tree: str | None
    dirty: bool
    base: str | None
    selection: str | None
    where: Where
    originator: str
    gates_version: str
    policy: Policy
    notes: tuple[str, ...] = ()
    folder: str = ""


def labelled(path: str, name: str) -> str:
    """The name of a project in a roll-up: its path, with its own name where that is another."""
    if path == OWN:
        return name
    return path if path.rpartition("/")[2] == name else f"{path} ({name})"


def verdict_over(projects: Iterable[ProjectRun]) -> Verdict:
    """The gravest verdict of all projects.

    A roll-up of nothing is errored: nothing was looked at. So is one that skipped all of them.
    """
    seen = list(projects)
    if all(each.outcome is Outcome.SKIPPED for each in seen):
        return Verdict.ERRORED
    return max((each.verdict for each in seen), key=GRAVITY.index)
