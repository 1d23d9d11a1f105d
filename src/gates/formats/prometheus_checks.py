"""What the series of one family must have in common, by its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from gates.domain.metric import Tags
from gates.formats.prometheus_lines import Family, Kind, Refused, Series, number

INFINITE = Decimal("Infinity")
EDGE = "le"
QUANTILE = "quantile"

_PARTS = {Kind.HISTOGRAM: EDGE, Kind.GAUGEHISTOGRAM: EDGE, Kind.SUMMARY: QUANTILE}


def check(family: Family, *, is_openmetrics: bool) -> None:
    """Refuse a family that contradicts itself.

    Args:
        family: with its series.
        is_openmetrics: counts must then be numbers, and a histogram may tell its buckets alone.

    Raises:
        Refused: what is wrong, and in which line.
    """
    for own in _grouped(family.series, _PARTS.get(family.kind, "")).values():
        match family.kind:
            case Kind.HISTOGRAM | Kind.GAUGEHISTOGRAM:
                _histogram(family, own, is_openmetrics=is_openmetrics)
            case Kind.SUMMARY:
                _summary(family, own, is_openmetrics=is_openmetrics)
            case _:
                for series in own:
                    _single(family, series, is_openmetrics=is_openmetrics)


def edges(buckets: Sequence[Series]) -> Iterator[tuple[Decimal, Series]]:
    """The upper edges of buckets, with each.

    Raises:
        Refused: a bucket has none, or one that is no number.
    """
    for series in buckets:
        edge = number(series.label(EDGE))
        if edge is None or edge.is_nan():
            raise Refused(f"the bucket `{series.shown}` has no `{EDGE}` that is a number")
        yield edge, series


def without(labels: Tags, name: str) -> Tags:
    """The labels but for one."""
    return tuple(pair for pair in labels if pair[0] != name)


def _grouped(series: Sequence[Series], label: str) -> Mapping[Tags, list[Series]]:
    """The series that differ in this label alone."""
    groups: dict[Tags, list[Series]] = {}
    for each in series:
        groups.setdefault(without(each.labels, label), []).append(each)
    return groups


def _single(family: Family, series: Series, *, is_openmetrics: bool) -> None:
    if family.kind is Kind.COUNTER:
        _refuse_no_count(series, is_openmetrics=is_openmetrics)
    if family.kind is Kind.INFO and series.value != 1:
        raise Refused(f"`{series.shown}` is an info, and not 1", series.line)
    if family.kind is Kind.STATESET:
        _state(family, series)


def _refuse_no_count(series: Series, *, is_openmetrics: bool) -> None:
    if series.value.is_nan():
        if is_openmetrics:
            raise Refused(f"`{series.shown}` counts, and is NaN", series.line)
    elif series.value < 0:
        raise Refused(f"`{series.shown}` counts, and is negative", series.line)


def _histogram(family: Family, own: Sequence[Series], *, is_openmetrics: bool) -> None:
    buckets = [each for each in own if each.name == f"{family.name}_bucket"]
    shown, line = own[0].shown, own[0].line
    if not buckets:
        raise Refused(f"`{shown}` is of a histogram without buckets", line)
    last: tuple[Decimal, Decimal] | None = None
    for edge, series in edges(buckets):
        _refuse_no_count(series, is_openmetrics=True)
        if last is not None and edge <= last[0]:
            raise Refused(f"the buckets of `{family.name}` are not in order", series.line)
        if last is not None and series.value < last[1]:
            raise Refused(f"`{series.shown}` holds less than the bucket below it", series.line)
        last = (edge, series.value)
    if last is None or last[0] != INFINITE:
        raise Refused(f'`{buckets[-1].shown}` is not followed by `{EDGE}="+Inf"`', line)
    ending = "g" if family.kind is Kind.GAUGEHISTOGRAM else ""
    total = _one(own, f"{family.name}_{ending}sum")
    whole = _one(own, f"{family.name}_{ending}count")
    if (total is None) != (whole is None) or (whole is None and not is_openmetrics):
        raise Refused(f"`{buckets[0].shown}` is not followed by both `_sum` and `_count`", line)
    if whole is not None and whole.value != last[1]:
        summary = f'`{whole.shown}` is {whole.value}, and its bucket `{EDGE}="+Inf"` {last[1]}'
        raise Refused(summary, whole.line)


def _summary(family: Family, own: Sequence[Series], *, is_openmetrics: bool) -> None:
    for series in own:
        if series.name == f"{family.name}_count":
            _refuse_no_count(series, is_openmetrics=True)
        if series.name != family.name:
            continue
        share = number(series.label(QUANTILE))
        if share is None or share.is_nan() or not 0 <= share <= 1:
            summary = f"`{series.shown}` has no `{QUANTILE}` between 0 and 1"
            raise Refused(summary, series.line)
    whole, total = (_one(own, f"{family.name}_{ending}") for ending in ("count", "sum"))
    if not is_openmetrics and (whole is None or total is None):
        raise Refused(f"`{own[0].shown}` is not followed by both `_sum` and `_count`", own[0].line)


def _state(family: Family, series: Series) -> None:
    if not series.label(family.name):
        raise Refused(f"`{series.shown}` has no label `{family.name}`", series.line)
    if series.value not in {0, 1}:
        raise Refused(f"`{series.shown}` is a state, and neither 0 nor 1", series.line)


def _one(series: Sequence[Series], name: str) -> Series | None:
    return next((each for each in series if each.name == name), None)
