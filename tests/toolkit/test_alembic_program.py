from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from toolkit.migrated_project import ADD, CREATE, DROP, REMOVE, SOUND, Ways, project, written

from gates.formats.strict_json import Value
from gates.toolkit.alembic_program import main

EMPTY = "op.execute('DELETE FROM orders')"
NO_ROWS = "assert not op.get_bind().exec_driver_sql('SELECT 1 FROM orders').all()"


def tried(
    folder: Path, files: Mapping[str, str], mode: str = "walk", **settings: str
) -> dict[str, object]:
    """What the program tells of a project."""
    root = written(folder / "project", files)
    record = folder / f"{mode}.json"
    whole = {
        "url": f"sqlite:///{folder}/own.sqlite",
        "config": str(root / "alembic.ini"),
        "section": "alembic",
        "x": "",
        "toml": "",
        "models": "yes",
        "fill": "",
        "mode": mode,
        "record": str(record),
        **settings,
    }
    (folder / "settings.json").write_text(json.dumps(whole))
    assert main([str(folder / "settings.json")]) == 0
    told: dict[str, object] = json.loads(record.read_bytes())
    return told


def faults(told: Mapping[str, object]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """What was wrong with each revision."""
    return {
        step.member("revision").text(): [
            (kind.text(), tuple(each.text() for each in details.items()))
            for kind, details in (tuple(fault.items()) for fault in step.member("faults").items())
        ]
        for step in Value(told, "record").member("steps").items()
    }


def refused(told: Mapping[str, object]) -> str:
    return Value(told, "record").member("refused", "slug").text()


def tables(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "own.sqlite")) as file:
        return [
            name
            for (name,) in file.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"
            )
        ]


def test_sound_migrations(tmp_path: Path) -> None:
    told = tried(tmp_path, project())
    assert faults(told) == {"a": [], "b": []}
    assert (told["heads"], told["trip"], told["tables"]) == (["b"], [], 1)
    assert (told["drift"], told["rows"]) == ([], 0)
    assert told["canary"] == 1
    assert tables(tmp_path) == ["alembic_version", "orders"]  # at head, to be filled


def test_a_downgrade_that_does_nothing_is_named_and_the_next_revision_is_tried(
    tmp_path: Path,
) -> None:
    told = tried(tmp_path, project({"a": Ways(CREATE, "pass"), "b": SOUND["b"]}))
    assert faults(told) == {
        "a": [
            ("down-differs", ("table `orders` is there, and was not",)),
            ("again-fails", (
                "OperationalError: (sqlite3.OperationalError) table orders already exists",
            )),
        ],
        "b": [],
    }  # fmt: skip
    assert Value(told, "").member("trip").array()


def test_a_downgrade_that_loses_a_column_is_named(tmp_path: Path) -> None:
    create = CREATE.replace("))", "), sa.Column('note', sa.String(9)))")
    ways = {"a": Ways(create, DROP), "b": Ways("op.drop_column('orders', 'note')", "pass", "a")}
    told = tried(tmp_path, project(ways), models="")
    assert faults(told)["b"][0] == ("down-differs", ("column `orders.note` is missing",))
    assert faults(told)["a"] == []


def test_a_downgrade_that_puts_back_another_column_is_named(tmp_path: Path) -> None:
    back = "op.add_column('orders', sa.Column('note', sa.Integer))"
    create = CREATE.replace("))", "), sa.Column('note', sa.String(9)))")
    ways = {"a": Ways(create, DROP), "b": Ways("op.drop_column('orders', 'note')", back, "a")}
    told = tried(tmp_path, project(ways), models="")
    assert faults(told)["b"] == [
        ("down-differs", ("column `orders.note` was `VARCHAR(9)` and is `INTEGER`",))
    ]


def test_a_downgrade_that_fails_is_named(tmp_path: Path) -> None:
    told = tried(tmp_path, project({**SOUND, "b": Ways(ADD, "raise SystemExit(3)", "a")}))
    assert faults(told) == {"a": [], "b": [("down-fails", ("SystemExit: 3",))]}
    assert told["trip"] == [["down-fails", ["SystemExit: 3"]]]


def test_an_upgrade_that_fails_ends_the_walk(tmp_path: Path) -> None:
    told = tried(tmp_path, project({"a": SOUND["a"], "b": Ways("raise KeyError", "pass", "a")}))
    assert faults(told) == {"a": [], "b": [("up-fails", ("KeyError",))]}
    assert "drift" not in told
    assert tables(tmp_path) == []


def test_an_upgrade_that_comes_out_otherwise_the_second_time(tmp_path: Path) -> None:
    up = (
        f"{ADD}; from pathlib import Path; seen = Path(__file__ + '.seen')\n"
        "    op.create_index('ix', 'orders', ['total']) if seen.exists() else seen.touch()"
    )
    down = f"op.get_bind().exec_driver_sql('DROP INDEX IF EXISTS ix')\n    {REMOVE}"
    told = tried(tmp_path, project({**SOUND, "b": Ways(up, down, "a")}), models="")
    assert told["trip"] == [["again-differs", ["index `orders.ix` is there, and was not"]]]


def test_branches_that_are_merged(tmp_path: Path) -> None:
    ways = {
        **SOUND,
        "c": Ways("op.create_table('c', sa.Column('i', sa.Integer))", "op.drop_table('c')", "a"),
        "d": Ways("pass", "pass", ("b", "c")),
    }
    told = tried(tmp_path, project(ways), models="")
    assert sorted(faults(told)) == ["a", "b", "c", "d"]
    assert all(found == [] for found in faults(told).values())
    assert told["heads"] == ["d"]


def test_two_heads(tmp_path: Path) -> None:
    told = tried(tmp_path, project({**SOUND, "c": Ways("pass", "pass", "a")}), models="")
    assert told["heads"] == ["b", "c"]
    assert faults(told) == {"a": [], "b": [], "c": []}


def test_models_that_differ(tmp_path: Path) -> None:
    told = tried(tmp_path, project(columns='sa.Column("id", sa.Integer, primary_key=True)'))
    assert told["drift"] == ["column `orders.total` is in the migrations and in no model"]


def test_no_models(tmp_path: Path) -> None:
    assert refused(tried(tmp_path, project(models="None"))) == "no-models"


def test_no_revision(tmp_path: Path) -> None:
    (tmp_path / "project/migrations/versions").mkdir(parents=True)
    assert refused(tried(tmp_path, project({}))) == "no-migrations"


def test_another_database_is_not_touched(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    with closing(sqlite3.connect(other)) as file:
        file.execute("CREATE TABLE orders (id INTEGER)")
    before = other.read_bytes()
    told = tried(tmp_path, project(url=f"'sqlite:///{other}'"))
    assert refused(told) == "another-database"
    assert other.read_bytes() == before
    assert tables(tmp_path) == []


def test_a_database_that_holds_something_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "own.sqlite")) as file:
        file.execute("CREATE TABLE people (id INTEGER)")
    told = tried(tmp_path, project())
    assert refused(told) == "database-not-empty"
    assert "`people` is there)" in Value(told, "").member("refused", "why").text()
    assert tables(tmp_path) == ["people"]


def test_a_database_at_a_revision_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "own.sqlite")) as file:
        file.execute("CREATE TABLE alembic_version (version_num TEXT)")
        file.execute("INSERT INTO alembic_version VALUES ('a')")
        file.commit()
    assert refused(tried(tmp_path, project())) == "database-not-empty"
    assert tables(tmp_path) == ["alembic_version"]


@pytest.mark.parametrize(
    ("env", "slug"),
    [
        ("raise RuntimeError('no settings')", "env-failed"),
        ("", "another-database"),
    ],
)
def test_an_environment_that_runs_nothing(tmp_path: Path, env: str, slug: str) -> None:
    assert refused(tried(tmp_path, {**project(), "migrations/env.py": env})) == slug


@pytest.mark.parametrize("revision", ["b", "a"])
def test_an_environment_that_does_not_keep_the_revision(tmp_path: Path, revision: str) -> None:
    files = project()
    files["migrations/env.py"] = files["migrations/env.py"].replace(
        "engine.dispose()",
        "with engine.begin() as connection:\n"
        "    table = sa.table('alembic_version', sa.column('version_num'))\n"
        "    if sa.inspect(connection).has_table('alembic_version'):\n"
        f"        connection.execute(table.delete().where(table.c.version_num == '{revision}'))",
    )
    assert refused(tried(tmp_path, files)) == "not-migrated"


def test_migrations_that_make_no_table(tmp_path: Path) -> None:
    assert refused(tried(tmp_path, project({"a": Ways("pass", "pass")}))) == "not-migrated"


def filled(folder: Path, ways: Mapping[str, Ways], sql: str) -> dict[str, object]:
    (folder / "rows.sql").write_text(sql)
    tried(folder, project(ways), models="")
    return tried(folder, {}, "filled", models="", fill=str(folder / "rows.sql"))


def test_rows_that_stay(tmp_path: Path) -> None:
    told = filled(
        tmp_path, SOUND, "INSERT INTO orders VALUES (1, 2);\nINSERT INTO orders(id) VALUES (2);"
    )
    assert faults(told) == {"b": [], "a": []}
    assert told["filled"] == [["orders", 2]]
    dropped = [each.member("dropped").array() for each in Value(told, "").member("steps").items()]
    assert dropped == [["1 values of `orders.total`"], ["2 rows of `orders`"]]
    assert tables(tmp_path) == []


def test_rows_that_are_lost(tmp_path: Path) -> None:
    ways = {**SOUND, "b": Ways(ADD, f"{EMPTY}\n    {REMOVE}", "a")}
    told = filled(tmp_path, ways, "INSERT INTO orders VALUES (1, 2)")
    assert faults(told)["b"] == [("loses-rows", ("`orders` had 1 rows and has 0",))]


def test_a_revision_that_fails_only_with_rows(tmp_path: Path) -> None:
    needed = "op.add_column('orders', sa.Column('total', sa.Integer, nullable=False))"
    told = filled(
        tmp_path, {**SOUND, "b": Ways(needed, REMOVE, "a")}, "INSERT INTO orders VALUES (1, 2)"
    )
    ((kind, details),) = faults(told)["b"]
    assert kind == "again-fails"
    assert "NOT NULL" in details[0]
    assert list(faults(told)) == ["b"]


def test_a_downgrade_that_fails_only_with_rows(tmp_path: Path) -> None:
    down = f"{NO_ROWS}\n    {REMOVE}"
    told = filled(
        tmp_path, {**SOUND, "b": Ways(ADD, down, "a")}, "INSERT INTO orders VALUES (1, 2)"
    )
    assert faults(told) == {"b": [("down-fails", ("AssertionError",))]}


def test_a_file_of_rows_that_fails(tmp_path: Path) -> None:
    assert refused(filled(tmp_path, SOUND, "INSERT INTO nothing VALUES (1)")) == "fill-failed"
