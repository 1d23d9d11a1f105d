from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gates.domain.errors import ToolCrashed, ToolTimedOut
from gates.toolkit.programs import find_program, is_below, is_program, run_program

SOURCE = str(Path(__file__).parents[2] / "src")


def sh(script: str, **options: float) -> object:
    timeout_s = options.get("timeout_s", 20.0)
    return run_program(["/bin/sh", "-c", script], env={}, timeout_s=timeout_s)


def test_exit_code_and_both_outputs_come_back() -> None:
    output = run_program(["/bin/sh", "-c", "echo out; echo err >&2; exit 7"], env={})
    assert (output.exit_code, output.stdout, output.stderr) == (7, b"out\n", b"err\n")


def test_more_output_than_a_pipe_holds_comes_back_whole() -> None:
    script = "import sys; sys.stdout.write('x' * 3_000_000); sys.stderr.write('y' * 2_000_000)"
    output = run_program([sys.executable, "-c", script], env={})
    assert (len(output.stdout), len(output.stderr)) == (3_000_000, 2_000_000)


def test_nothing_is_inherited_and_the_input_is_empty() -> None:
    output = run_program(["/bin/sh", "-c", "cat; echo ${HOME:-none}"], env={})
    assert output.stdout == b"none\n"


def test_a_signal_is_a_negative_exit_code() -> None:
    output = run_program(["/bin/sh", "-c", "kill -KILL $$"], env={})
    assert output.exit_code == -signal.SIGKILL


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ToolCrashed, match="could not be started"):
        run_program([str(tmp_path / "absent")], env={})


def test_a_program_is_killed_with_its_children_when_its_time_is_up(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    with pytest.raises(ToolTimedOut):
        sh(f"sleep 60 & echo $! > {pid_file}; wait", timeout_s=0.5)
    pid = int(pid_file.read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and not is_ended(pid):
        time.sleep(0.01)
    assert is_ended(pid)


def is_ended(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"


def test_too_much_output_is_an_error() -> None:
    with pytest.raises(ToolCrashed, match="more than 1000 bytes"):
        run_program(["/bin/sh", "-c", "yes"], env={}, limit_bytes=1000)


@pytest.mark.parametrize(("reset", "expected"), [(False, "status-lost"), (True, "exit 3")])
def test_a_lost_exit_status_is_never_taken_for_zero(*, reset: bool, expected: str) -> None:
    script = f"""
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
from gates.domain.errors import ToolCrashed
from gates.toolkit.programs import reset_sigchld, run_program
if {reset}:
    reset_sigchld()
try:
    print("exit", run_program(["/bin/sh", "-c", "exit 3"], env={{}}).exit_code)
except ToolCrashed as error:
    print(error.problem.slug)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": SOURCE},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == expected


def test_standard_streams_that_are_closed_do_no_harm() -> None:
    script = """
import os, sys
sys.stdout = sys.stderr = None
from gates.toolkit.programs import run_program
for descriptor in (0, 1, 2):
    os.close(descriptor)
output = run_program(["/bin/sh", "-c", "cat; echo out; echo err >&2"], env={})
sys.exit(0 if (output.stdout, output.stderr) == (b"out\\n", b"err\\n") else 9)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "PYTHONPATH": SOURCE}, check=False
    )
    assert done.returncode == 0


def program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(mode)
    return path


def test_a_program_is_found_only_outside_the_checkout(tmp_path: Path) -> None:
    checkout, outside = tmp_path / "checkout", tmp_path / "bin"
    program(checkout / "bin" / "tool")
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "tool").symlink_to(checkout / "bin" / "tool")
    program(outside / "tool")
    path = f":.:checkout/bin:{checkout}/bin:{tmp_path}/link:{outside}/"
    assert find_program("tool", path, outside=checkout) == str(outside / "tool")
    assert find_program("absent", path, outside=checkout) is None


def test_a_folder_or_a_file_that_may_not_be_executed_is_no_program(tmp_path: Path) -> None:
    assert not is_program(str(tmp_path))
    assert not is_program(str(program(tmp_path / "data", 0o644)))
    assert not is_program(str(tmp_path / "absent"))


def test_below_means_the_folder_or_in_it() -> None:
    assert is_below("/a/b", "/a/b")
    assert is_below("/a/b/c", "/a/b")
    assert is_below("/a", "/")
    assert not is_below("/a/bc", "/a/b")
