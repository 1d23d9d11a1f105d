"""`locust`: response times and failures under load, by what Locust wrote of its run."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from gates.formats import locust_csv, locust_json
from gates.formats.latency import BENCH, LOAD, MAX_TAGGED, Spread, load_specs, scarce
from gates.formats.locust_json import Endpoint
from gates.plugin import (
    Context,
    Default,
    Examined,
    Metric,
    OutputUnreadable,
    Report,
    ReportOptions,
    ReportStage,
    Role,
    Sample,
    StageError,
    StageResult,
    Tool,
    count,
    ratio,
    tags_of,
)

_TAG = "endpoint"

_ROUNDED = (
    "Locust rounds response times, to 10 ms from 100 ms on and to 100 ms from 1 s on:"
    " each percentile stands at the upper end of what that leaves open"
)
_UNTOLD = (
    "only a report was judged: whether the generator was saturated, a worker was lost or the run"
    " ended early is not known; users who wait for an answer send nothing while the service stalls"
)
_PRINTED = (
    "judged by Locust's CSV: the end of the run is missing in it, and percentiles are decided as"
    " Locust printed them; `--json-file` tells each response time"
)
_HISTOGRAM = """\
[{{"name": "/orders", "method": "GET", "start_time": 1767225600.0,
  "last_request_timestamp": 1767225610.0, "num_requests": 200, "num_none_requests": 0,
  "num_failures": 0, "total_response_time": {total}, "min_response_time": {time},
  "max_response_time": {time}, "response_times": {{"{time}": 200}},
  "num_reqs_per_sec": {{"1767225600": 120, "1767225609": 80}}, "num_fail_per_sec": {{}}}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocustOptions(ReportOptions):
    """Options of `locust`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Load:
    """What a run of Locust did.

    Attributes:
        spread: the response times of all requests; None where some have none.
        requests: how many came to an end.
        failures: how many of them failed.
        rate: requests a second; None where the run took no time.
        parts: the same of each endpoint, by method and name.
        notes: what every output must tell.
    """

    spread: Spread | None
    requests: int
    failures: int
    rate: Decimal | None
    parts: tuple[tuple[str, _Load], ...] = ()
    notes: tuple[str, ...] = ()


class Locust(ReportStage[LocustOptions]):
    """Percentiles of the requests that did not fail, and the share of those that did."""

    uses = "locust"
    title = "latency and errors under load, by Locust"
    options_type = LocustOptions
    metrics = load_specs(_TAG)
    defaults = (
        *(Default(text=text, to_level=1) for text in BENCH),
        Default(text=LOAD[1], role=Role.WARN, to_level=1),
        *(Default(text=text, from_level=2) for text in LOAD),
    )
    criteria = ("L1-BENCH", "L2-LOAD")
    examines = "requests"
    errored_when = (
        "no request came to an end, or the run took no time",
        "a percentile is asked of a run in which every request failed, or some have no time",
        "response times are rounded in another way than Locust's own",
        "numbers of the report contradict each other, or its end is missing",
        "reports in CSV are of several runs, or stand beside one in JSON",
    )
    tells_findings = False
    written_by = (
        "locust -f locustfile.py --headless -u 20 -r 20 -t 60s -s 10 --json-file out/locust"
    )
    sample = Sample(
        files={"out/locust.json": _HISTOGRAM.format(time=20, total=4000)},
        faulty={"out/locust.json": _HISTOGRAM.format(time=400, total=80000)},
        options={"report": "out/locust.json"},
        reports=("out/locust.json",),
    )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge the reports of all generators as one load."""
        return parse([(report.name, report.data) for report in reports], clean=ctx.clean)


def parse(reports: Sequence[tuple[str, bytes]], *, clean: Callable[[str], str]) -> StageResult:
    """Read reports that belong together.

    Args:
        reports: the name and the bytes of each.
        clean: makes foreign text fit to be shown.

    Raises:
        OutputUnreadable: a report is not Locust's, or contradicts itself or another.
        StageError: no request came to an end.
    """
    # A byte order mark and white space may stand before the array.
    kinds = {re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", data) is not None for _, data in reports}
    if len(kinds) > 1:
        raise OutputUnreadable(
            "locust-mixed",
            "reports in JSON and in CSV stand beside each other",
            hint="name only what `--json-file` wrote: it tells more",
            place=reports[0][0],
        )
    load = _by_json(reports) if kinds.pop() else _by_csv(reports)
    if load is None:
        raise StageError(
            "no-requests",
            "no request came to an end, so nothing was measured",
            hint="see whether Locust was given its `--host`, and whether a user has a task",
            place=reports[0][0],
        )
    return _result(load, clean)


def _by_json(reports: Sequence[tuple[str, bytes]]) -> _Load | None:
    parts = [(what, locust_json.read(data, what=what)) for what, data in reports]
    endpoints = locust_json.merge(parts)
    if not endpoints:
        return None
    whole = _of_endpoint(locust_json.whole(endpoints))
    return _Load(
        spread=whole.spread,
        requests=whole.requests,
        failures=whole.failures,
        rate=whole.rate,
        parts=tuple((endpoint.key, _of_endpoint(endpoint)) for endpoint in endpoints),
        notes=(_ROUNDED, _UNTOLD),
    )


def _of_endpoint(endpoint: Endpoint) -> _Load:
    time = endpoint.last - endpoint.start
    return _Load(
        spread=None if endpoint.untimed else locust_json.spread(endpoint),
        requests=endpoint.requests,
        failures=endpoint.failures,
        rate=endpoint.requests / time if time else None,
    )


def _by_csv(reports: Sequence[tuple[str, bytes]]) -> _Load | None:
    table = locust_csv.read(reports)
    if table.whole is None:
        return None
    errors = (
        (f"most failures, {table.errors[0][1]}, are: {table.errors[0][0]}",) if table.errors else ()
    )
    return _Load(
        spread=table.whole.spread,
        requests=table.whole.spread.requests,
        failures=table.whole.spread.failures,
        rate=table.whole.rate or None,
        parts=tuple((row.key, _of_row(row)) for row in table.rows),
        notes=(_PRINTED, _ROUNDED, _UNTOLD, *errors),
    )


def _of_row(row: locust_csv.Row) -> _Load:
    return _Load(
        spread=row.spread,
        requests=row.spread.requests,
        failures=row.spread.failures,
        rate=row.rate,
    )


def _result(load: _Load, clean: Callable[[str], str]) -> StageResult:
    if load.rate is None:
        raise StageError(
            "no-duration",
            "the run took no time, so it has no rate",
            hint="let it run for some seconds (`-t 60s`)",
        )
    completed = load.requests - load.failures
    return StageResult(
        metrics=(
            *(load.spread.metrics() if load.spread else ()),
            ratio("error_rate", load.failures, load.requests),
            Metric(name="rate", value=load.rate),
            count("requests", load.requests),
            *(
                metric
                for key, part in load.parts[:MAX_TAGGED]
                for metric in _tagged(part, clean(key))
            ),
        ),
        examined=Examined(
            count=load.requests, unit="requests", details=(("failed", load.failures),)
        ),
        tool=Tool(name="locust", version="", how="its report does not tell the version"),
        inconclusive=scarce(completed, "completed requests") if completed else (),
        notes=(*load.notes, *_notes(load)),
    )


def _tagged(part: _Load, key: str) -> tuple[Metric, ...]:
    tags = {_TAG: key}
    times = part.spread.metrics(tags_of(tags), exists_only=True) if part.spread else ()
    return (
        *times,
        ratio("error_rate", part.failures, part.requests, **tags),
        count("requests", part.requests, **tags),
    )


def _notes(load: _Load) -> tuple[str, ...]:
    failed = f"{load.failures} of {load.requests} requests failed"
    told = (
        (
            0 < load.failures < load.requests,
            (
                f"{failed}: their times are among the others, so each latency stands as high as"
                " that of the others can be"
            ),
        ),
        (
            load.failures == load.requests,
            f"{failed}: how fast they failed is no latency, so none is measured",
        ),
        (load.spread is None, "some requests have no response time, so no latency is measured"),
        (
            len(load.parts) > MAX_TAGGED,
            (
                f"of {len(load.parts)} endpoints {MAX_TAGGED} have metrics of their own;"
                " `name=` in the locust file puts addresses together"
            ),
        ),
    )
    return tuple(text for holds, text in told if holds)
