"""Where side trees lie: a few slots for each work tree, each held by one run at a time.

They lie in the user's cache folder and not below the repository: tools look for their settings in
the folders above the file that they read, and would find those of the working tree there. A slot
is held by the kernel's lock on a file in it, which ends with the processes that hold it.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.toolkit.git import Git
from gates.toolkit.programs import is_below
from gates.toolkit.state import digest, own_folder, user_cache

KEPT = 2
"""Slots of a work tree that stay when nobody uses them."""

MOST = 64
"""Slots that may be in use at once."""

LOCK = "lock"
OWNER = "of"
"""File that names the git folder whose trees lie beside it."""

_VAR = Path("/var/tmp")  # noqa: S108  # nosec B108 - a folder of our own is made in it
_FLAGS = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one side tree, held by this run.

    Attributes:
        folder: everything of it, for us alone.
        lock: the descriptor of its lock; whoever inherits it holds the slot too.
    """

    folder: Path
    lock: int

    @property
    def git_dir(self) -> Path:
        """The private git folder."""
        return self.folder / "git"

    @property
    def state(self) -> Path:
        """What is kept for speed, such as caches of tools."""
        return self.folder / "state"


@contextmanager
def held(git: Git, environ: Mapping[str, str]) -> Iterator[Slot]:
    """Hold a free slot of the work tree while the block runs; never waits for another run.

    Raises:
        StageError: there is no repository or no place, or there are far too many runs at once.
    """
    family = _family(git, environ)
    for number in range(MOST):
        folder = own_folder(family / str(number))
        descriptor = _lock(folder / LOCK)
        if descriptor is None:
            continue
        try:
            yield Slot(folder, descriptor)
        finally:
            if number >= KEPT:
                _empty(folder)
            os.close(descriptor)
        return
    raise StageError(
        "too-many-runs",
        f"{MOST} runs of this work tree use a side tree each at the same time",
        hint="wait until some of them have ended",
        place=str(family),
    )


def _family(git: Git, environ: Mapping[str, str]) -> Path:
    """The folder of all slots of a work tree."""
    top, common = git.toplevel(), git.common_dir()
    if top is None or common is None:
        raise StageError(
            "no-repository",
            "there is no index: this folder is in no git repository",
            hint="run in a clone, or leave the option out",
            place=str(git.root),
        )
    _refuse_another(git, top, environ)
    places = _places(environ)
    for place in places:
        if is_below(os.path.realpath(place), os.path.realpath(top)):
            continue
        with suppress(OSError):
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            trees = own_folder(own_folder(place) / "trees")
            family = trees / digest(f"{common}\0{top}")
            if not family.is_dir():
                _prune(trees)
                own_folder(family)
                (family / OWNER).write_bytes(os.fsencode(common))
            return own_folder(family)
    tried = ", ".join(map(str, places))
    raise StageError(
        "no-place",
        "there is no folder outside the checkout in which a side tree could be kept",
        hint="let XDG_CACHE_HOME name one that can be written",
        place=tried,
    )


def _refuse_another(git: Git, top: Path, environ: Mapping[str, str]) -> None:
    """Refuse where git was told to work on these files with the history of another repository."""
    named = environ.get("GIT_DIR", "")
    real = Path(os.path.realpath(top / named))
    if named and real not in {git.git_dir(), git.common_dir()}:
        raise StageError(
            "another-repository",
            "GIT_DIR names another repository than the one that lies here, which would be judged",
            hint="unset GIT_DIR and GIT_WORK_TREE to judge this one",
            place=str(real),
        )


def _places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    return (user_cache(environ) / "gates", _VAR / f"gates-{os.geteuid()}")


def _lock(path: Path) -> int | None:
    """The descriptor of the lock, or None where another run holds it."""
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _empty(folder: Path) -> None:
    """Remove what a slot holds, its lock left."""
    for path in folder.iterdir():
        if path.name != LOCK:
            remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder, also one that a tool has made unwritable; follows no link.

    Raises:
        OSError: it is there still.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)  # also a pipe, on which `rmtree` would wait for ever
        return
    for folder, names, _ in os.walk(path):
        for name in (*names, ""):
            inside = Path(folder, name)
            if not inside.is_symlink():
                with suppress(OSError):
                    inside.chmod(0o700)
    shutil.rmtree(path)


def _prune(trees: Path) -> None:
    """Remove the trees of repositories that are gone."""
    for family in trees.iterdir():
        with suppress(OSError):
            owner = Path(os.fsdecode((family / OWNER).read_bytes()))
            if not owner.exists():
                remove(family)
