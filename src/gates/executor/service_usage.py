"""What a service took while it was measured, as metrics of its gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from math import sqrt

from gates.domain.errors import StageError
from gates.domain.metric import Metric
from gates.domain.service import CPU, RSS_MAX, RSS_SLOPE
from gates.plugin import Usage

SLOPE_S = 30.0
"""Seconds that a slope takes at least: what a program takes in its first moments is no trend."""

HOUR_S = 3600
SETTLING = 0.1
"""The share of the time that is left out of a slope, at its beginning."""

SLICES = 10
T = 2.306
"""The two-sided 95 % quantile of Student's t with `SLICES - 2` degrees of freedom."""

_MIN_SAMPLES = 2 * SLICES
_MILLI = Decimal("0.001")


def metrics(names: Sequence[str], usage: Sequence[Usage]) -> tuple[Metric, ...]:
    """The metrics of a service that a gate's conditions ask for.

    Args:
        names: which ones.
        usage: what it took from the beginning of the measurement to its end.

    Raises:
        StageError: there are too few samples for one of them.
    """
    if len(usage) < 2 or usage[-1].at_s <= usage[0].at_s:  # noqa: PLR2004 - a beginning, an end
        raise StageError(
            "usage-unknown",
            "what the service takes could not be seen",
            hint="it is read from /proc, which only Linux has",
        )
    return tuple(MEASURED[name](usage) for name in names)


def _rss_max(usage: Sequence[Usage]) -> Metric:
    return Metric(name=RSS_MAX.name, value=max(each.rss_bytes for each in usage))


def _cpu(usage: Sequence[Usage]) -> Metric:
    """Processor time over wall time."""
    first, last = usage[0], usage[-1]
    cores = (last.cpu_s - first.cpu_s) / (last.at_s - first.at_s)
    return Metric(name=CPU.name, value=Decimal(max(cores, 0.0)).quantize(_MILLI))


def _rss_slope(usage: Sequence[Usage]) -> Metric:
    """The least-squares slope of resident memory over time, in bytes an hour.

    Its interval is that of the slope through the means of `SLICES` equal slices of time: samples
    that stand close together are not independent, means of long slices nearly so.
    """
    seconds = usage[-1].at_s - usage[0].at_s
    since = usage[0].at_s + SETTLING * seconds
    samples = [(each.at_s, float(each.rss_bytes)) for each in usage if each.at_s >= since]
    if seconds < SLOPE_S or len(samples) < _MIN_SAMPLES:
        raise StageError(
            "slope-too-short",
            f"`{RSS_SLOPE.name}` takes {SLOPE_S:.0f} s of measuring at least, and it took"
            f" {seconds:.0f} s",
            hint="let the gate measure longer, or take the condition away",
        )
    slope, _ = _line(samples)
    means = _means(samples)
    error = _line(means)[1] if len(means) == SLICES else float("nan")
    if error != error:  # noqa: PLR0124 - a slice without a sample leaves no interval
        raise StageError("usage-unknown", "there are too few samples of the service's memory")
    value, wide = round(slope * HOUR_S), round(T * error * HOUR_S)
    return Metric(
        name=RSS_SLOPE.name, value=value, interval=(Decimal(value - wide), Decimal(value + wide))
    )


def _means(samples: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The mean of each slice of time that holds a sample."""
    first, last = samples[0][0], samples[-1][0]
    slices: dict[int, list[tuple[float, float]]] = {}
    for at, value in samples:
        number = min(int((at - first) / (last - first) * SLICES), SLICES - 1)
        slices.setdefault(number, []).append((at, value))
    return [
        (sum(at for at, _ in each) / len(each), sum(value for _, value in each) / len(each))
        for _, each in sorted(slices.items())
    ]


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The least-squares slope through points, and its standard error."""
    count = len(points)
    x_mean = sum(x for x, _ in points) / count
    y_mean = sum(y for _, y in points) / count
    spread = sum((x - x_mean) ** 2 for x, _ in points)
    slope = sum((x - x_mean) * (y - y_mean) for x, y in points) / spread
    rest = sum((y - y_mean - slope * (x - x_mean)) ** 2 for x, y in points)
    return slope, sqrt(rest / (count - 2) / spread)


MEASURED: Mapping[str, Callable[[Sequence[Usage]], Metric]] = {
    RSS_MAX.name: _rss_max,
    RSS_SLOPE.name: _rss_slope,
    CPU.name: _cpu,
}
"""How each metric of a service is made."""
