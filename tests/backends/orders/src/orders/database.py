"""The engine and its transactions; SQLite is set up to behave as strictly as PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from orders.metrics import Metrics

BUSY_TIMEOUT_MILLISECONDS = 5000


class Database:
    """Hands out sessions that are one transaction each."""

    def __init__(self, url: str, pool_size: int, metrics: Metrics) -> None:
        """Prepare the engine; nothing connects before the first session."""
        self.engine: Engine = create_engine(
            _with_driver(url), pool_size=pool_size, max_overflow=0, pool_pre_ping=True
        )
        self._metrics = metrics
        self._readers = self.engine.execution_options(begin="BEGIN")
        self._writers = self.engine.execution_options(begin="BEGIN IMMEDIATE")
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        event.listen(self.engine, "before_cursor_execute", self._statement_starts)
        event.listen(self.engine, "after_cursor_execute", self._statement_ends)
        event.listen(self.engine, "checkout", self._connection_taken)
        event.listen(self.engine, "checkin", self._connection_returned)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that only reads."""
        with Session(self._readers, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits at the end, or rolls all of it back."""
        with Session(self._writers, expire_on_commit=False) as session, session.begin():
            yield session

    def ping(self) -> None:
        """Raise unless the database answers and carries the schema."""
        with self.engine.connect() as connection:
            connection.execute(text("SELECT 1 FROM orders LIMIT 1"))

    def is_ready(self) -> bool:
        """Tell whether the database answers and carries the schema."""
        try:
            self.ping()
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()

    def _statement_starts(
        self,
        connection: Connection,
        cursor: DBAPICursor,
        statement: str,
        parameters: object,
        context: object,
        many: bool,  # noqa: FBT001 (the signature of the event)
    ) -> None:
        del cursor, statement, parameters, context, many
        connection.info["started"] = time.perf_counter()

    def _statement_ends(
        self,
        connection: Connection,
        cursor: DBAPICursor,
        statement: str,
        parameters: object,
        context: object,
        many: bool,  # noqa: FBT001 (the signature of the event)
    ) -> None:
        del cursor, statement, parameters, context, many
        self._metrics.queries.observe(time.perf_counter() - connection.info["started"])

    def _connection_taken(self, *details: object) -> None:
        del details
        self._metrics.connections.inc()

    def _connection_returned(self, *details: object) -> None:
        del details
        self._metrics.connections.dec()


def _with_driver(url: str) -> str:
    parsed = make_url(url)
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return parsed.render_as_string(hide_password=False)


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    del entry
    if not isinstance(connection, sqlite3.Connection):
        raise TypeError(connection)
    connection.isolation_level = None
    for pragma in (
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        f"busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    begin = str(connection.get_execution_options().get("begin", "BEGIN"))
    connection.exec_driver_sql(begin)
