"""An add-on of Locust that keeps every response time exactly; it runs inside the project's Locust.

Named with `-f` before the users' own locust files, which stay as they are. At the end the master,
or a Locust of one process, writes a record of the kind `gates/load/v1`, and beside it what else
there is to tell (`RECORD.about.json`). What each process does:

- It counts every request in microseconds, by endpoint and the second in which it started, by a
  clock of its own. Failed requests have no times. One that the end cuts off is `unfinished`, and an
  exception that leaves a task is a failure of `TASK` and its class. Requests of Locust's clients
  count whether Locust tells of them or not. One that begins in the warm-up and outlasts the whole
  measured phase counts in its first second; one that ends within it is of the warm-up.
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
from pathlib import Path

# Bound here, before a locust file can put anything else in their place.
from time import perf_counter, time
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gates.toolkit import locust_addon_calls as calls
    from gates.toolkit import locust_addon_tally as tally
    from gates.toolkit import locust_addon_users as users
    from gates.toolkit import locust_addon_whole as totals
    from gates.toolkit.locust_addon_calls import Calls
    from gates.toolkit.locust_addon_tally import Message, Runner, Settings, Tally
    from gates.toolkit.locust_addon_users import Users
    from gates.toolkit.locust_addon_whole import Whole
else:  # the copy stands beside the others under another name
    calls, tally, users, totals = (
        importlib.import_module(f"{__name__}_{part}")
        for part in ("calls", "tally", "users", "whole")
    )
    Calls, Users, Whole = calls.Calls, users.Users, totals.Whole
    Settings, Tally = tally.Settings, tally.Tally

PROBE_S = 0.010
"""Seconds that the timer which watches the process sleeps."""

TURN_S = 0.1
"""Seconds between two looks at a run that goes on."""

SPARE_S = 2
"""Seconds before the end of `--run-time` at which the measured phase ends, where nobody asks."""

LOAD, STOP = "gates_load", "gates_stop"
"""Messages between master and workers."""

OWN = "own"
"""How requests are called that the locust file tells of by itself."""

STEERS = (
    *("StopUser", "StopTest", "InterruptTaskSet", "RescheduleTask"),
    "RescheduleTaskImmediately",
)
"""Exceptions of Locust by which a task steers its user; older ones lack some."""


class Listener(Protocol):
    """What Locust calls when something happened."""

    def __call__(self, **told: object) -> None:
        """Take what is told of it."""


class AddOn:
    """The add-on itself, one object in each process."""

    def __init__(self, locust: ModuleType, gevent: ModuleType, settings: Settings | None) -> None:
        self.locust = locust
        self.gevent = gevent
        self.settings = settings
        self.tally = Tally()
        steers = (getattr(locust.exception, name, None) for name in STEERS)
        self.calls = Calls(
            self.tally,
            gevent,
            tuple(each for each in steers if each is not None),
            lambda: self.patience_s,
        )
        self.born = time()
        self.environment: ModuleType | None = None
        self.whole: Whole | None = None
        self.runner: Runner | None = None
        self.stopped: tuple[str, str] | None = None
        self.shape = ""
        self.complete = False

    # What Locust tells.

    def on_request(self, **told: object) -> None:
        """Count a request that came to its end."""
        took, call = tally.taken(told.get("response_time")), self.calls.heard()
        if call is not None:
            # Whoever is faster than the clock around the request reads another clock.
            started, took = call.started, max(took or 0.0, call.milliseconds)
        else:
            started = self.started(told.get("start_time"), took or 0.0)
            self.tally.ways[OWN] += 1
        endpoint = f"{told.get('request_type')} {told.get('name')}"
        if host := tally.host_of(told.get("url")):
            self.tally.hosts[tally.bounded(self.tally.hosts, host)] += 1
        if told.get("exception") is not None:
            reason = tally.reason_of(told["exception"], told.get("response"))
            self.tally.fail(started, endpoint, reason, took or 0.0)
        elif took is not None:
            self.tally.succeed(started, endpoint, took)
        else:
            self.tally.fail(started, endpoint, "no response time")

    def started(self, told: object, milliseconds: float) -> float:
        """When a request began: as it is told, where that is a moment of this run."""
        now = time()
        if isinstance(told, (int, float)) and self.born <= told <= now:
            return float(told)
        return now - milliseconds / 1000

    def on_user_error(self, **told: object) -> None:
        """Count an exception that left a task, or kept a user from starting."""
        exception = told["exception"]
        kind = type(exception).__name__
        if tally.MARK not in vars(exception):  # else its request is counted already
            name = f"{tally.TASK}{type(told['user_instance']).__name__}"
            self.tally.fail(time(), name, f"task exception {kind}")
        text = f"{kind}: {tally.words(exception)}"[: tally.MAX_TEXT]
        self.tally.errors[tally.bounded(self.tally.errors, text)] += 1

    def heeded(self, name: str, listener: Listener) -> Listener:
        """A listener whose own faults end the run: Locust only logs them, and a request is lost."""

        @functools.wraps(listener)
        def heed(**told: object) -> None:
            try:
                listener(**told)
            except Exception as error:  # noqa: BLE001 - it is told
                kind = type(error).__name__
                self.tally.broken = self.tally.broken or f"{name} by {kind}"

        return heed

    def on_init(self, environment: ModuleType, runner: ModuleType, **_more: object) -> None:
        """Find out what this process is, and begin to watch it."""
        self.runner, self.environment = runner, environment
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
            origin = math.ceil(time() + self.settings.warmup)
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
            "idle": self.idle(whole),
            "own": whole.ways[OWN],
            "unheard": whole.ways[calls.UNHEARD],
        }
        record = Path(self.settings.record)
        totals.write_whole(record.with_name(f"{record.name}.about.json"), json.dumps(about))
        totals.write_whole(record, "".join(lines))

    def idle(self, whole: Whole) -> list[str]:
        """User classes that had no user in the whole run."""
        classes = getattr(self.environment, "user_classes", ())
        return sorted({each.__name__ for each in classes} - set(whole.users))

    def ended(self, whole: Whole) -> tuple[str, str]:
        """What ended a run before its time."""
        return self.stopped or ("ended-early", f"{max(0.0, time() - whole.origin):.0f} s")

    def on_load(self, environment: object, msg: Message) -> None:
        """Take what a worker told."""
        del environment
        if self.whole is not None:
            self.whole.add(msg.node_id, msg.data)

    def on_stop(self, environment: object, msg: object) -> None:
        """Stop this worker's users, and tell the rest."""
        del environment, msg
        if self.runner is not None:
            self.halt(self.runner)
            self.runner.send_message(LOAD, self.tally.take(done=True))

    def halt(self, runner: Runner) -> None:
        """Stop this process's users, and wait for requests that are of none of their greenlets."""
        self.calls.ending, since = True, time()
        runner.stop()
        while self.stopped is None and time() < since + self.patience_s and self.calls.waits(since):
            self.gevent.sleep(TURN_S / 2)
        self.calls.close(since)

    # What goes on all the time.

    def watch(self) -> None:
        """See how late a timer comes, for ever."""
        while True:
            before = perf_counter()
            self.gevent.sleep(PROBE_S)
            late_s = perf_counter() - before - PROBE_S
            self.tally.tick(time(), late_s, self.runner.user_count if self.runner else 0)

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
        begun = changed = time()
        end = whole.origin + settings.duration
        while self.stopped is None and (now := time()) < end:
            self.gevent.sleep(min(TURN_S, end - now))
            self.drain()
            self.stopped = whole.trouble(begun) or self.deserted(whole)
            if settings.ramp and now - changed >= 1 and self.stopped is None:
                wanted, changed = totals.users_at(settings.ramp, now - begun), now
                if wanted != runner.user_count:
                    runner.start(wanted, max(1.0, abs(wanted - runner.user_count)))
        self.finish(whole, begun)
        runner.quit()

    def deserted(self, whole: Whole) -> tuple[str, str] | None:
        """A run whose users have all ended by themselves measures nothing more."""
        runner, settings = self.runner, self.settings
        if settings is None or settings.ramp or self.shape or time() < whole.origin:
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
            self.halt(runner)
            self.drain()
        self.stopped = self.stopped or whole.trouble(begun) or whole.clocks()
        self.complete = self.stopped is None

    @property
    def patience_s(self) -> float:
        """How long Locust waits for users that it stops; workers know it from their master."""
        environment = getattr(self.runner, "environment", None)
        return float(getattr(environment, "stop_timeout", None) or 0.0)


def attach(locust: ModuleType, gevent: ModuleType, settings: Settings | None) -> AddOn:
    """Join the events of Locust, and change what keeps users together; once in a process."""
    found = vars(locust.events).get(tally.MARK)
    if isinstance(found, AddOn):
        return found
    addon = AddOn(locust, gevent, settings)
    vars(locust.events)[tally.MARK] = addon
    locust.events.request.add_listener(addon.heeded("request", addon.on_request))
    locust.events.user_error.add_listener(addon.heeded("user_error", addon.on_user_error))
    locust.events.init.add_listener(addon.on_init)
    for clients in (locust.clients, locust.contrib.fasthttp):
        response = clients.ResponseContextManager
        response.__exit__ = addon.calls.judged(response.__exit__)
    for session in (locust.clients.HttpSession, locust.contrib.fasthttp.FastHttpSession):
        session.request = addon.calls.guarded(session.request)
    Users(addon.tally, gevent).attach(locust)
    return addon


if not __name__.startswith("gates."):
    attach(
        importlib.import_module("locust"),
        importlib.import_module("gevent"),
        tally.settings_for(Path(__file__), os.environ),
    )
