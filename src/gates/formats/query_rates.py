"""Queries for each request, by the counters of both: of all requests, or of each endpoint."""

from __future__ import annotations

from fractions import Fraction

from gates.domain.errors import StageError
from gates.domain.metric import Metric, tags_of
from gates.formats.latency import MAX_TAGGED
from gates.formats.prometheus_query import Selector
from gates.formats.prometheus_values import exact
from gates.formats.prometheus_window import Window, labels_apart

OF_ANSWERS = frozenset({"status", "status_code", "code", "status_class", "pid", "version"})
"""Labels that tell apart the answers, or the workers, and no endpoints."""


def by_endpoint(
    name: str, seen: Window, queries: Selector, requests: Selector, label: str
) -> tuple[Metric, ...]:
    """The rate of the endpoint with the most queries for each request, and that of each endpoint.

    Args:
        name: of the metric.
        seen: the pages before and after.
        queries: the counter of queries.
        requests: the counter of requests.
        label: names the endpoint in both.

    Raises:
        StageError: nothing was counted, or queries were counted and no request or no endpoint.
    """
    found = {
        endpoint: rate(name, more, seen.growth(_at(requests, label, endpoint)), endpoint)
        for endpoint, more in _grouped(seen, queries, label).items()
        if more
    }
    if not found:
        raise StageError("nothing-counted", f"`{queries.text}` did not grow")
    worst = max(found.values(), key=lambda metric: Fraction(*metric.fraction))
    tagged = sorted(found.values(), key=lambda metric: metric.tags)[:MAX_TAGGED]
    return (Metric(name=name, value=worst.value), *tagged)


def rate(name: str, queries: Fraction, requests: Fraction, endpoint: str) -> Metric:
    """Queries for each request, of an endpoint or, where it is empty, of all.

    Raises:
        StageError: no request was counted.
    """
    if not requests:
        where = f" for `{endpoint}`" if endpoint else ""
        raise StageError(
            "nothing-counted",
            f"{queries} queries ran{where}, and no request was counted",
            hint="see whether `requests` names the counter of the same endpoints",
        )
    tags = tags_of({"endpoint": endpoint}) if endpoint else ()
    return Metric(name=name, value=exact(queries / requests), tags=tags)


def hidden(name: str, seen: Window, requests: Selector) -> str:
    """Words for where requests without queries may hide those with many, or an empty text."""
    grown = seen.growths(requests)
    series = [each for each in seen.found(requests) if grown[each.labels]]
    apart = sorted(labels_apart(series) - OF_ANSWERS)
    if not apart:
        return ""
    return (
        f"{name} is of all {len(series)} series of `{requests.text}` together, so that requests"
        " without queries hide those with many: name the label of the endpoint (`endpoint`; they"
        f" differ in {', '.join(apart)})"
    )


def _grouped(seen: Window, selector: Selector, label: str) -> dict[str, Fraction]:
    """What the counters grew by, by endpoint; one without the label cannot be told apart."""
    grown: dict[str, Fraction] = {}
    for labels, more in seen.growths(selector).items():
        name = dict(labels).get(label, "")
        if not name and more:
            raise StageError(
                "no-endpoint",
                f"`{selector.name}` has a series without `{label}`, and counted {more} there",
                hint="let the app name the endpoint in that label, or leave `endpoint` out",
            )
        grown[name] = grown.get(name, Fraction(0)) + more
    return grown


def _at(selector: Selector, label: str, value: str) -> Selector:
    return Selector(selector.name, tags_of({**dict(selector.labels), label: value}))
