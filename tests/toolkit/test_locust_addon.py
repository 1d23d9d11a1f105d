"""The add-on, joined to a Locust that is made up; runs of the real one are tests of the stage."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Protocol

import pytest

from gates.formats import load_record, locust_about
from gates.toolkit.locust_addon import AddOn, attach
from gates.toolkit.locust_addon_calls import KILLED, Call
from gates.toolkit.locust_addon_tally import MARK, Settings, Told

BEGUN = int(time.time())


class Listener(Protocol):
    """What is called when something happens."""

    def __call__(self, *given: object, **told: object) -> object: ...


class Exit(BaseException):
    """What gevent raises in a greenlet that it ends."""


class Hook:
    """An event."""

    def __init__(self) -> None:
        self.listeners: list[Listener] = []

    def add_listener(self, listener: Listener) -> None:
        self.listeners.append(listener)

    def fire(self, **told: object) -> None:
        for listener in self.listeners:
            listener(**told)


class Events:
    def __init__(self) -> None:
        self.request, self.user_error, self.init = Hook(), Hook(), Hook()
        self.test_start, self.quitting = Hook(), Hook()


class Session:
    """A client whose requests end as their address says."""

    event: Hook

    def request(self, method: str, url: str, name: str | None = None) -> object:
        if url == "/killed":
            raise Exit
        if url == "/broken":
            raise ValueError(url)
        self.event.fire(request_type=method, name=name or url, response_time=0.001)
        return SimpleNamespace(status_code=200)


class Response:
    """What a client gives."""

    def __exit__(self, kind: object, error: object, trace: object) -> None: ...


class User:
    def __init__(self) -> None:
        self._state = None
        self._cp_last_wait_time = 2.0
        self.ran = False

    def run(self) -> None:
        self.ran = True

    def stop(self) -> None: ...


class TaskSet:
    def __init__(self, user: User) -> None:
        self.user = user
        self.slept: list[float] = []
        self._cp_last_wait_time = 0.0

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Runner:
    """A local runner; with `clients` a master, with `master_host` a worker."""

    def __init__(self, **more: object) -> None:
        self.user_count = 3
        self.environment = SimpleNamespace(stop_timeout=1)
        self.calls: list[tuple[object, ...]] = []
        self.sent: list[tuple[str, Told | None]] = []
        self.registered: list[str] = []
        vars(self).update(more)

    def register_message(self, name: str, listener: Listener, *, concurrent: bool = False) -> None:
        del listener, concurrent
        self.registered.append(name)

    def send_message(self, name: str, data: Told | None = None) -> None:
        self.sent.append((name, data))

    def start(self, users: int, rate: float) -> None:
        self.calls.append(("start", users, rate))
        self.user_count = users

    def stop(self) -> None:
        self.calls.append(("stop",))

    def quit(self) -> None:
        self.calls.append(("quit",))


class Made:
    """A Locust and a gevent that are made up, with the add-on joined to them.

    Attributes:
        spawned: what was to go on beside; the test calls it.
        turns: what happens at each sleep.
    """

    def __init__(self, settings: Settings | None = None, **runner: object) -> None:
        self.locust, self.gevent = ModuleType("locust"), ModuleType("gevent")
        self.events = Events()
        event = {"event": self.events.request}
        self.session = type("HttpSession", (Session,), event)
        fast = SimpleNamespace(
            FastHttpSession=type("FastHttpSession", (Session,), event),
            ResponseContextManager=type("FastResponse", (Response,), {}),
        )
        plain = type("PlainResponse", (Response,), {})
        self.user, self.task_set = type("U", (User,), {}), type("T", (TaskSet,), {})
        vars(self.locust).update(
            events=self.events,
            User=self.user,
            TaskSet=self.task_set,
            __version__="2.47.0",
            clients=SimpleNamespace(HttpSession=self.session, ResponseContextManager=plain),
            exception=SimpleNamespace(StopUser=KeyboardInterrupt),
            contrib=SimpleNamespace(fasthttp=fast),
        )
        self.spawned: list[tuple[Listener, tuple[object, ...]]] = []
        self.turns: list[Callable[[], None]] = []
        self.slept: list[float] = []
        vars(self.gevent).update(
            GreenletExit=Exit, sleep=self.sleep, spawn=self.spawn, getcurrent=lambda: "main"
        )
        self.addon = attach(self.locust, self.gevent, settings)
        self.runner = Runner(**runner)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self.turns:
            self.turns.pop(0)()

    def spawn(self, called: Listener, *arguments: object) -> None:
        self.spawned.append((called, arguments))

    def begin(self, *, shape: object = None, run_time: int = 0) -> None:
        options = SimpleNamespace(run_time=run_time, expect_workers=1)
        environment = SimpleNamespace(
            shape_class=shape, parsed_options=options, user_classes=[self.user, Session]
        )
        self.events.init.fire(environment=environment, runner=self.runner)

    def request(self, **changes: object) -> None:
        told: dict[str, object] = {
            "request_type": "GET",
            "name": "/orders",
            "response_time": 20.0,
            "response": None,
            "exception": None,
            "start_time": time.time(),
            "url": "http://127.0.0.1:1/orders",
        }
        self.events.request.fire(**(told | changes))

    def conduct(self) -> None:
        """Do what was spawned at the begin of the test, to its end."""
        called, arguments = self.spawned[-1]
        called(*arguments)


def settings(folder: Path, **changes: object) -> Settings:
    plain: dict[str, object] = {"warmup": 0, "duration": 1, "patience": 1, **changes}
    return Settings(str(folder / "load.jsonl"), **plain)  # type: ignore[arg-type]


def told(made: Made) -> locust_about.About:
    path = Path(str(made.addon.settings and made.addon.settings.record))
    return locust_about.read(path.with_name("load.jsonl.about.json").read_bytes(), what="about")


def each_turn(made: Made, does: Callable[[], None]) -> None:
    """Have something done at each sleep of the one that conducts."""

    def turn() -> None:
        does()
        made.turns.append(turn)
        time.sleep(0.02)

    made.turns.append(turn)


def test_it_joins_once() -> None:
    made = Made()

    assert attach(made.locust, made.gevent, None) is made.addon
    assert len(made.events.request.listeners) == 1
    assert vars(made.events)[MARK] is made.addon


def test_requests_are_kept_by_outcome() -> None:
    made = Made()
    made.request()
    made.request(response_time=None)
    made.request(exception=ConnectionRefusedError())
    made.request(start_time=None, url=None, name="/b")
    made.request(url="https://ann:secret@x.example/a", name="/c")  # pragma: allowlist secret
    kept = made.addon.tally.take()

    assert sorted(name for *_, name, _ in kept["times"]) == ["GET /b", "GET /c", "GET /orders"]
    (failed,) = [reasons for *_, reasons in kept["failed"]]
    assert failed == {"no response time": 1, "connection refused": 1}
    assert kept["hosts"] == {"127.0.0.1:1": 3, "x.example": 1}


def test_exceptions_of_tasks_are_failures_of_their_class() -> None:
    made = Made()
    made.events.user_error.fire(user_instance=User(), exception=KeyError("id"), tb=None)
    kept = made.addon.tally.take()

    ((*_, name, reasons),) = kept["failed"]
    assert (name, reasons) == ("TASK User", {"task exception KeyError": 1})
    assert kept["errors"] == {"KeyError: 'id'": 1}


def test_requests_of_clients_are_timed_by_the_clock_of_the_add_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = Made()
    monkeypatch.setattr(time, "perf_counter", lambda: 0.0)
    monkeypatch.setattr(time, "time", lambda: 0.0)

    made.session().request("GET", "/orders")

    kept = made.addon.tally.take()
    ((second, _, name, times),) = kept["times"]
    assert (name, kept["ways"]) == ("GET /orders", {})
    assert second >= BEGUN
    assert min(times) > 1  # Locust told a thousandth of a millisecond


def test_requests_of_the_locust_file_itself_are_told() -> None:
    made = Made()
    made.request()

    assert made.addon.tally.take()["ways"] == {"own": 1}


@pytest.mark.parametrize("start", [0.5, float("nan"), 1e12, "now"])
def test_a_request_that_began_at_no_moment_of_the_run_began_before_its_end(start: object) -> None:
    made = Made()
    made.request(start_time=start, response_time=float("nan"))
    made.request(start_time=start, exception=ValueError())
    kept = made.addon.tally.take()

    assert [reasons for *_, reasons in kept["failed"]] == [{"no response time": 1, "ValueError": 1}]
    assert all(second >= BEGUN for second, *_ in kept["failed"])


@pytest.mark.parametrize("url", ["http-over-ws", "http:", "https:/", 3, object()])
def test_no_address_of_a_request_loses_it(url: object) -> None:
    made = Made()
    made.request(url=url)
    kept = made.addon.tally.take()

    assert (len(kept["times"]), kept["hosts"], kept["broken"]) == (1, {}, "")


def test_a_fault_of_a_listener_ends_the_run(tmp_path: Path) -> None:
    class Faulty:
        def __str__(self) -> str:
            raise KeyError

    made = Made(settings(tmp_path))
    made.begin()
    made.events.test_start.fire(environment=None)
    made.request(name=Faulty())
    made.events.user_error.fire(exception=KeyError())
    made.conduct()

    assert made.addon.stopped == ("addon-failed", "request by KeyError")


def test_an_exception_that_left_a_request_is_no_failure_of_its_task_too() -> None:
    made = Made()
    with pytest.raises(ValueError, match="broken") as caught:
        made.session().request("GET", "/broken")
    made.events.user_error.fire(user_instance=User(), exception=caught.value)
    kept = made.addon.tally.take()

    assert [tuple(cell[2:]) for cell in kept["failed"]] == [("GET /broken", {"ValueError": 1})]
    assert kept["errors"] == {"ValueError: /broken": 1}


@pytest.mark.parametrize(("patience", "reason"), [(0, "unfinished"), (10, KILLED)])
def test_a_request_that_is_cut_off_is_unfinished_after_all_patience(
    patience: int, reason: str
) -> None:
    made = Made()
    made.begin()
    made.runner.environment.stop_timeout = patience

    with pytest.raises(Exit):
        made.session().request("GET", "/killed", name="killed")

    found = [(name, reasons) for *_, name, reasons in made.addon.tally.take()["failed"]]
    assert found == [("GET killed", {reason: 1})]


@pytest.mark.parametrize("answers", [True, False])
def test_requests_of_no_user_are_waited_for_with_all_patience(
    tmp_path: Path, *, answers: bool
) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.events.test_start.fire(environment=None)
    made.runner.environment.stop_timeout = 1
    call = Call("GET /slow", None)
    made.addon.calls.open[call] = None
    end = call.started + 0.2

    def turn() -> None:
        if answers and time.time() >= end:
            made.addon.calls.returned(call, SimpleNamespace(status_code=200))

    each_turn(made, turn)
    assert made.addon.runner is not None
    made.addon.halt(made.addon.runner)

    kept = made.addon.tally.take()
    assert [len(kept["times"]), len(kept["failed"])] == [int(answers), int(not answers)]
    assert made.addon.calls.ending
    assert (time.time() - end < 0.5) or not answers


def test_user_classes_without_a_user_are_told(tmp_path: Path) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.user().run()
    made.events.test_start.fire(environment=None)
    made.addon.drain()
    made.request()
    made.addon.drain()
    made.events.quitting.fire(environment=None)

    found = told(made)
    assert (found.idle, found.own, found.unheard) == (("Session",), 1, 0)


def test_a_local_run_leaves_a_record(tmp_path: Path) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.events.test_start.fire(environment=None)
    made.events.test_start.fire(environment=None)  # only the first begins a run
    assert made.addon.whole is not None

    def ask() -> None:
        made.request()
        made.addon.tally.tick(time.time(), 0.0, 3)

    each_turn(made, ask)
    made.conduct()
    made.events.quitting.fire(environment=None)

    record = load_record.read((tmp_path / "load.jsonl").read_bytes())
    assert (record.version, record.endpoints) == ("2.47.0", ("GET /orders",))
    assert sum(cell.succeeded for cell in record.measured) >= 10
    assert (told(made).complete, told(made).stopped) == (True, ("", ""))
    assert made.runner.calls == [("stop",), ("quit",)]


def test_a_run_that_is_ended_from_outside_leaves_a_record_without_end(tmp_path: Path) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.events.test_start.fire(environment=None)
    made.events.quitting.fire(environment=None)

    assert b'"end"' not in (tmp_path / "load.jsonl").read_bytes()
    assert (told(made).complete, told(made).stopped) == (False, ("ended-early", "0 s"))


def test_nothing_is_written_where_no_run_began(tmp_path: Path) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.events.quitting.fire(environment=None)

    assert list(tmp_path.iterdir()) == []


def test_a_ramp_changes_the_users_once_a_second(tmp_path: Path) -> None:
    made = Made(settings(tmp_path, ramp=((10, 1), (4, 1))))
    made.begin()
    made.events.test_start.fire(environment=None)
    each_turn(made, lambda: None)

    made.conduct()

    changes = [call for call in made.runner.calls if call[0] == "start"]
    assert 1 <= len(changes) <= 2
    assert changes[0][1] in range(4, 11)


def test_users_that_are_all_gone_end_the_run(tmp_path: Path) -> None:
    made = Made(settings(tmp_path), user_count=0)
    made.begin()
    made.events.test_start.fire(environment=None)
    assert made.addon.whole is not None
    made.addon.whole.origin -= 1
    made.addon.settings = settings(tmp_path, duration=5)
    made.conduct()
    made.events.quitting.fire(environment=None)

    assert told(made).stopped == ("users-gone", "no exception")


def test_a_shape_of_the_locust_file_is_refused_unless_it_is_asked_for(tmp_path: Path) -> None:
    made = Made(settings(tmp_path, shaped=False))
    made.begin(shape=Session())
    made.events.test_start.fire(environment=None)
    made.conduct()
    made.events.quitting.fire(environment=None)

    assert told(made).stopped == ("own-shape", "Session")


def test_without_settings_locusts_own_options_tell_the_length(tmp_path: Path) -> None:
    made = Made(Settings(str(tmp_path / "load.jsonl"), 10))
    made.begin(run_time=70)

    assert made.addon.settings is not None
    assert made.addon.settings.duration == 58


def test_a_master_waits_until_its_workers_have_told_all(tmp_path: Path) -> None:
    made = Made(settings(tmp_path, workers=2), clients={})
    made.begin()
    made.events.test_start.fire(environment=None)
    assert made.addon.whole is not None
    for node in ("a", "b"):
        made.addon.on_load(None, SimpleNamespace(node_id=node, data=made.addon.tally.take()))
    late = iter((None, "a", "b"))

    def tell() -> None:
        assert ("stop",) not in made.runner.calls  # its own users it has none of
        if ("gates_stop", None) in made.runner.sent and (node := next(late, None)):
            done = made.addon.tally.take(done=True)
            made.addon.on_load(None, SimpleNamespace(node_id=node, data=done))

    each_turn(made, tell)
    made.conduct()

    assert made.runner.registered == ["gates_load"]
    assert made.addon.complete
    assert made.addon.whole.done == {"a", "b"}


def test_a_lost_worker_ends_the_run(tmp_path: Path) -> None:
    made = Made(settings(tmp_path, workers=1), clients={})
    made.begin()
    made.events.test_start.fire(environment=None)
    assert made.addon.whole is not None
    made.addon.on_load(None, SimpleNamespace(node_id="a", data=made.addon.tally.take()))
    made.addon.whole.heard["a"] -= 10

    made.conduct()

    assert made.addon.stopped == ("worker-lost", "1 of 1")


def test_a_worker_tells_each_second_and_at_its_end() -> None:
    made = Made(master_host="127.0.0.1")
    made.begin()
    report = made.spawned[-1][0]

    def stop() -> None:
        raise Exit

    made.turns += [lambda: None, stop]
    with pytest.raises(Exit):
        report()
    made.request()
    made.addon.on_stop(None, None)

    assert made.runner.registered == ["gates_stop"]
    assert [name for name, _ in made.runner.sent] == ["gates_load", "gates_load"]
    last = made.runner.sent[-1][1]
    assert last is not None
    assert last["done"]
    assert len(last["times"]) == 1
    assert made.runner.calls == [("stop",)]


def test_a_process_watches_itself() -> None:
    made = Made()
    made.begin()
    watch = made.spawned[0][0]

    def stop() -> None:
        raise Exit

    made.turns += [lambda: time.sleep(0.02), stop]
    with pytest.raises(Exit):
        watch()
    ((_, count, late, worst, _, users),) = made.addon.tally.take()["seconds"]

    assert (count, late, users) == (1, 1, 3)
    assert worst > 0.005


def test_without_a_runner_nothing_is_done(tmp_path: Path) -> None:
    made = Made()
    made.addon.on_test_start()
    made.addon.on_load(None, SimpleNamespace(node_id="a", data=made.addon.tally.take()))
    made.addon.on_stop(None, None)
    other = AddOn(made.locust, made.gevent, settings(tmp_path))
    other.on_test_start()
    assert other.whole is not None
    other.conduct(other.whole)
    other.finish(other.whole, 0.0)

    assert other.deserted(other.whole) is None
    assert other.stopped is None


def test_settings_are_kept_as_json(tmp_path: Path) -> None:
    made = Made(settings(tmp_path))
    made.begin()
    made.events.test_start.fire(environment=None)
    made.events.quitting.fire(environment=None)

    assert json.loads((tmp_path / "load.jsonl.about.json").read_bytes())["workers"] == 0
