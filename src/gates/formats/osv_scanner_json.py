"""What OSV-Scanner 1.x and 2.x write with `--format json`: sources, packages, OSV records.

Form: https://google.github.io/osv-scanner/output/. A package is listed without vulnerabilities
only by `--all-packages`. `groups` say which records are one vulnerability; their `max_severity` is
the number of a CVSS score, or empty where there is none, which is unknown and not low. The report
names no version of its own, so a member that is not understood is all that tells a later form.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Final

from gates.formats import strict_json
from gates.formats.scanned import (
    Listed,
    Scan,
    Told,
    filled,
    items,
    one_line,
    optional_text,
    texts,
    weaknesses,
)
from gates.formats.strict_json import Value

_MOST: Final = Decimal(10)


def read(data: bytes, *, what: str) -> Scan:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report; a source lists no package; a group names a record
            that is not there; or a record belongs to no group or to several.
    """
    document = strict_json.read(data, what=what)
    packages: set[Listed] = set()
    told: list[Told] = []
    places: set[str] = set()
    tells_all = False
    # The list is there also where nothing was found.
    for result in document.member("results").items():
        place = filled(result.member("source"), "path")
        places.add(place)
        if not result.member("packages").array():
            # OSV-Scanner lists a source for the sake of its packages.
            raise result.member("packages").unreadable("is empty: nothing was read in that source")
        for entry in result.member("packages").items():
            listed = _listed(entry.member("package"))
            found = tuple(_told(entry, listed, place))
            tells_all = tells_all or not found
            packages.add(listed)
            told += found
    return Scan(
        packages=frozenset(packages) if tells_all else None,
        told=tuple(told),
        places=frozenset(places),
    )


def _listed(package: Value) -> Listed:
    version = optional_text(package, "version") or optional_text(package, "commit")
    if not version:
        raise package.unreadable("has neither a version nor a commit")
    # What is a commit of a repository alone has no ecosystem, and may have no name.
    ecosystem = optional_text(package, "ecosystem") or "git"
    return Listed.of(ecosystem, optional_text(package, "name") or "commit", version)


def _told(entry: Value, listed: Listed, place: str) -> Iterator[Told]:
    records = {filled(of, "id"): of for of in items(entry, "vulnerabilities")}
    if len(records) != len(items(entry, "vulnerabilities")):
        raise entry.member("vulnerabilities").unreadable("holds a record twice")
    left = set(records)
    for group in items(entry, "groups"):
        ids = texts(group, "ids")
        if not ids or not set(ids) <= left:
            raise group.unreadable("names no record, or one that is not there or in another group")
        left -= set(ids)
        yield _of_group(group, [records[name] for name in ids], listed, place)
    if left:
        raise entry.unreadable(f"has a record in no group: {min(left)[:60]}")


def _of_group(group: Value, records: list[Value], listed: Listed, place: str) -> Told:
    first, *others = (filled(of, "id") for of in records)
    aliases = {name for of in records for name in texts(of, "aliases")}
    rest = {*others, *aliases, *texts(group, "aliases")} - {first}
    summaries = [optional_text(of, key) for key in ("summary", "details") for of in records]
    return Told(
        package=listed,
        id=first,
        aliases=tuple(sorted(rest)),
        ratings=tuple(dict.fromkeys(rating for of in records for rating in _ratings(of))),
        score=_score(group),
        cwe=weaknesses(name for of in records for name in _cwe(of)),
        summary=one_line(next(filter(None, summaries), "")),
        fix_versions=tuple(dict.fromkeys(v for of in records for v in _fixes(of, listed))),
        place=place,
        suppressed=_suppressed(records),
    )


def _suppressed(records: list[Value]) -> str:
    """OSV-Scanner leaves ignored vulnerabilities out; a withdrawn record is none any more."""
    return "withdrawn" if all(optional_text(of, "withdrawn") for of in records) else ""


def _score(group: Value) -> Decimal | None:
    text = optional_text(group, "max_severity")
    if not text:
        return None
    try:
        score = Decimal(text)
    except InvalidOperation:
        score = Decimal(-1)
    if not score.is_finite() or not 0 <= score <= _MOST:
        raise group.member("max_severity").unreadable(f"is no CVSS score: `{text[:20]}`")
    # OSV-Scanner writes 0 also where no rating can be read.
    return score or None


def _ratings(record: Value) -> Iterator[tuple[str, str]]:
    for holder in (record, *items(record, "affected")):
        for entry in items(holder, "severity"):
            yield filled(entry, "type"), entry.member("score").text()
        specific = holder.find("database_specific")
        label = specific.mapping().get("severity") if specific is not None else None
        if isinstance(label, str):
            yield "label", label


def _cwe(record: Value) -> tuple[str, ...]:
    specific = record.find("database_specific")
    names = specific.mapping().get("cwe_ids") if specific is not None else None
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _fixes(record: Value, listed: Listed) -> Iterator[str]:
    for affected in items(record, "affected"):
        package = affected.find("package")
        if package is None:
            continue
        named = Listed.of(filled(package, "ecosystem"), filled(package, "name"), listed.version)
        if named != listed:
            continue
        for of in items(affected, "ranges"):
            if optional_text(of, "type") != "GIT":
                yield from (text for event in items(of, "events") if (text := _fixed(event)))


def _fixed(event: Value) -> str:
    return optional_text(event, "fixed")
