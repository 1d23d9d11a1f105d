"""What Locust writes by `--json` and `--json-file`: a histogram of response times per endpoint.

It has neither an aggregate nor percentiles, and Locust's own are not needed: all is counted here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json
from gates.formats.latency import Spread, Step
from gates.formats.locust_rounding import edges, rounded
from gates.formats.strict_json import Value

_KEY = re.compile(r"0|[1-9][0-9]{0,11}", re.ASCII)

_NEAR = Decimal("1e-6")
"""How far a sum of floating numbers may be off, as a share of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """What was measured of one endpoint.

    Attributes:
        name: as the locust file calls it.
        method: of HTTP, or another kind of request.
        requests: how many came to an end.
        untimed: how many of them have no response time.
        failures: how many failed.
        total: sum of the response times in milliseconds.
        fastest: the shortest in milliseconds.
        slowest: the longest.
        histogram: how many by rounded response time.
        start: when it began, in seconds since the epoch.
        last: when the last request ended.
    """

    name: str
    method: str
    requests: int
    untimed: int
    failures: int
    total: Decimal
    fastest: Decimal
    slowest: Decimal
    histogram: tuple[tuple[int, int], ...]
    start: Decimal
    last: Decimal

    @property
    def key(self) -> str:
        """Method and name in one text, as conditions write it."""
        return f"{self.method} {self.name}".strip()


def read(data: bytes, *, what: str) -> tuple[Endpoint, ...]:
    """Read a report; empty where no request came to an end.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report, is rounded in another way than Locust's own, or
            contradicts itself.
    """
    endpoints: dict[tuple[str, str], Endpoint] = {}
    for entry in strict_json.read(data, what=what).items():
        endpoint = _endpoint(entry)
        key = (endpoint.method, endpoint.name)
        if key in endpoints:
            raise _contradiction(entry, f"is `{endpoint.key}` a second time")
        endpoints[key] = endpoint
    return tuple(endpoint for endpoint in endpoints.values() if endpoint.requests)


def merge(parts: Sequence[tuple[str, tuple[Endpoint, ...]]]) -> tuple[Endpoint, ...]:
    """Put reports of several generators together; histograms add up exactly.

    Args:
        parts: name and endpoints of each report.

    Raises:
        OutputUnreadable: two of them tell of the same run.
    """
    merged: dict[str, Endpoint] = {}
    seen: set[Endpoint] = set()
    for what, endpoints in parts:
        for endpoint in endpoints:
            if endpoint in seen:
                raise OutputUnreadable(
                    "locust-twice",
                    f"`{endpoint.key}` stands in another report with the same numbers and times",
                    hint="name each report once under `report:`",
                    place=what,
                )
            seen.add(endpoint)
            before = merged.get(endpoint.key)
            merged[endpoint.key] = endpoint if before is None else _added(before, endpoint)
    return tuple(merged[key] for key in sorted(merged))


def whole(endpoints: Sequence[Endpoint]) -> Endpoint:
    """All endpoints, of which there is at least one, as if they were one."""
    first, *others = endpoints
    for other in others:
        first = _added(first, other)
    return first


def spread(endpoint: Endpoint) -> Spread:
    """The response times of an endpoint in order; all of its requests must be timed."""
    steps: list[Step] = []
    upto = 0
    for key, count in endpoint.histogram:
        low, high = edges(key) or (endpoint.fastest, endpoint.slowest)
        upto += count
        steps.append(Step(upto, low, high))
    return Spread(
        requests=endpoint.requests,
        failures=endpoint.failures,
        total=endpoint.total,
        fastest=endpoint.fastest,
        slowest=endpoint.slowest,
        steps=tuple(steps),
    )


def _added(one: Endpoint, other: Endpoint) -> Endpoint:
    timed = [each for each in (one, other) if each.histogram]
    return Endpoint(
        name=one.name,
        method=one.method,
        requests=one.requests + other.requests,
        untimed=one.untimed + other.untimed,
        failures=one.failures + other.failures,
        total=one.total + other.total,
        fastest=min((each.fastest for each in timed), default=Decimal(0)),
        slowest=max(one.slowest, other.slowest),
        histogram=_sorted(Counter(dict(one.histogram)) + Counter(dict(other.histogram))),
        start=min(one.start, other.start),
        last=max(one.last, other.last),
    )


def _sorted(counts: Mapping[int, int]) -> tuple[tuple[int, int], ...]:
    return tuple(sorted(counts.items()))


def _endpoint(entry: Value) -> Endpoint:
    requests = entry.member("num_requests").count()
    untimed = entry.member("num_none_requests").count()
    failures = entry.member("num_failures").count()
    if failures > requests or untimed > requests:
        raise _contradiction(entry, f"counts {failures} failures of {requests} requests")
    for name, count in (("num_reqs_per_sec", requests), ("num_fail_per_sec", failures)):
        told = sum(each.count() for _, each in entry.member(name).entries())
        if told != count:
            raise _contradiction(entry, f"tells {count} in all, and {told} by `{name}`")
    histogram = _histogram(entry.member("response_times"))
    timed = sum(count for _, count in histogram)
    if timed != requests - untimed:
        raise _contradiction(
            entry, f"has response times of {timed} requests, and {requests - untimed} have one"
        )
    total, fastest, slowest = _times(entry, histogram)
    start, last = _span(entry, requests)
    return Endpoint(
        name=entry.member("name").text(),
        method=entry.member("method").text(),
        requests=requests,
        untimed=untimed,
        failures=failures,
        total=total,
        fastest=fastest,
        slowest=slowest,
        histogram=histogram,
        start=start,
        last=last,
    )


def _histogram(value: Value) -> tuple[tuple[int, int], ...]:
    counts: dict[int, int] = {}
    for text, count in value.entries():
        # Anything else comes of a rounding that the locust file put in place of Locust's.
        key = int(text) if _KEY.fullmatch(text) else -1
        if edges(key) is None or not count.count():
            raise count.unreadable(
                "is no response time as Locust rounds it, or none has it", slug="locust-rounding"
            )
        counts[key] = count.count()
    return _sorted(counts)


def _times(
    entry: Value, histogram: tuple[tuple[int, int], ...]
) -> tuple[Decimal, Decimal, Decimal]:
    """Sum, shortest and longest of the response times, held against the histogram."""
    if not histogram:
        return Decimal(0), Decimal(0), Decimal(0)
    total = entry.member("total_response_time").number()
    fastest = entry.member("min_response_time").number()
    slowest = entry.member("max_response_time").number()
    for time, (key, _) in ((fastest, histogram[0]), (slowest, histogram[-1])):
        if rounded(time) != key:
            raise _contradiction(entry, f"has a shortest or longest time of {time}, not of {key}")
    bounds = [(edges(key) or (fastest, slowest), count) for key, count in histogram]
    low = sum((low * count for (low, _), count in bounds), Decimal(0))
    high = sum((high * count for (_, high), count in bounds), Decimal(0))
    if not low * (1 - _NEAR) <= total <= high * (1 + _NEAR):
        raise _contradiction(entry, f"has a sum of response times of {total}, which they have not")
    return total, fastest, slowest


def _span(entry: Value, requests: int) -> tuple[Decimal, Decimal]:
    """Begin and end, in seconds since the epoch."""
    start = entry.member("start_time").number()
    last = entry.member("last_request_timestamp").number() if requests else start
    if last < start:
        raise _contradiction(entry, "ends before it begins")
    return start, last


def _contradiction(entry: Value, problem: str) -> OutputUnreadable:
    return entry.unreadable(problem, slug="locust-contradiction")
