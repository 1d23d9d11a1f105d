"""What `lint-imports` prints, which is all that it tells (2.0 to 2.16 print it alike).

A heading with the number of files, a line for each contract, the sum, warnings, and for each broken
contract a heading with the imports that break it. The exit code is 1 both for a broken contract and
where nothing could be checked, so only this text proves anything. A contract's name may hold
anything: what could be read in two ways is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ANALYSED = re.compile(r"Analyzed (\d+) files, \d+ dependencies\.")
_SUM = re.compile(r"Contracts: (\d+) kept, (\d+) broken\.")
_ENDING = r"(?: \(\d+ [^()]*\))?(?: \[[^\[\]]*\])?"
_RESULT = re.compile(rf"(?P<name>.*) (?P<result>KEPT|BROKEN){_ENDING}")
_UNDERLINE = re.compile(r"-+")
_IMPORT = re.compile(r"(\S+)(?: -> \S+)? \(l\.(\d+)")
_LOGO = re.compile(r"[\u2500-\u25ff]")


@dataclass(frozen=True, slots=True)
class Breach:
    """One of the imports, or chains of them, that break a contract.

    Attributes:
        text: what import-linter says of it, on one line.
        module: the module that holds its first import, or empty.
        line: the line of that import; 0 where unknown.
    """

    text: str
    module: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run found.

    Attributes:
        files: how many modules were analysed, imported packages included where they are asked for.
        names: the contracts in order, with single spaces.
        kept: for each contract in order, whether it is kept.
        breaches: for each broken contract in order, what breaks it.
        warnings: what import-linter warns of.
    """

    files: int
    names: tuple[str, ...]
    kept: tuple[bool, ...]
    breaches: tuple[tuple[Breach, ...], ...]
    warnings: tuple[str, ...]


def parse(data: bytes) -> Outcome | None:
    """Read the standard output of a run; None where it tells of no analysis.

    Raises:
        OutputUnreadable: it tells of an analysis, and does not add up.
    """
    lines = _lines(data)
    analysed = tuple(_matching(lines, _ANALYSED))
    if not analysed:
        return None
    sums = tuple(_matching(lines, _SUM))
    if len(analysed) != 1 or len(sums) != 1:
        raise _unreadable(f"{len(analysed)} headings and {len(sums)} sums")
    (start, heading), (end, total) = analysed[0], sums[0]
    results = [line for line in lines[start + 1 : end] if line and not _UNDERLINE.fullmatch(line)]
    found = [_RESULT.fullmatch(line) for line in results]
    kept = tuple(one["result"] == "KEPT" for one in found if one is not None)
    numbers = (sum(kept), len(kept) - sum(kept))
    if None in found or numbers != (int(total[1]), int(total[2])):
        raise _unreadable(f"{len(results)} results beside the sum `{total[0]}`")
    rest = lines[end + 1 :]
    at = next((at for at, line in enumerate(rest) if line == "Broken contracts"), len(rest))
    blocks = tuple(_blocks(rest[at + 2 :]))
    return Outcome(
        files=int(heading[1]),
        names=tuple(" ".join(one["name"].split()) for one in found if one is not None),
        kept=kept,
        breaches=blocks if len(blocks) == numbers[1] else ((),) * numbers[1],
        warnings=tuple(line[2:] for line in rest[:at] if line.startswith("- ")),
    )


def last_words(data: bytes) -> str:
    """What a run says that tells of no analysis, on one line, without the logo."""
    lines = (line for line in _lines(data) if line and not _LOGO.search(line))
    words = (line for line in lines if line != "Import Linter" and line.strip("="))
    return " ".join(" ".join(words).split())[:300]


def _lines(data: bytes) -> list[str]:
    text = _COLOURS.sub("", data.decode("utf-8", "replace"))
    return [line.rstrip() for line in text.split("\n")]


def _matching(lines: list[str], form: re.Pattern[str]) -> Iterator[tuple[int, re.Match[str]]]:
    for at, line in enumerate(lines):
        found = form.fullmatch(line)
        if found is not None:
            yield at, found


def _unreadable(what: str) -> OutputUnreadable:
    return OutputUnreadable(
        "contradiction",
        f"what import-linter prints does not add up: {what}",
        hint="see whether the name of a contract holds a line break",
        place="import-linter",
    )


def _blocks(lines: list[str]) -> Iterator[tuple[Breach, ...]]:
    """For each heading, a text with dashes below, what stands in bullets before the next one."""
    headings = [at for at, line in enumerate(lines) if at and _UNDERLINE.fullmatch(line)]
    for number, at in enumerate(headings):
        end = headings[number + 1] - 1 if number + 1 < len(headings) else len(lines)
        yield tuple(sorted(_breaches(lines[at + 1 : end]), key=lambda one: one.text))


def _breaches(lines: list[str]) -> Iterator[Breach]:
    about = ""
    bullet: list[str] = []
    for line in (*lines, ""):
        if bullet and line.startswith(" "):
            bullet.append(line.strip())
            continue
        if bullet:
            yield _breach(about, bullet)
            bullet = []
        if line.startswith("- "):
            bullet = [line[2:].strip()]
        elif line:
            about = line


def _breach(about: str, bullet: list[str]) -> Breach:
    text = f"{about} {', '.join(bullet)}".strip()
    found = _IMPORT.match(bullet[0])
    return Breach(text, found[1] if found else "", int(found[2]) if found else 0)
