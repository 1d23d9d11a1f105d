"""The bundle of a shard: its record, and beside it the files that the merge reads, with digests.

A bundle is a plain folder, `shard-K` in the folder that the command line names: what carries it to
the merge leaves hidden files behind, so none of it is hidden.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.run import Run
from gates.domain.shards import Parcel
from gates.domain.status import Status
from gates.executor.shards_joining import LoadStage
from gates.toolkit.files import open_report, write_atomic

RECORD = "run.json"
"""Name of the record in a bundle."""

FILES = "files"
"""Folder of the handed files in a bundle, one folder a gate."""

MAX_FILE_BYTES = 4 * 1024**3
"""How large a file may be that is handed over."""

PIECE_BYTES = 1 << 20


def folder_of(index: int) -> str:
    """Name of a shard's folder in a bundle."""
    return f"shard-{index}"


def begin(bundle: Path, index: int) -> Path:
    """An empty folder for a shard, in place of what an earlier run left there.

    Raises:
        StageError: something else lies there, or it cannot be written.
    """
    folder = bundle / folder_of(index)
    try:
        bundle.mkdir(parents=True, exist_ok=True)
        if folder.is_symlink() or (folder.exists() and not _is_ours(folder)):
            raise StageError(
                "bundle-taken",
                f"`{folder}` is there, and is no bundle of a shard",
                hint="name another folder with `--bundle`",
                place=str(folder),
            )
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir()
    except OSError as error:
        summary = f"the bundle cannot be written: {error.strerror}"
        raise StageError("bundle-unwritten", summary, place=str(folder)) from error
    return folder


def _is_ours(folder: Path) -> bool:
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else {"?"}
    return not names or RECORD in names or names == {FILES}


def collected(run: Run, names: Sequence[str], load: LoadStage, folder: Path) -> tuple[Parcel, ...]:
    """Copy what the gates of a shard left for the merge.

    Args:
        run: the run of the shard.
        names: the gates whose files the merge reads.
        load: finds a stage's class by name.
        folder: the shard's folder in the bundle.

    Raises:
        StageError: a file cannot be read or written.
    """
    parcels: list[Parcel] = []
    for gate in run.gates:
        if gate.name not in names or gate.status is Status.ERRORED:
            continue
        out = Path(run.folder) / gate.name / "out"
        for path in _found(out, load(gate.plan.uses).hands_over):
            inside = path.relative_to(out).as_posix()
            digest, size = _copied(path, folder / FILES / gate.name / inside)
            parcels.append(Parcel(gate=gate.name, path=inside, sha256=digest, size=size))
    return tuple(parcels)


def finish(folder: Path, record: str) -> None:
    """Put the record into a bundle: last, since only a bundle with its record is one."""
    write_atomic(folder / RECORD, record.encode(), sync=True)


def taken(bundle: Path, parcels: Sequence[Parcel], into: Path) -> None:
    """Copy the recorded files of a bundle into a folder of ours, as `GATE/PATH`.

    Raises:
        OutputUnreadable: one is missing, is no plain file, or holds something else.
    """
    if len({(parcel.gate, parcel.path) for parcel in parcels}) < len(parcels):
        raise OutputUnreadable("parcel-double", "the record names a file of its bundle twice")
    for parcel in parcels:
        steps = (parcel.gate, *parcel.path.split("/"))
        if any(step in {"", ".", ".."} or "\0" in step for step in steps):
            summary = f"the record names a file outside its bundle: `{parcel.path!a}`"
            raise OutputUnreadable("parcel-outside", summary)
        path = bundle.joinpath(FILES, *steps)
        shown = "/".join(steps)
        try:
            digest, size = _copied(path, into.joinpath(*steps))
        except OutputUnreadable as error:
            if error.problem.slug == "report-absent":
                summary = f"the file `{shown}` of its bundle is missing"
                raise OutputUnreadable("parcel-missing", summary) from None
            raise
        if (digest, size) != (parcel.sha256, parcel.size):
            summary = f"the file `{shown}` of its bundle is not the one that was recorded"
            raise OutputUnreadable("parcel-changed", summary)


def records_in(path: Path) -> Iterator[Path]:
    """The records at a path: itself, or those of all bundles below a folder, links not followed.

    Raises:
        OSError: a folder cannot be read.
    """
    if not path.is_dir():
        yield path
        return

    def fail(error: OSError) -> None:
        raise error

    for folder, folders, names in os.walk(path, onerror=fail):
        folders.sort()
        if RECORD in names:
            folders.clear()
            yield Path(folder) / RECORD


def _found(out: Path, patterns: Sequence[str]) -> list[Path]:
    paths = {path for pattern in patterns for path in out.glob(pattern)}
    plain = (path for path in paths if path.is_file() and not path.is_symlink())
    return sorted(path for path in plain if path.stat().st_size)


def _copied(path: Path, target: Path) -> tuple[str, int]:
    """Copy a plain file of ours; its digest and size."""
    size = 0
    with open_report(path, max_bytes=MAX_FILE_BYTES) as reader:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as file:
                while piece := reader.read(PIECE_BYTES):
                    size += file.write(piece)
        except OSError as error:
            summary = f"a file for the merge cannot be written: {error.strerror}"
            raise StageError("bundle-unwritten", summary, place=str(target)) from error
        return reader.finish(), size
