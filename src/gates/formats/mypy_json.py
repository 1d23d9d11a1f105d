"""Mypy's JSON lines (`--output=json`), and what its verbose log proves."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line of the output.

    Attributes:
        path: as mypy writes it.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        text: what mypy says, with its hint behind it.
        code: the error code, or empty.
        severity: mypy's own word.
    """

    path: str
    line: int
    column: int
    text: str
    code: str
    severity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What a verbose run says about itself.

    Attributes:
        modules: the files that it was to check, as it writes them, with the names of their modules.
        folders: for each of them, the absolute folder from which its module is named, or empty; it
            is not told of files in a form that is not known.
        is_finished: it says that it checked them to the end.
        complaints: what it says about its own configuration.
        last: the last line that is no log line, or empty.
    """

    modules: tuple[tuple[str, str], ...]
    folders: tuple[str, ...]
    is_finished: bool
    complaints: tuple[str, ...]
    last: str


def parse(data: bytes) -> tuple[Message, ...]:
    """Read all lines.

    Raises:
        OutputUnreadable: a line is not one of mypy's objects; the first is named.
    """
    return tuple(
        message(line, f"mypy.jsonl:{number}")
        for number, line in enumerate(data.splitlines(), start=1)
        if line.strip()
    )


def read_log(log: bytes) -> Log:
    """Read the standard error of a run with `--verbose`."""
    text = log.decode("utf-8", "replace")
    found = re.findall(
        r"^LOG:  Found source:\s+BuildSource\(path=(.+), module=(.+?), has_text=",
        text,
        re.MULTILINE,
    )
    folders = re.findall(
        r"^LOG:  Found source:\s.+, has_text=\w+, base_dir=(.+), followed=\w+\)\s*$",
        text,
        re.MULTILINE,
    )
    plain = [line for line in text.splitlines() if line.strip() and not line.startswith("LOG:")]
    return Log(
        modules=tuple((_literal(path), _literal(module)) for path, module in found),
        folders=tuple(map(_literal, folders)),
        is_finished=re.search(r"^LOG:  Build finished in ", text, re.MULTILINE) is not None,
        complaints=tuple(line for line in plain if "Unrecognized" in line or ": [mypy" in line),
        last=plain[-1] if plain else "",
    )


def message(line: bytes, what: str) -> Message:
    """Read one line.

    Args:
        line: one JSON object.
        what: its place, for the message.

    Raises:
        OutputUnreadable: it is not one of mypy's objects.
    """
    entry = strict_json.read(line, what=what)
    code, hint = entry.find("code"), entry.find("hint")
    text = entry.member("message").text()
    return Message(
        path=entry.member("file").text(),
        line=max(entry.member("line").integer(), 0),
        column=max(entry.member("column").integer() + 1, 0),
        text=f"{text} ({hint.text()})" if hint is not None and hint.text() else text,
        code=code.text() if code is not None else "",
        severity=entry.member("severity").text(),
    )


def _literal(text: str) -> str:
    """The text of a Python literal; `None` is empty."""
    import ast

    try:
        value: object = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        summary = f"mypy's log names a source that cannot be read: {text[:80]}"
        raise OutputUnreadable("mypy-log", summary, place="mypy") from None
    return value if isinstance(value, str) else ""
