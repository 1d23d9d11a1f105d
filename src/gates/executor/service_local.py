"""A service that the run started: where it listens, what it takes, whether it is still itself."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.service import ServicePlan, fill
from gates.plugin import Usage
from gates.toolkit import ports, process_tree, usage
from gates.toolkit.clock import Clock
from gates.toolkit.ports import LOOPBACK, Owner
from gates.toolkit.processes import Cause, Ended, Running

LOOKS, LOOK_S = 5, 0.02
"""How often, and how many seconds apart, a port is looked at that seems to have changed hands."""

SAMPLE_S = 0.5
"""Seconds between two looks at what a service takes."""


@dataclass(slots=True, kw_only=True)
class LocalService:
    """A service as stages meet it; may be asked from any thread.

    Attributes:
        plan: what gates.yaml says of it.
        port: where it was told to listen.
        url: its address.
        folder: its private folder.
        running: its process.
        logs: its standard output and standard error.
        values: what stands for placeholders.
        clock: the time.
        owner_note: `checked`, or why it is not known who listens on its port.
    """

    plan: ServicePlan
    port: int
    url: str
    folder: Path
    running: Running
    logs: tuple[Path, ...]
    values: Mapping[str, str]
    clock: Clock
    owner_note: str = ""
    _main: process_tree.Seen | None = None
    _sockets: frozenset[int] = frozenset()
    _usage: list[Usage] = field(default_factory=list)
    _ready_s: float = 0.0
    _trouble: str = ""
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        """Look at its process while it is surely that one."""
        pid = self.running.pid
        self._main = process_tree.look(pid) if pid is not None else None
        self._ready_s = self.clock.monotonic_s()

    @property
    def name(self) -> str:
        """Its name in gates.yaml."""
        return self.plan.name

    @property
    def is_local(self) -> bool:
        """The run started it."""
        return True

    @property
    def host(self) -> str:
        """Where it listens."""
        return LOOPBACK

    @property
    def expected_traffic(self) -> Decimal | None:
        """Requests a second that it is made for, as gates.yaml says, or None."""
        return self.plan.expected_traffic

    @property
    def usage(self) -> tuple[Usage, ...]:
        """What it took so far, about twice a second."""
        return tuple(self._usage)

    def filled(self, text: str) -> str:
        """Fill placeholders into a text of gates.yaml."""
        return filled(text, self.values, self.name)

    def tree(self) -> tuple[int, ...]:
        """Its processes: the one that was started, and all that its supervisor took in."""
        if self._main is None:
            return ()
        return tuple(seen.pid for seen in process_tree.below(self._main.parent))

    def owner(self) -> Owner:
        """Who listens on its port."""
        return ports.owner(self.port, self.tree())

    def how_it_ended(self) -> str:
        """How it ended, in words; empty while it runs."""
        main = self._main
        if self.running.ended is None and main is not None:
            now = process_tree.look(main.pid)
            if now is not None and now.is_alive and now.started == main.started:
                return ""
            # Its status is told once nothing of it is left, and no more is to be had of it.
            self.running.stop(kill_now=True)
            self.running.wait()
        ended = self.running.ended
        return "" if ended is None else _ending(ended)

    def trouble(self) -> str:
        """Why it is no longer the program that was started, or empty; once told, it stays."""
        if not self._trouble:
            self._trouble = self.how_it_ended() or self._surely_changed_hands()
        return self._trouble

    @property
    def seen_trouble(self) -> str:
        """The trouble that was told so far, or empty."""
        return self._trouble

    def _surely_changed_hands(self) -> str:
        """Whether its port changed hands, by several looks.

        While a program ends, its socket is still listed for a moment, and held by nobody.
        """
        why = self._changed_hands()
        for _ in range(LOOKS if why else 0):
            time.sleep(LOOK_S)
            why = self.how_it_ended() or self._changed_hands()
        return why

    def _changed_hands(self) -> str:
        owner = self.owner()
        if not owner.is_known:
            return ""
        if owner.strangers:
            return f"`{owner.strangers[0]}` listens on its port {self.port}"
        if self._sockets and not owner.sockets:
            return f"nobody listens on its port {self.port} any more"
        if self._sockets and not owner.sockets & self._sockets:
            return f"it started anew: another socket listens on its port {self.port}"
        return ""

    def settle(self, owner: Owner) -> None:
        """It is ready: remember who listens, and begin to watch what it takes."""
        self._sockets = owner.sockets
        self.owner_note = "checked" if owner.is_known else "who listens cannot be seen here"
        self._ready_s = self.clock.monotonic_s()
        self.sample()
        threading.Thread(target=self._watch, name=f"usage of {self.name}", daemon=True).start()

    def now_s(self) -> float:
        """Seconds since it was ready."""
        return self.clock.monotonic_s() - self._ready_s

    def sample(self) -> None:
        """Look at what it takes now."""
        with self._lock:
            now = usage.taken(self.tree())
            if now.processes:
                self._usage.append(Usage(self.now_s(), now.rss_bytes, now.cpu_s, now.processes))

    def _watch(self) -> None:
        while not self._over.wait(SAMPLE_S):
            self.sample()

    def end(self) -> str:
        """End all its processes and remove its folder; answers what must be told of it, or empty.

        May be called more than once.
        """
        if self._over.is_set():
            return ""
        self._over.set()
        self.running.stop()
        ended = self.running.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        if ended.cause is Cause.LOST:
            return f"service `{self.name}` could not be ended for sure: {ended.detail}"
        if not ports.is_taken(self.port):
            return ""
        who = ", ".join(f"`{each}`" for each in self.owner().strangers) or "somebody"
        return f"{who} listens on port {self.port} after service `{self.name}` was ended"


def filled(text: str, values: Mapping[str, str], name: str) -> str:
    """Fill placeholders of a service into a text.

    Raises:
        StageError: a placeholder names nothing.
    """
    try:
        return fill(text, values)
    except KeyError as error:
        known = ", ".join(f"`{{{each}}}`" for each in values)
        raise StageError(
            "unknown-placeholder",
            f"`{{{error.args[0]}}}` names nothing that service `{name}` has or needs",
            hint=f"known are {known}",
        ) from error


def _ending(ended: Ended) -> str:
    return {
        Cause.EXITED: f"it ended with exit code {ended.exit_code}",
        Cause.SIGNALLED: f"it was ended by signal {ended.signal}",
        Cause.TIMED_OUT: f"it was ended after {ended.seconds:.0f} s",
        Cause.CANCELLED: "it was ended, because the run was interrupted",
        Cause.LOG_OVERFLOW: "it wrote more output than a log may hold",
        Cause.NOT_STARTED: f"it could not be started: {ended.detail}",
        Cause.LOST: f"it ended, and its exit status was lost: {ended.detail}",
    }[ended.cause]
