"""What runs around one command, in a process of its own: starts it, watches it, ends its tree.

The supervisor takes in every orphan below it, so its `waitpid` says that there is no child only
when nothing of the command is left. On macOS, where nobody takes in orphans, the process group of
the command is ended in place of its tree, and what has left that group escapes.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.toolkit import process_tree
from gates.toolkit.process_frames import (
    UNENDABLE_S,
    Cause,
    Command,
    Ended,
    Started,
    send,
    send_ended,
)
from gates.toolkit.process_logs import Logs
from gates.toolkit.subreaper import become_subreaper, tool_signals, wake_on_child

if TYPE_CHECKING:
    import resource

CHECK_S = 0.1
"""How often the size of the logs is looked at."""
SETTLE_S = 0.2
"""How long what outlives the program may take to end by itself before it counts as leaked."""

_TERM_TICK_S = 0.05
_KILL_TICK_S = 0.005
_READ_BYTES = 4096
_MAXRSS_BYTES = 1024 if os.uname().sysname == "Linux" else 1  # getrusage(2) of each system
STOP, KILL = b"s", b"k"
"""What the reaper writes to a supervisor's control pipe: end the command, at once with `KILL`."""


@dataclass(frozen=True, slots=True)
class Wires:
    """The descriptors by which a supervisor hangs together with the others.

    Attributes:
        control: readable when the reaper asks for the end, or is gone.
        lifeline: readable when the front is gone.
        replies: to the front.
    """

    control: int
    lifeline: int
    replies: int


def supervise(number: int, command: Command, wires: Wires) -> int:
    """Run a command to its end and tell the front; answers the exit code of the supervisor."""
    os.setsid()
    has_orphans = become_subreaper()
    wake = wake_on_child()
    try:
        os.chdir(command.cwd)
        logs = Logs.create(command.stdout, command.stderr, command.log_limit_bytes)
        began = time.monotonic()
        pid = _spawn(command, logs)
    except (OSError, ValueError) as error:
        send_ended(wires.replies, number, Ended(Cause.NOT_STARTED, detail=_why(error, command)))
        return 0
    with contextlib.suppress(OSError):  # the front is gone: its lifeline tells in a moment
        send(wires.replies, Started(number, pid))
    watch = Watch(command, wires, logs, pid, began, by_group=not has_orphans)
    send_ended(wires.replies, number, watch.until_nothing_is_left(wake))
    return 0


def _spawn(command: Command, logs: Logs) -> int:
    return os.posix_spawn(
        command.argv[0],
        command.argv,
        command.env,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, logs.stdout, 1),
            (os.POSIX_SPAWN_DUP2, logs.stderr, 2),
        ],
        setpgroup=0,  # so that `kill 0` in the command does not reach its supervisor
        setsigmask=(),
        setsigdef=tool_signals(),
    )


def _why(error: OSError | ValueError, command: Command) -> str:
    if isinstance(error, OSError):
        return f"{error.strerror}: {error.filename or command.argv[0]}"
    return f"{error}: {command.argv[0]}"


@dataclass(slots=True)
class Watch:
    """Watches one program that was started in this process, and ends what it leaves behind.

    Attributes:
        command: what was started.
        wires: by which the end may be asked for.
        logs: to which it writes.
        main: the program's process.
        began: when it was started, on the monotonic clock.
        by_group: orphans do not come to this process, so the program's group is all there is.
    """

    command: Command
    wires: Wires
    logs: Logs
    main: int
    began: float
    by_group: bool = False
    _natural: Cause | None = None
    _status: int = 0
    _ended_at: float | None = None
    _asked: Cause | None = None
    _kill_now: bool = False
    _is_over_limit: bool = False
    _cpu_s: float = 0.0
    _rss_max: int = 0
    _leaked: tuple[str, ...] = ()
    _detail: str = ""
    _poll: select.poll = field(default_factory=select.poll)

    def until_nothing_is_left(self, wake: int) -> Ended:
        """Wait for the end, or bring it about; afterwards no process of the command is left.

        Args:
            wake: a descriptor that becomes readable when a child has died.
        """
        for descriptor in (wake, self.wires.control, self.wires.lifeline):
            self._poll.register(descriptor, select.POLLIN)
        cause = self._until_it_ends()
        if self._natural is not None:
            self._settle()
        if self._is_anything_left() and not self._end_tree() and self._natural is not None:
            cause = Cause.LOST  # what still runs may write anywhere: what was left is no proof
        self._check_logs()
        if self._is_over_limit and self._natural is not None:
            cause = Cause.LOG_OVERFLOW
        exit_code = os.waitstatus_to_exitcode(self._status)
        return Ended(
            cause=cause,
            exit_code=exit_code if cause is Cause.EXITED else None,
            signal=-exit_code if cause is Cause.SIGNALLED else None,
            seconds=(self._ended_at or time.monotonic()) - self.began,
            cpu_s=self._cpu_s,
            rss_max_bytes=self._rss_max * _MAXRSS_BYTES,
            leaked=self._leaked,
            detail=self._detail,
        )

    def _until_it_ends(self) -> Cause:
        """Wait until the program has ended, or a reason to end it has come."""
        deadline = self.began + self.command.timeout_s
        check_at = self.began + CHECK_S
        while True:
            self._is_anything_left()
            now = time.monotonic()
            if self._natural is not None:
                return self._natural
            if self._asked is not None:
                return self._asked
            if now >= deadline:
                return Cause.TIMED_OUT
            if now >= check_at:
                check_at = now + CHECK_S
                self._check_logs()
            if self._is_over_limit:
                return Cause.LOG_OVERFLOW
            self._sleep(min(deadline, check_at) - now)

    def _settle(self) -> None:
        """Give what outlives the program a moment to end by itself, then name what did not."""
        until = time.monotonic() + SETTLE_S
        while self._is_anything_left():
            left_s = until - time.monotonic()
            if left_s <= 0 or self._asked is not None:
                living = [str(s) for s in process_tree.below(os.getpid()) if s.is_alive]
                self._leaked = tuple(living) or (f"process group {self.main}",)
                return
            self._sleep(min(left_s, _TERM_TICK_S))

    def _end_tree(self) -> bool:
        """SIGTERM to everything, SIGKILL after the grace, until no child is left.

        Whatever turns up in between gets its own SIGTERM, and the logs stay below their limit.
        Answers False where something could not be ended.
        """
        kill_at = time.monotonic() + self.command.grace_s
        termed: set[tuple[int, int]] = set()
        while self._is_anything_left():
            now = time.monotonic()
            kill_at = min(kill_at, now) if self._kill_now else kill_at
            if now >= kill_at + UNENDABLE_S:
                living = ", ".join(str(seen) for seen in process_tree.below(os.getpid()))
                self._detail = f"could not be ended: {living}"
                return False
            self._check_logs()
            if now >= kill_at:
                self._kill()
                self._sleep(_KILL_TICK_S)
            else:
                self._term(termed)
                self._sleep(min(_TERM_TICK_S, kill_at - now))
        return True

    def _term(self, termed: set[tuple[int, int]]) -> None:
        group = (self.main, 0)
        if self.by_group and group not in termed:
            termed.add(group)
            process_tree.signal_group(self.main, signal.SIGTERM)
        for seen in process_tree.below(os.getpid()):
            known = (seen.pid, seen.started)
            if known not in termed:
                termed.add(known)
                process_tree.signal_seen(seen, signal.SIGTERM)
                process_tree.signal_seen(seen, signal.SIGCONT)  # a stopped one hears nothing else

    def _kill(self) -> None:
        if self.by_group:
            process_tree.signal_group(self.main, signal.SIGKILL)
        for seen in process_tree.below(os.getpid()):
            process_tree.signal_seen(seen, signal.SIGKILL)

    def _is_anything_left(self) -> bool:
        """Take in what has died, and say whether something of the command is still there."""
        if self._natural is None:
            self._read_main()
        return self._read_others() or (self.by_group and process_tree.group_exists(self.main))

    def _read_main(self) -> None:
        """Read the program's status, once and by its number."""
        try:
            pid, status, usage = os.wait4(self.main, os.WNOHANG)
        except ChildProcessError:
            self._natural, self._detail = Cause.LOST, "somebody else took its exit status"
        else:
            if pid == 0:
                return
            self._status = status
            self._natural = Cause.SIGNALLED if os.WIFSIGNALED(status) else Cause.EXITED
            self._count(usage)
        self._ended_at = time.monotonic()

    def _read_others(self) -> bool:
        """Take in orphans that have died; answers whether a child is left, the program included.

        Their numbers are looked at before a status is taken, so that the program's own is not.
        """
        if not hasattr(os, "waitid"):
            return self._natural is None  # macOS before Python 3.13, where orphans do not come
        while True:
            try:
                dead = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return False
            if dead is None or (dead.si_pid == self.main and self._natural is None):
                return True
            self._count(os.wait4(dead.si_pid, 0)[2])

    def _count(self, usage: resource.struct_rusage) -> None:
        self._cpu_s += usage.ru_utime + usage.ru_stime
        self._rss_max = max(self._rss_max, usage.ru_maxrss)

    def _check_logs(self) -> None:
        self._is_over_limit |= self.logs.cut()

    def _sleep(self, seconds: float) -> None:
        """Wait until a child has died, the end is asked for, or the time is over."""
        for descriptor, _event in self._poll.poll(max(seconds, 0.0) * 1000):
            data = os.read(descriptor, _READ_BYTES)
            if not data:
                self._poll.unregister(descriptor)  # it would be readable for ever
            if descriptor == self.wires.control:
                self._hear(data)
            elif descriptor == self.wires.lifeline:
                self._asked = self._asked or Cause.CANCELLED

    def _hear(self, data: bytes) -> None:
        self._kill_now |= KILL in data
        if self._asked is None and data:
            self._asked = Cause.CANCELLED
        elif self._asked is None:
            self._asked, self._detail = Cause.LOST, "the process above its supervisor was ended"
