"""What options of a broadcast may say: durations, the request that publishes, header fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from gates.domain.metric import Unit
from gates.domain.units import SUFFIXES, to_base
from gates.formats import load_requests
from gates.formats.broadcast_plan import MAX_MESSAGES, BroadcastLogin

PLACE = "{message}"
"""What stands for the token of a message."""

MAX_SUBSCRIBERS = 20_000
"""Subscribers that one machine can hold on one address of the service."""

MAX_DELIVERIES = 2_000_000
"""Deliveries that one record can hold."""

DEADLINE: Final = {
    "help": "time within which a message must be at each subscriber",
    "stricter": "lower",
}
CONNECT_TIMEOUT: Final = {
    "help": "time for a subscriber to connect, and for `trigger` to be answered",
    "stricter": "lower",
}
LISTEN: Final = {
    "help": "how long it listens on once all messages are there: one that is repeated later"
    " is not seen",
    "stricter": "higher",
}
RECONNECT: Final = {
    "help": "subscribers that are dropped and come again before a second round",
    "stricter": "higher",
}
REPLAY: Final = {
    "help": "half of the second round is published while they are away, and must be made"
    " up for when they come with `Last-Event-ID`; only for `sse`",
    "stricter": "on",
}
"""Help of options, and which values ask for more."""

_DURATION = re.compile(rf"([0-9]+(?:\.[0-9]+)?) ?({'|'.join(map(re.escape, SUFFIXES))})")
_TRIGGER = re.compile(r"([A-Z]{3,10}) (\S+)")
_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_S = 3600


def microseconds(text: str, *, name: str) -> int:
    """A duration such as `500ms` or `2s`, in whole microseconds.

    Raises:
        ValueError: it is none, or longer than an hour.
    """
    found = _DURATION.fullmatch(text)
    seconds = to_base(Decimal(found[1]), found[2], Unit.SECONDS) if found else None
    if seconds is None or seconds > _LONGEST_S:
        raise ValueError(f"`{name}` is a time such as `500ms` or `5s`, and not `{text}`")
    return int(seconds * 1_000_000)


def trigger(text: str) -> tuple[str, str]:
    """The method and the target of the request that publishes: `POST /broadcast`.

    Raises:
        ValueError: the text is no such request.
    """
    found = _TRIGGER.fullmatch(text)
    if found is None:
        raise ValueError(f"`trigger` is a request such as `POST /broadcast`, and not `{text}`")
    return found[1], found[2]


def words(command: str | tuple[str, ...]) -> tuple[str, ...]:
    """The words of a command, split as a shell splits them; none where there is none.

    Raises:
        ValueError: a quote is not closed.
    """
    import shlex

    return tuple(shlex.split(command)) if isinstance(command, str) else command


def login(given: Mapping[str, str]) -> BroadcastLogin | None:
    """What the option `login` says, as in the stage `load`; None where it says nothing.

    Raises:
        ValueError: something is missing, unknown or wrong in it.
    """
    if not given:
        return None
    found = load_requests.login(given)
    request = found.request
    return BroadcastLogin(
        method=request.method,
        path=request.path,
        kind=dict(request.headers)["Content-Type"],
        body=request.body,
        take=found.take,
        header=found.header,
    )


def refuse_headers(headers: Mapping[str, str], headers_from: Mapping[str, str]) -> None:
    """Refuse fields that no request can hold.

    Raises:
        ValueError: with the first of them.
    """
    for name in (*headers, *headers_from):
        if _HEADER.fullmatch(name) is None:
            raise ValueError(f"`{name}` cannot name a header")
    for name, value in headers.items():
        if not is_header_value(value):
            raise ValueError(f"the header `{name}` holds a character that no header may hold")
    for name, variable in headers_from.items():
        if _VARIABLE.fullmatch(variable) is None:
            raise ValueError(f"`headers_from` names no environment variable for `{name}`")


def is_header_value(value: str) -> bool:
    """Whether a header may hold this: no line end, nothing beyond Latin-1."""
    return _VALUE.fullmatch(value) is not None


def refuse_sizes(subscribers: int, messages: int, reconnect: int) -> None:
    """Refuse numbers that show nothing, or that no machine holds.

    Raises:
        ValueError: with the first that is wrong.
    """
    if not 1 <= subscribers <= MAX_SUBSCRIBERS:
        raise ValueError(f"`subscribers` is a number from 1 to {MAX_SUBSCRIBERS}")
    if not 1 <= messages <= MAX_MESSAGES // 2:
        raise ValueError(f"`messages` is a number from 1 to {MAX_MESSAGES // 2}")
    if not 0 <= reconnect <= subscribers:
        raise ValueError("`reconnect` is how many of the subscribers are dropped and come again")
    if subscribers * messages * (2 if reconnect else 1) > MAX_DELIVERIES:
        raise ValueError(f"more than {MAX_DELIVERIES} deliveries are not recorded: ask for fewer")
