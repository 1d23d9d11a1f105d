"""What npm's report and its log say, held against the lock by our own reading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import npm_audit_json, npm_audit_log, npm_ranges
from gates.formats.scanned import Listed, Told
from gates.formats.tool_paths import some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gates.advisories.inventory import Inventory
    from gates.formats.npm_audit_json import Advisory, AuditReport, Vulnerable
    from gates.formats.package_lock import PackageLock

WRITTEN_BY: Final = "npm audit --json --loglevel=silly > out/npm-audit.json 2> out/npm-audit.log"
"""The command that writes a report and a log which together tell what was asked."""


def require_total(report: AuditReport, lock: PackageLock, what: str) -> None:
    """Require that npm read the whole lock.

    Raises:
        OutputUnreadable: `contradiction`: it counts another number of packages.
    """
    if report.total != lock.total:
        raise OutputUnreadable(
            "contradiction",
            f"npm counts {report.total} packages, and the lock has {lock.total}",
            hint="see whether npm read another lock",
            place=what,
        )


def require_asked(used: Inventory, lock: PackageLock, log: bytes, what: str) -> None:
    """Require that npm asked for every package that is to be looked up, and was answered.

    Args:
        used: what is to be looked up.
        lock: the whole lock.
        log: npm's log.
        what: its name, in errors.

    Raises:
        StageError: `packages-untold`, `packages-not-examined`, `audit-failed`.
        OutputUnreadable: the log cannot be read, or `contradiction`.
    """
    asked = npm_audit_log.asked(log, what=what)
    if asked is None:
        raise StageError(
            "packages-untold",
            "npm's log does not tell for which packages it asked",
            hint=f"see whether a `.npmrc` sets `audit` or `offline`; a log comes of `{WRITTEN_BY}`",
            place=what,
        )
    wanted = {(of.name, of.version) for of in used.entries}
    missing = [" ".join(of) for of in wanted - asked]
    if missing:
        raise StageError(
            "packages-not-examined",
            f"npm did not ask for {len(missing)} of {len(wanted)} packages: {some(missing)}",
            hint="see whether a `.npmrc` chooses a `workspace`, and say under `omit` what is"
            " left out; a lock of version 1 with aliases is to be made anew",
            place=what,
        )
    known = {(of.package.name, of.package.version) for of in lock.places}
    strange = [" ".join(of) for of in asked - known]
    if strange:
        summary = f"npm asked for packages that are not in the lock: {some(strange)}"
        raise OutputUnreadable("contradiction", summary, place=what)
    if not npm_audit_log.was_answered(log):
        raise StageError(
            "audit-failed",
            "npm's log tells of no answer to its request for advisories",
            hint=npm_audit_json.ASK_ANEW,
            place=what,
        )


def told(report: AuditReport, lock: PackageLock) -> Iterator[Told]:
    """Each advisory with each package and version that it is about.

    An entry of npm names places of several versions, and advisories that are about some of them.

    Raises:
        OutputUnreadable: `contradiction`: the lock has no such package at a place.
    """
    places = {of.location: of.package for of in lock.places}
    for vulnerable in report.vulnerable:
        versions: dict[str, None] = {}
        for at in vulnerable.places:
            package = places.get(at)
            if package is None or package.name != vulnerable.name:
                summary = f"npm finds `{vulnerable.name}` at `{at}`, where the lock has none"
                raise OutputUnreadable("contradiction", summary, place="npm audit")
            versions[package.version] = None
        for advisory in vulnerable.advisories:
            judged = {of: npm_ranges.affects(advisory.range, of) for of in versions}
            hit = [of for of, affects in judged.items() if affects is not False]
            # npm names no advisory that is about none of the places.
            yield from (_told(vulnerable, advisory, of) for of in hit or versions)


def _told(vulnerable: Vulnerable, advisory: Advisory, version: str) -> Told:
    fix = npm_ranges.fixed_in(advisory.range, version)
    return Told(
        package=Listed("npm", vulnerable.name, version),
        id=advisory.id,
        aliases=advisory.aliases,
        severity=advisory.severity,
        ratings=(("CVSS_V3", advisory.vector),) if advisory.vector else (),
        cwe=advisory.cwe,
        summary=advisory.title,
        fix_versions=(fix,) if fix else (),
    )
