"""Why a run of Locust measured nothing, by what our add-on told or what Locust said last."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats import strict_json
from gates.formats.load_model import LoadRecord

_STOPPED: dict[str, tuple[str, str]] = {
    "ended-early": (
        (
            "Locust ended the run early, after {text} of its measured phase: a signal,"
            " `StopTest`, `quit()` or a `LoadTestShape` in the locust file"
        ),
        "let the locust file run as long as `warmup` and `duration` ask",
    ),
    "own-shape": (
        (
            "the locust file has a `LoadTestShape`, `{text}`, and Locust leaves `users` and `ramp`"
            " aside for it"
        ),
        "set `own_shape: true` and leave out `users` and `ramp`, or take the shape out of the file",
    ),
    "strange-host": (
        "requests went to {text}, which is not the gate's service",
        (
            "give only paths in the locust file, or name what it asks besides as a service that"
            " this one needs"
        ),
    ),
    "task-exceptions": (
        "every task ended by an exception, and no request was made: {text}",
        "run the locust file by hand (`locust -f FILE --headless -u 1 -t 5s`) and mend it",
    ),
    "users-gone": (
        "all users ended by themselves before the run did ({text})",
        "see what ends them: an exception in `on_start`, `StopUser`, `quit()`; each has to go on",
    ),
    "worker-lost": (
        "workers of Locust were lost while it ran: {text}",
        "its log tells why a worker ended; memory is a usual reason",
    ),
    "workers-silent": (
        "workers told nothing of what they do: {text} did",
        (
            "start each with the add-on: `locust -f - --worker --master-host HOST` takes it from"
            " the master"
        ),
    ),
    "clocks": (
        "the clock of a worker is apart from the master's by {text}",
        "set both by NTP: requests of all workers are told apart by the second",
    ),
    "addon-failed": (
        "our add-on could not count what Locust told it: listener {text}",
        (
            "see what the locust file gives to `request.fire`, and run with a Locust of a version"
            " that is known to work"
        ),
    ),
}
"""What the add-on calls the end of a run that did not go as it should, in words."""

_SAID: tuple[tuple[str, str, str], ...] = (
    (
        r"No User class found",
        "the locust file has no user class",
        "name a file with a class of `HttpUser` or `FastHttpUser` by `locustfile`",
    ),
    (
        r"Unknown User\(s\): (?P<text>.*)",
        "the locust file has no user class `{text}`",
        "`locust -f FILE --list` shows those that it has",
    ),
    (
        r"Gave up waiting for workers",
        "not all workers came in time",
        "start `expect_workers` of them: `locust -f - --worker --master-host HOST`",
    ),
    (
        r"master port \((?P<text>[^)]*)\) was busy",
        "the port for the workers, {text}, is taken",
        "run again, or name another one by `bind`",
    ),
    (
        r"error: (?P<text>unrecognized arguments.*)",
        "this Locust is too old: {text}",
        "install Locust 2.47 or newer",
    ),
    (
        r"^(?P<text>(?:\w+\.)*\w+(?:Error|Exception)\b.*)",
        "Locust could not begin: {text}",
        "run the locust file by hand: `locust -f FILE --list`",
    ),
)
"""What Locust says where it does not even begin, as a pattern, and in words of ours."""

_MAX_BYTES = 4 << 20

SHOWN = 5
"""Names that a note or an error shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the add-on told besides the record.

    Attributes:
        version: of Locust.
        complete: whether the run came to its planned end.
        stopped: a word for what ended it early, and more in a text.
        requests: requests that came to an end, those of the warm-up included.
        errors: messages of exceptions that left tasks, with their number, most frequent first.
        idle: user classes that had no user.
        own: requests that the locust file told of by itself.
        unheard: requests of Locust's clients of which no event told.
    """

    version: str
    complete: bool
    stopped: tuple[str, str]
    requests: int
    errors: tuple[tuple[str, int], ...]
    idle: tuple[str, ...]
    own: int
    unheard: int


def read(data: bytes, *, what: str) -> About:
    """Read it.

    Raises:
        OutputUnreadable: it is not what the add-on writes.
    """
    top = strict_json.read(data, what=what, max_bytes=_MAX_BYTES)
    word, text = (each.text() for each in top.member("stopped").items())
    errors = [(text, number.count()) for text, number in top.member("errors").entries()]
    return About(
        version=top.member("locust").text(),
        complete=top.member("complete").flag(),
        stopped=(word, text),
        requests=top.member("requests").count(),
        errors=tuple(sorted(errors, key=lambda error: -error[1])),
        idle=tuple(each.text() for each in top.member("idle").items()),
        own=top.member("own").count(),
        unheard=top.member("unheard").count(),
    )


def refuse(about: About, clean: Callable[[str], str]) -> None:
    """Refuse a run that did not come to its end, in which no request did, or of some users only.

    Raises:
        StageError: with the first thing that is wrong.
    """
    if not about.complete:
        word, text = about.stopped
        summary, hint = _STOPPED.get(word, _STOPPED["ended-early"])
        raise StageError(word, summary.format(text=clean(text)), hint=hint)
    if about.requests:
        _refuse_idle(about, clean)
        return
    if about.errors:
        summary, hint = _STOPPED["task-exceptions"]
        text = clean(about.errors[0][0])
        raise StageError("task-exceptions", summary.format(text=text), hint=hint)
    raise StageError(
        "no-requests",
        "no request came to an end, so nothing was measured",
        hint="see whether a user has a task that asks something, and comes to it within `duration`",
    )


def notes(abouts: Sequence[About], record: LoadRecord) -> tuple[str, ...]:
    """What every output must tell of how requests came into the record.

    Args:
        abouts: what the add-on told of each run.
        record: all runs together.
    """
    own = sum(about.own for about in abouts)
    unheard = sum(about.unheard for about in abouts)
    total = sum(about.requests for about in abouts)
    measured = {cell.endpoint for cell in record.measured}
    early = sorted(
        {record.endpoints[cell.endpoint] for cell in record.cells}
        - {record.endpoints[place] for place in measured}
    )
    told = (
        (
            own > 0,
            (
                f"{own:,} of {total:,} requests, those of the warm-up among them, were told by the"
                " locust file and not by Locust's HTTP clients: what they did and how long they"
                " took is taken from it"
            ),
        ),
        (
            unheard > 0,
            (
                f"of {unheard:,} requests Locust told nothing, so they count by their answers: a"
                " `with` block of `catch_response=True` did not come to its end, or the locust file"
                " keeps the event back"
            ),
        ),
        (
            bool(early),
            f"asked in the warm-up only, and so not measured: {_listed(early)}",
        ),
    )
    return tuple(text for holds, text in told if holds)


def _refuse_idle(about: About, clean: Callable[[str], str]) -> None:
    """A class without users is a part of the load that nobody saw."""
    if not about.idle:
        return
    raise StageError(
        "class-idle",
        f"user classes without a single user: {clean(_listed(about.idle))}",
        hint=(
            "Locust shares the users out by `weight`: ask for more `users`, give the class a"
            " `fixed_count`, or name those that are meant by `user_classes`"
        ),
    )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def why_no_record(exit_code: int, said: str) -> StageError:
    """The error for a run that left no record, by what Locust said.

    Args:
        exit_code: how it ended.
        said: its output, made fit to be shown line by line.
    """
    lines = [line for line in said.splitlines() if line.strip()]
    for pattern, summary, hint in _SAID:
        for line in reversed(lines):
            if found := re.search(pattern, line):
                text = found.groupdict().get("text", "").strip()
                return StageError("locust-refused", summary.format(text=text), hint=hint)
    last = f"; it said last: {lines[-1][:200]}" if lines else ""
    return StageError(
        "no-record",
        f"Locust ended with {exit_code} and our add-on left no record{last}",
        hint="run the locust file by hand: `locust -f FILE --headless -u 1 -t 5s`",
    )
