"""The set `login`: how often a password may be guessed, and what a refusal gives away.

A refusal for now is 429 (RFC 6585) or 423 (RFC 4918).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import json_pointer, strict_json
from gates.formats.probe_limits import Limit, retry_after
from gates.formats.probe_model import ANONYMOUS, OK, Ask, Check, within
from gates.formats.probe_session import REFUSED_FOR_NOW, Session
from gates.toolkit.http_calls import Reply

LOCKED: Final = 423
_UNKNOWN_USERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """What is tried at a login.

    Attributes:
        identity: whose login it is.
        user: JSON pointer of the name in its body.
        password: JSON pointer of the password in its body.
        attempts: how many wrong passwords are documented, or allowed, in a window.
    """

    identity: str
    user: str
    password: str
    attempts: Limit


def login(
    session: Session, wanted: Login, *, tolerance: int, now: Callable[[], datetime]
) -> Iterator[Check]:
    """Try wrong passwords until refused; an unknown user must be answered as a known one.

    Args:
        session: asks.
        wanted: what is tried.
        tolerance: how many attempts more or fewer a limit may let through.
        now: the time, for a `Retry-After` that is a date.

    Raises:
        StageError: the identity cannot log in with the right password, or its login has no body.
    """
    identity = session.identity(wanted.identity)
    if identity.login is None or not identity.login.has_json:
        summary = f"`{wanted.identity}` has no login with a body of JSON"
        raise StageError("no-login", summary, hint="add `login:` with `json:` to the identity")
    session.headers_of(wanted.identity)  # so that its user is known, and its password right
    trial = _Trial(session, identity.login, wanted)
    unknown = [trial.ask(user=trial.stranger()) for _ in range(_UNKNOWN_USERS)]
    known = [trial.ask()]
    yield trial.refusal(known[0])
    yield trial.likeness(unknown, known[0])
    most = wanted.attempts.count + tolerance + 1
    while len(known) < most and known[-1].status not in {REFUSED_FOR_NOW, LOCKED}:
        known.append(trial.ask())
    yield from trial.limit(known, tolerance=tolerance, now=now)


class _Trial:
    """Wrong logins of one user."""

    def __init__(self, session: Session, right: Ask, wanted: Login) -> None:
        import secrets

        self.session = session
        self.right = right
        self.wanted = wanted
        self.subject = right.label
        self.wrong = replaced(right.json, wanted.password, f"wrong-{secrets.token_hex(8)}")
        shown = replace(right, json=replaced(right.json, wanted.password, "wrong"))
        self.curl = session.curl(shown)

    def ask(self, *, user: str = "") -> Reply:
        body = replaced(self.wrong, self.wanted.user, user) if user else self.wrong
        return self.session.ask(replace(self.right, identity=ANONYMOUS, json=body))

    def stranger(self) -> str:
        """A name like that of the user, of nobody."""
        import secrets

        own = json_pointer.resolve(self.right.json, self.wanted.user, what="the login")
        _, at, domain = str(own).partition("@")
        return f"nobody-{secrets.token_hex(6)}{at}{domain}"

    def refusal(self, reply: Reply) -> Check:
        return self._check(
            "http/wrong-password-accepted",
            "a wrong password to be refused",
            f"{reply.status}",
            holds=reply.status >= 400,  # noqa: PLR2004 - errors of HTTP
        )

    def likeness(self, unknown: list[Reply], known: Reply) -> Check:
        alike = known.status == unknown[0].status and alike_but_for(
            unknown[0].body, unknown[1].body, known.body
        )
        return self._check(
            "http/users-told",
            "an unknown user to be answered as a wrong password",
            f"{unknown[0].status} for an unknown one, {known.status} for a known one"
            + ("" if alike or known.status != unknown[0].status else ", with other words"),
            holds=alike,
        )

    def limit(
        self, known: list[Reply], *, tolerance: int, now: Callable[[], datetime]
    ) -> Iterator[Check]:
        attempts = self.wanted.attempts
        last = known[-1]
        is_limited = last.status in {REFUSED_FOR_NOW, LOCKED}
        told = f"attempt {len(known)} was" if is_limited else f"none of {len(known)} was"
        yield self._check(
            "http/login-unlimited",
            f"429 or 423 after {attempts.count} wrong passwords in {attempts.window_s} s",
            told,
            holds=is_limited,
        )
        if not is_limited:
            return
        # A limit by address counts the unknown users too.
        least = attempts.count + 1 - _UNKNOWN_USERS - tolerance
        expected = f"no refusal before attempt {max(least, 1)}"
        yield self._check("http/login-limit-early", expected, told, holds=len(known) >= least)
        yield retry_after(self.subject, last, attempts, self.curl, now)
        reply = self.session.ask(replace(self.right, identity=ANONYMOUS))
        yield self._check(
            "http/login-limit-bypassed",
            "the right password to be refused too while the limit holds",
            f"{reply.status}",
            holds=not within(reply.status, OK),
        )

    def _check(self, rule: str, expected: str, got: str, *, holds: bool) -> Check:
        return Check(
            rule=rule,
            subject=self.subject,
            expected=expected,
            got=got,
            holds=holds,
            curl=self.curl,
        )


def replaced(document: object, pointer: str, value: object) -> object:
    """The document with another value where a JSON pointer leads; both are left as they are.

    Raises:
        OutputUnreadable: it leads to nothing.
    """
    json_pointer.resolve(document, pointer, what="the login")
    return _put(document, json_pointer.split(pointer), value)


def _put(document: object, steps: tuple[str, ...], value: object) -> object:
    if not steps:
        return value
    first, rest = steps[0], steps[1:]
    if isinstance(document, dict):
        return {
            key: _put(item, rest, value) if key == first else item for key, item in document.items()
        }
    items = document if isinstance(document, list) else []
    return [_put(item, rest, value) if str(at) == first else item for at, item in enumerate(items)]


def alike_but_for(first: bytes, second: bytes, third: bytes) -> bool:
    """Whether a third body is like the first, but for what differs between the first two.

    Those two were asked alike, so what differs there is an id, a time or an echoed name.
    """
    left, right, other = (_leaves(each) for each in (first, second, third))
    if left.keys() != right.keys() or left.keys() != other.keys():
        return False
    return all(left[key] == other[key] for key in left if left[key] == right[key])


def _leaves(body: bytes) -> dict[str, object]:
    """The values of a body by their place: of JSON, else of its words."""
    try:
        document = strict_json.loads(body, what="the body")
    except OutputUnreadable:
        return {str(at): word for at, word in enumerate(body.split())}
    return dict(_walk(document, ""))


def _walk(value: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield f"{path}{{}}", None
        for key, item in value.items():
            yield from _walk(item, f"{path}/{json_pointer.escape(key)}")
    elif isinstance(value, list):
        yield f"{path}[]", len(value)
        for at, item in enumerate(value):
            yield from _walk(item, f"{path}/{at}")
    else:
        yield path, value
