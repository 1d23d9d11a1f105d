"""How limits are written: units, their dimension, and exact conversion to the base unit."""

from __future__ import annotations

from decimal import Decimal

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


def to_base(number: Decimal, suffix: str, unit: Unit) -> Decimal | None:
    """Convert a written number to the base unit; None where the suffix does not fit it."""
    if not suffix:
        return number if unit in PLAIN else None
    dimension, size = SUFFIXES[suffix]
    return number * size if dimension is unit else None


def show(value: Exact, unit: Unit) -> str:
    """Write a limit or a value in the unit that reads best, exact to the last digit."""
    number = Decimal(value)
    match unit:
        case Unit.COUNT | Unit.NUMBER | Unit.FLAG:
            return plain(number)
        case Unit.RATIO:
            return f"{plain(number * 100)} %"
        case Unit.SECONDS:
            return _scaled(number, (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)), "ms", 1000)
        case Unit.PER_SECOND:
            return f"{plain(number)} /s"
        case Unit.BYTES:
            return _scaled(number, (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)), "B", 1)


def show_metric(metric: Metric, unit: Unit) -> str:
    """Write a measured value for people: ratios cut to two decimals, times to three digits.

    Cutting, and never rounding up, keeps a value that misses its limit from
    being shown as the limit.
    """
    if unit is Unit.RATIO:
        top, bottom = metric.fraction
        return f"{plain(Decimal(top * 10_000 // bottom) / 100)} %"
    top, bottom = metric.fraction
    number = Decimal(top) / Decimal(bottom)
    if unit is Unit.SECONDS and number:
        exponent = max(number.adjusted() - 2, -9)
        number = (
            number.quantize(Decimal(1).scaleb(exponent)) if exponent < 0 else number.to_integral()
        )
    return show(number, unit)


def plain(number: Decimal) -> str:
    """Write a decimal without exponent and without trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(number: Decimal, steps: tuple[tuple[str, int], ...], small: str, factor: int) -> str:
    for suffix, size in steps:
        if abs(number) >= size:
            return f"{plain((number / size).normalize())} {suffix}"
    return f"{plain((number * factor).normalize())} {small}"
