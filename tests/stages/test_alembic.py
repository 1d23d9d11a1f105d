from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import live_context
from toolkit import own_postgres
from toolkit.migrated_project import ADD, CREATE, DROP, SOUND, Ways, project

from gates.plugin import StageError, ToolMissing
from gates.stages.alembic import Alembic, AlembicOptions
from gates.testing.fake_service import FakeService
from gates.toolkit.alembic_launch import ABSENT

RECORD: dict[str, object] = {
    "alembic": "1.20.1",
    "sqlalchemy": "2.1.9",
    "dialect": "sqlite",
    "heads": ["b"],
    "trip": [],
    "tables": 1,
    "drift": [],
    "canary": 1,
    "rows": 0,
}


@dataclass(slots=True, kw_only=True)
class DatabaseService(FakeService):
    """A service whose address is that of a database."""

    @property
    def url(self) -> str:
        return f"postgresql://postgres@{self.host}:{self.port}/orders"


def stage(**options: object) -> Alembic:
    made = Alembic(AlembicOptions.from_plain(options))
    made.check()
    return made


def told(ctx: FakeContext, **changed: object) -> None:
    """Let the program tell of two sound revisions, but for what is changed."""
    root = f"{ctx.root}/migrations/versions"
    sound: dict[str, object] = {"seconds": 1, "faults": [], "dropped": []}
    steps = [{"revision": name, **sound} for name in ("a", "b")]
    revisions = [["a", f"{root}/a.py"], ["b", "/elsewhere/b.py"]]

    def does(argv: tuple[str, ...]) -> None:
        settings = json.loads(Path(argv[2]).read_bytes())
        record = {**RECORD, "revisions": revisions, "steps": steps, **changed}
        if settings["mode"] == "filled":
            record |= {"filled": [["orders", 3]], "steps": steps[::-1]}
        Path(settings["record"]).write_text(json.dumps(record))

    ctx.answer("python", "*start.py", does=does)


def settings(ctx: FakeContext, mode: str = "walk") -> dict[str, object]:
    read: dict[str, object] = json.loads((ctx.out / mode / "settings.json").read_bytes())
    return read


def slug(made: Alembic, ctx: FakeContext) -> str:
    with pytest.raises(StageError) as caught:
        made.run(ctx)
    return caught.value.problem.slug


def test_without_a_service_it_is_a_file_of_its_own(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    told(ctx)
    result = stage(url_variable="ORDERS_URL").run(ctx)
    url = f"sqlite:///{ctx.out}/database.sqlite"
    assert ctx.envs[0]["ORDERS_URL"] == ctx.envs[0]["GATES_DATABASE_URL"] == url
    assert settings(ctx) == {
        "url": url,
        "config": "alembic.ini",
        "section": "alembic",
        "x": "",
        "toml": "",
        "models": "yes",
        "fill": "",
        "mode": "walk",
        "record": str(ctx.out / "walk/record.json"),
    }
    assert (result.tool.name, result.tool.version) == ("alembic", "1.20.1")
    assert metrics_of(result)["broken"] == 0


def test_the_database_of_the_service(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {**project(), "pyproject.toml": ""})
    ctx.given_services = {"db": DatabaseService(name="db", port=5555)}
    told(ctx)
    stage(x_argument="url").run(ctx)
    assert settings(ctx)["url"] == "postgresql://postgres@127.0.0.1:5555/orders"
    assert (settings(ctx)["x"], settings(ctx)["toml"]) == ("url", "yes")
    assert sorted(ctx.envs[0]) == ["GATES_DATABASE_URL", "PYTHONDONTWRITEBYTECODE"]


def test_an_address_with_placeholders(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    ctx.given_services = {"db": DatabaseService(name="db", port=5555)}
    told(ctx)
    stage(url="postgresql+asyncpg://u@{host}:{port}/x").run(ctx)
    assert settings(ctx)["url"] == "postgresql+asyncpg://u@127.0.0.1:5555/x"


def test_a_service_that_is_no_database(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    ctx.given_services = {"api": FakeService()}
    assert slug(stage(), ctx) == "no-database"


def test_a_command_puts_rows_in(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    ctx.given_services = {"db": DatabaseService(name="db", port=5555)}
    told(ctx)
    ctx.answer("seed", "--at", "127.0.0.1")
    result = stage(fill="seed --at {host}", url_variable="DB").run(ctx)
    assert [Path(argv[0]).name for argv in ctx.runs] == ["python", "seed", "python"]
    assert ctx.envs[1]["DB"] == "postgresql://postgres@127.0.0.1:5555/orders"
    assert settings(ctx, "filled")["fill"] == ""
    assert metrics_of(result)["rows"] == 3


def test_a_file_puts_rows_in(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    told(ctx)
    stage(fill="data/rows.sql").run(ctx)
    assert settings(ctx, "filled")["fill"] == "data/rows.sql"
    assert len(ctx.runs) == 2


def test_a_command_that_is_missing(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    told(ctx)
    ctx.missing.add("seed")
    assert slug(stage(fill=["seed"]), ctx) == "tool-missing"


def test_rows_are_not_tried_where_head_was_not_reached(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    fails = ["up-fails", ["x"]]
    steps = [{"revision": "a", "seconds": 1, "faults": [fails], "dropped": []}]
    told(ctx, trip=[fails], steps=steps, drift=None)
    result = stage(fill="seed").run(ctx)
    assert len(ctx.runs) == 1
    assert result.findings[0].path == "migrations/versions/a.py"
    assert result.findings[0].line > 1


def test_an_interpreter_without_alembic(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    ctx.answer("python", exit_code=ABSENT)
    with pytest.raises(ToolMissing, match="Alembic is not in the environment"):
        stage().run(ctx)


def test_models_may_be_left_out(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    told(ctx, drift=None)
    made = stage(models=False)
    result = made.run(ctx)
    assert "drift" not in {spec.name for spec in made.specs()} | set(metrics_of(result))
    assert [each.text for each in made.conditions()] == ["broken == 0", "heads == 1"]
    assert [each.text for each in stage().conditions()][-1] == "drift == 0"


@pytest.mark.parametrize(
    "options", [{"url_variable": "A B"}, {"x_argument": "a=b"}, {"fill": "a 'b"}]
)
def test_options_that_name_nothing_are_refused(options: Mapping[str, object]) -> None:
    with pytest.raises(ValueError, match=r"`|quot"):
        stage(**options)


def test_no_record_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, project())
    ctx.answer("python")
    assert slug(stage(), ctx) == "report-absent"


@pytest.mark.live
def test_the_broken_revision_alone_is_named_with_its_line(tmp_path: Path) -> None:
    kept = CREATE.replace("))", "), sa.Column('note', sa.Text))")
    ways = {
        "a": Ways(kept, DROP),
        "b": Ways("op.drop_column('orders', 'note')", "pass", "a"),
        "c": Ways(ADD, "op.drop_column('orders', 'total')", "b"),
    }
    ctx = live_context(tmp_path, project(ways))
    ctx.write("seed.py", "import os, sqlite3\n"
              "file = sqlite3.connect(os.environ['DB'].removeprefix('sqlite:///'))\n"
              "file.execute('INSERT INTO orders VALUES (1, 2)')\nfile.commit()\n")  # fmt: skip
    result = stage(fill="python seed.py", url_variable="DB").run(ctx)
    (finding,) = result.findings
    assert finding.message == (
        "revision `b`: its downgrade does not undo its upgrade: column `orders.note` is missing."
        " its upgrade fails after its downgrade: OperationalError: (sqlite3.OperationalError) no"
        ' such column: "note"'
    )
    assert (finding.path, finding.line) == ("migrations/versions/b.py", 13)
    assert metrics_of(result)["broken"] == 1
    assert metrics_of(result)["rows"] == 1
    assert "not reached with rows: a" in result.notes


@pytest.mark.live
def test_another_database_is_errored(tmp_path: Path) -> None:
    ctx = live_context(tmp_path, project(url="'sqlite:///orders.db'"))
    assert slug(stage(), ctx) == "another-database"


@pytest.mark.live
def test_a_migration_that_ends_the_process_is_errored(tmp_path: Path) -> None:
    ends = Ways(ADD, "import os; os._exit(0)", "a")
    ctx = live_context(tmp_path, project({**SOUND, "b": ends}))
    assert slug(stage(), ctx) == "report-absent"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    if own_postgres.programs() is None:
        pytest.skip("PostgreSQL is not installed")
    with own_postgres.served("orders") as url:
        yield url


@pytest.mark.live
def test_postgresql(tmp_path: Path, address: str) -> None:
    driver = 'sa.make_url(__import__("os").environ["DB"]).set(drivername="postgresql+psycopg")'
    add = "op.execute(\"CREATE TYPE colour AS ENUM ('red')\"); " + ADD.replace(
        "sa.Integer", "sa.Enum('red', name='colour')"
    )
    ways = {**SOUND, "b": Ways(add, "op.drop_column('orders', 'total')", "a")}
    colour = 'sa.Enum("red", name="colour")'
    columns = f'sa.Column("id", sa.Integer, primary_key=True), sa.Column("total", {colour})'
    ctx = live_context(tmp_path, project(ways, url=driver, columns=columns))
    ctx.write("rows.sql", "INSERT INTO orders VALUES (1, 'red');\nINSERT INTO orders VALUES (2);")
    result = stage(url=address, url_variable="DB", fill="rows.sql").run(ctx)
    (finding,) = result.findings
    assert finding.message.startswith(
        "revision `b`: its downgrade does not undo its upgrade: type `colour` is there, and was not"
    )
    assert metrics_of(result)["drift"] == 0
    assert metrics_of(result)["rows"] == 2
