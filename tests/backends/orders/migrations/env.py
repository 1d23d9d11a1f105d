"""Runs the migrations against the configured database."""

import os

from alembic import context

from orders.database import Database
from orders.metrics import Metrics
from orders.models import Base

DEFAULT_URL = "sqlite:///orders.db"


def run() -> None:
    """Apply the migrations inside one transaction."""
    url = context.config.attributes.get("database_url") or os.environ.get(
        "ORDERS_DATABASE_URL", DEFAULT_URL
    )
    database = Database(url, pool_size=1, metrics=Metrics())
    with database.engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=Base.metadata, render_as_batch=True
        )
        with context.begin_transaction():
            context.run_migrations()
    database.close()


run()
