"""What Locust's own reports, and records of our add-on, tell of a run that an earlier step made."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.metric import Examined, Metric, count, tags_of
from gates.domain.stage_result import StageResult, Tool
from gates.formats import load_record, load_result, locust_csv, locust_json
from gates.formats.latency import MAX_TAGGED, Spread, errors, scarce
from gates.formats.load_result import LoadMeasured
from gates.formats.locust_json import Endpoint

CLOSED = (
    "Locust's users wait for an answer before they ask again: while the service stalls they send"
    " nothing, so a stall weighs less than it does for those who come meanwhile; `load` measures"
    " that"
)
"""What every output of a run of Locust tells."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """How records are judged.

    Attributes:
        confidence: how sure each interval is.
        slow_s: from how many seconds on a request counts as slow.
        patience_s: how long a request may take at most.
    """

    confidence: Decimal = Decimal("0.95")
    slow_s: Decimal = Decimal("0.1")
    patience_s: Decimal = load_result.PATIENCE_S


def parse(
    reports: Sequence[tuple[str, bytes]],
    *,
    clean: Callable[[str], str],
    statistics: Statistics | None = None,
) -> StageResult:
    """Read reports that belong together.

    Args:
        reports: the name and the bytes of each.
        clean: makes foreign text fit to be shown.
        statistics: how records of our add-on are judged.

    Raises:
        OutputUnreadable: a report is not Locust's, or contradicts itself or another.
        StageError: no request came to an end, or the generator was not sound.
    """
    kinds = {_kind(data) for _, data in reports}
    if len(kinds) > 1:
        raise OutputUnreadable(
            "locust-mixed",
            "reports of several kinds stand beside each other",
            hint="name only what the add-on wrote, else what `--json-file` did: they tell more",
            place=reports[0][0],
        )
    kind = kinds.pop()
    if kind == "record":
        return _by_records(reports, clean, statistics or Statistics())
    load = _by_json(reports) if kind == "json" else _by_csv(reports)
    if load is None:
        raise StageError(
            "no-requests",
            "no request came to an end, so nothing was measured",
            hint="see whether Locust was given its `--host`, and whether a user has a task",
            place=reports[0][0],
        )
    return _result(load, clean)


def _kind(data: bytes) -> str:
    """What wrote a report; a byte order mark and white space may stand before JSON."""
    if load_record.SCHEMA.encode() in data.partition(b"\n")[0]:
        return "record"
    return "json" if re.match(rb"(?:\xef\xbb\xbf)?\s*[\[{]", data) else "csv"


def _by_records(
    reports: Sequence[tuple[str, bytes]], clean: Callable[[str], str], statistics: Statistics
) -> StageResult:
    record = load_record.merge([load_record.read(data, what=what) for what, data in reports])
    found = load_result.measured(
        record,
        confidence=statistics.confidence,
        slow_s=statistics.slow_s,
        # A request of the warm-up that outlasts the measured phase counts in it.
        patience_s=record.warmup_s + statistics.patience_s,
    )
    # Whether the service lived to the end was not seen.
    return result_of(found, Tool(name="locust", version=clean(record.version)), clean, seen=False)


def result_of(
    found: LoadMeasured, tool: Tool, clean: Callable[[str], str], *, seen: bool
) -> StageResult:
    """What a record shows, with its names made fit to be shown.

    Args:
        found: what was measured.
        tool: the Locust that did.
        clean: makes foreign text fit to be shown.
        seen: whether it was seen how long the service lived.
    """
    return StageResult(
        metrics=tuple(
            replace(metric, tags=tuple((name, clean(value)) for name, value in metric.tags))
            for metric in found.metrics
            if seen or metric.name != "alive"
        ),
        examined=found.examined,
        tool=tool,
        not_applicable=found.not_applicable,
        notes=(*(clean(note) for note in found.notes), CLOSED),
    )


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
            errors(load.failures, load.requests),
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
        errors(part.failures, part.requests, tags_of(tags)),
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
