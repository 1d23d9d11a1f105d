"""The samples of the stages that audit an npm lock, or judge what another scanner reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from gates.plugin import Sample

_LOCK: Final = "package-lock.json"
_PACKAGES: Final = ("one", "two")
_VERSION: Final = "1.0.0"


def _lock(**packages: str) -> str:
    entries = {f"node_modules/{name}": {"version": of} for name, of in packages.items()}
    return json.dumps({"lockfileVersion": 3, "requires": True, "packages": {"": {}, **entries}})


def _osv(*vulnerable: str) -> str:
    """OSV-Scanner's report on both packages, and on one that shows that it lists all."""
    packages = []
    for name in (*_PACKAGES, "three"):
        record = {
            "id": f"GHSA-{name}",
            "summary": "A sample",
            "database_specific": {"severity": "HIGH"},
        }
        found = name in vulnerable
        packages.append(
            {
                "package": {"name": name, "version": _VERSION, "ecosystem": "npm"},
                "vulnerabilities": [record] if found else [],
                "groups": [{"ids": [record["id"]], "max_severity": "8.1"}] if found else [],
            }
        )
    source = {"path": _LOCK, "type": "lockfile"}
    return json.dumps({"results": [{"source": source, "packages": packages}]})


def _trivy(*vulnerable: str) -> str:
    """Trivy's report on two targets: a target without findings looks like one that lost them."""
    results: list[dict[str, object]] = []
    for name in _PACKAGES:
        found = {
            "VulnerabilityID": f"CVE-{name}",
            "PkgName": name,
            "InstalledVersion": _VERSION,
            "Severity": "HIGH",
        }
        results.append(
            {
                "Target": f"{name}.json",
                "Class": "lang-pkgs",
                "Type": "npm",
                "Packages": [{"Name": name, "Version": _VERSION}],
                **({"Vulnerabilities": [found]} if name in vulnerable else {}),
            }
        )
    return json.dumps({"SchemaVersion": 2, "Results": results})


def _grype(*vulnerable: str) -> str:
    matches = [
        {
            "vulnerability": {"id": f"GHSA-{name}", "severity": "High"},
            "artifact": {"name": name, "version": _VERSION, "type": "npm"},
        }
        for name in vulnerable
    ]
    data = {"status": {"built": "2026-01-01T00:00:00Z"}}
    descriptor = {"name": "grype", "version": "0.116.0", "db": data}
    return json.dumps({"matches": matches, "descriptor": descriptor})


def _snyk(*vulnerable: str) -> str:
    found = [
        {"id": f"SNYK-{name}", "severity": "high", "packageName": name, "version": _VERSION}
        for name in vulnerable
    ]
    return json.dumps(
        {
            "ok": not found,
            "vulnerabilities": found,
            "dependencyCount": len(_PACKAGES),
            "packageManager": "npm",
        }
    )


_BOTH: Final = _lock(**dict.fromkeys(_PACKAGES, _VERSION))
_SBOM: Final = json.dumps(
    {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"purl": f"pkg:npm/{name}@{_VERSION}"} for name in _PACKAGES],
    }
)

AUDIT_SAMPLES: Final[Mapping[str, Sample]] = {
    "grype": Sample(
        files={_LOCK: _BOTH, "sbom.json": _SBOM, "grype.json": _grype()},
        faulty={"grype.json": _grype(*_PACKAGES)},
        options={"report": "grype.json", "sbom": "sbom.json", "lock": _LOCK},
        reports=("sbom.json", "grype.json"),  # the SBOM is there before it is read
        vital=("sbom.json", "grype.json"),
    ),
    "npm-audit": Sample(
        files={"package.json": "{}", _LOCK: _lock(**{"left-pad": "1.3.0"})},
        faulty={_LOCK: _lock(lodash="4.17.4", minimist="0.0.8")},
        vital=(_LOCK,),
    ),
    "osv-scanner": Sample(
        files={_LOCK: _lock(one=_VERSION, two=_VERSION, three=_VERSION), "osv.json": _osv()},
        faulty={"osv.json": _osv(*_PACKAGES)},
        options={"report": "osv.json", "lock": _LOCK},
        reports=("osv.json",),
        vital=("osv.json",),
    ),
    "snyk": Sample(
        files={"snyk.json": _snyk()},
        faulty={"snyk.json": _snyk(*_PACKAGES)},
        options={"report": "snyk.json"},
        reports=("snyk.json",),
        vital=("snyk.json",),
    ),
    "trivy": Sample(
        files={
            _LOCK: _BOTH,
            "trivy.json": _trivy(),
            "trivy.log": "INFO\t[vuln] Vulnerability scanning is enabled\n",
        },
        faulty={"trivy.json": _trivy(*_PACKAGES)},
        options={"report": "trivy.json", "log": "trivy.log", "lock": _LOCK},
        reports=("trivy.json", "trivy.log"),
        vital=("trivy.json",),
    ),
}
"""By name of the stage; that of `npm-audit` asks the registry of the machine's configuration."""
