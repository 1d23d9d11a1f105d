"""A stored roll-up read back, with the record of each project that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.plan import Policy
from gates.domain.rollup import GRAVITY, OWN, Outcome, ProjectRun, RollUp, verdict_over
from gates.domain.run import Run, Where
from gates.domain.status import Verdict
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json
from gates.reports import stored
from gates.reports.rollup_v1 import SCHEMA, project
from gates.reports.stored_checks import SIGNAL_BASE, SIGNALS, SLUG
from gates.reports.stored_values import maybe, moment, one_of, seconds, text, texts
from gates.toolkit.files import Report, read_report

ReadRecord = Callable[[str], Report]
"""Reads the record at a path relative to the folder that names the projects."""

HINT = "run `gates check` again: it writes new records"


def of_folder(data: bytes, path: Path, root: Path) -> RollUp:
    """Read a roll-up whose records lie below a folder.

    Args:
        data: its bytes.
        path: the file that held them.
        root: the folder that names the projects.

    Raises:
        OutputUnreadable: as `read`.
    """
    done = read(data, what=path.name, read_record=lambda name: read_report(root / name))
    projects = tuple(_located(each, root) for each in done.projects)
    return replace(done, projects=projects, folder=str(path.parent))


def _located(project: ProjectRun, root: Path) -> ProjectRun:
    """A project whose run knows its folder, so that reports tell of its logs."""
    if project.run is None:
        return project
    return replace(project, run=replace(project.run, folder=str((root / project.record).parent)))


def read(data: bytes, *, what: str, read_record: ReadRecord) -> RollUp:
    """Read a roll-up, and each record that it names.

    Raises:
        OutputUnreadable: where it is no whole roll-up of this schema or contradicts itself, or
            where a record is absent, is not the one that it names, or is none.
    """
    try:
        return _rollup(read_json(data, what=what), read_record)
    except OutputUnreadable as error:
        found = error.problem
        raise OutputUnreadable(found.slug, found.summary, place=found.place, hint=HINT) from None


def _rollup(top: Value, read_record: ReadRecord) -> RollUp:
    found = top.find("schema")
    if found is None or found.text() != SCHEMA:
        raise top.unreadable(f"is no record of the schema `{SCHEMA}`", slug="record-schema")
    where = top.member("where")
    rollup = RollUp(
        id=top.member("id").text(),
        project=top.member("project").text(),
        level=top.member("level").count(),
        projects=tuple(_project(each, read_record) for each in top.member("projects").items()),
        verdict=one_of(Verdict, top.member("verdict")),
        exit_code=top.member("exit_code").count(),
        complete=top.member("complete").flag(),
        started=moment(top.member("started")),
        seconds=seconds(top.member("seconds")),
        commit=text(top, "commit"),
        tree=text(top, "tree"),
        dirty=top.member("dirty").flag(),
        base=text(top, "base"),
        selection=text(top, "selection"),
        where=Where(
            host=where.member("host").text(),
            os=where.member("os").text(),
            cpus=where.member("cpus").count(),
            ci=text(where, "ci"),
        ),
        originator=top.member("originator").text(),
        gates_version=top.member("gates_version").text(),
        policy=Policy(
            source=top.member("policy", "source").text(),
            sha256=top.member("policy", "sha256").text(),
        ),
        notes=texts(top.member("notes")),
    )
    _check(rollup, top)
    return rollup


def _project(entry: Value, read_record: ReadRecord) -> ProjectRun:
    path = entry.member("path").text()
    slug, reason = text(entry, "error"), entry.member("reason").text()
    problem = None
    if slug is not None:
        place, hint = entry.member("error_place").text(), entry.member("hint").text()
        problem = Problem(slug, reason, place=place, hint=hint)
    made = ProjectRun(
        path=path,
        name=entry.member("name").text(),
        outcome=one_of(Outcome, entry.member("outcome")),
        reason=reason,
        problem=problem,
        run=_run(entry, path, read_record),
        record=text(entry, "record") or "",
        sha256=text(entry, "sha256") or "",
        listed=maybe(entry, "listed", Value.count),
    )
    _check_project(made, entry)
    return made


def _run(entry: Value, path: str, read_record: ReadRecord) -> Run | None:
    """The run behind a project, from the one place where its record can lie."""
    run_id, record = text(entry, "run"), text(entry, "record")
    if run_id is None or record is None:
        return None
    where = entry.member("record")
    inside = f".gates/local/runs/{run_id}/run.json"
    steps = {"", ".", ".."} & {*([] if path == OWN else path.split("/")), *run_id.split("/")}
    if record != (inside if path == OWN else f"{path}/{inside}") or steps or "/" in run_id:
        raise where.unreadable("is not where the project keeps that run", slug=SLUG)
    found = read_record(record)
    if found.sha256 != entry.member("sha256").text():
        problem = f"is not the file that was judged by: its sha256 is {found.sha256} now"
        raise where.unreadable(problem, slug="record-changed")
    return stored.read(found.data, what=record)


def _check_project(made: ProjectRun, entry: Value) -> None:
    """All that is said of a project is what its record makes of it."""
    judged, errored = made.outcome is Outcome.JUDGED, made.outcome is Outcome.ERRORED
    if judged != (made.run is not None) or errored != (made.problem is not None):
        raise entry.member("outcome").unreadable("contradicts what is told with it", slug=SLUG)
    if (made.outcome is Outcome.UNAFFECTED) != bool(made.listed):
        raise entry.member("listed").unreadable("contradicts the outcome", slug=SLUG)
    for name, due in project(made).items():
        found = entry.member(name)
        if found.raw != due or type(found.raw) is not type(due):
            raise found.unreadable("is not what the project's record says", slug=SLUG)


def _check(rollup: RollUp, top: Value) -> None:
    """The verdict is that of the projects, or errored where something else went wrong."""
    paths = [each.path for each in rollup.projects]
    if len(set(paths)) < len(paths):
        raise top.member("projects").unreadable("hold one twice", slug=SLUG)
    due, verdict = verdict_over(rollup.projects), rollup.verdict
    is_graver = verdict is Verdict.ERRORED and GRAVITY.index(due) < GRAVITY.index(verdict)
    if verdict is not due and not is_graver:
        problem = f"is `{verdict}`, its projects make it `{due}`"
        raise top.member("verdict").unreadable(problem, slug=SLUG)
    code = rollup.exit_code
    if rollup.complete:
        is_due = code == verdict.exit_code
    else:
        is_due = SIGNAL_BASE < code <= SIGNAL_BASE + SIGNALS
        is_due = is_due and verdict in {Verdict.ERRORED, Verdict.FAILED}
    if not is_due:
        raise top.member("exit_code").unreadable(f"is {code}, which contradicts", slug=SLUG)
    if rollup.complete and any(each.run and not each.run.complete for each in rollup.projects):
        raise top.member("complete").unreadable("contradicts the projects", slug=SLUG)
