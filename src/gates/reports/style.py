"""Styled lines: spans of text with a style's name, rendered plain or with terminal colours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from unicodedata import east_asian_width

from gates.domain.status import Status, Verdict
from gates.toolkit.door import unbroken

STYLES: Mapping[str, str] = {
    "": "",
    "strong": "1",
    "faint": "2",
    "good": "32",
    "bad": "1;31",
    "doubt": "1;35",
    "warn": "33",
    "place": "36",
}
"""Style names with their SGR parameters (ECMA-48)."""

STATUS_STYLE: Mapping[Status, str] = {
    Status.PASSED: "good",
    Status.UNAFFECTED: "good",
    Status.WAIVED: "warn",
    Status.OVERRIDDEN: "warn",
    Status.PENDING: "warn",
    Status.INCONCLUSIVE: "warn",
    Status.ERRORED: "doubt",
    Status.FAILED: "bad",
    Status.SKIPPED: "faint",
}

VERDICT_STYLE: Mapping[Verdict, str] = {
    Verdict.PASSED: "good",
    Verdict.PARTIAL: "warn",
    Verdict.PENDING: "warn",
    Verdict.ERRORED: "doubt",
    Verdict.FAILED: "bad",
}


MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One line for people.

    Attributes:
        spans: texts with the names of their styles.
    """

    spans: tuple[tuple[str, str], ...] = ()

    def render(self, *, colour: bool) -> str:
        """The line as text, without a line break and without blanks at its end.

        Only the styles here steer the terminal: whatever a span holds is shown as text.
        """
        if not colour:
            return "".join(unbroken(text) for text, _ in self.spans).rstrip()
        done = []
        for raw, style in self.spans:
            text, code = unbroken(raw), STYLES[style]
            done.append(f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text)
        return "".join(done).rstrip()


def line(*parts: str | tuple[str, str]) -> Line:
    """Make a line of texts and of (text, style) pairs."""
    return Line(tuple(part if isinstance(part, tuple) else (part, "") for part in parts))


def render(lines: Iterable[Line], *, colour: bool) -> str:
    """Lines as text that ends with a line break."""
    return "".join(each.render(colour=colour) + "\n" for each in lines)


def width_of(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, width: int) -> str:
    """A text filled with blanks to a width in columns."""
    return text + " " * max(width - width_of(text), 0)


def seconds_text(seconds: float) -> str:
    """A duration for people: `0.31 s`, `12.4 s`, `2 min 05 s`."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if round(seconds, 1) < MINUTE_S:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // MINUTE_S} min {whole % MINUTE_S:02d} s"
