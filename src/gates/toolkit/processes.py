"""The one way to start a tool: under a supervisor that ends everything the tool leaves behind.

Three kinds of process, so that nothing is left whichever of them is killed:

- the front is `gates` itself; it holds the write end of the lifeline;
- one reaper per run, forked from the front, starts the supervisors and clears up after them;
- one supervisor per command, forked from the reaper, reads the tool's status once and by its
  number, and ends its tree: SIGTERM, then SIGKILL, until the kernel says that no child is left.

When the front is killed, the lifeline ends for all others, and they end what they hold. When the
reaper is killed, the same reaches the supervisors by their control pipes. When a supervisor is
killed, its tree goes to the reaper. On macOS, which hands orphans to nobody, only the process
group of a command is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from gates.toolkit import process_tree
from gates.toolkit.process_frames import (
    CLEAN,
    GRACE_S,
    LOG_LIMIT_BYTES,
    OVERDUE_S,
    UNENDABLE_S,
    Cause,
    Command,
    Ended,
    FrameBuffer,
    Over,
    Start,
    Started,
    Stop,
    send,
)
from gates.toolkit.programs import reset_sigchld
from gates.toolkit.subreaper import become_subreaper, safe_pipe

__all__ = [
    "GRACE_S",
    "LOG_LIMIT_BYTES",
    "Cause",
    "Command",
    "Ended",
    "Processes",
    "Running",
]

_PATIENCE_S = OVERDUE_S + 2 * UNENDABLE_S
_QUIET_ROUNDS = 3
_SWEEP_TICK_S = 0.005
_READ_BYTES = 1 << 16


@dataclass(slots=True)
class _Slot:
    """What the front knows of one command."""

    command: Command
    pid: int | None = None
    ended: Ended | None = None
    started: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    def end(self, ended: Ended) -> None:
        if self.ended is None:
            self.ended = ended
            self.started.set()
            self.done.set()


class Running:
    """A command that was started; all methods may be called from any thread."""

    def __init__(self, slot: _Slot, processes: Processes, number: int) -> None:
        self._slot = slot
        self._processes = processes
        self._number = number

    @property
    def pid(self) -> int | None:
        """The program's process, waited for; None where it never started."""
        self._slot.started.wait()
        return self._slot.pid

    @property
    def ended(self) -> Ended | None:
        """How it ended, or None while something of it is left."""
        return self._slot.ended

    def wait(self) -> Ended:
        """Wait until the command has ended and nothing of it is left."""
        slot = self._slot
        latest = slot.command.timeout_s + slot.command.grace_s + _PATIENCE_S
        if not slot.done.wait(min(latest, threading.TIMEOUT_MAX)):
            slot.end(Ended(Cause.LOST, detail="its supervisor does not answer"))
        return slot.ended or Ended(Cause.LOST)

    def stop(self, *, kill_now: bool = False) -> None:
        """Ask for the end; `wait` then answers `CANCELLED`, unless it ended by itself before."""
        self._processes.ask(Stop(self._number, kill_now))


class Processes:
    """Starts commands and ends them; one per run, as a context manager.

    Must be entered in the main thread before any other thread was started, since it forks. SIGPIPE
    must be ignored, as Python leaves it. Everything else may be called from any thread. SIGCHLD is
    set to its default, because whatever started `gates` may have left it ignored, and then exit
    codes get lost.

    Args:
        held: descriptors of locks that the reaper holds too: they last until nothing of the run is
            left, also where the front was killed.
        late: fork when `begin` is called, or the first command is started, and not on entering; a
            run that starts nothing goes without. Both are for the main thread alone, likewise.
    """

    def __init__(self, *, held: tuple[int, ...] = (), late: bool = False) -> None:
        self._held = held
        self._late = late
        self._lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._slots: dict[int, _Slot] = {}
        self._count = 0
        self._refusal: Ended | None = None
        self._requests = self._replies = self._lifeline = self._reaper = -1
        self._born: process_tree.Seen | None = None
        self._listener = threading.Thread(target=self._listen, name="replies", daemon=True)

    def __enter__(self) -> Self:
        if not self._late:
            self.begin()
        return self

    def begin(self) -> None:
        """Fork the reaper where that was not done yet; in the main thread, as for entering."""
        if self._reaper >= 0:
            return
        reset_sigchld()
        requests, self._requests = safe_pipe()
        self._replies, replies = safe_pipe()
        lifeline, self._lifeline = safe_pipe()
        # An interrupt must not reach the reaper before it has put on its own signal handling.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            self._reaper = os.fork()
            if self._reaper == 0:
                _become_reaper(requests, replies, lifeline, self._held)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for descriptor in (requests, replies, lifeline):
            os.close(descriptor)
        self._born = process_tree.look(self._reaper)
        self._listener.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self, command: Command) -> Running:
        """Start a command; whatever goes wrong with it is told by `Running.wait`."""
        slot = _Slot(command)
        if self._late and self._refusal is None:
            self.begin()
        with self._lock:
            self._count += 1
            number = self._count
            if self._refusal is not None:
                slot.end(self._refusal)
            else:
                self._slots[number] = slot
        if slot.ended is None and not self.ask(Start(number, command)):
            slot.end(Ended(Cause.LOST, detail="the reaper was ended"))
        return Running(slot, self, number)

    def run(self, command: Command) -> Ended:
        """Start a command and wait until nothing of it is left."""
        return self.start(command).wait()

    def cancel_all(self, *, kill_now: bool = False) -> None:
        """End every running command and refuse every later one; all of them are `CANCELLED`.

        Args:
            kill_now: without the grace between SIGTERM and SIGKILL; may follow a polite call.
        """
        with self._lock:
            self._refusal = self._refusal or Ended(Cause.CANCELLED)
        self.ask(Stop(None, kill_now))

    def ask(self, frame: Start | Stop) -> bool:
        """Hand a frame to the reaper; answers whether it could be handed over."""
        with self._write_lock:
            try:
                send(self._requests, frame)
            except OSError:
                return False
        return True

    def close(self) -> None:
        """End what still runs, and wait until nothing is left. May be called twice."""
        with self._lock:
            self._refusal = self._refusal or Ended(Cause.CANCELLED)
            graces = [s.command.grace_s for s in self._slots.values()]
        with self._write_lock:
            if self._requests < 0:
                return
            os.close(self._requests)
            self._requests = -1
        os.close(self._lifeline)
        self._listener.join(max(graces, default=0.0) + _PATIENCE_S)
        if self._listener.is_alive():
            os.kill(self._reaper, signal.SIGKILL)
            self._sweep()
            self._listener.join(UNENDABLE_S)
        if not self._is_reaper_clean():
            self._sweep()
        if not self._listener.is_alive():
            os.close(self._replies)
        become_subreaper(wanted=False)

    def _listen(self) -> None:
        become_subreaper()  # here, so that nobody waits for the import that it needs
        buffer = FrameBuffer()
        while piece := os.read(self._replies, _READ_BYTES):
            for frame in buffer.feed(piece):
                if isinstance(frame, Started):
                    self._note_started(frame)
                elif isinstance(frame, Over):
                    self._note_ended(frame)
        self._note_silence()

    def _note_started(self, told: Started) -> None:
        with self._lock:
            slot = self._slots.get(told.number)
        if slot is not None:
            slot.pid = told.pid
            slot.started.set()

    def _note_ended(self, told: Over) -> None:
        with self._lock:
            slot = self._slots.pop(told.number, None)
        if slot is not None:
            slot.end(told.ended)

    def _note_silence(self) -> None:
        """The reaper and every supervisor are gone; what they did not answer is lost."""
        lost = Ended(Cause.LOST, detail="the reaper was ended")
        with self._lock:
            is_expected = self._requests < 0
            self._refusal = self._refusal or lost
        if not is_expected:
            self._sweep()
        with self._lock:
            slots, self._slots = self._slots, {}
        for slot in slots.values():
            slot.end(lost)

    def _is_reaper_clean(self) -> bool:
        """Whether the reaper ended by itself and saw that nothing was left."""
        try:
            _, status = os.waitpid(self._reaper, 0)
        except ChildProcessError:
            return False
        return status == CLEAN

    def _sweep(self) -> None:
        """End what a killed reaper left behind, all of which the kernel handed to us.

        A program that the front started itself is in the front's own session, or older than the
        reaper; it is left alone.
        """
        until = time.monotonic() + UNENDABLE_S
        quiet = 0
        while quiet < _QUIET_ROUNDS and time.monotonic() < until:
            adopted = self._adopted()
            quiet = 0 if adopted else quiet + 1
            for top in adopted:
                for seen in (top, *process_tree.below(top.pid)):
                    process_tree.signal_seen(seen, signal.SIGKILL)
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(top.pid, os.WNOHANG)
            time.sleep(_SWEEP_TICK_S)

    def _adopted(self) -> list[process_tree.Seen]:
        own, born = process_tree.look(os.getpid()), self._born
        if own is None or born is None:
            return []
        return [
            seen
            for seen in process_tree.below(own.pid)
            if seen.parent == own.pid
            and seen.session != own.session
            and seen.started >= born.started
            and seen.pid != self._reaper
        ]


def _become_reaper(requests: int, replies: int, lifeline: int, held: tuple[int, ...]) -> None:
    status = 1
    try:
        # Imported only here: the front itself does not need it, and goes on meanwhile.
        from gates.toolkit.reaper import serve

        status = serve(requests, replies, lifeline, held)
    finally:
        os._exit(status)  # the front's own end is not ours to run through
