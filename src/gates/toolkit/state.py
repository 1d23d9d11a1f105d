"""Where runs and what is kept for speed lie, and which of both may be trusted."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.files import write_atomic
from gates.toolkit.git import Git

KEPT_RUNS = 50
COMPARED = "compared"
"""File in a run's folder: a gate of it was compared with earlier runs, as a later one may be."""
_STAMP = "%Y%m%dT%H%M%SZ"
_ID_LENGTH = len("20260131T120000Z-abcdef")
_ATTEMPTS = 16
_RECORD = "run.json"


def state_folder(root: Path, git: Git, environ: Mapping[str, str]) -> Path:
    """The folder for what is kept for speed: made where it is not there, for its owner alone.

    In the git folder that all work trees share, under `gates/` and a digest of the root's place
    in the repository; without git in the user's cache folder, under `gates/` and a digest of the
    root's path.

    Raises:
        StageError: it is a link or belongs to another user, who could put answers there.
    """
    common, top = git.common_dir(), git.toplevel()
    real = os.path.realpath(root)
    if common is not None and top is not None:
        inside = os.path.relpath(real, os.path.realpath(top))
        return own_folder(own_folder(common / "gates") / digest(inside))
    cache = user_cache(environ)
    cache.mkdir(mode=0o700, parents=True, exist_ok=True)
    return own_folder(own_folder(cache / "gates") / digest(real))


def user_cache(environ: Mapping[str, str]) -> Path:
    """The folder in which programs of this user keep what can be made again."""
    cache = Path(environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():  # the XDG specification: a relative path is to be ignored
        cache = Path(environ.get("HOME") or Path.home()) / ".cache"
    return cache


def runs_folder(root: Path) -> Path:
    """The folder of the run records, `.gates/local/runs`, made where it is not there.

    `.gates/local` carries a `.gitignore` of its own.

    Raises:
        StageError: a part of the path is a link or not a folder, or what is in it belongs to
            another user.
    """
    policy = root / ".gates"
    with suppress(FileExistsError):
        policy.mkdir()
    _refuse_link(policy)
    local = own_folder(policy / "local")
    ignore = local / ".gitignore"
    if not ignore.exists():
        write_atomic(ignore, b"*\n")
    return own_folder(local / "runs")


def create_run(root: Path, now: datetime) -> Path:
    """Make the folder of a new run; its name is the run's id and sorts by time.

    Args:
        root: the folder of gates.yaml.
        now: the run's start, aware.

    Raises:
        StageError: as `runs_folder`.
    """
    parent = runs_folder(root)
    stamp = now.astimezone(UTC).strftime(_STAMP)
    for _ in range(_ATTEMPTS):
        folder = parent / f"{stamp}-{os.urandom(3).hex()}"
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return folder
    raise StageError("run-folder", "no free name for a run's folder was found", place=str(parent))


def list_runs(root: Path) -> tuple[Path, ...]:
    """The folders of the runs that are kept, oldest first, whether or not they were finished."""
    parent = root / ".gates" / "local" / "runs"
    try:
        folders = sorted(parent.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    return tuple(
        folder
        for folder in folders
        if is_run_id(folder.name) and folder.is_dir() and not folder.is_symlink()
    )


def latest_run(root: Path) -> Path | None:
    """The folder of the newest run that has a record, or None."""
    for folder in reversed(list_runs(root)):
        if (folder / _RECORD).is_file():
            return folder
    return None


def prune_runs(root: Path, *, keep: int = KEPT_RUNS) -> int:
    """Remove all but the newest `keep` runs; the number of those removed.

    Of those with a gate that was compared with earlier runs, the newest `keep` stay as well: many
    quick runs must not take away what a slow one is compared with. Only folders that are named like
    a run are touched; links are never followed. One that cannot be removed stays.
    """
    runs = list_runs(root)
    old = runs[: -keep or None]
    if not old:
        return 0
    compared = [folder for folder in runs if (folder / COMPARED).exists()]
    spared = set(compared[-keep:] if keep else ())
    old = tuple(folder for folder in old if folder not in spared)
    import shutil

    for folder in old:
        shutil.rmtree(folder, ignore_errors=True)
    return sum(not folder.exists() for folder in old)


def is_run_id(name: str) -> bool:
    """Whether the name is a run's id: `20260131T120000Z-1a2b3c`."""
    stamp, dash, token = name.partition("-")
    if len(name) != _ID_LENGTH or not dash or any(sign not in "0123456789abcdef" for sign in token):
        return False
    day, hour = stamp[:8], stamp[9:15]
    digits = day + hour
    if f"{day}T{hour}Z" != stamp or not (digits.isascii() and digits.isdecimal()):
        return False
    try:
        datetime.fromisoformat(stamp)
    except ValueError:
        return False
    return True


def digest(path: str) -> str:
    """A name for what belongs to a path, whatever signs the path holds."""
    from hashlib import sha256

    return sha256(os.fsencode(path)).hexdigest()[:32]


def own_folder(folder: Path) -> Path:
    """The folder, made where it is not there; ours, and not a link.

    Raises:
        StageError: it is a link or no folder, or belongs to another user.
    """
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if _refuse_link(folder).st_uid != os.geteuid():
        raise StageError(
            "folder-foreign",
            "a folder that `gates` keeps its answers in belongs to another user",
            hint="remove it, or run as the user who owns it",
            place=str(folder),
        )
    return folder


def _refuse_link(folder: Path) -> os.stat_result:
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise StageError(
            "folder-link",
            "a folder that `gates` writes to is a link, which may lead anywhere",
            hint="remove it and run again",
            place=str(folder),
        )
    return found
