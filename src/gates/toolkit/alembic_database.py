"""The database that migrations are tried on, asked by us and not by the project.

Copied by `alembic_launch` beside `alembic_program`. Needs Python 3.10 and SQLAlchemy 1.4, and
nothing of `gates` but what is copied with it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from . import schema_structure as schema
from .schema_structure import Content, Structure, Table

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection

DRIVERS = {
    "postgresql": ("psycopg", "psycopg2", "pg8000", "asyncpg"),
    "mysql": ("pymysql", "MySQLdb", "aiomysql"),
}
"""Packages that reach a database, by the scheme of an address that names none; best first."""

_NAMES = {"MySQLdb": "mysqldb"}
AnswerT = TypeVar("AnswerT")


class Database:
    """The database at an address; each question has a connection of its own.

    Attributes:
        url: its address, with a driver that is installed.
        version_table: where Alembic keeps the revision.
    """

    def __init__(self, url: str) -> None:
        self.url = with_driver(url)
        self.version_table: Table = ("", "alembic_version")

    @property
    def dialect(self) -> str:
        """The kind of database: `postgresql`, `sqlite`."""
        return self.url.get_backend_name()

    def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        """Answer a question in a transaction of its own, which is then committed."""
        if self.url.get_dialect().is_async:
            import asyncio

            return asyncio.run(self._ask(question))
        engine = sa.create_engine(self.url, poolclass=NullPool)
        try:
            with engine.begin() as connection:
                return question(connection)
        finally:
            engine.dispose()

    async def _ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine(self.url, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                return await connection.run_sync(question)
        finally:
            await engine.dispose()

    def structure(self) -> Structure:
        """All that it holds but for Alembic's own table."""
        return self.ask(lambda connection: schema.read(connection, frozenset({self.version_table})))

    def contents(self) -> dict[Table, Content]:
        """How much each table holds, without Alembic's own."""
        structure = self.structure()
        return self.ask(lambda connection: schema.contents(connection, structure))

    def clear(self, *, keep_version: bool = False) -> None:
        """Drop everything; only after it was found empty at the start."""
        keep = frozenset({self.version_table}) if keep_version else frozenset[Table]()
        self.ask(lambda connection: schema.clear(connection, keep))

    def revisions(self) -> frozenset[str]:
        """The revisions that Alembic's own table names; none without that table."""

        def read(connection: Connection) -> frozenset[str]:
            where, name = self.version_table
            if not sa.inspect(connection).has_table(name, schema=where or None):
                return frozenset()
            table = sa.table(name, sa.column("version_num"), schema=where or None)
            return frozenset(map(str, connection.execute(sa.select(table.c.version_num)).scalars()))

        return self.ask(read)

    def run(self, text: str) -> None:
        """Run several statements, as a file holds them."""

        def go(connection: Connection) -> None:
            cursor = connection.connection.cursor()
            run = getattr(cursor, "executescript", cursor.execute)
            run(text)
            cursor.close()

        self.ask(go)

    def mark(self, name: str) -> None:
        """Put a table in that nobody else has, to be seen from elsewhere."""
        self.ask(lambda connection: connection.exec_driver_sql(f"CREATE TABLE {name} (id INTEGER)"))

    def unmark(self, name: str) -> None:
        """Take it out again."""
        self.ask(lambda connection: connection.exec_driver_sql(f"DROP TABLE {name}"))


def has_marker(connection: Connection, name: str) -> bool:
    """Whether a connection leads to the database that was marked so."""
    inspector = sa.inspect(connection)
    return inspector.has_table(name, schema=inspector.default_schema_name)


def with_driver(url: str) -> URL:
    """An address with a driver that is installed, where it names none."""
    parsed = sa.make_url(url)
    if parsed.drivername == "postgres":
        parsed = parsed.set(drivername="postgresql")
    for package in DRIVERS.get(parsed.drivername, ()):
        if importlib.util.find_spec(package) is not None:
            driver = _NAMES.get(package, package)
            return parsed.set(drivername=f"{parsed.drivername}+{driver}")
    return parsed
