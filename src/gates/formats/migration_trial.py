"""What the program that tries migrations saw: one JSON document, and what it says in words.

```
{"alembic":"1.20.1","sqlalchemy":"2.1.9","dialect":"sqlite","heads":["b"],
 "revisions":[["a","/project/migrations/versions/a.py"]],"trip":[],"tables":5,
 "drift":[],"canary":10,"rows":0,"filled":[["orders",3]],
 "steps":[{"revision":"a","seconds":0.04,"faults":[["down-fails",["NotImplementedError"]]],
           "dropped":["3 rows of `orders`"]}],
 "refused":{"slug":"database-not-empty","why":"...","hint":"..."}}
```

A walk over empty tables tells all but `filled`; one with rows tells `filled` and `steps` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value

WORDS = {
    "up-fails": "its upgrade fails",
    "down-fails": "its downgrade fails",
    "down-differs": "its downgrade does not undo its upgrade",
    "again-fails": "its upgrade fails after its downgrade",
    "again-differs": "its upgrade makes another schema after its downgrade",
    "loses-rows": "it loses data that it leaves in place",
}
"""Each kind of fault, in words."""

ENDS = frozenset({"up-fails"})
"""Faults after which the next revision cannot be tried, on empty tables."""

ENDS_WITH_ROWS = frozenset({"down-fails", "again-fails"})
"""The same with rows, on the way down."""

WITH_ROWS = " with rows in the tables"
MAX_SHOWN = 3
"""Details of one fault that a message shows."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a revision, or with the way there and back.

    Attributes:
        kind: one of `WORDS`.
        details: in words, what was seen.
    """

    kind: str
    details: tuple[str, ...]

    def said(self, *, with_rows: bool = False) -> str:
        """In words."""
        shown = "; ".join(self.details[:MAX_SHOWN])
        more = len(self.details) - MAX_SHOWN
        rest = f"; and {more} more" if more > 0 else ""
        is_plain = with_rows and self.kind != "loses-rows"
        return f"{WORDS[self.kind]}{WITH_ROWS if is_plain else ''}: {shown}{rest}"


@dataclass(frozen=True, slots=True)
class Step:
    """One revision, tried up and down.

    Attributes:
        revision: which.
        seconds: the longer of both ways.
        faults: what was wrong.
        dropped: in words, data that went with what the downgrade drops.
    """

    revision: str
    seconds: Decimal
    faults: tuple[Fault, ...]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """What came of trying all revisions on empty tables.

    Attributes:
        alembic: its version.
        dialect: the kind of database.
        heads: the revisions that no other follows.
        revisions: each with the file that holds it, in the order of upgrades.
        trip: what was wrong on the way head, base, head.
        tables: how many there are at head.
        steps: of the revisions that were reached, in order.
        drift: in words, how models and migrations differ; None where it was not asked.
        canary: differences that were seen while all tables were gone.
        rows: rows that the migrations themselves put in.
        is_at_head: the last upgrade came through.
    """

    alembic: str
    dialect: str
    heads: tuple[str, ...]
    revisions: tuple[tuple[str, str], ...]
    trip: tuple[Fault, ...]
    tables: int
    steps: tuple[Step, ...]
    drift: tuple[str, ...] | None
    canary: int
    rows: int
    is_at_head: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of trying them with rows in the tables.

    Attributes:
        rows: how many, by table, at head.
        steps: of the revisions that were reached, from head on down.
    """

    rows: tuple[tuple[str, int], ...]
    steps: tuple[Step, ...]


def walk(data: bytes, *, what: str) -> Walk:
    """Read the record of a walk over empty tables.

    Raises:
        StageError: the program refused to try, and why.
        OutputUnreadable: it is no such record.
    """
    top = strict_json.read(data, what=what)
    _refuse(top)
    found = top.find("drift")
    revisions = tuple(_pair(each) for each in top.member("revisions").items())
    steps = _steps(top)
    _check_steps(top, steps, tuple(name for name, _ in revisions), ENDS)
    trip = tuple(_fault(each) for each in top.member("trip").items())
    is_at_head = not any(fault.kind == "up-fails" for fault in trip)
    return Walk(
        alembic=top.member("alembic").text(),
        dialect=top.member("dialect").text(),
        heads=_texts(top.member("heads")),
        revisions=revisions,
        trip=trip,
        tables=top.member("tables").count(),
        steps=steps,
        drift=None if found is None else _texts(found),
        canary=0 if found is None else top.member("canary").count(),
        rows=top.member("rows").count() if is_at_head else 0,
        is_at_head=is_at_head,
    )


def filled(data: bytes, revisions: tuple[str, ...], *, what: str) -> Filled:
    """Read the record of a walk with rows.

    Args:
        data: the record.
        revisions: those that the walk over empty tables found, in the order of upgrades.
        what: its name.

    Raises:
        StageError: the program refused to try, and why.
        OutputUnreadable: it is no such record.
    """
    top = strict_json.read(data, what=what)
    _refuse(top)
    steps = _steps(top)
    _check_steps(top, steps, revisions[::-1], ENDS_WITH_ROWS)
    rows = tuple(_row(each) for each in top.member("filled").items())
    return Filled(rows=rows, steps=steps)


def _refuse(top: Value) -> None:
    found = top.find("refused")
    if found is not None:
        raise StageError(
            found.member("slug").text(),
            found.member("why").text(),
            hint=found.member("hint").text(),
        )


def _check_steps(
    top: Value, steps: tuple[Step, ...], revisions: tuple[str, ...], ends: frozenset[str]
) -> None:
    """The steps follow the revisions; only a fault after which none can go on ends them early."""
    names = tuple(step.revision for step in steps)
    last = {fault.kind for fault in steps[-1].faults} if steps else set[str]()
    is_early = len(names) < len(revisions) and last.isdisjoint(ends)
    if names != revisions[: len(names)] or is_early:
        raise top.member("steps").unreadable("does not tell of all revisions in their order")


def _steps(top: Value) -> tuple[Step, ...]:
    return tuple(
        Step(
            each.member("revision").text(),
            each.member("seconds").number(),
            tuple(_fault(fault) for fault in each.member("faults").items()),
            _texts(each.member("dropped")),
        )
        for each in top.member("steps").items()
    )


def _fault(value: Value) -> Fault:
    kind, details = _two(value)
    if kind.text() not in WORDS or not details.array():
        raise value.unreadable("is no fault that is known")
    return Fault(kind.text(), _texts(details))


def _row(value: Value) -> tuple[str, int]:
    name, rows = _two(value)
    return name.text(), rows.count()


def _pair(value: Value) -> tuple[str, str]:
    name, path = _two(value)
    return name.text(), path.text()


def _two(value: Value) -> tuple[Value, Value]:
    items = tuple(value.items())
    if len(items) != len(("one", "two")):
        raise value.unreadable("is not a pair")
    return items[0], items[1]


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(each.text() for each in value.items())
