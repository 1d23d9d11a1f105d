"""Stamps: of which files a report was made, told by the step that made it.

A stamp lies beside its report and travels with it. It is a JSON file of our own:
`{"schema": "gates/stamp/v1", "report": NAME, "sha256": DIGEST, "tree": IDENTITY}`, where the
identity is that of `trees.tree_state`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.toolkit.files import Report, read_report, write_atomic
from gates.toolkit.git import Git
from gates.toolkit.globs import expanded

SCHEMA = "gates/stamp/v1"
SUFFIX = ".stamp"
"""What a stamp's name adds to that of its report."""

MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a stamp says.

    Attributes:
        report: the report's file name.
        sha256: digest of its bytes.
        tree: identity of the files that it was made of.
    """

    report: str
    sha256: str
    tree: str


def path_of(report: Path) -> Path:
    """Where the stamp of a report lies."""
    return report.with_name(f"{report.name}{SUFFIX}")


def reports_of(root: Path, patterns: Iterable[str]) -> tuple[str, ...]:
    """The reports that paths and globs name, relative to `root`; the stamps of reports are none."""
    found = expanded(root, patterns)
    return tuple(
        path
        for path in found
        if not path.endswith(SUFFIX) or not (root / path.removesuffix(SUFFIX)).exists()
    )


def put(report: Path, git: Git) -> Stamp:
    """Stamp a report with the files as they lie there now; an older stamp is replaced.

    Raises:
        OutputUnreadable: the report is absent, empty, too large or no plain file of ours.
        StageError: there is no repository, or the report is one of its files.
        OSError: the stamp could not be written.
    """
    read = read_report(report)
    tree = git.tree_id()
    if tree is None:
        raise StageError(
            "no-repository",
            "a stamp tells from which files a report was made, and this folder is in no repository",
            hint="run in a clone",
            place=str(report),
        )
    full = report.parent.resolve() / report.name
    if git.is_tracked(full) or full in git.dirty_paths():
        raise StageError(
            "report-not-ignored",
            f"`{report}` is not ignored by git, so it would be one of the files that it is of",
            hint="add it, with what stamps it, to .gitignore",
            place=str(report),
        )
    stamp = Stamp(report.name, read.sha256, tree)
    told = {"schema": SCHEMA, "report": stamp.report, "sha256": stamp.sha256, "tree": stamp.tree}
    write_atomic(path_of(report), f"{json.dumps(told, indent=2)}\n".encode())
    return stamp


def read_for(report: Path) -> Stamp | None:
    """The stamp of a report, or None where it has none.

    Raises:
        OutputUnreadable: what lies there is no stamp.
    """
    path = path_of(report)
    if not path.exists() and not path.is_symlink():
        return None
    data = read_report(path, max_bytes=MAX_BYTES).data
    value = strict_json.read(data, what=path.name)
    schema = value.member("schema")
    if schema.text() != SCHEMA:
        raise schema.unreadable(f"is `{schema.text()}`, which is no known kind of stamp")
    members = (value.member(name).text() for name in ("report", "sha256", "tree"))
    return Stamp(*members)


def refuse_foreign(stamp: Stamp, report: Report, git: Git) -> None:
    """Refuse a report whose stamp is of other bytes, or of other files than those that lie here.

    Raises:
        OutputUnreadable: it is.
    """
    again = "write and stamp the report again in the step before this one"
    if (stamp.report, stamp.sha256) != (report.path.name, report.sha256):
        summary = f"`{report.path.name}` is not the report that its stamp is of"
        raise OutputUnreadable("report-stale", summary, place=report.path.name, hint=again)
    tree = git.tree_id()
    if stamp.tree != tree:
        here = _short(tree) if tree else "no repository"
        summary = (
            f"`{report.path.name}` was made from other files: its stamp says {_short(stamp.tree)},"
            f" and here lies {here}"
        )
        raise OutputUnreadable("report-stale", summary, place=report.path.name, hint=again)


def _short(tree: str) -> str:
    return tree.removeprefix("sha256:")[:12]
