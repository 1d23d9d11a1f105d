"""What Trivy writes with `--format json`: results by target, with packages and vulnerabilities.

Form: `SchemaVersion` 2, pkg.go.dev/github.com/aquasecurity/trivy/pkg/types (Report, Result). No
`Vulnerabilities` means that none was found, or that none was looked for: the log tells which. Only
`--list-all-pkgs` lists the packages. What a `.trivyignore` or a VEX document leaves out stands in
`ExperimentalModifiedFindings`, where `--show-suppressed` asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from gates.domain.finding import Severity
from gates.formats import strict_json
from gates.formats.scanned import (
    Listed,
    Scan,
    Told,
    by_table,
    filled,
    items,
    one_line,
    optional_text,
    texts,
    weaknesses,
)
from gates.formats.strict_json import Value

SEVERITIES: Final[Mapping[str, Severity]] = {
    "CRITICAL": Severity.CRITICAL,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
    "LOW": Severity.LOW,
    "UNKNOWN": Severity.UNKNOWN,
}
"""Trivy's words; there is no other."""

_VERSION: Final = 2
_PACKAGES: Final = frozenset({"lang-pkgs", "os-pkgs"})
_OTHERS: Final = frozenset({"config", "secret", "license", "license-file", "custom", ""})
_VECTORS: Final[Mapping[str, str]] = {
    "V2Vector": "CVSS_V2",
    "V3Vector": "CVSS_V3",
    "V40Vector": "CVSS_V4",
}
_SCORES: Final = ("V3Score", "V40Score")
_ENABLED: Final = " vulnerability scanning is enabled"
_BESIDE: Final[Mapping[str, str]] = {
    "Secrets": "secret",  # pragma: allowlist secret
    "Misconfigurations": "misconfiguration",
    "Licenses": "license",
}


def read(data: bytes, *, what: str) -> Scan:
    """Read a report.

    Args:
        data: the file.
        what: its name, in errors.

    Raises:
        OutputUnreadable: it is no such report or of another version; a target is of an unknown
            class; or a vulnerability is told of a package that its target does not list.
    """
    document = strict_json.read(data, what=what)
    version = document.member("SchemaVersion")
    if version.integer() != _VERSION:
        raise version.unreadable(f"is {version.integer()}, and {_VERSION} is understood")
    packages: set[Listed] = set()
    told: list[Told] = []
    places: set[str] = set()
    is_listed = True
    for result in items(document, "Results"):
        if not _holds_packages(result):
            continue
        found = (*_vulnerabilities(result), *_modified(result))
        own = frozenset(_packages(result))
        is_listed = is_listed and bool(own)
        if own:
            _require_listed(result, found, own)
        packages |= own
        told += found
        places.add(filled(result, "Target"))
    return Scan(
        packages=frozenset(packages) if is_listed and packages else None,
        told=tuple(told),
        version=_tool_version(document),
        notes=_beside(document, what),
        places=frozenset(places),
    )


def looked_for_vulnerabilities(log: bytes) -> bool:
    """Say whether a line of Trivy's log ends by telling that it looked for vulnerabilities."""
    lines = log.decode("utf-8", "replace").lower().splitlines()
    return any(" ".join(["", *line.split()]).endswith(_ENABLED) for line in lines)


def _beside(document: Value, what: str) -> tuple[str, ...]:
    """Tell what other scanners of Trivy found, which no number here shows."""
    results = items(document, "Results")
    counts = {key: sum(len(items(result, key)) for result in results) for key in _BESIDE}
    held = ", ".join(
        f"{number} {_BESIDE[key]}{'s'[number == 1 :]}" for key, number in counts.items() if number
    )
    return (f"{what} also holds {held}, not judged here",) if held else ()


def _tool_version(document: Value) -> str:
    tool = document.find("Trivy")
    return "" if tool is None else optional_text(tool, "Version")


def _holds_packages(result: Value) -> bool:
    kind = optional_text(result, "Class")
    if kind not in _PACKAGES | _OTHERS:
        raise result.member("Class").unreadable(f"is `{kind[:40]}`, which is not known")
    has = any(items(result, key) for key in ("Packages", "Vulnerabilities"))
    if has and kind not in _PACKAGES:
        raise result.unreadable(f"lists packages, and is of the class `{kind}`")
    return kind in _PACKAGES


def _packages(result: Value) -> Iterator[Listed]:
    kind = filled(result, "Type")
    for package in items(result, "Packages"):
        yield Listed.of(kind, filled(package, "Name"), _version(package))


def _version(package: Value) -> str:
    """The version, of a system's package with epoch and release, as vulnerabilities name it."""
    version = optional_text(package, "Version")
    release = optional_text(package, "Release")
    epoch = package.find("Epoch")
    number = epoch.count() if epoch is not None else 0
    whole = f"{version}-{release}" if release else version
    return f"{number}:{whole}" if number else whole


def _vulnerabilities(result: Value) -> Iterator[Told]:
    for finding in items(result, "Vulnerabilities"):
        yield _told(finding, result)


def _modified(result: Value) -> Iterator[Told]:
    for entry in items(result, "ExperimentalModifiedFindings"):
        if filled(entry, "Type") == "vulnerability":
            words = (optional_text(entry, key) for key in ("Status", "Statement", "Source"))
            why = ", ".join(word for word in words if word)
            yield _told(entry.member("Finding"), result, suppressed=why or "ignored")


def _told(finding: Value, result: Value, *, suppressed: str = "") -> Told:
    title, description = (optional_text(finding, key) for key in ("Title", "Description"))
    fixes = optional_text(finding, "FixedVersion").split(",")
    severity = by_table(finding.member("Severity"), SEVERITIES)
    ratings, score = _ratings(finding)
    return Told(
        package=Listed.of(
            filled(result, "Type"),
            filled(finding, "PkgName"),
            optional_text(finding, "InstalledVersion"),
        ),
        id=filled(finding, "VulnerabilityID"),
        aliases=texts(finding, "VendorIDs"),
        severity=severity,
        ratings=ratings,
        score=score,
        cwe=weaknesses(texts(finding, "CweIDs")),
        summary=one_line(title or description),
        fix_versions=tuple(fix for text in fixes if (fix := text.strip())),
        place=filled(result, "Target"),
        suppressed=suppressed,
    )


def _ratings(finding: Value) -> tuple[tuple[tuple[str, str], ...], Decimal | None]:
    """The CVSS vectors of all sources, and the highest score."""
    vectors: list[tuple[str, str]] = []
    scores: list[Decimal] = []
    cvss = finding.find("CVSS")
    for _, entry in cvss.entries() if cvss is not None else ():
        for key, kind in _VECTORS.items():
            vector = optional_text(entry, key)
            if vector:
                vectors.append((kind, vector))
        scores += [of.number() for key in _SCORES if (of := entry.find(key)) is not None]
    return tuple(dict.fromkeys(vectors)), max(scores, default=None)


def _require_listed(result: Value, found: tuple[Told, ...], own: frozenset[Listed]) -> None:
    for of in found:
        if of.package not in own:
            raise result.unreadable(f"lists no {of.package}, and tells {of.id} of it")
