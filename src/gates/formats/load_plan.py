"""What a load generator is to do: written by the stage, read by the generator's own process."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from gates.formats import strict_json
from gates.formats.strict_json import Value

SCHEMA = "gates/load-plan/v1"

Slope = tuple[float, float, float]
"""A value at the beginning, the value at the end, and the seconds in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One kind of request, and what its answer must be.

    Attributes:
        name: the endpoint that it counts for.
        method: its method.
        path: path with query; `{n}` and `{random}` stand for numbers.
        weight: how many there are of it in one cycle.
        headers: its header fields.
        body: its body; `{n}` and `{random}` stand for numbers.
        statuses: statuses of success; none for all from 200 to 399.
        min_bytes: the least size of a body.
        max_bytes: the largest one, or None.
        equals: JSON pointers into the body, each with the value there, as JSON.
        present: JSON pointers that must lead somewhere.
    """

    name: str
    method: str = "GET"
    path: str = "/"
    weight: int = 1
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    statuses: tuple[int, ...] = ()
    min_bytes: int = 0
    max_bytes: int | None = None
    equals: tuple[tuple[str, str], ...] = ()
    present: tuple[str, ...] = ()

    @property
    def reads_body(self) -> bool:
        """Whether its checks look into the body."""
        return bool(self.equals or self.present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A request that comes first, whose answer gives all others a header field.

    Attributes:
        request: what is sent.
        take: JSON pointer to the token in the answer.
        header: the field, in which `{token}` stands for it.
    """

    request: Request
    take: str
    header: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadPlan:
    """One run of the generator.

    Attributes:
        url: address of the service, without a path.
        rates: requests a second, slope by slope.
        warmup_s: seconds at the first rate that come before and do not count.
        requests: what is sent, in a cycle.
        even: equal gaps in place of random moments.
        connections: how many may be open.
        held: connections that are to stay open, slope by slope; none where as few as do are open.
        patience_s: seconds that answers are waited for at the end.
        login: what comes before, or None.
        seed: of the random moments and numbers.
    """

    url: str
    rates: tuple[Slope, ...]
    warmup_s: float
    requests: tuple[Request, ...]
    even: bool = False
    connections: int = 100
    held: tuple[Slope, ...] = ()
    patience_s: float = 10.0
    login: Login | None = None
    seed: int = field(default=1)

    @property
    def duration_s(self) -> float:
        """Seconds of the measured phase."""
        return sum(seconds for _, _, seconds in self.rates)

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints, in the order of their first request."""
        return tuple(dict.fromkeys(request.name for request in self.requests))

    def to_json(self) -> bytes:
        """The plan as a file."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False).encode()


def read(data: bytes, *, what: str) -> LoadPlan:
    """Read what `to_json` wrote.

    Raises:
        OutputUnreadable: it is none.
    """
    top = strict_json.read(data, what=what)
    if top.member("schema").text() != SCHEMA:
        raise top.member("schema").unreadable("is none that is known")
    login = top.find("login")
    return LoadPlan(
        url=top.member("url").text(),
        rates=_slopes(top.member("rates")),
        warmup_s=float(top.member("warmup_s").number()),
        requests=tuple(_request(each) for each in top.member("requests").items()),
        even=top.member("even").flag(),
        connections=top.member("connections").count(),
        held=_slopes(top.member("held")),
        patience_s=float(top.member("patience_s").number()),
        login=None if login is None else _login(login),
        seed=top.member("seed").count(),
    )


def cycle(weights: tuple[int, ...]) -> tuple[int, ...]:
    """One cycle in which each index stands as often as its weight says, spread as evenly as can be.

    Each turn every index gains its weight, and the one that has gained most is taken and pays
    the sum of all: smooth weighted round robin.
    """
    total = sum(weights)
    gained = [0] * len(weights)
    order = []
    for _ in range(total):
        gained = [have + weight for have, weight in zip(gained, weights, strict=True)]
        best = max(range(len(weights)), key=gained.__getitem__)
        gained[best] -= total
        order.append(best)
    return tuple(order)


def at(slopes: tuple[Slope, ...], second: float) -> float:
    """The value of slopes at a moment; before the first and after the last one its border."""
    began = 0.0
    for start, end, seconds in slopes:
        if second < began + seconds:
            return start + (end - start) * max(second - began, 0.0) / seconds
        began += seconds
    return slopes[-1][1] if slopes else 0.0


def _slopes(value: Value) -> tuple[Slope, ...]:
    return tuple(_slope(each) for each in value.items())


def _slope(value: Value) -> Slope:
    start, end, seconds = (float(each.number()) for each in value.items())
    return start, end, seconds


def _login(value: Value) -> Login:
    return Login(
        request=_request(value.member("request")),
        take=value.member("take").text(),
        header=value.member("header").text(),
    )


def _request(value: Value) -> Request:
    most = value.find("max_bytes")
    return Request(
        name=value.member("name").text(),
        method=value.member("method").text(),
        path=value.member("path").text(),
        weight=value.member("weight").count(),
        headers=_pairs(value.member("headers")),
        body=value.member("body").text(),
        statuses=tuple(each.count() for each in value.member("statuses").items()),
        min_bytes=value.member("min_bytes").count(),
        max_bytes=None if most is None else most.count(),
        equals=_pairs(value.member("equals")),
        present=tuple(each.text() for each in value.member("present").items()),
    )


def _pairs(value: Value) -> tuple[tuple[str, str], ...]:
    return tuple(_pair(each) for each in value.items())


def _pair(value: Value) -> tuple[str, str]:
    name, text = (each.text() for each in value.items())
    return name, text


def scaled(slopes: tuple[Slope, ...], factor: Decimal) -> tuple[Slope, ...]:
    """The same slopes with each value multiplied."""
    number = float(factor)
    return tuple((start * number, end * number, seconds) for start, end, seconds in slopes)
