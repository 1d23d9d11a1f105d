"""Annotations of GitHub Actions: one workflow command a line.

A step keeps 10 errors, 10 warnings and 10 notices, the first that come, and says nothing of the
rest; so what is new comes first, then what is worst, and the last of a kind counts what is left.
The grammar and its escapes are those of the runner (`ActionCommand` of actions/runner).
"""

from __future__ import annotations

from collections.abc import Iterator

from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.reports.entries import Effect, Entry, entries_of, ranked
from gates.toolkit.ci_door import disarmed
from gates.toolkit.door import one_line

PER_KIND = 10
"""Annotations of each kind that a step keeps."""

MESSAGE_UNITS = 4_000
"""UTF-16 code units of a message; the runner cuts it at 4,096."""

_TITLE_LIMIT = 200
_KINDS = {Effect.ERROR: "error", Effect.WARNING: "warning", Effect.NOTE: "notice"}
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def report(run: Run | RollUp) -> str:
    """The annotations as lines for the output of a step; what is waived is none of them."""
    found = ranked(entry for entry in entries_of(run) if entry.waiver is None)
    lines: list[str] = []
    for effect in Effect:
        lines += _of_kind(effect, [each for each in found if each.effect is effect], run.id)
    return "".join(f"{line}\n" for line in lines)


def _of_kind(effect: Effect, entries: list[Entry], record: str) -> Iterator[str]:
    fits = len(entries) <= PER_KIND
    yield from map(_annotation, entries if fits else entries[: PER_KIND - 1])
    if not fits:
        kind, left = _KINDS[effect], len(entries) - PER_KIND + 1
        new = sum(entry.is_new for entry in entries[PER_KIND - 1 :])
        told = f", {new:,} of them new" if new else ""
        text = (
            f"{left:,} more of this kind{told}: the step summary tells of them, and the record"
            f" {record} holds them all"
        )
        yield command(kind, {"title": f"gates: {left:,} more"}, text)


def command(name: str, properties: dict[str, str], text: str) -> str:
    """A workflow command; an empty property is left out."""
    given = ",".join(
        f"{key}={disarmed(value).translate(_PROPERTY)}"
        for key, value in properties.items()
        if value
    )
    data = disarmed(_cut(one_line(text, limit=MESSAGE_UNITS))).translate(_DATA)
    return f"::{name} {given}::{data}" if given else f"::{name}::{data}"


def _annotation(entry: Entry) -> str:
    place = entry.place
    title = f"{entry.gate}: {entry.rule}" if entry.gate else entry.rule
    properties = {"file": place.path, **_lines(entry), "title": one_line(title, limit=_TITLE_LIMIT)}
    new = "new: " if entry.is_new else ""
    return command(_KINDS[entry.effect], properties, f"{new}{entry.message}")


def _lines(entry: Entry) -> dict[str, str]:
    """Lines and columns; the runner drops columns of what spans several lines."""
    place = entry.place
    if not place.line:
        return {}
    last = max(place.end_line, place.line)
    found = {"line": str(place.line), "endLine": str(last)}
    if place.column and last == place.line:
        found |= {"col": str(place.column), "endColumn": str(place.column)}
    return found


def _cut(text: str) -> str:
    """The text in as many UTF-16 code units as an annotation may have, told where it is cut."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= MESSAGE_UNITS * 2:
        return text
    return units[: (MESSAGE_UNITS - 1) * 2].decode("utf-16-le", "ignore") + "…"
