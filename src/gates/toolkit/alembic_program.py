"""Tries the migrations of a project on an empty database; it runs in the project's interpreter.

    python start.py SETTINGS

SETTINGS is a JSON file. What was seen goes, at the end, to the file that it names. Two ways to go:

- `walk`: head, base and head again as `alembic` itself goes; then each revision up, down and up,
  with the structure compared; then whether the models differ from the migrations, twice: as they
  are, and with all tables gone, which must be seen.
- `filled`: from a head that holds rows, each revision down, up and down, with the rows counted.

Nothing is migrated before the connection of `env.py` was seen to lead to the database of SETTINGS,
and that one to be empty: nobody's data are dropped. Needs Python 3.10 and Alembic 1.9, and nothing
of `gates` but what is copied with it.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import alembic
import sqlalchemy
from alembic import command
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError

from . import schema_structure as schema
from .alembic_calls import RefusedError, configured, tried
from .alembic_database import Database, has_marker
from .alembic_drift import drift

MAX_TOLD = 20
"""Differences that are told of one comparison."""

Fault = tuple[str, tuple[str, ...]]
"""What went wrong, and in which words."""


class Trial:
    """The migrations of one project, tried on one database."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.told: dict[str, object] = {}
        self.steps: list[dict[str, object]] = []
        self.config = configured(settings)
        self.fill = settings["fill"]
        self.models = bool(settings["models"])
        self.database = Database(settings["url"])
        self.script = ScriptDirectory.from_config(self.config)
        self.order: list[Script] = list(self.script.walk_revisions())[::-1]

    def record(self) -> dict[str, object]:
        """All that was seen."""
        return {**self.told, "steps": self.steps}

    def begin(self) -> None:
        """Tell what there is, and see that it is the right database, and an empty one.

        Raises:
            RefusedError: it is not, or there is nothing to try.
        """
        self.told.update(
            alembic=alembic.__version__,
            sqlalchemy=sqlalchemy.__version__,
            dialect=self.database.dialect,
            heads=sorted(self.script.get_heads()),
            revisions=[[each.revision, each.path] for each in self.order],
        )
        if not self.order:
            raise RefusedError(
                "no-migrations",
                "Alembic finds no revision",
                "see `script_location` and `version_locations` of its configuration",
            )
        self._see_the_same()

    def empty(self) -> None:
        """See that nobody's data are in the database.

        Raises:
            RefusedError: there is something in it.
        """
        there = schema.differences({}, self.database.structure())
        if there or self.database.revisions():
            what = there[0].removesuffix(", and was not") if there else "a revision is there"
            raise RefusedError(
                "database-not-empty",
                f"the database is not empty ({what}), and all that it holds would be dropped",
                "name an empty one, or a service that is started for this gate alone",
            )

    def walk(self) -> None:
        """Try all revisions without rows, and leave the database at head, or empty."""
        reached = self._trip()
        self.database.clear()
        for at, each in enumerate(self.order):
            if not self._step(at, each):
                break
        self.database.clear()
        if reached:
            if self.models:
                self._models()
            command.upgrade(self.config, "heads")
            self.told.update(rows=sum(each.rows for each in self.database.contents().values()))

    def filled(self) -> None:
        """Try all revisions from head on down with rows, and leave the database empty.

        Raises:
            RefusedError: the file that is to put rows in cannot be run.
        """
        if self.fill:
            text = Path(self.fill).read_text(encoding="utf-8")
            why = tried(lambda: self.database.run(text))
            if why:
                hint = "run it by hand on a database at head"
                raise RefusedError("fill-failed", f"`{self.fill}` ended with {why}", hint)
        before = self.database.contents()
        self.told["filled"] = [
            [".".join(filter(None, table)), each.rows] for table, each in sorted(before.items())
        ]
        for each in reversed(self.order):
            if not self._step_with_rows(each):
                break
        self.database.clear()

    def go(self, each: Script, *, up: bool) -> tuple[float, str]:
        """Go one revision up or down: the seconds, and why it failed, or empty.

        Raises:
            RefusedError: Alembic went, and the database tells no such thing.
        """
        make = MigrationStep.upgrade_from_script if up else MigrationStep.downgrade_from_script
        started = time.perf_counter()
        step = make(self.script.revision_map, each)
        why = tried(lambda: self._environment(lambda _: [step]))
        seconds = time.perf_counter() - started
        if not why and (each.revision in self.database.revisions()) is not up:
            raise RefusedError(
                "not-migrated",
                f"Alembic went to the other side of `{each.revision}`, and the database of this"
                " gate tells no such thing",
                "see whether `env.py` runs the migrations that it is given, and commits",
            )
        return seconds, why

    def _environment(
        self, steps: Callable[[MigrationContext], list[MigrationStep]], **more: bool
    ) -> None:
        def asked(_revision: object, context: MigrationContext) -> list[MigrationStep]:
            return steps(context)

        context = {"destination_rev": "heads", **more}
        with EnvironmentContext(self.config, self.script, fn=asked, **context):
            self.script.run_env()

    def _see_the_same(self) -> None:
        """See that `env.py` connects to our database; nothing is migrated meanwhile."""
        self.empty()
        marker = f"gates_marker_{secrets.token_hex(8)}"
        seen: list[bool] = []

        def look(context: MigrationContext) -> list[MigrationStep]:
            bound = context.connection
            seen.append(bound is not None and has_marker(bound, marker))
            self.database.version_table = (
                context.version_table_schema or "",
                context.version_table,
            )
            return []

        self.database.mark(marker)
        try:
            why = tried(lambda: self._environment(look, dont_mutate=True))
        finally:
            self.database.unmark(marker)
        if why:
            hint = "run `alembic current` by hand with the same environment"
            raise RefusedError("env-failed", f"`env.py` ended with {why}", hint)
        if not seen or not all(seen):
            raise RefusedError(
                "another-database",
                "`env.py` connects to another database than the one of this gate; nothing was"
                " migrated",
                "hand the address over: `url_variable` (an environment variable that `env.py`"
                " reads), `x_argument`, or `sqlalchemy.url` of the configuration",
            )
        # An older Alembic makes its own table even where nothing is migrated.
        self.database.clear()

    def _trip(self) -> bool:
        """Head, base and head, as the `alembic` program goes; whether head was reached."""
        faults: list[Fault] = []
        why = tried(lambda: command.upgrade(self.config, "heads"))
        if why:
            self.told.update(trip=[("up-fails", (why,))], tables=0)
            return False
        head = self.database.structure()
        self._see_head(head)
        down = tried(lambda: command.downgrade(self.config, "base"))
        if down:
            faults.append(("down-fails", (down,)))
        else:
            left = schema.differences({}, self.database.structure())
            if self.database.revisions():
                left = ("the revision is not gone", *left)
            if left:
                faults.append(("down-differs", left[:MAX_TOLD]))
            again = tried(lambda: command.upgrade(self.config, "heads"))
            found = schema.differences(head, self.database.structure()) if not again else (again,)
            if found:
                faults.append(("again-fails" if again else "again-differs", found[:MAX_TOLD]))
        self.told.update(trip=faults, tables=len(schema.tables(head)))
        return True

    def _see_head(self, head: schema.Structure) -> None:
        heads = frozenset(self.script.get_heads())
        found = self.database.revisions()
        # A head that another revision depends on is not in the table.
        if not found or not found <= heads or not schema.tables(head):
            raise RefusedError(
                "not-migrated",
                f"after `upgrade heads` the database is at {sorted(found) or 'no revision'} and"
                f" holds {len(schema.tables(head))} tables",
                "see whether `env.py` runs the migrations that it is given, and commits",
            )

    def _step(self, at: int, each: Script) -> bool:
        """Try one revision up, down and up; whether the next one can be tried."""
        before = self.database.structure()
        faults: list[Fault] = []
        up_s, why = self.go(each, up=True)
        if why:
            self._stepped(each, up_s, [("up-fails", (why,))])
            return False
        after = self.database.structure()
        down_s, why = self.go(each, up=False)
        if why:
            faults.append(("down-fails", (why,)))
        else:
            found = schema.differences(before, self.database.structure())
            if found:
                faults.append(("down-differs", found[:MAX_TOLD]))
            _, why = self.go(each, up=True)
            found = () if why else schema.differences(after, self.database.structure())
            if why or found:
                kind = "again-fails" if why else "again-differs"
                faults.append((kind, (why,) if why else found[:MAX_TOLD]))
        self._stepped(each, max(up_s, down_s), faults)
        if faults:
            self._restart(self.order[: at + 1])
        return True

    def _stepped(
        self, each: Script, seconds: float, faults: list[Fault], dropped: tuple[str, ...] = ()
    ) -> None:
        step = {"seconds": round(seconds, 6), "faults": faults, "dropped": dropped}
        self.steps.append({"revision": each.revision, **step})

    def _restart(self, revisions: Sequence[Script]) -> None:
        """Come back to a revision from an empty database, so that the next one can be tried."""
        self.database.clear()
        for each in revisions:
            _, why = self.go(each, up=True)
            if why:
                raise RefusedError(
                    "not-repeatable",
                    f"`{each.revision}` went up from an empty database once, and then did not:"
                    f" {why}",
                    "see what it keeps outside the database",
                )

    def _models(self) -> None:
        """Whether the models differ, and whether it would be seen if they did."""
        command.upgrade(self.config, "heads")
        try:
            found = drift(self.config)
        except CommandError as error:
            raise RefusedError(
                "no-models",
                f"the models cannot be compared: {error}",
                "name them as `target_metadata` in `env.py`, or set `models: false` where there"
                " are none",
            ) from error
        self.database.clear(keep_version=True)
        self.told.update(drift=found, canary=len(drift(self.config)))
        self.database.clear()

    def _step_with_rows(self, each: Script) -> bool:
        """Try one revision down, up and down; whether the next one can be tried."""
        before = self.database.contents()
        faults: list[Fault] = []
        seconds, why = self.go(each, up=False)
        lost: tuple[str, ...] = ()
        dropped: tuple[str, ...] = ()
        if why:
            faults.append(("down-fails", (why,)))
        else:
            below = self.database.contents()
            again_s, why = self.go(each, up=True)
            seconds = max(seconds, again_s)
            if why:
                faults.append(("again-fails", (why,)))
            else:
                lost, dropped = schema.losses(before, below, self.database.contents())
                if lost:
                    faults.append(("loses-rows", lost[:MAX_TOLD]))
                _, why = self.go(each, up=False)
                if why:
                    faults.append(("down-fails", (why,)))
        self._stepped(each, seconds, faults, dropped[:MAX_TOLD])
        return not why


def main(arguments: Sequence[str]) -> int:
    """Try the migrations; 0 where the record is whole.

    Args:
        arguments: the file of the settings.
    """
    settings: dict[str, str] = json.loads(Path(arguments[0]).read_bytes())
    trial = Trial(settings)
    try:
        if settings["mode"] == "filled":
            trial.filled()
        else:
            trial.begin()
            trial.walk()
    except RefusedError as error:
        trial.told["refused"] = {"slug": error.slug, "why": f"{error}", "hint": error.hint}
    Path(settings["record"]).write_text(json.dumps(trial.record()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
