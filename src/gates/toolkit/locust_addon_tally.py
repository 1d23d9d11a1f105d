"""What a run of Locust did, counted: the part of our add-on that knows nothing of Locust.

Copied beside `locust_addon.py`, which tells what it is for. One `Tally` counts in each process; the
master, or the only process, adds them up to a `Whole` and writes that as `gates/load/v1`.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

# Bound here, before a locust file can put anything else in their place.
from time import process_time, time
from typing import NamedTuple, Protocol, TypedDict

UNFINISHED = "unfinished"
"""The reason of requests without an answer; the end of the record counts them apart."""

TASK = "TASK "
"""Begin of the endpoint that exceptions of tasks count for."""

MARK = "gates_addon"
"""What is ours on events, users, responses and exceptions of Locust."""

STOPPED = "gates_stopped"
"""What is set on a user that Locust asked to stop."""

LATE_S = 0.005
"""From so many seconds on, a turn of the timer comes late."""

MAX_NAMES = 5000
"""Endpoints that are told apart."""

MAX_REASONS = 50
"""Reasons, hosts and messages that are told apart."""

MAX_TEXT = 160
"""Characters of a name or a reason."""

LONG_MS = 1000.0
"""From so many milliseconds on, the second in which a request ended is kept, too."""

MAX_MS = 1e9
"""No request takes so many milliseconds, eleven days."""


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
    times: list[tuple[int, int, str, dict[int, int]]]
    failed: list[tuple[int, int, str, dict[str, int]]]
    seconds: list[tuple[int, int, int, float, float, int]]
    hosts: dict[str, int]
    errors: dict[str, int]
    users: dict[str, int]
    ways: dict[str, int]
    broken: str
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


def reason_of(exception: object, response: object) -> str:
    """The kind of a failure, in a few words that many failures share."""
    kind = type(exception).__name__
    if kind == "CatchResponseError":
        return f"check: {words(exception)}"[:MAX_TEXT]
    status = getattr(response, "status_code", 0)
    if isinstance(status, int) and status >= 400:  # noqa: PLR2004 - the first status of failure
        return f"status {status}"
    return "connection refused" if isinstance(exception, ConnectionRefusedError) else kind


def words(exception: object) -> str:
    """What an exception says, where it can say it."""
    try:
        return str(exception)
    except Exception:  # noqa: BLE001 - it is the code of a locust file
        return "?"


def taken(told: object) -> float | None:
    """A response time in milliseconds as an event tells it, or None where that is none."""
    if not isinstance(told, (int, float)) or not 0 <= told <= MAX_MS:  # which NaN is not, either
        return None
    return float(told)


def host_of(url: object) -> str:
    """Host and port of an address of HTTP, or empty."""
    scheme, mark, rest = str(url or "").partition("://")
    if not mark or scheme.lower() not in {"http", "https"}:
        return ""
    return re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].lower()


def bounded(counts: Counter[str], key: str, most: int = MAX_REASONS) -> str:
    """The key itself, or `other` once there are too many."""
    return key if key in counts or len(counts) < most else "other"


class Tally:
    """What one process saw since it last told."""

    def __init__(self) -> None:
        self.times: dict[tuple[int, int, str], Counter[int]] = {}
        self.failed: dict[tuple[int, int, str], Counter[str]] = {}
        self.seconds: dict[int, tuple[int, int, float, float, int]] = {}
        self.hosts: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.names: Counter[str] = Counter()
        self.users: Counter[str] = Counter()
        self.ways: Counter[str] = Counter()
        self.broken = ""
        self.cpu_s = process_time()

    def succeed(self, started: float, endpoint: str, milliseconds: float) -> None:
        """Count a request that did not fail."""
        key = self._key(started, endpoint, milliseconds)
        self.times.setdefault(key, Counter())[max(0, round(milliseconds * 1000))] += 1

    def fail(self, started: float, endpoint: str, reason: str, milliseconds: float = 0.0) -> None:
        """Count one that did, or that had no answer."""
        key = self._key(started, endpoint, milliseconds)
        reasons = self.failed.setdefault(key, Counter())
        reasons[bounded(reasons, reason)] += 1

    def tick(self, now: float, late_s: float, users: int) -> None:
        """Count a turn of the timer; the users are those at the first turn of a second."""
        cpu_s = process_time()
        count, late, worst, cpu, at_first = self.seconds.get(int(now), (0, 0, 0.0, 0.0, users))
        late += late_s > LATE_S
        spent = cpu + cpu_s - self.cpu_s
        self.seconds[int(now)] = (count + 1, late, max(worst, late_s), spent, at_first)
        self.cpu_s = cpu_s

    def take(self, *, done: bool = False) -> Told:
        """Tell, and begin anew."""
        told = Told(
            now=time(),
            times=[(*key, dict(counts)) for key, counts in self.times.items()],
            failed=[(*key, dict(counts)) for key, counts in self.failed.items()],
            seconds=[(second, *counts) for second, counts in self.seconds.items()],
            hosts=dict(self.hosts),
            errors=dict(self.errors),
            users=dict(self.users),
            ways=dict(self.ways),
            broken=self.broken,
            done=done,
        )
        for each in (self.times, self.failed, self.seconds, self.hosts, self.errors):
            each.clear()
        self.users.clear()
        self.ways.clear()
        return told

    def _key(self, started: float, endpoint: str, milliseconds: float) -> tuple[int, int, str]:
        """The seconds in which a request began and, where it took long, in which it ended."""
        until = started + milliseconds / 1000 if milliseconds >= LONG_MS else started
        return int(started), int(until), self._named(endpoint)

    def _named(self, endpoint: str) -> str:
        name = bounded(self.names, endpoint[:MAX_TEXT], MAX_NAMES)
        self.names[name] += 1
        return name
