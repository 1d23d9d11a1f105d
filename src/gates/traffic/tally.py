"""What a run of the generator saw, second by second, and the record of it (gates/load/v1)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field

from gates import __version__
from gates.formats.load_arrivals import total
from gates.formats.load_plan import LoadPlan
from gates.formats.load_record import SCHEMA, UNFINISHED
from gates.traffic.connection import Success

GENERATOR = "load"
PROBE_S = 0.010
"""How often the generator looks whether it is late."""

LATE_S = 0.005
"""From when on it is."""

MAX_REASONS = 50
"""Reasons of failures that are told apart; all others are one."""

_OTHER = "another failure"


@dataclass(slots=True)
class Second:
    """One second of a run, by the moments at which its requests were to start.

    Attributes:
        asked: requests that were to start.
        probes: how often the generator looked whether it is late.
        late: how often it was.
        worst_s: the most that it was late.
        cpu: share of a core that it took.
        held: the fewest connections that were open at once, or None where none are to stay.
    """

    asked: int = 0
    probes: int = 0
    late: int = 0
    worst_s: float = 0.0
    cpu: float = 0.0
    held: int | None = None


@dataclass(slots=True)
class _Cell:
    """What became of the requests of one endpoint that were to start in one second."""

    times: dict[int, int] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    open: int = 0
    redirects: int = 0

    def told(self) -> dict[str, int]:
        """How many failed by reason, with those that have no answer yet."""
        return {**self.failed, **({UNFINISHED: self.open} if self.open else {})}


class Tally:
    """Counts what happens; moments are seconds since the measured phase began."""

    def __init__(self, plan: LoadPlan) -> None:
        """Know every second beforehand: one in which nothing happens is told too."""
        self.plan = plan
        first, last = math.floor(-plan.warmup_s), math.ceil(plan.duration_s)
        self.seconds = {at: Second() for at in range(first, last)}
        self._cells: dict[tuple[int, int], _Cell] = {}
        self._reasons: set[str] = set()
        self._open = 0

    def second_of(self, moment: float) -> int:
        """The second that a moment belongs to; the border of the run to its last one."""
        return min(math.floor(moment), max(self.seconds))

    def asked(self, moment: float, endpoint: int) -> int:
        """A request is to start; its second."""
        second = self.second_of(moment)
        self.seconds[second].asked += 1
        self._cell(second, endpoint).open += 1
        self._open += 1
        return second

    def succeeded(self, success: Success) -> None:
        """A request was answered."""
        cell = self._ended(success.second, success.endpoint)
        time = _microseconds(success)
        cell.times[time] = cell.times.get(time, 0) + 1
        cell.redirects += success.led_elsewhere

    def took_back(self, success: Success, reason: str) -> None:
        """What was counted as a success was none."""
        cell = self._cell(success.second, success.endpoint)
        time = _microseconds(success)
        cell.times[time] -= 1
        if not cell.times[time]:
            del cell.times[time]
        cell.redirects -= success.led_elsewhere
        self._note(cell, reason)

    def failed(self, second: int, endpoint: int, reason: str) -> None:
        """A request that was to start in a second came to a bad end."""
        self._note(self._ended(second, endpoint), reason)

    def _note(self, cell: _Cell, reason: str) -> None:
        if reason not in self._reasons and len(self._reasons) >= MAX_REASONS:
            reason = _OTHER
        self._reasons.add(reason)
        cell.failed[reason] = cell.failed.get(reason, 0) + 1

    def probed(self, due: float, now: float) -> float:
        """Note each look at the clock that was due by now; the moment of the next one.

        A generator that stood still for long missed many of them, and each one counts.
        """
        while due <= now:
            if due >= min(self.seconds) and due < max(self.seconds) + 1:
                second = self.seconds[math.floor(due)]
                second.probes += 1
                second.late += now - due > LATE_S
                second.worst_s = max(second.worst_s, now - due)
            due += PROBE_S
        return due

    @property
    def open(self) -> int:
        """How many requests have neither succeeded nor failed."""
        return self._open

    def lines(self, *, started: float, seconds: float) -> Iterator[bytes]:
        """The record.

        Args:
            started: when the measured phase began, in seconds since the epoch.
            seconds: how long it lasted; below its plan where it was ended early.
        """
        plan = self.plan
        head = {
            "schema": SCHEMA,
            "generator": GENERATOR,
            "version": __version__,
            "started": round(started, 3),
            "endpoints": list(plan.endpoints),
            "rate": round(total(plan.rates, plan.duration_s) / plan.duration_s, 6),
            "connections": plan.connections,
            "warmup_s": plan.warmup_s,
            "duration_s": plan.duration_s,
        }
        yield _line(head)
        for at, second in self.seconds.items():
            if at < seconds:
                yield from self._of_second(at, second)
        yield _line({"end": {**self._totals(), "seconds": round(seconds, 6)}})

    def _of_second(self, at: int, second: Second) -> Iterator[bytes]:
        for endpoint in range(len(self.plan.endpoints)):
            cell = self._cells.get((at, endpoint))
            if cell is not None:
                times = sorted(cell.times.items())
                told = {"at": at, "endpoint": endpoint, "times": times, "failed": cell.told()}
                yield _line(told)
        yield _line(
            {
                "at": at,
                "probe": {
                    "count": second.probes,
                    "late": second.late,
                    "worst_us": round(second.worst_s * 1e6),
                },
                "cpu": round(second.cpu, 4),
                "workers": 1,
                "users": second.held,
                "asked": second.asked,
            }
        )

    def _totals(self) -> dict[str, int]:
        measured = [cell for (at, _), cell in self._cells.items() if at >= 0]
        failed = sum(sum(cell.failed.values()) for cell in measured)
        unfinished = sum(cell.open for cell in measured)
        answered = sum(sum(cell.times.values()) for cell in measured)
        requests = answered + failed + unfinished
        told = {"requests": requests, "failed": failed, "unfinished": unfinished}
        redirects = sum(cell.redirects for cell in measured)
        return {**told, "redirects": redirects} if redirects else told

    def _ended(self, second: int, endpoint: int) -> _Cell:
        self._open -= 1
        cell = self._cell(second, endpoint)
        cell.open -= 1
        return cell

    def _cell(self, second: int, endpoint: int) -> _Cell:
        return self._cells.setdefault((second, endpoint), _Cell())


def _microseconds(success: Success) -> int:
    return max(round(success.seconds * 1e6), 0)


def _line(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"
