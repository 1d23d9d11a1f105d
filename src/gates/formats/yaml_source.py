"""A text file with places: decoding, characters that are refused, and problems with excerpts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import Problem
from gates.formats.yaml_nodes import Mark

# Controls (tab and a lone carriage return among them), the line ends that only YAML 1.1 knows,
# marks that turn the direction of what a reviewer sees, byte order marks, and two non-characters.
_REFUSED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")

# The same as an escape in double quotes may write them; there a tab and a line feed are plain text.
_ESCAPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)

_EXCERPT_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class TextSource:
    """A decoded file.

    Attributes:
        name: the file's name, for places.
        lines: without their ends.
    """

    name: str
    lines: tuple[str, ...]

    def problem(self, slug: str, summary: str, mark: Mark, hint: str = "") -> Problem:
        """A problem at a place, with the source line and a caret."""
        place = f"{self.name}:{mark.line}:{mark.column}"
        return Problem(slug, summary, place=place, hint=hint, excerpt=self.excerpt(mark))

    def excerpt(self, mark: Mark) -> str:
        """The line of `mark` with a caret under its column; of a long line, the part around it."""
        if mark.line > len(self.lines) or not self.lines[mark.line - 1].strip():
            return ""
        line = _REFUSED.sub(
            lambda found: " " if found[0] == "\t" else "?", self.lines[mark.line - 1]
        )
        start = 0
        if mark.column > _EXCERPT_COLUMNS - 20:
            start = mark.column - _EXCERPT_COLUMNS // 2
        return f"{line[start : start + _EXCERPT_COLUMNS]}\n{' ' * (mark.column - 1 - start)}^"


def decoded(data: bytes, name: str) -> tuple[TextSource, tuple[tuple[Mark, Problem], ...]]:
    """The file's text, and a problem for each line that holds a refused character or no UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig")
        source = TextSource(name, tuple(_split(good)))
        mark = Mark(len(source.lines), len(source.lines[-1]) + 1)
        hint = "save the file as UTF-8"
        return source, ((mark, source.problem("yaml-encoding", "not UTF-8", mark, hint)),)
    source = TextSource(name, tuple(_split(text)))
    problems: list[tuple[Mark, Problem]] = []
    for number, line in enumerate(source.lines, 1):
        found = _REFUSED.search(line)
        if found:
            mark = Mark(number, found.start() + 1)
            problems.append((mark, _refused(source, found[0], mark)))
    return source, tuple(problems)


def printable(source: TextSource) -> str:
    """The text with a space for every refused character, so that the rest can still be judged."""
    return "\n".join(_REFUSED.sub(" ", line) for line in source.lines)


def control(text: str) -> str:
    """The first character of a value that could steer a terminal or a reader's eye; or empty."""
    found = _ESCAPED.search(text)
    return found[0] if found else ""


def _split(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")


def _refused(source: TextSource, character: str, mark: Mark) -> Problem:
    if character == "\t":
        return source.problem("yaml-tab", "a tab", mark, "use spaces")
    summary = f"the invisible character U+{ord(character):04X}"
    return source.problem("yaml-character", summary, mark, "delete it")
