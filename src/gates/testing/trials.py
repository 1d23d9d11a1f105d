"""Trials: a tape with one thing wrong, and what a stage may make of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from gates.domain.status import Status
from gates.testing import damage
from gates.testing.tape import Left, Take, Tape
from gates.toolkit.processes import Cause, Ended

UNKNOWN_EXITS = (77, 101, 3)
"""Exit codes that few tools give a meaning; the first that the stage does not know is taken."""

MOST_LIES = 4
"""Exit codes besides the honest one that are tried."""

MOST_FILES = 8
"""Files of one command that are damaged; those that the stage names or reads come first."""

PASSING = frozenset({Status.PASSED, Status.UNAFFECTED, Status.WAIVED, Status.OVERRIDDEN})

LOST = ("is absent", "is empty")
"""What befalls an output of which nothing is left."""

Channel = tuple[int, str]
"""Where a program speaks: the number of its command, and a file or `stdout` or `stderr`."""

PROJECT = -1
"""Stands for the number of a command where a file of the project is the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A trial that is to be run.

    Attributes:
        where: the program, and what of it is damaged.
        what: what is wrong.
        tape: the damaged tape.
        channel: what is damaged, or None for the command as a whole.
        is_fatal: nothing is left that could prove anything, so that even the honest outcome is no
            proof any more.
        hidden: a program that is missing, or empty.
    """

    where: str
    what: str
    tape: Tape
    channel: Channel | None = None
    is_fatal: bool = False
    hidden: str = ""


def planned(tape: Tape, programs: tuple[str, ...]) -> Iterator[Planned]:
    """All trials on one tape.

    Args:
        tape: what was recorded.
        programs: the programs that the stage asked for.
    """
    for name in programs:
        yield Planned(where=name, what="is missing", tape=tape, hidden=name)
    for number, take in enumerate(tape.takes):
        if take.ok:
            yield from _of_ends(tape, number)
            yield from _of_streams(tape, number)
            yield from _of_files(tape, number)
    for at, left in enumerate(tape.reports):
        for what, changed, is_fatal in _damages(left.data):
            new = _at(tape.reports, at, changed)
            yield Planned(
                where=left.path,
                what=what,
                tape=replace(tape, reports=new),
                channel=(PROJECT, left.path),
                is_fatal=is_fatal,
            )


def _of_ends(tape: Tape, number: int) -> Iterator[Planned]:
    """The command ends otherwise than it did, with and without what it wrote."""
    take = tape.takes[number]
    honest = take.ended.exit_code
    unknown = next((code for code in UNKNOWN_EXITS if code not in take.ok), UNKNOWN_EXITS[0])
    lies = [code for code in take.ok if code != honest][:MOST_LIES]
    bare = replace(take, stdout=b"", stderr=b"", files=())
    for what, ended in (
        ("ran out of time", Ended(Cause.TIMED_OUT, seconds=1.0)),
        ("could not be started", Ended(Cause.NOT_STARTED, detail="no such file")),
        ("lost its exit status", Ended(Cause.LOST)),
        ("wrote too much", Ended(Cause.LOG_OVERFLOW)),
    ):
        yield _planned(tape, number, replace(take, ended=ended), what, is_fatal=True)
    ends = [("was ended by a signal", Ended(Cause.SIGNALLED, signal=11))]
    ends += [
        (f"ended with another exit code, {code}", replace(take.ended, exit_code=code))
        for code in (unknown, *lies)
        if code != honest
    ]
    for what, ended in ends:
        told = (replace(take, ended=ended), f"{what}: after it wrote everything")
        silent = (replace(bare, ended=ended), f"{what}: before it wrote anything")
        for changed, text in (told, silent):
            yield _planned(tape, number, changed, text, is_fatal=True)
    yield _planned(tape, number, bare, "wrote nothing at all")


def _of_streams(tape: Tape, number: int) -> Iterator[Planned]:
    """Each output that the stage looks at is damaged."""
    take = tape.takes[number]
    for name in sorted(take.reads):
        data = take.stdout if name == "stdout" else take.stderr
        for what, changed, is_fatal in _damages(data):
            text = changed.data if changed is not None else b""
            out, err = (text, take.stderr) if name == "stdout" else (take.stdout, text)
            new = replace(take, stdout=out, stderr=err)
            yield _planned(tape, number, new, what, channel=name, is_fatal=is_fatal)


def _of_files(tape: Tape, number: int) -> Iterator[Planned]:
    """Each file that the command left is damaged."""
    take = tape.takes[number]
    words = "\0".join(take.argv)

    def is_minor(left: Left) -> tuple[bool, str]:
        return left.path not in tape.asked and left.path not in words, left.path

    files = (left for left in take.files if not left.path.endswith(".pyc"))
    for left in sorted(files, key=is_minor)[:MOST_FILES]:
        at = take.files.index(left)
        stale = ("is older than the stage", replace(left, is_stale=True), True)
        for what, changed, is_fatal in chain((stale,), _damages(left.data)):
            given = changed if changed is None else replace(changed, path=left.path)
            new = replace(take, files=_at(take.files, at, given))
            yield _planned(tape, number, new, what, channel=left.path, is_fatal=is_fatal)


def _damages(data: bytes) -> Iterator[tuple[str, Left | None, bool]]:
    """What can happen to some bytes; None where they are gone; and whether all of it is lost."""
    if data.strip():
        yield LOST[0], None, True
        yield LOST[1], Left("", b""), True
    for what, changed in damage.hostile(data):
        yield what, Left("", changed), True
    lesser = (damage.soiled, damage.torn, damage.twisted, damage.partial)
    for what, changed in chain.from_iterable(each(data) for each in lesser):
        yield what, Left("", changed), False


def _at(files: tuple[Left, ...], at: int, changed: Left | None) -> tuple[Left, ...]:
    new = () if changed is None else (replace(changed, path=files[at].path),)
    return (*files[:at], *new, *files[at + 1 :])


def _planned(
    tape: Tape,
    number: int,
    changed: Take,
    what: str,
    *,
    channel: str = "",
    is_fatal: bool = False,
) -> Planned:
    takes = (*tape.takes[:number], changed, *tape.takes[number + 1 :])
    program = f"{changed.program} ({number + 1})" if len(tape.takes) > 1 else changed.program
    return Planned(
        where=f"{program}: {channel}" if channel else program,
        what=what,
        tape=replace(tape, takes=takes),
        channel=(number, channel) if channel else None,
        is_fatal=is_fatal,
    )
