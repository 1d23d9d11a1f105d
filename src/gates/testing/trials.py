"""Trials: a tape with one thing wrong, and what a stage may make of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from gates.domain.status import Status
from gates.testing import damage
from gates.testing.damage import Damaged
from gates.testing.tape import Left, Take, Tape
from gates.toolkit.processes import Cause, Ended

UNKNOWN_EXITS = (77, 101, 3)
"""Exit codes that few tools give a meaning; the first that the stage does not know is taken."""

MOST_LIES = 4
"""Exit codes besides the honest one that are tried."""

MOST_FILES = 64
"""Files of one command that are lost, one at a time; those that the stage reads come first."""

PASSING = frozenset({Status.PASSED, Status.UNAFFECTED, Status.WAIVED, Status.OVERRIDDEN})

LOST = ("is absent", "is empty")
"""What befalls an output of which nothing is left."""

Channel = tuple[int, str]
"""Where a program speaks: the number of its command, and a file or `stdout` or `stderr`."""

PROJECT = -1
"""Stands for the number of a command where a file of the project is the channel."""


SEEN = -2
"""The same where it is something that was seen of a service while a needed gate measured."""


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
        is_short: the report names fewer files than were examined, and is otherwise whole.
        hidden: a program that is missing, or empty.
    """

    where: str
    what: str
    tape: Tape
    channel: Channel | None = None
    is_fatal: bool = False
    is_short: bool = False
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class _Output:
    """One output of the tape, and how another tape is made in which it is damaged.

    Attributes:
        channel: which.
        where: the same for people.
        data: its bytes.
        is_read: the stage looks at it, or names it to the program.
        damaged: the tape with other bytes there, or with None where it is gone.
        stale: the tape with an old one there; None where it has no age.
        is_open: nothing could tell that it was once longer, as with a service's log.
    """

    channel: Channel
    where: str
    data: bytes
    is_read: bool
    damaged: Callable[[bytes | None], Tape]
    stale: Tape | None = None
    is_open: bool = False


def lost(tape: Tape, programs: tuple[str, ...]) -> Iterator[Planned]:
    """The trials that come first: a program, a command's end, or one output is lost.

    Args:
        tape: what was recorded.
        programs: the programs that the stage asked for.
    """
    for name in programs:
        yield Planned(where=name, what="is missing", tape=tape, hidden=name)
    for number, take in enumerate(tape.takes):
        if take.ok:
            yield from _of_ends(tape, number)
    for output in _outputs(tape):
        if output.data.strip():
            for what, data in zip(LOST, (None, b""), strict=True):
                yield _of(output, what, output.damaged(data), is_fatal=True)


def damaged(
    tape: Tape, evidence: frozenset[Channel], listed: Callable[[bytes], Damaged] = damage.whole
) -> Iterator[Planned]:
    """All other trials on one tape: each output is old, broken, or something else.

    Args:
        tape: what was recorded.
        evidence: outputs whose loss changes the outcome. Of the others that the stage reads, each
            kind of damage is tried once; what it neither misses nor reads is left alone.
        listed: shortens each list of what was examined.
    """
    for output in _outputs(tape):
        if output.channel in evidence:
            yield from _damages(output)
            for what, data in listed(output.data):
                yield replace(_of(output, what, output.damaged(data)), is_short=True)
        elif output.is_read:
            yield from _one_of_a_kind(_damages(output))


def _outputs(tape: Tape) -> Iterator[_Output]:
    """All that the stage could read: outputs of commands, their files, the project's reports."""
    for number, take in enumerate(tape.takes):
        if take.ok:
            yield from _streams(tape, number)
            yield from _files(tape, number)
    for at, left in enumerate(tape.reports):
        yield _Output(
            channel=(PROJECT, left.path),
            where=left.path,
            data=left.data,
            is_read=True,
            damaged=partial(_with_report, tape, at),
        )
    for at, seen in enumerate(tape.seen):
        if not seen.data:
            continue
        where = f"the service of `{seen.gate}`: {seen.what} {seen.name}"
        yield _Output(
            channel=(SEEN, where),
            where=where,
            data=seen.data[0],
            is_read=True,
            damaged=partial(_with_seen, tape, at),
            is_open=True,
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


def _streams(tape: Tape, number: int) -> Iterator[_Output]:
    """Each stream that the stage looks at."""
    take = tape.takes[number]
    for name in sorted(take.reads):
        yield _Output(
            channel=(number, name),
            where=f"{_program(tape, number)}: {name}",
            data=take.stdout if name == "stdout" else take.stderr,
            is_read=True,
            damaged=partial(_with_stream, tape, number, name),
        )


def _files(tape: Tape, number: int) -> Iterator[_Output]:
    """Each file that the command left; those that the stage names or reads come first."""
    take = tape.takes[number]
    words = "\0".join(take.argv)

    def is_minor(left: Left) -> tuple[bool, str]:
        return left.name not in tape.asked and left.path not in words, left.path

    for left in sorted(take.files, key=is_minor)[:MOST_FILES]:
        yield _Output(
            channel=(number, left.name),
            where=f"{_program(tape, number)}: {left.name}",
            data=left.data,
            is_read=not is_minor(left)[0],
            damaged=partial(_with_file, tape, number, left),
            stale=_with_stale(tape, number, left),
        )


def _damages(output: _Output) -> Iterator[Planned]:
    """What can happen to an output besides its loss."""
    if output.stale is not None:
        yield _of(output, "is older than the stage", output.stale, is_fatal=True)
    for what, data in damage.hostile(output.data):
        yield _of(output, what, output.damaged(data), is_fatal=True)
    if output.is_open:
        return
    lesser = (damage.soiled, damage.torn, damage.twisted, damage.partial)
    for what, data in chain.from_iterable(each(output.data) for each in lesser):
        yield _of(output, what, output.damaged(data))


def _one_of_a_kind(trials: Iterator[Planned]) -> Iterator[Planned]:
    kinds: set[str] = set()
    for trial in trials:
        kind = trial.what.partition(":")[0]
        if kind not in kinds:
            kinds.add(kind)
            yield trial


def _with_report(tape: Tape, at: int, data: bytes | None) -> Tape:
    changed = () if data is None else (replace(tape.reports[at], data=data),)
    return replace(tape, reports=(*tape.reports[:at], *changed, *tape.reports[at + 1 :]))


def _with_seen(tape: Tape, at: int, data: bytes | None) -> Tape:
    seen = tape.seen[at]
    changed = replace(seen, data=() if data is None else (data,) * len(seen.data))
    return replace(tape, seen=(*tape.seen[:at], changed, *tape.seen[at + 1 :]))


def _with_stream(tape: Tape, number: int, name: str, data: bytes | None) -> Tape:
    take, text = tape.takes[number], data or b""
    is_stdout = name == "stdout"
    new = replace(take, stdout=text) if is_stdout else replace(take, stderr=text)
    return _with_take(tape, number, new)


def _with_file(tape: Tape, number: int, left: Left, data: bytes | None) -> Tape:
    return _with_left(tape, number, left, None if data is None else replace(left, data=data))


def _with_stale(tape: Tape, number: int, left: Left) -> Tape:
    old = replace(left, is_stale=True)
    if not left.in_project:
        return _with_left(tape, number, left, old)
    # The stage's folder is new in each run. In the project, an earlier run's file lies there still.
    return replace(_with_left(tape, number, left, None), before=(*tape.before, old))


def _with_left(tape: Tape, number: int, left: Left, changed: Left | None) -> Tape:
    take = tape.takes[number]
    at = take.files.index(left)
    new = () if changed is None else (changed,)
    files = (*take.files[:at], *new, *take.files[at + 1 :])
    return _with_take(tape, number, replace(take, files=files))


def _with_take(tape: Tape, number: int, take: Take) -> Tape:
    return replace(tape, takes=(*tape.takes[:number], take, *tape.takes[number + 1 :]))


def _of(output: _Output, what: str, tape: Tape, *, is_fatal: bool = False) -> Planned:
    return Planned(
        where=output.where, what=what, tape=tape, channel=output.channel, is_fatal=is_fatal
    )


def _planned(
    tape: Tape, number: int, changed: Take, what: str, *, is_fatal: bool = False
) -> Planned:
    return Planned(
        where=_program(tape, number),
        what=what,
        tape=_with_take(tape, number, changed),
        is_fatal=is_fatal,
    )


def _program(tape: Tape, number: int) -> str:
    name = tape.takes[number].program
    return f"{name} ({number + 1})" if len(tape.takes) > 1 else name
