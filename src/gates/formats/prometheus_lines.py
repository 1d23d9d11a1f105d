"""One line of a page of metrics: a series with its labels and value, or a comment that tells."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gates.domain.metric import Tags, tags_of

MAX_LABELS = 64
"""A series with more labels is refused."""


class Refused(Exception):
    """A line, or a family, that is not of the format.

    Attributes:
        summary: what is wrong with it.
        line: where, 1-based; 0 for the line that is being read.
    """

    def __init__(self, summary: str, line: int = 0) -> None:
        super().__init__(summary)
        self.summary = summary
        self.line = line


@dataclass(frozen=True, slots=True)
class Series:
    """One series and its value.

    Attributes:
        name: its own, with endings such as `_total` and `_bucket`.
        labels: sorted by name.
        value: may be NaN or infinite.
        timestamp: seconds since the epoch, where the page tells one.
        line: where it stands, 1-based.
    """

    name: str
    labels: Tags
    value: Decimal
    timestamp: Decimal | None
    line: int

    @property
    def shown(self) -> str:
        """Name and labels as the format writes them."""
        inner = ",".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.name}{{{inner}}}" if inner else self.name

    def label(self, name: str) -> str:
        """The value of a label; empty where it has none, which the format calls the same."""
        return next((value for key, value in self.labels if key == name), "")


class Kind(StrEnum):
    """What the series of a family are."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    GAUGEHISTOGRAM = "gaugehistogram"
    SUMMARY = "summary"
    INFO = "info"
    STATESET = "stateset"
    UNTYPED = "untyped"


@dataclass(frozen=True, slots=True)
class Family:
    """The series under one `# TYPE`.

    Attributes:
        name: without the endings of its series.
        kind: what they are.
        help: the text of `# HELP`, or empty.
        unit: the text of `# UNIT`, or empty.
        series: in the order of the page.
    """

    name: str
    kind: Kind
    help: str
    unit: str
    series: tuple[Series, ...]


def sample(line: str, at: int, *, is_openmetrics: bool) -> Series:
    """Read the line of a series.

    Args:
        line: without its end.
        at: its number.
        is_openmetrics: single blanks, times in seconds, and exemplars, which are checked and
            left out.

    Raises:
        Refused: it is none.
    """
    found = (_OPEN if is_openmetrics else _TEXT).fullmatch(line)
    if found is None:
        raise Refused(f"not a series with a value: `{line.strip()[:80]}`")
    value = number(found["value"])
    if value is None:
        raise Refused(f"`{found['value'][:40]}` is no number")
    labels = _labels(found["labels"] or "", is_openmetrics=is_openmetrics)
    time = _time(found["time"], is_openmetrics=is_openmetrics)
    if is_openmetrics and found["exemplar"]:
        _exemplar(found)
    return Series(found["name"], labels, value, time, at)


def words(line: str) -> tuple[str, str, str] | None:
    """Keyword (TYPE, HELP, UNIT), name and text of a comment; None for any other comment.

    Raises:
        Refused: the keyword is not followed by a name.
    """
    found = re.match(r"[ \t]*#[ \t]+(TYPE|HELP|UNIT)(?![^ \t])[ \t]*", line)
    if found is None:
        return None
    rest = re.fullmatch(rf"({_NAME})(?:[ \t]+(.*))?", line[found.end() :])
    if rest is None:
        raise Refused(f"`# {found[1]}` is followed by no name of a metric")
    text = rest[2] or ""
    return found[1], rest[1], text if found[1] == "HELP" else text.rstrip(" \t")


def escaped(text: str, *, quote: bool) -> str:
    r"""The text behind `\\`, `\n` and, where `quote` says so, `\"`.

    Raises:
        Refused: another sign stands behind a backslash.
    """
    if "\\" not in text:
        return text

    def sign(found: re.Match[str]) -> str:
        if (found[1] == '"' and not quote) or found[1] not in _ESCAPES:
            raise Refused(f"`{found[0]}` is no escape of this format")
        return _ESCAPES[found[1]]

    return re.sub(r"\\(.?)", sign, text)


def number(text: str) -> Decimal | None:
    """A number as the format writes one, NaN and the infinities included; None for any other text.

    It is kept as the shortest decimal of the double that Prometheus would make of it, so that no
    exponent fills the memory.
    """
    if _NUMBER.fullmatch(text) is None:
        return Decimal(text.lower()) if _SPECIAL.fullmatch(text) else None
    value = float(text)
    return Decimal(repr(value)) if math.isfinite(value) else None


_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_BODY = r'(?:[^"}]|"(?:[^"\\]|\\.)*+")*+'
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SPECIAL = re.compile(r"(?i:nan|[+-]?inf(?:inity)?)")
_TEXT = re.compile(
    rf"[ \t]*(?P<name>{_NAME})[ \t]*(?:\{{(?P<labels>{_BODY})\}}[ \t]*|(?<=[ \t]))"
    r"(?P<value>[^ \t{}]+)(?:[ \t]+(?P<time>[^ \t]+))?[ \t]*"
)
_OPEN = re.compile(
    rf"(?P<name>{_NAME})(?:\{{(?P<labels>{_BODY})\}})? (?P<value>[^ {{}}]+)(?: (?P<time>[^ #]+))?"
    rf"(?: # (?P<exemplar>\{{(?P<with>{_BODY})\}} (?P<worth>[^ ]+)(?: (?P<when>[^ ]+))?))?"
)
_LABEL = re.compile(r'[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*+)"[ \t]*')
_ESCAPES = {"\\": "\\", '"': '"', "n": "\n"}
_MAX_EXEMPLAR = 128


def _labels(text: str, *, is_openmetrics: bool) -> Tags:
    pairs: dict[str, str] = {}
    at = 0
    while at < len(text) and not (at and not is_openmetrics and not text[at:].strip(" \t")):
        found = _LABEL.match(text, at)
        if found is None:
            raise Refused(f"the labels `{text[:80]}` cannot be read")
        name = found[1]
        if name in pairs:
            raise Refused(f"the label `{name}` stands twice")
        pairs[name] = escaped(found[2], quote=True)
        at = found.end()
        if at < len(text) and text[at] != ",":
            raise Refused(f"the labels `{text[:80]}` cannot be read")
        at += 1
        if is_openmetrics and at == len(text):
            raise Refused("a comma stands after the last label")
    if len(pairs) > MAX_LABELS:
        raise Refused(f"a series has {len(pairs)} labels, more than {MAX_LABELS}")
    # An empty label is the same as none, by Prometheus' data model.
    return tags_of({name: value for name, value in pairs.items() if value})


def _time(text: str | None, *, is_openmetrics: bool) -> Decimal | None:
    """Seconds: OpenMetrics writes them, 0.0.4 milliseconds."""
    if text is None:
        return None
    time = number(text)
    is_whole = re.fullmatch(r"-?[0-9]{1,19}", text) is not None
    if time is None or not time.is_finite() or not (is_openmetrics or is_whole):
        raise Refused(f"`{text[:40]}` is no time")
    return time if is_openmetrics else time.scaleb(-3)


def _exemplar(found: re.Match[str]) -> None:
    """Refuse an exemplar that is none."""
    if not found["name"].endswith(("_bucket", "_total", "_count")):
        raise Refused(f"`{found['name']}` cannot have an exemplar")
    labels = _labels(found["with"], is_openmetrics=True)
    if sum(len(name) + len(value) for name, value in labels) > _MAX_EXEMPLAR:
        raise Refused(f"the labels of an exemplar have more than {_MAX_EXEMPLAR} characters")
    if number(found["worth"]) is None:
        raise Refused(f"`{found['worth'][:40]}` is no number")
    _time(found["when"], is_openmetrics=True)
