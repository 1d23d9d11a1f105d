"""What the program that listens to broadcasts saw: `gates/broadcast/v1`, JSON lines.

```
{"schema":"gates/broadcast/v1","nonce":"...","protocol":"sse","subscribers":2,"messages":1,
 "deadline_us":5000000,"version":"..."}
{"sent":[0,1200,3400]}
{"subscriber":0,"lives":[[900,null,"",false]],"got":[[0,1900]],"foreign":0,"misplaced":0,
 "broken":0}
{"end":{"subscribers":2,"sent":1,"received":2,"probes":40,"late":0,"worst_us":900,"cpu_us":81000,
 "trouble":null}}
```

Each object stands in one line. Times are whole microseconds of one clock since the program began.
`sent`: a message's number, when its publication began, and when it was answered. `lives`: the
connections of a subscriber: when it was ready (null: never), when it ended (null: it did not), why,
and whether we dropped it. `got`: numbers and times, in order of receipt, repeated ones included.
`trouble`: why the program could not go on, as a short name and a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.broadcast_plan import BroadcastProtocol
from gates.formats.strict_json import Value

SCHEMA = "gates/broadcast/v1"

MAX_BYTES = 256 * 1024 * 1024
"""How large a record may be."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was published.

    Attributes:
        number: of the message.
        at_us: when its publication began.
        answered_us: when the publication was answered.
    """

    number: int
    at_us: int
    answered_us: int


@dataclass(frozen=True, slots=True)
class Life:
    """One connection of a subscriber.

    Attributes:
        ready_us: from when on it must get messages; None where it never came so far.
        ended_us: when it ended; None where it stood to the end.
        why: why it ended.
        was_dropped: it was ended on purpose.
    """

    ready_us: int | None
    ended_us: int | None = None
    why: str = ""
    was_dropped: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """What one subscriber heard.

    Attributes:
        subscriber: its number.
        lives: its connections.
        got: numbers of messages with the time of receipt.
        foreign: messages that hold no token of ours.
        misplaced: messages that hold one at another place than they should.
        broken: messages that hold one, and are JSON that breaks off.
    """

    subscriber: int
    lives: tuple[Life, ...]
    got: tuple[tuple[int, int], ...] = ()
    foreign: int = 0
    misplaced: int = 0
    broken: int = 0

    @property
    def is_connected(self) -> bool:
        """Whether it ever was ready."""
        return any(life.ready_us is not None for life in self.lives)


@dataclass(frozen=True, slots=True)
class Lag:
    """How late the program's own timer was while messages were under way.

    Attributes:
        probes: how often it was looked at.
        late: how often it was more than 5 ms late.
        worst_us: the worst of them.
        cpu_us: processor time of the program.
    """

    probes: int
    late: int
    worst_us: int
    cpu_us: int = 0


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the program could not go on.

    Attributes:
        slug: short name.
        summary: one line.
    """

    slug: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastRecord:
    """A whole run.

    Attributes:
        nonce: what the tokens of the run began with.
        version: of `gates`.
        protocol: how messages came.
        subscribers: how many were to connect.
        messages: how many were to be published.
        deadline_us: within which a message had to be there.
        sent: the messages in order.
        heard: one for each subscriber.
        lag: of the program itself.
        trouble: why it ended early, or None.
    """

    nonce: str
    version: str
    protocol: BroadcastProtocol
    subscribers: int
    messages: int
    deadline_us: int
    sent: tuple[Sent, ...]
    heard: tuple[Heard, ...]
    lag: Lag
    trouble: Trouble | None = None


def write(record: BroadcastRecord) -> bytes:
    """The file of a record."""
    import json

    trouble = record.trouble
    head = {
        "schema": SCHEMA,
        "nonce": record.nonce,
        "protocol": record.protocol,
        "subscribers": record.subscribers,
        "messages": record.messages,
        "deadline_us": record.deadline_us,
        "version": record.version,
    }
    sent = ({"sent": [each.number, each.at_us, each.answered_us]} for each in record.sent)
    heard = (
        {
            "subscriber": each.subscriber,
            "lives": [
                [life.ready_us, life.ended_us, life.why, life.was_dropped] for life in each.lives
            ],
            "got": each.got,
            "foreign": each.foreign,
            "misplaced": each.misplaced,
            "broken": each.broken,
        }
        for each in record.heard
    )
    end = {
        "subscribers": len(record.heard),
        "sent": len(record.sent),
        "received": sum(len(each.got) for each in record.heard),
        "probes": record.lag.probes,
        "late": record.lag.late,
        "worst_us": record.lag.worst_us,
        "cpu_us": record.lag.cpu_us,
        "trouble": [trouble.slug, trouble.summary] if trouble else None,
    }
    lines = (head, *sent, *heard, {"end": end})
    return "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines).encode()


def read(data: bytes, *, what: str) -> BroadcastRecord:
    """Read the file of a record.

    Raises:
        OutputUnreadable: it is none, is cut short, or contradicts itself.
    """
    if len(data) > MAX_BYTES or not data.endswith(b"\n"):
        raise OutputUnreadable("record-cut", "the record is cut short or too large", place=what)
    lines = [strict_json.read(line, what=what) for line in data.splitlines()]
    head, *between, last = lines if len(lines) > 1 else [lines[0], lines[0]]
    if head.member("schema").text() != SCHEMA:
        raise head.member("schema").unreadable("is not a known format")
    end = last.find("end")
    if end is None:
        raise OutputUnreadable("record-cut", "the record has no end", place=what)
    record = BroadcastRecord(
        nonce=head.member("nonce").text(),
        version=head.member("version").text(),
        protocol=BroadcastProtocol(head.member("protocol").text()),
        subscribers=head.member("subscribers").count(),
        messages=head.member("messages").count(),
        deadline_us=head.member("deadline_us").count(),
        sent=tuple(_sent(line) for line in between if "sent" in line.mapping()),
        heard=tuple(_heard(line) for line in between if "sent" not in line.mapping()),
        lag=Lag(*(end.member(name).count() for name in ("probes", "late", "worst_us", "cpu_us"))),
        trouble=_trouble(end),
    )
    _refuse_contradiction(record, end)
    return record


def _trouble(end: Value) -> Trouble | None:
    found = end.find("trouble")
    if found is None:
        return None
    slug, summary = found.items()
    return Trouble(slug.text(), summary.text())


def _sent(line: Value) -> Sent:
    number, at, answered = line.member("sent").items()
    return Sent(number.count(), at.count(), answered.count())


def _heard(line: Value) -> Heard:
    return Heard(
        subscriber=line.member("subscriber").count(),
        lives=tuple(_life(each) for each in line.member("lives").items()),
        got=tuple(_receipt(each) for each in line.member("got").items()),
        foreign=line.member("foreign").count(),
        misplaced=line.member("misplaced").count(),
        broken=line.member("broken").count(),
    )


def _life(entry: Value) -> Life:
    ready, ended, why, dropped = entry.items()
    return Life(_perhaps(ready), _perhaps(ended), why.text(), dropped.flag())


def _perhaps(value: Value) -> int | None:
    return None if value.raw is None else value.count()


def _receipt(entry: Value) -> tuple[int, int]:
    number, at = entry.items()
    return number.count(), at.count()


def _refuse_contradiction(record: BroadcastRecord, end: Value) -> None:
    """Refuse a record whose counts or times cannot be."""
    received = sum(len(each.got) for each in record.heard)
    counted = {"subscribers": len(record.heard), "sent": len(record.sent), "received": received}
    for name, number in counted.items():
        if end.member(name).count() != number:
            raise end.member(name).unreadable(f"says otherwise than the {number} that stand in it")
    if [each.subscriber for each in record.heard] != list(range(record.subscribers)):
        raise end.unreadable(f"comes after {len(record.heard)} of {record.subscribers} subscribers")
    if [each.number for each in record.sent] != list(range(len(record.sent))):
        raise end.unreadable("comes after messages that do not follow each other")
    anybody = any(each.is_connected for each in record.heard)
    if record.trouble is None and anybody and len(record.sent) != record.messages:
        raise end.unreadable(f"comes after {len(record.sent)} of {record.messages} messages")
    starts = {each.number: each.at_us for each in record.sent}
    for each in record.heard:
        if record.trouble is None and any(number not in starts for number, _ in each.got):
            raise end.unreadable("comes after a message that was never sent")
        if any(number in starts and at < starts[number] for number, at in each.got):
            raise end.unreadable("comes after a message that was there before it was sent")
