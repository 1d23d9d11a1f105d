"""What becomes of requests, without Locust."""

from __future__ import annotations

from collections.abc import Callable
from time import time
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Self

import pytest

from gates.toolkit.locust_addon_calls import KILLED, Call, Calls
from gates.toolkit.locust_addon_tally import STOPPED, Tally


class Exit(BaseException):
    """What gevent raises in a greenlet that it ends."""


class TimeoutOfGevent(BaseException):
    """What gevent raises where a time is over; no `Exception` there, either."""


class RescheduleTask(Exception):
    """Has the name of Locust's own."""


class Response:
    """What a client gives; the end of its block may tell an event, as Locust's does."""

    def __init__(self, status: int, *, catches: bool, tells: Callable[[], None] | None) -> None:
        self.status_code = status
        self._catch_response = catches
        self.tells = tells
        self.request_meta: dict[str, object] = {"exception": None}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None and self.tells:
            self.tells()


class Process:
    """The requests of a process, and a client whose requests end as the test says.

    Attributes:
        greenlet: which one is at work.
        patience: what Locust gives users that it stops.
    """

    def __init__(self) -> None:
        self.greenlet = "main"
        self.patience = 10.0
        self.tally = Tally()
        gevent = ModuleType("gevent")
        vars(gevent).update(GreenletExit=Exit, getcurrent=lambda: self.greenlet)
        self.calls = Calls(self.tally, gevent, (RescheduleTask,), lambda: self.patience)
        self.session = SimpleNamespace(user=SimpleNamespace(), request_name=None)

        class Ours(Response):
            __exit__ = self.calls.judged(Response.__exit__)  # type: ignore[assignment, arg-type]

        self.response = Ours

    def hear(self) -> None:
        """Do what the add-on does when an event tells of a request."""
        call = self.calls.heard()
        self.tally.succeed(0, "heard" if call else "own", 1.0)

    def ask(
        self,
        does: Callable[[], object],
        url: str = "/a",
        *args: object,
        **named: object,
    ) -> object:
        def request(*_: object, **__: object) -> object:
            return does()

        return self.calls.guarded(request)(self.session, "GET", url, *args, **named)

    def answer(self, status: int = 200, *, catches: bool = True, tells: bool = True) -> Response:
        """Ask, and give what the client gives."""
        made = self.response(status, catches=catches, tells=self.hear if tells else None)
        assert self.ask(lambda: made) is made
        return made

    def found(self) -> dict[str, dict[str, int]]:
        """Outcomes by endpoint."""
        told = self.tally.take()
        good = {name: {"ok": sum(times.values())} for *_, name, times in told["times"]}
        return good | {name: dict(reasons) for *_, name, reasons in told["failed"]}

    def nothing_is_left(self) -> bool:
        return not self.calls.open and not self.calls.stacks


@pytest.fixture
def process() -> Process:
    return Process()


def raises(error: BaseException) -> Callable[[], object]:
    def does() -> object:
        raise error

    return does


@pytest.mark.parametrize("error", [ValueError("[bad"), TimeoutOfGevent(), SystemExit()])
def test_every_exception_that_ends_a_request_is_a_failure(
    error: BaseException, process: Process
) -> None:
    with pytest.raises(type(error)):
        process.ask(raises(error))

    assert process.found() == {"GET /a": {type(error).__name__: 1}}
    assert process.nothing_is_left()


def test_a_request_that_an_event_told_of_is_not_counted_again(process: Process) -> None:
    def does() -> object:
        process.hear()
        raise TimeoutOfGevent

    with pytest.raises(TimeoutOfGevent):
        process.ask(does)
    process.ask(process.hear)

    assert process.found() == {"heard": {"ok": 2}}
    assert process.nothing_is_left()


def test_an_event_tells_of_the_request_of_its_greenlet(process: Process) -> None:
    def does() -> object:
        process.greenlet = "other"
        process.hear()
        process.greenlet = "main"
        process.ask(process.hear)  # a listener of Locust's event may ask as well
        return SimpleNamespace(status_code=200)

    process.ask(does)

    assert process.found() == {"own": {"ok": 1}, "heard": {"ok": 1}, "GET /a": {"ok": 1}}
    assert process.nothing_is_left()


@pytest.mark.parametrize(
    ("args", "named", "endpoint"),
    [
        (("by place",), {}, "GET by place"),
        ((), {"name": "by name"}, "GET by name"),
        ((None,), {}, "GET group"),
    ],
)
def test_a_request_is_named_as_locust_does(
    args: tuple[object, ...], named: dict[str, object], endpoint: str, process: Process
) -> None:
    process.session.request_name = "group"
    with pytest.raises(ValueError, match="x"):
        process.ask(raises(ValueError("x")), "/a", *args, **named)

    assert list(process.found()) == [endpoint]


@pytest.mark.parametrize(
    ("patience", "ending", "stopped", "found"),
    [
        (0.0, False, False, {"GET /a": {"unfinished": 1}}),
        (0.0, True, True, {"GET /a": {"unfinished": 1}}),
        (10.0, True, False, {}),
        (10.0, False, True, {}),
        (10.0, False, False, {"GET /a": {KILLED: 1}}),
    ],
)
def test_a_greenlet_that_is_killed(
    patience: float,
    ending: bool,  # noqa: FBT001 - a column of the table
    stopped: bool,  # noqa: FBT001 - a column of the table
    found: dict[str, dict[str, int]],
    process: Process,
) -> None:
    process.patience, process.calls.ending = patience, ending
    setattr(process.session.user, STOPPED, stopped)

    with pytest.raises(Exit):
        process.ask(raises(Exit()))

    assert process.found() == found
    assert process.nothing_is_left()


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (SimpleNamespace(status_code=204), "ok"),
        (SimpleNamespace(status_code=302, error=None), "ok"),
        (SimpleNamespace(status_code=500), "status 500"),
        (SimpleNamespace(status_code=0), "no status"),
        (SimpleNamespace(), "no status"),
        (SimpleNamespace(status_code=0, error=ConnectionRefusedError()), "connection refused"),
    ],
)
def test_a_request_of_which_no_event_tells_counts_by_its_answer(
    response: object, outcome: str, process: Process
) -> None:
    process.ask(lambda: response)

    assert process.tally.ways == {"unheard": 1}
    assert process.found() == {"GET /a": {outcome: 1}}
    assert process.nothing_is_left()


def test_a_block_that_comes_to_its_end_tells_the_outcome(process: Process) -> None:
    with process.answer():
        assert process.found() == {}

    assert process.found() == {"heard": {"ok": 1}}
    assert process.tally.ways == {}
    assert process.nothing_is_left()


def test_a_second_end_of_a_block_is_no_second_outcome_of_the_request(process: Process) -> None:
    response = process.answer()
    for _ in range(2):
        with response:
            pass

    assert process.found() == {"heard": {"ok": 1}, "own": {"ok": 1}}


@pytest.mark.parametrize(
    ("error", "status", "outcome"),
    [
        (KeyError("id"), 200, "check left by KeyError"),
        (TimeoutOfGevent(), 200, "check left by TimeoutOfGevent"),
        (RescheduleTask(), 200, "ok"),
        (RescheduleTask(), 500, "status 500"),
        (Exit(), 200, "ok"),
    ],
)
def test_a_block_that_an_exception_leaves(
    error: BaseException, status: int, outcome: str, process: Process
) -> None:
    with pytest.raises(type(error)), process.answer(status):
        raise error

    assert process.found() == {"GET /a": {outcome: 1}}
    assert process.nothing_is_left()


def test_an_exception_of_a_request_in_a_block_counts_once(process: Process) -> None:
    with pytest.raises(ValueError, match="x"), process.answer():
        process.ask(raises(ValueError("x")), "/b")

    assert process.found() == {"GET /b": {"ValueError": 1}, "GET /a": {"ok": 1}}


@pytest.mark.parametrize(
    ("told", "outcome"), [(None, "ok"), (RuntimeError("no total"), "status 404")]
)
def test_where_the_event_is_kept_back_the_judgement_of_the_block_counts(
    told: Exception | None, outcome: str, process: Process
) -> None:
    with process.answer(404, tells=False) as response:
        response.request_meta["exception"] = told

    assert process.found() == {"GET /a": {outcome: 1}}


def test_a_response_that_is_never_judged_counts_by_its_answer_at_the_end(process: Process) -> None:
    process.answer(500)
    assert process.found() == {}
    assert not process.calls.waits(time())

    process.calls.close(time())

    assert process.found() == {"GET /a": {"status 500": 1}}
    assert process.nothing_is_left()


def test_what_has_no_answer_at_the_end_is_unfinished(process: Process) -> None:
    early, late = Call("GET /early", None), Call("GET /late", None)
    late.started += 100
    process.calls.open.update({early: None, late: None})
    since = time()

    assert process.calls.waits(since)
    process.calls.close(since)

    assert process.found() == {"GET /early": {"unfinished": 1}}
    assert not process.calls.waits(since)
    assert list(process.calls.open) == [late]


def test_the_time_of_a_request_ends_with_its_answer(process: Process) -> None:
    call = Call("GET /a", None)
    assert 0 <= call.milliseconds <= call.milliseconds
    process.calls.returned(call, SimpleNamespace(status_code=200))

    assert call.milliseconds == call.took
