"""The set `login`: how often a password may be guessed, and what a refusal gives away.

A refusal for now is 429 (RFC 6585) or 423 (RFC 4918).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import json_pointer, strict_json
from gates.formats.probe_forwarded import EXAMPLE, Belief, Headers, believed, forwarded, note
from gates.formats.probe_limits import Limit, retry_after
from gates.formats.probe_model import ANONYMOUS, Ask, Check, within
from gates.formats.probe_session import REFUSED_FOR_NOW, Session
from gates.toolkit.http_calls import Reply

LOCKED: Final = 423
_UNKNOWN_USERS: Final = 2
_FOR_NOW: Final = frozenset({REFUSED_FOR_NOW, LOCKED})
_ERRORS: Final = 400
_FAILURES: Final = 500
_REFUSALS: Final = ((_ERRORS, _FAILURES - 1),)
_PASSING: Final = re.compile(
    r"date|expires|modified|age|length|etag|limit|remaining|tim(?:e|ing)|retry|-id$"
)


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
    most = wanted.attempts.count + tolerance + 1
    while len(known) < most and known[-1].status not in _FOR_NOW:
        known.append(trial.ask())
    yield from trial.refusals(known)
    yield trial.likeness(unknown, known)
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
        self.shown = replace(right, json=replaced(right.json, wanted.password, "wrong"))

    def ask(self, *, user: str = "", added: Headers = ()) -> Reply:
        body = replaced(self.wrong, self.wanted.user, user) if user else self.wrong
        headers = (*self.right.headers, *added)
        return self.session.ask(replace(self.right, identity=ANONYMOUS, json=body, headers=headers))

    def own(self) -> str:
        """The user's name, as the plan writes it."""
        return str(json_pointer.resolve(self.right.json, self.wanted.user, what="the login"))

    def stranger(self) -> str:
        """A name like that of the user, of nobody."""
        import secrets

        _, at, domain = self.own().partition("@")
        return f"nobody-{secrets.token_hex(6)}{at}{domain}"

    def refusals(self, known: list[Reply]) -> Iterator[Check]:
        """Each wrong password must be refused; a failure of the service is no refusal."""
        let_in = next((each for each in known if each.status < _ERRORS), None)
        yield self._check(
            "http/wrong-password-accepted",
            "a wrong password to be refused",
            f"{(let_in or known[0]).status}",
            holds=let_in is None,
        )
        failing = next((each for each in known if each.status >= _FAILURES), None)
        yield self._check(
            "http/login-failing",
            "a wrong password to be answered by 4xx",
            f"{(failing or known[0]).status}",
            holds=failing is None,
        )

    def likeness(self, unknown: list[Reply], known: list[Reply]) -> Check:
        status, told = known[0].status, ""
        if status != unknown[0].status:
            pass  # that says it
        elif not alike_but_for(unknown[0].body, unknown[1].body, known[0].body):
            told = ", with other words"
        elif name := told_by_header(unknown, [each for each in known if each.status == status]):
            told = f", with another `{name}`"
        return self._check(
            "http/users-told",
            "an unknown user to be answered as a wrong password",
            f"{unknown[0].status} for an unknown one, {status} for a known one{told}",
            holds=status == unknown[0].status and not told,
        )

    def limit(
        self, known: list[Reply], *, tolerance: int, now: Callable[[], datetime]
    ) -> Iterator[Check]:
        attempts = self.wanted.attempts
        last = known[-1]
        is_limited = last.status in _FOR_NOW
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
        yield retry_after(self.subject, last, attempts, self.session.curl(self.shown), now)
        yield from self.bypasses(known[0].status, most=attempts.count + tolerance + 1)

    def bypasses(self, usual: int, *, most: int) -> Iterator[Check]:
        """Ways around a limit that holds: the right password, other spellings, other addresses.

        Args:
            usual: the status of a wrong password that is looked at.
            most: attempts after which a limit holds.
        """
        rule = "http/login-limit-bypassed"
        reply = self.session.ask(replace(self.right, identity=ANONYMOUS))
        expected = "the right password to be refused too while the limit holds"
        is_kept = within(reply.status, _REFUSALS)
        yield self._check(rule, expected, f"{reply.status}", holds=is_kept)
        if is_kept:
            yield from self.disguises(usual, most=most)

    def disguises(self, usual: int, *, most: int) -> Iterator[Check]:
        """The same user under another name or address; as `bypasses`."""
        rule = "http/login-limit-bypassed"
        for how, name in spellings(self.session.filled(self.own())):
            # Only the right password shows that both spellings are of one user.
            json = replaced(self.right.json, self.wanted.user, name)
            reply = self.session.ask(replace(self.right, identity=ANONYMOUS, json=json))
            yield self._check(
                rule,
                f"the right password to be refused too for the name {how}",
                f"{reply.status}",
                holds=reply.status >= _ERRORS,
                asked=replace(self.shown, json=replaced(self.shown.json, self.wanted.user, name)),
            )

        def is_let(added: Headers) -> bool:
            # A password that is looked at is answered as it was before the limit.
            status = self.ask(added=added).status
            return status not in _FOR_NOW and (status == usual or status < _ERRORS)

        belief = believed(is_let, most=most, tolerance=0)
        if belief is Belief.PROXY:
            self.session.notes.append(note(self.subject))
        yield self._check(
            rule,
            "a refusal also with a made-up `X-Forwarded-For`",
            f"{usual}" if belief is Belief.ANYBODY else "one, or a limit of its own",
            holds=belief is not Belief.ANYBODY,
            asked=replace(self.shown, headers=(*self.shown.headers, *forwarded(EXAMPLE))),
        )

    def _check(
        self, rule: str, expected: str, got: str, *, holds: bool, asked: Ask | None = None
    ) -> Check:
        return Check(
            rule=rule,
            subject=self.subject,
            expected=expected,
            got=got,
            holds=holds,
            curl=self.session.curl(asked or self.shown),
        )


def spellings(name: str) -> Iterator[tuple[str, str]]:
    """Other ways to write a name that many services take for the same, and how they differ."""
    if name != name.swapcase():
        yield "in other letters (capitals for small ones)", name.swapcase()
    yield "with a blank at each end", f" {name} "


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


def told_by_header(unknown: Sequence[Reply], known: Sequence[Reply]) -> str:
    """The first header that stands in all answers of one kind as in none of the other; or empty."""
    left, right = ([_fields(each) for each in replies] for replies in (unknown, known))
    for name in sorted({name for fields in (*left, *right) for name in fields}):
        values = [{fields.get(name) for fields in side} for side in (left, right)]
        if len(values[0]) == len(values[1]) == 1 and values[0] != values[1]:
            return name
        has = [{name in fields for fields in side} for side in (left, right)]
        if len(has[0]) == len(has[1]) == 1 and has[0] != has[1]:
            return name
    return ""


def _fields(reply: Reply) -> dict[str, str]:
    """The headers of an answer; of what counts or dates answers, only that it is there."""
    fields = {}
    for key, value in reply.headers:
        name = key.lower()
        if name == "set-cookie":
            fields[f"set-cookie: {value.partition('=')[0].strip()}"] = ""
        else:
            fields[name] = "" if _PASSING.search(name) else value
    return fields


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
