"""Numbers read out of any command's output, by JSON pointer or by a pattern with a named group."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from gates.domain.errors import OutputUnreadable
from gates.domain.metric import Metric, Unit
from gates.domain.units import SUFFIXES
from gates.formats import strict_json
from gates.formats.json_pointer import resolve, split
from gates.formats.pattern_search import Match

MAX_PATTERN_BYTES = 1 << 20
"""Patterns are not run on longer output: even a plain one could then outlast its gate."""

UNITS: dict[str, tuple[Unit, Decimal]] = {
    "count": (Unit.COUNT, Decimal(1)),
    "number": (Unit.NUMBER, Decimal(1)),
    "B": (Unit.BYTES, Decimal(1)),
    **SUFFIXES,
}
"""Units in which a command may print a number, each with its size in the base unit."""

_DIGITS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where a number stands.

    Attributes:
        pointer: a JSON pointer, or None where a pattern says it.
        pattern: a regular expression whose group `value` is the number; empty with a pointer.
    """

    pointer: str | None
    pattern: str


def where(entry: Mapping[str, str], *, name: str, also: frozenset[str]) -> Where:
    """Read where a number stands, from options.

    Args:
        entry: holds `json` or `pattern`, and may hold keys of `also`.
        name: what the entry is for, for messages.
        also: further keys that are known.

    Raises:
        ValueError: it holds both, none, or an unknown key; the pointer or pattern is not one.
    """
    unknown = entry.keys() - also - {"json", "pattern"}
    if unknown:
        raise ValueError(f"`{name}` has the unknown key `{min(unknown)}`")
    if ("json" in entry) == ("pattern" in entry):
        raise ValueError(f"`{name}` needs either `json` or `pattern`")
    if "json" in entry:
        try:
            split(entry["json"], what=name)
        except OutputUnreadable as error:
            raise ValueError(f"`{name}`: {error.problem.summary}") from None
        return Where(pointer=entry["json"], pattern="")
    try:
        compiled = re.compile(entry["pattern"], re.MULTILINE)
    except re.error as error:
        raise ValueError(f"the pattern of `{name}` cannot be read: {error}") from None
    if list(compiled.groupindex) != ["value"]:
        raise ValueError(f"the pattern of `{name}` needs the one named group `(?P<value>...)`")
    return Where(pointer=None, pattern=entry["pattern"])


class Output:
    """What a command wrote, parsed once."""

    def __init__(self, data: bytes, *, what: str, matches: Mapping[str, Match]) -> None:
        """Keep what was written.

        Args:
            data: what the command wrote.
            what: its name, for messages.
            matches: by pattern, what each found in it; a pattern is never run in this process.
        """
        self._data = data
        self._what = what
        self._matches = matches
        self._document: list[object] = []

    def number(self, place: Where, *, name: str) -> Decimal:
        """The number at a place, exact; a JSON array stands for the number of its items.

        Raises:
            OutputUnreadable: it is not there, stands there twice, or is no number.
        """
        if place.pointer is None:
            return self._matched(place.pattern, name)
        if not self._document:
            self._document.append(strict_json.loads(self._data, what=self._what))
        found = resolve(self._document[0], place.pointer, what=self._what)
        if isinstance(found, list):
            return Decimal(len(found))
        if isinstance(found, bool) or not isinstance(found, (int, Decimal)):
            summary = f"`{name}` at `{place.pointer}` is not a number"
            raise OutputUnreadable("reading-no-number", summary, place=self._what)
        return Decimal(found)

    def _matched(self, pattern: str, name: str) -> Decimal:
        found = self._matches[pattern]
        if found.times != 1:
            summary = f"the pattern of `{name}` matches {found.times} times, not once"
            raise OutputUnreadable("reading-not-once", summary, place=self._what)
        number = found.first
        if re.fullmatch(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", number) is None:
            summary = f"`{name}` is `{number[:40]}`, which is not a number"
            raise OutputUnreadable("reading-no-number", summary, place=self._what)
        return Decimal(number)


def refuse_long(data: bytes, *, what: str) -> None:
    """Refuse output on which no pattern is run.

    Raises:
        OutputUnreadable: it is longer than `MAX_PATTERN_BYTES`.
    """
    if len(data) > MAX_PATTERN_BYTES:
        raise OutputUnreadable(
            "reading-too-large",
            f"patterns are not run on more than 1 MiB, and there are {len(data)} bytes",
            hint="let the command write its numbers to a file, and name it in `output`",
            place=what,
        )


def whole(number: Decimal, *, name: str) -> int:
    """The number as a count.

    Raises:
        OutputUnreadable: it is negative, or not whole.
    """
    if number < 0 or number != number.to_integral_value():
        summary = f"`{name}` counts something, and {number} is no count"
        raise OutputUnreadable("reading-no-count", summary)
    return int(number)


def metric(name: str, number: Decimal, unit: str) -> Metric:
    """Make a metric of a number that is written in one of `UNITS`.

    Raises:
        OutputUnreadable: a count that is not one.
    """
    base, size = UNITS[unit]
    if base is Unit.COUNT:
        return Metric(name=name, value=whole(number, name=name))
    if base is Unit.RATIO:
        top, bottom = number.as_integer_ratio()
        return Metric(name=name, numerator=top, denominator=bottom * 100)
    with localcontext() as exact:
        exact.prec = _DIGITS
        return Metric(name=name, value=number * size)
