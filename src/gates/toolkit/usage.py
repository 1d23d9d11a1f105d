"""What a tree of processes takes: resident memory and processor time, from /proc (proc(5))."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_CPU_FIELDS = slice(11, 15)  # utime, stime, and both of the children that were waited for
_RSS_FIELD = 21


@dataclass(frozen=True, slots=True)
class Taken:
    """What processes take at one moment.

    Attributes:
        rss_bytes: resident memory of all of them together; what they share counts in each.
        cpu_s: processor time of all of them, and of their children that have ended, in seconds.
        processes: how many they are.
    """

    rss_bytes: int
    cpu_s: float
    processes: int


def taken(pids: Iterable[int]) -> Taken:
    """What these processes take now; those that have ended, or cannot be seen, take nothing."""
    page, tick = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
    pages = ticks = count = 0
    for pid in pids:
        fields = _fields(pid)
        if fields:
            count += 1
            ticks += sum(map(int, fields[_CPU_FIELDS]))
            pages += int(fields[_RSS_FIELD])
    return Taken(pages * page, ticks / tick, count)


def _fields(pid: int) -> list[bytes]:
    """The fields of /proc/PID/stat behind the name, which may itself hold blanks and brackets."""
    try:
        with Path(f"/proc/{pid}/stat").open("rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return []
