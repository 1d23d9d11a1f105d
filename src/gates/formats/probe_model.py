"""What a probe asks of a service, and what came of it, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ANONYMOUS = "anonymous"
"""The identity that needs no credentials; always there."""

OK = ((200, 299),)
"""Statuses of success."""

NOWHERE = "/gates-probe-{run}"
"""A path that no service has."""

Statuses = tuple[tuple[int, int], ...]
"""Ranges of status codes, both ends within."""


def within(status: int, statuses: Statuses) -> bool:
    """Whether a status lies in one of the ranges."""
    return any(low <= status <= high for low, high in statuses)


def shown(statuses: Statuses) -> str:
    """Ranges of status codes for people: `200`, `2xx`, `200-204 or 409`."""
    return " or ".join(
        f"{low}"
        if low == high
        else f"{low // 100}xx"
        if (low % 100, high - low) == (0, 99)
        else f"{low}-{high}"
        for low, high in statuses
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request; its texts may hold `{name}` of what was captured and `${NAME}` of a setting.

    Attributes:
        method: `GET`.
        path: path and query.
        identity: who asks.
        headers: names with their values.
        body: a text that is sent as it is, or None.
        json: what is sent as JSON; looked at where `has_json` says so.
        has_json: whether there is a body of JSON.
    """

    method: str
    path: str
    identity: str = ANONYMOUS
    headers: tuple[tuple[str, str], ...] = ()
    body: str | None = None
    json: object = None
    has_json: bool = False

    @property
    def label(self) -> str:
        """Method and path, as they were written."""
        return f"{self.method} {self.path.replace(NOWHERE, '/gates-probe-...')}"


class Kind(StrEnum):
    """How a value is compared with what is expected."""

    EQUALS = "equals"
    CONTAINS = "contains"
    MATCHES = "matches"
    PRESENT = "present"
    ABSENT = "absent"
    TYPE = "type"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What is expected of a header, of the body, or of a place in its JSON.

    Attributes:
        kind: how it is compared.
        value: with what; None where the kind needs nothing.
    """

    kind: Kind
    value: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What is expected of one answer; each of it is a check.

    Attributes:
        statuses: ranges of its status.
        headers: names with what is expected.
        body: of the whole text.
        json: JSON pointers with what is expected.
        below_s: seconds that it must stay below, or None.
    """

    statuses: Statuses = OK
    headers: tuple[tuple[str, Match], ...] = ()
    body: tuple[Match, ...] = ()
    json: tuple[tuple[str, Match], ...] = ()
    below_s: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request with what is expected, and what is kept of its answer.

    Attributes:
        ask: the request.
        expect: what is expected.
        capture: names with a JSON pointer, or the name of a header.
        name: what it is called, or empty.
        place: where it stands.
    """

    ask: Ask
    expect: Expect = field(default_factory=Expect)
    capture: tuple[tuple[str, str], ...] = ()
    name: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Somebody who asks.

    Attributes:
        name: as requests name it.
        headers: what shows who it is; `{token}` stands for what its login answers.
        login: the request that answers the token, or None.
        token: JSON pointer of the token in that answer.
        before: steps that make its account, in order.
        is_unlimited: it may do everything, so that no cell of the matrix denies it anything.
    """

    name: str
    headers: tuple[tuple[str, str], ...] = ()
    login: Ask | None = None
    token: str = ""
    before: tuple[Step, ...] = ()
    is_unlimited: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """How an operation is asked.

    Attributes:
        ask: the request; its identity is put in.
        before: steps that run before each time that it is asked for the matrix of roles.
    """

    ask: Ask
    before: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What the matrix of roles says of one identity and one operation.

    Attributes:
        is_allowed: whether it may.
        also: further statuses that show the same.
    """

    is_allowed: bool
    also: Statuses = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbePlan:
    """What a plan file says.

    Attributes:
        identities: by name, without the anonymous one.
        setup: steps that run first.
        requests: steps whose expectations are checks.
        examples: how operations are asked, by `METHOD /path`.
        roles: by operation, what each identity may.
        place: of the file.
    """

    identities: Mapping[str, Identity] = field(default_factory=dict)
    setup: tuple[Step, ...] = ()
    requests: tuple[Step, ...] = ()
    examples: Mapping[str, Example] = field(default_factory=dict)
    roles: Mapping[str, Mapping[str, Cell]] = field(default_factory=dict)
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One expectation, and whether it holds.

    Attributes:
        rule: id of the rule that it is of.
        subject: what was asked, as it was written.
        expected: in words.
        got: in words, without secrets.
        holds: whether it was met; where there is a pattern, as far as could be told without it.
        curl: the command that asks the same.
        pattern: a regular expression that `text` must match, looked at later; empty for none.
        text: what it must match.
    """

    rule: str
    subject: str
    expected: str
    got: str
    holds: bool
    curl: str = ""
    pattern: str = ""
    text: str = ""
