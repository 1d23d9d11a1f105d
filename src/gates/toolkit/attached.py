"""Programs whose output a CI system reads while they run, and which must not command it.

Both systems of commands of GitHub (`::name::` and `##[name]`) are switched off while such a program
runs, by a token that it cannot know: it may print whatever it likes.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gates.domain.errors import ToolCrashed

_TOKEN_BYTES = 16
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
WITHHELD_FILES = frozenset({
    "GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY",
})  # fmt: skip
"""Variables that name the files by which a step speaks to its workflow."""

_TOKENS = frozenset({
    "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GH_ENTERPRISE_TOKEN",
})  # fmt: skip
_WITHHELD_STARTS = ("GATES_INPUT_", "ACTIONS_")


def without_rights(environ: Mapping[str, str]) -> dict[str, str]:
    """An environment without GitHub's tokens and without the files by which a step speaks to it.

    What else a workflow puts there is for its tools: the password of a database that tests use, or
    of an index that packages come from.

    Args:
        environ: that of the step.
    """
    return {
        name: value
        for name, value in environ.items()
        if name not in WITHHELD_FILES | _TOKENS and not name.startswith(_WITHHELD_STARTS)
    }


@contextlib.contextmanager
def commands_off() -> Iterator[None]:
    """Let nothing that is printed meanwhile be a command to the runner of GitHub."""
    import secrets

    token = secrets.token_hex(_TOKEN_BYTES)
    _say(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        _say(f"\n::{token}::\n")  # on a line of its own, however the last one ended


def run_attached(argv: Sequence[str], *, env: Mapping[str, str], stdout: Path | None = None) -> int:
    """Run a program in the current folder; its exit code, or minus the signal that ended it.

    Its messages go to our standard output, so that they stay in order with ours. An interrupt and
    a request to end are handed on, and its end is awaited.

    Args:
        argv: the program by absolute path, and its arguments.
        env: the whole environment.
        stdout: the file that takes its standard output, in place of ours.

    Raises:
        ToolCrashed: it could not be started, or its exit status was lost.
    """
    import signal

    sys.stdout.flush()
    actions: list[tuple[object, ...]] = [
        (os.POSIX_SPAWN_DUP2, 1, 2),
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    ]
    if stdout is not None:
        actions.append((os.POSIX_SPAWN_OPEN, 1, str(stdout), _WRITE, 0o644))
    try:
        pid = os.posix_spawn(
            argv[0],
            list(argv),
            dict(env),
            file_actions=actions,
            setsigmask=(),
            setsigdef=(signal.SIGCHLD, signal.SIGPIPE, signal.SIGINT, signal.SIGTERM),
        )
    except (OSError, ValueError) as error:
        raise ToolCrashed(
            "tool-not-started", f"`{argv[0]}` could not be started: {error}", place=argv[0]
        ) from error
    return _awaited(pid, argv[0])


def _awaited(pid: int, name: str) -> int:
    import signal

    def hand_on(number: int, _: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    before = {
        each: signal.signal(each, hand_on) or signal.SIG_DFL
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError as error:
        raise ToolCrashed(
            "status-lost", f"the exit status of `{name}` was lost", place=name
        ) from error
    finally:
        for each, how in before.items():
            signal.signal(each, how)
    return os.waitstatus_to_exitcode(status)


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
