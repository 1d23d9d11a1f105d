"""Totals and rates of a Cobertura report, held against what its lines bear out.

Each number that is there is held for itself: `lines-valid` without `lines-covered` as well as both.
A rate of nothing is 0, 1 or no number, as programs differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import Covered, FileCoverage

RATE_TOLERANCE = Decimal("0.01")
"""How far a rate may be from the lines: programs write two digits and more, cut or rounded."""

_DIGITS = 20  # of a 64-bit count
_NAMES = {"lines": "line-rate", "branches": "branch-rate"}
_ENDS = ("covered", "valid")
_HINTS = {
    "lines": "coverage.py joins files of one name below several folders of `source`: name one"
    " folder there, or give its JSON to the stage `coverage`",
    "branches": "Istanbul leaves out branches on lines where no statement begins: give its"
    " coverage-final.json to the stage `istanbul`",
}


@dataclass(frozen=True, slots=True)
class Counted:
    """Lines and branches in the ways in which programs count; the first is ours.

    Attributes:
        lines: each once, or each entry of a line that stands twice.
        branches: likewise.
    """

    lines: tuple[Covered, ...]
    branches: tuple[Covered, ...]

    def ways(self, kind: str) -> tuple[Covered, ...]:
        """Those of `lines` or `branches`."""
        return self.lines if kind == "lines" else self.branches


class Tally:
    """What is counted of a package, or of the whole report, class by class."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self.once = [0, 0, 0, 0]
        self.entries = [0, 0, 0, 0]

    def add(self, name: str, once: tuple[Covered, Covered], each: tuple[Covered, Covered]) -> None:
        """Add a class of a file: its lines and branches, each once and each entry."""
        self.names[name] = None
        self.once = [one + new for one, new in zip(self.once, (*once[0], *once[1]), strict=True)]
        pairs = zip(self.entries, (*each[0], *each[1]), strict=True)
        self.entries = [one + new for one, new in pairs]

    def counted(self, files: Mapping[str, FileCoverage]) -> Counted:
        """Its sums: of its files, of its classes, and of all entries."""
        found = [files[name] for name in self.names]
        ran = sum(len(file.executed) for file in found)
        taken = sum(len(file.executed_branches) for file in found)
        lines = Covered(ran, ran + sum(len(file.missing) for file in found))
        branches = Covered(taken, taken + sum(len(file.missing_branches) for file in found))
        more = [(Covered(*part[:2]), Covered(*part[2:])) for part in (self.once, self.entries)]
        return Counted((lines, *(one for one, _ in more)), (branches, *(one for _, one in more)))


def refuse_lies(
    attributes: Mapping[str, str], counted: Counted, *, of: str, place: str, folders: int = 1
) -> None:
    """Hold what an element states of its lines and branches against what was counted.

    Args:
        attributes: of the element.
        counted: what it holds.
        of: the element, for messages.
        place: where it stands.
        folders: how many folders the report tells, for the hint.

    Raises:
        OutputUnreadable: they differ, or a number is none.
    """
    for kind, name in _NAMES.items():
        ways = counted.ways(kind)
        hint = _HINTS[kind] if kind == "branches" or folders > 1 else ""
        _refuse_totals(attributes, kind, ways, place, hint)
        text = attributes.get(name, "")
        if text and not _bears_out(text, ways):
            covered, whole = ways[0]
            verb = "ran" if kind == "lines" else "were taken"
            summary = f"`{name}` of {of} is `{text:.80}`, but {covered} of {whole} {kind} {verb}"
            raise OutputUnreadable("report-contradiction", summary, place=place)


def is_near(percent: Decimal, counted: Covered) -> bool:
    """Whether a percentage can be that of what was counted; of nothing any can."""
    if counted.covered > counted.total or not percent.is_finite():
        return False
    if not counted.total:
        return True
    exact = Decimal(100 * counted.covered) / counted.total
    return abs(percent - exact) <= 100 * RATE_TOLERANCE


def is_number(text: str) -> bool:
    """Whether it is a count."""
    return text.isascii() and text.isdecimal() and len(text) <= _DIGITS


def _refuse_totals(
    attributes: Mapping[str, str], kind: str, ways: tuple[Covered, ...], place: str, hint: str
) -> None:
    texts = [attributes.get(f"{kind}-{end}") for end in _ENDS]
    if any(text is not None and not is_number(text) for text in texts):
        summary = f"`{kind}-covered` or `{kind}-valid` is no count"
        raise OutputUnreadable("cobertura-header", summary, place=place)
    stated = [None if text is None else int(text) for text in texts]
    fits = (
        all(one is None or one == way for one, way in zip(stated, part, strict=True))
        for part in ways
    )
    if not any(fits):
        shown = "/".join("?" if text is None else text for text in texts)
        raise OutputUnreadable(
            "report-contradiction",
            f"`{kind}-covered/{kind}-valid` is {shown:.80}, but {ways[0].covered}/{ways[0].total}"
            " are listed",
            place=place,
            hint=hint,
        )


def _bears_out(text: str, ways: tuple[Covered, ...]) -> bool:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        return False
    if not any(way.total for way in ways):
        return not rate.is_finite() or rate in {0, 1}
    return any(way.total and is_near(rate * 100, way) for way in ways)
