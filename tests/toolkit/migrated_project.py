"""A small project with migrations of Alembic, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CREATE = "op.create_table('orders', sa.Column('id', sa.Integer, primary_key=True))"
DROP = "op.drop_table('orders')"
ADD = "op.add_column('orders', sa.Column('total', sa.Integer))"
REMOVE = "op.drop_column('orders', 'total')"

ENV = """\
from alembic import context
import sqlalchemy as sa

models = sa.MetaData()
sa.Table("orders", models, {columns})
engine = sa.create_engine({url}, poolclass=sa.pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata={models})
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
OURS = 'context.config.get_main_option("sqlalchemy.url")'
COLUMNS = 'sa.Column("id", sa.Integer, primary_key=True), sa.Column("total", sa.Integer)'
_REVISION = """\
from alembic import op
import sqlalchemy as sa

revision = {name!r}
down_revision = {below!r}
depends_on = None


def upgrade():
    {up}


def downgrade():
    {down}
"""


@dataclass(frozen=True)
class Ways:
    """A revision: what its upgrade and its downgrade do, and on what it follows."""

    up: str
    down: str
    below: str | tuple[str, ...] | None = None


SOUND: Mapping[str, Ways] = {"a": Ways(CREATE, DROP), "b": Ways(ADD, REMOVE, "a")}


def project(
    ways: Mapping[str, Ways] = SOUND,
    *,
    columns: str = COLUMNS,
    url: str = OURS,
    models: str = "models",
) -> dict[str, str]:
    """The files of a project with these revisions and these models."""
    files = {
        "alembic.ini": "[alembic]\nscript_location = %(here)s/migrations\n",
        "migrations/env.py": ENV.format(columns=columns, url=url, models=models),
    }
    for name, each in ways.items():
        text = _REVISION.format(name=name, below=each.below, up=each.up, down=each.down)
        files[f"migrations/versions/{name}.py"] = text
    return files


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """Put files into a folder."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
