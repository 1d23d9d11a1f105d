"""`pool`: how many connections are in use while a command asks the service, seen by its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from gates.formats import prometheus_query, prometheus_text
from gates.formats.prometheus_query import Selector
from gates.formats.prometheus_text import Page
from gates.formats.prometheus_values import exact
from gates.formats.prometheus_window import found, gauge, labels_apart, refuse_several
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Examined,
    Metric,
    MetricSpec,
    Options,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
)
from gates.plugin.commands import Words, run_filled, split
from gates.toolkit import scraping
from gates.toolkit.files import write_atomic
from gates.toolkit.scraping import Sampler

LEAST_SAMPLES = 10
"""Fewer say nothing about the time between them."""

LONGEST_GAP_S = 2.0
"""A longer time without a sample may hide a peak."""

WORKER = frozenset({"pid"})
"""Labels by which the clients of one service part what its workers tell (`liveall` in Python)."""

ALWAYS = "it may also count connections that are open, and not in use"

Seen = tuple[float, Fraction]
"""When a sample was asked for, in seconds since the start, and how many connections it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolOptions(Options):
    """Options of `pool`."""

    run: Words = field(
        default="",
        metadata={
            "help": "the command that asks the service: a text, split as a shell splits words, or a"
            " list; `{url}` is the service's address"
        },
    )
    gauge: str = field(
        default="",
        metadata={
            "help": "the gauge of connections in use, as in `db_pool_active`, or of an exporter of"
            ' the database: `pg_stat_activity_count{state="active"}`; `+` adds several up'
        },
    )
    path: str = field(default="/metrics", metadata={"help": "where the service tells its metrics"})
    warmup: Decimal = field(
        default=Decimal(2),
        metadata={"help": "seconds after the command's start of which the samples do not count"},
    )


class Pool(Stage[PoolOptions]):
    """The lowest and the highest number of connections of all samples, four a second."""

    uses = "pool"
    title = "connections in use under load"
    options_type = PoolOptions
    metrics = (
        MetricSpec(
            name="active_min",
            unit=Unit.NUMBER,
            direction=Direction.HIGHER,
            title="fewest connections in use",
        ),
        MetricSpec(
            name="active_max",
            unit=Unit.NUMBER,
            direction=Direction.LOWER,
            title="most connections in use",
        ),
        MetricSpec(
            name="active_mean",
            unit=Unit.NUMBER,
            direction=Direction.LOWER,
            title="connections in use on average",
        ),
        MetricSpec(
            name="samples",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="samples",
            noun="samples",
        ),
    )
    defaults = (Default(text="active_min >= 20"), Default(text="active_max <= 100"))
    criteria = ("L2-POOL",)
    examines = "samples"
    when = IN_CI
    tells_findings = False
    errored_when = (
        "the command does not end with 0",
        "a sample could not be fetched, or the gauge is not on the page",
        f"there are fewer than {LEAST_SAMPLES} samples after the warm-up",
        f"more than {LONGEST_GAP_S:g} s lie between two samples",
        "several workers answer by turns, each with its own pool",
        "the gauge is no higher under load than before it, so nothing shows that it tells of it",
        "the gauge is several series whose labels differ, and which of them count is not said",
        "the page tells one time over and over, so that its samples are old",
    )
    exclusive = True

    def check(self) -> None:
        """Refuse options that do not say what is run, and what is sampled.

        Raises:
            ValueError: with one line that says why.
        """
        split(self.options.run)
        if not self.options.gauge:
            raise ValueError("`gauge` names what is sampled: add it under `with:`")
        prometheus_query.added(self.options.gauge)
        if self.options.warmup < 0:
            raise ValueError("`warmup` is a number of seconds")

    def asks_service(self) -> bool:
        """It samples the gate's own service."""
        return True

    def run(self, ctx: Context) -> StageResult:
        """Sample while the command runs."""
        url = f"{ctx.service.url}{self.options.path}"
        gauges = prometheus_query.added(self.options.gauge)
        idle = [self._read(data) for data in scraping.pages(url)]
        for one, other in pairwise(idle):
            refuse_several(one, other)
        samples = _Samples(gauges, idle[-1])
        with Sampler(url, lambda data: samples.take(self._read(data))) as sampler:
            done = run_filled(ctx, self.options.run)
        seen = tuple(zip(sampler.at_s, samples.values, strict=True))
        record = ctx.out / "samples.csv"
        lines = "".join(f"{at:.3f},{exact(value)}\n" for at, value in seen)
        write_atomic(record, lines.encode() or b"\n")
        ctx.report(record)
        fresh = tuple(each for each, is_new in zip(seen, samples.fresh, strict=True) if is_new)
        before = [_value(page, gauges) for page in idle if _tells(page, gauges)]
        least = min(before, default=Fraction(0))
        if least:
            ctx.note(f"the gauge was {float(least):g} before the command began: {ALWAYS}")
        return parse(fresh, float(self.options.warmup), done.seconds, before)

    def _read(self, data: bytes) -> Page:
        return prometheus_text.read(data, what=self.options.path)


@dataclass(slots=True)
class _Samples:
    """What the pages tell, one after the other.

    Attributes:
        gauges: what is added up.
        last: the page before.
        values: one a page.
        fresh: whether it is of another time than the one before.
    """

    gauges: tuple[Selector, ...]
    last: Page
    values: list[Fraction] = field(default_factory=list)
    fresh: list[bool] = field(default_factory=list)

    def take(self, page: Page) -> None:
        """Take one page.

        Raises:
            StageError: it does not tell the gauge, or is of another process than the one before.
        """
        refuse_several(self.last, page)
        self.values.append(_value(page, self.gauges))
        time = _time(page, self.gauges)
        self.fresh.append(time is None or time != _time(self.last, self.gauges))
        self.last = page


def _value(page: Page, gauges: Sequence[Selector]) -> Fraction:
    """The sum of gauges; several series stand for one gauge only where a worker tells each."""
    for selector in gauges:
        apart = labels_apart(found(page, selector)) - WORKER
        if apart:
            names = ", ".join(f"`{name}`" for name in sorted(apart))
            raise StageError(
                "gauge-several",
                f"`{selector.text}` is several series, which differ in {names}",
                hint='name the one that counts (`NAME{LABEL="VALUE"}`), or add up those that do',
            )
    return sum((gauge(page, selector) for selector in gauges), Fraction(0))


def _tells(page: Page, gauges: Sequence[Selector]) -> bool:
    """Whether the page holds them all; some clients tell a series once it was used."""
    return all(any(map(each.fits, page.series(each.name))) for each in gauges)


def _time(page: Page, gauges: Sequence[Selector]) -> Decimal | None:
    """The oldest time that the page tells of them, or None where it tells none."""
    series = [one for each in gauges for one in page.series(each.name) if each.fits(one)]
    return min((one.timestamp for one in series if one.timestamp is not None), default=None)


def parse(
    seen: Sequence[Seen], warmup_s: float, seconds: float, idle: Sequence[Fraction] = ()
) -> StageResult:
    """Sum samples up.

    Args:
        seen: all samples, in order; none tells the time of the one before.
        warmup_s: samples before this moment do not count.
        seconds: how long the command ran.
        idle: what the gauge told before it.

    Raises:
        StageError: there are too few, too far apart, or no higher than before.
    """
    kept = [each for each in seen if warmup_s <= each[0] <= seconds]
    if len(kept) < LEAST_SAMPLES:
        raise StageError(
            "too-few-samples",
            f"{len(kept)} samples were taken after the warm-up, and {LEAST_SAMPLES} are needed",
            hint="let the command run longer, and the page tell each sample anew",
        )
    times = [warmup_s, *(at for at, _ in kept), seconds]
    gap = max(later - earlier for earlier, later in pairwise(times))
    if gap > LONGEST_GAP_S:
        raise StageError(
            "samples-apart",
            f"{gap:.1f} s lie between two samples, in which nobody looked",
            hint="see whether the service answers on `path` while it is under load",
        )
    values = [value for _, value in kept]
    if idle and max(values) <= max(idle):
        raise StageError(
            "gauge-unmoved",
            f"the gauge is {float(max(values)):g} at most under load, and was"
            f" {float(max(idle)):g} before it: nothing shows that it tells of connections in use",
            hint="see whether `gauge` counts those in use, and the command asks for what needs one",
        )
    told = {
        "active_min": min(values),
        "active_max": max(values),
        "active_mean": sum(values, Fraction(0)) / len(values),
    }
    return StageResult(
        metrics=(
            *(Metric(name=name, value=exact(value)) for name, value in told.items()),
            count("samples", len(kept)),
        ),
        examined=Examined(count=len(kept), unit="samples", excluded=len(seen) - len(kept)),
        tool=Tool(name="pool", version="", how="the service's own page"),
    )
