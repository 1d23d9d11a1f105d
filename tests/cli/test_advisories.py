"""`gates advisories` as a whole command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from advisories.fake_osv import FakeOsv
from advisories.samples import about, record
from cli.conftest import Gates

RECORD = record("GHSA-1", affected=[about("lib", versions=("1",))])
OTHER = {**RECORD, "id": "GHSA-2", "modified": "2026-05-03T00:00:00Z"}


@pytest.fixture
def export(root: Path) -> Path:
    place = root / "osv.json"
    place.write_text(json.dumps([RECORD, OTHER]))
    return place


@pytest.fixture
def service() -> Iterator[FakeOsv]:
    with FakeOsv([]) as service:
        service.files["/all.json"] = json.dumps(RECORD).encode()
        yield service


def shown(text: str) -> dict[str, str]:
    return {line[:12].strip(): line[12:] for line in text.splitlines()}


def test_update_makes_the_users_database_and_status_shows_it(
    gates: Gates, export: Path, tmp_path: Path
) -> None:
    cache = str(tmp_path / "cache")
    made = gates("advisories", "update", export.name, XDG_CACHE_HOME=cache)
    assert (made.code, made.err) == (0, "")
    found = gates("advisories", "status", XDG_CACHE_HOME=cache)
    assert (found.code, found.out) == (0, made.out)
    lines = shown(found.out)
    days = (datetime.now(UTC).date() - datetime(2026, 5, 3, tzinfo=UTC).date()).days
    assert lines["database"] == f"{cache}/gates/advisories/osv.sqlite"
    assert lines["made of"] == "osv.json"
    ages = {f"{each:,} days old" for each in (days, days + 1)}
    assert lines["data of"] in {f"2026-05-03, {age}, Python packages" for age in ages}
    assert lines["records"] == "2"
    assert len(lines["sha256"]) == 64
    assert lines["built"].endswith("Z")


def test_update_may_name_the_database_and_fetch_the_export(
    gates: Gates, service: FakeOsv, root: Path, tmp_path: Path
) -> None:
    made = gates(
        "advisories",
        "update",
        f"{service.address}/all.json",
        "--database",
        "own.sqlite",
        XDG_CACHE_HOME=str(tmp_path),
        GATES_ADVISORIES="osv.json",
    )
    assert made.code == 0, made.err
    assert shown(made.out)["made of"] == f"{service.address}/all.json"
    assert made.out.endswith("note: $GATES_ADVISORIES names osv.json, which is used\n")
    assert (root / "own.sqlite").is_file()
    found = gates("advisories", "status", GATES_ADVISORIES="own.sqlite")
    assert shown(found.out)["records"] == "1"


def test_update_takes_an_export_of_each_ecosystem(gates: Gates, export: Path, root: Path) -> None:
    entry = {"package": {"ecosystem": "npm", "name": "lib"}, "versions": ["1.0.0"]}
    other = record("GHSA-3", modified="2026-05-04T00:00:00Z", affected=[entry])
    (root / "npm.json").write_text(json.dumps(other))
    made = gates("advisories", "update", export.name, "npm.json", "--database", "own.sqlite")
    assert (made.code, made.err) == (0, "")
    told = [line[12:] for line in made.out.splitlines() if line.startswith("data of")]
    assert [(line[:10], line.rpartition(", ")[2]) for line in told] == [
        ("2026-05-03", "Python packages"),
        ("2026-05-04", "npm packages"),
    ]
    assert shown(made.out)["made of"] == "osv.json, npm.json"


def test_a_failed_update_leaves_the_old_database(
    gates: Gates, export: Path, root: Path, tmp_path: Path
) -> None:
    cache = {"XDG_CACHE_HOME": str(tmp_path)}
    assert gates("advisories", "update", export.name, **cache).code == 0
    before = gates("advisories", "status", **cache).out
    (root / "bad.json").write_text(json.dumps(RECORD)[:-5])
    failed = gates("advisories", "update", "bad.json", **cache)
    assert (failed.code, failed.out) == (3, "")
    assert "error[json-syntax]" in failed.err
    assert gates("advisories", "update", "http://osv.example/all.zip", **cache).code == 3
    assert gates("advisories", "status", **cache).out == before


def test_status_without_a_database_says_what_to_do(gates: Gates, tmp_path: Path) -> None:
    ended = gates("advisories", "status", XDG_CACHE_HOME=str(tmp_path))
    assert (ended.code, ended.out) == (3, "")
    assert "error[advisories-absent]" in ended.err
    assert "gates advisories update" in ended.err


def test_status_of_what_is_no_database(gates: Gates, root: Path, tmp_path: Path) -> None:
    (root / "x.sqlite").write_bytes(b"SQLite format 3\x00" + b"x" * 100)
    ended = gates("advisories", "status", XDG_CACHE_HOME=str(tmp_path), GATES_ADVISORIES="x.sqlite")
    assert (ended.code, ended.out) == (3, "")
    assert "error[advisories-damaged]" in ended.err


def test_usage(gates: Gates) -> None:
    assert gates("advisories", "update").code == 2
    assert "update" in gates("advisories", "--help").out
