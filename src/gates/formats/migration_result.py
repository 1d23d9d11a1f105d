"""What migrations showed when they were tried, as metrics and findings."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, Metric, count, tags_of
from gates.domain.stage_result import NotApplicable, StageResult, Tool
from gates.formats.migration_trial import Fault, Filled, Step, Walk

BROKEN, HEADS, DRIFT, ROWS = "broken", "heads", "drift", "rows"
MAX_TAGGED = 50
"""Revisions that are told with their time, the slowest ones."""


@dataclass(frozen=True, slots=True)
class File:
    """The file of a revision.

    Attributes:
        path: relative to the folder of gates.yaml; empty where it lies elsewhere.
        text: what is in it.
    """

    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options ask for.

    Attributes:
        models: compare them.
        fill: try with rows.
        files: of the revisions.
    """

    models: bool = True
    fill: bool = False
    files: Mapping[str, File]


def measured(
    seen: Walk,
    rows: Filled | None,
    asked: Asked,
    tool: Tool,
    *,
    clean: Callable[[str], str],
) -> StageResult:
    """Sum up what was seen.

    Args:
        seen: on empty tables.
        rows: with rows, or None.
        asked: by the options.
        tool: what tried them.
        clean: makes foreign text fit to be shown.

    Raises:
        StageError: it cannot be relied on.
    """
    _refuse_blind(seen, asked)
    if rows is not None:
        _refuse_unfilled(seen, rows)
    broken = _broken(seen, rows, asked.files, clean)
    differing = [
        Finding(rule="drift", severity=Severity.MEDIUM, message=clean(text), counts=(DRIFT,))
        for text in seen.drift or ()
    ]
    several = [
        Finding(
            rule="several-heads",
            severity=Severity.HIGH,
            message=clean(f"{len(seen.heads)} revisions have no follower: {', '.join(seen.heads)}"),
            fix="alembic merge heads",
        )
    ]
    is_compared = asked.models and seen.is_at_head
    return StageResult(
        metrics=(
            count(BROKEN, len(broken)),
            count(HEADS, len(seen.heads)),
            *([count(DRIFT, len(differing))] if is_compared else []),
            count("revisions", len(seen.revisions)),
            *_times(seen, rows, clean),
            *([count(ROWS, _total(rows))] if rows is not None else []),
        ),
        examined=Examined(count=len(seen.steps), unit="revisions"),
        tool=tool,
        findings=(*broken, *differing, *(several if len(seen.heads) > 1 else [])),
        not_applicable=_left_out(seen, rows, asked),
        notes=tuple(clean(note) for note in _notes(seen, rows, asked)),
        canary=f"planted a database without tables: {seen.canary} differences from the models seen"
        if is_compared
        else "",
    )


def _refuse_blind(seen: Walk, asked: Asked) -> None:
    if asked.models and seen.is_at_head and not (seen.drift is not None and seen.canary):
        raise StageError(
            "models-blind",
            "with all tables gone, no difference between models and database was seen",
            hint="see whether `env.py` imports the models before it names `target_metadata`, and"
            " what its `include_object` leaves out",
        )


def _refuse_unfilled(seen: Walk, rows: Filled) -> None:
    if _total(rows) <= seen.rows:
        raise StageError(
            "nothing-filled",
            "`fill` put no row into the database",
            hint="see which database it writes to: the address is in GATES_DATABASE_URL",
        )


def _total(rows: Filled) -> int:
    return sum(number for _, number in rows.rows)


def _broken(
    seen: Walk, rows: Filled | None, files: Mapping[str, File], clean: Callable[[str], str]
) -> list[Finding]:
    """One finding for each broken revision; of the whole way only where no revision explains it."""
    with_rows = {step.revision: step for step in rows.steps} if rows is not None else {}
    found_ones: list[Finding] = []
    for step in seen.steps:
        also = with_rows.get(step.revision)
        known = {fault.kind for fault in step.faults}
        more = [fault for fault in (also.faults if also else ()) if fault.kind not in known]
        said = [fault.said() for fault in step.faults]
        said += [fault.said(with_rows=True) for fault in more]
        if said:
            file = files[step.revision]
            kind = (*step.faults, *more)[0].kind
            name = "upgrade" if kind.startswith("up-") else "downgrade"
            found_ones.append(
                Finding(
                    rule=kind,
                    severity=Severity.HIGH,
                    message=clean(f"revision `{step.revision}`: {'. '.join(said)}"),
                    path=file.path,
                    line=line_of(file.text, name) if file.path else 0,
                    subject=step.revision,
                    counts=(BROKEN,),
                )
            )
    return found_ones or [_of_whole(fault, clean) for fault in seen.trip[:1]]


def _of_whole(fault: Fault, clean: Callable[[str], str]) -> Finding:
    return Finding(
        rule=fault.kind,
        severity=Severity.HIGH,
        message=clean(f"head, base, head: {fault.said()}"),
        subject="head, base, head",
        counts=(BROKEN,),
    )


def _times(seen: Walk, rows: Filled | None, clean: Callable[[str], str]) -> list[Metric]:
    slowest: dict[str, Step] = {}
    for step in (*seen.steps, *(rows.steps if rows is not None else ())):
        if step.revision not in slowest or step.seconds > slowest[step.revision].seconds:
            slowest[step.revision] = step
    steps = sorted(slowest.values(), key=lambda step: (-step.seconds, step.revision))
    tagged = [
        Metric(name="slowest", value=step.seconds, tags=tags_of({"revision": clean(step.revision)}))
        for step in steps[:MAX_TAGGED]
    ]
    return [Metric(name="slowest", value=steps[0].seconds), *tagged]


def _left_out(seen: Walk, rows: Filled | None, asked: Asked) -> tuple[NotApplicable, ...]:
    reason = "head was not reached"
    left: list[NotApplicable] = []
    if asked.models and not seen.is_at_head:
        left.append(NotApplicable(metric=DRIFT, reason=reason))
    if rows is None:
        why = reason if asked.fill else "`fill` names nothing that puts rows in"
        left.append(NotApplicable(metric=ROWS, reason=why))
    return tuple(left)


def _notes(seen: Walk, rows: Filled | None, asked: Asked) -> list[str]:
    notes: list[str] = []
    missed = [name for name, _ in seen.revisions[len(seen.steps) :]]
    if missed:
        notes.append(f"not reached: {', '.join(missed)}")
    if not asked.fill:
        notes.append("tried on empty tables only: `fill` names nothing that puts rows in")
    if rows is None:
        return notes
    tried = {step.revision for step in rows.steps}
    beyond = [name for name, _ in seen.revisions if name not in tried]
    if beyond:
        notes.append(f"not reached with rows: {', '.join(beyond)}")
    bare = [name for name, number in rows.rows if not number]
    if bare:
        notes.append(f"tables without a row: {', '.join(bare)}")
    notes += [
        f"the downgrade of `{step.revision}` drops {', '.join(step.dropped)}"
        for step in rows.steps
        if step.dropped
    ]
    return notes


def line_of(text: str, function: str) -> int:
    """The line on which a function of a Python file begins; 0 where it has none."""
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return 0
    lines = [
        node.lineno for node in body if isinstance(node, ast.FunctionDef) and node.name == function
    ]
    return lines[0] if lines else 0
