"""Reports that an earlier step wrote: judged only if they were made from this tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.domain.errors import OutputUnreadable
from gates.executor import stamps
from gates.executor.stamps import Stamp
from gates.toolkit.files import DEFAULT_REPORT_LIMIT_BYTES, Report, read_report
from gates.toolkit.git import Git

CLOCKS_S = 60
"""How far the clocks of two machines may be apart: one commits, another one makes the report."""

_AGAIN = "write the report again in the step before this one"
_HINTS = {
    "report-absent": "write it in the step before this one, or leave `report` out to run the tool",
    "report-link": "let the step before this one write the file itself, and name that",
    "report-not-a-file": "name the file that the step before this one writes",
    "report-foreign": "let the step before this one write it as the user that runs `gates`",
    "report-too-large": "let the step before this one write a smaller report",
}
"""What to do where a given report cannot be read; else it is written again."""


@dataclass(slots=True)
class Reports:
    """The reports of earlier steps that one plan names, and the tree that they must be of.

    Attributes:
        root: the folder of gates.yaml.
        git: its repository.
        named: all given reports of the plan; they are no sources of each other.
    """

    root: Path
    git: Git
    named: frozenset[str] = frozenset()
    _latest: tuple[int, str] | None = field(init=False, default=None)

    def read_all(
        self, patterns: Sequence[str], *, max_bytes: int, may_repeat: bool = False
    ) -> tuple[Report, ...]:
        """Read all reports that paths and globs name, each once, sorted by path.

        Args:
            patterns: relative to `root`.
            max_bytes: how large all of them may be together.
            may_repeat: two may hold the same bytes, as lists of findings do where there are none.

        Raises:
            OutputUnreadable: a pattern names no file, two files hold the same bytes, or one of them
                cannot be judged (see `read`).
        """
        for pattern in patterns:
            if not stamps.reports_of(self.root, (pattern,)):
                summary = f"no report matches `{pattern}`"
                hint = "let the step before this one write it there, or correct the pattern"
                raise OutputUnreadable("report-absent", summary, place=pattern, hint=hint)
        left = max_bytes
        found: dict[str, str] = {}
        reports = []
        for path in stamps.reports_of(self.root, patterns):
            report = self.read(path, max_bytes=left)
            left -= report.size
            other = found.setdefault(report.sha256, path)
            if other != path and not may_repeat:
                summary = f"`{path}` holds the same bytes as `{other}`: a part may be missing"
                hint = "let each part write a report of its own, and name no part twice"
                raise OutputUnreadable("report-twice", summary, place=path, hint=hint)
            reports.append(report)
        return tuple(reports)

    def read(self, path: str, *, max_bytes: int) -> Report:
        """Read one report.

        Args:
            path: the report, relative to `root`.
            max_bytes: how large it may be.

        Raises:
            OutputUnreadable: where it is outside the project, tracked by git, not whole, or older
                than HEAD's commit, than HEAD's last move or than any file that git tracks here or
                that differs from HEAD; or stamped, and its stamp is of other bytes or files; or
                what it tells of ended before HEAD's commit, or is still to come.
        """
        full = self.root / path
        self.refuse_outside(path)
        report = replace(_read(full, path, max_bytes), named=path)
        if self.git.head() is None:
            hint = "commit once, so that the age of a report can be told"
            raise OutputUnreadable(
                "report-unprovable",
                f"nothing shows that `{path}` was made from this tree",
                hint=hint,
            )
        if self.git.is_tracked(full):
            hint = f"take it out of git: git rm --cached {path}"
            raise OutputUnreadable("report-tracked", f"`{path}` is tracked by git", hint=hint)
        stamp = _stamp(full, self.git)
        if stamp is not None:
            stamps.refuse_foreign(stamp, report, self.git)
        else:
            self.refuse_stale(path)
        _refuse_other_time(report, self.git, is_stamped=stamp is not None)
        return report

    def refuse_outside(self, path: str) -> None:
        """Refuse what lies in no folder of the repository, or of the project where there is none.

        Raises:
            OutputUnreadable: it does.
        """
        top = (self.git.toplevel() or self.root).resolve()
        if not (self.root / path).resolve().is_relative_to(top):
            hint = "let the step before this one write it into the project, and ignore it in git"
            summary = f"`{path}` is outside the project"
            raise OutputUnreadable("report-outside", summary, place=path, hint=hint)

    def refuse_stale(self, path: str, *, hint: str = "") -> None:
        """Refuse a report that the files which lie here are younger than.

        A file that was edited while the report was made, and put back since, is as HEAD has it and
        shows the edit by its time alone.

        Raises:
            OutputUnreadable: it is older than one of them, or that cannot be told.
        """
        full = self.root / path
        stat = full.stat()
        written = min(stat.st_mtime_ns, stat.st_ctime_ns)  # a date in the future proves nothing
        if written < _head_ns(self.git):
            raise OutputUnreadable("report-stale", f"`{path}` is older than HEAD", hint=_AGAIN)
        own = {self.root / name for name in self.named} | {full}
        for changed in self.git.dirty_paths():
            if changed not in own:
                _refuse_later(changed, full, written)
        touched, name = self._touched()
        if touched > written:
            raise OutputUnreadable(
                "report-stale",
                f"`{path}` is older than `{name}`, which was written since, though it is as HEAD"
                " has it",
                hint=hint or f"{_AGAIN}, and stamp it there: gates stamp {path}",
            )

    def _touched(self) -> tuple[int, str]:
        """When the tracked file that was last touched was, and its name."""
        if self._latest is None:
            files = (name for name in self.git.at(self.root).ls_files())
            times = ((_found_ns(self.root / name), name) for name in files)
            self._latest = max(times, default=(0, ""))
        return self._latest


def stamped(root: Path, git: Git, patterns: Sequence[str]) -> tuple[tuple[str, Stamp], ...]:
    """Stamp the reports that paths and globs name; each path with its stamp.

    Raises:
        OutputUnreadable: a pattern names nothing, or a report cannot be read or is older than the
            files, so that it was not made in this step.
        StageError: there is no repository, or a report is one of its files.
    """
    for pattern in patterns:
        if not stamps.reports_of(root, (pattern,)):
            summary = f"no report matches `{pattern}`"
            raise OutputUnreadable("report-absent", summary, place=pattern)
    reports = Reports(root, git)
    done = []
    for path in stamps.reports_of(root, patterns):
        reports.refuse_outside(path)
        _read(root / path, path, DEFAULT_REPORT_LIMIT_BYTES)
        if git.head() is not None:
            reports.refuse_stale(path, hint=_AGAIN)
        done.append((path, stamps.put(root / path, git)))
    return tuple(done)


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


def _refuse_other_time(report: Report, git: Git, *, is_stamped: bool) -> None:
    """Refuse a report that tells itself that it is of another time than its file.

    A stamp says of which files it was made, whenever they were committed.
    """
    from gates.formats.own_time import told

    found = told(report.data)
    if found is None:
        return
    _, ended = found
    committed = 0 if is_stamped else git.commit_time("HEAD") or 0
    if ended + CLOCKS_S < committed:
        summary = f"what `{report.name}` tells of ended before HEAD was committed"
        raise OutputUnreadable("report-stale", summary, place=report.name, hint=_AGAIN)
    # The time of the inode cannot be set: it was there as it is no later than that.
    there = report.path.stat().st_ctime_ns // 10**9
    if ended > there + CLOCKS_S:
        summary = f"what `{report.name}` tells of ends after the file was written"
        hint = f"look at the clock of the machine that made it, and {_AGAIN}"
        raise OutputUnreadable("report-stale", summary, place=report.name, hint=hint)


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


def _found_ns(path: Path) -> int:
    """As `_touched_ns`, and 0 for what is not there; that differs from HEAD."""
    try:
        return _touched_ns(path)
    except (FileNotFoundError, NotADirectoryError):
        return 0


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
