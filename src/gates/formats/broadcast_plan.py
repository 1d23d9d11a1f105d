"""What the program that listens to broadcasts is told to do, and how it knows its messages again.

Format `gates/broadcast-plan/v1`: one JSON object, written by the stage and read by its program.
Every message carries a token of ours, `NONCE-NUMBER` with six digits, so that a lost, a repeated
and a foreign message are told apart whatever else is in it. Where the service gives a message its
name, as the id of what was created, that stands in the answer to the request that publishes.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.json_cut import is_cut_off
from gates.formats.json_pointer import resolve
from gates.formats.strict_json import Value

SCHEMA = "gates/broadcast-plan/v1"

MAX_MESSAGES = 100_000
"""Messages of one run; their numbers have six digits."""

_NUMBER = "{:06d}"
_CACHED = 4096


class BroadcastProtocol(StrEnum):
    """How messages come to subscribers."""

    WEBSOCKET = "websocket"
    SSE = "sse"


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastLogin:
    """A request that comes first, whose answer holds a token for all others.

    Attributes:
        method: of the request.
        path: its path.
        kind: content type of its body.
        body: its body.
        take: JSON pointer to the token in the answer.
        header: a header field for all others, in which `{token}` stands for it.
    """

    method: str
    path: str
    kind: str
    body: str
    take: str
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastPlan:
    """A run. Times are whole microseconds.

    Attributes:
        nonce: what the tokens of this run begin with.
        url: the service, without a path.
        protocol: how messages come.
        path: where subscribers connect; `{subscriber}` stands for their number.
        subscribers: how many connect.
        messages: how many are published in each round.
        reconnect: subscribers that are dropped and come again before a second round.
        replay: half of that round is published while they are away, and must be made up for.
        method: of the request that publishes; empty where a command does.
        target: its whole URL.
        body: its body; `{message}` stands for the token.
        command: the words of a command that publishes in its place.
        pointer: where the token stands in a message of JSON; empty where anywhere in its text.
        answer: where in the answer to the request stands what stands at `pointer` in the message,
            in place of a token; empty where a token does.
        login: what comes before; None for nothing.
        subscribe: what a subscriber sends once it is connected; empty for nothing. With a login,
            `{token}` in it stands for its token.
        confirmed: what a message holds that tells that it is subscribed; empty for none.
        headers: sent by subscribers and by the request that publishes.
        headers_from: the same, by the names of environment variables that hold the values.
        deadline_us: within which a message must be there.
        connect_us: within which a subscriber must be connected, and a publication be answered.
        settle_us: pause before the first message.
        listen_us: how long repeated messages are listened for once all are there.
        pause_us: pause between two messages.
    """

    nonce: str
    url: str
    protocol: BroadcastProtocol
    path: str
    subscribers: int
    messages: int
    reconnect: int = 0
    replay: bool = False
    method: str = ""
    target: str = ""
    body: str = ""
    command: tuple[str, ...] = ()
    pointer: str = ""
    answer: str = ""
    login: BroadcastLogin | None = None
    subscribe: str = ""
    confirmed: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    headers_from: tuple[tuple[str, str], ...] = ()
    deadline_us: int = 5_000_000
    connect_us: int = 10_000_000
    settle_us: int = 500_000
    listen_us: int = 5_000_000
    pause_us: int = 100_000

    @property
    def rounds(self) -> int:
        """How often `messages` are published."""
        return 2 if self.reconnect else 1

    @property
    def published(self) -> int:
        """How many messages there are in all."""
        return self.messages * self.rounds


def token(nonce: str, number: int) -> str:
    """What stands for a message."""
    return f"{nonce}-{_NUMBER.format(number)}"


def write(plan: BroadcastPlan) -> bytes:
    """The file of a plan."""
    import json

    return json.dumps({"schema": SCHEMA, **asdict(plan)}).encode()


def read(data: bytes, *, what: str) -> BroadcastPlan:
    """Read the file of a plan.

    Raises:
        OutputUnreadable: it is none.
    """
    top = strict_json.read(data, what=what)
    if top.member("schema").text() != SCHEMA:
        raise top.member("schema").unreadable("is not a known format")
    return BroadcastPlan(
        **{
            name: top.member(name).text()
            for name in ("nonce", "url", "path", "method", "target", "body", "pointer")
        },
        **{name: top.member(name).text() for name in ("answer", "subscribe", "confirmed")},
        login=_login(top),
        protocol=BroadcastProtocol(top.member("protocol").text()),
        subscribers=top.member("subscribers").count(),
        messages=top.member("messages").count(),
        reconnect=top.member("reconnect").count(),
        replay=top.member("replay").flag(),
        command=tuple(each.text() for each in top.member("command").items()),
        headers=_pairs(top.member("headers")),
        headers_from=_pairs(top.member("headers_from")),
        deadline_us=top.member("deadline_us").count(),
        connect_us=top.member("connect_us").count(),
        settle_us=top.member("settle_us").count(),
        listen_us=top.member("listen_us").count(),
        pause_us=top.member("pause_us").count(),
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What one message says.

    Attributes:
        numbers: of the messages of ours that it brings, in order, each once.
        is_misplaced: it holds a token, but not where it should stand.
        is_broken: it holds a token, and is JSON that breaks off.
        name: what the service names it by, where that and no token tells it.
    """

    numbers: tuple[int, ...] = ()
    is_misplaced: bool = False
    is_broken: bool = False
    name: str = ""


def name_of(document: object, pointer: str) -> str:
    """What the service names a message by: the text or whole number at a JSON pointer, as JSON.

    Raises:
        OutputUnreadable: there is neither.
    """
    import json

    value = resolve(document, pointer)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise OutputUnreadable("no-name", f"at `{pointer}` stands no text and no whole number")
    return json.dumps(value)


class TokenReader:
    """Knows the messages of one run again."""

    __slots__ = ("_is_named", "_known", "_pattern", "_pointer")

    def __init__(self, nonce: str, pointer: str = "", *, is_named: bool = False) -> None:
        """Look for tokens that begin so, anywhere or at a JSON pointer; or for names at it."""
        self._is_named = is_named
        self._pattern = re.compile(rf"{re.escape(nonce)}-([0-9]{{6}})")
        self._pointer = pointer
        self._known: dict[str, Told] = {}

    def told(self, text: str) -> Told:
        """What a message says; many subscribers get the same, so that it is looked at once."""
        known = self._known.get(text)
        if known is None:
            if len(self._known) >= _CACHED:
                self._known.clear()
            known = self._known[text] = self._read(text)
        return known

    def _read(self, text: str) -> Told:
        if self._is_named:
            return self._named(text)
        numbers = tuple(dict.fromkeys(int(found) for found in self._pattern.findall(text)))
        if numbers and is_cut_off(text):
            return Told(is_broken=True)
        if not numbers or not self._pointer:
            return Told(numbers)
        try:
            document = strict_json.loads(text.encode("utf-8", "replace"), what="a message")
            value = resolve(document, self._pointer, what="a message")
        except OutputUnreadable:
            return Told(is_misplaced=True)
        found = self._pattern.fullmatch(value) if isinstance(value, str) else None
        return Told((int(found[1]),)) if found else Told(is_misplaced=True)

    def _named(self, text: str) -> Told:
        try:
            document = strict_json.loads(text.encode("utf-8", "replace"), what="a message")
            return Told(name=name_of(document, self._pointer))
        except OutputUnreadable:
            return Told()


def _login(top: Value) -> BroadcastLogin | None:
    found = top.find("login")
    if found is None:
        return None
    names = ("method", "path", "kind", "body", "take", "header")
    return BroadcastLogin(**{name: found.member(name).text() for name in names})


def _pairs(entries: Value) -> tuple[tuple[str, str], ...]:
    pairs = []
    for entry in entries.items():
        name, value = entry.items()
        pairs.append((name.text(), value.text()))
    return tuple(pairs)
