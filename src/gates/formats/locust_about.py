"""Why a run of Locust measured nothing, by what our add-on told or what Locust said last."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats import strict_json

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


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the add-on told besides the record.

    Attributes:
        version: of Locust.
        complete: whether the run came to its planned end.
        stopped: a word for what ended it early, and more in a text.
        requests: requests that came to an end, those of the warm-up included.
        errors: messages of exceptions that left tasks, with their number, most frequent first.
    """

    version: str
    complete: bool
    stopped: tuple[str, str]
    requests: int
    errors: tuple[tuple[str, int], ...]


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
    )


def refuse(about: About, clean: Callable[[str], str]) -> None:
    """Refuse a run that did not come to its end, or in which no request did.

    Raises:
        StageError: with the first thing that is wrong.
    """
    if not about.complete:
        word, text = about.stopped
        summary, hint = _STOPPED.get(word, _STOPPED["ended-early"])
        raise StageError(word, summary.format(text=clean(text)), hint=hint)
    if about.requests:
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
