"""Reports that an earlier step wrote: judged only if they were made from this tree."""

from __future__ import annotations

from pathlib import Path

from gates.domain.errors import OutputUnreadable
from gates.toolkit.files import Report, read_report
from gates.toolkit.git import Git

_AGAIN = "write the report again in the step before this one"


def read_given(
    root: Path, git: Git, path: str, *, max_bytes: int, reports: frozenset[str] = frozenset()
) -> Report:
    """Read a given report.

    Args:
        root: the folder of gates.yaml.
        git: its repository.
        path: the report, relative to `root`.
        max_bytes: how large it may be.
        reports: all given reports of the plan; they are no sources of each other.

    Raises:
        OutputUnreadable: where it is outside the project, tracked by git, not whole, or older
            than HEAD's commit or than a file that differs from HEAD.
    """
    full = root / path
    if not full.resolve().is_relative_to(_outermost(root, git)):
        raise OutputUnreadable("report-outside", f"`{path}` is outside the project", place=path)
    report = read_report(full, since_ns=None, max_bytes=max_bytes)
    if git.head() is None:
        hint = "commit once, so that the age of a report can be told"
        raise OutputUnreadable(
            "report-unprovable", f"nothing shows that `{path}` was made from this tree", hint=hint
        )
    if git.is_tracked(full):
        hint = f"take it out of git: git rm --cached {path}"
        raise OutputUnreadable("report-tracked", f"`{path}` is tracked by git", hint=hint)
    written = full.stat().st_mtime_ns
    commit_s = git.commit_time("HEAD")
    if commit_s is None or written < commit_s * 1_000_000_000:
        raise OutputUnreadable("report-stale", f"`{path}` is older than HEAD", hint=_AGAIN)
    own = {root / name for name in reports} | {full}
    for changed in git.dirty_paths():
        if changed not in own and _changed_ns(changed, full) > written:
            summary = f"`{path}` is older than `{changed.name}`, which differs from HEAD"
            raise OutputUnreadable("report-stale", summary, hint=_AGAIN)
    return report


def _changed_ns(path: Path, report: Path) -> int:
    """When a path that differs from HEAD changed; for a deleted one, when its folder did.

    The report's own folder changes when the report is written, so it tells nothing.
    """
    try:
        return path.lstat().st_mtime_ns
    except FileNotFoundError:
        folder = next(parent for parent in path.parents if parent.is_dir())
        return 0 if folder == report.parent else folder.stat().st_mtime_ns


def _outermost(root: Path, git: Git) -> Path:
    top = git.toplevel()
    return (top or root).resolve()
