"""An add-on of Locust that keeps every response time exactly; it runs inside the project's Locust.

Named with `-f` before the users' own locust files, which stay as they are. At the end the master,
or a Locust of one process, writes a record of the kind `gates/load/v1`, and beside it what else
there is to tell (`RECORD.about.json`). What each process does:

- It counts every request in microseconds, by endpoint and the second in which it started. Failed
  requests have no times. One that the end cuts off is `unfinished`, and an exception that leaves a
  task is a failure of `TASK` and its class.
- It takes users out of lockstep: each begins at a random moment of its second, and its first wait
  is cut to a random share. Locust starts users in batches, and its pacing keeps them together.
- It watches itself: how late a timer of 10 ms comes, its processor time, its users.

Workers send that to the master each second, so the master knows which of them were there. The
master ends the run: it asks the workers to stop and waits for what they have left to tell; Locust
by itself waits half a second.

A JSON file beside this one holds the settings. Where there is none, two environment variables do:
GATES_LOAD_RECORD (where the record goes) and GATES_LOAD_WARMUP (seconds, 10 where left out); the
measured phase is then what `--run-time` leaves, but for two seconds. A worker needs no settings.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import functools
import importlib
import json
import math
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gates.toolkit import locust_addon_tally as tally
    from gates.toolkit.locust_addon_tally import Message, Request, Runner, Settings, Tally, Whole
else:  # the copy stands beside its tally under another name
    tally = importlib.import_module(f"{__name__}_tally")
    Settings, Tally, Whole = tally.Settings, tally.Tally, tally.Whole

PROBE_S = 0.010
"""Seconds that the timer which watches the process sleeps."""

TURN_S = 0.1
"""Seconds between two looks at a run that goes on."""

SPARE_S = 2
"""Seconds before the end of `--run-time` at which the measured phase ends, where nobody asks."""

LOAD, STOP = "gates_load", "gates_stop"
"""Messages between master and workers."""

MARK = "gates_addon"
"""Where Locust's events hold the add-on, so that it is there once."""

SLEEP, RUN, STATE, PACED = "_sleep", "run", "_state", "_cp_last_wait_time"
"""Names of Locust's own."""


class AddOn:
    """The add-on itself, one object in each process."""

    def __init__(self, locust: ModuleType, gevent: ModuleType, settings: Settings | None) -> None:
        self.locust = locust
        self.gevent = gevent
        self.settings = settings
        self.tally = Tally()
        self.whole: Whole | None = None
        self.runner: Runner | None = None
        self.stopped: tuple[str, str] | None = None
        self.shape = ""
        self.complete = False

    # What Locust tells.

    def on_request(self, **told: object) -> None:
        """Count a request that came to its end."""
        took, started = told.get("response_time"), told.get("start_time")
        milliseconds = float(took) if isinstance(took, (int, float)) else None
        if not isinstance(started, (int, float)):
            started = time.time() - (milliseconds or 0.0) / 1000
        endpoint = f"{told.get('request_type')} {told.get('name')}"
        url = str(told.get("url") or "")
        if url.startswith("http"):
            host = url.split("/", 3)[2].rpartition("@")[2]
            self.tally.hosts[tally.bounded(self.tally.hosts, host)] += 1
        if told.get("exception") is not None:
            reason = tally.reason_of(told["exception"], told.get("response"))
            self.tally.fail(started, endpoint, reason)
        elif milliseconds is not None:
            self.tally.succeed(started, endpoint, milliseconds)
        else:
            self.tally.fail(started, endpoint, "no response time")

    def on_user_error(self, user_instance: object, exception: object, **_more: object) -> None:
        """Count an exception that left a task, or kept a user from starting."""
        kind = type(exception).__name__
        self.tally.fail(
            time.time(), f"{tally.TASK}{type(user_instance).__name__}", f"task exception {kind}"
        )
        text = f"{kind}: {exception}"[: tally.MAX_TEXT]
        self.tally.errors[tally.bounded(self.tally.errors, text)] += 1

    def on_init(self, environment: ModuleType, runner: ModuleType, **_more: object) -> None:
        """Find out what this process is, and begin to watch it."""
        self.runner = runner
        if hasattr(runner, "clients"):
            runner.register_message(LOAD, self.on_load)
        else:
            self.gevent.spawn(self.watch)
        if hasattr(runner, "master_host"):
            runner.register_message(STOP, self.on_stop, concurrent=True)
            self.gevent.spawn(self.report)
        elif self.settings is not None:
            self.settings = self.completed(self.settings, environment)
            self.locust.events.test_start.add_listener(self.on_test_start)
            self.locust.events.quitting.add_listener(self.on_quitting)

    def completed(self, settings: Settings, environment: ModuleType) -> Settings:
        """The settings, with what Locust's own options tell where they leave it open."""
        options = environment.parsed_options
        if hasattr(self.runner, "clients"):
            settings = settings._replace(workers=settings.workers or int(options.expect_workers))
        if environment.shape_class is not None:
            self.shape = type(environment.shape_class).__name__
            if not settings.shaped:
                self.stopped = "own-shape", self.shape
        left = int(options.run_time or 0) - settings.warmup - SPARE_S
        return settings._replace(duration=settings.duration or max(left, 1))

    def on_test_start(self, **_more: object) -> None:
        """Begin the run, once."""
        if self.whole is None and self.settings is not None:
            origin = math.ceil(time.time() + self.settings.warmup)
            self.whole = Whole(self.settings, origin)
            self.gevent.spawn(self.conduct, self.whole)

    def on_quitting(self, **_more: object) -> None:
        """Write the record."""
        if self.whole is None or self.settings is None:
            return
        whole, version = self.whole, str(self.locust.__version__)
        lines = [f"{line}\n" for line in whole.lines(version, complete=self.complete)]
        about = {
            "locust": version,
            "complete": self.complete,
            "stopped": ("", "") if self.complete else self.ended(whole),
            "workers": len(whole.heard),
            "shape": self.shape,
            "requests": whole.requests(),
            "errors": dict(whole.errors.most_common(tally.MAX_REASONS)),
            "hosts": dict(whole.hosts),
        }
        record = Path(self.settings.record)
        tally.write_whole(record.with_name(f"{record.name}.about.json"), json.dumps(about))
        tally.write_whole(record, "".join(lines))

    def ended(self, whole: Whole) -> tuple[str, str]:
        """What ended a run before its time."""
        return self.stopped or ("ended-early", f"{max(0.0, time.time() - whole.origin):.0f} s")

    def on_load(self, environment: object, msg: Message) -> None:
        """Take what a worker told."""
        del environment
        if self.whole is not None:
            self.whole.add(msg.node_id, msg.data)

    def on_stop(self, environment: object, msg: object) -> None:
        """Stop this worker's users, and tell the rest."""
        del environment, msg
        if self.runner is not None:
            self.runner.stop()
            self.runner.send_message(LOAD, self.tally.take(done=True))

    # What goes on all the time.

    def watch(self) -> None:
        """See how late a timer comes, for ever."""
        while True:
            before = time.perf_counter()
            self.gevent.sleep(PROBE_S)
            late_s = time.perf_counter() - before - PROBE_S
            self.tally.tick(time.time(), late_s, self.runner.user_count if self.runner else 0)

    def report(self) -> None:
        """Tell the master each second, for ever."""
        while True:
            self.gevent.sleep(1.0)
            if self.runner is not None:
                self.runner.send_message(LOAD, self.tally.take())

    def drain(self) -> None:
        """Tell oneself, where there are no workers."""
        if self.whole is not None and not hasattr(self.runner, "clients"):
            self.whole.add("local", self.tally.take())

    def conduct(self, whole: Whole) -> None:
        """Lead the run to its end; called in the master, or where there are no workers."""
        runner, settings = self.runner, self.settings
        if runner is None or settings is None:
            return
        begun = changed = time.time()
        end = whole.origin + settings.duration
        while self.stopped is None and (now := time.time()) < end:
            self.gevent.sleep(min(TURN_S, end - now))
            self.drain()
            self.stopped = whole.trouble(begun) or self.deserted(whole)
            if settings.ramp and now - changed >= 1 and self.stopped is None:
                wanted, changed = tally.users_at(settings.ramp, now - begun), now
                if wanted != runner.user_count:
                    runner.start(wanted, max(1.0, abs(wanted - runner.user_count)))
        self.finish(whole, begun)
        runner.quit()

    def deserted(self, whole: Whole) -> tuple[str, str] | None:
        """A run whose users have all ended by themselves measures nothing more."""
        runner, settings = self.runner, self.settings
        if settings is None or settings.ramp or self.shape or time.time() < whole.origin:
            return None
        if runner is None or runner.user_count:
            return None
        return "users-gone", next((text for text, _ in whole.errors.most_common(1)), "no exception")

    def finish(self, whole: Whole, begun: float) -> None:
        """Wait for what is still under way, and for what it has to tell."""
        runner, settings = self.runner, self.settings
        if runner is None or settings is None:
            return
        if hasattr(runner, "clients"):
            runner.send_message(STOP)
            while self.stopped is None and len(whole.done) < settings.workers:
                self.gevent.sleep(TURN_S / 2)
                self.stopped = whole.trouble(begun)
        else:
            runner.stop()
            self.drain()
        self.stopped = self.stopped or whole.trouble(begun) or whole.clocks()
        self.complete = self.stopped is None

    # What is changed in Locust.

    def cut(self, started: float, endpoint: str) -> None:
        """Count a request that the end of its user cut off, after all patience.

        Locust may end a waiting user at the very moment that it wakes. Such a request was not
        waited for; it began after the measured phase, or with users that a ramp takes away.
        """
        if time.time() - started >= self.patience_s - TURN_S:
            self.tally.fail(started, endpoint, tally.UNFINISHED)

    @property
    def patience_s(self) -> float:
        """How long Locust waits for users that it stops; workers know it from their master."""
        environment = getattr(self.runner, "environment", None)
        return float(getattr(environment, "stop_timeout", None) or 0.0)

    def guarded(self, request: Request) -> Request:
        """The method of a client that requests, which tells when a request is cut off."""
        killed = self.gevent.GreenletExit

        @functools.wraps(request)
        def guard(
            session: object, method: object, url: object, *args: object, **named: object
        ) -> object:
            started = time.time()
            try:
                return request(session, method, url, *args, **named)
            except killed:
                name = named.get("name") or getattr(session, "request_name", None) or url
                self.cut(started, f"{method} {args[0] if args else name}")
                raise

        return guard

    def spread_start(self, run: Callable[[object], None]) -> Callable[[object], None]:
        """The main function of a user, which begins at a random moment of the next second."""

        @functools.wraps(run)
        def later(user: object) -> None:
            vars(user)[STATE] = "waiting"  # so that Locust may end it meanwhile
            self.gevent.sleep(random.random())  # noqa: S311 - only to be apart
            run(user)

        return later

    def spread_wait(
        self, sleep: Callable[[object, float], None]
    ) -> Callable[[object, float], None]:
        """The method that waits between tasks, which cuts a user's first wait to a random share."""

        @functools.wraps(sleep)
        def spread(task_set: object, seconds: float) -> None:
            user = getattr(task_set, "user", task_set)
            if seconds > 0 and not vars(user).setdefault(MARK, False):
                vars(user)[MARK] = True
                share = seconds * random.random()  # noqa: S311 - only to be apart
                for holder in (user, task_set):
                    # What Locust's pacing thinks that it waited, to reckon the next wait from.
                    if vars(holder).get(PACED) == seconds:
                        vars(holder)[PACED] = share
                seconds = share
            sleep(task_set, seconds)

        return spread


def attach(locust: ModuleType, gevent: ModuleType, settings: Settings | None) -> AddOn:
    """Join the events of Locust, and change what keeps users together; once in a process."""
    found = vars(locust.events).get(MARK)
    if isinstance(found, AddOn):
        return found
    addon = AddOn(locust, gevent, settings)
    vars(locust.events)[MARK] = addon
    locust.events.request.add_listener(addon.on_request)
    locust.events.user_error.add_listener(addon.on_user_error)
    locust.events.init.add_listener(addon.on_init)
    for session in (locust.clients.HttpSession, locust.contrib.fasthttp.FastHttpSession):
        session.request = addon.guarded(session.request)
    setattr(locust.User, RUN, addon.spread_start(locust.User.run))
    setattr(locust.TaskSet, SLEEP, addon.spread_wait(getattr(locust.TaskSet, SLEEP)))
    return addon


if not __name__.startswith("gates."):
    attach(
        importlib.import_module("locust"),
        importlib.import_module("gevent"),
        tally.settings_for(Path(__file__), os.environ),
    )
