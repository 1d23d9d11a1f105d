from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from advisories.fake_osv import FakeOsv, Mode
from advisories.samples import V3_HIGH, about, record

from gates.advisories import building
from gates.advisories.matching import Package
from gates.advisories.sources import SourceFacts, examine
from gates.advisories.store import Database
from gates.domain.errors import StageError
from gates.domain.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)
RECORDS = [
    record("PYSEC-1", aliases=["CVE-1"], affected=[about("lib", versions=("1.0",))]),
    record(
        "CVE-1", modified="2026-05-20T00:00:00Z", severity=[{"type": "CVSS_V3", "score": V3_HIGH}]
    ),
    record(
        "GHSA-go2",
        aliases=["CVE-1"],
        modified="2026-05-25T00:00:00Z",
        affected=[{"package": {"ecosystem": "Go", "name": "a"}}],
    ),
    record(
        "GHSA-go",
        modified="2026-05-30T00:00:00Z",
        affected=[{"package": {"ecosystem": "Go", "name": "b"}}],
    ),
    record("GONE-1", withdrawn="2026-05-02T00:00:00Z", affected=[about("lib", versions=("2.0",))]),
]


NPM = {"package": {"ecosystem": "npm", "name": "lib"}, "versions": ["1.0.0"]}
ON_NPM = record("GHSA-npm", modified="2026-05-10T00:00:00Z", affected=[NPM])
BOTH = record(
    "GHSA-both",
    modified="2026-05-30T00:00:00Z",
    affected=[NPM, about("lib", versions=("1.0",))],
)


def folder(path: Path, records: list[dict[str, object]]) -> Path:
    path.mkdir(exist_ok=True)
    for of in records:
        (path / f"{of['id']}.json").write_text(json.dumps(of))
    return path


def build(tmp_path: Path, records: list[dict[str, object]] | None = None) -> SourceFacts:
    export = folder(tmp_path / "osv", RECORDS if records is None else records)
    return building.build(export, tmp_path / "db" / "x.sqlite", source="osv", built=NOW)


def test_a_database_is_built_and_answers(tmp_path: Path) -> None:
    facts = build(tmp_path)
    assert facts.name == "osv"
    assert facts.records == 4
    assert facts.data_date == datetime(2026, 5, 20, tzinfo=UTC)
    assert len(facts.sha256) == 64
    with Database.open(tmp_path / "db" / "x.sqlite") as database:
        assert database.facts == facts
        assert database.meta["built"] == "2026-06-01T00:00:00Z"
        outcome = examine(database, [Package("lib", "1.0"), Package("lib", "2.0")])
        raw = database.original("PYSEC-1")
        assert raw is not None
        assert json.loads(raw) == RECORDS[0]
        assert database.original("GHSA-go") is None
        assert sorted(of.id for of in database.named(("CVE-1", "GHSA-go"))) == [
            "CVE-1",
            "GHSA-go2",
            "PYSEC-1",
        ]
    (found,) = outcome.vulnerabilities
    assert (found.id, found.severity, found.package.version) == ("CVE-1", Severity.HIGH, "1.0")
    assert [of.name for of in (tmp_path / "db").iterdir()] == ["x.sqlite"]


@pytest.mark.parametrize(
    ("name", "data", "slug"),
    [
        ("A.json", b'{"id": "A-1", "modified": "2026-', "json-syntax"),
        ("A.json", b"", "json-empty"),
        ("A.json", b"[]", "json-empty"),
        ("A.json", b'{"id": "A", "id": "B"}', "json-duplicate-key"),
        ("A.json", json.dumps(record("PYSEC-1")).encode(), "export-contradictory"),
        ("A.json", json.dumps(record("A", schema_version="2.0")).encode(), "advisory-schema"),
    ],
)
def test_a_record_that_cannot_be_read_fails_the_whole_and_is_named(
    tmp_path: Path, name: str, data: bytes, slug: str
) -> None:
    build(tmp_path)
    before = (tmp_path / "db" / "x.sqlite").read_bytes()
    (tmp_path / "osv" / "Z").mkdir()
    (tmp_path / "osv" / "Z" / name).write_bytes(data)
    with pytest.raises(StageError) as caught:
        build(tmp_path)
    assert caught.value.problem.slug == slug
    assert caught.value.problem.place.startswith("Z/A.json")
    assert (tmp_path / "db" / "x.sqlite").read_bytes() == before
    assert [of.name for of in (tmp_path / "db").iterdir()] == ["x.sqlite"]


@pytest.mark.parametrize(
    ("records", "slug"),
    [
        ([RECORDS[3]], "export-empty"),
        ([RECORDS[1]], "export-empty"),
        ([RECORDS[4]], "export-empty"),
        ([BOTH], "export-empty"),
        ([record("A-1", affected=[about("lib")])], "advisories-blind"),
    ],
)
def test_an_export_in_which_nothing_could_be_found_is_refused(
    tmp_path: Path, records: list[dict[str, object]], slug: str
) -> None:
    with pytest.raises(StageError) as caught:
        build(tmp_path, records)
    assert caught.value.problem.slug == slug
    assert list((tmp_path / "db").iterdir()) == []


def test_a_file_may_hold_a_list_of_records(tmp_path: Path) -> None:
    (tmp_path / "sample.json").write_text(json.dumps(RECORDS))
    facts = building.update(str(tmp_path / "sample.json"), tmp_path / "x.sqlite", built=NOW)
    assert (facts.name, facts.records) == ("sample.json", 4)


def test_an_export_is_fetched_from_an_address(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        for of in RECORDS:
            archive.writestr(f"{of['id']}.json", json.dumps(of))
    with FakeOsv([], files={"/PyPI/all.zip": (tmp_path / "all.zip").read_bytes()}) as fake:
        source = f"{fake.address}/PyPI/all.zip"
        facts = building.update(source, tmp_path / "db" / "x.sqlite", built=NOW)
    assert (facts.name, facts.records) == (source, 4)
    assert [of.name for of in (tmp_path / "db").iterdir()] == ["x.sqlite"]


@pytest.mark.parametrize("mode", [Mode.PAGE, Mode.NOT_FOUND, Mode.CUT])
def test_a_failed_fetch_leaves_the_old_database(tmp_path: Path, mode: Mode) -> None:
    target = tmp_path / "db" / "x.sqlite"
    build(tmp_path)
    before = target.read_bytes()
    with FakeOsv([], mode) as fake, pytest.raises(StageError) as caught:
        building.update(f"{fake.address}/PyPI/all.zip", target, built=NOW)
    assert caught.value.problem.place.startswith("http://127.0.0.1:")
    assert target.read_bytes() == before
    assert [of.name for of in target.parent.iterdir()] == ["x.sqlite"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    export = folder(tmp_path / "osv", RECORDS)
    (tmp_path / "file").write_text("")
    with pytest.raises(StageError) as caught:
        building.build(export, tmp_path / "file" / "x.sqlite", source="osv", built=NOW)
    assert caught.value.problem.slug == "advisories-unwritten"


def test_an_old_database_that_cannot_be_replaced_is_told(tmp_path: Path) -> None:
    export = folder(tmp_path / "osv", RECORDS)
    (tmp_path / "x.sqlite").mkdir()
    for source in (str(export / "PYSEC-1.json"), str(export)):
        with pytest.raises(StageError) as caught:
            building.update(source, tmp_path / "x.sqlite", built=NOW)
        assert caught.value.problem.slug == "advisories-unwritten"
    assert sorted(of.name for of in tmp_path.iterdir()) == ["osv", "x.sqlite"]


def test_the_database_has_no_journal_of_its_own(tmp_path: Path) -> None:
    build(tmp_path)
    connection = sqlite3.connect(tmp_path / "db" / "x.sqlite")
    try:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()


def facts_of(tmp_path: Path, ecosystem: str) -> SourceFacts:
    with Database.open(tmp_path / "db" / "x.sqlite") as database:
        return database.about(ecosystem).facts


def test_each_ecosystem_is_dated_by_what_is_about_it_alone(tmp_path: Path) -> None:
    facts = build(tmp_path, [*RECORDS, ON_NPM, BOTH])
    # The whole is as old as its oldest part; what names nothing may be of any part.
    assert facts.data_date == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert facts.records == 6
    of_npm, of_python = facts_of(tmp_path, "npm"), facts_of(tmp_path, "pypi")
    assert of_npm.data_date == datetime(2026, 5, 10, tzinfo=UTC)
    assert of_python.data_date == datetime(2026, 5, 1, 10, tzinfo=UTC)
    assert (of_npm.records, of_python.records) == (2, 5)


@pytest.mark.parametrize(("own", "other"), [(ON_NPM, "pypi"), (RECORDS[0], "npm")])
def test_an_export_of_one_ecosystem_is_none_of_the_other(
    tmp_path: Path, own: dict[str, object], other: str
) -> None:
    # What is published in both stands in the export of either.
    facts = build(tmp_path, [own, BOTH])
    assert facts.data_date == datetime(2026, 5, 30, tzinfo=UTC)
    with pytest.raises(StageError, match="none of its records is about them alone") as caught:
        facts_of(tmp_path, other)
    assert caught.value.problem.slug == "advisories-lacking"


def test_exports_are_put_together(tmp_path: Path) -> None:
    parts = {"python.json": [RECORDS[0], BOTH], "npm.json": [BOTH, ON_NPM]}
    for name, records in parts.items():
        (tmp_path / name).write_text(json.dumps(records))
    first, second = (str(tmp_path / name) for name in parts)
    target = tmp_path / "db" / "x.sqlite"
    facts = building.update(first, target, built=NOW, beside=(second,))
    assert (facts.name, facts.records) == ("python.json, npm.json", 3)
    alone = building.update(first, tmp_path / "y.sqlite", built=NOW)
    assert len(facts.sha256) == 64
    assert facts.sha256 != alone.sha256
    with Database.open(target) as database:
        packages = (Package("lib", "1.0.0", "npm"), Package("lib", "1.0", "pypi"))
        found = examine(database.about("npm"), packages).vulnerabilities
    assert sorted(f"{of.package.ecosystem} {of.id}" for of in found) == [
        "npm GHSA-both",
        "npm GHSA-npm",
        "pypi CVE-1",
        "pypi GHSA-both",
    ]


def test_exports_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    for name, summary in (("a.json", "one"), ("b.json", "two")):
        (tmp_path / name).write_text(json.dumps([{**BOTH, "summary": summary}]))
    with pytest.raises(StageError) as caught:
        building.update(
            str(tmp_path / "a.json"),
            tmp_path / "x.sqlite",
            built=NOW,
            beside=(str(tmp_path / "b.json"),),
        )
    assert caught.value.problem.slug == "export-contradictory"


def test_one_blind_ecosystem_does_not_keep_the_other_out(tmp_path: Path) -> None:
    lib = record("PYSEC-9", affected=[about("lib")])
    build(tmp_path, [lib, ON_NPM])
    with Database.open(tmp_path / "db" / "x.sqlite") as database:
        assert examine(database.about("npm"), ()).canary == Package("lib", "1.0.0", "npm")
        with pytest.raises(StageError, match="holds no advisory with a version"):
            database.about("pypi").canary()
