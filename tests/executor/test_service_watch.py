from __future__ import annotations

from pathlib import Path

import pytest
from executor.conftest import Runner, scripted
from executor.servers import serving
from executor.stages import Served
from samples import ERRORS, condition

from gates.domain.plan import GatePlan
from gates.domain.run import Run
from gates.domain.service import CPU, RSS_MAX, RSS_SLOPE, ServicePlan
from gates.domain.status import Status
from gates.plugin import ServiceTrace

PID = (("PID", "{dir}/pid"),)


def with_pid(script: str, *, uses: str = "shell", name: str = "load") -> GatePlan:
    return scripted(name, script, uses=uses, service="api", env=PID)


def reason_of(done: Run) -> str:
    gate = done.gate("load")
    assert gate.status is Status.ERRORED
    return gate.judged.reason


def test_a_service_that_dies_while_it_is_measured(run: Runner) -> None:
    done = run(with_pid("kill -9 $(cat $PID); echo 0"), services=(serving(),))
    assert reason_of(done).startswith(
        "service `api` did not stay itself while it was measured: it was ended by signal 9: "
    )
    gate = done.gate("load")
    assert gate.judged.problem is not None
    assert gate.judged.problem.slug == "service-ended"
    assert gate.services[0].trouble == "it was ended by signal 9"


def test_its_last_words_are_told(run: Runner) -> None:
    script = "signal.signal(signal.SIGTERM, lambda *_: sys.exit('out of memory')); serve(port)"
    done = run(with_pid("kill $(cat $PID); sleep 0.1; echo 0"), services=(serving(script),))
    assert reason_of(done).endswith("it ended with exit code 1: out of memory")


def test_a_tool_that_broke_with_its_service_has_that_reason(run: Runner) -> None:
    done = run(with_pid("kill -9 $(cat $PID); exit 9"), services=(serving(),))
    assert "it was ended by signal 9" in reason_of(done)


def test_a_tool_that_broke_by_itself_has_its_own(run: Runner) -> None:
    done = run(with_pid("exit 9"), services=(serving(),))
    assert reason_of(done) == "`sh` ended with exit code 9"


def test_a_stage_that_judges_death_is_not_errored(run: Runner) -> None:
    done = run(with_pid("kill -9 $(cat $PID); echo 0", uses="judging"), services=(serving(),))
    assert done.gate("load").status is Status.PASSED
    assert done.gate("load").services[0].trouble == "it was ended by signal 9"


def test_a_need_that_dies_under_a_stage_that_judges_death_is_errored(run: Runner) -> None:
    gate = scripted(
        "load",
        "kill -9 $(cat $DB); echo 0",
        uses="judging",
        service="api",
        env=(("DB", "{db.dir}/pid"),),
    )
    done = run(gate, services=(serving(name="db"), serving(needs=("db",))))
    assert reason_of(done).startswith("service `db` did not stay itself while it was measured")


AGAIN = """
pid = os.fork()
if pid:
    while True:
        os.wait()
        pid = os.fork()
        if not pid:
            break
open(folder + "/child", "w").write(str(os.getpid()))
serve(port)
"""
"""A program that starts its server anew whenever that one ends."""


def test_a_server_that_was_started_anew_under_its_parent(run: Runner) -> None:
    script = (
        "kill -9 $(cat $CHILD); until (: >/dev/tcp/127.0.0.1/$GATES_SERVICE_PORT) 2>/dev/null;"
        " do sleep 0.01; done; echo 0"
    )
    gate = scripted("load", f"bash -c '{script}'", service="api", env=(("CHILD", "{dir}/child"),))
    done = run(gate, services=(serving(AGAIN),))
    assert "it started anew: another socket listens on its port " in reason_of(done)


def test_a_server_that_stopped_to_listen(run: Runner) -> None:
    script = (
        "signal.signal(signal.SIGUSR1, lambda *_: (os.close(3), open(folder + '/shut', 'w')));"
        "serve(port)"
    )
    shut = "kill -USR1 $(cat $PID); until [ -e ${PID%pid}shut ]; do sleep 0.01; done; echo 0"
    done = run(with_pid(shut), services=(serving(script),))
    assert "nobody listens on its port " in reason_of(done)


def test_a_need_that_dies(run: Runner) -> None:
    gate = scripted(
        "load", "kill -9 $(cat $DB); echo 0", service="api", env=(("DB", "{db.dir}/pid"),)
    )
    done = run(gate, services=(serving(name="db"), serving(needs=("db",))))
    assert reason_of(done).startswith("service `db` did not stay itself while it was measured")


def test_a_service_that_dies_between_its_readiness_and_the_measurement(run: Runner) -> None:
    script = (
        "import threading; threading.Thread(target=serve, args=(port,), daemon=True).start()\n"
        "while not os.path.exists(folder + '/die'): time.sleep(0.01)\n"
        "os._exit(3)"
    )
    last = (
        "open('{db.dir}/die', 'w')\nwhile os.path.exists('/proc/' + open('{db.dir}/pid').read()):"
    )
    slow = serving(last + " time.sleep(0.01)\nserve(port)", needs=("db",))
    done = run(scripted("load", service="api"), services=(serving(script, name="db"), slow))
    assert reason_of(done).startswith(
        "service `db` did not stay itself before it was measured: it ended with exit code 3"
    )


def trace_of(
    run: Runner, *asks: str, service: ServicePlan | None = None
) -> tuple[Run, ServiceTrace]:
    Served.seen.clear()
    ask = (
        "exec 3<>/dev/tcp/127.0.0.1/$GATES_SERVICE_PORT;"
        ' printf "GET /mine HTTP/1.0\\r\\n\\r\\n" >&3'
    )
    load = scripted("load", f"bash -c '{ask}; cat <&3 >&2'; sleep 0.6; echo 0", service="api")
    watch = scripted("watch", uses="served", needs=("load",), asks=(("load", asks),))
    done = run(load, watch, services=(service or serving(),))
    trace = Served.seen["load"]
    assert isinstance(trace, ServiceTrace)
    return done, trace


def test_a_gate_that_needs_another_sees_what_its_service_did(run: Runner) -> None:
    done, trace = trace_of(run, "scrape /metrics", "scrape /x")
    assert done.gate("watch").status is Status.PASSED
    assert trace.name == "api"
    assert list(trace.before) == list(trace.after) == ["/metrics", "/x"]
    assert len(trace.before["/metrics"]) == len(trace.after["/x"]) == 5
    assert trace.after["/x"][0].endswith(b" /x\n")
    assert 0.5 < trace.seconds < 10
    assert len(trace.usage) >= 2
    assert trace.usage[-1].at_s - trace.usage[0].at_s > 0.5
    logs = Served.seen["load logs"]
    assert isinstance(logs, list)
    assert logs[0].endswith(" /mine\n")
    assert "/metrics" not in logs[0]
    assert "listening" not in logs[0]


def test_pages_that_cannot_be_had_are_told(run: Runner) -> None:
    done, trace = trace_of(run, "scrape /gone")
    assert trace.before == {"/gone": ()}
    note = "5 of 5 fetches of `/gone` of `api` failed: status 404"
    assert done.gate("load").notes == (note, note)


def test_pages_of_a_service_that_does_not_answer(run: Runner) -> None:
    shy = serving(SHY)
    done, trace = trace_of(run, "scrape /metrics", service=shy)
    assert trace.before == {"/metrics": ()}
    assert "5 of 5 fetches of `/metrics` of `api` failed: " in done.gate("load").notes[0]


SHY = """
server = socket.create_server(("127.0.0.1", port))
for number in range(99):
    caller, _ = server.accept()
    caller.recv(9999)
    caller.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n" if not number else b"no")
    caller.close()
"""
"""A server that answers its first caller alone."""


def test_a_gate_whose_service_died_is_seen_without_pages_after(run: Runner) -> None:
    Served.seen.clear()
    load = with_pid("kill -9 $(cat $PID); echo 0", uses="judging")
    watch = scripted("watch", uses="served", needs=("load",), asks=(("load", ("scrape /m",)),))
    run(load, watch, services=(serving(),))
    trace = Served.seen["load"]
    assert isinstance(trace, ServiceTrace)
    assert len(trace.before["/m"]) == 5
    assert trace.after == {}


def test_a_stage_meets_its_service(run: Runner) -> None:
    Served.seen.clear()
    run(scripted("load", service="api", uses="served"), services=(serving(),))
    service = Served.seen["api"]
    assert (Served.seen["api trouble"], getattr(service, "host", "")) == ("", "127.0.0.1")
    assert Served.seen["api usage"]


def measuring(*texts: str, script: str = "sleep 0.2; echo 0") -> GatePlan:
    specs = {spec.name: spec for spec in (RSS_MAX, RSS_SLOPE, CPU)}
    asked = [specs[text.split()[0]] for text in texts]
    return scripted(
        "load",
        script,
        service="api",
        specs=(ERRORS, *asked),
        conditions=(
            condition("errors == 0", ERRORS),
            *(condition(text, spec) for text, spec in zip(texts, asked, strict=True)),
        ),
    )


def test_what_a_service_takes_is_judged(run: Runner) -> None:
    gate = measuring("rss_max < 100MB", "cpu < 3")
    done = run(gate, services=(serving(),)).gate("load")
    assert done.status is Status.PASSED
    values = {each.metric.name: each.metric.value for each in done.judged.readings}
    assert 1_000_000 < (values["rss_max"] or 0) < 100_000_000
    assert 0 <= (values["cpu"] or 0) < 1


def test_what_a_service_takes_can_fail(run: Runner) -> None:
    done = run(measuring("rss_max < 1MB"), services=(serving(),)).gate("load")
    assert done.status is Status.FAILED


def test_a_slope_of_a_moment_is_errored(run: Runner) -> None:
    done = run(measuring("rss_slope < 1MB"), services=(serving(),))
    reason = "`rss_slope` takes 30 s of measuring at least, and it took "
    assert reason_of(done).startswith(reason)


def test_logs_that_cannot_be_copied_are_left_out(
    run: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.open

    def refuse(path: Path, *args: object, **fields: object) -> object:
        if path.name.startswith("measured"):
            raise PermissionError(13, "Permission denied")
        return real(path, *args, **fields)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    _, trace = trace_of(run, "logs")
    assert trace.logs == ()
