"""`pool`: how many connections are in use while a command asks the service, seen by its metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from gates.formats import prometheus_query, prometheus_text
from gates.formats.prometheus_text import Page
from gates.formats.prometheus_values import exact
from gates.formats.prometheus_window import gauge, refuse_several
from gates.plugin import (
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
from gates.toolkit.files import write_atomic
from gates.toolkit.scraping import Sampler

LEAST_SAMPLES = 10
"""Fewer say nothing about the time between them."""

LONGEST_GAP_S = 2.0
"""A longer time without a sample may hide a peak."""

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
            ' the database: `pg_stat_activity_count{state="active"}`'
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
    tells_findings = False
    errored_when = (
        "the command does not end with 0",
        "a sample could not be fetched, or the gauge is not on the page",
        f"there are fewer than {LEAST_SAMPLES} samples after the warm-up",
        f"more than {LONGEST_GAP_S:g} s lie between two samples",
        "several workers answer by turns, each with its own pool",
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
        prometheus_query.series(self.options.gauge)
        if self.options.warmup < 0:
            raise ValueError("`warmup` is a number of seconds")

    def asks_service(self) -> bool:
        """It samples the gate's own service."""
        return True

    def run(self, ctx: Context) -> StageResult:
        """Sample while the command runs."""
        selector = prometheus_query.series(self.options.gauge)
        values: list[Fraction] = []
        last: list[Page] = []

        def take(data: bytes) -> None:
            page = prometheus_text.read(data, what=self.options.path)
            for earlier in last:
                refuse_several(earlier, page)
            last[:] = [page]
            values.append(gauge(page, selector))

        with Sampler(f"{ctx.service.url}{self.options.path}", take) as sampler:
            done = run_filled(ctx, self.options.run)
        seen = tuple(zip(sampler.at_s, values, strict=True))
        record = ctx.out / "samples.csv"
        lines = "".join(f"{at:.3f},{exact(value)}\n" for at, value in seen)
        write_atomic(record, lines.encode() or b"\n")
        ctx.report(record)
        return parse(seen, float(self.options.warmup), done.seconds)


def parse(seen: Sequence[Seen], warmup_s: float, seconds: float) -> StageResult:
    """Sum samples up.

    Args:
        seen: all samples, in order.
        warmup_s: samples before this moment do not count.
        seconds: how long the command ran.

    Raises:
        StageError: there are too few, or too far apart.
    """
    kept = [each for each in seen if warmup_s <= each[0] <= seconds]
    if len(kept) < LEAST_SAMPLES:
        raise StageError(
            "too-few-samples",
            f"{len(kept)} samples were taken after the warm-up, and {LEAST_SAMPLES} are needed",
            hint="let the command run longer",
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
    found = {
        "active_min": min(values),
        "active_max": max(values),
        "active_mean": sum(values, Fraction(0)) / len(values),
    }
    return StageResult(
        metrics=(
            *(Metric(name=name, value=exact(value)) for name, value in found.items()),
            count("samples", len(kept)),
        ),
        examined=Examined(count=len(kept), unit="samples", excluded=len(seen) - len(kept)),
        tool=Tool(name="pool", version="", how="the service's own page"),
    )
