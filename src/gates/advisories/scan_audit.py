"""What other scanners report of packages, counted, rated, and held against the project's lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final

from gates.advisories import documented, families, tally
from gates.advisories.inventory import Inventory
from gates.advisories.matching import Matcher, Package, Vulnerability
from gates.advisories.osv import Rating
from gates.advisories.severity import Resolved, of_ratings, of_score
from gates.advisories.versions import canonical
from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import Artifact, StageResult, Tool
from gates.formats import package_lock
from gates.formats.counts import counted
from gates.formats.locked import Locked, Scope
from gates.formats.scanned import Listed
from gates.formats.tool_paths import relative, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gates.domain.finding import Finding
    from gates.domain.metric import Metric, MetricSpec
    from gates.formats.scanned import Scan, Told

SUPPRESSED: Final = "suppressed"
_DATE_LENGTH: Final = len("2026-01-31")


def specs(*, is_dated: bool = False) -> tuple[MetricSpec, ...]:
    """The metrics of a stage that judges a scanner's report.

    Args:
        is_dated: the report tells how old the scanner's data is.
    """
    suppressed = counted(
        SUPPRESSED,
        "vulnerabilities that the scanner's own rules leave out",
        "suppressed vulnerabilities",
    )
    age = (tally.age_spec(is_optional=False),) if is_dated else ()
    return (*tally.by_severity(), suppressed, *age)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanAudit:
    """How reports of a scanner are judged.

    Attributes:
        scanner: its name.
        root: the project's folder.
        today: the day of the run (UTC).
        written_by: the command that writes a report which tells what is needed.
        used: the packages of the project's lock; None where no lock is named.
        omits_dev: packages that only development needs may be missing in the report.
        stand_in: packages that are taken as examined where the report does not list them, and the
            file that lists them; None where there is none.
        is_dated: the report must tell how old the scanner's data is.
    """

    scanner: str
    root: Path
    today: date
    written_by: str
    used: Inventory | None = None
    omits_dev: bool = False
    stand_in: tuple[str, frozenset[Listed]] | None = None
    is_dated: bool = False

    def result(self, scan: Scan) -> StageResult:
        """Count what was found, once it is known what was examined.

        Raises:
            StageError: `packages-untold`, `nothing-examined`, `packages-not-examined`,
                `other-project`, `data-undated`.
            OutputUnreadable: `contradiction`.
        """
        self._require_own(scan)
        number, notes = self._examined(scan)
        live, left_out = self._by_standing(scan)
        entries = self._entries(scan)
        metrics, findings = _tallied(live, left_out, entries, self.today)
        age = self._age(scan)
        asked = () if self.used is not None else (documented.NOT_ASKED,)
        return StageResult(
            metrics=(*metrics, *age),
            examined=Examined(count=number, unit="packages"),
            findings=findings,
            artifacts=_artifacts(self.used),
            tool=Tool(name=self.scanner, version=scan.version),
            notes=(*notes, *asked, *scan.notes, *(self.used.notes if self.used else ())),
        )

    def _require_own(self, scan: Scan) -> None:
        """Without a lock, not all that was scanned may lie outside of the project."""
        outside = [
            of for of in scan.places if self._shown(of).startswith("/") or of.startswith("../")
        ]
        if self.used is None and outside and len(outside) == len(scan.places):
            raise StageError(
                "other-project",
                f"{self.scanner} scanned nothing of this project, but {some(outside)}",
                hint="let it scan the project's folder; or name `lock`, so that its packages are"
                " looked for in the report",
                place=self.scanner,
            )

    def _examined(self, scan: Scan) -> tuple[int, tuple[str, ...]]:
        notes: tuple[str, ...] = ()
        if scan.packages is not None:
            self._require_lock(scan.packages)
            number = len(scan.packages)
        elif scan.count:
            self._require_number(scan.count)
            number = scan.count
            if len(scan.projects) > 1:
                notes = (f"the packages of {len(scan.projects)} projects are added up",)
        elif self.stand_in is None:
            raise self._untold()
        else:
            file, packages = self.stand_in
            self._require_within(scan, file, packages)
            self._require_lock(packages)
            number = len(packages)
            told = f"{self.scanner}'s report does not list packages"
            notes = (f"{told}: the {number} of {file} are taken as examined",)
        if not number:
            raise StageError(
                "nothing-examined",
                f"{self.scanner} examined no package",
                hint="let it read the project's lock",
                place=self.scanner,
            )
        return number, notes

    def _untold(self) -> StageError:
        return StageError(
            "packages-untold",
            f"{self.scanner}'s report does not tell which packages were examined",
            hint=f"write it with `{self.written_by}`",
            place=self.scanner,
        )

    def _require_within(self, scan: Scan, file: str, packages: frozenset[Listed]) -> None:
        known = {_key(of) for of in packages}
        for of in scan.told:
            if _key(of.package) not in known:
                raise OutputUnreadable(
                    "contradiction",
                    f"{self.scanner} tells {of.id} of {of.package}, which `{file}` does not list",
                    hint="let the scanner read that file, and no other",
                    place=file,
                )

    def _require_lock(self, packages: frozenset[Listed]) -> None:
        """Every package of the lock must have been looked at."""
        known = {_key(of) for of in packages}
        wanted = self._wanted()
        missing = [str(of) for of in wanted if _key(of) not in known]
        if missing:
            number = f"{len(missing)} of {len(wanted)}"
            raise StageError(
                "packages-not-examined",
                f"{self.scanner} did not look at {number} packages of the lock: {some(missing)}",
                hint="let it read the lock whole, development packages too, or say `omit: [dev]`",
                place=self.scanner,
            )

    def _require_number(self, number: int) -> None:
        """Where a number alone is told, it must not be lower than that of the lock's packages."""
        wanted = len(frozenset(map(_key, self._wanted())))
        if number < wanted:
            raise StageError(
                "packages-not-examined",
                f"{self.scanner} looked at {number} packages, and the lock has {wanted}",
                hint="let it test every project and development packages too; name as `lock` what"
                " it reads",
                place=self.scanner,
            )

    def _wanted(self) -> tuple[Listed, ...]:
        """The packages of the lock that must have been looked at; none without a lock."""
        entries = self.used.entries if self.used is not None else ()
        return tuple(
            _listed(of) for of in entries if not (self.omits_dev and of.scope is Scope.DEVELOPMENT)
        )

    def _by_standing(
        self, scan: Scan
    ) -> tuple[tuple[Vulnerability, ...], tuple[Vulnerability, ...]]:
        """What counts, and what the scanner's own rules leave out."""
        live = vulnerabilities(of for of in scan.told if not of.suppressed)
        known = {(of.package, name) for of in live for name in (of.id, *of.aliases)}
        left = vulnerabilities(of for of in scan.told if of.suppressed)
        return live, tuple(of for of in left if (of.package, of.id) not in known)

    def _entries(self, scan: Scan) -> Inventory:
        """The packages with findings, each with the file that brings it."""
        locked = {(of.name, of.version): of for of in (self.used.entries if self.used else ())}
        entries: dict[tuple[str, str], Locked] = {}
        if self.used is None:
            # Without a lock no scope is known, also where nothing was found.
            entries["", ""] = Locked("", "")
        for of in scan.told:
            key = (of.package.name, of.package.version)
            known = locked.get(key)
            place = self._shown(of.place) or (known.place if known is not None else "")
            scope = known.scope if known is not None else Scope.UNKNOWN
            entries.setdefault(key, Locked(*key, scope=scope, place=place))
        files = tuple((place, "") for place in {of.place for of in entries.values()} if place)
        return Inventory(tuple(entries.values()), files=files)

    def _shown(self, place: str) -> str:
        """A file as the project knows it; what is no file of it only where it is absolute."""
        roots = str(self.root), str(self.root.resolve())
        path = relative(place.removeprefix("file://"), *roots)
        if path in roots:
            return ""
        # Some scanners name a file from the folder that they scanned, as if it were the top.
        below = path.lstrip("/")
        if below and (self.root / below).is_file():
            return below
        return path if path.startswith("/") else ""

    def _age(self, scan: Scan) -> tuple[Metric, ...]:
        from gates.advisories.sources import SourceFacts

        if not self.is_dated:
            return ()
        if not scan.data_date:
            raise StageError(
                "data-undated",
                f"{self.scanner}'s report does not tell when its data was made",
                hint=f"write every part of it with `{self.written_by}`",
                place=self.scanner,
            )
        try:
            day = date.fromisoformat(scan.data_date[:_DATE_LENGTH])
        except ValueError:
            summary = f"the data's date is `{scan.data_date[:40]}`"
            raise OutputUnreadable("date-unreadable", summary, place=self.scanner) from None
        made = datetime(day.year, day.month, day.day, tzinfo=UTC)
        age = tally.age(SourceFacts(self.scanner, made), self.today)
        return () if age is None else (age,)


def vulnerabilities(told: Iterable[Told]) -> tuple[Vulnerability, ...]:
    """Put together what is one vulnerability of one package, however often it is told."""
    by_package: dict[Listed, list[Told]] = {}
    for of in told:
        by_package.setdefault(of.package, []).append(of)
    return tuple(
        one
        for package, every in by_package.items()
        for group in _groups(every)
        for one in _of_group(Package(package.name, package.version), group)
    )


def resolved(of: Told) -> Resolved:
    """The severity of what is told: by the scanner's word, else by the highest CVSS."""
    by_rating = of_ratings([(of.id, (Rating(kind, text) for kind, text in of.ratings))])
    score = by_rating.score if by_rating.score is not None else of.score
    if of.severity is not Severity.UNKNOWN:
        return replace(by_rating, severity=of.severity, score=score, source=of.id, notes=())
    if by_rating.severity is Severity.UNKNOWN and of.score is not None and not by_rating.notes:
        return replace(by_rating, severity=of_score(of.score, version=3), score=of.score)
    return by_rating


def listed_of(used: Inventory) -> frozenset[Listed]:
    """The packages of locks as scanners list them."""
    return frozenset(_listed(of) for of in used.entries)


def _groups(told: list[Told]) -> Iterable[list[Told]]:
    groups: dict[int, list[Told]] = {}
    numbers = families.numbered([(of.id, *of.aliases) for of in told])
    for of, number in zip(told, numbers, strict=True):
        groups.setdefault(number, []).append(of)
    return groups.values()


def _of_group(package: Package, told: list[Told]) -> Iterable[Vulnerability]:
    for part in families.parted([(of.id, *of.aliases) for of in told]):
        members = [told[place] for place in part.places]
        ratings = [resolved(of) for of in members]
        worst = max(ratings, key=_weight)
        fixes = [fix for of in members for fix in of.fix_versions]
        reasons = dict.fromkeys(of.suppressed for of in members if of.suppressed)
        remarks = (*worst.notes, *(f"suppressed: {why}" for why in reasons))
        yield Vulnerability(
            package=package,
            id=part.names[0],
            aliases=part.names[1:],
            severity=worst.severity,
            score=worst.score,
            rated_by=worst.source,
            summary=next((of.summary for of in members if of.summary), ""),
            fix_versions=Matcher().later(fixes, package.version),
            published=None,
            notes=remarks,
            cwe=tuple(dict.fromkeys(number for of in members for number in of.cwe)),
        )


def _weight(of: Resolved) -> tuple[bool, int]:
    return of.severity is not Severity.UNKNOWN, -of.severity.rank


def _tallied(
    live: tuple[Vulnerability, ...],
    left_out: tuple[Vulnerability, ...],
    entries: Inventory,
    today: date,
) -> tuple[tuple[Metric, ...], tuple[Finding, ...]]:
    no_grace: Mapping[str, int] = {}
    known = tally.tally(live, entries, grace=no_grace, today=today)
    hidden = tally.tally(left_out, entries, grace=no_grace, today=today).findings
    metrics = tuple(of for of in known.metrics if of.name != tally.IN_GRACE)
    return (*metrics, count(SUPPRESSED, len(hidden))), (
        *known.findings,
        *(replace(of, counts=(SUPPRESSED,)) for of in hidden),
    )


def _listed(of: Locked) -> Listed:
    is_npm = package_lock.is_lock(of.place)
    return Listed("npm" if is_npm else "pypi", of.name, of.version)


def _key(of: Listed) -> Listed:
    return replace(of, version=canonical(of.version)) if of.ecosystem == "pypi" else of


def _artifacts(used: Inventory | None) -> tuple[Artifact, ...]:
    files = used.files if used is not None else ()
    return tuple(Artifact(path=name, sha256=digest) for name, digest in files)
