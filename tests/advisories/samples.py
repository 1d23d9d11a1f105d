"""OSV records for the tests, made by hand; the packages and ids do not exist."""

from __future__ import annotations

V3_HIGH = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"  # 7.5
V3_CRITICAL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"  # 9.8
V4_MEDIUM = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N"  # 6.9
V2_HIGH = "AV:N/AC:L/Au:N/C:C/I:C/A:C"  # 10.0


def record(name: str, **further: object) -> dict[str, object]:
    """A whole record without packages."""
    return {
        "id": name,
        "modified": "2026-05-01T10:00:00Z",
        "published": "2026-04-01T10:00:00Z",
        "summary": f"About {name}",
        **further,
    }


def about(
    package: str,
    *,
    versions: tuple[str, ...] = (),
    events: tuple[tuple[str, str], ...] = (),
    **further: object,
) -> dict[str, object]:
    """An `affected` entry of a Python package."""
    entry: dict[str, object] = {"package": {"ecosystem": "PyPI", "name": package}, **further}
    if versions:
        entry["versions"] = list(versions)
    if events:
        entry["ranges"] = [
            {"type": "ECOSYSTEM", "events": [{kind: version} for kind, version in events]}
        ]
    return entry


def npm(
    package: str,
    *,
    versions: tuple[str, ...] = (),
    events: tuple[tuple[str, str], ...] = (),
) -> dict[str, object]:
    """An `affected` entry of a package of npm."""
    entry: dict[str, object] = {"package": {"ecosystem": "npm", "name": package}}
    if versions:
        entry["versions"] = list(versions)
    if events:
        listed = [{kind: version} for kind, version in events]
        entry["ranges"] = [{"type": "SEMVER", "events": listed}]
    return entry


def canary() -> dict[str, object]:
    """The record that the service's default canary needs."""
    return record(
        "GHSA-cana-ryca-nary",
        affected=[
            about("Jinja2", versions=("2.10",), events=(("introduced", "0"), ("fixed", "3")))
        ],
        severity=[{"type": "CVSS_V3", "score": V3_HIGH}],
    )
