"""Finds gates.yaml and reads its bytes; light, for the warm path."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from gates.domain.errors import ConfigError, Problem

NAME = "gates.yaml"
"""The one name of the file."""

_LOOKALIKES = ("gates.yml", ".gates.yaml", ".gates.yml", "gates.json", "gates.toml")
# More than the YAML reader takes, so that it is the reader that refuses a file for its size.
_MAX_BYTES = 16 * 1024 * 1024


def find(start: Path) -> Path:
    """Find the gates.yaml that governs a folder: in it, else upwards to the root of its checkout.

    Outside git only the folder itself is looked at: a file further up could be anyone's, and its
    commands would be run.

    Raises:
        ConfigError: where there is none.
    """
    start = Path(os.path.realpath(start))
    folders = _governing(start)
    for folder in folders:
        if os.path.lexists(folder / NAME):
            return folder / NAME
    for folder in folders:
        for name in _LOOKALIKES:
            if (folder / name).is_file():
                hint = f"rename `{name}` to `{NAME}`"
                raise ConfigError(
                    Problem("no-policy", f"no {NAME} here", place=str(folder / name), hint=hint)
                )
    summary = f"no {NAME} here"
    if len(folders) > 1:
        summary += f" or above, up to `{folders[-1]}`"
    hint = "`gates init` writes one; if it lies elsewhere, name its folder: `gates -C DIR ...`"
    raise ConfigError(Problem("no-policy", summary, place=str(start), hint=hint))


def read(path: Path) -> bytes:
    """Read the file's bytes.

    Raises:
        ConfigError: where it is no regular file, or cannot be read.
    """
    try:
        # O_NONBLOCK: a pipe that stands in the file's place must not hang.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise _unreadable(path, error.strerror or "unknown error") from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _unreadable(path, "not a regular file")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_MAX_BYTES)
    except OSError as error:
        raise _unreadable(path, error.strerror or "unknown error") from error
    finally:
        os.close(descriptor)


def _governing(start: Path) -> tuple[Path, ...]:
    """The folder and those above it up to the one that holds `.git`; only itself outside git."""
    folders = (start, *start.parents)
    for count, folder in enumerate(folders, 1):
        if os.path.lexists(folder / ".git"):
            return folders[:count]
    return (start,)


def _unreadable(path: Path, reason: str) -> ConfigError:
    summary = f"`{path.name}` cannot be read: {reason}"
    return ConfigError(Problem("policy-unreadable", summary, place=str(path)))
