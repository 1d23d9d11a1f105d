"""How limits are written: units, their dimension, and exact conversion to the base unit."""

from __future__ import annotations

from decimal import ROUND_FLOOR, Decimal, localcontext

from gates.domain.metric import Exact, Metric, Unit

SUFFIXES: dict[str, tuple[Unit, Decimal]] = {
    "%": (Unit.RATIO, Decimal("0.01")),
    "ms": (Unit.SECONDS, Decimal("0.001")),
    "s": (Unit.SECONDS, Decimal(1)),
    "min": (Unit.SECONDS, Decimal(60)),
    "h": (Unit.SECONDS, Decimal(3600)),
    "d": (Unit.SECONDS, Decimal(86400)),
    "/s": (Unit.PER_SECOND, Decimal(1)),
    "kB": (Unit.BYTES, Decimal(1000)),
    "MB": (Unit.BYTES, Decimal(1_000_000)),
    "GB": (Unit.BYTES, Decimal(1_000_000_000)),
}
"""Each suffix with its dimension and its size in the base unit (SI: MB is 10^6 bytes)."""

PLAIN = (Unit.COUNT, Unit.NUMBER, Unit.FLAG)
"""Dimensions whose limits carry no suffix."""

EXAMPLES: dict[Unit, str] = {
    Unit.COUNT: "0",
    Unit.RATIO: "90%",
    Unit.SECONDS: "100ms",
    Unit.PER_SECOND: "400/s",
    Unit.BYTES: "250MB",
    Unit.NUMBER: "4.5",
    Unit.FLAG: "1",
}

NAMES: dict[Unit, str] = {
    Unit.COUNT: "a plain count",
    Unit.RATIO: "percent",
    Unit.SECONDS: "time",
    Unit.PER_SECOND: "events per second",
    Unit.BYTES: "bytes",
    Unit.NUMBER: "a plain number",
    Unit.FLAG: "0 or 1",
}
"""How a message names the unit of a metric."""


def to_base(number: Decimal, suffix: str, unit: Unit) -> Decimal | None:
    """Convert a written number to the base unit; None where the suffix does not fit it."""
    if not suffix:
        return number if unit in PLAIN else None
    dimension, size = SUFFIXES[suffix]
    return number * size if dimension is unit else None


def show(value: Exact, unit: Unit) -> str:
    """Write a limit in the largest unit in which it is exact and short: `90 %`, `100 s`."""
    number = Decimal(value)
    short = (scale for scale in SCALES[unit] if _is_short(number, scale[1]))
    suffix, size = next(short, SMALLEST[unit])
    return f"{plain(number / size)} {suffix}".rstrip()


def show_metric(metric: Metric, unit: Unit, limit: Decimal | None = None) -> str:
    """Write a measured value for people, never so that it seems to stand elsewhere than it does.

    A ratio is cut to two decimals, any other number that is not whole to three digits. Where the
    text would then lie on another side of the limit than the value does, digits are added until it
    does not: 89.999 % is not shown as the 90 % that it misses.

    Args:
        metric: the value.
        unit: its base unit.
        limit: what it is compared with, in the base unit, or None.
    """
    top, bottom = metric.fraction
    with localcontext() as context:
        context.prec = PRECISION
        number = Decimal(top) / Decimal(bottom)
    suffix, size = _scale(number, unit)
    shown = _shortened(number / size, unit, 0)
    for more in range(1, PRECISION):
        if limit is None or _side(shown * size, limit) == _side_of(top, bottom, limit):
            break
        shown = _shortened(number / size, unit, more)
    return f"{plain(shown)} {suffix}".rstrip()


def show_interval(metric: Metric, unit: Unit, limit: Decimal | None = None) -> str:
    """Write the interval of a metric that has one: `between 93 ms and 104 ms`; see `show_metric`.

    Raises:
        ValueError: it has none.
    """
    if metric.interval is None:
        raise ValueError(f"metric `{metric.name}` has no interval")
    ends = (Metric(name=metric.name, value=end) for end in metric.interval)
    return "between {} and {}".format(*(show_metric(end, unit, limit) for end in ends))


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


PRECISION = 28
"""Digits that are at most looked at to show a value."""

DIGITS = 3
"""Digits of a measured number that is not whole."""

SCALES: dict[Unit, tuple[tuple[str, Decimal], ...]] = {
    Unit.COUNT: (("", Decimal(1)),),
    Unit.NUMBER: (("", Decimal(1)),),
    Unit.FLAG: (("", Decimal(1)),),
    Unit.RATIO: (("%", Decimal("0.01")),),
    Unit.PER_SECOND: (("/s", Decimal(1)),),
    Unit.SECONDS: (
        ("d", Decimal(86400)),
        ("h", Decimal(3600)),
        ("min", Decimal(60)),
        ("s", Decimal(1)),
        ("ms", Decimal("0.001")),
    ),
    Unit.BYTES: (
        ("GB", Decimal(10**9)),
        ("MB", Decimal(10**6)),
        ("kB", Decimal(10**3)),
        ("B", Decimal(1)),
    ),
}
"""Suffixes in which a dimension is shown, each with its size in the base unit, largest first."""

SMALLEST = {unit: scales[-1] for unit, scales in SCALES.items()}


def _is_short(number: Decimal, size: Decimal) -> bool:
    """Whether a number is exact with at most one decimal in a unit of this size."""
    tenths = number / size * 10
    return (
        abs(number) >= size
        and tenths == tenths.to_integral_value()
        and tenths * size == number * 10
    )


def _scale(number: Decimal, unit: Unit) -> tuple[str, Decimal]:
    fitting = (scale for scale in SCALES[unit] if abs(number) >= scale[1])
    return next(fitting, SMALLEST[unit])


def _shortened(number: Decimal, unit: Unit, more: int) -> Decimal:
    if unit is Unit.RATIO:
        return number.quantize(Decimal(1).scaleb(-2 - more), ROUND_FLOOR)
    if not number or number == number.to_integral_value():
        return number
    exponent = min(number.adjusted() - DIGITS + 1 - more, 0)
    return number.quantize(Decimal(1).scaleb(exponent))


def _side(number: Decimal, limit: Decimal) -> int:
    return (number > limit) - (number < limit)


def _side_of(top: int, bottom: int, limit: Decimal) -> int:
    limit_top, limit_bottom = limit.as_integer_ratio()
    return (top * limit_bottom > limit_top * bottom) - (top * limit_bottom < limit_top * bottom)
