"""What the HTML page shows of a run, as texts that are ready to be put into it."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from gates.domain.criteria import CRITERIA
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.domain.status import Status
from gates.reports import told
from gates.reports.page_gates import FOLDED_FINDINGS, GateView, gate_view, text
from gates.reports.page_words import because
from gates.reports.style import seconds_text

SHOWN_LEADS = 5
"""Open gates whose first reason stands beside the verdict."""

SHOWN_ROWS = 200
"""Rows of waived things that a page lists, and of notes."""

SHOWN_SHARDS = 40
"""Shards that a page lists."""

COMMIT_DIGITS = 12

_DOCUMENTED = {criterion.id: criterion for criterion in CRITERIA}


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionView:
    """A documented criterion: where it stands, and the gates or the reason behind that."""

    state: str
    id: str
    title: str
    threshold: str
    behind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WaivedView:
    """One waived thing: of which gate, until when, by whom and why."""

    gate: str
    what: str
    until: str
    owner: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordView:
    """The record behind the page.

    Attributes:
        path: where it lies, or empty.
        sha256: the digest of its bytes, or empty where that is not known.
        argument: its path as a shell takes it.
        facts: labelled facts on what exactly was judged, where and by what.
    """

    path: str
    sha256: str
    argument: str
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run.

    Attributes:
        anchor: what its ids in the page begin with.
        project: the project's name.
        level: the judged level with its name.
        verdict: its verdict, in its word.
        because: why it has that.
        leads: open gates, each with its anchor and its first reason.
        more: open gates beyond these.
        counts: how many gates have each status.
        facts: labelled facts for the head of the page.
        levels: the levels with their gates.
        open: the gates that leave something to mend.
        criteria: the documented criteria up to the level, those to mend first.
        met: how many of them are met.
        waived: what waivers cover.
        unlisted: waived things beyond these.
        standing: how many waivers there are and hold no more, or empty.
        notes: what every output must tell, each with whom it is of.
        unsaid: notes beyond these.
        record: the record.
    """

    anchor: str
    project: str
    level: str
    verdict: str
    because: str
    leads: tuple[tuple[str, str, str], ...]
    more: int
    counts: tuple[tuple[str, int], ...]
    facts: tuple[tuple[str, str], ...]
    levels: tuple[tuple[str, tuple[GateView, ...]], ...]
    open: tuple[GateView, ...]
    criteria: tuple[CriterionView, ...]
    met: int
    waived: tuple[WaivedView, ...]
    unlisted: int
    standing: str
    notes: tuple[tuple[str, str], ...]
    unsaid: int
    record: RecordView


def run_view(
    run: Run, record: str, sha256: str, *, anchor: str = "", most: int = FOLDED_FINDINGS
) -> RunView:
    """What is shown of a run.

    Args:
        run: the run.
        record: where its record lies.
        sha256: the digest of the record's bytes, or empty.
        anchor: what its ids in the page begin with.
        most: findings of a gate, beyond the first, that can be unfolded.
    """
    gates = [gate_view(gate, run, f"{anchor}g{n}", most) for n, gate in enumerate(run.gates, 1)]
    by_level = [
        (
            text(told.level_name(run, number)),
            tuple(
                view
                for view, gate in zip(gates, run.gates, strict=True)
                if gate.plan.level == number
            ),
        )
        for number in sorted({gate.plan.level for gate in run.gates})
    ]
    open_ = tuple(gate for gate in gates if gate.is_open)
    waived, notes = _waived(run), _notes(run)
    return RunView(
        anchor=anchor,
        project=text(run.plan.project),
        level=text(told.level_name(run, run.level)),
        verdict=run.verdict.value,
        because=text(because(run)),
        leads=tuple((each.anchor, each.name, each.reasons[0]) for each in open_[:SHOWN_LEADS]),
        more=max(len(open_) - SHOWN_LEADS, 0),
        counts=_counts(run),
        facts=_facts(run),
        levels=tuple(by_level),
        open=open_,
        criteria=_criteria(run),
        met=len(run.criteria.met),
        waived=waived[:SHOWN_ROWS],
        unlisted=max(len(waived) - SHOWN_ROWS, 0),
        standing=_standing(run),
        notes=notes[:SHOWN_ROWS],
        unsaid=max(len(notes) - SHOWN_ROWS, 0),
        record=record_view(run, record, sha256),
    )


def record_view(run: Run | RollUp, path: str, sha256: str) -> RecordView:
    """What is told of the record behind a page, and of what exactly was judged."""
    where = run.where
    machine = f"{where.host}, {where.os}, {where.cpus} CPU{'s' * (where.cpus != 1)}"
    facts = [
        ("record", run.id),
        ("commit", f"{run.commit or 'outside git'}{_dirt(run)}"),
        ("tree", run.tree or ""),
        ("judged against", run.base or ""),
        ("selected by", run.selection or ""),
        ("policy", f"{run.policy.source}, sha256 {run.policy.sha256}"),
        *_extended(run),
        ("machine", f"{machine}, {where.ci}" if where.ci else machine),
        ("started by", run.originator),
        ("version", f"gates {run.gates_version}"),
    ]
    if isinstance(run, Run):
        facts += _divided(run)
        if run.waivers is not None:
            facts.append(("waivers", f"{run.waivers.source}, sha256 {run.waivers.sha256}"))
    shown = text(path)
    return RecordView(
        path=shown,
        sha256=text(sha256),
        argument=shlex.quote(shown),
        facts=tuple((label, text(said)) for label, said in facts if said),
    )


def _extended(run: Run | RollUp) -> Iterator[tuple[str, str]]:
    """The policies that the policy extends."""
    for each in run.policy.extends:
        pinned = "pinned" if each.is_pinned else "not pinned"
        yield "extends", f"{each.source}, sha256 {each.sha256}, {pinned}"


def _divided(run: Run) -> Iterator[tuple[str, str]]:
    """Over which machines a level was divided: where this is one part, or all are merged."""
    if run.shard is not None:
        yield "shard", f"{run.shard.index} of {run.shard.count}"
        yield "plan of the shards", f"sha256 {run.shard.plan_sha256}"
    merged = run.merged
    if merged is None:
        return
    for each in merged.shards[:SHOWN_SHARDS]:
        took = f"{each.host}, {seconds_text(float(each.seconds))}, sha256 {each.record_sha256}"
        yield f"shard {each.index}", each.problem.summary if each.problem else took
    if len(merged.shards) > SHOWN_SHARDS:
        yield "shards", f"{len(merged.shards):,}; the record tells of those not shown here"
    if merged.at_merge:
        yield "at the merge", ", ".join(merged.at_merge)
    yield "plan of the shards", f"sha256 {merged.plan_sha256}"


def head_facts(run: Run | RollUp) -> tuple[tuple[str, str], ...]:
    """What the head of a page tells of any run: commit, time, duration, exit code."""
    commit = (run.commit or "outside git")[: COMMIT_DIGITS if run.commit else None]
    return (
        ("commit", text(f"{commit}{_dirt(run)}")),
        ("started", run.started.strftime("%d %b %Y, %H:%M UTC")),
        ("took", seconds_text(float(run.seconds))),
        ("exit code", str(run.exit_code)),
    )


def _dirt(run: Run | RollUp) -> str:
    return " + changes not in it" if run.dirty and run.commit else ""


def _facts(run: Run) -> tuple[tuple[str, str], ...]:
    met = f"{len(run.criteria.met)} of {run.criteria.total} met"
    return (("documented criteria", met), *head_facts(run))


def _counts(run: Run) -> tuple[tuple[str, int], ...]:
    counts = Counter(gate.status for gate in run.gates)
    return tuple((status.value, counts[status]) for status in Status if counts[status])


def _criteria(run: Run) -> tuple[CriterionView, ...]:
    coverage, plan = run.criteria, run.plan
    serving: dict[str, list[str]] = {}
    for gate in run.gates:
        for each in gate.plan.criteria:
            serving.setdefault(each, []).append(gate.name)
    owners = {each.criterion: each.owner for each in plan.not_applicable}
    spared = {
        name: f"{reason} ({owners[name]})" if name in owners else reason
        for name, reason in coverage.not_applicable
    }
    groups = (
        ("failed", coverage.failed),
        ("not covered", coverage.not_covered),
        ("not applicable", tuple(spared)),
        ("met", coverage.met),
    )
    return tuple(
        _criterion(state, name, spared.get(name) or ", ".join(serving.get(name, ())))
        for state, names in groups
        for name in names
    )


def _criterion(state: str, name: str, behind: str) -> CriterionView:
    known = _DOCUMENTED.get(name)
    return CriterionView(
        state=state,
        id=text(name),
        title=known.title if known else "",
        threshold=known.threshold if known else "",
        behind=text(behind),
    )


def _waived(run: Run) -> tuple[WaivedView, ...]:
    return tuple(
        WaivedView(
            gate=text(gate.name),
            what=text(what),
            until=str(waiver.expires),
            owner=text(waiver.owner),
            reason=text(waiver.reason),
        )
        for gate in run.gates
        for what, waiver in told.waived(gate)
    )


def _standing(run: Run) -> str:
    waivers = run.waivers
    if waivers is None:
        return ""
    counted = (
        (waivers.expired, "expired"),
        (waivers.early, "not valid yet"),
        (waivers.ending, "expiring soon"),
        (waivers.unmatched, "covering nothing"),
    )
    parts = [f"{len(found)} {how}" for found, how in counted if found]
    many = f"{waivers.total} waiver{'s' * (waivers.total != 1)} in {waivers.source}"
    return text(f"{many}: {', '.join(parts)}." if parts else f"{many}.")


def _notes(run: Run) -> tuple[tuple[str, str], ...]:
    notes = [("run", note) for note in run.notes]
    for gate in run.gates:
        notes += [(gate.name, note) for note in told.notes(gate)]
    return tuple((text(who), text(note)) for who, note in notes)
