"""The set `headers`: what browsers are told about answers, on good and bad ones alike.

What to send follows the HTTP headers cheat sheet of OWASP and RFC 6797, 7034, 9110 and 9111; a
policy is read as Content Security Policy Level 3 says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.formats.probe_model import ANONYMOUS, NOWHERE, OK, Ask, Check, within
from gates.formats.probe_session import Session
from gates.toolkit.http_calls import Reply

LEAST_HSTS_S = 31_536_000
"""Seconds for which Strict-Transport-Security must hold: a year."""

_VERSION = re.compile(r"[0-9]+\.[0-9]+|/[0-9]")
_MAX_AGE = re.compile(r"(?:^|;)\s*max-age\s*=\s*\"?([0-9]+)\"?\s*(?:;|$)", re.IGNORECASE)
_ANYBODY = re.compile(r"https?:|data:|(?:https?://)?\*(?::(?:\*|[0-9]+))?/?")
_NAMED = ("'nonce-", "'sha256-", "'sha384-", "'sha512-")
_REFERRER_KEPT = frozenset(
    {
        "no-referrer", "origin", "same-origin", "strict-origin", "origin-when-cross-origin",
        "strict-origin-when-cross-origin",
    }
)  # fmt: skip
_REFERRER_TOLD = frozenset({"unsafe-url", "no-referrer-when-downgrade"})
_REFUSALS = ((400, 499), (501, 501))  # 501: a method that the server does not know (RFC 9110)
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
    missing: str = NOWHERE
    wrong: tuple[str, str] = ("POST", NOWHERE)


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
            yield outcome(session, ask, rule, expected, got)
        if ask.identity != ANONYMOUS:
            expected = "`Cache-Control` with `no-store`, as it is for one caller"
            yield outcome(session, ask, "http/answer-cacheable", expected, _cache(reply))


def good_answers(session: Session, pages: Pages) -> Iterator[tuple[Ask, Reply]]:
    """Ask each page that is to be looked at, the open ones first.

    Raises:
        StageError: `page-not-there`: one of them does not answer 2xx.
    """
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


def _answers(session: Session, pages: Pages) -> Iterator[tuple[Ask, Reply]]:
    yield from good_answers(session, pages)
    bad = (Ask(method="GET", path=pages.missing), Ask(method=pages.wrong[0], path=pages.wrong[1]))
    for ask in bad:
        reply = session.answered(ask)
        if not within(reply.status, _REFUSALS):
            raise StageError(
                "page-there",
                f"{ask.label} answered {reply.status}, and a refusal (4xx) is to be looked at",
                hint="name a request that is refused by `refused:`",
            )
        yield ask, reply


_Rule = tuple[str, str, Callable[[Reply], str]]


def _rules(*, wants_hsts: bool) -> Iterator[_Rule]:
    """Each rule with what is expected, and a function that tells what is wrong, or nothing."""
    if wants_hsts:
        expected = "`Strict-Transport-Security` for a year or longer"
        yield "http/hsts-missing", expected, _hsts
    yield "http/csp-missing", "a `Content-Security-Policy` that limits scripts", _policy
    yield "http/nosniff-missing", "`X-Content-Type-Options: nosniff`", _nosniff
    yield (
        "http/frame-protection-missing",
        "`frame-ancestors` in its policy, or `X-Frame-Options: DENY` or `SAMEORIGIN`",
        _frames,
    )
    yield (
        "http/referrer-policy-missing",
        "a `Referrer-Policy` that is known and not unsafe",
        _referrer,
    )
    yield "http/software-told", "no header that tells the software's version", _software


def outcome(session: Session, ask: Ask, rule: str, expected: str, wrong: str) -> Check:
    """The check of one answer: it holds where nothing is told to be wrong."""
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
    found = _MAX_AGE.search(value.partition(",")[0])  # of several, the first is what holds
    is_long = found is not None and int(found[1][:12]) >= LEAST_HSTS_S
    return "" if is_long else f"`{value}`"


def _policy(reply: Reply) -> str:
    value = reply.header("Content-Security-Policy")
    if value is None:
        return "none"
    # Each of several policies must be met, so one that limits scripts is enough.
    limits = any(_limits_scripts(each) for each in _policies(reply))
    return "" if limits else f"`{value}`, which lets any script in"


def _policies(reply: Reply) -> Iterator[Mapping[str, Sequence[str]]]:
    """The policies of an answer: directives by name, with their words."""
    for policy in (reply.header("Content-Security-Policy") or "").split(","):
        directives: dict[str, Sequence[str]] = {}
        for directive in policy.lower().split(";"):
            name, *words = directive.split() or ("",)
            directives.setdefault(name, words)  # of two, the first is what holds
        yield directives


def _limits_scripts(policy: Mapping[str, Sequence[str]]) -> bool:
    if "sandbox" in policy and "allow-scripts" not in policy["sandbox"]:
        return True
    # Elements and attributes have directives of their own, which fall back to the wider ones.
    return all(
        _is_limited(next((policy[name] for name in names if name in policy), ("*",)))
        for names in (
            ("script-src-elem", "script-src", "default-src"),
            ("script-src-attr", "script-src", "default-src"),
        )
    )


def _is_limited(sources: Sequence[str]) -> bool:
    named = any(word.startswith(_NAMED) for word in sources)
    # Beside a nonce or a hash, browsers take no notice of what stands there for old ones.
    if not named and "'unsafe-inline'" in sources:
        return False
    is_strict = named and "'strict-dynamic'" in sources
    return is_strict or not any(_ANYBODY.fullmatch(word) for word in sources)


def _nosniff(reply: Reply) -> str:
    value = reply.header("X-Content-Type-Options")
    return "" if _words(value) == {"nosniff"} else _shown(value)


def _frames(reply: Reply) -> str:
    found = [each["frame-ancestors"] for each in _policies(reply) if "frame-ancestors" in each]
    if found:
        # It overrules X-Frame-Options in every browser that knows it.
        kept = any(not any(_ANYBODY.fullmatch(word) for word in each) for each in found)
        return "" if kept else f"`frame-ancestors {' '.join(found[0])}`"
    value = reply.header("X-Frame-Options")
    return "" if _words(value) in ({"deny"}, {"sameorigin"}) else _shown(value)


def _referrer(reply: Reply) -> str:
    value = reply.header("Referrer-Policy")
    if value is None:
        return "none"
    words = (word.strip().lower() for word in value.split(","))
    known = [word for word in words if word in _REFERRER_KEPT | _REFERRER_TOLD]
    # The last that a browser knows is what holds.
    return "" if known and known[-1] in _REFERRER_KEPT else f"`{value}`"


def _software(reply: Reply) -> str:
    server = reply.header("Server")
    if server is not None and _VERSION.search(server):
        return f"`Server: {server}`"
    told = (name for name in _NAMELESS if reply.header(name) is not None)
    name = next(told, "")
    return f"`{name}: {reply.header(name)}`" if name else ""


def _cache(reply: Reply) -> str:
    value = reply.header("Cache-Control")
    return "" if "no-store" in _words(value) else _shown(value)


def _words(value: str | None) -> set[str]:
    """The words of a list, in small letters; a proxy may send the same one twice."""
    return {word.strip().lower() for word in (value or "").split(",")}


def _shown(value: str | None) -> str:
    return "none" if value is None else f"`{value}`"
