"""What the runner of GitHub Actions takes from a step: its output and the files it is handed.

A port of the rules of `ActionCommand`, `ActionCommandManager`, `ExecutionContext` and
`FileCommandManager` of the runner: two forms of commands in both streams of output, and four files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What .NET trims from the start of a line."""

LINE_BREAK = re.compile(r"\r\n|\n|\r")
"""A lone carriage return ends a line too."""

REGISTERED = frozenset({
    "add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup", "error", "group",
    "internal-set-repo-path", "notice", "remove-matcher", "save-state", "set-env", "set-output",
    "stop-commands", "warning",
})  # fmt: skip
KINDS = ("error", "warning", "notice")
PER_KIND = 10
"""Annotations of each kind that a step keeps; later ones vanish without a word."""
MESSAGE = 4096
"""Characters of an annotation's text."""
SUMMARY = 1024 * 1024
"""Bytes of a summary; one more, and all of it is dropped."""
REFUSED_TOKENS = frozenset({"", "pause-logging"})
MASKED_FROM = 6
"""A stop token that is longer becomes a secret."""

DATA_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
PROPERTY_ESCAPES = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
OLD_ESCAPES = (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%25", "%"))


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name in lower case, its properties by name in lower case, its data."""

    name: str
    properties: Mapping[str, str]
    data: str


@dataclass(frozen=True, slots=True)
class Annotation:
    """One line in the margin of a change, as GitHub keeps it."""

    kind: str
    message: str
    title: str = ""
    file: str = ""
    line: int | None = None
    end_line: int | None = None
    column: int | None = None
    end_column: int | None = None


class BadFileError(ValueError):
    """A file of a step that the runner refuses, which fails the step."""


def commands(text: str) -> tuple[Command, ...]:
    """The commands that the runner obeys in an output, those that switch it off included."""
    return Listener().feed(text)


def lines(text: str) -> tuple[str, ...]:
    """The lines of an output as the runner reads them."""
    return tuple(LINE_BREAK.split(text))


def parse(line: str, registered: frozenset[str] | set[str] = REGISTERED) -> Command | None:
    """The command in a line, in the form of today or else in the old one."""
    return _today(line, registered) or _old(line, registered)


def _today(line: str, registered: frozenset[str] | set[str]) -> Command | None:
    line = line.lstrip(BLANKS)
    if not line.startswith("::"):
        return None
    end = line.find("::", 2)
    if end < 0:
        return None
    name, _, rest = line[2:end].partition(" ")
    if name.lower() not in registered:
        return None
    properties = _properties(rest.strip(BLANKS), ",", PROPERTY_ESCAPES)
    return Command(name.lower(), properties, _unescaped(line[end + 2 :], DATA_ESCAPES))


def _old(line: str, registered: frozenset[str] | set[str]) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, rest = line[start + 3 : end].partition(" ")
    if name.lower() not in registered:
        return None
    properties = _properties(rest, ";", OLD_ESCAPES)
    return Command(name.lower(), properties, _unescaped(line[end + 1 :], OLD_ESCAPES))


def _properties(text: str, mark: str, escapes: tuple[tuple[str, str], ...]) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(mark) if part)
    return {key.lower(): _unescaped(value, escapes) for key, equals, value in pairs if equals}


def _unescaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for written, meant in escapes:
        text = text.replace(written, meant)
    return text


@dataclass(slots=True)
class Listener:
    """What the runner makes of the output of one outer step, with the state that it keeps.

    Attributes:
        allow_unsecure: the workflow sets ACTIONS_ALLOW_UNSECURE_COMMANDS.
        annotations: those that are kept, in the order of their coming.
        dropped: how many were not, by kind.
        outputs: by the old command `set-output`.
        masks: what is hidden in the log from then on.
        refused: commands that fail the step, as `set-env` does today.
    """

    allow_unsecure: bool = False
    annotations: list[Annotation] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    masks: list[str] = field(default_factory=list)
    matchers: list[str] = field(default_factory=list)
    refused: list[Command] = field(default_factory=list)
    groups: int = 0
    _token: str | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether commands are not obeyed until the token comes."""
        return self._token is not None

    def feed(self, text: str) -> tuple[Command, ...]:
        """Read more output, which begins a new line; the commands that were obeyed."""
        return tuple(each for line in lines(text) if (each := self._line(line)) is not None)

    def is_listening(self) -> bool:
        """The other way round, which a type checker does not take for settled."""
        return self._token is None

    def resume(self) -> None:
        """Begin a new inner step: each has its own commands, so that a stop ends with its step."""
        self._token = None

    def _line(self, line: str) -> Command | None:
        registered = REGISTERED | ({self._token} if self._token is not None else set())
        command = parse(line, registered)
        if command is None:
            return None
        if self._token is not None:
            if command.name != self._token:
                return None
            self._token = None
            return command
        self._obey(command)
        return command

    def _obey(self, command: Command) -> None:
        match command.name:
            case "stop-commands":
                self._stop(command)
            case "error" | "warning" | "notice":
                self._annotate(command)
            case "set-output" if "name" in command.properties:
                self.outputs[command.properties["name"]] = command.data
            case "add-mask":
                self.masks += [line for line in lines(command.data) if line]
            case "add-matcher":
                self.matchers.append(command.data)
            case "set-env" | "add-path":
                self._unsecure(command)
            case "group":
                self.groups += 1
            case "endgroup":
                self.groups -= 1
            case _:
                pass

    def _stop(self, command: Command) -> None:
        token = command.data
        if token.lower() in REFUSED_TOKENS or token.lower() in REGISTERED:
            self.refused.append(command)
            return
        self._token = token.lower()
        if len(token) > MASKED_FROM:
            self.masks.append(token)

    def _unsecure(self, command: Command) -> None:
        if not self.allow_unsecure:
            self.refused.append(command)
        elif command.name == "add-path":
            self.paths.append(command.data)
        else:
            self.environ[command.properties["name"]] = command.data

    def _annotate(self, command: Command) -> None:
        if sum(each.kind == command.name for each in self.annotations) >= PER_KIND:
            self.dropped[command.name] = self.dropped.get(command.name, 0) + 1
            return
        self.annotations.append(annotation(command))


def annotation(command: Command) -> Annotation:
    """An annotation with the numbers that GitHub keeps: columns only within one line."""
    given = command.properties
    line, end_line = _number(given.get("line")), _number(given.get("endline"))
    column, end_column = _number(given.get("col")), _number(given.get("endcolumn"))
    if line is None:
        line, end_line = end_line, None
    if line is None or (end_line is not None and end_line != line):
        column = end_column = None
    if line is not None and end_line is not None and end_line < line:
        line = end_line = None
    if column is not None and end_column is not None and end_column < column:
        column = end_column = None
    return Annotation(
        command.name,
        command.data[:MESSAGE],
        given.get("title", ""),
        given.get("file", ""),
        line,
        end_line,
        column,
        end_column,
    )


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and re.fullmatch(r"\s*[+-]?\d+\s*", text) else None


def pairs(text: str) -> dict[str, str]:
    """What GITHUB_OUTPUT or GITHUB_ENV says: `name=value`, or `name<<END` up to a line `END`.

    Raises:
        BadFileError: a line has neither form, or the end of a value is missing.
    """
    return dict(_pairs(iter(text.split("\n"))))


def _pairs(rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    for line in rest:
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if equals < 0 and heredoc < 0:
            raise BadFileError(f"Invalid format '{line}'")
        if heredoc < 0 or 0 <= equals < heredoc:
            name, _, value = line.partition("=")
        else:
            name, _, end = line.partition("<<")
            if not end:
                raise BadFileError(f"Invalid format '{line}'. Delimiter must not be empty")
            value = _until(rest, end)
        if not name:
            raise BadFileError(f"Invalid format '{line}'. Name must not be empty")
        yield name, value


def _until(rest: Iterator[str], end: str) -> str:
    taken: list[str] = []
    for line in rest:
        if line == end:
            return "\n".join(taken)
        taken.append(line)
    raise BadFileError(f"Invalid value. Matching delimiter not found '{end}'")


def summary(data: bytes) -> bytes:
    """What is shown of GITHUB_STEP_SUMMARY: all of it, or nothing where it is too large."""
    return data if len(data) <= SUMMARY else b""


def handed_on(outputs: Mapping[str, str], masks: list[str]) -> dict[str, str]:
    """The outputs of a job that other jobs see: one that holds a hidden text is left out."""
    return {
        name: value
        for name, value in outputs.items()
        if not any(mask and mask in value for mask in masks)
    }
