from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import sqlalchemy as sa

from gates.toolkit import schema_structure
from gates.toolkit.schema_structure import (
    Content,
    Part,
    Structure,
    clear,
    contents,
    differences,
    losses,
    read,
    tables,
)

TEXT = """\
CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR(9) NOT NULL DEFAULT 'x',
  CONSTRAINT uq UNIQUE (email), CONSTRAINT ck CHECK (id > 0));
CREATE TABLE orders (id INTEGER, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);
CREATE INDEX ix ON orders (user_id) WHERE id > 1;
CREATE VIEW v AS SELECT
  1;
CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END;
INSERT INTO users (id) VALUES (1);
"""


@pytest.fixture
def engine(tmp_path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{tmp_path}/a.db", poolclass=sa.pool.NullPool)
    connection = engine.raw_connection()
    cursor = connection.cursor()
    cursor.executescript(TEXT)
    connection.commit()
    connection.close()
    return engine


EXPECTED = {
    Part("table", "", "users", ""): "",
    Part("column", "", "users", "id"): "INTEGER",
    Part("column", "", "users", "email"): "VARCHAR(9) not null default 'x'",
    Part("primary key", "", "users", ""): "(id)",
    Part("unique", "", "users", "uq"): "(email)",
    Part("check", "", "users", "ck"): "id > 0",
    Part("table", "", "orders", ""): "",
    Part("column", "", "orders", "id"): "INTEGER",
    Part("column", "", "orders", "user_id"): "INTEGER",
    Part("foreign key", "", "orders", "(user_id)"):
        "(user_id) to users (id) on update no action on delete cascade",
    Part("index", "", "orders", "ix"): "CREATE INDEX ix ON orders (user_id) WHERE id > 1",
    Part("trigger", "", "orders", "t"):
        "CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END",
    Part("view", "", "", "v"): "CREATE VIEW v AS SELECT 1",
}  # fmt: skip


def test_everything_of_sqlite_is_read(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        assert read(connection) == EXPECTED
        without = read(connection, frozenset({("", "users")}))
    assert tables(without) == (("", "orders"),)
    assert Part("column", "", "users", "id") not in without


def test_rows_and_values_are_counted(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        found = contents(connection, read(connection))
    assert found == {
        ("", "users"): Content(1, {"id": 1, "email": 1}),
        ("", "orders"): Content(0, {"id": 0, "user_id": 0}),
    }


def test_all_is_dropped_but_what_is_kept(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        clear(connection, frozenset({("", "users")}))
        assert tables(read(connection)) == (("", "users"),)
        clear(connection)
        assert read(connection) == {}


def test_any_other_database_is_read_by_the_inspector(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema_structure, "SQLITE", "another")
    monkeypatch.setattr(engine.dialect, "get_view_definition", lambda *_, **__: "SELECT  1")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX ix")
        connection.exec_driver_sql("CREATE UNIQUE INDEX iu ON orders (id)")
        found = read(connection)
        assert found[Part("index", "", "orders", "iu")] == "unique (id)"
        assert found[Part("view", "", "", "v")] == "SELECT 1"
        clear(connection, frozenset({("", "users")}))
        assert tables(read(connection)) == (("", "users"),)


def changed(*gone: Part, **texts: str) -> Structure:
    """The expected structure without some parts; names of columns get another text."""
    return {part: texts.get(part.name, text) for part, text in EXPECTED.items() if part not in gone}


def test_differences_in_words() -> None:
    index = Part("index", "", "orders", "ix")
    assert differences(EXPECTED, EXPECTED) == ()
    assert differences(EXPECTED, changed(index, email="TEXT")) == (
        "index `orders.ix` is missing",
        "column `users.email` was `VARCHAR(9) not null default 'x'` and is `TEXT`",
    )
    assert differences(changed(index), EXPECTED) == ("index `orders.ix` is there, and was not",)


def test_the_parts_of_a_table_that_is_gone_are_not_told() -> None:
    rest = {part: text for part, text in EXPECTED.items() if part.table != "orders"}
    assert differences(EXPECTED, rest) == ("table `orders` is missing",)
    assert differences(rest, EXPECTED) == ("table `orders` is there, and was not",)


def test_the_schema_is_told_where_it_is_not_the_default() -> None:
    assert Part("column", "shop", "orders", "id").said == "column `shop.orders.id`"


def test_what_is_lost_and_what_goes_with_what_is_dropped() -> None:
    before = {
        ("", "kept"): Content(3, {"a": 3, "b": 2, "new": 1}),
        ("", "emptied"): Content(3, {"a": 3}),
        ("s", "dropped"): Content(2, {"a": 2}),
        ("", "same"): Content(1, {"a": 1}),
        ("", "made_anew"): Content(4, {"a": 4}),
    }
    below = {
        ("", "kept"): Content(3, {"a": 3, "b": 2}),
        ("", "emptied"): Content(0, {"a": 0}),
        ("", "same"): Content(1, {"a": 1}),
    }
    after = {
        ("", "kept"): Content(3, {"a": 3, "b": 0, "new": 0}),
        ("", "emptied"): Content(1, {"a": 1}),
        ("s", "dropped"): Content(0, {"a": 0}),
        ("", "same"): Content(1, {"a": 1}),
        ("", "made_anew"): Content(4, {"a": 4}),
    }
    assert losses(before, below, after) == (
        ("2 values of `kept.b`", "`emptied` had 3 rows and has 1"),
        ("1 values of `kept.new`", "2 rows of `s.dropped`"),
    )


def test_postgresql_is_asked_for_its_catalogue() -> None:
    asked: list[str] = []

    def execute(statement: sa.TextClause) -> SimpleNamespace:
        asked.append(statement.text)
        rows = [("table", "s", "orders", "", " a\n b ")]
        return SimpleNamespace(all=lambda: rows)

    dialect = SimpleNamespace(name="postgresql")
    connection = cast("sa.Connection", SimpleNamespace(dialect=dialect, execute=execute))
    assert read(connection) == {Part("table", "s", "orders", ""): "a b"}
    assert "pg_get_constraintdef" in asked[0]


def test_postgresql_is_cleared_by_its_catalogue() -> None:
    asked: list[str] = []
    drops = [("", "kept", "DROP TABLE kept"), ("", "orders", "DROP TABLE orders")]

    def execute(statement: sa.TextClause) -> SimpleNamespace:
        asked.append(statement.text)
        return SimpleNamespace(all=lambda: drops)

    dialect = SimpleNamespace(name="postgresql")
    connection = cast("sa.Connection", SimpleNamespace(dialect=dialect, execute=execute))
    clear(connection, frozenset({("", "kept")}))
    assert asked[1:] == ["DROP TABLE orders"]
