"""Detect-secrets' report and baseline (`detect-secrets scan`), written by detect-secrets 1.x.

Both are one JSON format. It names each secret by its bare SHA-1, from which a short one is guessed
in no time; `fingerprint` makes of it what may be kept and shown.
"""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import strict_json
from gates.formats.strict_json import Value

BUILT_IN_FILTERS = "detect_secrets.filters."
"""What the names of the tool's own filters begin with."""

NO_UPGRADE = "999.0.0"
"""A version above every other: the tool takes the settings as they stand."""

LIMITS = {"Base64HighEntropyString": 4.5, "HexHighEntropyString": 3.0}
"""The tool's own limits of entropy, in bits a sign; below one, a string is not looked at."""

EXCLUDE = "keyword_exclude"
"""A detector's own pattern of lines to pass over."""

ROUNDS = 10_000
"""Rounds of PBKDF2 (RFC 8018) for a fingerprint: about 5 ms, for us and for each guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One result.

    Attributes:
        rule: what kind of secret, in the tool's words.
        path: relative to the folder in which the tool ran.
        line: 1-based; 0 where it is not told.
        digest: SHA-1 of the secret, hexadecimal. Not to be kept or shown.
        is_secret: what a person said of it in an audit; None where nobody did.
    """

    rule: str
    path: str
    line: int
    digest: str = field(repr=False)
    is_secret: bool | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two results the same one; the line is not part of it."""
        return self.path, self.rule, self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsReport:
    """The parts of a report, or of a baseline, that are judged.

    Attributes:
        version: of the tool that wrote it.
        detectors: class names of the detectors that were on.
        filters: names of the filters that were on, the two without which it never runs left out.
        entries: all results.
    """

    version: str
    detectors: tuple[str, ...]
    filters: tuple[str, ...]
    entries: tuple[Entry, ...]


def parse(data: bytes, *, what: str) -> SecretsReport:
    """Read the report of a scan.

    Raises:
        OutputUnreadable: not JSON, not detect-secrets', or the settings of `seed` as they were
            handed over, which hold no result because nothing was scanned.
    """
    document = strict_json.read(data, what=what)
    document.member("generated_at").text()
    document.member("filters_used")
    return _report(document)


def parse_baseline(data: bytes, *, what: str) -> SecretsReport:
    """Read a baseline, which may be older than the tool.

    Raises:
        OutputUnreadable: not JSON, or not detect-secrets'.
        StageError: it names a filter of the project's own. Such a filter is code that may hide any
            file after the tool said that it would look at it.
    """
    report = _report(strict_json.read(data, what=what))
    for name in report.filters:
        if not name.startswith(BUILT_IN_FILTERS):
            raise StageError(
                "filter-unwatched",
                f"the baseline names a filter of its own, `{name}`, and what it hides is not seen",
                hint="make the baseline without it, or use `exclude`",
                place=what,
            )
    return report


def raised_limits(baseline: bytes, *, what: str) -> tuple[str, ...]:
    """What to tell of detectors that see less than they would by the tool's own limits.

    Raises:
        OutputUnreadable: not JSON, or not detect-secrets'.
    """
    told = []
    for each in strict_json.read(baseline, what=what).member("plugins_used").items():
        name, limit = each.member("name").text(), each.find("limit")
        if name in LIMITS and limit is not None and limit.number() > LIMITS[name]:
            told.append(
                f"`{what}` sets the limit of `{name}` to {limit.number()}, above the tool's own"
                f" {LIMITS[name]}; what is below it is not looked at"
            )
    return tuple(told)


def seed(baseline: bytes, *, what: str, bare: bool = False) -> bytes:
    """The settings of a scan in the form of a baseline without results.

    The tool reads its settings from there and writes its report over them. What is handed over has
    no `generated_at`, so that it cannot be taken for a report.

    Args:
        baseline: whose detectors and filters to use; empty: the tool's own.
        what: its name, for messages.
        bare: without the patterns by which detectors themselves pass over lines.

    Raises:
        OutputUnreadable: the baseline is no JSON object.
    """
    import json

    if not baseline:
        return json.dumps({"version": NO_UPGRADE, "results": {}}).encode()
    settings = dict(strict_json.read(baseline, what=what).mapping())
    settings.pop("generated_at", None)
    settings["results"] = {}
    if bare:
        settings["plugins_used"] = [_unexcluding(each) for each in _listed(settings)]
    return json.dumps(settings, default=float).encode()


def render(report: SecretsReport, names: Mapping[Entry, str], examined: Collection[str]) -> bytes:
    """The report that may be kept: fingerprints for digests, and the files that were read.

    Args:
        report: the settings are taken from it.
        names: the results, each with its fingerprint.
        examined: the files.
    """
    import json

    results: dict[str, list[dict[str, object]]] = {}
    for entry, name in names.items():
        results.setdefault(entry.path, []).append(
            {
                "type": entry.rule,
                "line_number": entry.line,
                "fingerprint": name,
            }
        )
    document = {
        "version": report.version,
        "plugins_used": report.detectors,
        # Without the one of ours, whose name is another in each run.
        "filters_used": [name for name in report.filters if name.startswith(BUILT_IN_FILTERS)],
        "examined": sorted(examined),
        "results": results,
    }
    return json.dumps(document, indent=1).encode()


def fingerprint(entry: Entry) -> str:
    """A name for a result that gives the secret away to nobody who can only try out few guesses.

    PBKDF2 with HMAC-SHA-256 over the secret's digest; the salt is the kind of secret and the path.
    """
    from hashlib import pbkdf2_hmac

    salt = f"detect-secrets\0{entry.rule}\0{entry.path}".encode("utf-8", "surrogatepass")
    return pbkdf2_hmac("sha256", entry.digest.encode(), salt, ROUNDS, 16).hex()


def fingerprints(entries: Collection[Entry]) -> dict[Entry, str]:
    """The fingerprint of each result, computed once."""
    named = {entry.key: entry for entry in entries}
    found = {key: fingerprint(entry) for key, entry in named.items()}
    return {entry: found[entry.key] for entry in entries}


def merged(reports: Sequence[SecretsReport], *, what: str) -> SecretsReport:
    """Several scans with the same settings as one.

    Raises:
        OutputUnreadable: they did not have the same detectors and filters.
    """
    first = reports[0]
    if any((r.detectors, r.filters) != (first.detectors, first.filters) for r in reports):
        summary = "parts of one scan had different settings"
        raise OutputUnreadable("contradiction", summary, place=what)
    return SecretsReport(
        version=first.version,
        detectors=first.detectors,
        filters=first.filters,
        entries=tuple(entry for report in reports for entry in report.entries),
    )


def _report(document: Value) -> SecretsReport:
    filters = document.find("filters_used")
    return SecretsReport(
        version=document.member("version").text(),
        detectors=tuple(
            each.member("name").text() for each in document.member("plugins_used").items()
        ),
        filters=tuple(each.member("path").text() for each in filters.items()) if filters else (),
        entries=tuple(
            _entry(path, each)
            for path, listed in document.member("results").entries()
            for each in listed.items()
        ),
    )


def _listed(settings: Mapping[str, object]) -> list[object]:
    detectors = settings.get("plugins_used")
    return detectors if isinstance(detectors, list) else []


def _unexcluding(detector: object) -> object:
    if not isinstance(detector, dict):
        return detector
    return {key: value for key, value in detector.items() if key != EXCLUDE}


def _entry(path: str, each: Value) -> Entry:
    line = each.find("line_number")
    audited = each.find("is_secret")
    return Entry(
        rule=each.member("type").text(),
        path=posixpath.normpath(path),
        line=line.count() if line is not None else 0,
        digest=each.member("hashed_secret").text(),
        is_secret=audited.flag() if audited is not None else None,
    )
