from __future__ import annotations

import os
import resource
import signal
import stat
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gates.toolkit import process_tree, processes, reaper, supervisor
from gates.toolkit.processes import Cause, Command, Ended, Processes

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the whole promise needs a subreaper"),
    # The product forks before it has threads; whatever runs the tests has some.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]

MARK = "GATES_TEST_MARK"
DEADLINE_S = 10.0

# What a tool may leave behind: a child, one in a session of its own, and a daemon forked twice.
TREE = "sleep 300 & setsid sleep 301 & (setsid sh -c 'sleep 302 & exec sleep 303' &) ;"
DEAF = "trap '' TERM; "
OF_THE_C_LIBRARY = 1 << 31 | 1 << 32  # signals 32 and 33: glibc's posix_spawn ignores them


class Bench:
    """Makes commands whose processes can be found again by a mark in their environment."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mark = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._count = 0

    def command(
        self,
        *argv: str,
        timeout_s: float = DEADLINE_S,
        limit: int = 1 << 20,
        grace_s: float = 5.0,
        cwd: str = "/",
    ) -> Command:
        with self._lock:
            self._count += 1
            stem = self.folder / str(self._count)
        return Command(
            argv=argv,
            cwd=cwd,
            env={"PATH": "/usr/bin:/bin", MARK: self.mark},
            stdout=f"{stem}.stdout",
            stderr=f"{stem}.stderr",
            timeout_s=timeout_s,
            log_limit_bytes=limit,
            grace_s=grace_s,
        )

    def shell(
        self,
        script: str,
        *,
        timeout_s: float = DEADLINE_S,
        grace_s: float = 5.0,
        limit: int = 1 << 20,
    ) -> Command:
        return self.command(
            "/bin/sh", "-c", script, timeout_s=timeout_s, grace_s=grace_s, limit=limit
        )

    def python(
        self, script: str, *, grace_s: float = 5.0, timeout_s: float = DEADLINE_S
    ) -> Command:
        argv = (sys.executable, "-I", "-S", "-c", script)
        return self.command(*argv, grace_s=grace_s, timeout_s=timeout_s)

    def left(self) -> list[str]:
        return marked(self.mark)


def marked(mark: str) -> list[str]:
    """Living processes that carry the mark in the environment they were started with."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            seen = process_tree.look(int(entry.name))
            try:
                environ = (entry / "environ").read_bytes()
            except OSError:
                continue
            if seen is not None and seen.is_alive and mark.encode() in environ:
                found.append(str(seen))
    return found


def eventually(claim: Callable[[], object]) -> None:
    """Wait for a claim to come true, up to a deadline."""
    until = time.monotonic() + DEADLINE_S
    while not claim():
        assert time.monotonic() < until, "it did not come true in time"
        threading.Event().wait(0.005)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    assert made.left() == []


@pytest.fixture
def front(bench: Bench) -> Iterator[Processes]:
    del bench  # which looks last whether anything is left
    with Processes() as made:
        yield made


def reaper_of(front: Processes) -> int:
    return front._reaper


def supervisor_of(pid: int | None) -> int:
    assert pid is not None
    seen = process_tree.look(pid)
    assert seen is not None
    return seen.parent


# ----------------------------------------------------------------- how a program ends


@pytest.mark.parametrize("code", [0, 1, 2, 77, 127, 255])
def test_exit_codes_arrive_as_they_are(front: Processes, bench: Bench, code: int) -> None:
    ended = front.run(bench.shell(f"exit {code}"))

    assert (ended.cause, ended.exit_code, ended.signal) == (Cause.EXITED, code, None)
    assert ended.leaked == ()


def test_an_exit_code_has_eight_bits(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.python("import os; os._exit(256 + 3)"))

    assert (ended.cause, ended.exit_code) == (Cause.EXITED, 3)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGSEGV", "SIGPIPE"])
def test_a_signal_is_not_an_exit_code(front: Processes, bench: Bench, name: str) -> None:
    ended = front.run(bench.shell(f"kill -{name[3:]} $$"))

    assert (ended.cause, ended.exit_code) == (Cause.SIGNALLED, None)
    assert ended.signal == signal.Signals[name]


def test_a_missing_program_is_named(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.command("/nowhere/tool"))

    assert ended == Ended(Cause.NOT_STARTED, detail="No such file or directory: /nowhere/tool")


def test_what_cannot_be_started_is_told(front: Processes, bench: Bench, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("exit 0\n")
    no_interpreter = tmp_path / "no-interpreter"
    no_interpreter.write_text("exit 0\n")
    no_interpreter.chmod(0o755)

    details = [
        front.run(command)
        for command in (
            bench.command(str(plain)),
            bench.command(str(no_interpreter)),
            bench.command("/bin/true", cwd="/nowhere"),
            bench.command("/bin/true", "a\0b"),
        )
    ]

    assert {ended.cause for ended in details} == {Cause.NOT_STARTED}
    assert [ended.detail for ended in details] == [
        f"Permission denied: {plain}",
        f"Exec format error: {no_interpreter}",
        "No such file or directory: /nowhere",
        "embedded null byte: /bin/true",
    ]


def test_the_time_and_the_cost_are_measured(front: Processes, bench: Bench) -> None:
    script = "import time; held = bytearray(64 << 20)\nwhile time.process_time() < .25: pass"
    ended = front.run(bench.python(script))

    assert ended.exit_code == 0
    assert ended.cpu_s >= 0.2
    assert ended.seconds >= 0.2
    assert 64 << 20 < ended.rss_max_bytes < 1 << 30


def test_the_cost_of_adopted_processes_counts(front: Processes, bench: Bench) -> None:
    busy = "import time\nwhile time.process_time() < .2: pass"
    # The worker is orphaned while the program still runs: `cat` ends when the worker has.
    script = f'mkfifo ended; ("{sys.executable}" -I -S -c "{busy}" > ended &); cat ended'
    ended = front.run(bench.shell(script))

    assert (ended.cause, ended.leaked) == (Cause.EXITED, ())
    assert ended.cpu_s >= 0.2


# ----------------------------------------------------------------- what a program is given


def test_a_program_inherits_nothing(front: Processes, bench: Bench, tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "print(sorted(os.environ))\n"
        "print(sorted(int(d) for d in os.listdir('/proc/self/fd'))[:-1])\n"
        "print(repr(sys.stdin.read()), os.getcwd(), os.getpgrp() == os.getpid())\n"
        "for line in open('/proc/self/status'):\n"
        "    if line.startswith(('SigBlk', 'SigIgn')): print(line.split()[1])\n"
    )
    # Not through Python's own start, which sets SIGPIPE and the locale.
    command = bench.command(sys.executable, "-I", "-S", "-c", script, cwd=str(tmp_path))
    with (tmp_path / "held").open("w"):
        assert front.run(command).exit_code == 0

    lines = Path(command.stdout).read_text().splitlines()
    assert "HOME" not in lines[0]
    assert MARK in lines[0]
    assert lines[1:3] == ["[0, 1, 2]", f"'' {tmp_path} True"]
    blocked, ignored = (int(word, 16) for word in lines[3:])
    python_own = 1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1
    assert (blocked, ignored & ~OF_THE_C_LIBRARY) == (0, python_own)


def test_signals_ignored_by_the_front_are_default_in_a_tool(bench: Bench) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Processes() as front:
            command = bench.command("/bin/grep", "SigIgn", "/proc/self/status")
            assert front.run(command).exit_code == 0
    finally:
        signal.signal(signal.SIGINT, before)

    ignored = int(Path(command.stdout).read_text().split()[1], 16)
    assert ignored & ~OF_THE_C_LIBRARY == 0


def test_logs_are_private_and_separate(front: Processes, bench: Bench) -> None:
    command = bench.shell("echo out; echo err >&2")
    assert front.run(command).exit_code == 0

    assert Path(command.stdout).read_text() == "out\n"
    assert Path(command.stderr).read_text() == "err\n"
    assert stat.S_IMODE(Path(command.stdout).stat().st_mode) == 0o600


def test_a_log_that_is_there_is_not_written_to(front: Processes, bench: Bench) -> None:
    command = bench.shell("echo out")
    planted = Path(command.stdout)
    planted.symlink_to(planted.with_name("elsewhere"))

    ended = front.run(command)

    assert ended == Ended(Cause.NOT_STARTED, detail=f"File exists: {planted}")
    assert not planted.with_name("elsewhere").exists()


# ----------------------------------------------------------------- what a program leaves behind


def test_whatever_outlives_the_program_is_ended_and_named(front: Processes, bench: Bench) -> None:
    # The program ends when each of them has said that it is there.
    child = "sh -c '> 1; exec sleep 300' & setsid sh -c '> 2; exec sleep 301' &"
    daemon = "(setsid sh -c '(> 3; exec sleep 302) & > 4; exec sleep 303' &);"
    there = "until [ -e 1 ] && [ -e 2 ] && [ -e 3 ] && [ -e 4 ]; do sleep 0.02; done"
    ended = front.run(bench.shell(f"cd '{bench.folder}'; {child} {daemon} {there}; exit 3"))

    assert (ended.cause, ended.exit_code) == (Cause.EXITED, 3)
    names = [name.split()[1] for name in ended.leaked]
    assert (len(names), set(names) <= {"sleep", "sh"}) == (4, True), names
    assert bench.left() == []


def test_what_ignores_sigterm_is_killed(front: Processes, bench: Bench) -> None:
    began = time.monotonic()
    ended = front.run(bench.shell(f"{DEAF} {TREE} sleep 0.1", grace_s=0.2))

    assert ended.exit_code == 0
    assert len(ended.leaked) == 4
    assert 0.3 < time.monotonic() - began < 3


def test_what_is_stopped_is_ended_politely(front: Processes, bench: Bench) -> None:
    began = time.monotonic()
    ended = front.run(bench.shell("sleep 300 & kill -STOP $!"))

    assert ended.exit_code == 0
    assert len(ended.leaked) == 1
    assert time.monotonic() - began < 3


RESPAWN = """
import os, signal, sys, time
def again(*_):
    if os.fork():
        os._exit(0)
    os.setsid()
signal.signal(signal.SIGTERM, again)
if os.fork():
    time.sleep(.1)
    os._exit(0)
os.setsid()
while True:
    time.sleep(300)
"""


def test_what_starts_itself_again_is_caught(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.python(RESPAWN, grace_s=0.2))

    assert ended.exit_code == 0
    assert len(ended.leaked) == 1
    assert bench.left() == []


def test_what_ends_by_itself_in_a_moment_has_not_leaked(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.shell("sleep 0.05 & exit 4"))

    assert (ended.exit_code, ended.leaked) == (4, ())


def test_many_leaked_processes_are_counted(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.shell("for i in $(seq 60); do sleep 300 & done"))

    assert ended.exit_code == 0
    assert len(ended.leaked) == 41
    assert ended.leaked[-1] == "and 20 more"


# ----------------------------------------------------------------- time, output, cancelling


def test_a_command_ends_when_its_time_is_up(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.shell(f"{TREE} wait", timeout_s=0.2))

    assert (ended.cause, ended.exit_code, ended.signal) == (Cause.TIMED_OUT, None, None)
    assert 0.2 <= ended.seconds < 2
    assert ended.leaked == ()


def test_a_deaf_command_is_killed_after_the_grace(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.shell(f"{DEAF} {TREE} wait", timeout_s=0.1, grace_s=0.2))

    assert ended.cause is Cause.TIMED_OUT
    assert 0.3 <= ended.seconds < 2


def test_exit_code_zero_on_sigterm_is_no_result(front: Processes, bench: Bench) -> None:
    ended = front.run(bench.shell("trap 'exit 0' TERM; sleep 300 & wait", timeout_s=0.2))

    assert (ended.cause, ended.exit_code) == (Cause.TIMED_OUT, None)


def test_a_flood_is_ended_and_cut(front: Processes, bench: Bench) -> None:
    limit = 8 << 20
    before = memory_kib()
    command = bench.shell("head -c 300M /dev/zero; head -c 300M /dev/zero >&2", limit=limit)
    ended = front.run(command)

    assert (ended.cause, ended.exit_code) == (Cause.LOG_OVERFLOW, None)
    sizes = [Path(log).stat().st_size for log in (command.stdout, command.stderr)]
    assert 0 < sum(sizes) <= limit
    assert memory_kib() - before < 32 << 10


def test_a_flood_that_ended_before_anybody_looked_is_one(front: Processes, bench: Bench) -> None:
    command = bench.shell("head -c 5000 /dev/zero; head -c 3000 /dev/zero >&2", limit=6000)
    ended = front.run(command)

    assert (ended.cause, ended.exit_code) == (Cause.LOG_OVERFLOW, None)
    assert Path(command.stdout).stat().st_size == 3000
    assert Path(command.stderr).stat().st_size == 3000


def test_what_is_leaked_cannot_flood_either(front: Processes, bench: Bench) -> None:
    command = bench.shell(f"({DEAF} exec yes) & exit 0", limit=1 << 16, grace_s=0.3)
    ended = front.run(command)

    assert ended.cause is Cause.LOG_OVERFLOW
    assert Path(command.stdout).stat().st_size <= 1 << 16


def test_output_up_to_the_limit_is_whole(front: Processes, bench: Bench) -> None:
    command = bench.shell("head -c 6000 /dev/zero", limit=6000)

    assert front.run(command).exit_code == 0
    assert Path(command.stdout).stat().st_size == 6000


def test_thirty_commands_side_by_side_keep_their_exit_codes(front: Processes, bench: Bench) -> None:
    results: dict[int, Ended] = {}

    def one(code: int) -> None:
        results[code] = front.run(bench.shell(f"sleep 300 & sleep 0.1; exit {code}"))

    threads = [threading.Thread(target=one, args=(code,)) for code in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)

    assert {code: ended.exit_code for code, ended in results.items()} == {
        code: code for code in range(30)
    }
    assert {len(ended.leaked) for ended in results.values()} == {1}


def test_cancelling_ends_everything_and_refuses_what_comes_later(
    front: Processes, bench: Bench
) -> None:
    running = [front.start(bench.shell(f"{TREE} exec sleep 300")) for _ in range(3)]
    assert all(one.pid for one in running)

    front.cancel_all()

    assert [one.wait().cause for one in running] == [Cause.CANCELLED] * 3
    late = front.start(bench.command("/bin/true"))
    assert late.wait() == Ended(Cause.CANCELLED)
    assert late.pid is None


def test_cancelling_a_second_time_ends_the_grace(front: Processes, bench: Bench) -> None:
    ready = bench.folder / "ready"
    running = front.start(bench.shell(f"{DEAF} touch {ready}; while :; do sleep 1; done"))
    eventually(ready.exists)

    front.cancel_all()
    assert not running._slot.done.wait(0.2)
    began = time.monotonic()
    front.cancel_all(kill_now=True)

    assert running.wait().cause is Cause.CANCELLED
    assert time.monotonic() - began < 2


def test_one_command_is_stopped_and_the_other_goes_on(front: Processes, bench: Bench) -> None:
    done = bench.folder / "done"
    service = front.start(bench.shell("exec sleep 300"))
    other = front.start(bench.shell(f"until [ -e {done} ]; do sleep 0.02; done; exit 5"))
    assert service.pid
    assert other.pid

    service.stop()
    assert service.wait().cause is Cause.CANCELLED
    done.touch()

    assert other.wait().exit_code == 5


def test_stopping_what_has_ended_changes_nothing(front: Processes, bench: Bench) -> None:
    running = front.start(bench.shell("exit 3"))
    running.wait()
    running.stop(kill_now=True)

    assert running.wait().exit_code == 3
    assert front.run(bench.shell("exit 0")).exit_code == 0


def test_closing_ends_what_still_runs(bench: Bench) -> None:
    front = Processes()
    with front:
        running = front.start(bench.shell(f"{TREE} exec sleep 300"))
        assert running.pid

    assert running.wait().cause is Cause.CANCELLED
    assert bench.left() == []
    assert front.run(bench.command("/bin/true")).cause is Cause.CANCELLED
    assert running.wait().cause is Cause.CANCELLED
    running.stop()
    front.close()
    assert process_tree.look(reaper_of(front)) is None


def test_a_late_front_forks_only_when_something_is_started(bench: Bench) -> None:
    before = open_descriptors()
    with Processes(late=True) as front:
        assert reaper_of(front) == -1
        assert open_descriptors() == before
        assert front.run(bench.shell("exit 3")).exit_code == 3
        born = reaper_of(front)
        assert process_tree.look(born) is not None
        front.begin()
        assert reaper_of(front) == born

    assert process_tree.look(born) is None
    assert open_descriptors() == before


def test_a_late_front_that_starts_nothing_leaves_nothing(bench: Bench) -> None:
    before = open_descriptors()
    with Processes(late=True) as front:
        front.cancel_all()
        assert front.run(bench.command("/bin/true")).cause is Cause.CANCELLED
        front.cancel_all(kill_now=True)

    assert reaper_of(front) == -1
    assert open_descriptors() == before
    assert front.run(bench.command("/bin/true")).cause is Cause.CANCELLED
    front.close()


def test_no_descriptor_is_left_open(bench: Bench) -> None:
    before = open_descriptors()
    with Processes() as front:
        front.run(bench.command("/bin/true"))

    assert open_descriptors() == before


# ----------------------------------------------------------------- those who are killed


def test_signals_sent_around_by_a_tool_do_not_reach_its_supervisor(
    front: Processes, bench: Bench
) -> None:
    script = "".join(
        f"kill -{name} $PPID;" for name in ("TERM", "INT", "HUP", "USR1", "ALRM", "40")
    )
    ended = front.run(bench.shell(f"{script} sleep 0.05; trap '' TERM; kill -TERM 0; exit 6"))

    assert (ended.cause, ended.exit_code) == (Cause.EXITED, 6)


def test_a_tool_that_kills_its_supervisor_is_lost_and_ended(
    front: Processes, bench: Bench, tmp_path: Path
) -> None:
    up, gate = tmp_path / "up", tmp_path / "gate"
    os.mkfifo(up)
    os.mkfifo(gate)
    other = front.start(bench.shell(f"echo up > '{up}'; read word < '{gate}'; exit 7"))
    assert up.read_text() == "up\n"
    ended = front.run(bench.shell(f"{DEAF} {TREE} kill -9 $PPID; sleep 300"))

    assert (ended.cause, ended.exit_code) == (Cause.LOST, None)
    assert ended.detail == "its supervisor ended with exit code -9"
    assert len(bench.left()) == 1  # the other command, which nobody touched
    gate.write_text("go\n")
    assert other.wait().exit_code == 7


def test_a_supervisor_that_is_stopped_is_overdue(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaper, "OVERDUE_S", 0.2)
    with Processes() as front:
        ended = front.run(
            bench.shell("kill -STOP $PPID; exec sleep 300", timeout_s=0.1, grace_s=0.1)
        )

    assert ended.cause is Cause.LOST
    assert bench.left() == []


def test_what_cannot_be_ended_spoils_the_result(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "UNENDABLE_S", 0.0)
    with Processes() as front:
        ended = front.run(bench.shell("sleep 300 & exit 0", grace_s=0.0))

        assert (ended.cause, ended.exit_code) == (Cause.LOST, None)
        assert ended.detail == f"could not be ended: {ended.leaked[0]}"
        assert len(bench.left()) == 1
    assert bench.left() == []


def test_the_front_clears_up_where_the_reaper_gave_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "UNENDABLE_S", 0.0)
    monkeypatch.setattr(reaper, "UNENDABLE_S", -1.0)
    with Processes() as front:
        assert front.run(bench.shell("sleep 300 & exit 0", grace_s=0.0)).cause is Cause.LOST
    assert bench.left() == []


def test_a_supervisor_that_cannot_be_forked_is_told(bench: Bench, front: Processes) -> None:
    assert front.run(bench.command("/bin/true")).exit_code == 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.prlimit(reaper_of(front), resource.RLIMIT_NOFILE, (3, hard))

    ended = front.run(bench.command("/bin/true"))

    resource.prlimit(reaper_of(front), resource.RLIMIT_NOFILE, (soft, hard))
    assert front.run(bench.command("/bin/true")).exit_code == 0
    detail = "Too many open files: a supervisor could not be forked"
    assert ended == Ended(Cause.NOT_STARTED, detail=detail)


def test_a_status_that_was_stolen_does_not_hide_a_dead_reaper(bench: Bench) -> None:
    with Processes() as front:
        assert front.run(bench.shell("exit 0")).exit_code == 0
        os.kill(reaper_of(front), signal.SIGKILL)
        os.waitpid(reaper_of(front), 0)

        assert front.run(bench.shell("exit 0")).cause is Cause.LOST


def test_a_program_needs_an_absolute_path(bench: Bench) -> None:
    with pytest.raises(ValueError, match="absolute path"):
        bench.command("true")


def test_when_the_reaper_is_killed_everything_is_lost_and_ended(bench: Bench) -> None:
    with Processes() as front:
        running = [front.start(bench.shell(f"{TREE} exec sleep 300")) for _ in range(2)]
        assert all(one.pid for one in running)

        os.kill(reaper_of(front), signal.SIGKILL)

        for one in running:
            ended = one.wait()
            assert (ended.cause, ended.exit_code) == (Cause.LOST, None)
        assert front.run(bench.command("/bin/true")).cause is Cause.LOST
    assert bench.left() == []


def test_when_reaper_and_supervisor_are_killed_the_front_clears_up(bench: Bench) -> None:
    with Processes() as front:
        running = front.start(bench.shell(f"{DEAF} {TREE} exec sleep 300"))
        killed = supervisor_of(running.pid)
        eventually(lambda: len(bench.left()) == 5)
        os.kill(reaper_of(front), signal.SIGSTOP)  # so that it does not clear up itself
        os.kill(killed, signal.SIGKILL)
        os.kill(reaper_of(front), signal.SIGKILL)

        assert running.wait().cause is Cause.LOST
        assert bench.left() == []


def test_the_front_does_not_wait_for_ever_for_a_stopped_reaper(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_PATIENCE_S", 0.2)
    with Processes() as front:
        running = front.start(bench.shell("exec sleep 300", grace_s=0.1))
        assert running.pid
        os.kill(reaper_of(front), signal.SIGSTOP)
        late = front.start(bench.command("/bin/true", timeout_s=0.1, grace_s=0.0))

        assert late.wait() == Ended(Cause.LOST, detail="its supervisor does not answer")
    assert running.wait().cause is Cause.CANCELLED
    assert bench.left() == []


DRIVER = """
import os, signal, sys, threading
from gates.toolkit.processes import Command, Processes
folder, mark, script, kind = sys.argv[1:]
with Processes() as front:
    running = [
        front.start(Command(
            argv=("/bin/sh", "-c", script), cwd="/",
            env={"PATH": "/usr/bin:/bin", "GATES_TEST_MARK": mark},
            stdout=f"{folder}/{n}.o", stderr=f"{folder}/{n}.e",
            timeout_s=60, grace_s=0.3))
        for n in range(2)
    ]
    pids = [one.pid for one in running]
    if kind == "ends":
        print(*[one.wait().exit_code for one in running])
    else:
        print("ready", flush=True)
        running[0].wait()
"""


def drive(bench: Bench, script: str, kind: str, prelude: str = "") -> subprocess.Popen[str]:
    source = Path(processes.__file__).parents[2]
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            f"{prelude}\n{DRIVER}",
            str(bench.folder),
            bench.mark,
            script,
            kind,
        ],
        env={**os.environ, "PYTHONPATH": str(source), MARK: bench.mark},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_when_the_front_is_killed_nothing_is_left(bench: Bench) -> None:
    with drive(bench, f"{DEAF} {TREE} exec sleep 300", "stays") as driver:
        assert driver.stdout is not None
        assert driver.stdout.readline() == "ready\n"
        # 2 x 5 processes of the tools, 2 supervisors, the reaper and the front.
        eventually(lambda: len(bench.left()) == 14)
        driver.kill()
        assert driver.stdout.read() == ""  # nobody else holds the front's output

    eventually(lambda: bench.left() == [])


def test_exit_codes_are_not_lost_where_sigchld_was_ignored(bench: Bench) -> None:
    prelude = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN)"
    with drive(bench, "exit 9", "ends", prelude) as driver:
        assert driver.stdout is not None
        assert driver.stdout.read() == "9 9\n"
    assert driver.returncode == 0


def test_an_interrupt_of_the_terminal_reaches_only_the_front(
    front: Processes, bench: Bench
) -> None:
    running = front.start(bench.shell("exec sleep 300"))
    sessions = {
        seen.session
        for pid in (os.getpid(), reaper_of(front), supervisor_of(running.pid))
        if (seen := process_tree.look(pid)) is not None
    }

    assert len(sessions) == 3


def test_closed_standard_streams_do_no_harm(bench: Bench) -> None:
    prelude = "import os\nfor d in (0, 2): os.close(d)"
    with drive(bench, "echo out; exit 8", "ends", prelude) as driver:
        assert driver.stdout is not None
        assert driver.stdout.read() == "8 8\n"
    assert (bench.folder / "0.o").read_text() == "out\n"


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def memory_kib() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1])
    raise AssertionError("no VmHWM")
