"""What all processes of a run of Locust did, added up: the part of our add-on that writes it.

Copied beside `locust_addon.py`, which tells what it is for. The master, or the only process, adds
up what each `Tally` told and writes that as `gates/load/v1`.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import importlib
import json
import math
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

# Bound here, before a locust file can put anything else in their place.
from time import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.toolkit import locust_addon_tally as tally
    from gates.toolkit.locust_addon_tally import Settings, Told
else:  # the copy stands beside its tally under another name
    tally = importlib.import_module(f"{__name__.removesuffix('_whole')}_tally")

SCHEMA = "gates/load/v1"

SILENT_S = 3.0
"""A worker that tells nothing for so many seconds is lost; each tells something every second."""

JOIN_S = 10.0
"""Seconds in which each worker must have told something."""

APART_S = 0.5
"""Seconds by which clocks may differ; requests are told apart by the second."""

HOPELESS = 1000
"""So many exceptions without a single request end the run."""


def users_at(ramp: tuple[tuple[int, int], ...], second: float) -> int:
    """How many users there shall be: from one number to the next in a straight line."""
    before = 0
    for users, seconds in ramp:
        if second < seconds:
            return max(1, math.ceil(before + (users - before) * second / seconds))
        second -= seconds
        before = users
    return before


class Whole:
    """What all processes of a run saw."""

    def __init__(self, settings: Settings, origin: int) -> None:
        self.settings = settings
        self.origin = origin
        self.times: dict[tuple[int, str], Counter[int]] = {}
        self.failed: dict[tuple[int, str], Counter[str]] = {}
        self.beats: dict[int, dict[str, tuple[int, int, float, float, int]]] = {}
        self.hosts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.users: Counter[str] = Counter()
        self.ways: Counter[str] = Counter()
        self.broken = ""
        self.heard: dict[str, float] = {}
        self.behind: dict[str, float] = {}
        self.done: set[str] = set()

    def add(self, node: str, told: Told) -> None:
        """Add what a process told."""
        now = time()
        self.heard[node] = now
        self.behind[node] = min(now - told["now"], self.behind.get(node, math.inf))
        for second, until, endpoint, times in told["times"]:
            key = (self.placed(second, until), endpoint)
            self.times.setdefault(key, Counter()).update(times)
        for second, until, endpoint, reasons in told["failed"]:
            if unfinished := reasons.pop(tally.UNFINISHED, 0):
                # What began in the warm-up and never ended took a user from the measured phase.
                key = (max(second, self.origin), endpoint)
                self.failed.setdefault(key, Counter())[tally.UNFINISHED] += unfinished
            if reasons:
                key = (self.placed(second, until), endpoint)
                self.failed.setdefault(key, Counter()).update(reasons)
        for second, count, late, worst, cpu, users in told["seconds"]:
            beat = self.beats.setdefault(second, {})
            had = beat.get(node, (0, 0, 0.0, 0.0, users))
            sums = (had[0] + count, had[1] + late, max(had[2], worst), had[3] + cpu, had[4])
            beat[node] = sums
        self.hosts.update(told["hosts"])
        self.errors.update(told["errors"])
        self.users.update(told["users"])
        self.ways.update(told["ways"])
        self.broken = self.broken or told["broken"]
        if told["done"]:
            self.done.add(node)

    def placed(self, second: int, until: int) -> int:
        """The second that a request counts in.

        One of the warm-up that outlasts the measured phase counts in its first second: its user
        asked nothing else in it. One that ends within the phase is of the warm-up.
        """
        outlasts = second < self.origin and until >= self.origin + self.settings.duration
        return self.origin if outlasts else second

    def trouble(self, begun: float) -> tuple[str, str] | None:
        """Why it is no use to go on."""
        now, workers = time(), self.settings.workers
        near = {host.lower() for host in self.settings.hosts}
        strange = [host for host in self.hosts if host not in near]
        if self.broken:
            return "addon-failed", self.broken
        if self.settings.hosts and strange:
            return "strange-host", ", ".join(sorted(strange)[:5])
        if self.errors.total() >= HOPELESS and not self.requests():
            return "task-exceptions", self.errors.most_common(1)[0][0]
        if now - begun > JOIN_S and len(self.heard) < workers:
            return "workers-silent", f"{len(self.heard)} of {workers}"
        lost = [n for n, at in self.heard.items() if n not in self.done and now - at > SILENT_S]
        return ("worker-lost", f"{len(lost)} of {workers}") if lost else None

    def requests(self) -> int:
        """How many requests came to an end, the warm-up included; exceptions of tasks are none."""
        failed = (each for key, each in self.failed.items() if not key[1].startswith(tally.TASK))
        good = sum(each.total() for each in self.times.values())
        return good + sum(each.total() for each in failed)

    def clocks(self) -> tuple[str, str] | None:
        """Seconds of several machines can only be added where their clocks agree."""
        worst = max(self.behind.values(), key=abs, default=0.0)
        return ("clocks", f"{worst:.1f} s") if abs(worst) > APART_S else None

    def lines(self, version: str, *, complete: bool) -> Iterator[str]:
        """The record; without its end where the run did not come to it."""
        span = range(self.origin - self.settings.warmup, self.origin + self.settings.duration)
        keys = sorted(key for key in {*self.times, *self.failed} if key[0] in span)
        endpoints = {name: place for place, name in enumerate(sorted({name for _, name in keys}))}
        head = {"schema": SCHEMA, "generator": "locust", "version": version}
        plan = {"warmup_s": self.settings.warmup, "duration_s": self.settings.duration}
        more = {"started": self.origin, "endpoints": list(endpoints), "rate": None}
        yield json.dumps({**head, **more, "connections": None, **plan})
        reached, counts = 0, Counter[str]()
        for second, name in keys:
            times, reasons = self.times.get((second, name)), self.failed.get((second, name))
            at, found = second - self.origin, sorted((times or {}).items())
            cell = {"at": at, "endpoint": endpoints[name], "times": found}
            yield json.dumps({**cell, "failed": dict(reasons or {})})
            if at >= 0:
                reached += sum(number for _, number in found)
                counts.update(reasons or {})
        for second in sorted(second for second in self.beats if second in span):
            yield self._beat(second)
        if complete:
            unfinished = counts.pop(tally.UNFINISHED, 0)
            end = {"requests": reached + counts.total() + unfinished, "failed": counts.total()}
            seconds = {"unfinished": unfinished, "seconds": self.settings.duration}
            yield json.dumps({"end": {**end, **seconds}})

    def _beat(self, second: int) -> str:
        nodes = self.beats[second].values()
        worst = round(max(each[2] for each in nodes) * 1e6)
        probe = {"count": sum(each[0] for each in nodes), "late": sum(each[1] for each in nodes)}
        return json.dumps(
            {
                "at": second - self.origin,
                "probe": {**probe, "worst_us": max(0, worst)},
                "cpu": round(max(each[3] for each in nodes), 4),
                "workers": len(nodes),
                "users": sum(each[4] for each in nodes),
                "asked": None,
            }
        )


def write_whole(path: Path, text: str) -> None:
    """Write a file under another name, and rename it."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    with temporary.open("w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)  # noqa: PTH105 - atomic, and says so
