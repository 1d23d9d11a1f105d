"""Pylint's JSON (`--output-format json2`, pylint 3 and newer)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value
from gates.formats.tool_paths import Tree

UNREADABLE = frozenset({"E0001", "F0001", "F0002", "F0010", "F0011"})
"""Messages that say that a file or the configuration could not be read: it was not examined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry.

    Attributes:
        code: its number (`W0611`).
        symbol: its name (`unused-import`).
        category: pylint's word (`warning`).
        text: what it says.
        path: as pylint writes it, relative to where it ran, or absolute.
        line: 1-based; 0 where there is none.
        column: 1-based; 0 where there is no line.
        confidence: pylint's own word.
        absolute: the path as it was where pylint ran; empty where it is not told.
    """

    code: str
    symbol: str
    category: str
    text: str
    path: str
    line: int
    column: int
    confidence: str
    absolute: str = ""


def parse(data: bytes, *, what: str) -> tuple[Message, ...]:
    """Read all entries, which must be as many of each category as the report counts.

    Raises:
        OutputUnreadable: not JSON, not pylint's, or the numbers differ.
    """
    document = strict_json.read(data, what=what)
    messages = tuple(_message(entry) for entry in document.member("messages").items())
    counts = document.member("statistics", "messageTypeCount").entries()
    told = {category: number.count() for category, number in counts}
    found = Counter(message.category for message in messages)
    if found != Counter(told):
        summary = f"pylint lists {found.total()} messages and counts {sum(told.values())}"
        raise OutputUnreadable("contradiction", summary, place=what)
    return messages


def refuse_unreadable(messages: tuple[Message, ...], tree: Tree) -> None:
    """Refuse messages on a file or a configuration that could not be read.

    Raises:
        StageError: `file-unreadable`, with its place.
    """
    bad = [message for message in messages if message.code in UNREADABLE]
    if bad:
        first = bad[0]
        place = tree.relative(first.path)
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        raise StageError(
            "file-unreadable",
            f"pylint could not examine `{place}`: {first.text}{more}",
            hint="mend it, or leave it out by `ignore-paths` in pylint's configuration",
            place=f"{place}:{first.line}" if first.line else place,
        )


def _message(entry: Value) -> Message:
    line = entry.member("line").count()
    absolute = entry.find("absolutePath")
    return Message(
        code=entry.member("messageId").text(),
        symbol=entry.member("symbol").text(),
        category=entry.member("type").text(),
        text=entry.member("message").text(),
        path=entry.member("path").text(),
        line=line,
        column=entry.member("column").count() + 1 if line else 0,
        confidence=entry.member("confidence").text(),
        absolute=absolute.text() if absolute is not None else "",
    )
