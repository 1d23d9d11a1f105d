"""What `snyk test --json` writes: one object, or an array of them for several projects.

Form: https://docs.snyk.io/ (`snyk test`, `--json`), seen in reports of the CLI 1.x. A vulnerability
stands once for each path by which it comes in. `dependencyCount` is how many packages were looked
up. What `.snyk` ignores stands in `filtered`. A failure is an object with `error` in their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gates.domain.errors import StageError
from gates.domain.finding import Severity
from gates.formats import strict_json
from gates.formats.scanned import (
    Listed,
    Scan,
    Told,
    by_table,
    filled,
    one_line,
    optional_text,
    texts,
    weaknesses,
)
from gates.formats.strict_json import Value

SEVERITIES: Final[Mapping[str, Severity]] = {
    "critical": Severity.CRITICAL,
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
}
"""Snyk's words; there is no other."""

_PYTHON: Final = frozenset({"pip", "pipenv", "poetry"})


def read(data: bytes, *, what: str) -> Scan:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report; `ok` contradicts what is listed; or a project
            stands there twice.
        StageError: `scan-failed`: Snyk says that a project could not be tested.
            `scan-in-part`: vulnerabilities below a severity were left out.
            `nothing-examined`: a project has no dependency.
    """
    document = strict_json.read(data, what=what)
    is_many = isinstance(document.raw, list)
    projects = tuple(document.items()) if is_many else (document,)
    if not projects:
        raise document.unreadable("holds no project")
    told: list[Told] = []
    count = 0
    names: list[str] = []
    for project in projects:
        _refuse_failed(project)
        name = _project_name(project)
        if name in names:
            raise project.unreadable(f"tells of the project {name} once more")
        names.append(name)
        count += _number(project, name)
        told += _of_project(project)
    places = frozenset(of for of in map(_target, projects) if of)
    return Scan(packages=None, told=tuple(told), count=count, places=places, projects=tuple(names))


def _target(project: Value) -> str:
    return optional_text(project, "displayTargetFile") or optional_text(project, "targetFile")


def _project_name(project: Value) -> str:
    """What tells a project from another; its folder does not: it is another on each machine."""
    words = (
        optional_text(project, "projectName"),
        _target(project),
        optional_text(project, "packageManager"),
    )
    return "`" + ", ".join(one_line(word, limit=80) for word in words if word) + "`"


def _number(project: Value, name: str) -> int:
    number = project.member("dependencyCount").count()
    if not number:
        raise StageError(
            "nothing-examined",
            f"snyk looked up no dependency of the project {name}",
            hint="let snyk find its lock, or leave it out with `--exclude`",
            place=project.what,
        )
    return number


def _refuse_failed(project: Value) -> None:
    error = project.find("error")
    if error is not None:
        said = error.raw if isinstance(error.raw, str) else optional_text(project, "message")
        code = project.mapping().get("code", "")
        raise StageError(
            "scan-failed",
            f"snyk could not test a project: {one_line(said, limit=160) or 'it says no reason'}"
            + (f" (code {code})" if isinstance(code, str | int) and code != "" else ""),
            hint="see that snyk is signed in and finds the project's files, and test again",
            place=project.what,
        )
    threshold = optional_text(project, "severityThreshold")
    if threshold not in {"", "low"}:
        raise StageError(
            "scan-in-part",
            f"snyk was told to leave out what is below `{threshold[:20]}`",
            hint="test without `--severity-threshold`: the gate's conditions decide",
            place=project.what,
        )


def _of_project(project: Value) -> tuple[Told, ...]:
    live = tuple(_vulnerabilities(project, project.member("vulnerabilities")))
    if project.member("ok").flag() == bool(tuple(project.member("vulnerabilities").items())):
        word = "true" if project.member("ok").flag() else "false"
        raise project.member("ok").unreadable(f"is {word}, against what is listed")
    told = list(live)
    filtered = project.find("filtered")
    for key in ("ignore", "patch") if filtered is not None else ():
        entries = filtered.find(key) if filtered is not None else None
        if entries is not None:
            told += _vulnerabilities(project, entries, suppressed=f"snyk: {key}")
    return tuple(told)


def _vulnerabilities(project: Value, entries: Value, *, suppressed: str = "") -> Iterator[Told]:
    place = _target(project)
    for entry in entries.items():
        if optional_text(entry, "type") == "license":
            continue
        yield _told(entry, optional_text(project, "packageManager"), place, suppressed)


def _told(entry: Value, manager: str, place: str, suppressed: str) -> Told:
    name = optional_text(entry, "packageName") or filled(entry, "name")
    kind = optional_text(entry, "packageManager") or manager
    vector = optional_text(entry, "CVSSv3")
    score = entry.find("cvssScore")
    names = entry.find("identifiers")
    fixes = (fix for fix in texts(entry, "fixedIn") if fix.strip())
    return Told(
        package=Listed.of("pypi" if kind in _PYTHON else kind, name, filled(entry, "version")),
        id=filled(entry, "id"),
        aliases=_names(names, "CVE") + _names(names, "GHSA"),
        severity=by_table(entry.member("severity"), SEVERITIES),
        ratings=(("CVSS_V3", vector),) if vector else (),
        score=None if score is None else score.number(),
        cwe=weaknesses(_names(names, "CWE")),
        summary=one_line(optional_text(entry, "title")),
        fix_versions=tuple(fixes),
        place=place,
        suppressed=suppressed,
    )


def _names(identifiers: Value | None, key: str) -> tuple[str, ...]:
    return () if identifiers is None else texts(identifiers, key)
