"""Reports that an earlier step wrote: judged only if they were made from this tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gates.domain.errors import OutputUnreadable
from gates.executor import stamps
from gates.executor.stamps import Stamp
from gates.toolkit.files import Report, read_report
from gates.toolkit.git import Git
from gates.toolkit.globs import expanded

_AGAIN = "write the report again in the step before this one"
_HINTS = {
    "report-absent": "write it in the step before this one, or leave `report` out to run the tool",
    "report-link": "let the step before this one write the file itself, and name that",
    "report-not-a-file": "name the file that the step before this one writes",
    "report-foreign": "let the step before this one write it as the user that runs `gates`",
    "report-too-large": "let the step before this one write a smaller report",
}
"""What to do where a given report cannot be read; else it is written again."""


def read_all_given(
    root: Path,
    git: Git,
    patterns: Sequence[str],
    *,
    max_bytes: int,
    reports: frozenset[str] = frozenset(),
) -> tuple[Report, ...]:
    """Read all reports that paths and globs name, each once, sorted by path.

    Args:
        root: the folder of gates.yaml.
        git: its repository.
        patterns: relative to `root`.
        max_bytes: how large all of them may be together.
        reports: all given reports of the plan.

    Raises:
        OutputUnreadable: a pattern names no file, two files hold the same bytes, or one of them
            cannot be judged (see `read_given`).
    """
    for pattern in patterns:
        if not expanded(root, (pattern,)):
            summary = f"no report matches `{pattern}`"
            hint = "let the step before this one write it there, or correct the pattern"
            raise OutputUnreadable("report-absent", summary, place=pattern, hint=hint)
    left = max_bytes
    found: dict[str, Report] = {}
    for path in expanded(root, patterns):
        report = read_given(root, git, path, max_bytes=left, reports=reports)
        left -= report.size
        if report.sha256 in found:
            other = found[report.sha256].path.name
            summary = f"`{path}` holds the same bytes as `{other}`: a part may be missing"
            hint = "let each part write a report of its own, and name no part twice"
            raise OutputUnreadable("report-twice", summary, place=path, hint=hint)
        found[report.sha256] = report
    return tuple(found.values())


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
            than HEAD's commit, than HEAD's last move or than a file that differs from HEAD; or
            stamped, and its stamp is of other bytes or of other files.
    """
    full = root / path
    if not full.resolve().is_relative_to(_outermost(root, git)):
        hint = "let the step before this one write it into the project, and ignore it in git"
        summary = f"`{path}` is outside the project"
        raise OutputUnreadable("report-outside", summary, place=path, hint=hint)
    report = _read(full, path, max_bytes)
    if git.head() is None:
        hint = "commit once, so that the age of a report can be told"
        raise OutputUnreadable(
            "report-unprovable", f"nothing shows that `{path}` was made from this tree", hint=hint
        )
    if git.is_tracked(full):
        hint = f"take it out of git: git rm --cached {path}"
        raise OutputUnreadable("report-tracked", f"`{path}` is tracked by git", hint=hint)
    stamp = _stamp(full, git)
    if stamp is not None:
        stamps.refuse_foreign(stamp, report, git)
        return report
    stat = full.stat()
    written = min(stat.st_mtime_ns, stat.st_ctime_ns)  # a date in the future proves nothing
    if written < _head_ns(git):
        raise OutputUnreadable("report-stale", f"`{path}` is older than HEAD", hint=_AGAIN)
    own = {root / name for name in reports} | {full}
    for changed in git.dirty_paths():
        if changed not in own:
            _refuse_later(changed, full, written)
    return report


def _read(full: Path, path: str, max_bytes: int) -> Report:
    """Read it, or say what the step before this one has to do."""
    try:
        return read_report(full, since_ns=None, max_bytes=max_bytes)
    except OutputUnreadable as error:
        slug, summary = error.problem.slug, error.problem.summary
        if slug == "report-absent":
            summary = f"the report `{path}` is not there"
        hint = _HINTS.get(slug, _AGAIN)
        raise OutputUnreadable(slug, summary, place=path, hint=hint) from error


def _stamp(full: Path, git: Git) -> Stamp | None:
    """What the step that made the report told of it, which holds whatever its age."""
    path = stamps.path_of(full)
    if git.is_tracked(path):
        hint = f"take it out of git: git rm --cached {path.name}"
        summary = f"the stamp `{path.name}` is tracked by git"
        raise OutputUnreadable("report-tracked", summary, place=path.name, hint=hint)
    return stamps.read_for(full)


def _head_ns(git: Git) -> int:
    """When HEAD's commit was made, or HEAD last moved: a checkout of an older commit counts.

    The time that git writes into its log can be set by the caller, that of the file cannot.
    """
    times = [(git.commit_time("HEAD") or 0) * 10**9]
    git_dir, common_dir = git.git_dir(), git.common_dir()
    if git_dir is not None and common_dir is not None:
        head = git_dir / "HEAD"
        branch = head.read_text(encoding="utf-8", errors="replace").removeprefix("ref: ").strip()
        logs = (git_dir / "logs" / "HEAD", git_dir / "reftable" / "tables.list")
        files = (head, *logs, common_dir / branch)
        times += (_touched_ns(file) for file in files if file.is_file())
    return max(times)


def _touched_ns(path: Path) -> int:
    """The later of the times of content and of inode: moving a file keeps the former."""
    stat = path.lstat()
    return max(stat.st_mtime_ns, stat.st_ctime_ns)


def _refuse_later(changed: Path, report: Path, written: int) -> None:
    """Refuse a report where a path that differs from HEAD changed after it was written.

    A deleted path has no time, so its folder's must do. The report's own folder changes when the
    report is made there; a later change may be the deletion.
    """
    try:
        is_late = _touched_ns(changed) > written
    except (FileNotFoundError, NotADirectoryError):
        folder = next(parent for parent in changed.parents if parent.is_dir())
        if folder == report.parent:
            if _touched_ns(folder) <= report.stat().st_ctime_ns:
                return
            raise OutputUnreadable(
                "report-unprovable",
                f"whether `{report.name}` was written before `{changed.name}` was deleted cannot"
                " be told, since both lie in one folder",
                hint=f"write the report into a folder of its own, or {_AGAIN}",
            ) from None
        is_late = _touched_ns(folder) > written
    if is_late:
        summary = f"`{report.name}` is older than `{changed.name}`, which differs from HEAD"
        raise OutputUnreadable("report-stale", summary, hint=_AGAIN)


def _outermost(root: Path, git: Git) -> Path:
    top = git.toplevel()
    return (top or root).resolve()
