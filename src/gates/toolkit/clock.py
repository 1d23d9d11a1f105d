"""The clock: wall time for records, monotonic time for durations, today for dates that expire."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Protocol

_FILE_CLOCKS = {"linux": 5}  # CLOCK_REALTIME_COARSE of linux/time.h; `time` has no name for it


class Clock(Protocol):
    """What the product asks of a clock; tests hand in a `FixedClock`."""

    def now_utc(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, never later than the date of a file written afterwards."""
        ...

    def monotonic_s(self) -> float:
        """Seconds since some fixed point; never runs backwards."""
        ...

    def today(self) -> date:
        """Today's date in UTC, so that a waiver expires everywhere at the same moment."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_utc(self) -> datetime:
        """The present moment, aware, in UTC."""
        return datetime.now(UTC)

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, by the clock with which the kernel dates files.

        Linux dates files by a clock that moves once a tick, up to 10 ms behind `time.time_ns`: by
        that one a report written at once would look older than its stage. A folder on a network
        drive has a clock of its own; there `files.folder_stamp_ns` answers.
        """
        return time.clock_gettime_ns(_FILE_CLOCKS.get(sys.platform, time.CLOCK_REALTIME))

    def monotonic_s(self) -> float:
        """Seconds since some fixed point; never runs backwards."""
        return time.monotonic()

    def today(self) -> date:
        """Today's date in UTC."""
        return self.now_utc().date()


@dataclass(slots=True)
class FixedClock:
    """A clock for tests: stands still until it is told to `advance`.

    Attributes:
        moment: what `now_utc` answers; must be aware.
        elapsed_s: what `monotonic_s` answers.
    """

    moment: datetime
    elapsed_s: float = 0.0

    def now_utc(self) -> datetime:
        """The moment that was set, in UTC."""
        return self.moment.astimezone(UTC)

    def now_ns(self) -> int:
        """The moment that was set, in nanoseconds since the epoch."""
        return int(self.moment.timestamp()) * 1_000_000_000 + self.moment.microsecond * 1000

    def monotonic_s(self) -> float:
        """The seconds that were advanced so far."""
        return self.elapsed_s

    def today(self) -> date:
        """The date of the moment that was set, in UTC."""
        return self.now_utc().date()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        from datetime import timedelta

        self.moment += timedelta(seconds=seconds)
        self.elapsed_s += seconds


def iso_utc(moment: datetime) -> str:
    """The moment as RFC 3339 writes it, to the second, with a Z: `2026-01-31T12:00:00Z`.

    Raises:
        ValueError: the moment has no time zone, so nobody knows which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be recorded")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
