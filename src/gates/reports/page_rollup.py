"""What the HTML page shows of a roll-up, as texts that are ready to be put into it."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.rollup import ProjectRun, RollUp
from gates.reports.page_gates import FOLDED_FINDINGS, text
from gates.reports.page_run import (
    SHOWN_ROWS,
    RecordView,
    RunView,
    head_facts,
    record_view,
    run_view,
)
from gates.reports.page_words import because_all
from gates.reports.rollup_console import facts

SHOWN_GATES = 10
"""Open gates of a project that its row names."""

ALL_FINDINGS = 4_000
"""Findings that can be unfolded on the whole page of a roll-up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectView:
    """A project.

    Attributes:
        anchor: the id of its part of the page.
        label: its path and name.
        shown: its verdict, or what became of it.
        facts: its gates in a line; of one that was not judged, why.
        reason: why it was judged, or empty.
        hint: the next step of one that could not be judged, or empty.
        open: open gates: anchor, status, name and first reason.
        more: open gates beyond these.
        run: its run, or None.
    """

    anchor: str
    label: str
    shown: str
    facts: str
    reason: str
    hint: str
    open: tuple[tuple[str, str, str, str], ...]
    more: int
    run: RunView | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollUpView:
    """A roll-up; each field as in `RunView`."""

    project: str
    level: int
    verdict: str
    because: str
    facts: tuple[tuple[str, str], ...]
    projects: tuple[ProjectView, ...]
    notes: tuple[tuple[str, str], ...]
    unsaid: int
    record: RecordView


def rollup_view(rollup: RollUp, record: str, sha256: str) -> RollUpView:
    """What is shown of a roll-up.

    Args:
        rollup: the roll-up.
        record: where its record lies.
        sha256: the digest of the record's bytes, or empty.
    """
    open_ = sum(len(entry.run.gates) for entry in rollup.projects if entry.run)
    most = min(FOLDED_FINDINGS, ALL_FINDINGS // max(open_, 1))
    entries = enumerate(rollup.projects, 1)
    many = f"{len(rollup.projects)} project{'s' * (len(rollup.projects) != 1)}"
    return RollUpView(
        project=text(rollup.project),
        level=rollup.level,
        verdict=rollup.verdict.value,
        because=text(because_all(rollup)),
        facts=(("projects", many), *head_facts(rollup)),
        projects=tuple(_project(entry, f"p{number}", most) for number, entry in entries),
        notes=tuple(("projects", text(note)) for note in rollup.notes[:SHOWN_ROWS]),
        unsaid=max(len(rollup.notes) - SHOWN_ROWS, 0),
        record=record_view(rollup, record, sha256),
    )


def _project(entry: ProjectRun, anchor: str, most: int) -> ProjectView:
    run = entry.labelled_run
    view = None
    if run is not None:
        view = run_view(run, entry.record, entry.sha256, anchor=f"{anchor}-", most=most)
    open_ = view.open if view else ()
    return ProjectView(
        anchor=anchor,
        label=text(entry.label),
        shown=entry.shown,
        facts=text(" · ".join(facts(entry))),
        reason=text(entry.reason) if entry.run is not None else "",
        hint=text(entry.problem.hint) if entry.problem else "",
        open=tuple(
            (gate.anchor, gate.status, gate.name, gate.reasons[0]) for gate in open_[:SHOWN_GATES]
        ),
        more=max(len(open_) - SHOWN_GATES, 0),
        run=view,
    )
