"""Which files detect-secrets passes over by their names, as its documentation of filters has it.

A file that it did not read must be explained by one of these; else something else kept it away, and
what is known of the scan is not the whole.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection

from gates.domain.errors import StageError
from gates.formats.detect_secrets_witness import Witnessed, is_text
from gates.formats.tool_paths import some

_FILTERS = "detect_secrets.filters."
LOCK = f"{_FILTERS}heuristic.is_lock_file"
SWAGGER = f"{_FILTERS}heuristic.is_swagger_file"
PATTERN = f"{_FILTERS}regex.should_exclude_file"
"""The project's own pattern, in a baseline; it may take any file."""

NO_TEXT = frozenset(
    {
        ".7z", ".bin", ".bmp", ".bz2", ".class", ".css", ".dmg", ".doc", ".eot", ".exe", ".gif",
        ".gz", ".ico", ".iml", ".ipr", ".iws", ".jar", ".jpeg", ".jpg", ".lock", ".map", ".mo",
        ".pdf", ".png", ".prefs", ".psd", ".rar", ".realm", ".s7z", ".sum", ".svg", ".tar",
        ".tif", ".tiff", ".ttf", ".webp", ".woff", ".xls", ".xlsx", ".zip",
    }
)  # fmt: skip
"""Endings of files that it takes for no text, whatever is in them; this filter is always on."""

LOCKS = frozenset(
    {
        "Brewfile.lock.json", "Cargo.lock", "Cartfile.resolved", "Gemfile.lock",
        "Package.resolved", "Pipfile.lock", "Podfile.lock", "composer.lock", "package-lock.json",
        "packages.lock.json", "poetry.lock", "yarn.lock",
    }
)  # fmt: skip
"""Names of lock files."""


def refuse_unexplained(files: Collection[str], seen: Witnessed, filters: Collection[str]) -> None:
    """Refuse a scan that passed over a file which no filter on names takes.

    Args:
        files: what was handed over.
        seen: what became of it.
        filters: names of the filters that were on.

    Raises:
        StageError: with the files.
    """
    missed = set(files) - seen.read - seen.undecoded - seen.unread
    unexplained = {path for path in missed if not is_taken(path, filters)}
    if unexplained:
        raise StageError(
            "file-passed-over",
            f"detect-secrets did not read {some(unexplained)}, and no filter of its own tells why",
            hint="run it again; a newer version that passes over more files needs `exclude`",
            place=min(unexplained),
        )


def refuse_unread(seen: Witnessed, read: Callable[[str], bytes]) -> None:
    """Refuse what the tool passed over, or read and could not understand, but for binary files.

    Args:
        seen: what became of the files.
        read: gives a file's bytes.

    Raises:
        StageError: a file could not be opened, or is text in another encoding than UTF-8.
    """
    for path in sorted(seen.unread):
        summary = f"`{path}` could not be opened"
        raise StageError("file-unreadable", summary, hint="see its permissions", place=path)
    for path in sorted(seen.undecoded | seen.nul):
        if is_text(read(path)):
            raise StageError(
                "file-unreadable",
                f"`{path}` is text but no UTF-8, and detect-secrets passes over it",
                hint="store it as UTF-8, or name it in `exclude`",
                place=path,
            )


def is_taken(path: str, filters: Collection[str]) -> bool:
    """Whether one of these filters passes over a file by its name.

    Args:
        path: the file.
        filters: names of the filters that were on.
    """
    if PATTERN in filters or posixpath.splitext(path)[1] in NO_TEXT:
        return True
    if LOCK in filters and posixpath.basename(path) in LOCKS:
        return True
    return SWAGGER in filters and "swagger" in path
