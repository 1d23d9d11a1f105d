"""Commits as `git log -z` tells them."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.errors import OutputUnreadable

FORMAT = "%H%x20%P%n%B"
"""The `--format` that is read here: id and parents on one line, then the whole message."""

ID_LENGTHS = (40, 64)
"""Hexadecimal digits of an id: SHA-1, SHA-256."""


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as git tells it.

    Attributes:
        id: whole.
        parents: how many.
        text: its message; None where it is not UTF-8.
    """

    id: str
    parents: int
    text: str | None


def parse(data: bytes) -> tuple[Commit, ...]:
    """Read what `git log -z` wrote with this `FORMAT`.

    Raises:
        OutputUnreadable: it is cut off, or not of this form.
    """
    if data and not data.endswith(b"\0"):
        raise OutputUnreadable("truncated", "git's log ends within a commit", place="git")
    commits = []
    for entry in data.split(b"\0")[:-1]:
        head, _, body = entry.partition(b"\n")
        names = head.decode("ascii", "replace").split()
        if not names or any(not _is_id(name) for name in names):
            raise OutputUnreadable("not-in-format", "git's log names no commit", place="git")
        try:
            text = body.decode()
        except UnicodeDecodeError:
            text = None
        commits.append(Commit(names[0], len(names) - 1, text))
    return tuple(commits)


def _is_id(text: str) -> bool:
    return len(text) in ID_LENGTHS and not set(text) - set("0123456789abcdef")
