"""`queries`: database time and queries a request, by the app's histogram or by PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from gates.formats import prometheus_histogram, prometheus_query, query_rates, statement_times
from gates.formats.latency import PERCENTILES
from gates.formats.prometheus_histogram import Buckets
from gates.formats.prometheus_query import BUCKET, Selector
from gates.formats.prometheus_values import exact
from gates.formats.prometheus_window import LEAST_PAGES, Window, window
from gates.formats.statement_times import Statement
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Examined,
    Inconclusive,
    Metric,
    MetricSpec,
    NotApplicable,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    Wants,
    count,
)
from gates.plugin.commands import Words, run_filled, split
from gates.plugin.traces import sides, trace_of
from gates.toolkit import postgres_address, scraping
from gates.toolkit.files import write_atomic

PER_REQUEST = "queries_per_request"
SIDES = 2
PAGE = "the service's own page"
STATEMENTS = "told by pg_stat_statements"
Measured = tuple[Metric, Inconclusive | None]
_SOUND = """\
# TYPE db_query_duration_seconds histogram
db_query_duration_seconds_bucket{{le="0.005"}} {fast}
db_query_duration_seconds_bucket{{le="0.05"}} {some}
db_query_duration_seconds_bucket{{le="+Inf"}} {all}
db_query_duration_seconds_count {all}
db_query_duration_seconds_sum {sum}
# EOF
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueriesOptions(ReportOptions):
    """Options of `queries`."""

    gate: str = field(default="", metadata={"help": "the gate while which the queries ran"})
    path: str = field(default="/metrics", metadata={"help": "where the service tells its metrics"})
    histogram: str = field(
        default="db_query_duration_seconds",
        metadata={"help": "the app's histogram of the times of queries, with labels if need be"},
    )
    requests: str = field(
        default="",
        metadata={"help": "the counter of requests, as in `http_requests_total`: for N+1 queries"},
    )
    queries: str = field(
        default="", metadata={"help": "the counter of queries; by default the histogram's"}
    )
    endpoint: str = field(
        default="",
        metadata={"help": "the label of both counters that names the endpoint, as in `handler`"},
    )
    run: Words = field(
        default="",
        metadata={"help": "a command that asks the gate's own service, in place of `gate`"},
    )
    database: str = field(
        default="",
        metadata={
            "help": "with `run`: a PostgreSQL address, as in `{db.url}`; the times are then those"
            " of its pg_stat_statements, which is reset before"
        },
    )


class Queries(Stage[QueriesOptions]):
    """Quantiles by the edges of buckets, never by interpolation; queries for each request."""

    uses = "queries"
    title = "database time and queries a request"
    options_type = QueriesOptions
    metrics = (
        *(
            MetricSpec(
                name=name,
                unit=Unit.SECONDS,
                direction=Direction.LOWER,
                title=f"time that {percent} % of the queries stay within",
            )
            for name, percent in PERCENTILES.items()
        ),
        MetricSpec(
            name="mean", unit=Unit.SECONDS, direction=Direction.LOWER, title="mean time of a query"
        ),
        MetricSpec(
            name="queries",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="queries that ran",
            noun="queries",
        ),
        MetricSpec(
            name=PER_REQUEST,
            unit=Unit.NUMBER,
            direction=Direction.LOWER,
            title="queries for each request, of the endpoint with the most where one is told",
            tags=("endpoint",),
            optional=True,
        ),
    )
    defaults = (Default(text="p95 <= 50ms"),)
    criteria = ("L2-QUERY",)
    examines = "queries"
    when = IN_CI
    tells_findings = False
    reports_may_repeat = True
    written_by = "curl -H 'Accept: application/openmetrics-text' URL"
    programs = ("psql",)
    errored_when = (
        "the histogram is not on the page, or no query ran in between",
        "the histogram's sum did not grow, or its buckets contradict it",
        "a counter went backwards: the service was restarted, or several workers answer by turns",
        "queries ran for an endpoint without any request",
        "too few queries ran to tell a percentile",
        "pg_stat_statements is not there, threw statements out, or its database is elsewhere",
    )
    sample = Sample(
        files={
            "out/before.prom": _SOUND.format(fast=10, some=10, all=10, sum="0.03"),
            "out/after.prom": _SOUND.format(fast=1900, some=2000, all=2010, sum="9.5"),
        },
        faulty={"out/after.prom": _SOUND.format(fast=1000, some=1500, all=2010, sum="90.5")},
        options={"report": ["out/before.prom", "out/after.prom"]},
        reports=("out/before.prom", "out/after.prom"),
    )

    def check(self) -> None:
        """Refuse names that cannot be read, and sources that do not fit together.

        Raises:
            ValueError: with one line that says why.
        """
        own = self.options
        sources = [bool(own.gate), bool(own.report), bool(own.run)]
        if sum(sources) != 1:
            raise ValueError("name one source: `gate`, `report`, or `run`")
        if own.report and (
            len(set(own.report)) != SIDES or any(s in "*?[" for s in "".join(own.report))
        ):
            raise ValueError("`report` names two files: the page before, and the page after")
        if own.database and not own.run:
            raise ValueError("`database` is asked before and after `run`: name that command")
        if own.run:
            split(own.run)
        for text in (own.histogram, own.requests, own.queries):
            if text:
                prometheus_query.series(text)
        unit = prometheus_query.other_unit(prometheus_query.series(own.histogram).name)
        if unit and not own.database:
            raise ValueError(
                f"`{own.histogram}` tells by its name that it is in `{unit}`, and the times of"
                " queries are read as seconds: name a histogram of seconds"
            )
        if (own.queries or own.endpoint) and not own.requests:
            raise ValueError("`queries` and `endpoint` are for `requests`: name that counter too")
        if own.endpoint and not re.fullmatch(r"[a-zA-Z_]\w*", own.endpoint, re.ASCII):
            raise ValueError("`endpoint` is the name of a label")

    def conditions(self) -> tuple[Default, ...]:
        """A limit of queries a request besides the time, where requests are counted."""
        more = (Default(text=f"{PER_REQUEST} <= 10"),) if self.options.requests else ()
        return (*self.defaults, *more)

    def wants(self) -> Wants | None:
        """The gate before and after which the page is fetched."""
        if not self.options.gate:
            return None
        return Wants(uses=(), ask=f"scrape {self.options.path}", option="gate")

    def asks_service(self) -> bool:
        """A command of its own needs a service to ask."""
        return bool(self.options.run)

    def run(self, ctx: Context) -> StageResult:
        """Read what was observed in between."""
        if not self.options.run:
            return self._of_histogram(ctx, self._window(ctx))
        if not self.options.database:
            return self._of_histogram(ctx, self._own_run(ctx))
        self._psql(ctx, statement_times.RESET)
        seen = self._own_run(ctx) if self.options.requests else None
        if seen is None:
            run_filled(ctx, self.options.run)
        write_atomic(ctx.out / "statements.csv", self._psql(ctx, statement_times.QUERY))
        told = ctx.report(ctx.out / "statements.csv").data
        statements = statement_times.read(told, what="pg_stat_statements")
        return self._of_statements(ctx, seen, statements)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Read the two pages that an earlier step fetched."""
        before, after = sides(reports, self.options.report)
        seen = window((before,), (after,), Fraction(0), is_given=True)
        return self._of_histogram(ctx, seen)

    def _window(self, ctx: Context) -> Window:
        own = self.options
        trace = trace_of(ctx, own.gate)
        pages = trace.before.get(own.path, ()), trace.after.get(own.path, ())
        _keep(ctx, *pages)
        return window(*pages, Fraction(trace.seconds), least=LEAST_PAGES)

    def _own_run(self, ctx: Context) -> Window:
        """Run the command, with the page fetched before and after."""
        url = f"{ctx.service.url}{self.options.path}"
        before = scraping.pages(url)
        run_filled(ctx, self.options.run)
        after = scraping.pages(url)
        _keep(ctx, before, after)
        return window(before, after, Fraction(0), least=LEAST_PAGES)

    def _psql(self, ctx: Context, query: str) -> bytes:
        address = ctx.service.filled(self.options.database)
        hosts = {service.host for service in ctx.services.values()}
        env = postgres_address.environment(address, allowed=frozenset(hosts))
        flags = ("-X", "-q", "-A", "-t", "-F", ",", "-v", "ON_ERROR_STOP=1", "-c", query)
        return ctx.run(ctx.tool("psql"), *flags, env=env).stdout

    def _of_histogram(self, ctx: Context, seen: Window) -> StageResult:
        named = prometheus_query.series(self.options.histogram)
        selector = Selector(_base(named.name) + BUCKET, named.labels)
        buckets = prometheus_histogram.read(seen, selector)
        _refuse_no_time(buckets, seen.by_fetch(Selector(_counted(named.name), named.labels)))
        if prometheus_query.named(_base(named.name)) is not Unit.SECONDS:
            ctx.note(f"`{buckets.name}` does not tell its unit by its name: it is read as seconds")
        times = [
            prometheus_histogram.measured(name, buckets, Decimal(percent).scaleb(-2))
            for name, percent in PERCENTILES.items()
        ]
        for metric, _ in times:
            for text in ctx.undecided([metric]):
                ctx.note(prometheus_histogram.advice(text, buckets.name, metric))
        times.append((_mean(buckets), None))
        rates = self._rates(ctx, seen, buckets.count)
        return _result(times, rates, buckets.count, PAGE)

    def _of_statements(
        self, ctx: Context, seen: Window | None, statements: tuple[Statement, ...]
    ) -> StageResult:
        times = [
            statement_times.measured(name, statements, Decimal(percent).scaleb(-2))
            for name, percent in PERCENTILES.items()
        ]
        total = sum(each.calls for each in statements)
        mean = exact(Fraction(sum(each.total for each in statements)) / total)
        times.append((Metric(name="mean", value=mean), None))
        rates = self._rates(ctx, seen, total) if seen else ()
        return _result(times, rates, total, STATEMENTS)

    def _rates(self, ctx: Context, seen: Window, total: int) -> tuple[Metric, ...]:
        """Queries for each request: of the worst endpoint, and of each."""
        own = self.options
        if not own.requests:
            return ()
        named = prometheus_query.series(own.histogram)
        counter = Selector(_counted(named.name), named.labels)
        queries = prometheus_query.series(own.queries) if own.queries else counter
        requests = prometheus_query.series(own.requests)
        if own.endpoint:
            return query_rates.by_endpoint(PER_REQUEST, seen, queries, requests, own.endpoint)
        text = query_rates.hidden(PER_REQUEST, seen, requests)
        if text:
            ctx.note(text)
        all_queries = Fraction(total) if own.database else seen.growth(queries)
        return (query_rates.rate(PER_REQUEST, all_queries, seen.growth(requests), ""),)


def _result(
    times: Sequence[Measured], rates: tuple[Metric, ...], total: int, how: str
) -> StageResult:
    left_out = NotApplicable(metric=PER_REQUEST, reason="`requests` names no counter")
    return StageResult(
        metrics=(*(metric for metric, _ in times), count("queries", total), *rates),
        examined=Examined(count=total, unit="queries"),
        tool=Tool(name="queries", version="", how=how),
        inconclusive=tuple(scarce for _, scarce in times if scarce),
        not_applicable=() if rates else (left_out,),
    )


def _base(name: str) -> str:
    return name.removesuffix(BUCKET)


def _counted(name: str) -> str:
    return f"{_base(name)}_count"


def _refuse_no_time(buckets: Buckets, by_fetch: Fraction) -> None:
    """Refuse observations that took no time at all, and those of fetching the page alone."""
    if buckets.count and buckets.total == 0:
        raise StageError(
            "no-time",
            f"`{buckets.name}` observed {buckets.count} queries, and its sum did not grow",
            hint="let the app observe how long each query took",
        )
    if 0 < buckets.count <= by_fetch:
        raise StageError(
            "nothing-counted",
            f"`{buckets.name}` observed no more in between than a fetch of the page itself adds",
            hint="see whether the needed gate reaches what asks the database",
        )


def _mean(buckets: Buckets) -> Metric:
    if buckets.total is None:
        raise StageError("no-sum", f"`{buckets.name}` does not tell the sum of its observations")
    return Metric(name="mean", value=exact(buckets.total / buckets.count))


def _keep(ctx: Context, before: tuple[bytes, ...], after: tuple[bytes, ...]) -> None:
    """Put the pages beside the record, with their digests."""
    for side, fetched in (("before", before), ("after", after)):
        for at, page in enumerate(fetched):
            file = ctx.out / f"{side}-{at}.prom"
            write_atomic(file, page or b"\n")
            ctx.report(file)
