"""The set `rate-limit`: how much one caller may ask, as it is documented.

A refusal is 429 (RFC 6585) and says by `Retry-After` (RFC 9110) when to come back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gates.domain.errors import StageError
from gates.formats.probe_forwarded import EXAMPLE, Belief, Headers, believed, forwarded, note
from gates.formats.probe_model import Ask, Check
from gates.formats.probe_session import REFUSED_FOR_NOW, Session
from gates.toolkit.http_calls import Reply

_AGAIN: Final = 2
"""Requests that must be refused after the first one that was."""

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
    """Ask as each caller until refused, neither earlier than documented nor later, and go on.

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
    caller = _Caller(session, ask, limit, tolerance)
    at, reply = caller.until_refused()
    is_refused = reply.status == REFUSED_FOR_NOW
    # What this caller asked before may count as well.
    least = limit.count + 1 - earlier - tolerance
    told = f"request {at} was refused" if is_refused else f"none of {at} was"
    expected = f"429 after {limit.count} requests in {limit.window_s} s"
    yield caller.check("rate-limit-missing", expected, told, holds=is_refused)
    if is_refused:
        expected = f"no 429 before request {max(least, 1)}"
        yield caller.check("rate-limit-early", expected, told, holds=at >= least)
        yield retry_after(caller.subject, reply, limit, session.curl(ask), now)
        yield from caller.while_refused()


class _Caller:
    """Requests of one caller to one page."""

    def __init__(self, session: Session, ask: Ask, limit: Limit, tolerance: int) -> None:
        self.session = session
        self.ask = ask
        self.limit = limit
        self.tolerance = tolerance
        self.most = limit.count + tolerance + 1
        self.made = 0
        self.seconds = 0.0
        self.subject = f"{ask.label} as {ask.identity}"

    def reply(self, added: Headers = ()) -> Reply:
        reply = self.session.ask(replace(self.ask, headers=added))
        self.made += 1
        self.seconds += reply.seconds
        _refuse_unfit(self.ask, reply, self.made)
        if self.seconds > self.limit.window_s:
            raise StageError(
                "window-passed",
                f"{self.made} requests took longer than the window of {self.limit.window_s} s",
                hint="lower the count and the window of the service for this gate by its `env:`",
            )
        return reply

    def is_let(self, added: Headers = ()) -> bool:
        return self.reply(added).status != REFUSED_FOR_NOW

    def until_refused(self) -> tuple[int, Reply]:
        """How many requests were made until one was refused, and the answer to the last."""
        at, reply = 1, self.reply()
        while at < self.most and reply.status != REFUSED_FOR_NOW:
            at, reply = at + 1, self.reply()
        return at, reply

    def while_refused(self) -> Iterator[Check]:
        """Whether the refusal lasts, whatever the caller says of where the request comes from."""
        lasts = self.lasts()
        if not lasts and self.until_refused()[1].status == REFUSED_FOR_NOW:
            lasts = self.lasts()  # a window may have ended meanwhile, though not two
        expected = f"429 until the window of {self.limit.window_s} s is over"
        got = "429 again" if lasts else "an answer, right after a refusal"
        yield self.check("rate-limit-lifted", expected, got, holds=lasts)
        if not lasts:
            return
        self.seconds = 0.0  # a caller who seems to be another has another window
        belief = believed(self.is_let, most=self.most, tolerance=self.tolerance)
        if belief is Belief.PROXY:
            self.session.notes.append(note(self.subject))
        made_up = replace(self.ask, headers=forwarded(EXAMPLE))
        yield replace(
            self.check(
                "rate-limit-bypassed",
                "429 also with a made-up `X-Forwarded-For`",
                "an answer" if belief is Belief.ANYBODY else "429, or a limit of its own",
                holds=belief is not Belief.ANYBODY,
            ),
            curl=self.session.curl(made_up),
        )

    def lasts(self) -> bool:
        let = sum(self.is_let() for _ in range(_AGAIN + self.tolerance))
        return let <= self.tolerance

    def check(self, rule: str, expected: str, got: str, *, holds: bool) -> Check:
        return Check(
            rule=f"http/{rule}",
            subject=self.subject,
            expected=expected,
            got=got,
            holds=holds,
            curl=self.session.curl(self.ask),
        )


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
