"""What another tool says of packages, held against our own list of them, and rated."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from gates.advisories import families
from gates.advisories.matching import Matcher, Package, Vulnerability
from gates.advisories.osv import PYPI
from gates.advisories.versions import canonical
from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.locked import Locked
from gates.formats.python_names import normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from gates.advisories.inventory import Inventory
    from gates.advisories.sources import Rated, Source, SourceFacts
    from gates.advisories.store import Database
    from gates.formats.pip_audit_json import Audited, AuditReport, Reported, Skipped

LookedUp = dict[Package, tuple["Reported", ...]]
"""Each package that was looked up, with what was found in it."""

_SHOWN: Final = 3


def as_pylock(packages: Iterable[Package]) -> bytes:
    """Write packages as a pylock.toml, the one form in which one name may have two versions."""
    import json

    # A JSON string is a TOML string, but for DEL, which no name and no version holds.
    entries = (
        f"\n[[packages]]\nname = {json.dumps(of.name)}\nversion = {json.dumps(of.version)}\n"
        for of in dict.fromkeys(packages)
    )
    return ('lock-version = "1.0"\ncreated-by = "gates"\n' + "".join(entries)).encode()


def gathered(used: Inventory, reports: Iterable[AuditReport]) -> LookedUp:
    """Put reports together, and hold them against the packages in use.

    Args:
        used: our own list.
        reports: those of the tool; each must have looked something up.

    Raises:
        StageError: `nothing-audited`: a report has no package. `packages-skipped`: a package that
            is not internal was not looked up.
        OutputUnreadable: `contradiction`: a package was looked up that is not in use.
    """
    wanted = {_key(of): of for of in used.packages}
    internal = _internal_names(used)
    done: LookedUp = {}
    for report in reports:
        if not report.audited and not report.skipped:
            raise StageError(
                "nothing-audited",
                "pip-audit reports no package at all",
                hint="name the files that the lock includes, or choose a lock that holds pins",
            )
        _refuse_skipped([of for of in report.skipped if of.name not in internal], len(wanted))
        for of in report.audited:
            package = wanted.get(_key(of))
            if package is not None:
                done[package] = of.vulnerabilities
            elif of.name not in internal:
                raise OutputUnreadable(
                    "contradiction",
                    f"pip-audit looked up `{of.name} {of.version}`, which is not among the"
                    f" {len(wanted)} packages in use",
                    place="pip-audit",
                )
    return done


def agreed(used: Inventory, reports: Mapping[str, AuditReport]) -> LookedUp:
    """Put reports that somebody else had written together, as parts of one whole.

    Args:
        used: the packages in use.
        reports: by name.

    Raises:
        StageError: see `gathered`; `packages-not-examined`: a package is in none of them.
        OutputUnreadable: `contradiction`: two find different vulnerabilities in one package.
    """
    first: dict[tuple[str, str], tuple[str, Audited]] = {}
    for name, report in reports.items():
        for of in report.audited:
            other, known = first.setdefault(_key(of), (name, of))
            if set(known.vulnerabilities) != set(of.vulnerabilities):
                summary = f"`{other}` and `{name}` find different vulnerabilities in {of.name}"
                hint = "let all parts be written with the same service"
                raise OutputUnreadable("contradiction", summary, place=name, hint=hint)
    done = gathered(used, reports.values())
    left = [of for of in used.packages if of not in done]
    if left:
        raise not_examined(left)
    return done


def as_listed(reports: Iterable[AuditReport], internal: Iterable[str]) -> Inventory:
    """The packages that reports name themselves, where no lock does.

    Args:
        reports: those of the tool.
        internal: names of packages that are the project's own.
    """
    from gates.advisories.inventory import Inventory

    every = tuple(reports)
    wanted = {normalised(name): name for name in internal}
    # A package that was skipped has no version.
    names = {of.name: "" for report in every for of in report.skipped}
    names |= {of.name: of.version for report in every for of in report.audited}
    entries = {
        _key(of): Locked(of.name, of.version)
        for report in every
        for of in report.audited
        if of.name not in wanted
    }
    own = tuple(Locked(name, version) for name, version in names.items() if name in wanted)
    unused = tuple(sorted(given for name, given in wanted.items() if name not in names))
    return Inventory(tuple(sorted(entries.values(), key=_order)), own, unused)


def on_internal(used: Inventory, reports: Iterable[AuditReport]) -> tuple[str, ...]:
    """What the tool found in packages that are called internal, one line each; it does not count.

    A public package may have the same name.
    """
    internal = _internal_names(used)
    return tuple(
        f"internal {of.name} {of.version}: pip-audit names {said.id}, which is not counted"
        for report in reports
        for of in report.audited
        for said in of.vulnerabilities
        if of.name in internal
    )


def remaining(left: Sequence[Package], canary: Package, report: AuditReport) -> LookedUp:
    """Read the report on the canary and on packages that no other report looked up.

    Args:
        left: those packages.
        canary: a package that must be found vulnerable.
        report: the tool's.

    Raises:
        StageError: `scanner-blind`: the canary was not found. `packages-skipped` or
            `packages-not-examined`: one of the others was not looked up.
    """
    skipped = {of.name: of.reason for of in report.skipped}
    found = {_key(of): of.vulnerabilities for of in report.audited}
    if not found.get(_key(canary)):
        reason = skipped.get(canary.name)
        raise StageError(
            "scanner-blind",
            f"the scanner is blind: pip-audit did not find {canary}, which is known to be"
            " vulnerable" + (f": {reason}" if reason else ""),
            hint="its silence proves nothing: see which service answers, or use `service: osv`,"
            " or the stage `advisories`",
            place="pip-audit",
        )
    _refuse_skipped(report.skipped, len(left))
    missing = [of for of in left if _key(of) not in found]
    if missing:
        raise not_examined(missing)
    return {of: found[_key(of)] for of in left}


def not_examined(missing: Sequence[Package]) -> StageError:
    """The error that pip-audit left packages out."""
    return StageError(
        "packages-not-examined",
        f"pip-audit did not look up {_some([str(of) for of in missing])}",
        hint="see whether packages were installed while it ran; else use the stage `advisories`",
        place="pip-audit",
    )


@dataclass(frozen=True, slots=True)
class Ratings:
    """Where severities are from.

    Attributes:
        rated: the answer for each vulnerability, in the order asked; several where its names are
            those of several.
        facts: of the source.
        notes: what a reader must know of it.
    """

    rated: tuple[tuple[Rated, ...], ...]
    facts: SourceFacts
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """Where severities may be asked for: a configured database, else a service.

    Attributes:
        environ: the environment variables of `location.VARIABLES`.
        base: the folder from which relative paths count.
        now: the time, in UTC.
        named: path of a database or an export, or empty.
        service: the service to ask where no database is configured.
    """

    environ: Mapping[str, str]
    base: Path
    now: datetime
    named: str
    service: Source

    def rate(self, vulnerabilities: Sequence[tuple[str, ...]]) -> Ratings:
        """Rate vulnerabilities, each given as its id and aliases.

        Raises:
            StageError: the configured database cannot be used; or the service does not answer,
                and there is no database in its place.
        """
        from gates.advisories import location, tally
        from gates.advisories.sources import rate

        with ExitStack() as stack:
            source: Source = self.service
            if self.named or self.environ.get(location.VARIABLE):
                source = stack.enter_context(self._database())
            try:
                answers = rate(source, vulnerabilities)
            except StageError as error:
                if source is not self.service:
                    raise
                try:
                    source = stack.enter_context(self._database())
                except StageError:
                    raise error from None
                answers = rate(source, vulnerabilities)
            unknown = sum(not any(one.known for one in of) for of in answers)
            told = f"severities by {tally.data_note(source.facts)}"
            notes = [told] if vulnerabilities or source is not self.service else []
            if unknown:
                notes.append(f"{unknown} of {len(answers)} vulnerabilities are not in that data")
            return Ratings(answers, source.facts, tuple(notes))

    def _database(self) -> Database:
        from gates.advisories import location

        database = location.open_configured(
            self.environ, base=self.base, now=self.now, named=self.named
        )
        try:
            return database.about(PYPI)
        except StageError:
            database.close()
            raise


def rated(
    found: Iterable[tuple[Package, Reported]], ratings: Iterable[tuple[Rated, ...]]
) -> tuple[Vulnerability, ...]:
    """Join what the tool says with its ratings, one result for each package and vulnerability.

    Args:
        found: each package with what the tool says of it.
        ratings: those of each, in the same order.
    """
    made: dict[tuple[Package, str], Vulnerability] = {}
    for (package, said), each in zip(found, ratings, strict=True):
        for by in each:
            one = vulnerability(package, said, by)
            first = made.setdefault((package, one.id), one)
            fixes = Matcher().sorted((*first.fix_versions, *one.fix_versions))
            made[package, one.id] = replace(first, fix_versions=fixes)
    return tuple(made.values())


def vulnerability(package: Package, said: Reported, by: Rated) -> Vulnerability:
    """Join what the tool says of a vulnerability with what its rating knows."""
    best, *others = families.ordered(by.names)
    matcher = Matcher()
    answers = (matcher.affects(record, package) for record in by.records)
    # pip-audit loses fixes where an advisory spells the package in another way.
    fixes = [*said.fix_versions, *(fix for of in answers if of for fix in of.fix_versions)]
    summaries = (record.summary for record in by.records if record.summary)
    return Vulnerability(
        package=package,
        id=best,
        aliases=tuple(others),
        severity=by.resolved.severity,
        score=by.resolved.score,
        rated_by=by.resolved.source,
        summary=said.description or next(summaries, ""),
        fix_versions=matcher.later(fixes, package.version),
        published=by.published,
        notes=by.resolved.notes,
    )


def _key(of: Package | Audited) -> tuple[str, str]:
    return of.name, canonical(of.version)


def _order(of: Locked) -> tuple[str, str]:
    return of.name, of.version


def _internal_names(used: Inventory) -> frozenset[str]:
    """Internal packages as pip-audit may call them: where a line has no name, by the line."""
    return frozenset(
        normalised(f"{option}{of.name}")
        for of in used.internal
        for option in ("", "-e ", "--editable ", "--editable=")
    )


def _refuse_skipped(skipped: Sequence[Skipped], of: int) -> None:
    if skipped:
        raise StageError(
            "packages-skipped",
            f"pip-audit did not look up {len(skipped)} of {of} packages: {skipped[0].name}"
            f" ({skipped[0].reason})",
            hint="name a package of your own under `internal`; else see whether the service knows"
            " it, or use `service: osv`, or the stage `advisories`",
            place="pip-audit",
        )


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
