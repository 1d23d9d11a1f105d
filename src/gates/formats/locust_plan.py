"""What is asked of Locust: users over time, in whole seconds, and the arguments that say so."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import ceil

from gates.domain.errors import StageError
from gates.formats import load_amounts, load_shape
from gates.formats.load_model import LoadRecord

SETTLED_S = 5
"""Seconds of the warm-up after the last user has begun."""

SPAWN_S = 5
"""Seconds in which all users begin, where no rate is given."""

SPARE_S = 20
"""Seconds that Locust may take to begin and to end."""

LONGER = 4
"""So many times its duration a run may last at most, where nothing else is said."""

ENOUGH = Decimal("0.95")
"""The share of the users of a ramp's summit that must be seen: it lasts for a moment."""

_WORKERS_S = 60


@dataclass(frozen=True, slots=True)
class Users:
    """Who asks.

    Attributes:
        number: users that ask at the same time; 0 where something else tells.
        spawn_rate: users that begin each second; 0 for a fifth of all.
        ramp: steps such as `100@2m`, or the name of a ready profile.
        is_own: the locust file tells.
    """

    number: int
    spawn_rate: int = 0
    ramp: tuple[str, ...] = ()
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class RunPlan:
    """What a gate asks, in seconds and numbers.

    Attributes:
        runs: length of each run; the later ones are made as long as a condition is open.
        warmup: of each run.
        patience: of each run.
        ramp: users and seconds, step by step; none where all begin at once.
        users: that must be there; 0 where the locust file tells.
        spawn_rate: users that begin each second.
    """

    runs: tuple[int, ...]
    warmup: int
    patience: int
    ramp: tuple[tuple[int, int], ...]
    users: int
    spawn_rate: int

    @property
    def seconds(self) -> int:
        """How long all runs together can take."""
        return sum(self.warmup + run + self.patience + SPARE_S for run in self.runs)


def plan_of(
    users: Users, *, duration: str, warmup: str, max_duration: str, patience: str
) -> RunPlan:
    """Read what the options say.

    Raises:
        ValueError: one of them cannot be read, or they do not fit together.
    """
    ramp = _steps(users.ramp)
    rate = users.spawn_rate or max(1, ceil(users.number / SPAWN_S))
    begun = ceil(users.number / rate)
    warm = whole(warmup, "warmup", may_be_none=True) if warmup else begun + SETTLED_S
    if warm < begun:
        raise ValueError(
            f"`warmup` is `{warmup}`, and {users.number} users take {begun} s to begin at {rate} a"
            " second"
        )
    length = sum(seconds for _, seconds in ramp) - warm if ramp else whole(duration, "duration")
    if length < 1:
        raise ValueError("`ramp` is over before `warmup` is")
    return RunPlan(
        runs=_runs(length, max_duration, once=users.is_own or bool(ramp)),
        warmup=warm,
        patience=whole(patience, "patience"),
        ramp=ramp,
        users=max((goal for goal, _ in ramp), default=users.number),
        spawn_rate=rate,
    )


def whole(text: str, name: str, *, may_be_none: bool = False) -> int:
    """Read a time in whole seconds, as Locust takes them.

    Raises:
        ValueError: it is none.
    """
    found = load_amounts.seconds(text, name=name, may_be_none=may_be_none)
    if found % 1:
        raise ValueError(f"`{name}` is `{text}`: Locust takes whole seconds")
    return int(found)


def arguments(plan: RunPlan, place: int) -> tuple[str, ...]:
    """What Locust is told of a run.

    Our add-on ends the run; `-t` is for the case that it cannot.
    """
    latest = plan.warmup + plan.runs[place] + plan.patience + SPARE_S + _WORKERS_S
    times = ("-t", f"{latest}s", "-s", str(plan.patience))
    if not plan.users:
        return times
    begin = (1, 1) if plan.ramp else (plan.users, plan.spawn_rate)
    return ("-u", str(begin[0]), "-r", str(begin[1]), *times)


def refuse_few_users(record: LoadRecord, plan: RunPlan) -> None:
    """Refuse a run in which fewer users were there than were asked for.

    Raises:
        StageError: with their number.
    """
    seen = [beat.users or 0 for beat in record.phase]
    found = max(seen) if plan.ramp else min(seen)
    due = ceil(ENOUGH * plan.users) if plan.ramp else plan.users
    if found < due:
        raise StageError(
            "users-gone",
            f"{found} of {plan.users} users were there at some moment of the measured phase",
            hint="see what ends them: an exception in `on_start`, `StopUser`; each has to go on",
        )


def _steps(ramp: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    given = load_shape.PROFILES.get(ramp[0], ramp) if len(ramp) == 1 else ramp
    if not given:
        return ()
    slopes = load_amounts.ramp(given, name="ramp")
    if any(goal % 1 or seconds % 1 or not seconds for _, goal, seconds in slopes):
        raise ValueError("`ramp` takes whole users and whole seconds")
    return tuple((int(goal), int(seconds)) for _, goal, seconds in slopes)


def _runs(duration: int, max_duration: str, *, once: bool) -> tuple[int, ...]:
    """The length of each run; a ramp, or a shape of the locust file, is made once."""
    if once:
        return (duration,)
    most = whole(max_duration, "max_duration") if max_duration else LONGER * duration
    if most < duration:
        raise ValueError("`max_duration` is shorter than `duration`")
    return tuple(int(each) for each in load_shape.looks(Decimal(duration), Decimal(most)))
