from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import live_context
from toolkit import own_postgres

from gates.plugin import OutputUnreadable, StageError, StageResult, Tool, ToolMissing
from gates.stages.migrations import Migrations, MigrationsOptions
from gates.testing.fake_service import FakeService

TABLE = "CREATE TABLE a (x int);\n"
BEGIN, END = "-- PostgreSQL database dump\n", "-- PostgreSQL database dump complete\n"
URL = "postgresql://u:secret@127.0.0.1:5555/x"  # pragma: allowlist secret


def stage(**options: object) -> Migrations:
    made = Migrations(MigrationsOptions.from_plain({"up": "go up", "down": "go down", **options}))
    made.check()
    return made


class Schema:
    """A database that is only a text, and what commands make of it."""

    def __init__(self, folder: Path, ups: list[str], downs: list[str]) -> None:
        self.ctx = fake_context(folder)
        self.text = ""
        self.ups, self.downs = ups, downs
        self.ctx.answer("go", "up", does=lambda _: self.become(self.ups.pop(0)))
        self.ctx.answer("go", "down", does=lambda _: self.become(self.downs.pop(0)))
        self.ctx.answer("print")
        self.ctx.answer("fill")

    def become(self, text: str) -> None:
        self.text = text
        self.ctx.answer("print", stdout=text)

    def measured(self, **options: object) -> StageResult:
        return stage(dump="print", **options).run(self.ctx)


def slug(made: Migrations, ctx: FakeContext) -> str:
    with pytest.raises(StageError) as caught:
        made.run(ctx)
    return caught.value.problem.slug


def test_migrations_that_lead_there_and_back(tmp_path: Path) -> None:
    schema = Schema(tmp_path, [TABLE, TABLE], [""])
    result = schema.measured(url_variable="DB")
    assert {name: metrics_of(result)[name] for name in ("failing", "left", "differing")} == {
        "failing": 0,
        "left": 0,
        "differing": 0,
    }
    assert (result.examined.count, result.examined.unit) == (1, "statements")
    assert [" ".join(argv).split("/")[-1] for argv in schema.ctx.runs] == [
        "print", "go up", "print", "go down", "print", "go up", "print",
    ]  # fmt: skip
    assert schema.ctx.envs[1]["DB"].startswith("sqlite:///")
    assert result.notes == ("tried on empty tables only: `fill` names nothing that puts rows in",)
    assert result.findings == ()


def test_what_stays_and_what_comes_out_otherwise(tmp_path: Path) -> None:
    left, other = "CREATE TYPE c;\n", "CREATE TABLE a (x text);\n"
    result = Schema(tmp_path, [TABLE, other], [left]).measured()
    assert [(each.rule, each.message) for each in result.findings] == [
        ("left", "after `down` there is: `CREATE TYPE c`"),
        ("differing", "after `down` and `up` is missing: `CREATE TABLE a (x int)`"),
        ("differing", "after `down` and `up` there is: `CREATE TABLE a (x text)`"),
    ]
    assert (metrics_of(result)["left"], metrics_of(result)["differing"]) == (1, 2)


def test_with_rows_only_what_is_new_is_told(tmp_path: Path) -> None:
    left = "CREATE TYPE c;\n"
    schema = Schema(tmp_path, [TABLE, TABLE, TABLE], [left, left + "CREATE TYPE d;\n"])
    result = schema.measured(fill="fill it")
    assert [each.message for each in result.findings] == [
        "after `down` there is: `CREATE TYPE c`",
        "after `down` with rows there is: `CREATE TYPE d`",
    ]
    assert result.notes == ()


@pytest.mark.parametrize(
    ("which", "message"),
    [
        ("down", "`down` ended with 3: it broke"),
        ("up", "`up` after `down` ended with 3: it broke"),
    ],
)
def test_a_way_that_fails(tmp_path: Path, which: str, message: str) -> None:
    schema = Schema(tmp_path, [TABLE], [""])

    def then(_argv: tuple[str, ...]) -> None:
        schema.become(TABLE)
        schema.ctx.answer("go", which, exit_code=3, stderr="x\nit broke\n")

    schema.ctx.answer("go", "up", does=then)
    result = schema.measured(fill="fill it")
    assert [(each.message, each.counts) for each in result.findings] == [(message, ("failing",))]
    assert metrics_of(result)["failing"] == 1
    assert [each.metric for each in result.not_applicable] == ["left", "differing"]
    assert "fill" not in " ".join(argv[0] for argv in schema.ctx.runs)


def test_a_way_that_fails_without_a_word(tmp_path: Path) -> None:
    schema = Schema(tmp_path, [TABLE], [])
    schema.ctx.answer("go", "down", exit_code=1)
    assert schema.measured().findings[0].message == "`down` ended with 1"


def test_a_database_that_is_not_empty(tmp_path: Path) -> None:
    schema = Schema(tmp_path, [], [])
    schema.become(TABLE)
    assert slug(stage(dump="print"), schema.ctx) == "database-not-empty"


def test_an_upgrade_that_changes_nothing(tmp_path: Path) -> None:
    assert slug(
        stage(dump="print"), Schema(tmp_path, ["CREATE TABLE goose_db_version (a int);"], []).ctx
    ) == ("not-migrated")


def test_an_upgrade_that_fails_the_first_time(tmp_path: Path) -> None:
    schema = Schema(tmp_path, [], [])
    schema.ctx.answer("go", "up", exit_code=1)
    assert slug(stage(dump="print"), schema.ctx) == "tool-crashed"


def test_postgresql_is_dumped_without_a_password_on_the_command_line(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.given_services = {"db": FakeService(name="db", port=5555)}
    ctx.answer("pg_dump", stdout=BEGIN + END)
    ctx.answer("go", "up", does=lambda _: ctx.answer("pg_dump", stdout=BEGIN + TABLE + END))
    ctx.answer("go", "down", does=lambda _: ctx.answer("pg_dump", stdout=BEGIN + END))
    result = stage(url=URL.replace("5555", "{port}"), up="go up {port}").run(ctx)
    assert metrics_of(result)["left"] == 0
    assert ctx.envs[0]["PGPASSWORD"] == "secret"  # pragma: allowlist secret
    assert not any("secret" in word for argv in ctx.runs for word in argv)
    assert ("/tools/go", "up", "5555") in ctx.runs


@pytest.mark.parametrize("printed", ["", BEGIN, END, BEGIN + TABLE])
def test_a_dump_that_is_cut_off(tmp_path: Path, printed: str) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("pg_dump", stdout=printed)
    with pytest.raises(OutputUnreadable, match="does not end as one does"):
        stage(url=URL).run(ctx)


def test_a_dump_of_sqlite_that_is_cut_off(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("gates.toolkit.sqlite_schema", stdout=TABLE)
    assert slug(stage(), ctx) == "dump-cut-off"


def test_pg_dump_of_the_package_that_serves_databases(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = fake_context(tmp_path)
    ctx.missing.add("pg_dump")
    itself = Tool(name="gates", version="", path=str(tmp_path / "own/bin/python"))
    monkeypatch.setattr(FakeContext, "itself", lambda _: itself)
    assert slug(stage(url=URL), ctx) == "tool-missing"
    folder = tmp_path / "own/lib/python3.11/site-packages/pgserver/pginstall/bin"
    folder.mkdir(parents=True)
    assert slug(stage(url=URL), ctx) == "tool-missing"
    (folder / "pg_dump").touch(mode=0o755)
    ctx.answer("pg_dump")
    assert slug(stage(url=URL), ctx) == "dump-cut-off"
    assert ctx.runs[0][0] == str(folder / "pg_dump")


def test_a_database_of_which_no_dump_is_known(tmp_path: Path) -> None:
    assert slug(stage(url="mysql://u@localhost/x"), fake_context(tmp_path)) == "no-dump"


@pytest.mark.parametrize("options", [{"up": ""}, {"down": ""}, {"dump": "a 'b"}, {"fill": "''"}])
def test_options_that_name_nothing_are_refused(options: Mapping[str, object]) -> None:
    with pytest.raises(ValueError, match=r"`up` and `down`|quotation|no program"):
        stage(**options)


SCRIPT = """\
import os, sqlite3
file = sqlite3.connect(os.environ["DB"].removeprefix("sqlite:///"))
file.executescript({text!r})
file.commit()
file.close()
"""


@pytest.mark.live
def test_sqlite(tmp_path: Path) -> None:
    ctx = live_context(tmp_path)
    ctx.write("up.py", SCRIPT.format(text="CREATE TABLE a (x); CREATE INDEX i ON a (x)"))
    ctx.write("down.py", SCRIPT.format(text="DROP TABLE a"))
    ctx.write("fill.py", SCRIPT.format(text="INSERT INTO a VALUES (1)"))
    ways = {"up": "python up.py", "down": "python down.py", "fill": "python fill.py"}
    found = stage(**ways, url_variable="DB", url="sqlite:///a.db").run(ctx)
    assert metrics_of(found)["left"] == metrics_of(found)["failing"] == 0
    assert found.examined.count == 2
    with closing(sqlite3.connect(ctx.root / "a.db")) as file:
        assert file.execute("SELECT count(*) FROM a").fetchone() == (0,)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if own_postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with own_postgres.served("orders") as url:
        yield url


@pytest.mark.live
def test_postgresql(tmp_path: Path, address: str) -> None:
    ctx = live_context(tmp_path)
    run = "import os, psycopg\nwith psycopg.connect(os.environ['DB']) as one: one.execute({!r})\n"
    ctx.write("up.py", run.format("CREATE TABLE a (x int); CREATE TYPE c AS ENUM ('a')"))
    ctx.write("down.py", run.format("DROP TABLE a"))
    made = stage(up="python up.py", down="python down.py", url=address, url_variable="DB")
    try:
        result = made.run(ctx)
    except ToolMissing:
        pytest.skip("pg_dump is not installed")
    assert [each.rule for each in result.findings] == ["up-fails"]
    assert 'type "c" already exists' in result.findings[0].message
