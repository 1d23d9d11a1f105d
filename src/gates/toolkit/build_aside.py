"""Run a command in a copy of the project, and collect what it makes; a program of its own.

    python -m gates.toolkit.build_aside FOLDER COLLECTED PATTERNS SECONDS PROGRAM [ARGUMENT ...]

PATTERNS is a JSON list of globs in FOLDER. Ends as the command does, but not before SECONDS are
over; with 120 where FOLDER holds a file of PATTERNS before the command ran.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from gates.toolkit.globs import expanded

THERE_BEFORE = 120
"""The exit code where an output is there before the command ran."""

_SIGNALLED = 128


def main(arguments: Sequence[str]) -> int:
    """Run the command, and copy its outputs with their permissions.

    Args:
        arguments: folder, folder for the outputs, patterns, seconds, and the command.
    """
    ends = time.monotonic() + float(arguments[3])
    folder, collected = Path(arguments[0]), Path(arguments[1])
    patterns: list[str] = json.loads(arguments[2])
    if outputs(folder, patterns):
        return THERE_BEFORE
    code = _run(folder, arguments[4:])
    if code == 0:
        for name in outputs(folder, patterns):
            target = collected / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(folder / name, target)
            target.chmod((folder / name).stat().st_mode & 0o777 | 0o400)
        time.sleep(max(0.0, ends - time.monotonic()))
    return code


def outputs(folder: Path, patterns: Sequence[str]) -> tuple[str, ...]:
    """The regular files in a folder that patterns name, sorted; what leads out of it is none."""
    top = folder.resolve()
    return tuple(
        name
        for name in expanded(folder, patterns)
        if (folder / name).is_file() and (folder / name).resolve().is_relative_to(top)
    )


def _run(folder: Path, command: Sequence[str]) -> int:
    """Its exit code; 128 and the signal where one ended it."""
    import subprocess

    program = command[0]
    if "/" in program and not os.path.isabs(program):  # noqa: PTH117 - a text, not a path yet
        program = str(folder / program)
    env = {**os.environ, "PWD": str(folder)}
    done = subprocess.run([program, *command[1:]], cwd=folder, env=env, check=False)
    return done.returncode if done.returncode >= 0 else _SIGNALLED - done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
