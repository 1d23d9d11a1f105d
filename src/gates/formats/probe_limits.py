"""The set `rate-limit`: how much one caller may ask, as it is documented.

A refusal is 429 (RFC 6585) and says by `Retry-After` (RFC 9110) when to come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gates.domain.errors import StageError
from gates.formats.probe_model import Ask, Check
from gates.formats.probe_session import REFUSED_FOR_NOW, Session
from gates.toolkit.http_calls import Reply

_WINDOWS: Final = {"s": 1, "min": 60, "h": 3600, "d": 86400}
_LIMIT = re.compile(r"([1-9][0-9]{0,6})/([1-9][0-9]{0,4})?(s|min|h|d)(?: (/\S*))?", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much is allowed, as it is documented.

    Attributes:
        count: requests, or attempts, that are allowed in a window.
        window_s: seconds of a window.
        path: what is asked; empty for the first page.
    """

    count: int
    window_s: int
    path: str = ""


def limit_of(text: str) -> Limit:
    """Read `100/15min`, or `100/15min /orders`.

    Raises:
        ValueError: with one line that says why.
    """
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text}` is no limit: write `100/15min`, or `100/15min /path`")
    window = int(found[2] or 1) * _WINDOWS[found[3]]
    return Limit(count=int(found[1]), window_s=window, path=found[4] or "")


def rate_limit(
    session: Session,
    limits: Mapping[str, Limit],
    *,
    tolerance: int,
    now: Callable[[], datetime],
) -> Iterator[Check]:
    """Ask as each caller until refused: neither earlier than documented nor later.

    Args:
        session: asks.
        limits: by identity; each has a path.
        tolerance: how many requests more or fewer a limit may let through.
        now: the time, for a `Retry-After` that is a date.

    Raises:
        StageError: what is asked does not answer well before the limit, or a window went by.
    """
    for name in limits:
        session.headers_of(name)  # a login counts for who is anonymous, so all come first
    for name, limit in limits.items():
        yield from _limited(session, name, limit, tolerance=tolerance, now=now)


def _limited(
    session: Session, name: str, limit: Limit, *, tolerance: int, now: Callable[[], datetime]
) -> Iterator[Check]:
    ask = Ask(method="GET", path=limit.path, identity=name)
    earlier = session.made[name]
    seconds = 0.0
    most = limit.count + tolerance + 1
    at, reply = 0, Reply(status=0)
    while at < most and reply.status != REFUSED_FOR_NOW:
        reply = session.ask(ask)
        at += 1
        seconds += reply.seconds
        _refuse_unfit(ask, reply, at)
        if seconds > limit.window_s:
            raise StageError(
                "window-passed",
                f"{at} requests took longer than the window of {limit.window_s} s",
                hint="lower the count and the window of the service for this gate by its `env:`",
            )
    is_refused = reply.status == REFUSED_FOR_NOW
    # What this caller asked before may count as well.
    least = limit.count + 1 - earlier - tolerance
    told = f"request {at} was refused" if is_refused else f"none of {at} was"
    subject = f"{ask.label} as {name}"
    curl = session.curl(ask)
    expected = f"429 after {limit.count} requests in {limit.window_s} s"
    yield Check(
        rule="http/rate-limit-missing",
        subject=subject,
        expected=expected,
        got=told,
        holds=is_refused,
        curl=curl,
    )
    if is_refused:
        expected = f"no 429 before request {max(least, 1)}"
        rule = "http/rate-limit-early"
        yield Check(
            rule=rule, subject=subject, expected=expected, got=told, holds=at >= least, curl=curl
        )
        yield retry_after(subject, reply, limit, curl, now)


def _refuse_unfit(ask: Ask, reply: Reply, at: int) -> None:
    if reply.status == REFUSED_FOR_NOW or reply.status < 400:  # noqa: PLR2004 - errors of HTTP
        return
    raise StageError(
        "limit-unfit",
        f"{ask.label} as {ask.identity} answered {reply.status} at request {at}",
        hint="name a page that this caller may see behind the limit: `100/15min /orders`",
    )


def retry_after(
    subject: str, reply: Reply, limit: Limit, curl: str, now: Callable[[], datetime]
) -> Check:
    """Whether a refusal says when to come back, within the window."""
    value = reply.header("Retry-After")
    seconds = None if value is None else wait_s(value, now())
    return Check(
        rule="http/retry-after-invalid",
        subject=subject,
        expected=f"`Retry-After` within the window of {limit.window_s} s",
        got="none" if value is None else f"`{value}`",
        # A second more: it is rounded up, and a date has no fractions.
        holds=seconds is not None and 0 < seconds <= limit.window_s + 1,
        curl=curl,
    )


def wait_s(value: str, now: datetime) -> int | None:
    """The seconds that a `Retry-After` names, or None where it is not one (RFC 9110, 10.2.3)."""
    from email.utils import parsedate_to_datetime

    text = value.strip()
    if _SECONDS.fullmatch(text):
        return int(text)
    if not text.endswith(" GMT"):
        return None
    try:
        return round((parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return None
