"""`alembic`: migrations forth, back and forth again, each of them, empty and with rows."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import migration_trial
from gates.formats.migration_result import BROKEN, DRIFT, HEADS, ROWS, Asked, File, measured
from gates.formats.migration_trial import Filled
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    MetricSpec,
    Options,
    Sample,
    Stage,
    StageResult,
    Tool,
    ToolMissing,
    Unit,
)
from gates.plugin.commands import Words, found, split
from gates.toolkit import alembic_launch, database_address

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_INI = "[alembic]\nscript_location = migrations\n"
_ENV = """\
from alembic import context
from sqlalchemy import Column, Integer, MetaData, Table, create_engine

models = MetaData()
Table("orders", models, Column("id", Integer, primary_key=True), Column("total", Integer))
engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=models, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
_REVISION = """\
from alembic import op
from sqlalchemy import Column, Integer

revision = {name!r}
down_revision = {below!r}


def upgrade():
    {up}


def downgrade():
    {down}
"""
_CREATE = "op.create_table('orders', Column('id', Integer, primary_key=True))"
_ADD = "op.add_column('orders', Column('total', Integer))"
_NOTHING = "pass"


def _revisions(first_down: str, second_down: str) -> dict[str, str]:
    """Two revisions, with these downgrades."""
    return {
        "migrations/versions/a.py": _REVISION.format(
            name="a", below=None, up=_CREATE, down=first_down
        ),
        "migrations/versions/b.py": _REVISION.format(
            name="b", below="a", up=_ADD, down=second_down
        ),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class AlembicOptions(Options):
    """Options of `alembic`."""

    config: str = field(
        default="alembic.ini", metadata={"help": "the configuration of Alembic, a path"}
    )
    section: str = field(default="alembic", metadata={"help": "the section of it that counts"})
    url: str = field(
        default="",
        metadata={
            "help": "the address of an empty database, as in `{db.url}`; by default that of the"
            " gate's service where it is a database, and a SQLite file of this gate without one"
        },
    )
    url_variable: str = field(
        default="",
        metadata={"help": "the environment variable in which `env.py` expects the address"},
    )
    x_argument: str = field(
        default="",
        metadata={"help": "the name under which `env.py` expects the address as an `-x` argument"},
    )
    models: bool = field(
        default=True,
        metadata={
            "help": "compare the models with the migrations; false where there are none",
            "stricter": "on",
        },
    )
    fill: Words = field(
        default="",
        metadata={
            "help": "what puts rows into the database at head: an SQL file, or a command, which"
            " finds the address in `url_variable` and in GATES_DATABASE_URL"
        },
    )


class Alembic(Stage[AlembicOptions]):
    """Each revision up, down and up on a database of its own, with the schema read by us."""

    uses = "alembic"
    title = "migrations forth and back"
    options_type = AlembicOptions
    metrics = (
        MetricSpec(
            name=BROKEN,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="revisions that fail, or do not lead back to the same schema",
            noun="revisions",
        ),
        MetricSpec(
            name=HEADS,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="revisions that no other one follows",
            noun="heads",
        ),
        MetricSpec(
            name=DRIFT,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="differences between models and migrations",
            noun="differences",
            optional=True,
        ),
        MetricSpec(
            name="revisions",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="revisions",
            noun="revisions",
        ),
        MetricSpec(
            name="slowest",
            unit=Unit.SECONDS,
            direction=Direction.LOWER,
            title="time of the slowest revision, up or down",
            tags=("revision",),
        ),
        MetricSpec(
            name=ROWS,
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="rows with which the revisions were tried",
            noun="rows",
            optional=True,
        ),
    )
    defaults = (
        Default(text="broken == 0"),
        Default(text="heads == 1"),
        Default(text="drift == 0"),
    )
    criteria = ("L2-MIGRATE",)
    when = IN_CI
    examines = "revisions"
    errored_when = (
        "`env.py` fails, or connects to another database than the one of this gate",
        "that database is not empty at the start: all that it holds would be dropped",
        "there is no revision, or head holds no table",
        "`env.py` names no models, or shows no difference when all tables are gone",
        "`fill` fails, or puts no row in",
    )
    programs = ("alembic",)
    sample = Sample(
        files={
            "alembic.ini": _INI,
            "migrations/env.py": _ENV,
            **_revisions("op.drop_table('orders')", "op.drop_column('orders', 'total')"),
        },
        faulty=_revisions(_NOTHING, _NOTHING),
        vital=("migrations/versions/a.py", "migrations/versions/b.py"),
    )

    def check(self) -> None:
        """Refuse options that name nothing.

        Raises:
            ValueError: with one line that says why.
        """
        own = self.options
        if own.url_variable and not _VARIABLE.fullmatch(own.url_variable):
            raise ValueError("`url_variable` is the name of an environment variable")
        if own.x_argument and not _VARIABLE.fullmatch(own.x_argument):
            raise ValueError("`x_argument` is a plain name, as `url`")
        if own.fill:
            split(own.fill)

    def specs(self) -> tuple[MetricSpec, ...]:
        """No drift where there are no models."""
        without = () if self.options.models else (DRIFT,)
        return tuple(spec for spec in self.metrics if spec.name not in without)

    def conditions(self) -> tuple[Default, ...]:
        """The default conditions on what it measures."""
        names = {spec.name for spec in self.specs()}
        return tuple(each for each in self.defaults if each.text.split()[0] in names)

    def run(self, ctx: Context) -> StageResult:
        """Try the revisions on empty tables, then with rows."""
        url = self._address(ctx)
        python = ctx.tool("python", ask=False)
        data = self._tried(ctx, python, "walk", url)
        seen = migration_trial.walk(data, what="walk")
        rows: Filled | None = None
        if self.options.fill and seen.is_at_head:
            if not self._sql:
                self._fill(ctx, url)
            data = self._tried(ctx, python, "filled", url)
            names = tuple(name for name, _ in seen.revisions)
            rows = migration_trial.filled(data, names, what="filled")
        tool = Tool(name="alembic", version=seen.alembic, path=python.path, how=python.how)
        files = {name: _file(ctx, path) for name, path in seen.revisions}
        asked = Asked(models=self.options.models, fill=bool(self.options.fill), files=files)
        return measured(seen, rows, asked, tool, clean=ctx.clean)

    def _address(self, ctx: Context) -> str:
        given = self.options.url
        services = {service.url: service.host for service in ctx.services.values()}
        return database_address.chosen(
            ctx.service.filled(given) if given and services else given,
            services,
            own=ctx.out / "database.sqlite",
        )

    @property
    def _sql(self) -> str:
        """The SQL file that `fill` names, or empty where it is a command."""
        words = split(self.options.fill) if self.options.fill else ()
        return words[0] if len(words) == 1 and words[0].endswith(".sql") else ""

    def _tried(self, ctx: Context, python: Tool, mode: str, url: str) -> bytes:
        own = self.options
        settings = {
            "url": url,
            "config": own.config,
            "section": own.section,
            "x": own.x_argument,
            "toml": "yes" if (ctx.root / "pyproject.toml").is_file() else "",
            "models": "yes" if own.models else "",
            "fill": self._sql,
        }
        launch = alembic_launch.prepare(ctx.out, mode, settings)
        ctx.progress("revisions on empty tables" if mode == "walk" else "revisions with rows")
        arguments = (str(launch.start), str(launch.settings))
        ok = (0, alembic_launch.ABSENT)
        done = ctx.run(python, *arguments, ok=ok, env=self._environment(url))
        if done.exit_code == alembic_launch.ABSENT:
            raise ToolMissing(
                "tool-missing",
                f"Alembic is not in the environment of `{python.path}`",
                hint="install it there: the migrations import the project's own packages",
                place="alembic",
            )
        return ctx.report(launch.record).data

    def _fill(self, ctx: Context, url: str) -> None:
        words = split(self.options.fill)
        if ctx.services:
            words = tuple(ctx.service.filled(word) for word in words)
        ctx.run(found(ctx, words[0]), *words[1:], env=self._environment(url))

    def _environment(self, url: str) -> dict[str, str]:
        own = {self.options.url_variable: url} if self.options.url_variable else {}
        return {"GATES_DATABASE_URL": url, "PYTHONDONTWRITEBYTECODE": "1", **own}


def _file(ctx: Context, path: str) -> File:
    """The file of a revision, where it is the project's own."""
    place = Path(os.path.normpath(ctx.root / path))
    if not place.is_relative_to(ctx.root) or not place.is_file():
        return File("", "")
    return File(
        place.relative_to(ctx.root).as_posix(), place.read_text(encoding="utf-8", errors="replace")
    )
