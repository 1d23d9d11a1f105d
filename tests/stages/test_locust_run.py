"""The stage `locust` where it runs Locust: with a Locust that is made up, and with the real one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from formats.locust_records import about, record
from stages.fake_context import FakeContext, fake_context
from stages.live_context import LiveContext, live_context
from stages.load_service import DELAY_S, Counting, counting

from gates.formats import load_record
from gates.plugin import Metric, StageError, StageResult, ToolCrashed
from gates.stages.locust import Locust, LocustOptions
from gates.testing.fake_service import FakeService

LOCUST = Path(sys.executable).parent / "locust"
SHORT: dict[str, object] = {
    "users": 2,
    "spawn_rate": 2,
    "warmup": "1s",
    "duration": "1s",
    "max_duration": "1s",
    "patience": "1s",
}
real = pytest.mark.skipif(not LOCUST.is_file(), reason="Locust is not installed")


def stage(**options: object) -> Locust:
    plain = {name: value for name, value in options.items() if value is not None}
    made = Locust(LocustOptions.from_plain(plain))
    made.check()
    return made


def project(folder: Path, **service: list[str]) -> FakeContext:
    """A project whose service lives, with a locust file."""
    ctx = fake_context(folder)
    ctx.write("locustfile.py", "")
    ctx.timeout_s = 1800
    ctx.given_services = {"api": FakeService(port=8001, **service)}  # type: ignore[arg-type]
    return ctx


def writes(*records: bytes, told: bytes | None = None) -> Callable[[tuple[str, ...]], None]:
    """What Locust does: it leaves these records, one a run, and tells so."""
    left = list(records)

    def does(argv: tuple[str, ...]) -> None:
        addon = Path(argv[argv.index("-f") + 1].split(",")[4])
        path = Path(json.loads(addon.with_suffix(".json").read_bytes())["record"])
        path.with_name(f"{path.name}.about.json").write_bytes(told or about())
        path.write_bytes(left.pop(0) if left else b"")

    return does


def value(result: StageResult, name: str) -> Metric:
    (found,) = [each for each in result.metrics if each.name == name and not each.tags]
    return found


def problem(made: Locust, ctx: FakeContext) -> StageError:
    with pytest.raises(StageError) as caught:
        made.measure(ctx)
    assert caught.value.problem.hint
    return caught.value


def test_locust_is_run_with_the_add_on_and_its_record_is_judged(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", exit_code=1, does=writes(record()))

    result = stage(users=10, path="/v1", user_classes=["Buyer"], tags=["a"]).measure(ctx)

    (argv,) = ctx.runs
    words = " ".join(argv)
    assert argv[2].endswith(",locustfile.py")
    assert "--host http://127.0.0.1:8001/v1 -u 10 -r 2 -t 160s -s 10 Buyer --tags a" in words
    assert "--processes" not in argv
    assert value(result, "requests").value == 400
    assert value(result, "alive").value == 1
    assert (result.tool.name, result.tool.version) == ("locust", "2.47.0")
    assert "send nothing" in result.notes[-1]


def test_it_asks_longer_while_a_condition_is_open(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(), record(time_us=90_000), record()))
    ctx.open_conditions = [("p95 < 100ms",), ()]

    result = stage(users=10, duration="20s").measure(ctx)

    assert len(ctx.runs) == 2
    assert value(result, "requests").value == 800
    assert len(ctx.progressed) == 2


def test_a_run_of_a_late_generator_is_thrown_away_and_made_again(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(late=9), record()))

    result = stage(users=10).measure(ctx)

    assert len(ctx.runs) == 2
    assert value(result, "requests").value == 400
    assert any("was thrown away and made again" in note for note in ctx.notes)


def test_what_the_add_on_tells_of_requests_is_told_once(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    told = about(own=3, unheard=2)
    ctx.answer("locust", does=writes(record(), record(time_us=90_000), told=told))
    ctx.open_conditions = [("p95 < 100ms",), ()]

    stage(users=10, duration="20s").measure(ctx)

    (own,) = [note for note in ctx.notes if "told by the locust file" in note]
    (unheard,) = [note for note in ctx.notes if "Locust told nothing" in note]
    assert own.startswith("6 of 840 requests")
    assert unheard.startswith("of 4 requests")


def test_a_user_class_without_a_user_is_no_measurement(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(), told=about(idle=["Checkout"])))

    found = problem(stage(users=10), ctx).problem

    assert (found.slug, "Checkout" in found.summary) == ("class-idle", True)
    assert "`user_classes`" in found.hint


def test_a_request_of_the_warm_up_may_take_longer_than_run_and_patience(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(time_us=30_900_000, each=1)))

    result = stage(users=10, patience="10s").measure(ctx)

    found = value(result, "p99")
    assert found.interval is not None
    assert found.value is not None
    assert found.interval[1] >= found.value


def test_it_ends_at_the_cap_and_leaves_the_condition_open(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(), record(), record()))
    ctx.open_conditions = [("p95 < 100ms",)]

    stage(users=10, duration="20s", max_duration="60s").measure(ctx)

    assert len(ctx.runs) == 3


def test_a_service_that_dies_is_told_and_not_asked_again(tmp_path: Path) -> None:
    ctx = project(tmp_path, troubles=["it ended with 1"])
    ctx.answer("locust", does=writes(record(failed={"connection refused": 50})))
    ctx.open_conditions = [("p95 < 100ms",)]

    result = stage(users=10).measure(ctx)

    assert value(result, "alive").value == 0
    assert any("it ended with 1" in note for note in result.notes)
    assert len(ctx.runs) == 1


def test_fewer_users_than_asked_are_no_measurement(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(users=9)))

    assert "9 of 10 users" in problem(stage(users=10), ctx).problem.summary


def test_a_worker_that_was_not_there_is_no_measurement(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(workers=1)))

    found = problem(stage(users=10, workers=2), ctx).problem

    assert found.slug == "worker-lost"
    words = ctx.runs[0]
    at = words.index("--processes")
    assert words[at + 1] == "2"
    assert words[words.index("--master-port") + 1] == words[words.index("--master-bind-port") + 1]


def test_a_master_waits_for_workers_of_other_machines(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", does=writes(record(workers=4)))
    options = {"master": True, "expect_workers": 4, "bind": "0.0.0.0:6000"}

    stage(users=10, wait_for_workers="2m", **options).measure(ctx)

    words = " ".join(ctx.runs[0])
    assert "--master --expect-workers 4 --expect-workers-max-wait 120" in words
    assert "--master-bind-host 0.0.0.0 --master-bind-port 6000" in words


def test_only_services_of_the_gate_may_be_asked(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.given_services["login"] = FakeService(name="login", port=8002)
    seen: list[object] = []

    def does(argv: tuple[str, ...]) -> None:
        addon = Path(argv[2].split(",")[4])
        seen.append(json.loads(addon.with_suffix(".json").read_bytes())["hosts"])
        writes(record())(argv)

    ctx.answer("locust", does=does)
    stage(users=10).measure(ctx)

    assert seen == [["127.0.0.1:8001", "127.0.0.1:8002"]]


def test_no_record_is_explained_by_what_locust_said(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", exit_code=1, stderr="[x] vm/ERROR/locust.main: No User class found!\n")

    assert "no user class" in problem(stage(users=10), ctx).problem.summary


def test_an_early_end_is_told(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    told = about(complete=False, stopped=["ended-early", "3 s"])
    ctx.answer("locust", does=writes(record(), told=told))

    assert problem(stage(users=10), ctx).problem.slug == "ended-early"


def test_a_locust_that_was_killed_is_no_measurement(tmp_path: Path) -> None:
    ctx = project(tmp_path)
    ctx.answer("locust", raises=ToolCrashed("killed", "ended by SIGKILL"))

    with pytest.raises(ToolCrashed):
        stage(users=10).measure(ctx)


def test_what_cannot_go_well_is_refused_before_it_begins(tmp_path: Path) -> None:
    ctx = project(tmp_path)

    assert problem(stage(users=10, locustfile=["none.py"]), ctx).problem.place == "none.py"
    ctx.timeout_s = 300
    assert "`timeout: " in problem(stage(users=10), ctx).problem.hint
    assert ctx.runs == []


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "name one of `users`"),
        ({"users": 1, "ramp": ["10@20s"]}, "name one of"),
        ({"users": 1, "own_shape": True}, "name one of"),
        ({"report": ["a"], "users": 1}, "in place of a run"),
        ({"users": 1, "workers": 2, "master": True, "expect_workers": 1}, "name one"),
        ({"users": 1, "master": True}, "belong together"),
        ({"users": 1, "expect_workers": 1}, "belong together"),
        ({"users": 1, "workers": -1}, "negative"),
        ({"users": 1, "bind": "5557"}, "`bind`"),
        ({"users": 1, "locustfile": ["a,b"]}, "comma"),
        ({"users": 1, "locustfile": []}, "names no file"),
        ({"users": 1, "confidence": "1"}, "`confidence`"),
        ({"users": 1, "slow": "1"}, "`slow`"),
        ({"users": 1, "wait_for_workers": "x"}, "`wait_for_workers`"),
    ],
)
def test_options_that_do_not_fit_together_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def test_it_asks_a_service_only_where_it_runs() -> None:
    assert stage(users=1).asks_service()
    assert not stage(report=["a"]).asks_service()


# With the real Locust.

ORDERS = """
from locust import FastHttpUser, HttpUser, constant, constant_pacing, task

class Buyer(HttpUser):
    wait_time = constant_pacing(0.1)
    @task
    def orders(self): self.client.get("/orders")

class Reader(FastHttpUser):
    wait_time = constant(0.05)
    @task
    def items(self): self.client.get("/items")
    @task
    def broken(self): self.client.get("/status/500")
"""
LOST = """
import gevent
from gevent.pool import Pool
from locust import FastHttpUser, HttpUser, constant, task

class Impatient(HttpUser):
    wait_time = constant(0.05)
    @task
    def given_up(self):
        with gevent.Timeout(0.05, False):
            self.client.get("/never")
    @task
    def unsound(self):
        with gevent.Timeout(0.05, False), self.client.get("/items", catch_response=True):
            gevent.sleep(9)
    @task
    def refused(self):
        try:
            self.client.get("http://[bad/", name="/bad")
        except ValueError:
            pass
    @task
    def unjudged(self): self.client.get("/unjudged", catch_response=True)

class Parallel(FastHttpUser):
    wait_time = constant(0.05)
    @task
    def parallel(self):
        pool = Pool()
        pool.spawn(self.client.get, "/never", name="/pool")
        pool.join()
"""
NOTHING = "from locust import HttpUser\nclass Idle(HttpUser): pass\n"


@pytest.fixture
def service() -> Iterator[Counting]:
    with counting() as server:
        yield server


def live(folder: Path, port: int, text: str) -> LiveContext:
    ctx = live_context(folder, {"locustfile.py": text})
    ctx.given_services["api"] = FakeService(port=port)
    return ctx


def run(ctx: LiveContext, **options: object) -> load_record.LoadRecord:
    """Run it, and read its record.

    Two seconds on a busy machine may show a generator that was late, which is no concern here.
    """
    with suppress(StageError):
        stage(**(SHORT | options)).measure(ctx)
    return load_record.read((ctx.out / "run-0/load.jsonl").read_bytes())


def agrees(record: load_record.LoadRecord, service: Counting) -> None:
    """The record counts what the server saw, endpoint by endpoint, and no time is too short."""
    begun = float(record.started)
    for place, endpoint in enumerate(record.endpoints):
        cells = [cell for cell in record.measured if cell.endpoint == place]
        path = endpoint.removeprefix("GET ")
        counted = sum(cell.succeeded + cell.failures for cell in cells)
        seen = sum(each == path and begun <= at < begun + 1 for each, at in service.asked)
        assert abs(counted - seen) <= 2, endpoint  # one a user may begin at the turn of the second
        assert counted > 0
        assert all(min(cell.times, default=10**9) >= DELAY_S * 1e6 for cell in cells)
        failed = sum(cell.failures for cell in cells)
        assert failed == (counted if path == "/status/500" else 0)
    assert len(record.endpoints) == 3
    assert {beat.users for beat in record.phase} == {2}


@real
@pytest.mark.live
@pytest.mark.serial
def test_the_figures_are_what_the_server_saw(service: Counting, tmp_path: Path) -> None:
    agrees(run(live(tmp_path, service.port, ORDERS)), service)


@real
@pytest.mark.live
@pytest.mark.serial
def test_no_request_is_lost(service: Counting, tmp_path: Path) -> None:
    record = run(live(tmp_path, service.port, LOST), duration="3s", max_duration="3s")

    outcomes: dict[str, set[str]] = {name: set() for name in record.endpoints}
    for cell in record.measured:
        outcomes[record.endpoints[cell.endpoint]] |= {reason for reason, _ in cell.failed}
        outcomes[record.endpoints[cell.endpoint]] |= {"ok"} if cell.succeeded else set()
    assert outcomes == {
        "GET /never": {"Timeout"},
        "GET /items": {"check left by Timeout"},
        "GET /bad": {"InvalidURL"},
        "GET /unjudged": {"ok"},
        "GET /pool": {"unfinished"},
    }


@real
@pytest.mark.live
@pytest.mark.serial
def test_a_worker_that_is_killed_is_no_measurement(service: Counting, tmp_path: Path) -> None:
    ctx = live(tmp_path, service.port, ORDERS)

    def kill() -> None:
        """Kill a child of the one Locust that this test started."""
        for _ in range(600):
            if len(service.asked) > 6:
                break
            service.ending.wait(0.02)
        for status in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                parent = status.with_name("stat").read_text().rpartition(")")[2].split()[1]
                above = Path(f"/proc/{parent}/cmdline").read_bytes()
                if str(ctx.out).encode() in status.read_bytes() and str(ctx.out).encode() in above:
                    os.kill(int(status.parent.name), signal.SIGKILL)
                    return

    killer = threading.Thread(target=kill)
    killer.start()
    found = problem(stage(**(SHORT | {"workers": 2, "duration": "2s", "max_duration": "2s"})), ctx)
    killer.join()

    assert found.problem.slug == "worker-lost"


@real
@pytest.mark.live
@pytest.mark.serial
@pytest.mark.parametrize(
    ("text", "slug", "word"),
    [
        (NOTHING, "task-exceptions", "No tasks defined"),
        (ORDERS.replace('"/', '"http://localhost:{port}/'), "strange-host", "localhost"),
    ],
)
def test_what_asks_nothing_or_something_else_is_no_measurement(
    text: str, slug: str, word: str, service: Counting, tmp_path: Path
) -> None:
    ctx = live(tmp_path, service.port, text.replace("{port}", str(service.port)))

    found = problem(stage(**SHORT), ctx).problem

    assert (found.slug, word in found.summary) == (slug, True)


@real
@pytest.mark.live
@pytest.mark.serial
def test_every_request_refused_is_no_measurement(tmp_path: Path) -> None:
    with counting() as gone:
        port = gone.port
    ctx = live(tmp_path, port, ORDERS)

    record = run(ctx)

    assert {reason for cell in record.measured for reason, _ in cell.failed} == {
        "connection refused"
    }
    assert not any(cell.succeeded for cell in record.measured)


@real
@pytest.mark.live
@pytest.mark.serial
def test_workers_take_the_add_on_from_their_master(service: Counting, tmp_path: Path) -> None:
    ctx = live(tmp_path, service.port, ORDERS)
    ctx.environment["TMPDIR"] = str(tmp_path)
    with counting() as other:
        port = str(other.port)  # free as soon as the block ends
    command = [str(LOCUST), "-f", "-", "--worker", "--master-host", "127.0.0.1"]
    workers = []
    for name in ("a", "b"):
        home = tmp_path / name
        home.mkdir()
        workers.append(
            subprocess.Popen(
                [*command, "--master-port", port],
                cwd=home,
                env={"PATH": os.environ["PATH"], "TMPDIR": str(home)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
    try:
        record = run(ctx, master=True, expect_workers=2, bind=f"127.0.0.1:{port}")
        assert [worker.wait(20) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()

    assert [beat.workers for beat in record.phase] == [2]
    agrees(record, service)
