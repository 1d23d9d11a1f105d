"""Looks at the processes below a process, and signals them without hitting a stranger.

Read from /proc, which only Linux has. The list is a snapshot: a process that is just being handed
from a dead parent to its subreaper is in no list. So an empty list proves nothing; only `waitpid`
does, when it says that there is no child.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

_DEAD = "ZX"
_STAT_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Seen:
    """One process as it was seen.

    Attributes:
        pid: its number.
        parent: its parent's number.
        session: its session.
        state: one letter, as proc(5) names it.
        threads: how many it has.
        started: in clock ticks since boot; with the number it names a process for good.
        name: what it calls itself, printable, at most 15 characters.
    """

    pid: int
    parent: int
    session: int
    state: str
    threads: int
    started: int
    name: str

    @property
    def is_alive(self) -> bool:
        """Whether it can still do something.

        A process whose first thread has ended looks like a dead one while its others run.
        """
        return self.state not in _DEAD or self.threads > 1

    def __str__(self) -> str:
        return f"{self.pid} {self.name}"


def look(pid: int) -> Seen | None:
    """One process, or None where it is not there or cannot be seen."""
    try:
        descriptor = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            text = os.read(descriptor, _STAT_BYTES)
        finally:
            os.close(descriptor)
    except OSError:
        return None
    # The name stands in brackets and may itself hold blanks and brackets.
    head, _, tail = text.rpartition(b")")
    fields = tail.split()
    name = head.partition(b"(")[2].decode("utf-8", "replace")
    return Seen(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        state=fields[0].decode("ascii"),
        threads=int(fields[17]),
        started=int(fields[19]),
        name="".join(c if c.isprintable() else "?" for c in name),
    )


def below(pid: int, without: frozenset[int] = frozenset()) -> tuple[Seen, ...]:
    """All living processes below one, parents before their children.

    Args:
        pid: where to begin; not itself in the answer.
        without: processes that are left out together with everything below them.
    """
    children: dict[int, list[Seen]] = {}
    for seen in _all().values():
        children.setdefault(seen.parent, []).append(seen)
    found: list[Seen] = []
    waiting = [pid]
    while waiting:
        for seen in children.get(waiting.pop(), ()):
            if seen.pid not in without:
                found.append(seen)
                waiting.append(seen.pid)
    return tuple(seen for seen in found if seen.is_alive)


def is_above(pid: int, other: int) -> bool:
    """Whether the process `pid` is `other` itself or one of its ancestors."""
    passed: set[int] = set()
    while other > 0 and other not in passed:
        if other == pid:
            return True
        passed.add(other)
        seen = look(other)
        other = seen.parent if seen else 0
    return False


def signal_seen(seen: Seen, number: signal.Signals) -> None:
    """Signal exactly the process that was seen, never one that has its number by now.

    A process that is gone, or that belongs to another user, is passed over: whoever wants it ended
    asks `waitpid` whether it did.
    """
    now = look(seen.pid)
    if now is None or now.started != seen.started:
        return
    try:
        os.kill(seen.pid, number)
    except OSError:
        return


def group_exists(group: int) -> bool:
    """Whether a process that we may signal is in the process group."""
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def signal_group(group: int, number: signal.Signals) -> None:
    """Signal every process of a group, if there is one."""
    try:
        os.killpg(group, number)
    except OSError:
        return


def _all() -> Mapping[int, Seen]:
    try:
        with os.scandir("/proc") as entries:
            numbers = [int(entry.name) for entry in entries if entry.name.isdecimal()]
    except OSError:
        return {}
    found = (look(number) for number in numbers)
    return {seen.pid: seen for seen in found if seen is not None}
