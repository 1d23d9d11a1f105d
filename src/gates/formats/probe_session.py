"""Who asks a service, and with what: identities that log in once, and values that are kept.

A text of a plan may hold `{name}`, a value that was captured from an earlier answer (`{run}` is new
in each run), and `${NAME}`, a setting of the environment. A setting never stands in what is told.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import json_pointer, probe_expect, strict_json
from gates.formats.probe_curl import curl
from gates.formats.probe_model import ANONYMOUS, Ask, Identity, Step, within
from gates.toolkit.http_calls import Call, Reply

JSON_TYPE = ("Content-Type", "application/json")
REFUSED_FOR_NOW = 429
RUN = "run"
"""The name of a value that no two runs share."""

NO_VALUE = "no-value"
"""The slug of the error that a value was not captured."""

MASK = "***"
_SETTING = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_VALUE = re.compile(r"(?<!\$)\{([a-z][a-z0-9_]*)\}")
_SHORTEST = 4  # a secret of fewer characters would mask half of every text


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered, for the record.

    Attributes:
        method: `GET`.
        path: as it was written.
        identity: who asked.
        status: of the answer.
        milliseconds: until it was whole.
    """

    method: str
    path: str
    identity: str
    status: int
    milliseconds: int


@dataclass(slots=True)
class Session:
    """One conversation with one service.

    Attributes:
        send: sends a request and waits for its answer.
        setting: gives a setting of the environment, or empty.
        url: the address of the service, for the commands that are told.
        identities: by name.
        values: what was captured, by name.
        asked: all requests so far.
        made: how many requests each identity made so far.
        notes: what a reader must know of the answers, besides the checks.
    """

    send: Callable[[Call], Reply]
    setting: Callable[[str], str]
    url: str = ""
    identities: Mapping[str, Identity] = field(default_factory=dict)
    values: dict[str, object] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    made: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _headers: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    _secrets: set[str] = field(default_factory=set)

    def ask(self, ask: Ask) -> Reply:
        """Send a request as its identity.

        Raises:
            StageError: a value or a setting is not there, the identity cannot log in, or no whole
                answer came.
        """
        own = self.headers_of(ask.identity)
        body = self._body(ask)
        headers = tuple((name, self.filled(value)) for name, value in ask.headers)
        given = {name.lower() for name, _ in headers}
        kind = (JSON_TYPE,) if ask.has_json and "content-type" not in given else ()
        call = Call(
            method=ask.method,
            target=self.filled(ask.path),
            headers=(*(each for each in own if each[0].lower() not in given), *headers, *kind),
            body=body,
        )
        reply = self.send(call)
        self.made[ask.identity] += 1
        millis = round(reply.seconds * 1000)
        self.asked.append(Asked(ask.method, ask.path, ask.identity, reply.status, millis))
        return reply

    def answered(self, ask: Ask) -> Reply:
        """Send a request whose answer says nothing where a limit refuses it.

        Raises:
            StageError: `limited`: a limit refused it; or as `ask`.
        """
        reply = self.ask(ask)
        if reply.status == REFUSED_FOR_NOW:
            raise StageError(
                "limited",
                f"{ask.label} was refused by a rate limit (429)",
                hint="lift the limit for this gate by its `env:`, and test it in a gate of its own",
            )
        return reply

    def perform(self, step: Step) -> Reply:
        """Send a step that others stand on, and keep what it captures.

        Raises:
            StageError: `step-failed`: the answer is not as expected; or as `ask`.
        """
        reply = self.ask(step.ask)
        for check in probe_expect.checks(step, reply, self):
            if not check.holds:
                raise StageError(
                    "step-failed",
                    f"{step.ask.label} was expected to answer {check.expected}, and it answered"
                    f" {check.got}",
                    hint="what the checks stand on must succeed first",
                    place=step.place,
                )
        self.capture(step, reply)
        return reply

    def capture(self, step: Step, reply: Reply) -> None:
        """Keep what a step names of an answer.

        Raises:
            StageError: the answer does not hold it.
        """
        for name, source in step.capture:
            try:
                found = (
                    pointed(reply, source, step.ask.label)
                    if source.startswith("/")
                    else reply.header(source)
                )
            except OutputUnreadable as error:
                raise _not_captured(step, source, error.problem.summary) from error
            if found is None:
                raise _not_captured(step, source, "it is not there")
            self.values[name] = found

    def headers_of(self, name: str) -> tuple[tuple[str, str], ...]:
        """What shows who somebody is; the first time, they log in.

        Raises:
            StageError: they are unknown, or their login fails.
        """
        if name == ANONYMOUS:
            return ()
        if name not in self._headers:
            identity = self.identity(name)
            for step in identity.before:
                self.perform(step)
            token = self._token(identity)
            self._headers[name] = tuple(
                (header, self.filled(value.replace("{token}", token)))
                for header, value in identity.headers
            )
            self._secrets |= {value for _, value in self._headers[name]} | ({token} - {""})
        return self._headers[name]

    def identity(self, name: str) -> Identity:
        """Somebody by name.

        Raises:
            StageError: `no-identity`: the plan knows nobody of this name.
        """
        if name not in self.identities:
            hint = "add it to `identities` of the plan"
            raise StageError("no-identity", f"there is no identity `{name}`", hint=hint)
        return self.identities[name]

    def filled(self, text: str) -> str:
        """A text with values and settings in their places.

        Raises:
            StageError: one of them is not there.
        """
        return _SETTING.sub(self._setting, _VALUE.sub(self._value, text))

    def hidden(self, text: str) -> str:
        """A text without the settings and tokens of this conversation."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST:
                text = text.replace(secret, MASK)
        return text

    def curl(self, ask: Ask) -> str:
        """The command that asks the same; who asks is named, and nobody's secret told."""
        identity = self.identities.get(ask.identity)
        known = {name: value for name, value in self.values.items() if name != "token"}
        shown = replace(ask, path=_VALUE.sub(lambda m: str(known.get(m[1], m[0])), ask.path))
        return self.hidden(curl(self.url, shown, identity))

    def _token(self, identity: Identity) -> str:
        if identity.login is None:
            return ""
        reply = self.ask(identity.login)
        if not within(reply.status, ((200, 299),)):
            raise StageError(
                "login-failed",
                f"`{identity.name}` cannot log in: {identity.login.label} answered {reply.status}",
                hint="its account must be there: add `before:` steps that make it",
            )
        try:
            token = pointed(reply, identity.token, identity.login.label)
        except OutputUnreadable:
            token = None
        if not isinstance(token, str) or not token:
            raise StageError(
                "login-failed",
                f"`{identity.name}` cannot log in: `{identity.token}` of the answer is no text",
                hint="`token:` is the JSON pointer of the token in the answer to `login:`",
            )
        return token

    def _body(self, ask: Ask) -> bytes | None:
        if ask.has_json:
            return encoded(self._deep(ask.json)).encode()
        return None if ask.body is None else self.filled(ask.body).encode()

    def _deep(self, value: object) -> object:
        """A value of JSON with all its texts filled."""
        if isinstance(value, str):
            whole = _VALUE.fullmatch(value)
            return self._known(whole[1]) if whole else self.filled(value)
        if isinstance(value, dict):
            return {key: self._deep(item) for key, item in value.items()}
        return [self._deep(item) for item in value] if isinstance(value, list) else value

    def _value(self, match: re.Match[str]) -> str:
        value = self._known(match[1])
        return value if isinstance(value, str) else encoded(value)

    def _known(self, name: str) -> object:
        if name not in self.values:
            hint = "a step before must `capture:` it"
            raise StageError(NO_VALUE, f"nothing was captured as `{name}`", hint=hint)
        return self.values[name]

    def _setting(self, match: re.Match[str]) -> str:
        value = self.setting(match[1])
        if not value:
            summary = f"the environment variable `{match[1]}` is not set"
            hint = "set it where `gates` runs; in CI as a secret"
            raise StageError("no-setting", summary, hint=hint)
        self._secrets.add(value)
        return value


def _not_captured(step: Step, source: str, why: str) -> StageError:
    return StageError(
        "not-captured",
        f"`{source}` cannot be kept of the answer to {step.ask.label}: {why}",
        hint="`capture:` names a JSON pointer (`/id`) or a header of the answer",
        place=step.place,
    )


def pointed(reply: Reply, pointer: str, label: str) -> object:
    """What a JSON pointer names in an answer.

    Raises:
        OutputUnreadable: the answer is no strict JSON, or does not hold it.
    """
    what = f"the answer to {label}"
    return json_pointer.resolve(strict_json.loads(reply.body, what=what), pointer, what=what)


def holds(reply: Reply, pointer: str, value: str) -> bool:
    """Whether a JSON pointer names a value in an answer that is written so."""
    try:
        found = pointed(reply, pointer, "")
    except OutputUnreadable:
        return False
    return (found if isinstance(found, str) else encoded(found)) == value


def encoded(value: object) -> str:
    """JSON with each number as it was written."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(str(key))}:{encoded(item)}" for key, item in value.items())
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(encoded(item) for item in value)}]"
    return json.dumps(value)
