from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from executor.conftest import Runner, scripted
from executor.servers import serving, stranger

from gates.domain.plan import GatePlan
from gates.domain.run import GateRun
from gates.domain.service import Ready, ReadyBy, ServicePlan
from gates.domain.status import Status
from gates.executor import services as hosts
from gates.toolkit import ports

ASK = """bash -c '
exec 3<>/dev/tcp/$GATES_SERVICE_HOST/$GATES_SERVICE_PORT
printf "GET /asked HTTP/1.0\\r\\n\\r\\n" >&3
tail -1 <&3 >&2
echo 0'"""
"""A gate's script that asks its service once, and tells what it answered."""


def asking(
    name: str = "load", *, needs: tuple[str, ...] = (), env: tuple[tuple[str, str], ...] = ()
) -> GatePlan:
    return scripted(name, ASK, service="api", needs=needs, env=env)


def pid_of(gate: GateRun) -> int:
    """The process that answered, as the gate's finding tells."""
    return int(gate.judged.findings[0].message.split()[0])


def is_gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def test_a_gate_measures_its_service_and_nothing_is_left(run: Runner, tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.mkdir()
    look = replace(asking(), env=(("FOLDER", "{dir}"),))
    done = run(look, services=(serving(),), environ={"TMPDIR": str(place)})
    gate = done.gate("load")
    assert (gate.status, gate.judged.reason) == (Status.PASSED, "errors is 0")
    assert is_gone(pid_of(gate))
    assert list(place.iterdir()) == []
    (told,) = gate.services
    assert (told.name, told.is_local, told.is_shared, told.trouble) == ("api", True, False, "")
    assert told.owner == "checked"
    assert told.url.startswith("http://127.0.0.1:")
    assert not ports.is_taken(int(told.url.rpartition(":")[2]))
    out, err = (Path(done.folder) / log for log in told.logs)
    assert "/asked" in out.read_text()
    assert err.read_text() == ""
    assert not list(Path(done.folder).glob("load/measured*"))


def test_each_gate_gets_a_fresh_one(run: Runner) -> None:
    done = run(asking("a"), asking("b"), services=(serving(),))
    pids = {pid_of(done.gate(name)) for name in ("a", "b")}
    assert len(pids) == 2
    assert all(map(is_gone, pids))


def test_a_shared_one_serves_all_gates_and_ends_with_the_run(run: Runner) -> None:
    db = serving(name="db")
    done = run(asking("a"), asking("b"), services=(db, serving(shared=True, needs=("db",))))
    assert pid_of(done.gate("a")) == pid_of(done.gate("b"))
    assert is_gone(pid_of(done.gate("a")))
    api, told = done.gate("b").services
    assert (api.is_shared, told.is_shared) == (True, True)
    assert all(log.startswith("_services/") for log in (*api.logs, *told.logs))


def test_a_gate_that_changes_its_environment_gets_its_own(run: Runner) -> None:
    script = "print(os.environ.get('LIMIT'), os.environ.get('WHERE'), flush=True); serve(port)"
    changed = asking("b", env=(("LIMIT", "0"), ("WHERE", "{url} {api.dir} {{x}}")))
    done = run(asking("a"), changed, services=(serving(script, shared=True),))
    assert pid_of(done.gate("a")) != pid_of(done.gate("b"))
    note = "service `api` is shared, but the gate has an `env:`, so it got its own"
    assert note in done.gate("b").notes
    told = done.gate("b").services[0]
    first = (Path(done.folder) / told.logs[0]).read_text().splitlines()[0]
    assert first.startswith(f"0 {told.url} /")
    assert first.endswith(" {x}")


def test_a_tool_gets_the_address_and_its_own_environment_filled(run: Runner) -> None:
    script = 'echo "$GATES_SERVICE_URL $WHERE" >&2; echo 0'
    gate = scripted("load", script, service="api", env=(("WHERE", "{api.url}/x"),))
    done = run(gate, services=(serving(),))
    url = done.gate("load").services[0].url
    assert done.gate("load").judged.findings[0].message == f"{url} {url}/x"


def test_a_need_is_ready_before_and_set_up_in_its_folder_and_environment(run: Runner) -> None:
    (run.repo.root / "sub").mkdir()
    db = serving(name="db", setup=(("sh", "-c", "echo one > {dir}/seen; pwd > {dir}/where"),))
    check = (
        "import socket; socket.create_connection(('{db.host}', int(os.environ['DB_PORT'])));"
        "print(open('{db.dir}/seen').read(), os.getcwd(), flush=True); serve(port)"
    )
    api = serving(
        check,
        needs=("db",),
        cwd="sub",
        env=(("DB_PORT", "{db.port}"),),
        setup=(("sh", "-c", 'echo "$DB_PORT {port}"'), ("sh", "-c", "test -d ../sub")),
    )
    done = run(asking(), services=(db, api))
    gate = done.gate("load")
    assert gate.judged.reason == "errors is 0"
    assert [told.name for told in gate.services] == ["api", "db"]
    logs = [Path(done.folder) / log for log in gate.services[0].logs]
    assert len(logs) == 6
    database = gate.services[1].url.rpartition(":")[2]
    assert logs[0].read_text().startswith(f"{database} ")
    assert logs[4].read_text().startswith("one\n ")
    assert logs[4].read_text().splitlines()[1].endswith("/sub")


def test_services_that_are_not_named_do_not_start(run: Runner) -> None:
    done = run(asking(), scripted("lint"), services=(serving(), serving("exit(1)", name="other")))
    assert [gate.status for gate in done.gates] == [Status.PASSED, Status.PASSED]
    assert done.gate("lint").services == ()


def test_a_shared_one_that_does_not_start_is_tried_once(run: Runner) -> None:
    api = serving("open('/dev/stdout', 'w').write('no'); sys.exit(3)", shared=True)
    done = run(asking("a"), asking("b"), services=(api,))
    reasons = {done.gate(name).judged.reason for name in ("a", "b")}
    assert reasons == {"service `api` ended with exit code 3 before it was ready: no"}
    assert [path.name for path in (Path(done.folder) / hosts.SHARED).iterdir()] == ["api"]


def test_a_shared_one_that_died_is_started_anew_for_the_next_gate(run: Runner) -> None:
    script = "os.symlink(folder, os.environ['PLACE'] + str(os.getpid())); serve(port)"
    place = run.repo.root / ".git" / "pid-"
    api = serving(script, shared=True, env=(("PLACE", str(place)),))
    find = f"for f in {place}*; do :; done; PID=$f/pid; "
    kill = scripted("a", find + "kill -9 $(cat $PID); echo 0", service="api", uses="judging")
    done = run(kill, asking("b", needs=("a",)), services=(api,))
    assert done.gate("a").status is Status.PASSED
    assert done.gate("b").judged.reason == "errors is 0"
    assert len(list(place.parent.glob("pid-*"))) == 2
    names = sorted(path.name for path in (Path(done.folder) / hosts.SHARED).iterdir())
    assert names == ["api", "api.2"]


def test_one_that_runs_elsewhere_is_asked_and_never_ended(run: Runner) -> None:
    with stranger() as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        api = ServicePlan(name="api", url=url, ready=Ready(by=ReadyBy.HTTP, value="/"))
        done = run(asking(env=(("A", "{api.port}"),)), services=(api,))
        assert ports.is_taken(server.getsockname()[1])
    gate = done.gate("load")
    assert gate.judged.findings[0].message == "ok"
    (told,) = gate.services
    assert (told.url, told.is_local, told.owner, told.logs) == (url, False, "", ())


def test_one_elsewhere_that_does_not_answer(run: Runner) -> None:
    with stranger(is_listening=False) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        done = run(asking(), services=(ServicePlan(name="api", url=url, ready=Ready(timeout_s=0)),))
    assert done.gate("load").judged.reason == (
        f"service `api` at {url} was not ready after 0 s: no connection: Connection refused"
    )


@pytest.mark.parametrize("services", [(), (serving(name="db"),)])
def test_a_service_that_is_not_in_the_plan(run: Runner, services: tuple[ServicePlan, ...]) -> None:
    done = run(asking(), services=services)
    assert done.gate("load").judged.reason == "no service is named `api`"


def test_a_run_without_services_loads_none_of_their_code(run: Runner) -> None:
    import subprocess

    loads = "import sys, gates.app, gates.executor.start"
    code = f"{loads}; print('gates.executor.services' in sys.modules)"
    told = subprocess.run(
        (sys.executable, "-c", code),
        capture_output=True,
        text=True,
        check=True,
        env=run.repo.environ,
    )
    assert told.stdout == "False\n"


def test_what_listens_after_the_end_is_told(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "is_taken", lambda port: port > 0)
    done = run(asking(), services=(serving(),))
    (note,) = done.gate("load").notes
    assert note.startswith("somebody listens on port ")
    assert note.endswith(" after service `api` was ended")


@pytest.mark.parametrize("shared", [False, True])
def test_an_interrupt_ends_the_services(
    run: Runner,
    tmp_path: Path,
    shared: bool,  # noqa: FBT001
) -> None:
    import os
    import signal

    folders = tmp_path / "folders"
    folders.mkdir()
    place = run.repo.root / ".git" / "pid"
    script = "open(os.environ['PLACE'], 'w').write(str(os.getpid())); serve(port)"
    api = serving(script, shared=shared, env=(("PLACE", str(place)),))
    sent = threading.Event()

    def interrupt() -> None:
        if place.exists() and not sent.is_set():
            sent.set()
            os.kill(os.getpid(), signal.SIGINT)

    run.recorder.on_tick = interrupt
    gate = scripted("load", "exec sleep 60", service="api")
    done = run(gate, services=(api,), environ={"TMPDIR": str(folders)})
    assert done.exit_code == 130
    assert is_gone(int(place.read_text()))
    assert list(folders.iterdir()) == []


def test_a_killed_run_leaves_no_service(run: Runner, tmp_path: Path) -> None:
    import os
    import signal
    import subprocess
    import time

    place = tmp_path / "pid"
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "gates.yaml").write_text(
        "version: 1\nservices:\n  api:\n"
        "    run: [sh, -c, 'echo $$ > $PLACE; exec sleep 60']\n"
        f"    env: {{PLACE: '{place}'}}\n    ready: {{command: 'test -s {place}'}}\n"
        "levels: {1: {gates: {it: {uses: command, service: api,"
        " with: {run: sleep 60, examined: exit-status}}}}}\n"
    )
    gates = subprocess.Popen(
        (sys.executable, "-m", "gates", "-C", str(folder), "check"),
        env={**run.repo.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
    )
    until = time.monotonic() + 20
    while not (place.exists() and place.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.01)
    os.kill(gates.pid, signal.SIGKILL)
    gates.wait()
    pid = int(place.read_text())
    while not is_gone(pid):
        assert time.monotonic() < until
        time.sleep(0.01)
