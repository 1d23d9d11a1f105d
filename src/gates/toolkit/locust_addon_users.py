"""How Locust's users begin and end: the part of our add-on that takes them out of lockstep.

Copied beside `locust_addon.py`, which tells what it is for.

Needs Python 3.10, and nothing of `gates`.
"""

from __future__ import annotations

import functools
import importlib
import random
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gates.toolkit import locust_addon_tally as tally
    from gates.toolkit.locust_addon_tally import Tally
else:  # the copy stands beside its tally under another name
    tally = importlib.import_module(f"{__name__.removesuffix('_users')}_tally")

SLEEP, RUN, STATE, PACED = "_sleep", "run", "_state", "_cp_last_wait_time"
"""Names of Locust's own."""


class Stop(Protocol):
    """The method by which Locust stops a user."""

    def __call__(self, user: object, *args: object, **named: object) -> object:
        """Stop it."""


class Users:
    """The users of one process."""

    def __init__(self, kept: Tally, gevent: ModuleType) -> None:
        self.tally = kept
        self.gevent = gevent

    def attach(self, locust: ModuleType) -> None:
        """Change what starts, stops and holds the users of Locust."""
        setattr(locust.User, RUN, self.spread_start(locust.User.run))
        locust.User.stop = self.told_of_stop(locust.User.stop)
        setattr(locust.TaskSet, SLEEP, self.spread_wait(getattr(locust.TaskSet, SLEEP)))

    def spread_start(self, run: Callable[[object], None]) -> Callable[[object], None]:
        """The main function of a user, which begins at a random moment of the next second."""

        @functools.wraps(run)
        def later(user: object) -> None:
            self.tally.users[type(user).__name__] += 1
            vars(user)[STATE] = "waiting"  # so that Locust may end it meanwhile
            self.gevent.sleep(random.random())  # noqa: S311 - only to be apart
            run(user)

        return later

    def told_of_stop(self, stop: Stop) -> Stop:
        """The method by which Locust stops a user, which marks the user."""

        @functools.wraps(stop)
        def marked(user: object, *args: object, **named: object) -> object:
            vars(user)[tally.STOPPED] = True
            return stop(user, *args, **named)

        return marked

    def spread_wait(
        self, sleep: Callable[[object, float], None]
    ) -> Callable[[object, float], None]:
        """The method that waits between tasks, which cuts a user's first wait to a random share."""

        @functools.wraps(sleep)
        def spread(task_set: object, seconds: float) -> None:
            user = getattr(task_set, "user", task_set)
            if seconds > 0 and not vars(user).setdefault(tally.MARK, False):
                vars(user)[tally.MARK] = True
                share = seconds * random.random()  # noqa: S311 - only to be apart
                for holder in (user, task_set):
                    # What Locust's pacing thinks that it waited, to reckon the next wait from.
                    if vars(holder).get(PACED) == seconds:
                        vars(holder)[PACED] = share
                seconds = share
            sleep(task_set, seconds)

        return spread
