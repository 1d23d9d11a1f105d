from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest
from executor.conftest import Runner, scripted
from executor.servers import serving, stranger

from gates.domain.errors import Problem
from gates.domain.run import GateRun
from gates.domain.service import ITSELF, Ready, ReadyBy, ServicePlan
from gates.domain.status import Status
from gates.executor import service_start
from gates.executor.services import ServiceHost


class Start(Protocol):
    def __call__(self, service: ServicePlan, *, on: Iterator[int] | None = None) -> GateRun: ...


@pytest.fixture
def start(run: Runner, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Run one gate with one service, on ports of the test's own choice."""

    def started(service: ServicePlan, *, on: Iterator[int] | None = None) -> GateRun:
        if on is not None:
            given = on

            class Chosen(ServiceHost):
                def __post_init__(self) -> None:
                    super().__post_init__()
                    self.pick_port = lambda: next(given)

            monkeypatch.setattr("gates.executor.services.ServiceHost", Chosen)
        return run(scripted("load", service="api"), services=(service,)).gate("load")

    return started


def problem_of(gate: GateRun) -> Problem:
    assert gate.status is Status.ERRORED
    assert gate.judged.problem is not None
    return gate.judged.problem


def free() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


def test_one_that_ends_at_once_is_errored_with_its_last_words(start: Start) -> None:
    problem = problem_of(
        start(serving("print(*'12345', sep='\\n\\n', file=sys.stderr); sys.exit(7)"))
    )
    assert problem.slug == "service-ended"
    assert problem.summary == (
        "service `api` ended with exit code 7 before it was ready: 3 | 4 | 5"
    )
    assert problem.hint.startswith("see ")
    assert problem.hint.endswith("/load/services/api/01-" + problem.hint.rpartition("01-")[2])


def test_one_that_is_killed_at_once(start: Start) -> None:
    problem = problem_of(start(serving("os.kill(os.getpid(), signal.SIGKILL)")))
    assert problem.summary == "service `api` was ended by signal 9 before it was ready"
    assert problem.hint.startswith("it wrote nothing; see ")


def test_one_that_is_never_ready_is_errored_at_its_deadline(start: Start) -> None:
    ready = Ready(by=ReadyBy.HTTP, value="/health", timeout_s=0)
    began = time.monotonic()
    problem = problem_of(start(serving("print('warming'); time.sleep(60)", ready=ready)))
    assert time.monotonic() - began < 10
    assert problem.slug == "not-ready"
    assert problem.summary == (
        "service `api` was not ready after 0 s: no answer: Connection refused"
    )
    assert "a longer deadline" in problem.hint


def test_one_that_answers_with_an_error_is_not_ready(start: Start) -> None:
    ready = Ready(by=ReadyBy.HTTP, value="/gone", timeout_s=2)
    problem = problem_of(start(serving(ready=ready)))
    assert problem.summary.startswith(
        "service `api` was not ready after 2 s: `/gone` answered with status 404: asked "
    )


def test_one_that_listens_on_another_port_is_told_so(start: Start) -> None:
    port = free()
    ready = Ready(timeout_s=2)
    problem = problem_of(start(serving(f"serve({port})", ready=ready)))
    assert f"; it listens on port {port}, not on " in problem.summary
    assert ": write `{port}` in its command" in problem.summary


@pytest.mark.parametrize("host", ["'127.0.0.1'", "'0.0.0.0'", "'::', socket.AF_INET6, True"])
def test_one_that_listens_on_any_address_is_its_own(start: Start, host: str) -> None:
    gate = start(serving(f"serve(port, {host})"))
    assert gate.judged.reason == "errors is 0"
    assert gate.services[0].owner == "checked"


def test_one_on_another_loopback_address_is_not_asked(start: Start) -> None:
    ready = Ready(timeout_s=1)
    problem = problem_of(start(serving("serve(port, '::1', socket.AF_INET6)", ready=ready)))
    assert problem.slug == "not-ready"


def test_a_stale_server_in_its_place_is_named(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_start, "PATIENCE_S", 0.0)
    other = free()
    with stranger() as server:
        port = server.getsockname()[1]
        problem = problem_of(start(serving(f"serve({other})"), on=iter([port])))
    assert problem.slug == "port-taken"
    name = Path("/proc/self/comm").read_text().strip()
    assert problem.summary.startswith(
        f"`{os.getpid()} {name}` answers on port {port} in place of service `api`"
    )


def test_a_port_that_was_taken_meanwhile_is_left_for_another(start: Start) -> None:
    with stranger() as server:
        gate = start(serving(), on=iter([server.getsockname()[1], free()]))
    assert gate.judged.reason == "errors is 0"
    assert len(gate.services[0].logs) == 4


def test_a_port_that_is_always_taken_is_given_up(start: Start) -> None:
    with stranger() as server:
        port = server.getsockname()[1]
        problem = problem_of(start(serving(), on=iter([port] * 3)))
    assert problem.slug == "port-taken"
    assert problem.summary.startswith("service `api` ended with exit code 1: `")
    assert f"` has its port {port}: " in problem.summary
    assert "Address already in use" in problem.summary


def test_a_server_that_takes_the_port_while_it_starts_is_found(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_start, "PATIENCE_S", 0.2)
    port = free()
    taken = threading.Event()

    def take() -> None:
        with stranger(port):
            taken.wait(20)

    thread = threading.Thread(target=take)
    thread.start()
    try:
        problem = problem_of(start(serving("time.sleep(60)"), on=iter([port])))
    finally:
        taken.set()
        thread.join()
    assert f"answers on port {port} in place of service `api`" in problem.summary


@pytest.mark.parametrize(
    "ready",
    [
        Ready(),
        Ready(by=ReadyBy.LOG, value="^listen.ng$"),
        Ready(by=ReadyBy.COMMAND, command=("sh", "-c", "test -s {dir}/pid")),
    ],
)
def test_each_way_to_be_ready(start: Start, ready: Ready) -> None:
    gate = start(serving("time.sleep(0.1); serve(port)", ready=ready))
    assert gate.judged.reason == "errors is 0"


def test_one_without_any_port_is_ready_by_its_log(start: Start) -> None:
    ready = Ready(by=ReadyBy.LOG, value="works on {port}")
    gate = start(serving("print('works on', port, file=sys.stderr); time.sleep(60)", ready=ready))
    assert gate.judged.reason == "errors is 0"


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo no >&2; exit 3", "`sh` ended with 3: no"),
        ("kill -9 $$", "`sh`: signalled"),
    ],
)
def test_a_command_that_says_no(start: Start, script: str, why: str) -> None:
    ready = Ready(by=ReadyBy.COMMAND, command=("sh", "-c", script), timeout_s=1)
    gate = start(serving(ready=ready))
    assert problem_of(gate).summary.startswith(f"service `api` was not ready after 1 s: {why}")
    assert len(gate.services[0].logs) == 2


def test_a_log_that_says_nothing(start: Start) -> None:
    ready = Ready(by=ReadyBy.LOG, value="never", timeout_s=0)
    problem = problem_of(start(serving(ready=ready)))
    assert "no line of its log matches `never`" in problem.summary


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("echo broken >&2; exit 4", "ended with exit code 4: broken"),
        ("kill -9 $$", "was ended by signal 9"),
        ("exec sleep 60", "was ended after 1 s"),
    ],
)
def test_a_setup_that_fails(start: Start, script: str, how: str) -> None:
    ready = Ready(timeout_s=1)
    gate = start(serving(setup=(("sh", "-c", script),), ready=ready))
    problem = problem_of(gate)
    assert problem.slug == "setup-failed"
    assert problem.summary == f"`sh`, which sets service `api` up, {how}"
    assert len(gate.services[0].logs) == 2
    assert gate.services[0].url == ""


def test_a_program_that_is_not_there(start: Start) -> None:
    problem = problem_of(start(ServicePlan(name="api", run=("no-such-program",))))
    assert "`no-such-program`" in problem.summary
    problem = problem_of(start(ServicePlan(name="api", run=("bin/no-such",))))
    assert problem.summary == "`bin/no-such`, which service `api` names, is not a program"


def test_a_program_that_cannot_be_started(start: Start, run: Runner) -> None:
    script = run.repo.write("serve", "no program at all\n")
    script.chmod(0o755)
    problem = problem_of(start(ServicePlan(name="api", run=("./serve",))))
    assert problem.summary.startswith("service `api` could not be started: Exec format error")


def test_a_folder_that_is_not_there(start: Start) -> None:
    problem = problem_of(start(serving(cwd="gone")))
    assert problem.summary == "service `api` starts in `gone`, which is no folder"


def test_the_interpreter_of_gates_can_serve(start: Start) -> None:
    script = "import sys, time; print(sys.prefix); time.sleep(60)"
    ready = Ready(by=ReadyBy.LOG, value=".")
    gate = start(ServicePlan(name="api", run=(ITSELF, "-c", script), ready=ready))
    assert gate.judged.reason == "errors is 0"


def test_one_that_puts_itself_into_the_background_has_ended(start: Start) -> None:
    script = "os.fork() and os._exit(0); os.setsid(); serve(port)"
    problem = problem_of(start(serving(script, ready=Ready(by=ReadyBy.LOG, value="never"))))
    assert problem.summary.startswith("service `api` ended with exit code 0 before it was ready")


def test_the_time_of_a_gate_counts_from_when_its_service_is_ready(run: Runner) -> None:
    gate = scripted("load", "sleep 0.2; echo 0", service="api", timeout_s=2)
    done = run(gate, services=(serving("time.sleep(2.1); serve(port)"),))
    assert done.gate("load").judged.reason == "errors is 0"
    assert done.gate("load").seconds > 2


def test_what_a_python_service_prints_is_not_held_back(start: Start) -> None:
    ready = Ready(by=ReadyBy.LOG, value="^hello$")
    run = (sys.executable, "-c", "import time; print('hello'); time.sleep(60)")
    gate = start(ServicePlan(name="api", run=run, ready=ready))
    assert gate.judged.reason == "errors is 0"
