from __future__ import annotations

import importlib.util
import sqlite3
from pathlib import Path
from typing import Self

import pytest
import sqlalchemy as sa
from sqlalchemy.ext import asyncio as sa_asyncio

from gates.toolkit.alembic_database import Database, has_marker, with_driver


def database(folder: Path) -> Database:
    return Database(f"sqlite:///{folder}/own.sqlite")


def test_what_it_holds(tmp_path: Path) -> None:
    one = database(tmp_path)
    assert one.dialect == "sqlite"
    assert one.structure() == {}
    one.run("CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1); INSERT INTO a VALUES (NULL);")
    assert [part.said for part in one.structure()] == ["table `a`", "column `a.x`"]
    assert one.contents() == {("", "a"): (2, {"x": 1})}


def test_the_table_of_alembic_is_no_part_of_it(tmp_path: Path) -> None:
    one = database(tmp_path)
    assert one.revisions() == frozenset()
    one.run("CREATE TABLE alembic_version (version_num TEXT); CREATE TABLE a (x INTEGER);"
            "INSERT INTO alembic_version VALUES ('abc');")  # fmt: skip
    assert one.revisions() == {"abc"}
    assert one.contents().keys() == {("", "a")}
    one.clear(keep_version=True)
    assert one.revisions() == {"abc"}
    assert one.structure() == {}
    one.clear()
    assert one.revisions() == frozenset()


def test_a_marker_tells_one_database_from_another(tmp_path: Path) -> None:
    one, other = database(tmp_path), Database(f"sqlite:///{tmp_path}/other.sqlite")
    one.mark("gates_marker_1")
    assert one.ask(lambda connection: has_marker(connection, "gates_marker_1"))
    assert not other.ask(lambda connection: has_marker(connection, "gates_marker_1"))
    one.unmark("gates_marker_1")
    assert one.structure() == {}


def test_statements_that_fail_are_told(tmp_path: Path) -> None:
    one = database(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        one.run("CREATE TABLE a (x INTEGER); INSERT INTO b VALUES (1)")


def test_an_address_gets_a_driver_that_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    there = {"asyncpg", "MySQLdb"}
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name if name in there else None)
    assert with_driver("postgres://a@b/c").drivername == "postgresql+asyncpg"
    assert with_driver("mysql://a@b/c").drivername == "mysql+mysqldb"
    assert with_driver("postgresql+psycopg://a@b/c").drivername == "postgresql+psycopg"
    there.clear()
    assert with_driver("postgresql://a@b/c").drivername == "postgresql"


def test_a_driver_that_does_not_wait_is_asked_in_a_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the way to it is another: the answers come from the same connections."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/own.sqlite", poolclass=sa.pool.NullPool)

    class Begun:
        async def __aenter__(self) -> Self:
            return self

        async def __aexit__(self, *_error: object) -> None:
            pass

        async def run_sync(self, question: object) -> object:
            assert callable(question)
            with engine.begin() as connection:
                return question(connection)

    class Engine:
        def begin(self) -> Begun:
            return Begun()

        async def dispose(self) -> None:
            engine.dispose()

    monkeypatch.setattr(sa_asyncio, "create_async_engine", lambda _url, **_more: Engine())
    one = Database("postgresql+psycopg_async://a@b/c")
    assert one.ask(lambda connection: connection.dialect.name) == "sqlite"
