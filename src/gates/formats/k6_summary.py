"""The end-of-test summary of k6, in the three forms in which it is written.

- `--summary-export`: the numbers of a metric stand in the metric itself; thresholds are inverted
  (`true` is crossed).
- What `handleSummary(data)` is given: they stand in `values`.
- `--new-machine-readable-summary`, version 1.0.0: a list of metrics, without thresholds.

Only numbers are read, never k6's verdict: it passes thresholds on metrics without samples. For the
metric `http_req_failed`, what k6 counts as passes are the requests that failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value

MACHINE_VERSION = "1.0.0"

STATS = 'k6 run --summary-trend-stats "avg,min,med,max,p(90),p(95),p(99)"'
"""What makes k6 print the percentiles that conditions ask."""

TIMES = "http_req_duration"
TIMES_OF_EXPECTED = "http_req_duration{expected_response:true}"
"""Times of all requests, and of those that did not fail."""

_NEAR = Decimal("1e-9")


class Form(StrEnum):
    """The form of a summary."""

    EXPORT = "--summary-export"
    HANDLED = "handleSummary"
    MACHINE = "--new-machine-readable-summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """What k6 printed of the times of requests, in milliseconds; percentiles are interpolated.

    Attributes:
        mean: their mean.
        slowest: the longest.
        percentiles: by number; 99 only where it was asked for.
    """

    mean: Decimal
    slowest: Decimal
    percentiles: Mapping[int, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What k6 did.

    Attributes:
        form: of the report.
        version: of k6, where it is told, else empty.
        requests: how many came to an end.
        failures: how many of them failed.
        rate: requests a second.
        trend: times of the requests that did not fail; None where all failed, or where they are
            told only together with those of failed ones.
        iterations: how many came to an end.
        dropped: iterations that could not be started in time.
        checks: how often a check of the script was made.
        failed_checks: how often one did not hold.
    """

    form: Form
    version: str
    requests: int
    failures: int
    rate: Decimal
    trend: Trend | None
    iterations: int
    dropped: int
    checks: int
    failed_checks: int


def read(data: bytes, *, what: str) -> Summary:
    """Read a summary.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no summary of k6, contradicts itself, or lacks a usual number.
        StageError: no request came to an end, or whether they failed is not told.
    """
    document = strict_json.read(data, what=what)
    form, metrics = _metrics(document)
    if "http_reqs" not in metrics or not metrics["http_reqs"].member("count").count():
        raise StageError(
            "no-requests",
            "no HTTP request came to an end, so nothing was measured",
            hint="see in k6's log whether the script failed before its first request",
            place=what,
        )
    if "http_req_failed" not in metrics:
        raise StageError(
            "failures-untold",
            "the summary does not tell how many requests failed (`http_req_failed`)",
            hint="keep `http_req_failed` in the output, and set no `responseCallback` to null",
            place=what,
        )
    total = metrics["http_reqs"]
    requests = total.member("count").count()
    failures = _failures(metrics["http_req_failed"], form, requests)
    checks, failed_checks = _checks(document, metrics, form)
    return Summary(
        form=form,
        version=_version(document, form),
        requests=requests,
        failures=failures,
        rate=_positive(total.member("rate")),
        trend=_trend_of(metrics, requests, failures, document),
        iterations=_counted(metrics, "iterations"),
        dropped=_counted(metrics, "dropped_iterations"),
        checks=checks,
        failed_checks=failed_checks,
    )


def _metrics(document: Value) -> tuple[Form, dict[str, Value]]:
    """The form, and the numbers of each metric by its name."""
    results = document.find("results")
    if results is not None:
        version = document.member("version")
        if version.text() != MACHINE_VERSION:
            raise version.unreadable(
                f"is `{version.text()}`; {MACHINE_VERSION} is read", slug="k6-version"
            )
        found: dict[str, Value] = {}
        for entry in results.member("metrics").items():
            name = entry.member("name").text()
            if name in found:
                raise _contradiction(entry, f"is the metric `{name}` a second time")
            found[name] = entry.member("values")
        return Form.MACHINE, found
    entries = dict(document.member("metrics").entries())
    handled = [entry.find("values") is not None for entry in entries.values()]
    if any(handled) and not all(handled):
        raise _contradiction(document, "holds metrics of two forms")
    if any(handled):
        return Form.HANDLED, {name: entry.member("values") for name, entry in entries.items()}
    return Form.EXPORT, entries


def _failures(values: Value, form: Form, requests: int) -> int:
    """How many requests failed; k6 counts a failed one as a sample that is true."""
    if form is Form.MACHINE:
        failed, told = values.member("matches").count(), values.member("total").count()
        share = values.member("rate")
    else:
        failed = values.member("passes").count()
        told = failed + values.member("fails").count()
        share = values.member("value" if form is Form.EXPORT else "rate")
    if told != requests or failed > told:
        raise _contradiction(values, f"tells of {told} requests, and `http_reqs` of {requests}")
    if abs(share.number() * told - failed) > _NEAR * told:
        raise _contradiction(share, f"is {share.number()}, which is not {failed} of {told}")
    return failed


def _trend_of(
    metrics: Mapping[str, Value], requests: int, failures: int, document: Value
) -> Trend | None:
    if TIMES not in metrics:
        raise _contradiction(document, f"has requests, and no metric `{TIMES}`")
    trend = _trend(metrics[TIMES], requests)
    if not failures:
        return trend
    if failures == requests or TIMES_OF_EXPECTED not in metrics:
        return None
    return _trend(metrics[TIMES_OF_EXPECTED], requests - failures)


def _trend(values: Value, samples: int) -> Trend:
    told = values.mapping()
    usual = ("avg", "min", "med", "max", "p(90)", "p(95)")
    missing = [name for name in usual if name not in told]
    if missing:
        raise OutputUnreadable(
            "k6-percentiles",
            f"`{values.pointer}` does not tell `{missing[0]}`",
            hint=f"write the summary by `{STATS}`",
            place=values.what,
        )
    count = values.find("count")
    if count is not None and count.count() != samples:
        raise _contradiction(count, f"is {count.count()}, and there are {samples} such requests")
    names = [*usual[1:3], *usual[4:], *(["p(99)"] if "p(99)" in told else []), "max"]
    ordered = [values.member(name).number() for name in names]
    mean = values.member("avg").number()
    if ordered[0] < 0 or ordered != sorted(ordered):
        raise _contradiction(values, "has percentiles that do not rise")
    # A mean of equal floating numbers may be off in its last digit.
    if not ordered[0] * (1 - _NEAR) <= mean <= ordered[-1] * (1 + _NEAR):
        raise _contradiction(values, "has a mean outside its shortest and longest time")
    percents = (50, 90, 95, 99)
    return Trend(
        mean=mean,
        slowest=ordered[-1],
        percentiles=dict(zip(percents, ordered[1:-1], strict=False)),
    )


def _version(document: Value, form: Form) -> str:
    found = document.find("metadata") if form is Form.MACHINE else None
    version = found.find("k6Version") if found is not None else None
    return version.text() if version is not None else ""


def _positive(value: Value) -> Decimal:
    number = value.number()
    if number <= 0:
        raise _contradiction(value, f"is {number}, and there were requests")
    return number


def _counted(metrics: Mapping[str, Value], name: str) -> int:
    """What a counter holds; k6 leaves out one to which nothing was added."""
    values = metrics.get(name)
    return values.member("count").count() if values is not None else 0


def _checks(document: Value, metrics: Mapping[str, Value], form: Form) -> tuple[int, int]:
    """How often checks were made, and how often one did not hold."""
    if form is not Form.MACHINE:
        values = metrics.get("checks")
        if values is None:
            return 0, 0
        failed = values.member("fails").count()
        return failed + values.member("passes").count(), failed
    listed = document.member("results").find("checks")
    results = listed.find("results") if listed is not None else None
    entries = tuple(results.items()) if results is not None else ()
    failed = sum(entry.member("fails").count() for entry in entries)
    return failed + sum(entry.member("passes").count() for entry in entries), failed


def _contradiction(value: Value, problem: str) -> OutputUnreadable:
    return value.unreadable(problem, slug="k6-contradiction")
