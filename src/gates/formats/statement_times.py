"""What `pg_stat_statements` tells of the times of a database: by statement, and no percentile.

Of each statement it keeps how often it ran, and its shortest and longest time. So the time at a
rank of all calls is at least what stands there when each call took its statement's shortest time,
and at most what stands there when each took the longest.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.interval import least_above, most_below
from gates.domain.metric import Metric
from gates.domain.stage_result import Inconclusive
from gates.formats.prometheus_histogram import MISS

RESET = "CREATE EXTENSION IF NOT EXISTS pg_stat_statements; SELECT pg_stat_statements_reset()"
"""Begins to count anew."""

QUERY = (
    "SELECT calls, min_exec_time, max_exec_time, total_exec_time FROM pg_stat_statements s"
    " JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = current_database()"
    " AND s.query NOT ILIKE '%pg_stat_statements%'"
    " UNION ALL SELECT -1, dealloc, 0, 0 FROM pg_stat_statements_info"
)
"""Times in milliseconds, and in a last row how many statements were thrown out (PostgreSQL 14)."""

_FIELDS = 4
_THROWN_OUT = -1


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Attributes:
        calls: how often it ran.
        fastest: its shortest time in seconds.
        slowest: its longest time in seconds.
        total: all its times in seconds.
    """

    calls: int
    fastest: Decimal
    slowest: Decimal
    total: Decimal


def read(data: bytes, *, what: str) -> tuple[Statement, ...]:
    """Read the rows of `QUERY`, fields parted by commas.

    Raises:
        OutputUnreadable: they are none, or contradict themselves.
        StageError: no statement ran, or some were thrown out.
    """
    rows = [_row(line, what) for line in data.decode("utf-8", "replace").splitlines() if line]
    statements = tuple(row for row in rows if row.calls != _THROWN_OUT)
    ends = [row for row in rows if row.calls == _THROWN_OUT]
    if len(ends) != 1:
        raise OutputUnreadable("statements-cut", "the last row is missing", place=what)
    if ends[0].fastest:
        raise StageError(
            "statements-lost",
            "pg_stat_statements threw statements out, since it holds too few",
            hint="raise `pg_stat_statements.max` of the database",
        )
    if not statements:
        raise StageError("nothing-counted", "no statement ran in this database")
    return statements


def measured(
    name: str, statements: Sequence[Statement], share: Decimal
) -> tuple[Metric, Inconclusive | None]:
    """A quantile of all calls as a metric, with its bounds, and whether the calls are too few."""
    count = sum(each.calls for each in statements)
    rank = math.ceil(count * Fraction(share))
    low = min(max(most_below(count, float(share), MISS) + 1, 1), rank)
    top = least_above(count, float(share), MISS)
    lower = _at(low, statements, lambda each: each.fastest)
    upper = _at(min(max(top, rank), count), statements, lambda each: each.slowest)
    value = _at(rank, statements, lambda each: each.slowest)
    interval = (lower, upper) if lower < upper else None
    reason = f"{count} statements are too few to tell {name}"
    scarce = Inconclusive(metric=name, reason=reason) if top > count else None
    return Metric(name=name, value=value, interval=interval), scarce


def _at(rank: int, statements: Sequence[Statement], key: Callable[[Statement], Decimal]) -> Decimal:
    """What stands at a rank where all calls of a statement took the same time."""
    seen = 0
    ordered = sorted(statements, key=key)
    for each in ordered:
        seen += each.calls
        if seen >= rank:
            return key(each)
    return key(ordered[-1])


def _row(line: str, what: str) -> Statement:
    found = _ROW.fullmatch(line)
    if found is not None:
        calls = int(found[1])
        fastest, slowest, total = (_seconds(part) for part in found.groups()[1:])
        if calls == _THROWN_OUT or (
            calls > 0 and fastest <= slowest <= total * (1 + _ROUNDING) + _ROUNDING
        ):
            return Statement(calls, fastest, slowest, total)
    summary = f"`{line[:80]}` is no row of pg_stat_statements"
    raise OutputUnreadable("statements-row", summary, place=what)


def _seconds(milliseconds: str) -> Decimal:
    return Decimal(milliseconds).scaleb(-3)


_NUMBER = r"([0-9]{1,18}(?:\.[0-9]{1,30})?(?:e-[0-9]{1,2})?)"
_ROW = re.compile(rf"(-?[0-9]{{1,18}}),{_NUMBER},{_NUMBER},{_NUMBER}", re.ASCII)
_ROUNDING = Decimal("1e-9")
"""The sum is a double."""
