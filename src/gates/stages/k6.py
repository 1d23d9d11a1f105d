"""`k6`: response times and failures under load, by the summary that k6 wrote at its end."""

from __future__ import annotations

from dataclasses import dataclass

from gates.formats import k6_summary
from gates.formats.k6_summary import STATS, TIMES_OF_EXPECTED, Form, Summary, Trend
from gates.formats.latency import (
    BENCH,
    FLOOR,
    LOAD,
    PERCENTILES,
    errors,
    load_specs,
    scarce,
    seconds,
)
from gates.plugin import (
    Context,
    Default,
    Direction,
    Examined,
    Metric,
    MetricSpec,
    NotApplicable,
    OutputUnreadable,
    Report,
    ReportOptions,
    ReportStage,
    Role,
    Sample,
    StageResult,
    Tool,
    Unit,
    count,
    ratio,
)

ACHIEVED = MetricSpec(
    name="achieved",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    title="iterations that came to an end, of those that were due",
    noun="iterations",
    optional=True,
)
CHECKS = MetricSpec(
    name="checks",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    title="checks of the script that held",
    noun="checks that hold",
    optional=True,
)

_P99 = PERCENTILES["p99"]

_PRINTED = (
    "decided on the percentiles that k6 printed: its summary holds neither counts nor samples that"
    " would show how sure they are"
)
_SURE = (
    "the interval of `error_rate` holds at 95 %, and takes the requests to be independent of each"
    " other"
)
_UNTOLD = (
    "only a report was judged: whether the generator was saturated or the run ended early is not"
    " known; k6's own thresholds are not used"
)
_SUMMARY = """\
{{"metrics": {{
 "http_reqs": {{"count": 2000, "rate": 100.0}},
 "http_req_failed": {{"passes": 0, "fails": 2000, "value": 0}},
 "iterations": {{"count": 2000, "rate": 100.0}},
 "http_req_duration": {{
  "avg": {time}, "min": 10, "med": {time}, "max": 450, "p(90)": {time}, "p(95)": {time}}}}}}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class K6Options(ReportOptions):
    """Options of `k6`."""


class K6(ReportStage[K6Options]):
    """Percentiles of the requests that did not fail, and the share of those that did."""

    uses = "k6"
    title = "latency and errors under load, by k6"
    options_type = K6Options
    metrics = (*load_specs(""), ACHIEVED, CHECKS)
    defaults = (
        *(Default(text=text, to_level=1) for text in (*BENCH, FLOOR, "checks > 95%")),
        *(Default(text=text, role=Role.WARN, to_level=1) for text in (LOAD[1], "checks > 99.9%")),
        *(Default(text=text, from_level=2) for text in (*LOAD, "checks > 99.9%")),
        Default(text="achieved >= 95%"),
    )
    criteria = ("L1-BENCH", "L2-LOAD")
    examines = "requests"
    errored_when = (
        "no request came to an end, or no iteration, or it is not told how many failed",
        "a percentile is asked that the summary does not print",
        "a time is asked of requests that all failed, or whose times stand only among failed ones",
        "numbers of the summary contradict each other, or its version is unknown",
        "several summaries are given: their percentiles cannot be put together",
    )
    tells_findings = False
    written_by = f"{STATS} --summary-export out/k6.json load.js"
    sample = Sample(
        files={"out/k6.json": _SUMMARY.format(time=20)},
        faulty={"out/k6.json": _SUMMARY.format(time=400)},
        options={"report": "out/k6.json"},
        reports=("out/k6.json",),
    )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge the one summary of a run."""
        del ctx
        if len(reports) > 1:
            raise OutputUnreadable(
                "k6-runs",
                f"{len(reports)} summaries cannot be put together: percentiles do not add up",
                hint="judge each by a gate of its own",
                place=reports[1].name,
            )
        return parse(reports[0].data, what=reports[0].name)


def parse(data: bytes, *, what: str) -> StageResult:
    """Read the summary of one run.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no summary of k6, or contradicts itself.
        StageError: nothing was measured.
    """
    summary = k6_summary.read(data, what=what)
    completed = summary.requests - summary.failures
    return StageResult(
        metrics=(
            *(_times(summary.trend) if summary.trend else ()),
            errors(summary.failures, summary.requests),
            Metric(name="rate", value=summary.rate),
            count("requests", summary.requests),
            *_of_iterations(summary),
        ),
        examined=Examined(
            count=summary.requests, unit="requests", details=(("failed", summary.failures),)
        ),
        tool=Tool(name="k6", version=summary.version, how="told by the report"),
        not_applicable=_not_applicable(summary),
        inconclusive=scarce(completed, "completed requests") if summary.trend else (),
        notes=_notes(summary),
    )


def _of_iterations(summary: Summary) -> tuple[Metric, ...]:
    """What came of the iterations that were due, and of the script's own checks."""
    found: tuple[Metric, ...] = ()
    if due := summary.iterations + summary.dropped:
        found += (ratio("achieved", summary.iterations, due),)
    if summary.checks:
        found += (ratio("checks", summary.checks - summary.failed_checks, summary.checks),)
    return found


def _not_applicable(summary: Summary) -> tuple[NotApplicable, ...]:
    """Checks are a script's own; `iterations` stand in each summary of a run that did anything."""
    if summary.checks:
        return ()
    return (NotApplicable(metric="checks", reason="the script made no check"),)


def _times(trend: Trend) -> tuple[Metric, ...]:
    times = {
        name: trend.percentiles[percent]
        for name, percent in PERCENTILES.items()
        if percent in trend.percentiles
    }
    times |= {"max": trend.slowest, "mean": trend.mean}
    return tuple(Metric(name=name, value=seconds(time)) for name, time in times.items())


def _notes(summary: Summary) -> tuple[str, ...]:
    trend, failures = summary.trend, summary.failures
    failed = f"{failures} of {summary.requests} requests failed"
    told = (
        (trend is not None, _PRINTED),
        (trend is not None and _P99 not in trend.percentiles, _untold_p99(summary.form)),
        (
            failures == summary.requests,
            f"{failed}: how fast they failed is no latency, so none is measured",
        ),
        (
            trend is None and failures < summary.requests,
            (
                f"{failed}, and the times of the others are not told (`{TIMES_OF_EXPECTED}`),"
                " so no latency is measured"
            ),
        ),
        (
            summary.dropped,
            f"{summary.dropped} iterations were dropped: k6 sent less than it was asked to",
        ),
        (
            not summary.iterations + summary.dropped,
            "no iteration came to an end, so nothing shows whether those that were due were made",
        ),
        (
            summary.failed_checks,
            (
                f"{summary.failed_checks} of {summary.checks} checks of the script did not hold;"
                " `error_rate` counts requests that failed, not checks"
            ),
        ),
    )
    return (*(text for holds, text in told if holds), _SURE, _UNTOLD)


def _untold_p99(form: Form) -> str:
    if form is Form.MACHINE:
        return f"p99 is not told: this form never has it; `{STATS} --summary-export FILE` does"
    return f"p99 is not told: `{STATS}` prints it"
