"""`migrations`: any tool's migrations, by the commands that run and take them back."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from gates.formats import schema_text
from gates.plugin import (
    IN_CI,
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    Metric,
    MetricSpec,
    NotApplicable,
    Options,
    OutputUnreadable,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    ToolMissing,
    Unit,
    count,
)
from gates.plugin.commands import Words, found, split
from gates.toolkit import database_address, postgres_address, sqlite_schema
from gates.toolkit.files import write_atomic

FAILING, LEFT, DIFFERING = "failing", "left", "differing"
SQLITE = "sqlite"
POSTGRESQL = ("postgresql", "postgres")
ANY = tuple(range(256))
"""Exit codes of a command that may fail: that is what is measured."""

_SCRIPT = """\
import os, sqlite3, sys
file = sqlite3.connect(os.environ["GATES_DATABASE_URL"].removeprefix("sqlite:///"))
file.executescript({text!r})
file.close()
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrationsOptions(Options):
    """Options of `migrations`."""

    up: Words = field(
        default="",
        metadata={"help": "the command that runs all migrations; it finds the database's address"
                  " in GATES_DATABASE_URL and in `url_variable`"},
    )  # fmt: skip
    down: Words = field(default="", metadata={"help": "the command that takes all of them back"})
    dump: Words = field(
        default="",
        metadata={"help": "the command that prints the schema; by default `pg_dump --schema-only`,"
                  " and for SQLite none is needed"},
    )  # fmt: skip
    url: str = field(
        default="",
        metadata={"help": "the address of an empty database, as in `{db.url}`; by default that of"
                  " the gate's service where it is a database, and a SQLite file without one"},
    )  # fmt: skip
    url_variable: str = field(
        default="", metadata={"help": "the environment variable in which the commands expect it"}
    )
    fill: Words = field(
        default="", metadata={"help": "a command that puts rows in, before a second way back"}
    )
    ignore: tuple[str, ...] = field(
        default=schema_text.BOOKS,
        metadata={
            "help": "tables in which the tool keeps its own books",
            "or_text": True,
            "stricter": "fewer",
        },
    )


class Migrations(Stage[MigrationsOptions]):
    """All migrations forth, back and forth again, with the schema printed after each way."""

    uses = "migrations"
    title = "migrations forth and back, by commands"
    options_type = MigrationsOptions
    metrics = (
        MetricSpec(
            name=FAILING,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="ways back, or forth again, that fail",
            noun="ways",
        ),
        MetricSpec(
            name=LEFT,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="statements of the schema that are not as they were before",
            noun="statements",
            optional=True,
        ),
        MetricSpec(
            name=DIFFERING,
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="statements of the schema that differ after the way back and forth",
            noun="statements",
            optional=True,
        ),
        MetricSpec(
            name="up_time",
            unit=Unit.SECONDS,
            direction=Direction.LOWER,
            title="time of all migrations",
        ),
    )
    defaults = (
        Default(text="failing == 0"),
        Default(text="left == 0"),
        Default(text="differing == 0"),
    )
    criteria = ("L2-MIGRATE",)
    examines = "statements"
    when = IN_CI
    errored_when = (
        "the database holds tables at the start: all would be dropped",
        "`up` fails on the empty database, or changes nothing in its schema",
        "`dump` or `fill` fails",
    )
    programs = ("pg_dump",)
    sample = Sample(
        files={
            "up.py": _SCRIPT.format(text="create table a (x int); create table b (y int);"),
            "down.py": _SCRIPT.format(text="drop table a; drop table b;"),
        },
        faulty={
            "up.py": _SCRIPT.format(text="create table if not exists a (x int);"
                                    "create table if not exists b (y int);"),
            "down.py": _SCRIPT.format(text="select 1;"),
        },
        options={"up": "python up.py", "down": "python down.py"},
        vital=("up.py",),
    )  # fmt: skip

    def check(self) -> None:
        """Refuse options that name no commands.

        Raises:
            ValueError: with one line that says why.
        """
        own = self.options
        if not own.up or not own.down:
            raise ValueError("`up` and `down` name the commands: add them under `with:`")
        for words in (own.up, own.down, own.dump, own.fill):
            if words:
                split(words)

    def run(self, ctx: Context) -> StageResult:
        """Go forth, back and forth; with rows once more."""
        way = _Way(ctx, self.options)
        before = way.schema("before")
        held = schema_text.holding(before)
        if held:
            raise StageError(
                "database-not-empty",
                f"the database is not empty (`{ctx.clean(held)}`), and all would be dropped",
                hint="name an empty one, or a service that is started for this gate alone",
            )
        up = way.go(self.options.up)
        head = way.schema("head")
        if head == before:
            raise StageError(
                "not-migrated",
                "`up` changed nothing in the schema of this gate's database",
                hint="see which database it migrates: the address is in GATES_DATABASE_URL, and"
                " `url_variable` names another place for it",
            )
        way.back_and_forth(before, head, "")
        if self.options.fill and not way.failed:
            way.go(self.options.fill)
            way.back_and_forth(before, head, " with rows")
        examined = len(schema_text.differences(before, head))
        return way.result(examined, Decimal(f"{up.seconds:.6f}"), has_rows=bool(self.options.fill))


class _Way:
    """The commands of one gate, its database, and what was seen so far."""

    def __init__(self, ctx: Context, options: MigrationsOptions) -> None:
        self.ctx = ctx
        self.options = options
        self.failed: list[Finding] = []
        self.left: list[Finding] = []
        self.differing: list[Finding] = []
        services = {service.url: service.host for service in ctx.services.values()}
        given = ctx.service.filled(options.url) if options.url and services else options.url
        # An empty file is an empty database; whoever migrates may write beside it.
        own = ctx.plant("database.sqlite", b"")
        self.url = database_address.chosen(given, services, own=own)
        self.hosts = frozenset(services.values())
        self.tool = Tool(name=split(options.up)[0], version="", how="as gates.yaml says")

    def go(self, run: Words, *, ok: tuple[int, ...] = (0,)) -> Completed:
        """Run one of the project's commands with the address of the database."""
        words = split(run)
        if self.ctx.services:
            words = tuple(self.ctx.service.filled(word) for word in words)
        named = {self.options.url_variable: self.url} if self.options.url_variable else {}
        env = {"GATES_DATABASE_URL": self.url, **named}
        return self.ctx.run(found(self.ctx, words[0]), *words[1:], ok=ok, env=env)

    def schema(self, name: str) -> tuple[str, ...]:
        """The statements of the schema now; the dump stays beside the record."""
        file = self.ctx.out / f"{name}.sql"
        write_atomic(file, self._dump() or b"\n")
        text = self.ctx.report(file).data.decode(errors="replace")
        return schema_text.statements(text, self.options.ignore)

    def back_and_forth(self, before: tuple[str, ...], head: tuple[str, ...], how: str) -> None:
        """Take all back and run all again; what is not as it was becomes a finding."""
        name = how.strip().replace(" ", "-")
        down = self.go(self.options.down, ok=ANY)
        if down.exit_code:
            self.failed.append(self._failed("down", down, how))
            return
        left = schema_text.differences(before, self.schema(f"base{name}"))
        self.left += self._found(LEFT, left, f"after `down`{how}", self.left)
        again = self.go(self.options.up, ok=ANY)
        if again.exit_code:
            self.failed.append(self._failed("up", again, f" after `down`{how}"))
            return
        changed = schema_text.differences(head, self.schema(f"again{name}"))
        where = f"after `down` and `up`{how}"
        self.differing += self._found(DIFFERING, changed, where, self.differing)

    def result(self, examined: int, up_s: Decimal, *, has_rows: bool) -> StageResult:
        """What was seen, in numbers."""
        is_whole = not self.failed
        reason = "a way failed, so the schemas cannot be compared"
        alone = "tried on empty tables only: `fill` names nothing that puts rows in"
        numbers = (count(LEFT, len(self.left)), count(DIFFERING, len(self.differing)))
        return StageResult(
            metrics=(
                count(FAILING, len(self.failed)),
                *(numbers if is_whole else ()),
                Metric(name="up_time", value=up_s),
            ),
            examined=Examined(count=examined, unit="statements"),
            tool=self.tool,
            findings=(*self.failed, *((*self.left, *self.differing) if is_whole else ())),
            not_applicable=()
            if is_whole
            else tuple(NotApplicable(metric=name, reason=reason) for name in (LEFT, DIFFERING)),
            notes=() if has_rows else (alone,),
        )

    def _dump(self) -> bytes:
        if self.options.dump:
            return self.go(self.options.dump).stdout
        kind = database_address.scheme(self.url)
        if kind == SQLITE:
            path = str(self.ctx.root / self.url.partition(":///")[2])
            program = "gates.toolkit.sqlite_schema"
            printed = self.ctx.run(self.ctx.itself(), "-P", "-m", program, path).stdout
            is_whole = sqlite_schema.is_whole(printed.decode(errors="replace"))
        elif kind in POSTGRESQL:
            env = postgres_address.environment(self.url, allowed=self.hosts)
            flags = ("--schema-only", "--no-owner", "--no-privileges")
            printed = self.ctx.run(_pg_dump(self.ctx), *flags, env=env).stdout
            is_whole = schema_text.is_whole(printed.decode(errors="replace"))
        else:
            raise StageError(
                "no-dump",
                f"nothing is known that prints the schema of `{kind}`",
                hint="name a command: `dump` under `with:`",
            )
        if not is_whole:
            raise OutputUnreadable("dump-cut-off", "the printed schema does not end as one does")
        return printed

    def _failed(self, what: str, done: Completed, how: str) -> Finding:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        last = f": {self.ctx.clean(lines[-1])}" if lines else ""
        return Finding(
            rule=f"{what}-fails",
            severity=Severity.HIGH,
            message=f"`{what}`{how} ended with {done.exit_code}{last}",
            subject=f"{what}{how}",
            counts=(FAILING,),
        )

    def _found(
        self, rule: str, seen: tuple[tuple[str, bool], ...], where: str, known: list[Finding]
    ) -> list[Finding]:
        """One finding a statement; what was seen on empty tables is not told again."""
        subjects = {finding.subject for finding in known}
        return [
            Finding(
                rule=rule,
                severity=Severity.HIGH,
                message=self.ctx.clean(
                    f"{where} there is: `{text}`" if is_more else f"{where} is missing: `{text}`"
                ),
                subject=self.ctx.clean(text),
                counts=(rule,),
            )
            for text, is_more in seen
            if self.ctx.clean(text) not in subjects
        ]


def _pg_dump(ctx: Context) -> Tool:
    """The project's own, else that of the package which also serves databases."""
    try:
        return ctx.tool("pg_dump")
    except ToolMissing:
        from gates.toolkit.postgres_launch import PACKAGED

        for folder in sorted(Path(ctx.itself().path).parent.parent.glob(PACKAGED)):
            path = folder / "pg_dump"
            if os.access(path, os.X_OK):
                return Tool(name="pg_dump", version="", path=str(path), how="package `pgserver`")
        raise
