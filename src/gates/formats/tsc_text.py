"""What tsc prints: its version, its options, its messages, and the files that it read.

The text of one project is that of three commands, one behind the other: `tsc --version`, `tsc
--showConfig`, and `tsc --noEmit --pretty false --listFiles --diagnostics`. The list proves what was
checked; the table of `--diagnostics` comes last, and says how many files the list has to hold.
Versions 5 to 7 print the same forms. Texts of several projects may follow each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable
from gates.formats import strict_json, typescript_config
from gates.formats.typescript_config import TypeScriptConfig

_VERSION = re.compile(r"Version (\d+\.\d+\.\S+)")
_LOCATED = re.compile(r"(?P<path>\S.*?)\((?P<line>\d+),(?P<column>\d+)\): (?P<rest>.*)")
_MESSAGE = re.compile(r"(?P<severity>[a-z]+) TS(?P<code>\d+): (?P<text>.*)")
_FIGURE = re.compile(r"(?P<name>[A-Z][A-Za-z/ ]*): +(?P<value>\d[\d.]*[sKM]?)")
_FILES = "Files"
_LAST = "Total time"
_SECONDS = re.compile(r"\d+\.\d+s")
_HINT = (
    "write it as `gates stages tsc` says, whole, with standard output alone: both"
    " `--listFiles` and `--diagnostics`"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the compiler.

    Attributes:
        path: as tsc writes it; empty where it is about no file.
        line: 1-based; 0 where unknown.
        column: 1-based; 0 where unknown.
        severity: tsc's own word.
        code: `TS2322`.
        text: what it says, on one line.
    """

    path: str
    line: int
    column: int
    severity: str
    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One run over one project.

    Attributes:
        version: of the compiler.
        config: the project's options.
        messages: all messages.
        files: the files that it read, as it writes them.
    """

    version: str
    config: TypeScriptConfig
    messages: tuple[Message, ...]
    files: tuple[str, ...]


def parse(data: bytes, *, what: str) -> tuple[Checked, ...]:
    """Read the texts of one or more projects.

    Raises:
        OutputUnreadable: not UTF-8, a part is missing, a line is none that tsc prints, or the list
            does not hold as many files as the table says.
    """
    try:
        lines = _lines(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise OutputUnreadable("tsc-text", "is not UTF-8", place=what) from None
    starts = [number for number, line in enumerate(lines) if _VERSION.fullmatch(line)]
    if not starts or any(line.strip() for line in lines[: starts[0]]):
        raise _broken("does not begin with `Version ...`", what, 1)
    ends = [*starts[1:], len(lines)]
    return tuple(_checked(lines, begin, end, what) for begin, end in zip(starts, ends, strict=True))


def messages(data: bytes, *, what: str) -> tuple[Message, ...]:
    """Read what tsc printed in place of what was asked for: messages and nothing else.

    Raises:
        OutputUnreadable: a line is no message.
    """
    found, files, _ = _read(_lines(data.decode("utf-8", "replace")), what, 1)
    if files:
        raise _broken("is no message", what, 1)
    return found


def _checked(lines: Sequence[str], begin: int, end: int, what: str) -> Checked:
    version = lines[begin].removeprefix("Version ")
    at = next((n for n in range(begin + 1, end) if lines[n].startswith("}")), end)
    if lines[begin + 1 : begin + 2] != ["{"] or at == end:
        raise _broken("does not hold what `--showConfig` prints", what, begin + 2)
    shown = "\n" * (begin + 1) + "\n".join((*lines[begin + 1 : at], "}"))
    config = typescript_config.parse(strict_json.read(shown.encode(), what=what), version=version)
    # TypeScript 7 ends the JSON without a line feed.
    rest = (lines[at][1:], *lines[at + 1 : end])
    found, files, figures = _read(rest, what, at + 1)
    name, value = figures[-1] if figures else ("", "")
    if name != _LAST or _SECONDS.fullmatch(value) is None:
        raise _broken("has no end: the table of `--diagnostics` is cut off or missing", what, end)
    told = [each for figure, each in figures if figure == _FILES]
    if told != [str(len(files))] or len(set(files)) != len(files):
        summary = f"lists {len(files)} files, and its table says {' and '.join(told) or 'nothing'}"
        raise _broken(summary, what, end)
    return Checked(version=version, config=config, messages=found, files=files)


def _read(
    lines: Sequence[str], what: str, first: int
) -> tuple[tuple[Message, ...], tuple[str, ...], list[tuple[str, str]]]:
    """The messages, the files and the figures, which come in this order."""
    found: list[Message] = []
    files: list[str] = []
    figures: list[tuple[str, str]] = []
    for number, line in enumerate(lines, start=first):
        message = _message(line)
        figure = _FIGURE.fullmatch(line)
        if not line:
            continue
        if figure is not None and (not figures or figures[-1][0] != _LAST):
            figures.append((figure["name"], figure["value"]))
        elif figures:
            raise _broken("goes on behind its table", what, number)
        elif message is not None and not files:
            found.append(message)
        elif line.startswith("/"):
            files.append(line)
        elif not (line.startswith("  ") and found and not files):
            raise _broken(f"is no line of tsc: {line[:80]}", what, number)
    return tuple(found), tuple(files), figures


def _lines(text: str) -> list[str]:
    """Lines as tsc ends them: a message may hold what Python takes for another end."""
    return [line.removesuffix("\r") for line in text.split("\n")]


def _message(line: str) -> Message | None:
    located = _LOCATED.fullmatch(line)
    told = _MESSAGE.fullmatch(located["rest"] if located else line)
    if told is None:
        return None
    return Message(
        path=located["path"] if located else "",
        line=int(located["line"]) if located else 0,
        column=int(located["column"]) if located else 0,
        severity=told["severity"],
        code=f"TS{told['code']}",
        text=told["text"],
    )


def roots_of(checked: Checked) -> Iterator[str]:
    """The folders in which the run may have been, by the files that its options name.

    Each is an absolute folder below which all of them are listed under these very names; the text
    itself does not tell where tsc ran.
    """
    plain = [root.removeprefix("./") for root in checked.config.roots]
    if not plain or plain[0].startswith(("/", "../")):
        return
    listed = set(checked.files)
    for path in checked.files:
        folder = path.removesuffix(f"/{plain[0]}")
        inside = [name for name in plain if not name.startswith(("/", "../"))]
        if folder != path and all(f"{folder}/{name}" in listed for name in inside):
            yield folder


def _broken(problem: str, what: str, line: int) -> OutputUnreadable:
    return OutputUnreadable("tsc-text", f"`{what}` {problem}", hint=_HINT, place=f"{what}:{line}")
