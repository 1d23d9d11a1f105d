"""What runs in the reaper: one process per run, which starts the supervisors and outlives them.

It is forked from the front before the front has threads, and sits in a session of its own. It takes
in what a killed supervisor leaves behind, and ends everything when the front is gone.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import NoReturn

from gates.toolkit import process_tree
from gates.toolkit.process_frames import (
    CLEAN,
    LEFT_SOMETHING,
    OVERDUE_S,
    UNENDABLE_S,
    Cause,
    Command,
    Ended,
    FrameBuffer,
    Start,
    Stop,
    send_ended,
)
from gates.toolkit.subreaper import (
    become_subreaper,
    close_all_but,
    ignore_signals,
    safe_pipe,
    wake_on_child,
)
from gates.toolkit.supervisor import KILL, STOP, Wires, supervise

_QUIET_ROUNDS = 3
_SWEEP_TICK_S = 0.005
_READ_BYTES = 1 << 16


def serve(requests: int, replies: int, lifeline: int, held: tuple[int, ...] = ()) -> int:
    """Be the reaper until the front closes its ends, or is gone; answers the exit code.

    To be called in a fresh fork with all signals blocked.

    Args:
        requests: where the front's frames are read.
        replies: where supervisors answer the front.
        lifeline: readable when the front is gone.
        held: locks that last until nothing of the run is left, also where the front was killed.
    """
    gc.disable()  # nothing of the front may be finalised here: its files are not ours to close
    os.setsid()
    ignore_signals()
    close_all_but(frozenset((requests, replies, lifeline, *held)))
    wake = wake_on_child()
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    become_subreaper()
    return _Reaper(requests, replies, lifeline).run(wake)


@dataclass(slots=True)
class _Charge:
    """A supervisor that runs, and when it must have ended."""

    number: int
    control: int
    grace_s: float
    overdue_at: float


@dataclass(slots=True)
class _Reaper:
    requests: int
    replies: int
    lifeline: int
    _charges: dict[int, _Charge] = field(default_factory=dict)
    _lost: dict[int, str] = field(default_factory=dict)
    _quiet: int = 0
    _sweep_until: float = 0.0
    _is_stopped: bool = False
    _is_closing: bool = False
    _buffer: FrameBuffer = field(default_factory=FrameBuffer)
    _poll: select.poll = field(default_factory=select.poll)

    def run(self, wake: int) -> int:
        for descriptor in (wake, self.requests, self.lifeline):
            self._poll.register(descriptor, select.POLLIN)
        while True:
            is_left = self._reap()
            now = time.monotonic()
            self._kill_overdue(now)
            if self._is_sweeping():
                self._sweep(now, is_left=is_left)
            if self._is_closing and not is_left:
                return CLEAN
            if self._is_closing and not self._charges and now >= self._sweep_until:
                return LEFT_SOMETHING
            self._sleep(now)

    def _reap(self) -> bool:
        """Take in what has died; answers whether a child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            charge = self._charges.pop(pid, None)
            if charge is None:
                continue  # an orphan of a killed supervisor
            os.close(charge.control)
            if status != 0:
                code = os.waitstatus_to_exitcode(status)
                self._lost[charge.number] = f"its supervisor ended with exit code {code}"
                self._begin_sweep()
            elif self._is_closing and not self._charges:
                self._begin_sweep()

    def _is_sweeping(self) -> bool:
        return bool(self._lost) or (self._is_closing and not self._charges)

    def _begin_sweep(self) -> None:
        self._quiet, self._sweep_until = 0, time.monotonic() + UNENDABLE_S

    def _sweep(self, now: float, *, is_left: bool) -> None:
        """End the orphans of killed supervisors, then tell the front of their commands.

        While other commands run, `waitpid` cannot prove that no orphan is left, and one that is
        being handed over is in no list: several empty lists in a row stand for the proof. What
        slipped through is ended when the run closes, and then the proof is the kernel's.
        """
        orphans = process_tree.below(os.getpid(), without=frozenset(self._charges))
        living = [seen for seen in orphans if seen.is_alive]
        for seen in orphans:
            process_tree.signal_seen(seen, signal.SIGKILL)
        self._quiet = 0 if living else self._quiet + 1
        if not is_left or self._quiet >= _QUIET_ROUNDS or now >= self._sweep_until:
            for number, detail in self._lost.items():
                send_ended(self.replies, number, Ended(Cause.LOST, detail=detail))
            self._lost.clear()

    def _kill_overdue(self, now: float) -> None:
        """Kill supervisors that did not end in time: something stopped them, or they are broken."""
        for pid, charge in self._charges.items():
            if now >= charge.overdue_at:
                charge.overdue_at = now + UNENDABLE_S
                os.kill(pid, signal.SIGKILL)  # it is our child and not yet waited for

    def _sleep(self, now: float) -> None:
        """Wait for a frame, a death, the end of the front, or an overdue supervisor."""
        due = [charge.overdue_at - now for charge in self._charges.values()]
        if self._is_sweeping():
            due.append(_SWEEP_TICK_S)
        timeout_ms = max(min(due), 0.0) * 1000 if due else None
        for descriptor, _event in self._poll.poll(timeout_ms):
            data = os.read(descriptor, _READ_BYTES)
            if not data:
                self._poll.unregister(descriptor)
                self._close()
            elif descriptor == self.requests:
                for frame in self._buffer.feed(data):
                    if isinstance(frame, Start):
                        self._start(frame.number, frame.command)
                    elif isinstance(frame, Stop):
                        self._stop(frame.number, kill_now=frame.kill_now)

    def _close(self) -> None:
        """Begin the end: the front is gone, or has closed the run."""
        if not self._is_closing:
            self._is_closing = True
            self._begin_sweep()
            self._stop(None, kill_now=False)

    def _stop(self, number: int | None, *, kill_now: bool) -> None:
        self._is_stopped |= number is None
        for charge in self._charges.values():
            if number in {None, charge.number}:
                until = time.monotonic() + charge.grace_s + OVERDUE_S
                charge.overdue_at = min(charge.overdue_at, until)
                with contextlib.suppress(OSError):  # it has ended by itself in this moment
                    os.write(charge.control, KILL if kill_now else STOP)

    def _start(self, number: int, command: Command) -> None:
        if self._is_stopped:
            send_ended(self.replies, number, Ended(Cause.CANCELLED))
            return
        pipe: tuple[int, ...] = ()
        try:
            control, asking = pipe = safe_pipe()
            pid = os.fork()
        except OSError as error:
            for descriptor in pipe:
                os.close(descriptor)
            detail = f"{error.strerror}: a supervisor could not be forked"
            send_ended(self.replies, number, Ended(Cause.NOT_STARTED, detail=detail))
            return
        if pid == 0:
            self._become_supervisor(number, command, control)
        os.close(control)
        latest = time.monotonic() + command.timeout_s + command.grace_s + OVERDUE_S
        self._charges[pid] = _Charge(number, asking, command.grace_s, latest)

    def _become_supervisor(self, number: int, command: Command, control: int) -> NoReturn:
        status = 1
        try:
            wires = Wires(control, self.lifeline, self.replies)
            close_all_but(frozenset((control, self.lifeline, self.replies)))
            status = supervise(number, command, wires)
        finally:
            os._exit(status)  # never the code that waits further up in the front's copy
