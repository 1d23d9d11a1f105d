"""The set `cors`: which origins a browser lets read answers (the CORS protocol of Fetch).

Whoever compares only a part of an origin takes a stranger that shares that part, so strangers are
made of the origins that are meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gates.formats.probe_headers import Pages, good_answers, outcome
from gates.formats.probe_model import ANONYMOUS, OK, Ask, Check, within
from gates.formats.probe_session import Session
from gates.toolkit.http_calls import Reply

FOREIGN = "https://gates-probe.invalid"
"""An origin that nobody has: the name is reserved (RFC 2606)."""

NO_ORIGIN = "null"
"""What a browser sends for a page that has no origin, as one in a sandbox."""

_NUMBERS = re.compile(r"[0-9.]+")
_ANY = "*."


def cors(
    session: Session, pages: Pages, *, origins: Sequence[str] = (), any_origin: bool = False
) -> Iterator[Check]:
    """Check how foreign origins are answered, and those that gates.yaml names.

    Args:
        session: asks.
        pages: what is asked; the path that is not there too, for foreign origins alone.
        origins: what is to be allowed.
        any_origin: whether every origin is to be allowed, without credentials.

    Raises:
        StageError: a page does not answer 2xx.
    """
    good = [ask for ask, _ in good_answers(session, pages)]
    for ask in (*good, Ask(method="GET", path=pages.missing)):
        for stranger in strangers(origins):
            yield from _foreign(session, ask, stranger, any_origin=any_origin)
            yield _preflight(session, ask, stranger, any_origin=any_origin)
        yield _null(session, ask, any_origin=any_origin)
        yield _preflight(session, ask, NO_ORIGIN, any_origin=any_origin)
    for ask in good:
        for origin in map(_one_of, origins):
            yield from _own(session, ask, origin)


def strangers(origins: Sequence[str]) -> tuple[str, ...]:
    """Origins that must not be allowed: a foreign one, and what looks like those that are meant."""
    found = (look for origin in origins for look in _lookalikes(origin))
    kept = (each for each in found if not any(_covers(origin, each) for origin in origins))
    return tuple(dict.fromkeys((FOREIGN, *kept)))


def _lookalikes(origin: str) -> Iterator[str]:
    """Origins that begin or end as an allowed one, or differ from it in the scheme or a dot."""
    scheme, _, rest = _one_of(origin).partition("://")
    host, colon, port = rest.partition(":")
    yield f"{scheme}://{host}.gates-probe.invalid"
    if scheme == "https":
        yield f"http://{rest}"
    base = origin.partition("://")[2].removeprefix(_ANY).partition(":")[0]
    if _NUMBERS.fullmatch(base) or "." not in base:
        return  # an address, or a machine of one's own: nobody else can have a name like it
    yield f"{scheme}://gates-probe-{base}{colon}{port}"
    yield f"{scheme}://gates-probe.{base}{colon}{port}"
    if base.count(".") > 1:
        yield f"{scheme}://{base.replace('.', 'x', 1)}{colon}{port}"


def _one_of(origin: str) -> str:
    """An origin that is meant: `https://*.shop.example` means each name below."""
    return origin.replace(f"//{_ANY}", "//gates-probe.", 1)


def _covers(origin: str, other: str) -> bool:
    scheme, _, rest = origin.partition("://")
    if not rest.startswith(_ANY):
        return origin == other
    return other.startswith(f"{scheme}://") and other.endswith(rest.removeprefix("*"))


@dataclass(frozen=True, slots=True)
class _Answer:
    ask: Ask
    reply: Reply
    allowed: str | None

    @property
    def with_credentials(self) -> bool:
        value = self.reply.header("Access-Control-Allow-Credentials") or ""
        return value.strip().lower() == "true"


def _asked(session: Session, ask: Ask, *added: tuple[str, str], method: str = "") -> _Answer:
    # A browser sends a preflight without credentials.
    identity = ANONYMOUS if method else ask.identity
    whole = Ask(method=method or ask.method, path=ask.path, identity=identity, headers=added)
    reply = session.answered(whole)
    return _Answer(whole, reply, reply.header("Access-Control-Allow-Origin"))


def _foreign(session: Session, ask: Ask, origin: str, *, any_origin: bool) -> Iterator[Check]:
    answer = _asked(session, ask, ("Origin", origin))
    allowed = answer.allowed
    reflected = "" if allowed != origin else f"`Access-Control-Allow-Origin: {allowed}`"
    expected = f"the origin {origin} not to be allowed by name"
    yield outcome(session, answer.ask, "http/cors-foreign-origin", expected, reflected)
    any_one = allowed == "*"
    if not any_origin:
        wrong = "`Access-Control-Allow-Origin: *`" if any_one else ""
        expected = f"no origin to be allowed for {origin}"
        yield outcome(session, answer.ask, "http/cors-any-origin", expected, wrong)
    is_bad = answer.with_credentials and allowed in {"*", origin}
    wrong = "`Access-Control-Allow-Credentials: true`" if is_bad else ""
    expected = f"no credentials to be allowed for {origin}"
    yield outcome(session, answer.ask, "http/cors-credentials", expected, wrong)


def _null(session: Session, ask: Ask, *, any_origin: bool) -> Check:
    answer = _asked(session, ask, ("Origin", NO_ORIGIN))
    is_bad = answer.allowed == NO_ORIGIN or (answer.allowed == "*" and not any_origin)
    wrong = f"`Access-Control-Allow-Origin: {answer.allowed}`" if is_bad else ""
    expected = "the origin `null` not to be allowed"
    return outcome(session, answer.ask, "http/cors-null-origin", expected, wrong)


def _preflight(session: Session, ask: Ask, origin: str, *, any_origin: bool) -> Check:
    answer = _before(session, ask, origin)
    is_bad = answer.allowed == origin or (answer.allowed == "*" and not any_origin)
    wrong = f"`Access-Control-Allow-Origin: {answer.allowed}`" if is_bad else ""
    expected = f"the preflight of {origin} to be refused"
    return outcome(session, answer.ask, "http/cors-preflight", expected, wrong)


def _before(session: Session, ask: Ask, origin: str) -> _Answer:
    """What a browser asks before a request that is more than a link could send."""
    added = [("Origin", origin), ("Access-Control-Request-Method", ask.method)]
    if _shows_token(session, ask):
        added.append(("Access-Control-Request-Headers", "authorization"))
    return _asked(session, ask, *added, method="OPTIONS")


def _shows_token(session: Session, ask: Ask) -> bool:
    names = (name.lower() for name, _ in session.headers_of(ask.identity))
    return "authorization" in names


def _own(session: Session, ask: Ask, origin: str) -> Iterator[Check]:
    answer = _asked(session, ask, ("Origin", origin))
    wrong = "" if answer.allowed in {origin, "*"} else _told(answer.allowed)
    expected = f"`Access-Control-Allow-Origin: {origin}`"
    yield outcome(session, answer.ask, "http/cors-own-origin", expected, wrong)
    if answer.allowed == origin:
        vary = answer.reply.header("Vary") or ""
        names = {name.strip().lower() for name in vary.split(",")}
        wrong = "" if names & {"origin", "*"} else _told(answer.reply.header("Vary"))
        expected = "`Vary: Origin`, as the answer depends on it"
        yield outcome(session, answer.ask, "http/cors-vary", expected, wrong)
    before = _before(session, ask, origin)
    expected = f"the preflight of {origin} to be allowed"
    wrong = _refusal(before, origin, with_token=_shows_token(session, ask))
    yield outcome(session, before.ask, "http/cors-own-origin", expected, wrong)


def _refusal(answer: _Answer, origin: str, *, with_token: bool) -> str:
    """Why a browser would not go on after a preflight; empty where it would."""
    if not within(answer.reply.status, OK):
        return f"{answer.reply.status}"
    if answer.allowed not in {origin, "*"}:
        return f"{_told(answer.allowed)} as `Access-Control-Allow-Origin`"
    value = answer.reply.header("Access-Control-Allow-Headers")
    names = {name.strip().lower() for name in (value or "").split(",")}
    # `*` does not stand for this one.
    is_refused = with_token and "authorization" not in names
    return f"{_told(value)} as `Access-Control-Allow-Headers`" if is_refused else ""


def _told(value: str | None) -> str:
    return "none" if value is None else f"`{value}`"
