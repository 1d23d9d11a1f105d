"""Planted files: known-bad items for canaries, outside the checkout that is judged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.files import write_atomic

# The folder in it is new, private and of a random name.
_PLACES = ("/tmp", "/var/tmp")  # noqa: S108  # nosec B108


def plant(name: str, data: bytes, *, environ: Mapping[str, str], outside: Path) -> Path:
    """Write a file into a new, private folder that holds nothing else.

    Args:
        name: its file name.
        data: what is in it.
        environ: `TMPDIR` names the first folder that is tried.
        outside: the checkout; no folder within it will do.

    Returns:
        The file's absolute path, without links in it.

    Raises:
        StageError: `no-place`: no temporary folder lies outside the checkout and can be written.
    """
    top = os.path.realpath(outside).rstrip("/")
    for place in (environ.get("TMPDIR", ""), *_PLACES):
        parent = os.path.realpath(place)
        if not place.startswith("/") or f"{parent}/".startswith(f"{top}/"):
            continue
        folder = Path(parent, f"gates-{os.urandom(8).hex()}")
        with suppress(OSError):
            folder.mkdir(mode=0o700)
            write_atomic(folder / name, data)
            return folder / name
    raise StageError(
        "no-place",
        "there is no temporary folder outside the checkout, so no canary can be planted",
        hint="let TMPDIR name one that can be written",
    )


def remove(path: Path) -> None:
    """Remove a planted file with its folder, and whatever a tool put beside it."""
    from shutil import rmtree

    rmtree(path.parent, ignore_errors=True)
