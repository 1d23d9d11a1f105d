"""The sets `headers` and `cors`: what browsers are told about answers, on good and bad ones alike.

What to send follows the HTTP headers cheat sheet of OWASP and RFC 6797, 7034, 9110 and 9111; how
origins are answered follows the CORS protocol of the Fetch standard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.probe_model import ANONYMOUS, OK, Ask, Check, within
from gates.formats.probe_session import Session
from gates.toolkit.http_calls import Reply

FOREIGN = "https://gates-probe.invalid"
"""An origin that nobody has: the name is reserved (RFC 2606)."""

LEAST_HSTS_S = 31_536_000
"""Seconds for which Strict-Transport-Security must hold: a year."""

_VERSION = re.compile(r"[0-9]+\.[0-9]+|/[0-9]")
_MAX_AGE = re.compile(r"(?:^|;)\s*max-age\s*=\s*\"?([0-9]+)\"?\s*(?:;|$)", re.IGNORECASE)
_NAMELESS = ("X-Powered-By", "X-AspNet-Version", "X-AspNetMvc-Version", "X-Generator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pages:
    """Which answers are looked at.

    Attributes:
        open: paths that anybody may GET.
        private: paths with the identity that may GET them.
        missing: a path that is not there.
        wrong: a request that is refused as wrong.
    """

    open: tuple[str, ...]
    private: tuple[tuple[str, str], ...] = ()
    missing: str = "/gates-probe-{run}"
    wrong: tuple[str, str] = ("POST", "/gates-probe-{run}")


def headers(session: Session, pages: Pages, *, wants_hsts: bool) -> Iterator[Check]:
    """Check the headers of good answers, of one that is not found, and of one that is refused.

    Args:
        session: asks.
        pages: what is asked.
        wants_hsts: whether the transport must be pinned.

    Raises:
        StageError: an answer is not of the kind that is to be looked at.
    """
    for ask, reply in _answers(session, pages):
        for rule, expected, told in _rules(wants_hsts=wants_hsts):
            got = told(reply)
            yield _check(session, ask, rule, expected, got)
        if ask.identity != ANONYMOUS:
            expected = "`Cache-Control` with `no-store`, as it is for one caller"
            yield _check(session, ask, "http/answer-cacheable", expected, _cache(reply))


def _answers(session: Session, pages: Pages) -> Iterator[tuple[Ask, Reply]]:
    good = [Ask(method="GET", path=path) for path in pages.open]
    good += [Ask(method="GET", path=path, identity=name) for path, name in pages.private]
    for ask in good:
        reply = session.answered(ask)
        if not within(reply.status, OK):
            raise StageError(
                "page-not-there",
                f"{ask.label} answered {reply.status}, and an answer of 2xx is to be looked at",
                hint="name pages that answer by `pages:`, and the identities for `private:` ones",
            )
        yield ask, reply
    bad = (Ask(method="GET", path=pages.missing), Ask(method=pages.wrong[0], path=pages.wrong[1]))
    for ask in bad:
        reply = session.answered(ask)
        if reply.status < 400:  # noqa: PLR2004 - HTTP's errors begin there
            raise StageError(
                "page-there",
                f"{ask.label} answered {reply.status}, and an error is to be looked at",
                hint="name a request that is refused by `refused:`",
            )
        yield ask, reply


_Rule = tuple[str, str, Callable[[Reply], str]]


def _rules(*, wants_hsts: bool) -> Iterator[_Rule]:
    """Each rule with what is expected, and a function that tells what is wrong, or nothing."""
    if wants_hsts:
        expected = "`Strict-Transport-Security` for a year or longer"
        yield "http/hsts-missing", expected, _hsts
    yield "http/csp-missing", "a `Content-Security-Policy`", _policy
    yield "http/nosniff-missing", "`X-Content-Type-Options: nosniff`", _nosniff
    yield (
        "http/frame-protection-missing",
        "`frame-ancestors` in its policy, or `X-Frame-Options: DENY` or `SAMEORIGIN`",
        _frames,
    )
    yield "http/referrer-policy-missing", "a `Referrer-Policy` that is not unsafe", _referrer
    yield "http/software-told", "no header that tells the software's version", _software


def _check(session: Session, ask: Ask, rule: str, expected: str, wrong: str) -> Check:
    who = f" as {ask.identity}" if ask.identity != ANONYMOUS else ""
    return Check(
        rule=rule,
        subject=f"{ask.label}{who}",
        expected=expected,
        got=session.hidden(wrong) or "it",
        holds=not wrong,
        curl=session.curl(ask),
    )


def _hsts(reply: Reply) -> str:
    value = reply.header("Strict-Transport-Security")
    if value is None:
        return "none"
    found = _MAX_AGE.search(value)
    is_long = found is not None and int(found[1][:12]) >= LEAST_HSTS_S
    return "" if is_long else f"`{value}`"


def _policy(reply: Reply) -> str:
    value = reply.header("Content-Security-Policy")
    if value is None:
        return "none"
    return "" if ("-src" in value or "sandbox" in value) else f"`{value}`, which limits no source"


def _nosniff(reply: Reply) -> str:
    value = reply.header("X-Content-Type-Options")
    return "" if value is not None and value.strip().lower() == "nosniff" else _shown(value)


def _frames(reply: Reply) -> str:
    policy = reply.header("Content-Security-Policy") or ""
    for directive in policy.replace(",", ";").split(";"):
        name, _, sources = directive.strip().lower().partition(" ")
        if name == "frame-ancestors":
            # It overrules X-Frame-Options in every browser that knows it.
            is_open = any(word in {"*", "http:", "https:"} for word in sources.split())
            return f"`{directive.strip()}`" if is_open else ""
    value = reply.header("X-Frame-Options")
    is_kept = value is not None and value.strip().upper() in {"DENY", "SAMEORIGIN"}
    return "" if is_kept else _shown(value)


def _referrer(reply: Reply) -> str:
    value = reply.header("Referrer-Policy")
    if value is None:
        return "none"
    last = value.split(",")[-1].strip().lower()  # the last that a browser knows is what holds
    return f"`{value}`" if last in {"", "unsafe-url", "no-referrer-when-downgrade"} else ""


def _software(reply: Reply) -> str:
    server = reply.header("Server")
    if server is not None and _VERSION.search(server):
        return f"`Server: {server}`"
    told = (name for name in _NAMELESS if reply.header(name) is not None)
    name = next(told, "")
    return f"`{name}: {reply.header(name)}`" if name else ""


def _cache(reply: Reply) -> str:
    value = reply.header("Cache-Control")
    words = {word.strip().lower() for word in (value or "").split(",")}
    return "" if "no-store" in words else _shown(value)


def _shown(value: str | None) -> str:
    return "none" if value is None else f"`{value}`"


def cors(
    session: Session, pages: Pages, *, origins: Sequence[str] = (), any_origin: bool = False
) -> Iterator[Check]:
    """Check how foreign origins are answered, and those that gates.yaml names.

    Args:
        session: asks.
        pages: what is asked.
        origins: what is to be allowed.
        any_origin: whether every origin is to be allowed, without credentials.
    """
    asks = [Ask(method="GET", path=path) for path in pages.open]
    asks += [Ask(method="GET", path=path, identity=name) for path, name in pages.private]
    strangers = [FOREIGN, *(_lookalike(origin) for origin in origins)]
    for ask in asks:
        for stranger in strangers:
            yield from _foreign(session, ask, stranger, any_origin=any_origin)
        yield _null(session, ask, any_origin=any_origin)
        yield _preflight(session, ask, any_origin=any_origin)
        for origin in origins:
            yield from _own(session, ask, origin)


def _lookalike(origin: str) -> str:
    """An origin that begins as an allowed one: whoever compares only beginnings takes it."""
    scheme, _, rest = origin.partition("://")
    return f"{scheme}://{rest.partition(':')[0]}.gates-probe.invalid"


def _asked(session: Session, ask: Ask, *added: tuple[str, str], method: str = "") -> _Answer:
    # A browser sends a preflight without credentials.
    identity = ANONYMOUS if method else ask.identity
    whole = Ask(method=method or ask.method, path=ask.path, identity=identity, headers=added)
    reply = session.answered(whole)
    return _Answer(whole, reply, reply.header("Access-Control-Allow-Origin"))


@dataclass(frozen=True, slots=True)
class _Answer:
    ask: Ask
    reply: Reply
    allowed: str | None

    @property
    def with_credentials(self) -> bool:
        value = self.reply.header("Access-Control-Allow-Credentials") or ""
        return value.strip().lower() == "true"


def _foreign(session: Session, ask: Ask, origin: str, *, any_origin: bool) -> Iterator[Check]:
    answer = _asked(session, ask, ("Origin", origin))
    allowed = answer.allowed
    reflected = "" if allowed != origin else f"`Access-Control-Allow-Origin: {allowed}`"
    expected = f"the origin {origin} not to be allowed by name"
    yield _check(session, answer.ask, "http/cors-foreign-origin", expected, reflected)
    any_one = allowed == "*"
    if not any_origin:
        wrong = "`Access-Control-Allow-Origin: *`" if any_one else ""
        expected = f"no origin to be allowed for {origin}"
        yield _check(session, answer.ask, "http/cors-any-origin", expected, wrong)
    is_bad = answer.with_credentials and allowed in {"*", origin}
    wrong = "`Access-Control-Allow-Credentials: true`" if is_bad else ""
    expected = f"no credentials to be allowed for {origin}"
    yield _check(session, answer.ask, "http/cors-credentials", expected, wrong)


def _null(session: Session, ask: Ask, *, any_origin: bool) -> Check:
    answer = _asked(session, ask, ("Origin", "null"))
    is_bad = answer.allowed == "null" or (answer.allowed == "*" and not any_origin)
    wrong = f"`Access-Control-Allow-Origin: {answer.allowed}`" if is_bad else ""
    expected = "the origin `null` not to be allowed"
    return _check(session, answer.ask, "http/cors-null-origin", expected, wrong)


def _preflight(session: Session, ask: Ask, *, any_origin: bool) -> Check:
    answer = _asked(
        session,
        ask,
        ("Origin", FOREIGN),
        ("Access-Control-Request-Method", "DELETE"),
        ("Access-Control-Request-Headers", "authorization"),
        method="OPTIONS",
    )
    is_bad = answer.allowed == FOREIGN or (answer.allowed == "*" and not any_origin)
    wrong = f"`Access-Control-Allow-Origin: {answer.allowed}`" if is_bad else ""
    expected = f"the preflight of {FOREIGN} to be refused"
    return _check(session, answer.ask, "http/cors-preflight", expected, wrong)


def _own(session: Session, ask: Ask, origin: str) -> Iterator[Check]:
    answer = _asked(session, ask, ("Origin", origin))
    wrong = "" if answer.allowed in {origin, "*"} else _shown(answer.allowed)
    expected = f"`Access-Control-Allow-Origin: {origin}`"
    yield _check(session, answer.ask, "http/cors-own-origin", expected, wrong)
    if answer.allowed == origin:
        vary = answer.reply.header("Vary") or ""
        names = {name.strip().lower() for name in vary.split(",")}
        wrong = "" if names & {"origin", "*"} else _shown(answer.reply.header("Vary"))
        expected = "`Vary: Origin`, as the answer depends on it"
        yield _check(session, answer.ask, "http/cors-vary", expected, wrong)
