"""Plan and waivers kept between runs, so that a warm run reads neither YAML nor pydantic.

A kept plan answers only for the same bytes of gates.yaml and of what it extends, under the same
name, read by the same code under the same Python; kept waivers for the same bytes under the same
plan. What is damaged, or could have been written by another user, is a miss.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import gates
from gates.config import kept, policy, waiver_file
from gates.domain.errors import OutputUnreadable
from gates.domain.plan import Plan
from gates.domain.waiver import WAIVERS, WaiverFile
from gates.toolkit.files import read_report, write_atomic

if TYPE_CHECKING:
    from gates.config.extends import Shelf
    from gates.toolkit.git import Git

FOLDER = "plans"
"""Where plans are kept, in the folder of what is kept for speed."""

WAIVERS_FOLDER = "waivers"
"""Where waivers are kept, likewise."""

MAX_KEPT = 32
"""Plans, and waivers, that are kept: a checkout has several branches, and files of gates."""

_MAX_BYTES = 16 * 1024 * 1024
_OTHERS_WRITE = 0o022

T = TypeVar("T")


def load_cached(
    path: Path, *, state: Path | None, shelf: Callable[[], Shelf] | None = None
) -> Plan:
    """The plan of a gates.yaml: the one kept for it, else read now and kept.

    Args:
        path: the file.
        state: the folder of what is kept for speed, there already and owned by the caller; None
            keeps nothing.
        shelf: tells where the policies are that it extends; by default there are none.

    Raises:
        ConfigError: where the file cannot be used.
    """
    data = policy.read(path)
    name = path.name
    project = path.absolute().parent.name or "project"
    file = state / FOLDER / f"{_key(data, name, project)}.json" if state is not None else None
    plan = _kept(file, kept.decode) if file is not None else None
    if plan is not None and not plan.policy.extends:
        return plan
    from gates.config import extends

    found = shelf() if shelf is not None else extends.Nowhere()
    if plan is not None and extends.is_current(plan.policy, found):
        return plan
    from gates.config.load import load_book
    from gates.stages import BUILT_IN

    plan = load_book(extends.Book(data, name, found), default_project=project)
    # Another package's stage may change while the version of gates does not.
    if file is not None and all(gate.uses in BUILT_IN for gate in plan.gates):
        _keep(kept.encode(plan), file)
    return plan


def shelf_of(root: Path, git: Git, state: Path, environ: Mapping[str, str]) -> Callable[[], Shelf]:
    """Tells where the policies are that a gates.yaml of a checkout extends; imported when asked.

    Args:
        root: its folder.
        git: its repository, also where there is none.
        state: the folder of what is kept for speed.
        environ: the environment of `gates`.
    """

    def shelf() -> Shelf:
        from gates.config import extends

        return extends.shelf_of(root, git, state, environ)

    return shelf


def load_waivers(root: Path, plan: Plan, *, state: Path | None) -> WaiverFile | None:
    """The waivers of a project: those kept for its file, else read now and kept; None without one.

    Args:
        root: the folder of gates.yaml.
        plan: the gates that they may speak of.
        state: as for `load_cached`.

    Raises:
        ConfigError: where the file cannot be used.
    """
    data = waiver_file.read(root)
    if data is None:
        return None
    from gates.config import kept_waivers

    file = None
    if state is not None:
        # They were checked against the plan, which follows from the bytes of gates.yaml.
        behind = [each.sha256 for each in plan.policy.extends]
        key = _key(data, WAIVERS, " ".join((plan.policy.sha256, *behind)))
        file = state / WAIVERS_FOLDER / f"{key}.json"
    waivers = _kept(file, kept_waivers.decode) if file is not None else None
    if waivers is None:
        from gates.config.waivers import load
        from gates.stages import BUILT_IN

        waivers = load(data, plan)
        if file is not None and all(gate.uses in BUILT_IN for gate in plan.gates):
            _keep(kept_waivers.encode(waivers), file)
    return WaiverFile(source=WAIVERS, sha256=sha256(data).hexdigest(), waivers=waivers)


def _key(data: bytes, name: str, project: str) -> str:
    digest = sha256()
    python = f"{sys.implementation.cache_tag} {sys.hexversion:x}"
    for part in (gates.__version__, _code_stamp(), python, name, project):
        digest.update(os.fsencode(f"{part}\0"))
    digest.update(data)
    return digest.hexdigest()


def _code_stamp() -> str:
    """Sizes and times of the modules that make a plan: a checkout changes without its version."""
    package = Path(__file__).parent.parent
    stamps = []
    for folder in ("config", "domain", "formats", "stages", "."):
        with os.scandir(package / folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    found = entry.stat()
                    stamps.append(f"{folder}/{entry.name} {found.st_size} {found.st_mtime_ns}")
    return "\n".join(sorted(stamps))


def _kept(file: Path, decode: Callable[[str], T]) -> T | None:
    try:
        if file.lstat().st_mode & _OTHERS_WRITE:
            return None
        data = read_report(file, max_bytes=_MAX_BYTES).data
    except (OSError, OutputUnreadable):
        return None
    digest, _, body = data.partition(b"\n")
    if digest != _seal(file, body):
        return None
    try:
        return decode(body.decode())
    except ValueError:
        return None


def _keep(text: str, file: Path) -> None:
    """Keep what was read; where that cannot be done, the next run reads it again."""
    body = text.encode()
    with suppress(OSError):
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomic(file, b"%s\n%s" % (_seal(file, body), body), mode=0o600)
        _prune(file.parent)


def _seal(file: Path, body: bytes) -> bytes:
    """A digest of what is kept and of what for, so that no file can stand in for another."""
    return sha256(b"%s\n%s" % (os.fsencode(file.name), body)).hexdigest().encode()


def _prune(folder: Path) -> None:
    with os.scandir(folder) as entries:
        files = [(entry.stat(follow_symlinks=False).st_mtime_ns, entry.path) for entry in entries]
    for _, old in sorted(files)[:-MAX_KEPT]:
        Path(old).unlink(missing_ok=True)
