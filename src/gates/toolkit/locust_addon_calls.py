"""What becomes of each request of Locust's clients: the part of our add-on that follows them.

Copied beside `locust_addon.py`, which tells what it is for. Locust tells of a request by an event,
and of some it tells nothing: where an exception leaves the client, where the greenlet that waits
belongs to no user, where a `with` block of `catch_response=True` is left by an exception or never
entered, where a locust file keeps the event back. So each request is followed from its begin, and
comes to one outcome, told or not.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter, time
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gates.toolkit import locust_addon_tally as tally
    from gates.toolkit.locust_addon_tally import Tally
else:  # the copy stands beside its tally under another name
    tally = importlib.import_module(f"{__name__.removesuffix('_calls')}_tally")

CATCHES = "_catch_response"
"""Locust's own name: whether a response waits for the judgement of a `with` block."""

UNHEARD = "unheard"
"""How requests are called of which no event told."""

KILLED = "killed by the locust file"
"""The reason of requests whose greenlet was killed, and not by Locust."""

SPARE_S = 0.1
"""So many seconds less than all patience count as all."""


class Request(Protocol):
    """The method of a client that sends a request and waits for the answer."""

    def __call__(
        self, session: object, method: object, url: object, *args: object, **named: object
    ) -> object:
        """Send it."""


class Leave(Protocol):
    """The method that ends the `with` block of a response."""

    def __call__(
        self,
        response: object,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> object:
        """Tell the outcome."""


class Call:
    """One request.

    Attributes:
        endpoint: its method and name, as far as they are known before the answer.
        user: whose it is, or None.
        started: seconds since the epoch.
        took: milliseconds until the answer; None while there is none.
        reason: why it failed, by what was answered; empty where it did not.
        settled: whether its outcome is counted.
    """

    def __init__(self, endpoint: str, user: object) -> None:
        self.endpoint = endpoint
        self.user = user
        self.started = time()
        self.begun = perf_counter()
        self.took: float | None = None
        self.reason = ""
        self.settled = False

    @property
    def milliseconds(self) -> float:
        """How long it took, or takes already."""
        return (perf_counter() - self.begun) * 1000 if self.took is None else self.took


class Calls:
    """The requests of one process that have no outcome yet.

    Attributes:
        ending: whether the users of this process are being stopped.
    """

    def __init__(
        self,
        kept: Tally,
        gevent: ModuleType,
        calm: tuple[type[BaseException], ...],
        patience: Callable[[], float],
    ) -> None:
        self.tally = kept
        self.gevent = gevent
        self.killed: type[BaseException] = gevent.GreenletExit
        self.calm = (*calm, self.killed)
        self.patience = patience
        self.ending = False
        self.open: dict[Call, None] = {}
        self.stacks: dict[object, list[Call]] = {}

    # What is put around Locust's own.

    def guarded(self, request: Request) -> Request:
        """The method of a client that requests, followed to its outcome."""

        @functools.wraps(request)
        def guard(
            session: object, method: object, url: object, *args: object, **named: object
        ) -> object:
            name = args[0] if args else named.get("name")
            name = name or getattr(session, "request_name", None) or url
            call = Call(f"{method} {name}", getattr(session, "user", None))
            self.open[call] = None
            try:
                with self.within(call):
                    response = request(session, method, url, *args, **named)
            except BaseException as error:
                self.left(call, error)
                raise
            self.returned(call, response)
            return response

        return guard

    def judged(self, leave: Leave) -> Leave:
        """The end of the `with` block of a response, followed to an outcome of its request."""

        @functools.wraps(leave)
        def judge(
            response: object,
            kind: type[BaseException] | None,
            error: BaseException | None,
            trace: TracebackType | None,
        ) -> object:
            call = vars(response).get(tally.MARK)
            if not isinstance(call, Call) or call.settled:
                return leave(response, kind, error, trace)
            with self.within(call):
                done = leave(response, kind, error, trace)
            if not call.settled:
                self.unjudged(call, response, error)
            return done

        return judge

    @contextmanager
    def within(self, call: Call) -> Iterator[None]:
        """While this lasts, an event of this greenlet tells of that request."""
        current = self.gevent.getcurrent()
        stack = self.stacks.setdefault(current, [])
        stack.append(call)
        try:
            yield
        finally:
            stack.pop()
            if not stack:
                del self.stacks[current]

    # What becomes of a request.

    def heard(self) -> Call | None:
        """The request that an event tells of at this moment, which is its outcome."""
        stack = self.stacks.get(self.gevent.getcurrent())
        if not stack or stack[-1].settled:
            return None
        self.settle(stack[-1])
        return stack[-1]

    def settle(self, call: Call) -> None:
        """Count no other outcome of it."""
        call.settled = True
        self.open.pop(call, None)

    def fail(self, call: Call, reason: str) -> None:
        """Count a failure of which no event told."""
        self.settle(call)
        self.tally.fail(call.started, call.endpoint, reason, call.milliseconds)

    def left(self, call: Call, error: BaseException) -> None:
        """Count a request that an exception ended before an event told of it."""
        if call.settled:
            return
        if not isinstance(error, self.killed):
            vars(error)[tally.MARK] = True
            self.fail(call, tally.reason_of(error, None))
        elif call.milliseconds / 1000 >= self.patience() - SPARE_S:
            self.fail(call, tally.UNFINISHED)
        elif self.ending or getattr(call.user, tally.STOPPED, False):
            # Locust may end a waiting user at the very moment that it wakes. Such a request was not
            # waited for; it began after the measured phase, or with users that a ramp takes away.
            self.settle(call)
        else:
            self.fail(call, KILLED)

    def returned(self, call: Call, response: object) -> None:
        """Keep what was answered, and count it where no event told and no block is to judge."""
        call.took = call.milliseconds
        if call.settled:
            return
        call.reason = answered(response)
        if getattr(response, CATCHES, False):
            vars(response)[tally.MARK] = call
        else:
            self.by_answer(call)

    def unjudged(self, call: Call, response: object, error: BaseException | None) -> None:
        """Count a request whose block came to its end, but of which no event told."""
        if error is None:
            told = dict(getattr(response, "request_meta", {})).get("exception")
            call.reason = tally.reason_of(told, response) if told is not None else ""
            self.by_answer(call)
        elif isinstance(error, self.calm) or tally.MARK in vars(error):
            # What steers a user says nothing against the answer.
            self.by_answer(call)
        else:
            vars(error)[tally.MARK] = True
            self.fail(call, f"check left by {type(error).__name__}")

    def by_answer(self, call: Call) -> None:
        """Count a request by its answer, which no event told."""
        self.settle(call)
        self.tally.ways[UNHEARD] += 1
        if call.reason:
            self.tally.fail(call.started, call.endpoint, call.reason, call.milliseconds)
        else:
            self.tally.succeed(call.started, call.endpoint, call.milliseconds)

    # The end.

    def waits(self, since: float) -> bool:
        """Whether a request that began before is still without an answer."""
        return any(call.took is None and call.started <= since for call in self.open)

    def close(self, since: float) -> None:
        """Count what began before and has no outcome, after all patience."""
        for call in list(self.open):
            if call.took is not None:
                self.by_answer(call)
            elif call.started <= since:
                self.fail(call, tally.UNFINISHED)


def answered(response: object) -> str:
    """Why a request failed by its answer alone, or empty."""
    error, status = getattr(response, "error", None), getattr(response, "status_code", None)
    if error is not None:
        return tally.reason_of(error, response)
    if isinstance(status, int) and 0 < status < 400:  # noqa: PLR2004 - the first of failure
        return ""
    return f"status {status}" if status else "no status"
