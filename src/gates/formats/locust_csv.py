"""What Locust writes by `--csv`: tables that it prints once a second, and not at the end.

`_stats.csv` holds the numbers; `_failures.csv` and `_stats_history.csv` are witnesses of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats.latency import Spread, Step
from gates.formats.locust_rounding import edges, rounded

_COLUMNS = (
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
)
_FAILURES = ("Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen")
_HISTORY = ("Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s")

_WHOLE = "Aggregated"
_ALL = Decimal(100)
_NEAR = Decimal("1e-6")
_MAX_BYTES = 64 * 1024 * 1024
_NUMBER = r"(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?(?:e[+-]?[0-9]{1,3})?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One endpoint of the table, or all of them.

    Attributes:
        key: method and name in one text.
        spread: its response times, as far as the printed percentiles tell them.
        rate: requests a second.
    """

    key: str
    spread: Spread
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one run of Locust printed.

    Attributes:
        rows: the endpoints.
        whole: all of them; None where no request came to an end.
        errors: the errors that `_failures.csv` tells, most frequent first; each with its count.
    """

    rows: tuple[Row, ...]
    whole: Row | None
    errors: tuple[tuple[str, int], ...]


def read(parts: Sequence[tuple[str, bytes]]) -> Table:
    """Read the tables of one run.

    Args:
        parts: name and bytes of each; exactly one is `_stats.csv`, at most one each of the others.

    Raises:
        OutputUnreadable: one is cut or no such table, or they contradict each other.
    """
    tables: dict[tuple[str, ...], tuple[str, list[list[str]]]] = {}
    for what, data in parts:
        kind, rows = _rows(data, what)
        if kind in tables:
            raise OutputUnreadable(
                "locust-runs",
                "tables of two runs cannot be put together: percentiles do not add up",
                hint="write `--json-file` in each run, and name those under `report:`",
                place=what,
            )
        tables[kind] = (what, rows)
    if _COLUMNS not in tables:
        raise OutputUnreadable(
            "locust-no-stats",
            "the table with the numbers is not among the reports",
            hint="name `PREFIX_stats.csv` of `--csv PREFIX` under `report:`",
            place=parts[0][0],
        )
    table = _stats(*tables[_COLUMNS])
    errors = _errors(*tables[_FAILURES], table) if _FAILURES in tables else ()
    if _HISTORY in tables:
        _refuse_other_end(*tables[_HISTORY], table)
    return Table(rows=table.rows, whole=table.whole, errors=errors)


def _rows(data: bytes, what: str) -> tuple[tuple[str, ...], list[list[str]]]:
    """The kind of table, which its first columns tell, and all of its rows."""
    import csv
    import io

    if len(data) > _MAX_BYTES:
        raise OutputUnreadable("csv-too-big", f"more than {_MAX_BYTES} bytes", place=what)
    try:
        text = io.StringIO(data.decode("utf-8-sig"), newline="")
        rows = [row for row in csv.reader(text, strict=True) if row]
    except (UnicodeDecodeError, csv.Error) as error:
        raise OutputUnreadable("csv-syntax", f"not CSV: {error}", place=what) from None
    header = tuple(rows[0]) if rows else ()
    for kind in (_COLUMNS, _FAILURES, _HISTORY):
        if header[: len(kind)] == kind:
            break
    else:
        raise OutputUnreadable(
            "locust-table", "the first line is of no table that Locust writes", place=what
        )
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header):
            raise _unreadable(
                what, number, f"{len(row)} cells, and the first row has {len(header)}"
            )
    return kind, rows


def _stats(what: str, rows: list[list[str]]) -> Table:
    header, *body = rows
    percents = [_percent(text, what) for text in header[len(_COLUMNS) :]]
    if not percents or percents != sorted(percents) or percents[-1] != _ALL:
        raise _unreadable(what, 1, "the percentiles do not go up to 100 %")
    if not body or body[-1][:2] != ["", _WHOLE]:
        raise _unreadable(what, len(rows), f"the last row is not `{_WHOLE}`: the end is missing")
    *found, total = [
        _Cells(what, number, row).row(percents) for number, row in enumerate(body, start=2)
    ]
    spreads = [row.spread for row in found]
    for name, told, summed in (
        ("requests", total.spread.requests, sum(each.requests for each in spreads)),
        ("failures", total.spread.failures, sum(each.failures for each in spreads)),
    ):
        if told != summed:
            raise _unreadable(what, len(rows), f"{told} {name}, and the rows have {summed}")
    times = sum((each.total for each in spreads), Decimal(0))
    if abs(times - total.spread.total) > _NEAR * times:
        raise _unreadable(what, len(rows), "the mean is not that of the rows")
    return Table(
        rows=tuple(row for row in found if row.spread.requests),
        whole=total if total.spread.requests else None,
        errors=(),
    )


@dataclass(frozen=True, slots=True)
class _Cells:
    """One row of `_stats.csv`."""

    what: str
    number: int
    cells: list[str]

    def row(self, percents: Sequence[Decimal]) -> Row:
        """What it tells."""
        requests, failures = self.count(2), self.count(3)
        mean, fastest, slowest, rate = (self.decimal(at) for at in (5, 6, 7, 9))
        if failures > requests:
            raise self.unreadable(f"{failures} of {requests} requests failed")
        if requests and not fastest * (1 - _NEAR) <= mean <= slowest * (1 + _NEAR):
            raise self.unreadable(f"a mean of {mean} between {fastest} and {slowest}")
        spread = Spread(
            requests=requests,
            failures=failures,
            total=mean * requests,
            fastest=fastest,
            slowest=slowest,
            steps=self._steps(percents, requests, slowest) if requests else (),
            is_counted=False,
        )
        return Row(key=f"{self.cells[0]} {self.cells[1]}".strip(), spread=spread, rate=rate)

    def count(self, at: int) -> int:
        """A whole number."""
        text = self.cells[at]
        if re.fullmatch(r"0|[1-9][0-9]{0,17}", text, re.ASCII) is None:
            raise self.unreadable(f"`{text}` is no count")
        return int(text)

    def decimal(self, at: int) -> Decimal:
        """A number that is not negative."""
        text = self.cells[at]
        if re.fullmatch(_NUMBER, text, re.ASCII) is None:
            raise self.unreadable(f"`{text}` is no number")
        return Decimal(text)

    def unreadable(self, problem: str) -> OutputUnreadable:
        """The error to raise about this row."""
        return _unreadable(self.what, self.number, problem)

    def _steps(
        self, percents: Sequence[Decimal], requests: int, slowest: Decimal
    ) -> tuple[Step, ...]:
        """The printed percentiles, and between two of them what both leave open.

        Locust prints for the share p the time at rank floor(n * p) + 1, computed in floating
        numbers, which this repeats.
        """
        steps: list[Step] = []
        upto, below = 0, Decimal(0)
        for at, percent in enumerate(percents, start=len(_COLUMNS)):
            found = edges(self.count(at))
            if found is None or (steps and found[1] < steps[-1].high):
                raise self.unreadable(f"`{self.cells[at]}` is no percentile as Locust prints it")
            place = min(int(requests * float(percent / 100)) + 1, requests)
            if place > upto + 1:
                steps.append(Step(place - 1, below, found[1]))
            if place > upto:
                steps.append(Step(place, *found))
            upto, below = place, found[0]
        if rounded(slowest) != self.count(len(self.cells) - 1):
            raise self.unreadable(f"`{self.cells[-1]}` is not the longest time, {slowest}, rounded")
        return tuple(steps)


def _percent(text: str, what: str) -> Decimal:
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,6})?%", text, re.ASCII) is None:
        raise _unreadable(what, 1, f"`{text}` is no percentile")
    return Decimal(text[:-1])


def _errors(what: str, rows: list[list[str]], table: Table) -> tuple[tuple[str, int], ...]:
    counts = [
        (row[2], _Cells(what, number, row).count(3)) for number, row in enumerate(rows[1:], start=2)
    ]
    told = sum(count for _, count in counts)
    failures = table.whole.spread.failures if table.whole else 0
    if told != failures:
        raise _unreadable(what, 1, f"{told} failures, and `_stats.csv` has {failures}")
    return tuple(sorted(counts, key=lambda pair: -pair[1]))


def _refuse_other_end(what: str, rows: list[list[str]], table: Table) -> None:
    """Refuse a history whose last line is not what the table says: one of them is cut or old."""
    header, *body = rows
    if "Total Request Count" not in header or not body:
        raise _unreadable(what, 1, "the history has no line, or counts no requests")
    at = header.index("Total Request Count")
    told = _Cells(what, len(rows), body[-1]).count(at)
    requests = table.whole.spread.requests if table.whole else 0
    if told != requests:
        raise _unreadable(
            what, len(rows), f"ends at {told} requests, and `_stats.csv` has {requests}"
        )


def _unreadable(what: str, row: int, problem: str) -> OutputUnreadable:
    return OutputUnreadable("locust-csv", f"row {row}: {problem}", place=what)
