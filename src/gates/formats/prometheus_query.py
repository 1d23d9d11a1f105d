"""What is asked of a page of metrics: a closed grammar, whose unit is known before anything runs.

    sum     = term { "+" term }
    term    = factor [ "/" factor ]
    factor  = "(" sum ")" | series | "rate(" series ")" | "increase(" series ")"
            | "quantile(" NUMBER "," series ")"
    series  = NAME [ "{" LABEL "=" TEXT { "," LABEL "=" TEXT } "}" ]

A series stands for the sum of all that have its name and labels: of counters it is what they grew
by in between, of gauges what they are afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from gates.domain.metric import Tags, Unit, tags_of
from gates.formats.prometheus_lines import Series

BUCKET = "_bucket"
MAX_DEPTH = 20
"""Brackets in brackets."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Names series.

    Attributes:
        name: as it stands on the page.
        labels: values that they must have.
    """

    name: str
    labels: Tags = ()

    @property
    def text(self) -> str:
        """As the grammar writes it."""
        inner = ",".join(f'{name}="{value}"' for name, value in self.labels)
        return f"{self.name}{{{inner}}}" if inner else self.name

    def fits(self, series: Series) -> bool:
        """Whether a series of its name has its labels."""
        return all(series.label(name) == value for name, value in self.labels)


@dataclass(frozen=True, slots=True)
class Total:
    """The growth of counters, or the value of gauges."""

    of: Selector


@dataclass(frozen=True, slots=True)
class Increase:
    """The growth of counters."""

    of: Selector


@dataclass(frozen=True, slots=True)
class Rate:
    """The growth of counters a second."""

    of: Selector


@dataclass(frozen=True, slots=True)
class Quantile:
    """What a share of a histogram's observations do not exceed."""

    share: Decimal
    of: Selector


@dataclass(frozen=True, slots=True)
class Sum:
    """One and another."""

    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Quotient:
    """One divided by another."""

    top: Expression
    bottom: Expression


Expression = Total | Increase | Rate | Quantile | Sum | Quotient


def parse(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValueError: it is none, or its parts do not fit together; with one line that says why.
    """
    parser = _Parser(text)
    found = parser.sum(0)
    parser.end()
    unit(found)
    if not isinstance(found, Quantile) and any(_quantiles(found)):
        raise ValueError(f"`{text}`: `quantile` stands alone, since quantiles do not add up")
    return found


def series(text: str) -> Selector:
    """Read the name of a series with its labels.

    Raises:
        ValueError: it is something else.
    """
    match parse(text):
        case Total(of):
            return of
        case _:
            raise ValueError(f"`{text}` must be a series: its name, and labels where it needs some")


def added(text: str) -> tuple[Selector, ...]:
    """Read the name of a series with its labels, or several that are added up.

    Raises:
        ValueError: it is something else.
    """

    def parts(expression: Expression) -> Iterator[Selector]:
        match expression:
            case Total(of):
                yield of
            case Sum(left, right):
                yield from parts(left)
                yield from parts(right)
            case _:
                raise ValueError(f"`{text}` must be a series with its labels, or a sum of such")

    return tuple(parts(parse(text)))


def unit(expression: Expression) -> Unit:
    """The unit of what it measures, told by the endings of names, as Prometheus advises them.

    Raises:
        ValueError: different units are added.
    """
    match expression:
        case Total(of) | Increase(of):
            return named(of.name)
        case Rate(of):
            return Unit.PER_SECOND if named(of.name) is Unit.NUMBER else Unit.NUMBER
        case Quantile(_, of):
            return named(of.name.removesuffix(BUCKET))
        case Sum(left, right):
            one, other = unit(left), unit(right)
            if one is not other:
                raise ValueError(f"{one.value} and {other.value} cannot be added")
            return one
        case Quotient(top, bottom):
            one, other = unit(top), unit(bottom)
            if one is other:
                return Unit.RATIO
            return one if other is Unit.NUMBER else Unit.NUMBER


def named(name: str) -> Unit:
    """The unit that the ending of a name tells."""
    found = _ENDINGS.search(name)
    return _UNITS[found[1]] if found else Unit.NUMBER


def other_unit(name: str) -> str:
    """The ending of a name that tells another unit than seconds, or empty."""
    found = _OTHER_UNITS.search(name)
    return found[1] if found else ""


def selectors(expression: Expression) -> Iterator[Selector]:
    """The series that it names, in order."""
    match expression:
        case Sum(one, other) | Quotient(one, other):
            yield from selectors(one)
            yield from selectors(other)
        case Total(of) | Increase(of) | Rate(of) | Quantile(_, of):
            yield of


_SIGNS = re.compile(
    r"\s*(?:(?P<number>[0-9]+(?:\.[0-9]+)?(?![\w.]))|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    r'|(?P<text>"(?:[^"\\]|\\["\\])*+")|(?P<sign>[+/(){},=]))',
    re.ASCII,
)
_ENDINGS = re.compile(r"_(seconds|bytes)(?:_(?:total|sum|max|min|created))?\Z")
_OTHER_UNITS = re.compile(
    r"_(ms|msec|msecs|millis|milliseconds?|us|usec|usecs|micros|microseconds?|ns|nsec|nsecs|nanos"
    r"|nanoseconds?|min|mins|minutes?|hours?|days?|weeks?|ratios?|percent|percentage|bytes|bits"
    r"|kilobytes|megabytes|celsius|meters|volts|amperes|joules|grams)"
    r"(?:_(?:total|sum|count|bucket|histogram|summary))?\Z"
)
_UNITS = {"seconds": Unit.SECONDS, "bytes": Unit.BYTES}


def _quantiles(expression: Expression) -> Iterator[Quantile]:
    match expression:
        case Quantile():
            yield expression
        case Sum(one, other) | Quotient(one, other):
            yield from _quantiles(one)
            yield from _quantiles(other)
        case _:
            return


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        self._tokens = list(self._split())
        self._at = 0

    def sum(self, depth: int) -> Expression:
        found = self._term(depth)
        while self._take("+"):
            found = Sum(found, self._term(depth))
        return found

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._odd()

    def _split(self) -> Iterator[tuple[str, str]]:
        at = 0
        while at < len(self._text):
            found = _SIGNS.match(self._text, at)
            if found is None or found.lastgroup is None:
                raise ValueError(
                    f"`{self._text}` cannot be read from `{self._text[at:].lstrip()[:20]}` on"
                )
            at = found.end()
            yield found.lastgroup, found[found.lastgroup]

    def _term(self, depth: int) -> Expression:
        top = self._factor(depth)
        if not self._take("/"):
            return top
        found = Quotient(top, self._factor(depth))
        if self._take("/"):
            raise ValueError(f"`{self._text}` divides twice: use brackets")
        return found

    def _factor(self, depth: int) -> Expression:
        if depth > MAX_DEPTH:
            raise ValueError("brackets are nested too deep")
        if self._take("("):
            found = self.sum(depth + 1)
            self._need(")")
            return found
        name = self._name()
        if not self._take("("):
            return Total(self._selector(name))
        found = self._call(name)
        self._need(")")
        return found

    def _call(self, name: str) -> Expression:
        if name == "quantile":
            return self._quantile()
        calls: dict[str, type[Rate | Increase]] = {"rate": Rate, "increase": Increase}
        if name not in calls:
            raise ValueError(f"`{name}` is no function; known are increase, quantile and rate")
        return calls[name](self._selector(self._name()))

    def _quantile(self) -> Quantile:
        kind, text = self._next()
        share = Decimal(text) if kind == "number" else Decimal(0)
        if not 0 < share < 1:
            raise ValueError("`quantile` takes a share above 0 and below 1, as in 0.95")
        self._need(",")
        of = self._selector(self._name())
        if not of.name.endswith(BUCKET):
            raise ValueError(f"`quantile` takes a histogram's buckets: `{of.name}{BUCKET}`")
        if "le" in dict(of.labels):
            raise ValueError("`quantile` takes all buckets: leave `le` out")
        return Quantile(share, of)

    def _selector(self, name: str) -> Selector:
        labels: dict[str, str] = {}
        if self._take("{"):
            while not self._take("}"):
                if labels:
                    self._need(",")
                label = self._name()
                self._need("=")
                kind, text = self._next()
                if kind != "text" or label in labels:
                    raise ValueError(f"the labels of `{name}` cannot be read: {_LABELS_HINT}")
                labels[label] = re.sub(r"\\(.)", r"\1", text[1:-1])
            if not labels:
                raise ValueError(f"`{name}` names no label between its braces")
        return Selector(name, tags_of(labels))

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise ValueError(f"`{self._text}`: `{text}` stands where a series must be named")
        return text

    def _next(self) -> tuple[str, str]:
        if self._at >= len(self._tokens):
            raise ValueError(f"`{self._text}` ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, sign: str) -> bool:
        found = self._tokens[self._at : self._at + 1] == [("sign", sign)]
        self._at += found
        return found

    def _need(self, sign: str) -> None:
        if not self._take(sign):
            raise self._odd(f", `{sign}` is missing")

    def _odd(self, what: str = "") -> ValueError:
        rest = "".join(text for _, text in self._tokens[self._at :])
        return ValueError(f"`{self._text}` cannot be read at `{rest[:20]}`{what}")


_LABELS_HINT = 'write {NAME="VALUE"}, each label once'
