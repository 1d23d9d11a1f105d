"""What a stored run record must not say: a verdict lighter than its gates, a pass without proof.

A record is a file that anybody may have edited. What it says twice has to agree, and what one field
follows from others is worked out again.
"""

from __future__ import annotations

from gates import __version__
from gates.domain.criteria import up_to
from gates.domain.plan import LEVELS
from gates.domain.run import MET, Run, verdict_of, verdict_of_shard
from gates.domain.status import Verdict
from gates.domain.waiver import Waiver
from gates.formats.strict_json import Value
from gates.reports.stored_gates import contradictions

SLUG = "record-contradiction"

SIGNAL_BASE = 128
"""Exit codes above it tell the signal that ended a run."""

SIGNALS = 64

_HEAVIER = {Verdict.ERRORED: (Verdict.FAILED,), Verdict.FAILED: ()}


def check(run: Run, top: Value) -> None:
    """Refuse a record that contradicts itself.

    Args:
        run: what the record says.
        top: the record, for the places of problems.

    Raises:
        OutputUnreadable: where it does.
    """
    _levels(run, top)
    _gates(run, top)
    _verdict(run, top)
    _exit_code(run, top)
    _criteria(run, top.member("criteria"))


def _levels(run: Run, top: Value) -> None:
    if run.level not in LEVELS:
        raise top.member("level").unreadable("is no level", slug=SLUG)
    for each in top.member("levels").items():
        if each.member("number").count() not in LEVELS:
            raise each.member("number").unreadable("is no level", slug=SLUG)


def _gates(run: Run, top: Value) -> None:
    if not run.gates:
        raise top.member("gates").unreadable("is empty", slug=SLUG)
    seen: set[str] = set()
    for gate, entry in zip(run.gates, top.member("gates").items(), strict=True):
        if gate.name in seen:
            raise entry.member("name").unreadable("stands twice", slug=SLUG)
        seen.add(gate.name)
        if gate.plan.level not in range(LEVELS[0], run.level + 1):
            raise entry.member("level").unreadable("is not judged by this run", slug=SLUG)
        if len(gate.logs) % 2:
            raise entry.member("logs").unreadable("is not in pairs", slug=SLUG)
        if any(len(service.logs) % 2 for service in gate.services):
            problem = "hold logs that are not in pairs"
            raise entry.member("services").unreadable(problem, slug=SLUG)
        if not all(_was_valid(waiver, run) for waiver in gate.judged.waivers):
            raise entry.member("waivers").unreadable("hold one that was not valid", slug=SLUG)
        for field, problem in contradictions(gate, run):
            raise entry.member(field).unreadable(problem, slug=SLUG)


def _was_valid(waiver: Waiver, run: Run) -> bool:
    """Whether a waiver held when its gate was judged: the day may have turned during the run."""
    from datetime import timedelta

    try:
        ended = run.started + timedelta(seconds=float(run.seconds))
    except OverflowError:
        ended = run.started
    return any(waiver.is_valid_on(moment.date()) for moment in (run.started, ended))


def _verdict(run: Run, top: Value) -> None:
    """An interrupt, or files that changed, make a run heavier than its gates, never lighter."""
    due = verdict_of_shard(run.gates, run.shard) if run.shard else verdict_of(run.gates)
    entry = top.member("verdict")
    if run.verdict is not due and (
        run.verdict not in _HEAVIER or due in {run.verdict, *_HEAVIER[run.verdict]}
    ):
        raise entry.unreadable(f"is `{run.verdict}`, its gates make it `{due}`", slug=SLUG)
    if not run.complete and run.verdict not in _HEAVIER:
        raise entry.unreadable(f"is `{run.verdict}`, though the run was interrupted", slug=SLUG)


def _exit_code(run: Run, top: Value) -> None:
    code = run.exit_code
    if run.complete:
        is_due = code == run.verdict.exit_code
    else:
        is_due = SIGNAL_BASE < code <= SIGNAL_BASE + SIGNALS
    if not is_due:
        raise top.member("exit_code").unreadable(f"is {code}, which contradicts", slug=SLUG)


def _criteria(run: Run, entry: Value) -> None:
    """Each criterion stands once, where the gates that name it put it."""
    found = run.criteria
    listed: set[str] = set()
    for field, names in (
        ("met", found.met),
        ("failed", found.failed),
        ("not_covered", found.not_covered),
        ("not_applicable", tuple(name for name, _ in found.not_applicable)),
    ):
        for name in names:
            serving = [gate.status in MET for gate in run.gates if name in gate.plan.criteria]
            due = ("met" if all(serving) else "failed") if serving else "not_covered"
            is_exempt = field == "not_applicable" and not serving
            if name in listed or not (field == due or is_exempt):
                problem = f"hold `{name}`, which its gates do not put there"
                raise entry.member(field).unreadable(problem, slug=SLUG)
            listed.add(name)
    named = {name for gate in run.gates for name in gate.plan.criteria}
    # Another version may document other criteria.
    is_ours = run.gates_version == __version__
    for criterion in up_to(run.level):
        if criterion.id not in listed and (is_ours or criterion.id in named):
            raise entry.unreadable(f"leave out `{criterion.id}`", slug=SLUG)
