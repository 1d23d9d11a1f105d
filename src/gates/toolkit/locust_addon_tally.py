"""What a run of Locust did, counted: the part of our add-on that knows nothing of Locust.

Copied beside `locust_addon.py`, which tells what it is for. One `Tally` counts in each process; the
master, or the only process, adds them up to a `Whole` and writes that as `gates/load/v1`.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol, TypedDict

SCHEMA = "gates/load/v1"

UNFINISHED = "unfinished"
"""The reason of requests without an answer; the end of the record counts them apart."""

TASK = "TASK "
"""Begin of the endpoint that exceptions of tasks count for."""

LATE_S = 0.005
"""From so many seconds on, a turn of the timer comes late."""

SILENT_S = 3.0
"""A worker that tells nothing for so many seconds is lost; each tells something every second."""

JOIN_S = 10.0
"""Seconds in which each worker must have told something."""

APART_S = 0.5
"""Seconds by which clocks may differ; requests are told apart by the second."""

HOPELESS = 1000
"""So many exceptions without a single request end the run."""

MAX_NAMES = 5000
"""Endpoints that are told apart."""

MAX_REASONS = 50
"""Reasons, hosts and messages that are told apart."""

MAX_TEXT = 160
"""Characters of a name or a reason."""


class Settings(NamedTuple):
    """What is asked of a run.

    Attributes:
        record: where the record goes.
        warmup: seconds of the warm-up.
        duration: seconds of the measured phase; 0 for what `--run-time` leaves.
        patience: seconds in which requests may end after it.
        workers: processes that must take part; 0 for one without workers.
        ramp: users and the seconds in which their number is reached, in order; none where Locust
            itself starts all users.
        hosts: where requests may go; none for everywhere.
        shaped: whether a `LoadTestShape` of the locust file may tell the users.
    """

    record: str
    warmup: int = 10
    duration: int = 0
    patience: int = 10
    workers: int = 0
    ramp: tuple[tuple[int, int], ...] = ()
    hosts: tuple[str, ...] = ()
    shaped: bool = True


class Told(TypedDict):
    """What a process saw since it last told."""

    now: float
    times: list[tuple[int, str, dict[int, int]]]
    failed: list[tuple[int, str, dict[str, int]]]
    seconds: list[tuple[int, int, int, float, float, int]]
    hosts: dict[str, int]
    errors: dict[str, int]
    done: bool


class Runner(Protocol):
    """A runner of Locust: local, master or worker."""

    @property
    def user_count(self) -> int:
        """Its users."""

    def start(self, user_count: int, spawn_rate: float) -> None:
        """Change the number of users."""

    def stop(self) -> None:
        """Stop the users, with patience."""

    def quit(self) -> None:
        """End all."""

    def send_message(self, msg_type: str, data: object = None) -> None:
        """Send to the other side."""


class Message(Protocol):
    """What the other side sent."""

    node_id: str
    data: Told


class Request(Protocol):
    """The method of a client that sends a request and waits for the answer."""

    def __call__(
        self, session: object, method: object, url: object, *args: object, **named: object
    ) -> object:
        """Send it."""


def settings_for(module: Path, environ: Mapping[str, str]) -> Settings | None:
    """What the file beside the add-on asks, else what the environment does, else None."""
    beside = module.with_suffix(".json")
    if beside.is_file():
        told = json.loads(beside.read_text(encoding="utf-8"))
        told["ramp"] = tuple((users, seconds) for users, seconds in told["ramp"])
        told["hosts"] = tuple(told["hosts"])
        return Settings(**told)
    record = environ.get("GATES_LOAD_RECORD", "")
    return Settings(record, int(environ.get("GATES_LOAD_WARMUP", "10"))) if record else None


def users_at(ramp: tuple[tuple[int, int], ...], second: float) -> int:
    """How many users there shall be: from one number to the next in a straight line."""
    before = 0
    for users, seconds in ramp:
        if second < seconds:
            return max(1, math.ceil(before + (users - before) * second / seconds))
        second -= seconds
        before = users
    return before


def reason_of(exception: object, response: object) -> str:
    """The kind of a failure, in a few words that many failures share."""
    kind = type(exception).__name__
    if kind == "CatchResponseError":
        return f"check: {exception}"[:MAX_TEXT]
    status = getattr(response, "status_code", 0)
    if isinstance(status, int) and status >= 400:  # noqa: PLR2004 - the first status of failure
        return f"status {status}"
    return "connection refused" if isinstance(exception, ConnectionRefusedError) else kind


def bounded(counts: Counter[str], key: str, most: int = MAX_REASONS) -> str:
    """The key itself, or `other` once there are too many."""
    return key if key in counts or len(counts) < most else "other"


class Tally:
    """What one process saw since it last told."""

    def __init__(self) -> None:
        self.times: dict[tuple[int, str], Counter[int]] = {}
        self.failed: dict[tuple[int, str], Counter[str]] = {}
        self.seconds: dict[int, tuple[int, int, float, float, int]] = {}
        self.hosts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.cpu_s = time.process_time()

    def succeed(self, started: float, endpoint: str, milliseconds: float) -> None:
        """Count a request that did not fail."""
        key = (int(started), self._named(endpoint))
        self.times.setdefault(key, Counter())[max(0, round(milliseconds * 1000))] += 1

    def fail(self, started: float, endpoint: str, reason: str) -> None:
        """Count one that did, or that had no answer."""
        reasons = self.failed.setdefault((int(started), self._named(endpoint)), Counter())
        reasons[bounded(reasons, reason)] += 1

    def tick(self, now: float, late_s: float, users: int) -> None:
        """Count a turn of the timer; the users are those at the first turn of a second."""
        cpu_s = time.process_time()
        count, late, worst, cpu, at_first = self.seconds.get(int(now), (0, 0, 0.0, 0.0, users))
        late += late_s > LATE_S
        spent = cpu + cpu_s - self.cpu_s
        self.seconds[int(now)] = (count + 1, late, max(worst, late_s), spent, at_first)
        self.cpu_s = cpu_s

    def take(self, *, done: bool = False) -> Told:
        """Tell, and begin anew."""
        told = Told(
            now=time.time(),
            times=[(*key, dict(counts)) for key, counts in self.times.items()],
            failed=[(*key, dict(counts)) for key, counts in self.failed.items()],
            seconds=[(second, *counts) for second, counts in self.seconds.items()],
            hosts=dict(self.hosts),
            errors=dict(self.errors),
            done=done,
        )
        for each in (self.times, self.failed, self.seconds, self.hosts, self.errors):
            each.clear()
        return told

    def _named(self, endpoint: str) -> str:
        name = bounded(self.names, endpoint[:MAX_TEXT], MAX_NAMES)
        self.names[name] += 1
        return name


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
        self.heard: dict[str, float] = {}
        self.behind: dict[str, float] = {}
        self.done: set[str] = set()

    def add(self, node: str, told: Told) -> None:
        """Add what a process told."""
        now = time.time()
        self.heard[node] = now
        self.behind[node] = min(now - told["now"], self.behind.get(node, math.inf))
        for second, endpoint, times in told["times"]:
            self.times.setdefault((second, endpoint), Counter()).update(times)
        for second, endpoint, reasons in told["failed"]:
            if unfinished := reasons.pop(UNFINISHED, 0):
                # What began in the warm-up and never ended took a user from the measured phase.
                key = (max(second, self.origin), endpoint)
                self.failed.setdefault(key, Counter())[UNFINISHED] += unfinished
            if reasons:
                self.failed.setdefault((second, endpoint), Counter()).update(reasons)
        for second, count, late, worst, cpu, users in told["seconds"]:
            beat = self.beats.setdefault(second, {})
            had = beat.get(node, (0, 0, 0.0, 0.0, users))
            sums = (had[0] + count, had[1] + late, max(had[2], worst), had[3] + cpu, had[4])
            beat[node] = sums
        self.hosts.update(told["hosts"])
        self.errors.update(told["errors"])
        if told["done"]:
            self.done.add(node)

    def trouble(self, begun: float) -> tuple[str, str] | None:
        """Why it is no use to go on."""
        now, workers = time.time(), self.settings.workers
        strange = [host for host in self.hosts if host not in self.settings.hosts]
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
        failed = (each for key, each in self.failed.items() if not key[1].startswith(TASK))
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
            unfinished = counts.pop(UNFINISHED, 0)
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
