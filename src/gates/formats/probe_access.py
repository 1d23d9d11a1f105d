"""The set `roles`: who may do what, and how operations are asked.

Only 401 and 403 show that somebody was kept out. A 404 or a 422 may come before anybody looked at
credentials, so it shows nothing, and is told as such.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from gates.domain.errors import StageError
from gates.formats.nearest import nearest
from gates.formats.openapi_document import Document
from gates.formats.openapi_model import Operation
from gates.formats.probe_model import (
    ANONYMOUS,
    OK,
    Ask,
    Cell,
    Check,
    Example,
    ProbePlan,
    Statuses,
    shown,
    within,
)
from gates.formats.probe_session import Session

KEPT_OUT: Final[Statuses] = ((401, 401), (403, 403))
"""Statuses that show that somebody was kept out."""


def refuse_unknown(document: Document, labels: Sequence[str], *, what: str) -> None:
    """Refuse names of operations that the document does not hold.

    Raises:
        StageError: `no-operation`.
    """
    known = [operation.label for operation in document.operations]
    for label in labels:
        if label not in known:
            meant = nearest(label, known)
            raise StageError(
                "no-operation",
                f"{what} names `{label}`, which is no operation of the document",
                hint=f"did you mean `{meant}`?" if meant else "write it as the document does",
                place=document.name,
            )


def request_of(operation: Operation, document: Document, examples: Mapping[str, Example]) -> Ask:
    """How an operation is asked: as the plan says, else by the document's examples.

    A parameter of the path that has no example is 1: credentials are looked at before.
    """
    if operation.label in examples:
        return examples[operation.label].ask
    path = operation.example_path()
    if path is None:
        path = operation.path
        for parameter in operation.parameters:
            path = path.replace(f"{{{parameter.name}}}", "1")
    body = next((each.example for each in operation.body if "json" in each.media_type), None)
    return Ask(
        method=operation.method,
        path=document.base_path + path,
        headers=tuple((operation.example_headers() or {}).items()),
        json={} if body is None else body,
        has_json=operation.has_body,
    )


def roles(
    session: Session, plan: ProbePlan, document: Document | None, public: Sequence[str]
) -> Iterator[Check]:
    """Ask every cell of the matrix: first all that is denied, then what is allowed.

    Args:
        session: asks.
        plan: the matrix, and how operations are asked.
        document: where given, each of its operations must be in the matrix or public.
        public: labels of operations that anybody may ask.

    Raises:
        StageError: the matrix would prove nothing, or a limit refuses.
    """
    refuse_vacuous(plan)
    if document is not None:
        refuse_unknown(document, (*public, *plan.roles), what="the matrix or `public`")
        yield from _unlisted(document, plan, public)
    cells = [(label, name, cell) for label, row in plan.roles.items() for name, cell in row.items()]
    shows: set[str] = set()
    denied = []
    for label, name, cell in cells:
        if not cell.is_allowed:
            denied.append((label, cell, *_asked(session, plan, document, label, name)))
    allowed = []
    for label, name, cell in cells:
        if cell.is_allowed:
            ask, status = _asked(session, plan, document, label, name)
            allowed.append((label, cell, ask, status))
            if within(status, OK):
                shows.add(label)
    for label, cell, ask, status in (*denied, *allowed):
        yield _cell(session, label, cell, ask, status, is_there=label in shows)


def refuse_vacuous(plan: ProbePlan) -> None:
    """Refuse a matrix that could hold whatever the service does.

    Raises:
        StageError: `matrix-vacuous`.
    """
    if not plan.roles:
        summary = "the plan has no matrix of roles"
        raise StageError("matrix-vacuous", summary, hint="add `roles:`", place=plan.place)
    for name in (ANONYMOUS, *plan.identities):
        cells = [row[name].is_allowed for row in plan.roles.values()]
        needs_denied = name == ANONYMOUS or not plan.identities[name].is_unlimited
        if not any(cells) and name != ANONYMOUS:
            what = f"`{name}` is allowed nothing, so that a login that fails would not be seen"
        elif all(cells) and needs_denied:
            what = (
                f"`{name}` is denied nothing, so that a service that lets all in would not be seen"
            )
        else:
            continue
        hint = "add a row that shows it; `may_everything: true` says that all is meant"
        raise StageError("matrix-vacuous", what, hint=hint, place=plan.place)


def _unlisted(document: Document, plan: ProbePlan, public: Sequence[str]) -> Iterator[Check]:
    for operation in document.operations:
        label = operation.label
        is_there = label in plan.roles or label in public
        yield Check(
            rule="http/role-not-in-matrix",
            subject=label,
            expected="a row in the matrix of roles",
            got="a row" if is_there else "none",
            holds=is_there,
        )


def _asked(
    session: Session, plan: ProbePlan, document: Document | None, label: str, name: str
) -> tuple[Ask, int]:
    example = plan.examples.get(label)
    if example is not None:
        for step in example.before:
            session.perform(step)
        ask = example.ask
    else:
        known = {each.label: each for each in document.operations} if document else {}
        method, _, path = label.partition(" ")
        ask = (
            request_of(known[label], document, {})
            if document and label in known
            else Ask(method=method, path=path)
        )
    whole = replace(ask, identity=name)
    return whole, session.answered(whole).status


def _cell(
    session: Session, label: str, cell: Cell, ask: Ask, status: int, *, is_there: bool
) -> Check:
    """Judge one answer; what hides a thing shows a denial only where the thing is there."""
    let_in = within(status, OK) or (cell.is_allowed and within(status, cell.also))
    hidden = not cell.is_allowed and within(status, cell.also) and is_there
    kept_out = within(status, KEPT_OUT) or hidden
    wanted = (*OK, *cell.also) if cell.is_allowed else (*KEPT_OUT, *cell.also)
    holds = let_in if cell.is_allowed else kept_out and not within(status, OK)
    rule = "http/role-not-shown"
    if not cell.is_allowed and within(status, OK):
        rule = "http/role-exceeded"
    elif cell.is_allowed and kept_out:
        rule = "http/role-refused"
    is_hidden_nothing = not cell.is_allowed and within(status, cell.also) and not is_there
    why = ", and nobody who is allowed was answered 2xx" if is_hidden_nothing else ""
    verb = "be allowed" if cell.is_allowed else "be denied"
    return Check(
        rule=rule,
        subject=f"{label} as {ask.identity}",
        expected=f"to {verb} ({shown(wanted)})",
        got=f"{status}{why}",
        holds=holds,
        curl=session.curl(ask),
    )
