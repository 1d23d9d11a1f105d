"""What is expected of one answer, compared with what came: each expectation is one check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol

from gates.domain.errors import OutputUnreadable
from gates.formats import json_pointer, strict_json
from gates.formats.probe_model import Ask, Check, Kind, Match, Step, shown, within
from gates.toolkit.http_calls import Reply

LONGEST = 100
"""Characters of foreign text that are told."""

_ABSENT = object()


class Voice(Protocol):
    """What fills and hides texts; a session does."""

    def filled(self, text: str) -> str:
        """A text with values and settings in their places."""

    def hidden(self, text: str) -> str:
        """A text without secrets."""

    def curl(self, ask: Ask) -> str:
        """The command that asks the same."""


def checks(step: Step, reply: Reply, voice: Voice) -> Iterator[Check]:
    """Compare an answer with all that a step expects of it.

    Args:
        step: what was asked and is expected.
        reply: what came.
        voice: fills what is expected, and hides what is told.
    """
    label = f"{step.name} ({step.ask.label})" if step.name else step.ask.label
    told = _Telling(label, voice.curl(step.ask), voice)
    expect = step.expect
    yield told.check(
        "http/status",
        f"status {shown(expect.statuses)}",
        f"{reply.status}",
        holds=within(reply.status, expect.statuses),
    )
    for name, match in expect.headers:
        value: object = reply.header(name)
        found = _ABSENT if value is None else value
        yield told.matched("http/header", f"header `{name}`", match, found)
    for match in expect.body:
        yield told.matched("http/body", "body", match, reply.body.decode("utf-8", "replace"))
    yield from _json(expect.json, reply, told)
    if expect.below_s is not None:
        seconds = Decimal(str(reply.seconds))
        limit = expect.below_s * 1000
        expected = f"an answer within {limit.normalize():f} ms"
        got = f"{seconds * 1000:.1f} ms"
        yield told.check("http/time", expected, got, holds=seconds < expect.below_s)


def _json(expected: tuple[tuple[str, Match], ...], reply: Reply, told: _Telling) -> Iterator[Check]:
    if not expected:
        return
    try:
        document = strict_json.loads(reply.body, what="the body")
    except OutputUnreadable as error:
        for pointer, match in expected:
            expectation = f"`{pointer}` {words(match)}"
            yield told.check("http/json", expectation, error.problem.summary, holds=False)
        return
    for pointer, match in expected:
        try:
            found = json_pointer.resolve(document, pointer)
        except OutputUnreadable:
            found = _ABSENT
        yield told.matched("http/json", f"`{pointer}`", match, found)


class _Telling:
    """Makes checks of one answer."""

    def __init__(self, label: str, curl: str, voice: Voice) -> None:
        self.label = label
        self.curl = curl
        self.voice = voice

    def check(
        self, rule: str, expected: str, got: str, *, holds: bool, pattern: str = "", text: str = ""
    ) -> Check:
        return Check(
            rule=rule,
            subject=self.label,
            expected=expected,
            got=self.voice.hidden(got),
            holds=holds,
            curl=self.curl,
            pattern=pattern,
            text=text,
        )

    def matched(self, rule: str, what: str, match: Match, found: object) -> Check:
        expected = f"{what} {words(match)}"
        # Hidden before it is cut: half a secret is one too.
        got = "none" if found is _ABSENT else shortened(self.voice.hidden(plain(found)))
        if match.kind is Kind.MATCHES:
            text = found if isinstance(found, str) else ""
            is_text = isinstance(found, str)
            pattern = f"{match.value}" if is_text else ""
            return self.check(rule, expected, got, holds=is_text, pattern=pattern, text=text)
        value = self._filled(match.value)
        return self.check(rule, expected, got, holds=meets(match.kind, value, found))

    def _filled(self, value: object) -> object:
        return self.voice.filled(value) if isinstance(value, str) else value


def meets(kind: Kind, value: object, found: object) -> bool:
    """Whether what was found is as expected, for every kind but a pattern."""
    if kind is Kind.ABSENT or found is _ABSENT:
        return kind is Kind.ABSENT and found is _ABSENT
    if kind is Kind.PRESENT:
        return True
    if kind is Kind.TYPE:
        return type_of(found) == value or (value == "number" and type_of(found) == "integer")
    if kind is Kind.CONTAINS:
        if isinstance(found, str):
            return isinstance(value, str) and value in found
        return isinstance(found, list) and any(same(value, item) for item in found)
    return same(value, found)


def same(left: object, right: object) -> bool:
    """Whether two values of JSON are equal; `true` is not 1, and 1.0 is."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(same(one, other) for one, other in pairs)
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return left == right


def type_of(value: object) -> str:
    """The type of a value in the words of JSON Schema."""
    kinds = (
        (bool, "boolean"),
        (int, "integer"),
        (Decimal, "number"),
        (str, "string"),
        (list, "array"),
        (dict, "object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")


TYPES = ("boolean", "integer", "number", "string", "array", "object", "null")
"""The types that a place in JSON may be expected to have."""


def words(match: Match) -> str:
    """What is expected, in words."""
    if match.kind in {Kind.PRESENT, Kind.ABSENT}:
        return f"to be {match.kind.value}"
    verb = {
        Kind.EQUALS: "to be",
        Kind.CONTAINS: "to contain",
        Kind.MATCHES: "to match",
        Kind.TYPE: "to be of type",
    }[match.kind]
    return f"{verb} {shortened(match.value)}"


def shortened(value: object) -> str:
    """A value on one short line."""
    text = " ".join(plain(value).split())
    return f"`{text[:LONGEST]}…`" if len(text) > LONGEST else f"`{text}`"


def plain(value: object) -> str:
    """A value as text: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, default=str)
