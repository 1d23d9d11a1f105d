"""`prometheus`: numbers of the service's own metrics, between before and after another gate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from gates.formats import (
    prometheus_api,
    prometheus_histogram,
    prometheus_query,
    prometheus_values,
)
from gates.formats.prometheus_query import Expression, Quantile, selectors
from gates.formats.prometheus_window import LEAST_PAGES, Window, window
from gates.plugin import (
    IN_CI,
    Context,
    Direction,
    Examined,
    Inconclusive,
    Metric,
    MetricSpec,
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
from gates.plugin.traces import sides, trace_of
from gates.toolkit import http_page
from gates.toolkit.files import write_atomic

SAMPLES = "samples"
SIDES = 2
NOTHING_CHANGED = "the page after is the page before, byte by byte: nothing was counted in between"
ONE_PAGE = "one page each was given: it would not show if several processes answered by turns"
REFUSALS = frozenset({301, 302, 307, 308, 401, 403, 404})
UNITS = {unit.value: unit for unit in Unit if unit is not Unit.FLAG}
KEYS = frozenset({"query", "unit", "direction"})
_SOUND = """\
# TYPE cache_hits counter
cache_hits_total {hits}
# TYPE cache_lookups counter
cache_lookups_total {lookups}
# EOF
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrometheusOptions(ReportOptions):
    """Options of `prometheus`."""

    metrics: Mapping[str, str | Mapping[str, str]] = field(
        default_factory=dict,
        metadata={
            "help": "name: expression, as in `hit_rate: cache_hits_total / cache_lookups_total`;"
            " or `{query: ..., unit: ..., direction: ...}`"
        },
    )
    gate: str = field(default="", metadata={"help": "the gate between whose start and end it is"})
    path: str = field(default="/metrics", metadata={"help": "where the service tells its metrics"})
    seconds: Decimal = field(
        default=Decimal(0),
        metadata={"help": "how long lay between the two pages of `report`; for `rate`"},
    )
    server: str = field(
        default="",
        metadata={"help": "a Prometheus server, in place of pages; queries are then PromQL"},
    )
    examined: str = field(
        default="",
        metadata={
            "help": "with `server`, a query for how many samples the numbers stand on, as in"
            ' `count_over_time(up{service="orders"}[30d])`; it becomes the metric `samples`'
        },
    )
    token: str = field(
        default="",
        metadata={"help": "the environment variable that holds the server's bearer token"},
    )


class Prometheus(Stage[PrometheusOptions]):
    """Each expression of `metrics` becomes a metric of the gate."""

    uses = "prometheus"
    title = "numbers from the service's own metrics"
    options_type = PrometheusOptions
    metrics = (
        MetricSpec(
            name=SAMPLES,
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="series, or samples of a server, that the numbers stand on",
            noun="samples",
        ),
    )
    defaults = ()
    examines = "series"
    when = IN_CI
    tells_findings = False
    reports_may_repeat = True
    written_by = "curl -H 'Accept: application/openmetrics-text' URL"
    errored_when = (
        "the page is no valid text of Prometheus or OpenMetrics",
        "a series is not there, or is no number",
        "the divisor of a share did not grow, or only by the fetches of the page itself",
        "a share would mix what counters grew by and what gauges are",
        "a series is of the same time before and after: it was not told anew",
        "a counter went backwards: the service was restarted, or several workers answer by turns",
        "a quantile lies beyond the last bucket and nothing else bounds it",
        "the server finds no series or several, warns, or answers for another day",
    )
    sample = Sample(
        files={
            "out/before.prom": _SOUND.format(hits=10, lookups=100),
            "out/after.prom": _SOUND.format(hits=910, lookups=1100),
        },
        faulty={"out/after.prom": _SOUND.format(hits=510, lookups=1100)},
        options={
            "report": ["out/before.prom", "out/after.prom"],
            "metrics": {"hit_rate": "cache_hits_total / cache_lookups_total"},
        },
        require=("hit_rate > 80%",),
        reports=("out/before.prom", "out/after.prom"),
    )

    def check(self) -> None:
        """Refuse expressions that cannot be read, and sources that do not fit together.

        Raises:
            ValueError: with one line that says why.
        """
        own = self.options
        if not own.metrics:
            raise ValueError("`metrics` names what is measured: add it under `with:`")
        sources = [bool(own.gate), bool(own.report), bool(own.server)]
        if sum(sources) != 1:
            raise ValueError("name one source: `gate`, `report`, or `server`")
        if own.report and (
            len(set(own.report)) != SIDES or any(s in "*?[" for s in "".join(own.report))
        ):
            raise ValueError("`report` names two files: the page before, and the page after")
        if own.seconds < 0 or (own.seconds and not own.report):
            raise ValueError("`seconds` is the time between the two pages of `report`, above 0")
        if bool(own.server) != bool(own.examined):
            raise ValueError("`server` and `examined`, what its numbers stand on, belong together")
        if not own.path.startswith("/") or re.search(r"\s", own.path):
            raise ValueError("`path` begins with `/` and holds no blank")
        for name in own.metrics:
            self._check_metric(name)

    def specs(self) -> tuple[MetricSpec, ...]:
        """The samples, and what `metrics` names."""
        return (
            *self.metrics,
            *(
                MetricSpec(
                    name=name,
                    unit=self._unit(name),
                    direction=Direction(self._entry(name).get("direction", "lower")),
                    title=name.replace("_", " "),
                )
                for name in self.options.metrics
            ),
        )

    def wants(self) -> Wants | None:
        """The gate before and after which the page is fetched."""
        if not self.options.gate:
            return None
        return Wants(uses=(), ask=f"scrape {self.options.path}", option="gate")

    def run(self, ctx: Context) -> StageResult:
        """Read the pages or ask the server."""
        if self.options.server:
            return self._asked(ctx)
        return self._measured(ctx, self._window(ctx))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Read the two pages that an earlier step fetched."""
        ctx.note(ONE_PAGE)
        before, after = sides(reports, self.options.report)
        if before == after:
            ctx.note(NOTHING_CHANGED)
        seconds = Fraction(self.options.seconds)
        return self._measured(ctx, window((before,), (after,), seconds, is_given=True))

    def _measured(self, ctx: Context, seen: Window) -> StageResult:
        """The value of each expression."""
        expressions = {name: self._expression(name) for name in self.options.metrics}
        metrics: list[Metric] = []
        scarce: list[Inconclusive] = []
        for name, expression in expressions.items():
            metric, few = prometheus_values.measured(name, expression, seen, self._unit(name))
            metrics.append(metric)
            scarce += [few] if few else []
            for text in prometheus_values.grown_by_fetch(expression, seen):
                ctx.note(text)
            if isinstance(expression, Quantile):
                for text in ctx.undecided([metric]):
                    ctx.note(prometheus_histogram.advice(text, expression.of.name, metric))
        matched = sum(prometheus_values.matched(each, seen) for each in expressions.values())
        return StageResult(
            metrics=(count(SAMPLES, matched), *metrics),
            examined=Examined(count=matched, unit="series"),
            tool=Tool(name="prometheus", version="", how="the service's own page"),
            inconclusive=tuple(scarce),
        )

    def _window(self, ctx: Context) -> Window:
        own = self.options
        trace = trace_of(ctx, own.gate)
        fetched = {"before": trace.before.get(own.path, ()), "after": trace.after.get(own.path, ())}
        for side, pages in fetched.items():
            for at, page in enumerate(pages):
                file = ctx.out / f"{side}-{at}.prom"
                write_atomic(file, page or b"\n")
                ctx.report(file)
        seconds = Fraction(trace.seconds)
        return window(fetched["before"], fetched["after"], seconds, least=LEAST_PAGES)

    def _asked(self, ctx: Context) -> StageResult:
        """One query a metric, and one for what they stand on."""
        samples = self._value(ctx, SAMPLES, self.options.examined, Unit.COUNT)
        metrics = tuple(
            self._value(ctx, name, self._entry(name)["query"], self._unit(name))
            for name in self.options.metrics
        )
        return StageResult(
            metrics=(samples, *metrics),
            examined=Examined(count=samples.fraction[0], unit="samples"),
            tool=Tool(name="prometheus", version="", how="asked over HTTP"),
        )

    def _value(self, ctx: Context, name: str, query: str, unit: Unit) -> Metric:
        from urllib.parse import urlencode

        base = self.options.server.rstrip("/")
        http_page.check_address(base)
        headers = {}
        if self.options.token:
            token = ctx.setting(self.options.token)
            if not token:
                raise StageError("no-token", f"`{self.options.token}` is not set")
            headers["Authorization"] = f"Bearer {token}"
        url = f"{base}{prometheus_api.PATH}?{urlencode({'query': query})}"
        answer = http_page.get(url, headers=headers)
        if answer.status in REFUSALS:
            raise StageError(
                "query-refused", f"`{http_page.shown(url)}` answers with status {answer.status}"
            )
        file = ctx.out / f"{name}.json"
        write_atomic(file, answer.body)
        reading = prometheus_api.read(ctx.report(file).data, what=query)
        prometheus_api.refuse_other_day(reading, ctx.today, what=query)
        return prometheus_values.of_value(name, Fraction(reading.value), unit)

    def _check_metric(self, name: str) -> None:
        if name == SAMPLES or not re.fullmatch(r"[a-z][a-z0-9_]*", name, re.ASCII):
            raise ValueError(f"`{name}` cannot name a metric")
        entry = self._entry(name)
        unknown = entry.keys() - KEYS
        if unknown or not entry.get("query"):
            raise ValueError(f"`{name}` needs `query`, and may have `unit` and `direction`")
        if entry.get("unit", "number") not in UNITS:
            raise ValueError(f"`{name}` has no known unit; known are {', '.join(UNITS)}")
        if entry.get("direction", "lower") not in {one.value for one in Direction}:
            raise ValueError(f"`{name}` needs `direction: lower` or `direction: higher`")
        if self.options.server and "unit" not in entry:
            raise ValueError(f"`{name}` needs `unit`: a query of a server does not tell it")
        if not self.options.server:
            self._refuse_other_unit(name)

    def _refuse_other_unit(self, name: str) -> None:
        """Refuse `unit: s` for series whose names tell another unit."""
        units = (
            prometheus_query.other_unit(each.name) for each in selectors(self._expression(name))
        )
        other = next(filter(None, units), "")
        if other and self._unit(name) is Unit.SECONDS:
            raise ValueError(
                f"`{name}` is in seconds, and the name of what it reads tells `{other}`"
            )

    def _entry(self, name: str) -> Mapping[str, str]:
        entry = self.options.metrics[name]
        return {"query": entry} if isinstance(entry, str) else entry

    def _expression(self, name: str) -> Expression:
        return prometheus_query.parse(self._entry(name)["query"])

    def _unit(self, name: str) -> Unit:
        given = self._entry(name).get("unit")
        return UNITS[given] if given else prometheus_query.unit(self._expression(name))
