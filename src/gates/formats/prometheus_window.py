"""The pages of one service before and after something, and what its series did in between."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from gates.domain.errors import StageError
from gates.domain.metric import Tags
from gates.formats import prometheus_text
from gates.formats.nearest import nearest
from gates.formats.prometheus_lines import Kind, Series
from gates.formats.prometheus_query import Selector
from gates.formats.prometheus_text import Page

LEAST_PAGES = 2
"""Fewer pages a side cannot show that several processes answer by turns."""

START = "process_start_time_seconds"
"""The gauge by which clients of Prometheus tell when their process began."""

_SEVERAL = (
    "let one worker answer while it is measured, or collect the metrics of all of them"
    " (PROMETHEUS_MULTIPROC_DIR of the Python client)"
)
_EPOCHAL = 10**9
_COUNTING = ("_total", "_count", "_bucket", "_sum")


@dataclass(frozen=True, slots=True)
class Window:
    """What lies between two pages.

    Attributes:
        before: the last page before.
        after: the first page after.
        seconds: between them.
        is_given: they lay in files, where a part may be lost.
        sides: all pages before, and all after, each in the order in which they were fetched.
    """

    before: Page
    after: Page
    seconds: Fraction
    is_given: bool = False
    sides: tuple[tuple[Page, ...], ...] = ()

    def growth(self, selector: Selector) -> Fraction:
        """What the counters that it names grew by, together.

        Raises:
            StageError: there is none, or it is none.
        """
        return sum(self.growths(selector).values(), Fraction(0))

    def growths(self, selector: Selector) -> Mapping[Tags, Fraction]:
        """What each counter that it names grew by; one that is new began at 0.

        In files it must be on both pages: nothing tells a new one from one whose line was lost.

        Raises:
            StageError: there is none, it is no counter, or it is not on the page before.
        """
        series = self.found(selector)
        if not is_counting(self.after, selector.name):
            raise StageError(
                "metric-kind",
                f"`{selector.name}` is a {self.after.kinds[selector.name]}, and no counter",
                hint="take its growth from a counter, or name it alone for its value",
            )
        earlier = {each.labels: _exact(each) for each in self.before.series(selector.name)}
        grown = {each.labels: _exact(each) - earlier.get(each.labels, 0) for each in series}
        self._refuse_old(series)
        for each in series:
            if self.is_given and each.labels not in earlier:
                raise StageError(
                    "series-new",
                    f"`{each.shown}` is on the page after, and not on the page before",
                    hint="fetch the page before once the service has counted each of them",
                )
            if grown[each.labels] < 0:
                summary = f"`{each.shown}` fell: the service was restarted"
                raise StageError("metrics-reset", summary, hint="see its log")
        return grown

    def total(self, selector: Selector) -> Fraction:
        """What its counters grew by, or what its gauges are afterwards.

        Raises:
            StageError: there is none, or one is no number.
        """
        if is_counting(self.after, selector.name):
            return self.growth(selector)
        self._refuse_old(self.found(selector))
        return gauge(self.after, selector)

    def by_fetch(self, selector: Selector) -> Fraction:
        """The most that its counters grew by between two pages fetched at once, one by the other.

        So much one fetch of the page itself may let them grow, and one lies in between.
        """
        grown = (
            sum((_exact(each) for each in other.series(selector.name) if selector.fits(each)), 0)
            - sum((_exact(each) for each in one.series(selector.name) if selector.fits(each)), 0)
            for pages in self.sides
            for one, other in pairwise(pages)
        )
        return max((Fraction(each) for each in grown), default=Fraction(0))

    def _refuse_old(self, series: Sequence[Series]) -> None:
        """Refuse series of which both pages tell the same time: they were written once."""
        for each in series:
            for earlier in self.before.series(each.name):
                is_same = earlier.labels == each.labels and each.timestamp is not None
                if is_same and earlier.timestamp == each.timestamp:
                    raise StageError(
                        "series-old",
                        f"`{each.shown}` is of the same time before and after: it is old",
                        hint="let the page tell it at each fetch, or measure longer",
                    )

    def found(self, selector: Selector) -> tuple[Series, ...]:
        """The series afterwards that it names.

        Raises:
            StageError: there is none.
        """
        return found(self.after, selector)


def found(page: Page, selector: Selector) -> tuple[Series, ...]:
    """The series of a page that a selector names.

    Raises:
        StageError: there is none.
    """
    named = page.series(selector.name)
    fitting = tuple(each for each in named if selector.fits(each))
    if not fitting:
        close = nearest(selector.name, page.by_name)
        hint = "see the page for what the service tells"
        if named:
            hint = f"there is `{named[0].shown}`"
        elif close:
            hint = f"did you mean `{close}`?"
        raise StageError("metric-absent", f"no series is `{selector.text}`", hint=hint)
    return fitting


def labels_apart(series: Sequence[Series]) -> frozenset[str]:
    """The labels in which series of one name differ; none of a single one."""
    first = dict(series[0].labels) if series else {}
    return frozenset(
        name
        for each in series
        for name in first.keys() | dict(each.labels).keys()
        if each.label(name) != first.get(name, "")
    )


def gauge(page: Page, selector: Selector) -> Fraction:
    """The sum of the gauges that a selector names.

    Raises:
        StageError: there is none, it is a counter, or one is no number.
    """
    series = found(page, selector)
    if is_counting(page, selector.name):
        raise StageError("metric-kind", f"`{selector.name}` only grows: it is no gauge")
    return sum((_exact(each) for each in series), Fraction(0))


def window(
    before: Sequence[bytes],
    after: Sequence[bytes],
    seconds: Fraction,
    *,
    least: int = 1,
    is_given: bool = False,
) -> Window:
    """Read the pages of both sides, each in the order in which they were fetched.

    Args:
        before: the pages before.
        after: the pages after.
        seconds: between them.
        least: how many of each side there must be.
        is_given: they lay in files; then only OpenMetrics shows that none was cut off.

    Raises:
        OutputUnreadable: one is no page of metrics.
        StageError: there are too few, the service began anew in between, or several processes
            answer by turns.
    """
    sides: list[list[Page]] = []
    for side, fetched in (("before", before), ("after", after)):
        if len(fetched) < least:
            raise StageError(
                "no-page",
                f"the page of metrics was fetched {len(fetched)} times {side} the measurement, and"
                f" {least} are needed",
                hint="see whether the service answers on this path (`path`)",
            )
        named = [f"{side}, page {at}" for at in range(1, len(fetched) + 1)]
        pages = [
            prometheus_text.read(data, what=what) for data, what in zip(fetched, named, strict=True)
        ]
        if is_given and not pages[0].is_openmetrics:
            raise StageError(
                "page-not-whole",
                f"the page {side} does not end in `# EOF`, so nothing shows that it is whole",
                hint="fetch it with the header `Accept: application/openmetrics-text`",
            )
        for one, other in pairwise(pages):
            refuse_several(one, other)
        sides.append(pages)
    _refuse_restart(sides[0][-1], sides[1][0])
    return Window(sides[0][-1], sides[1][0], seconds, is_given, tuple(map(tuple, sides)))


def is_counting(page: Page, name: str) -> bool:
    """Whether the series of a name only grow, by their type, else by the ending of their name."""
    if page.kinds.get(name) is Kind.UNTYPED:
        return name.endswith(_COUNTING)
    return page.is_counted(name)


def refuse_several(one: Page, other: Page) -> None:
    """Refuse two pages, fetched one after the other, that two processes wrote.

    Raises:
        StageError: a counter is smaller on the later one, or another process began.
    """
    fallen = _fallen(one, other)
    if fallen is not None:
        raise StageError(
            "several-processes",
            f"two pages fetched one after the other contradict each other: {fallen}; several"
            " processes answer by turns, each with its own numbers",
            hint=_SEVERAL,
        )


def _refuse_restart(before: Page, after: Page) -> None:
    fallen = _fallen(before, after)
    if fallen is not None:
        raise StageError(
            "metrics-reset",
            f"its counters began anew in between: {fallen}; the service was restarted, or several"
            " processes answer by turns",
            hint=f"see its log; with several workers: {_SEVERAL}",
        )


def _fallen(one: Page, other: Page) -> str | None:
    """The first sign that a later page is of another process than an earlier one, or None."""
    for name in one.by_name:
        is_mark = name == START or _is_birth(one, name)
        if not is_mark and (name.endswith("_sum") or not is_counting(one, name)):
            continue  # the sum of a histogram may fall: observations may be negative
        later = {each.labels: each for each in other.series(name)}
        for series in one.series(name):
            now = later.get(series.labels)
            if now is None:
                if is_mark:
                    continue
                return f"`{series.shown}` is gone"
            if now.value.is_nan() or series.value.is_nan():
                continue
            if now.value < series.value or (is_mark and now.value != series.value):
                return f"`{series.shown}` went from {series.value} to {now.value}"
    return None


def _is_birth(page: Page, name: str) -> bool:
    """Whether it tells when the series of another name began, and is no gauge of that name."""
    base = name.removesuffix("_created")
    has_base = any(base + ending in page.by_name for ending in ("", "_total", "_count"))
    return base != name and has_base and all(s.value > _EPOCHAL for s in page.series(name))


def _exact(series: Series) -> Fraction:
    if not series.value.is_finite():
        raise StageError("metric-value", f"`{series.shown}` is {series.value}, and no number")
    return Fraction(series.value)
