"""Which of the project's files a stage's `paths` choose, to be handed to a tool by name."""

from __future__ import annotations

import posixpath
from collections.abc import Collection

from gates.domain.errors import StageError
from gates.toolkit.sources import matches


def choose(files: Collection[str], paths: Collection[str]) -> tuple[str, ...]:
    """The files that the paths name or hold, sorted.

    Args:
        files: the project's files of the kind that the tool reads, relative.
        paths: files, folders or globs, relative; `.` is the whole project, and may hold none.

    Raises:
        StageError: a path holds no such file.
    """
    chosen: set[str] = set()
    for path in paths:
        wanted = posixpath.normpath(path)
        found = [file for file in files if matches(file, wanted)]
        if not found and wanted != ".":
            summary = f"`{path}` holds no Python file of the project"
            raise StageError("path-missing", summary, hint="see `paths`", place=path)
        chosen.update(found)
    return tuple(sorted(chosen))
