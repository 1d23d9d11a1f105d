from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gates.domain.errors import ConfigError, StageError
from gates.toolkit import locks
from gates.toolkit.locks import RUN_FOLDER, folder_lock, refuse_nested, run_folders
from gates.toolkit.processes import Processes

HOLDER = """
import sys
from pathlib import Path
from gates.toolkit.locks import folder_lock
with folder_lock(Path(sys.argv[1]), wait=True, on_wait=print):
    print("held", flush=True)
    sys.stdin.read()
"""


def nobody_waits(text: str) -> None:
    raise AssertionError(text)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "run.lock"


@contextmanager
def other_run(lock: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its input ends."""
    source = Path(locks.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(lock)],
        env={**os.environ, "PYTHONPATH": str(source)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "held\n"
        try:
            yield run
        finally:
            run.kill()


def test_a_free_lock_is_held_and_given_back(lock: Path) -> None:
    for _ in range(2):
        with folder_lock(lock, wait=True, on_wait=nobody_waits):
            assert lock.read_text().startswith(f"{os.getpid()} ")
            assert stat.S_IMODE(lock.stat().st_mode) == 0o600
        assert lock.read_text() == ""


def test_it_is_given_back_after_an_error(lock: Path) -> None:
    with pytest.raises(KeyError), folder_lock(lock, wait=False, on_wait=nobody_waits):
        raise KeyError
    with folder_lock(lock, wait=False, on_wait=nobody_waits):
        pass


def test_another_run_is_waited_for_and_named(lock: Path) -> None:
    told: list[str] = []

    with other_run(lock) as run:

        def on_wait(text: str) -> None:
            told.append(text)
            run.kill()  # a killed run leaves no lock behind

        with folder_lock(lock, wait=True, on_wait=on_wait):
            assert lock.read_text().startswith(f"{os.getpid()} ")

    assert len(told) == 1
    assert told[0].startswith(f"waiting for the run of process {run.pid}, which began at 20")


def test_without_waiting_another_run_is_a_refusal(lock: Path) -> None:
    with (
        other_run(lock) as run,
        pytest.raises(ConfigError, match=f"process {run.pid}, which began at") as info,
        folder_lock(lock, wait=False, on_wait=nobody_waits),
    ):
        pass

    assert info.value.problems[0].slug == "run-locked"
    assert info.value.exit_code == 2


@pytest.mark.parametrize("note", ["", "nonsense", "7 8", "x 0 2026", "7 8 \x1b[2J", "\xff \xff z"])
def test_a_note_that_makes_no_sense_is_not_shown(lock: Path, note: str) -> None:
    lock.write_bytes(note.encode("latin-1"))
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            pytest.raises(ConfigError, match="another run holds the lock"),
            folder_lock(lock, wait=False, on_wait=nobody_waits),
        ):
            pass


def test_a_run_within_the_same_process_is_refused(lock: Path) -> None:
    with (
        folder_lock(lock, wait=True, on_wait=nobody_waits),
        pytest.raises(ConfigError, match="from within a run") as info,
        folder_lock(lock, wait=True, on_wait=nobody_waits),
    ):
        pass

    assert info.value.problems[0].slug == "nested-run"


def test_a_run_below_the_holder_is_refused_even_with_a_bare_environment(lock: Path) -> None:
    source = Path(locks.__file__).parents[2]
    with folder_lock(lock, wait=True, on_wait=nobody_waits):
        inner = subprocess.run(
            [sys.executable, "-c", HOLDER, str(lock)],
            env={"PYTHONPATH": str(source)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    assert "started from within a run of the same folder" in inner.stderr
    assert inner.stdout == ""


def test_a_process_of_the_same_number_elsewhere_is_another_run(lock: Path) -> None:
    lock.write_text(f"{os.getpid()} 1 2026-01-31T12:00:00Z\n")
    with lock.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with (
            pytest.raises(ConfigError, match="began at 2026-01-31T12:00:00Z, holds the lock"),
            folder_lock(lock, wait=False, on_wait=nobody_waits),
        ):
            pass


@pytest.mark.parametrize("replaced", [True, False])
def test_a_lock_file_that_was_removed_meanwhile_locks_nobody(lock: Path, *, replaced: bool) -> None:
    with other_run(lock) as run:

        def on_wait(text: str) -> None:
            assert "process" in text
            lock.unlink()
            if replaced:
                lock.touch()
            run.kill()

        with folder_lock(lock, wait=True, on_wait=on_wait):
            assert lock.read_text().startswith(f"{os.getpid()} ")


def test_what_is_no_plain_file_is_no_lock(lock: Path) -> None:
    lock.symlink_to(lock.with_name("elsewhere"))
    with (
        pytest.raises(StageError, match="cannot be locked: Too many levels"),
        folder_lock(lock, wait=True, on_wait=nobody_waits),
    ):
        pass

    lock.unlink()
    os.mkfifo(lock)
    with (
        pytest.raises(StageError, match="cannot be locked: not a regular file"),
        folder_lock(lock, wait=True, on_wait=nobody_waits),
    ):
        pass
    assert not lock.with_name("elsewhere").exists()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_the_reaper_does_not_keep_the_lock(lock: Path) -> None:
    with folder_lock(lock, wait=True, on_wait=nobody_waits), Processes() as front:
        holders = Path(f"/proc/{front._reaper}/fd")
        released = threading.Event()
        for _ in range(500):
            if str(lock) not in {str(entry.readlink()) for entry in holders.iterdir()}:
                released.set()
                break
            threading.Event().wait(0.01)
        assert released.is_set()
        os.kill(front._reaper, signal.SIGCONT)  # it is still there


def test_a_nested_run_of_the_same_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "a:b%3A"
    inner.mkdir()
    link = tmp_path / "link"
    link.symlink_to(inner)
    environ = {RUN_FOLDER: run_folders(tmp_path, {})}
    deeper = {RUN_FOLDER: run_folders(inner, environ)}

    refuse_nested(inner, {})
    refuse_nested(inner, environ)
    refuse_nested(tmp_path / "a", deeper)
    for folder in (tmp_path, inner, link):
        with pytest.raises(ConfigError, match="from within a run of the same folder"):
            refuse_nested(folder, deeper)
