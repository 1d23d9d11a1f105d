"""ESLint's JSON: what the formatters `json` and `json-with-metadata` write (ESLint 8.8 to 10).

Every file that was linted has an entry, also a clean one; so the report tells what was examined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value
from gates.formats.tool_paths import Tree

ERROR, WARNING = 2, 1
"""ESLint's numbers for a message's severity."""

IGNORED = "File ignored "
"""How the only message of a file begins that was named, and not linted."""

NO_RULE = "eslint"
"""Stands for the rule of a message that ESLint gives in its own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message.

    Attributes:
        rule: the rule, or `NO_RULE`.
        level: `ERROR` or `WARNING`.
        text: what it says.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        is_fatal: the file could not be read or parsed.
        is_fixable: ESLint can mend it.
        end_line: 0 where unknown.
    """

    rule: str
    level: int
    text: str
    line: int
    column: int
    is_fatal: bool = False
    is_fixable: bool = False
    end_line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Linted:
    """What is said of one file.

    Attributes:
        path: as ESLint writes it, absolute.
        messages: what was reported.
        suppressed: what a comment or a file of suppressions keeps from being reported.
        is_ignored: it was named, and not linted.
    """

    path: str
    messages: tuple[Message, ...]
    suppressed: tuple[Message, ...]
    is_ignored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EslintReport:
    """A whole report.

    Attributes:
        files: in its order, each once.
        folder: where ESLint ran; empty where it is not told.
    """

    files: tuple[Linted, ...]
    folder: str = ""


def parse(data: bytes, *, what: str) -> EslintReport:
    """Read a report of either formatter.

    Raises:
        OutputUnreadable: not JSON, not of ESLint, a file stands twice in it, or its counts are not
            those of its messages.
    """
    document = strict_json.read(data, what=what)
    if isinstance(document.raw, list):
        return EslintReport(files=linted(document))
    folder = document.member("metadata", "cwd").text()
    return EslintReport(files=linted(document.member("results")), folder=folder)


def linted(entries: Value) -> tuple[Linted, ...]:
    """Read the list of files.

    Raises:
        OutputUnreadable: see `parse`.
    """
    files: dict[str, Linted] = {}
    for entry in entries.items():
        one = _linted(entry)
        if one.path in files:
            raise entry.unreadable(f"tells of `{one.path}` a second time", slug="contradiction")
        files[one.path] = one
    return tuple(files.values())


def refuse_unreadable(files: Iterable[Linted], tree: Tree) -> None:
    """Refuse a report on a file that could not be read or parsed.

    Raises:
        StageError: `file-unreadable`, with its place.
    """
    for one in files:
        message = next((each for each in one.messages if each.is_fatal), None)
        if message is not None:
            place = tree.relative(one.path)
            raise StageError(
                "file-unreadable",
                f"eslint could not read `{place}`: {' '.join(message.text.split())}",
                hint="mend it or its parser, or leave it out by `ignores` in ESLint's"
                " configuration",
                place=f"{place}:{message.line}:{message.column}" if message.line else place,
            )


def refuse_contradiction(files: Iterable[Linted], exit_code: int) -> None:
    """Refuse a report that the exit code of `eslint` belies.

    Raises:
        OutputUnreadable: `contradiction`: it ended with 1 and reports no error, or the reverse.
    """
    errors = sum(message.level == ERROR for one in files for message in one.messages)
    if (exit_code == 1) != bool(errors):
        summary = f"eslint ended with exit code {exit_code} and {errors} errors"
        raise OutputUnreadable("contradiction", summary, place="eslint")


def _linted(entry: Value) -> Linted:
    messages = tuple(_message(each) for each in entry.member("messages").items())
    _refuse_lies(entry, messages)
    first = messages[0] if len(messages) == 1 else None
    return Linted(
        path=entry.member("filePath").text(),
        messages=messages,
        suppressed=tuple(_message(each) for each in entry.member("suppressedMessages").items()),
        is_ignored=first is not None
        and (first.rule, first.level, first.line) == (NO_RULE, WARNING, 0)
        and first.text.startswith(IGNORED),
    )


def _refuse_lies(entry: Value, messages: tuple[Message, ...]) -> None:
    told = entry.find("fatalErrorCount")
    counts = (
        (entry.member("errorCount"), sum(each.level == ERROR for each in messages)),
        (entry.member("warningCount"), sum(each.level == WARNING for each in messages)),
        *(((told, sum(each.is_fatal for each in messages)),) if told is not None else ()),
    )
    for header, number in counts:
        if header.count() != number:
            problem = f"is {header.count()}, and there are {number} such messages"
            raise header.unreadable(problem, slug="contradiction")


def _message(entry: Value) -> Message:
    level = entry.member("severity")
    if level.integer() not in {ERROR, WARNING}:
        raise level.unreadable(f"is {level.integer()}, which is no severity of ESLint's")
    rule, fatal = entry.find("ruleId"), entry.find("fatal")
    line, column, end_line = (
        found.count() if (found := entry.find(key)) is not None else 0
        for key in ("line", "column", "endLine")
    )
    return Message(
        rule=rule.text() if rule is not None else NO_RULE,
        level=level.integer(),
        text=entry.member("message").text(),
        line=line,
        column=column,
        end_line=end_line,
        is_fatal=fatal is not None and fatal.flag(),
        is_fixable=entry.find("fix") is not None,
    )
