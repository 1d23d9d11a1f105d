"""The folder in which a report was written, where its paths are those of another machine."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator

from gates.domain.errors import OutputUnreadable
from gates.formats.tool_paths import Tree, some


def folder_of(
    paths: Collection[str], tree: Tree, is_there: Callable[[str], bool], *, what: str
) -> str:
    """The project's folder as a report knows it: below it, each of its paths is a file of ours.

    Of several such folders it is the topmost.

    Args:
        paths: what the report names, absolute or relative to the project's folder.
        tree: the project's files.
        is_there: whether a path, relative to the project's folder, is a file.
        what: the report, for the message.

    Raises:
        OutputUnreadable: there is none, so that the report is about other files.
    """
    plain = sorted({posixpath.normpath(path) for path in paths})
    far = [path for path in plain if path.startswith("/")]
    near = [path for path in plain if not path.startswith("/")]
    lost = [path for path in near if path.startswith("../") or not is_there(path)]
    for folder in () if lost else (*tree.roots, *_folders(far[0] if far else "")):
        if all(path.startswith(f"{folder}/") for path in far) and all(
            is_there(path[len(folder) + 1 :]) for path in far
        ):
            return folder
    inside = [tree.relative(path) for path in far]
    lost += [path for path in inside if path.startswith("/") or not is_there(path)]
    raise OutputUnreadable(
        "foreign-report",
        f"`{what}` is about {some(lost)}, which is not in the project",
        hint="write it in this very folder, from this very tree",
        place=what,
    )


def _folders(path: str) -> Iterator[str]:
    """All folders above a path, the topmost first."""
    parts = path.split("/")
    return ("/".join(parts[:depth]) for depth in range(1, len(parts)))
