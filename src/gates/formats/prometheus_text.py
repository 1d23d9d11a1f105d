"""A page of metrics: Prometheus' text format 0.0.4, or OpenMetrics 1.0 where it ends in `# EOF`.

After the format's documents: prometheus.io/docs/instrumenting/exposition_formats and RFC-style
OpenMetrics 1.0. What they leave to the reader (a series twice, lines of a family apart) is refused:
two readers of such a page would see two things. Names in quotes and native histograms are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable
from gates.domain.metric import Tags
from gates.formats.prometheus_checks import check
from gates.formats.prometheus_lines import Family, Kind, Refused, Series, escaped, sample, words

MAX_BYTES = 32 * 1024 * 1024
"""A longer page is refused."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page that was read whole and contradicts itself nowhere.

    Attributes:
        families: by name, in the order of the page.
        is_openmetrics: whether it ends in `# EOF`.
        by_name: the series of each name.
        kinds: the kind of each series' family, by the series' name.
    """

    families: Mapping[str, Family]
    is_openmetrics: bool
    by_name: Mapping[str, tuple[Series, ...]]
    kinds: Mapping[str, Kind]

    def series(self, name: str) -> tuple[Series, ...]:
        """The series of this name; none where the page has none."""
        return self.by_name.get(name, ())

    def is_counted(self, name: str) -> bool:
        """Whether the series of this name only grow: counters, and the counts of histograms."""
        kind = self.kinds.get(name)
        if kind in {Kind.HISTOGRAM, Kind.SUMMARY}:
            return name.endswith(_GROWING)
        return kind is Kind.COUNTER and not (self.is_openmetrics and name.endswith("_created"))


def read(data: bytes, *, what: str) -> Page:
    """Read a page.

    Args:
        data: the whole answer.
        what: its name, for messages.

    Raises:
        OutputUnreadable: it is no page of metrics, contradicts itself, or holds no series; place
            is `what:line`.
    """
    lines = _lines(data, what)
    is_openmetrics = lines[-1] == _EOF
    reader = _Reader(is_openmetrics=is_openmetrics)
    at = 0
    try:
        for at, line in enumerate(lines, 1):
            reader.line(line, at, is_last=at == len(lines))
        families = reader.families()
        for family in families.values():
            at = family.series[0].line
            check(family, is_openmetrics=is_openmetrics)
    except Refused as error:
        place = f"{what}:{error.line or at}"
        raise OutputUnreadable("metrics-format", error.summary, place=place) from None
    if not families:
        summary = "the page holds no series"
        raise OutputUnreadable("metrics-empty", summary, hint=_EMPTY_HINT, place=what)
    return _page(families, is_openmetrics=is_openmetrics)


_EOF = "# EOF"
_EMPTY_HINT = "see whether this is the page on which the service tells its metrics"
_GROWING = ("_bucket", "_count", "_sum", "_total")
_OPEN_KINDS = {"unknown": Kind.UNTYPED} | {
    kind.value: kind for kind in Kind if kind is not Kind.UNTYPED
}
_TEXT_KINDS = {
    kind.value: kind
    for kind in (Kind.COUNTER, Kind.GAUGE, Kind.HISTOGRAM, Kind.SUMMARY, Kind.UNTYPED)
}
_ENDINGS: dict[Kind, tuple[str, ...]] = {
    Kind.COUNTER: ("",),
    Kind.GAUGE: ("",),
    Kind.HISTOGRAM: ("_bucket", "_count", "_sum"),
    Kind.GAUGEHISTOGRAM: ("_bucket", "_gcount", "_gsum"),
    Kind.SUMMARY: ("", "_count", "_sum"),
    Kind.INFO: ("_info",),
    Kind.STATESET: ("",),
    Kind.UNTYPED: ("",),
}
_OPEN_ENDINGS = _ENDINGS | {
    Kind.COUNTER: ("_total", "_created"),
    Kind.HISTOGRAM: (*_ENDINGS[Kind.HISTOGRAM], "_created"),
    Kind.SUMMARY: (*_ENDINGS[Kind.SUMMARY], "_created"),
}
"""What the names of a family's series add to its own."""


def _lines(data: bytes, what: str) -> list[str]:
    if len(data) > MAX_BYTES:
        summary = f"the page has {len(data)} bytes, more than the {MAX_BYTES} that are read"
        raise OutputUnreadable("metrics-too-large", summary, place=what)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise OutputUnreadable("metrics-format", "not UTF-8", place=f"{what}:{line}") from None
    if not text.strip():
        raise OutputUnreadable("metrics-empty", "the page is empty", hint=_EMPTY_HINT, place=what)
    if text.lstrip()[:1] == "<":
        summary = "the page is HTML, and no text of metrics"
        raise OutputUnreadable("metrics-html", summary, hint=_EMPTY_HINT, place=what)
    lines = text.split("\n")
    if lines[-1] == _EOF:
        return lines  # OpenMetrics may leave the last line feed out
    if lines[-1]:
        summary = "the last line does not end: the page was cut off"
        raise OutputUnreadable("metrics-format", summary, place=f"{what}:{len(lines)}")
    return lines[:-1]


@dataclass(slots=True)
class _Open:
    """A family that is being read."""

    name: str
    kind: Kind = Kind.UNTYPED
    is_typed: bool = False
    help: str | None = None
    unit: str | None = None
    series: list[Series] = field(default_factory=list)


class _Reader:
    """Puts lines together to families."""

    def __init__(self, *, is_openmetrics: bool) -> None:
        self._is_open = is_openmetrics
        self._kinds = _OPEN_KINDS if is_openmetrics else _TEXT_KINDS
        self._endings = _OPEN_ENDINGS if is_openmetrics else _ENDINGS
        self._found: dict[str, _Open] = {}
        self._current = ""
        self._seen: set[tuple[str, Tags]] = set()
        self._owners: dict[str, str] = {}

    def line(self, line: str, at: int, *, is_last: bool) -> None:
        """Take one line.

        Raises:
            Refused: it is none of this format, or contradicts an earlier one.
        """
        if line.startswith("#") or line.lstrip(" \t").startswith("#"):
            if self._is_open and line == _EOF:
                if not is_last:
                    raise Refused("there are lines after `# EOF`")
                return
            self._comment(line)
        elif line.strip(" \t"):
            self._sample(sample(line, at, is_openmetrics=self._is_open))
        elif self._is_open:
            raise Refused("an empty line")

    def families(self) -> dict[str, Family]:
        """What was read; a family without series is left out."""
        return {
            each.name: Family(
                each.name, each.kind, each.help or "", each.unit or "", tuple(each.series)
            )
            for each in self._found.values()
            if each.series
        }

    def _comment(self, line: str) -> None:
        found = words(line)
        if found is None:
            if self._is_open:
                raise Refused("a comment that is neither `# TYPE`, `# HELP`, `# UNIT` nor `# EOF`")
            return
        keyword, name, rest = found
        if keyword == "UNIT" and not self._is_open:
            return
        family = self._entered(name)
        if family.series and (self._is_open or keyword == "TYPE"):
            raise Refused(f"`# {keyword} {name}` stands after a series of `{name}`")
        if keyword == "TYPE":
            self._type(family, rest)
        elif keyword == "HELP":
            self._once(family.help, keyword, name)
            family.help = escaped(rest, quote=self._is_open)
        else:
            self._once(family.unit, keyword, name)
            if rest and not name.endswith(f"_{rest}"):
                raise Refused(f"the unit of `{name}` is `{rest}`, and its name does not end in it")
            family.unit = rest

    def _type(self, family: _Open, text: str) -> None:
        if family.is_typed:
            raise Refused(f"a second `# TYPE` of `{family.name}`")
        if text not in self._kinds:
            raise Refused(f"`{text[:40]}` is no type; known are {', '.join(self._kinds)}")
        family.kind, family.is_typed = self._kinds[text], True
        for ending in self._endings[family.kind]:
            owned = family.name + ending
            other = self._owners.setdefault(owned, family.name)
            if other != family.name:
                raise Refused(f"`{owned}` belongs to `{other}` and to `{family.name}`")

    @staticmethod
    def _once(before: str | None, keyword: str, name: str) -> None:
        if before is not None:
            raise Refused(f"a second `# {keyword}` of `{name}`")

    def _entered(self, name: str) -> _Open:
        """The family of this name, which all lines from here on are of."""
        if name == self._current:
            return self._found[name]
        if name in self._found:
            raise Refused(f"the lines of `{name}` are not together")
        self._current = name
        self._found[name] = _Open(name)
        return self._found[name]

    def _sample(self, series: Series) -> None:
        name = self._owners.get(series.name, series.name)
        known = self._found.get(name)
        if known is not None and name == series.name and series.name not in self._owners:
            if known.is_typed:
                raise Refused(f"a {known.kind} `{name}` has no series of that very name")
            self._owners[name] = name
        family = self._entered(name)
        key = (series.name, series.labels)
        if key in self._seen:
            raise Refused(f"the series `{series.shown}` stands twice")
        self._seen.add(key)
        family.series.append(series)


def _page(families: Mapping[str, Family], *, is_openmetrics: bool) -> Page:
    by_name: dict[str, list[Series]] = {}
    kinds: dict[str, Kind] = {}
    for family in families.values():
        for series in family.series:
            by_name.setdefault(series.name, []).append(series)
            kinds[series.name] = family.kind
    return Page(
        families,
        is_openmetrics,
        {name: tuple(series) for name, series in by_name.items()},
        kinds,
    )
