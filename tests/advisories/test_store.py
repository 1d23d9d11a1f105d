from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from advisories.samples import about, npm, record

from gates.advisories import building
from gates.advisories.matching import Package
from gates.advisories.sources import examine
from gates.advisories.store import Database, rows_digest
from gates.domain.errors import StageError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def built(tmp_path: Path, *entries: dict[str, object]) -> Path:
    records = [record(f"A-{number}", affected=[entry]) for number, entry in enumerate(entries)]
    (tmp_path / "records.json").write_text(json.dumps(records))
    path = tmp_path / "a b?#%.sqlite"
    building.update(str(tmp_path / "records.json"), path, built=NOW)
    return path


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


def opened(path: Path) -> None:
    with Database.open(path) as database:
        examine(database, [Package("lib", "1.0")])


@pytest.mark.parametrize(
    ("entry", "canary"),
    [
        (about("lib", versions=("0.9", "1.0")), "lib 0.9"),
        (about("lib", events=(("introduced", "1.1"), ("fixed", "2"))), "lib 1.1"),
        (about("lib", events=(("introduced", "0"), ("fixed", "2"))), "lib 0"),
    ],
)
def test_the_canary_is_one_of_its_own_records(
    tmp_path: Path, entry: dict[str, object], canary: str
) -> None:
    with Database.open(built(tmp_path, entry)) as database:
        assert str(database.canary()) == canary
        assert database.look_up((Package("other", "1"),)).advisories == ()


def test_a_lookup_of_many_packages_is_whole(tmp_path: Path) -> None:
    path = built(tmp_path, *(about(f"p{number}", versions=("1",)) for number in range(1200)))
    with Database.open(path) as database:
        outcome = examine(database, [Package(f"p{number}", "1") for number in range(1300)])
    assert outcome.packages == 1300
    assert len(outcome.vulnerabilities) == 1200


def test_an_absent_database_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="no local vulnerability database") as caught:
        Database.open(tmp_path / "x.sqlite")
    assert caught.value.problem.slug == "advisories-absent"
    assert "gates advisories update" in caught.value.problem.hint
    assert not (tmp_path / "x.sqlite").exists()


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"SQLite format 3\x00", b"SQLite format 3\x00" + bytes(4096)]
)
def test_what_is_no_database_is_damaged(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.sqlite").write_bytes(data)
    with pytest.raises(StageError) as caught:
        opened(tmp_path / "x.sqlite")
    assert caught.value.problem.slug == "advisories-damaged"


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        Database.open(tmp_path)
    assert caught.value.problem.slug == "advisories-damaged"


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        (("PRAGMA application_id = 1",), "another program"),
        (("PRAGMA user_version = 99",), "format 99"),
        (("DELETE FROM meta WHERE key = 'data_date'",), "data_date"),
        (("UPDATE meta SET value = 'x' WHERE key = 'records'",), "description"),
        (("UPDATE meta SET value = 'today' WHERE key = 'data_date'",), "description"),
        (("DELETE FROM advisory WHERE number = 0",), "holds 1 records and says 2"),
        (
            ("DELETE FROM advisory", "UPDATE meta SET value = '0' WHERE key = 'records'"),
            "holds 0 records",
        ),
        (("UPDATE advisory SET record = replace(record, 'lib', 'bil')",), "not as it was written"),
        (("UPDATE advisory SET record = 7",), "not as it was"),
        (("DROP TABLE package",), "no such table"),
        (("DELETE FROM package",), "rows are not as they were written"),
        (("UPDATE package SET name = 'bil'",), "rows are not as they were written"),
        (("UPDATE known_as SET name = name || 'x'",), "rows are not as they were written"),
        (("UPDATE advisory SET withdrawn = 1",), "rows are not as they were written"),
        (("UPDATE advisory SET family = 9",), "rows are not as they were written"),
        (("UPDATE advisory SET id = 'A-9' WHERE number = 1",), "rows are not"),
        (("DELETE FROM meta WHERE key = 'rows'",), "rows are not as they were written"),
    ],
)
def test_a_changed_database_is_damaged(
    tmp_path: Path, statements: tuple[str, ...], why: str
) -> None:
    path = built(tmp_path, about("lib", versions=("1.0",)), about("lib", versions=("1.0",)))
    opened(path)
    change(path, *statements)
    with pytest.raises(StageError, match=why) as caught:
        opened(path)
    assert caught.value.problem.slug == "advisories-damaged"


def test_records_without_a_package_make_it_blind(tmp_path: Path) -> None:
    path = built(tmp_path, about("lib", versions=("1.0",)))
    change(path, "DELETE FROM package")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        rows = rows_digest(connection)
        connection.execute("UPDATE meta SET value = ? WHERE key = 'rows'", (rows,))
    with pytest.raises(StageError) as caught:
        opened(path)
    assert caught.value.problem.slug == "advisories-blind"


def test_a_pipe_is_no_database(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StageError, match="no file") as caught:
        Database.open(tmp_path / "pipe")
    assert caught.value.problem.slug == "advisories-damaged"


def test_a_database_cut_short_is_damaged(tmp_path: Path) -> None:
    path = built(tmp_path, *(about(f"p{number}", versions=("1",)) for number in range(200)))
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 4096):
        path.write_bytes(whole[:size])
        with pytest.raises(StageError) as caught:
            opened(path)
        assert caught.value.problem.slug == "advisories-damaged"


def both(tmp_path: Path) -> Path:
    python, node = about("lib", versions=("1.0",)), npm("other", events=(("introduced", "0"),))
    return built(tmp_path, python, node, npm("odd", versions=("one", "1.0.0")))


def test_a_view_on_one_ecosystem_has_its_canary_and_its_records(tmp_path: Path) -> None:
    with Database.open(both(tmp_path)) as database:
        assert database.ecosystems == ("pypi", "npm")
        views = [database.about(of) for of in database.ecosystems]
        assert [of.canary() for of in (database, *views)] == [
            Package("lib", "1"),
            Package("lib", "1"),
            Package("other", "0.0.0", "npm"),
        ]
        assert [of.facts.records for of in (database, *views)] == [3, 1, 2]


def test_a_version_that_cannot_be_read_is_no_canary(tmp_path: Path) -> None:
    with Database.open(built(tmp_path, npm("odd", versions=("1.0.0", "one")))) as database:
        assert database.canary() == Package("odd", "1.0.0", "npm")


def test_packages_of_both_ecosystems_are_looked_up_at_once(tmp_path: Path) -> None:
    packages = (Package("lib", "1.0"), Package("lib", "1.0", "npm"), Package("odd", "1", "npm"))
    with Database.open(both(tmp_path)) as database:
        assert [of.id for of in database.look_up(packages).advisories] == ["A-0", "A-2"]
        assert database.look_up(packages[1:2]).advisories == ()


def test_an_ecosystem_that_it_does_not_hold_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = built(tmp_path, about("lib", versions=("1.0",)))
    told = pytest.raises(StageError, match="no export about npm packages")
    with Database.open(path) as database, told as caught:
        database.about("npm")
    assert caught.value.problem.slug == "advisories-lacking"
    assert "gates advisories update" in caught.value.problem.hint


def test_a_description_of_an_ecosystem_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    path = both(tmp_path)
    change(path, "DELETE FROM meta WHERE key = 'records.npm'")
    told = pytest.raises(StageError, match="description is not whole")
    with Database.open(path) as database, told as caught:
        database.about("npm")
    assert caught.value.problem.slug == "advisories-damaged"
