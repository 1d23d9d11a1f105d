"""The tape: what the programs of a stage really did, recorded once and played again, also damaged.

Both ends sit where the executor starts programs, so that a stage meets the same context, limits
and errors as in a run.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.testing.tree import BYTE_CODE, MAX_BYTES, Tree
from gates.toolkit.processes import Cause, Command, Ended, Processes

LONG_AGO_S = 1_000_000_000
"""Seconds since the epoch at which a stale file was written."""

_MAX_INPUT_BYTES = 1 << 16
_WORD = re.compile(rb"[A-Za-z0-9]+")
_SHORTEST_NAME = 8
_RANDOM = re.compile(r"[0-9a-f]{8,}")


@dataclass(frozen=True, slots=True)
class Left:
    """A file that a command left, or one of the project's that the stage reads as evidence.

    Attributes:
        path: relative to the stage's folder, or to the project's.
        data: its bytes.
        is_stale: it is older than the stage.
        in_project: a command left it in the project's folder, not in the stage's.
    """

    path: str
    data: bytes
    is_stale: bool = False
    in_project: bool = False

    @property
    def name(self) -> str:
        """Its path, by which it is told from one of the same path in the other folder."""
        return in_project(self.path) if self.in_project else self.path


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """One command as it was run.

    Attributes:
        argv: the whole command.
        inputs: its words, its environment, and the names and texts of the files that the stage
            had written for it.
        ended: how it ended.
        stdout: what it wrote there.
        stderr: what it wrote there.
        files: the files that it made or changed in the stage's folder, and wrote in the project's.
        ok: exit codes that the stage calls results; empty where nobody waited for this command.
        reads: what the stage looked at: `stdout`, `stderr`.
    """

    argv: tuple[str, ...]
    inputs: tuple[bytes, ...]
    ended: Ended
    stdout: bytes
    stderr: bytes
    files: tuple[Left, ...]
    ok: tuple[int, ...] = ()
    reads: frozenset[str] = frozenset()

    @property
    def program(self) -> str:
        """The program's file name."""
        return Path(self.argv[0]).name


@dataclass(frozen=True, slots=True)
class Seen:
    """A part of what was seen of a service while a needed gate measured.

    Attributes:
        gate: that gate.
        what: `log` or `before` or `after`.
        name: of the log, or path of the page.
        data: the log, or the page as often as it was fetched; nothing where it was not seen.
    """

    gate: str
    what: str
    name: str
    data: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """All commands of one measurement, in order.

    Attributes:
        takes: the commands.
        reports: files of the project that the stage reads as evidence.
        before: files that an earlier run left in the project; they lie there when the stage begins.
        asked: names of the files that the stage read through `Context.report`.
        seen: what was seen of services while needed gates measured.
    """

    takes: tuple[Take, ...]
    reports: tuple[Left, ...] = ()
    before: tuple[Left, ...] = ()
    asked: frozenset[str] = frozenset()
    seen: tuple[Seen, ...] = ()


class Recorder(Processes):
    """Runs commands under supervision, and keeps what each of them did.

    Attributes:
        out: the folder of the stage whose commands are kept; None keeps nothing.
        tree: the project in which they run, or None.
        takes: what was kept so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.out: Path | None = None
        self.tree: Tree | None = None
        self.takes: list[Take] = []

    def run(self, command: Command) -> Ended:
        """Run a command, and keep what it did."""
        # What sets a service up is run before the stage has its folder.
        if self.out is None or not self.out.exists():
            return super().run(command)
        before = contents(self.out)
        stamps = self.tree.stamps() if self.tree else {}
        ended = super().run(command)
        after = contents(self.out)
        files = [Left(name, data) for name, data in after.items() if before.get(name) != data]
        if self.tree:
            written = self.tree.written(stamps)
            files += [Left(name, data, in_project=True) for name, data in written.items()]
        self.takes.append(
            Take(
                argv=command.argv,
                inputs=inputs_of(command, before),
                ended=ended,
                stdout=_read(command.stdout),
                stderr=_read(command.stderr),
                files=tuple(files),
            )
        )
        return ended


class Player(Processes):
    """Answers commands from a tape; nothing is run.

    Args:
        tape: what is played.
        out: the folder of the stage.
        root: the folder of the project.
    """

    def __init__(self, tape: Tape, out: Path, root: Path) -> None:
        super().__init__()
        self._out, self._root = out, root
        self._unused = list(tape.takes)
        self._used: list[Take] = []

    def run(self, command: Command) -> Ended:
        """Do what the recorded command did; one that was not recorded could not be started."""
        take = self._find(command.argv)
        if take is None:
            return Ended(Cause.NOT_STARTED, detail="a command that the tape does not hold")
        names = renamed(take.inputs, inputs_of(command, contents(self._out)))
        Path(command.stdout).write_bytes(names(take.stdout))
        Path(command.stderr).write_bytes(names(take.stderr))
        for left in take.files:
            folder = self._root if left.in_project else self._out
            put(folder / os.fsdecode(names(os.fsencode(left.path))), names(left.data), left)
        return take.ended

    def _find(self, argv: tuple[str, ...]) -> Take | None:
        """The first unused take of this command, else of its program, else one that was used."""
        same = [take for take in self._unused if shape(take.argv) == shape(argv)]
        alike = [take for take in self._unused if take.argv[0] == argv[0]]
        found = next(iter((*same, *alike)), None)
        if found is None:
            return next((take for take in self._used if shape(take.argv) == shape(argv)), None)
        self._unused.remove(found)
        self._used.append(found)
        return found


@dataclass(frozen=True, slots=True)
class Renaming:
    """Puts the random names of this run in the place of those of the recorded one.

    Attributes:
        names: new names by old ones.
    """

    names: Mapping[bytes, bytes] = field(default_factory=dict)

    def __call__(self, data: bytes) -> bytes:
        """The data with this run's names."""
        for old, new in self.names.items():
            data = data.replace(old, new)
        return data


def renamed(recorded: tuple[bytes, ...], now: tuple[bytes, ...]) -> Renaming:
    """Find the words in which the inputs of two runs of one command differ.

    Only long words that stand at the same place count: they are names that a stage makes up anew
    for each run, and that the program repeats in its report.
    """
    names: dict[bytes, bytes] = {}
    for old, new in zip(recorded, now, strict=False):
        if old == new:
            continue
        before, after = _WORD.findall(old), _WORD.findall(new)
        if len(before) == len(after):
            names |= {
                one: other
                for one, other in zip(before, after, strict=True)
                if one != other and len(one) >= _SHORTEST_NAME
            }
    return Renaming(names)


def inputs_of(command: Command, files: Mapping[str, bytes]) -> tuple[bytes, ...]:
    """What a command was given: its words, its environment, the stage's own files."""
    words = "\0".join(command.argv)
    environment = "\0".join(f"{name}={command.env[name]}" for name in sorted(command.env))
    texts = (
        os.fsencode(name) + b"\0" + data
        for name, data in files.items()
        if len(data) <= _MAX_INPUT_BYTES
    )
    return (os.fsencode(words), os.fsencode(environment), *texts)


def shape(argv: tuple[str, ...]) -> tuple[str, ...]:
    """A command with its random names blotted out."""
    return tuple(_RANDOM.sub("*", word) for word in argv)


def contents(folder: Path) -> dict[str, bytes]:
    """The regular files of a folder by path, sorted, but byte code and what exceeds 16 MiB."""
    return dict(sorted(_walk(folder, folder)))


def in_project(path: str) -> str:
    """The name of a file that a command left in the project's folder."""
    return f"{path} in the project"


def put(path: Path, data: bytes, left: Left) -> None:
    """Write a file as a tool would: in place, and with the age that it is said to have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if left.is_stale:
        os.utime(path, (LONG_AGO_S, LONG_AGO_S))


def _walk(folder: Path, top: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.iterdir():
        if path.is_symlink() or path.suffix == BYTE_CODE:
            continue
        if path.is_dir():
            yield from _walk(path, top)
        elif path.is_file() and path.stat().st_size <= MAX_BYTES:
            yield path.relative_to(top).as_posix(), path.read_bytes()


def _read(path: str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        return b""  # the command could not be started
