import asyncio
import sqlite3
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from orders.clock import utc_now
from orders.database import Database, _prepare_sqlite
from orders.metrics import Metrics
from orders.models import Base, Product, UtcDateTime
from shop import Shop

REVISIONS = ["0001", "0002", "0003"]


@pytest.fixture
def alembic(tmp_path: Path) -> Config:
    config = Config(Path(__file__).resolve().parent.parent / "alembic.ini")
    config.attributes["database_url"] = f"sqlite:///{tmp_path / 'migrated.db'}"
    return config


def _tables(tmp_path: Path) -> set[str]:
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    found = set(inspect(engine).get_table_names()) - {"alembic_version"}
    engine.dispose()
    return found


def test_the_migrations_lead_to_the_models(alembic: Config, tmp_path: Path) -> None:
    command.upgrade(alembic, "head")
    engine = create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_migrations_run_back_and_forth(alembic: Config, tmp_path: Path) -> None:
    command.upgrade(alembic, "head")
    assert _tables(tmp_path) == set(Base.metadata.tables)
    for revision in [*reversed(REVISIONS[:-1]), "base"]:
        command.downgrade(alembic, revision)
    assert _tables(tmp_path) == set()
    for revision in REVISIONS:
        command.upgrade(alembic, revision)
    assert _tables(tmp_path) == set(Base.metadata.tables)


def test_the_history_starts_with_what_was_there(alembic: Config, tmp_path: Path) -> None:
    command.upgrade(alembic, "0002")
    with sqlite3.connect(tmp_path / "migrated.db") as connection:
        connection.execute(
            "INSERT INTO users VALUES (1, 'a@example.com', 'x', 'customer', '2026-01-01')"
        )
        connection.execute(
            "INSERT INTO orders VALUES (5, 1, 'paid', 100, '', '2026-01-01', '2026-01-02', NULL,"
            " NULL)"
        )
    connection.close()
    command.upgrade(alembic, "head")
    connection = sqlite3.connect(tmp_path / "migrated.db")
    found = connection.execute("SELECT order_id, status, actor_id, at FROM order_events")
    assert found.fetchall() == [(5, "paid", 1, "2026-01-02")]
    connection.close()


def _product(shop: Shop) -> Product:
    return Product(sku="X", name="X", price_cents=1, stock=1, active=True, created_at=shop.clock())


def test_a_failing_transaction_leaves_nothing(shop: Shop) -> None:
    database = shop.parts.database

    def fail_midway() -> None:
        with database.writing() as session:
            session.add(_product(shop))
            session.flush()
            raise RuntimeError("midway")

    with pytest.raises(RuntimeError, match="midway"):
        fail_midway()
    assert shop.client.get("/products").json()["items"] == []


def test_the_database_itself_refuses_negative_stock(shop: Shop) -> None:
    tea = shop.add_product(stock=1)
    with pytest.raises(IntegrityError), shop.parts.database.writing() as session:
        session.execute(text("UPDATE products SET stock = -1"))
    assert shop.stock(tea["id"]) == 1


def test_what_was_committed_outlives_the_service(shop: Shop, database_path: Path) -> None:
    tea = shop.add_product(stock=7)
    other = Database(f"sqlite:///{database_path}", 1, Metrics())
    with other.reading() as session:
        found = session.get(Product, tea["id"])
    assert found is not None
    assert (found.stock, found.created_at) == (7, shop.clock())
    other.close()


def test_a_reader_sees_no_half_done_write(shop: Shop) -> None:
    tea = shop.add_product(stock=7)["id"]
    with shop.parts.database.writing() as session:
        session.execute(text("UPDATE products SET stock = 1"))
        assert shop.stock(tea) == 7
    assert shop.stock(tea) == 1


def test_postgresql_gets_its_driver() -> None:
    database = Database("postgresql://user:secret@db/orders", 5, Metrics())
    assert database.engine.url.drivername == "postgresql+psycopg"
    assert database.engine.url.password == "secret"  # pragma: allowlist secret
    database.close()


def test_only_sqlite_is_prepared_as_sqlite() -> None:
    class Foreign:
        pass

    foreign: DBAPIConnection = Foreign()  # type: ignore[assignment]
    entry: ConnectionPoolEntry = Foreign()  # type: ignore[assignment]
    with pytest.raises(TypeError):
        _prepare_sqlite(foreign, entry)


def test_the_clock_of_the_service_is_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


def test_times_are_stored_in_utc() -> None:
    column, dialect = UtcDateTime(), sqlite.dialect()
    east = datetime(2026, 3, 1, 14, tzinfo=timezone(timedelta(hours=2)))
    stored = column.process_bind_param(east, dialect)
    assert stored == datetime(2026, 3, 1, 12)  # noqa: DTZ001 (stored without a zone)
    assert column.process_result_value(stored, dialect) == east.astimezone(UTC)
    assert column.process_bind_param(None, dialect) is None
    assert column.process_result_value(None, dialect) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcDateTime().process_bind_param(datetime(2026, 3, 1), sqlite.dialect())  # noqa: DTZ001


def test_requests_run_beside_each_other(shop: Shop) -> None:
    shop.add_product()

    async def fetch() -> list[int]:
        calls = [asyncio.to_thread(shop.client.get, "/products") for _ in range(4)]
        return [answer.status_code for answer in await asyncio.gather(*calls)]

    assert asyncio.run(fetch()) == [200] * 4
