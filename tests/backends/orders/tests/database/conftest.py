"""The service's own transactions, on SQLite or on the database that the environment names."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from orders.__main__ import migrate
from orders.clock import utc_now
from orders.container import Container, build
from orders.models import Base
from orders.settings import Settings
from shop import SECRET_KEY

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Container]:
    """Return the service's parts on a database without rows."""
    url = os.environ.get("ORDERS_TEST_DATABASE_URL", f"sqlite:///{tmp_path / 'orders.db'}")
    settings = Settings(secret_key=SECRET_KEY, database_url=url, password_cost=16)
    migrate(settings, ROOT / "alembic.ini")
    container = build(settings, utc_now)
    with container.database.writing() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(text(f"DELETE FROM {table.name}"))
    yield container
    container.database.close()
