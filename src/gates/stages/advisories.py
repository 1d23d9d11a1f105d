"""`advisories`: known vulnerabilities of the packages in use, from a local database alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path

from gates import __version__
from gates.advisories import documented, inventory, locks, tally
from gates.advisories.inventory import Inventory
from gates.formats import package_lock
from gates.plugin import (
    IN_CI,
    Artifact,
    Context,
    Default,
    Examined,
    Options,
    Role,
    Stage,
    StageError,
    StageResult,
    Tool,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoriesOptions(Options):
    """Options of `advisories`."""

    lock: str | tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "requirements.txt, uv.lock, poetry.lock or pylock.toml; or package-lock.json"
            " or npm-shrinkwrap.json; one or a list; else the packages of the project's Python"
            " environment"
        },
    )
    source: str = field(
        default="",
        metadata={
            "help": "a database, or an OSV export (JSON, folder or zip) of the lock's ecosystem,"
            " PyPI or npm; else $GATES_ADVISORIES, else what `gates advisories update` made"
        },
    )
    omit: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "kinds of packages of an npm lock that are not looked up: `dev`, `optional`,"
            " `peer`",
            "stricter": "fewer",
        },
    )
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    grace: Mapping[str, str] = field(default_factory=dict, metadata=documented.GRACE)


class Advisories(Stage[AdvisoriesOptions]):
    """Each package of a lock or of the environment, looked up in a database with a date."""

    uses = "advisories"
    title = "known vulnerabilities, without a network"
    options_type = AdvisoriesOptions
    metrics = tally.specs(age_is_optional=False)
    defaults = (
        *(Default(text=text) for text in documented.CONDITIONS),
        Default(text=documented.AGE_CONDITION, role=Role.WARN, to_level=2),
        Default(text=documented.AGE_CONDITION, from_level=3),
    )
    criteria = ("L1-AUDIT",)
    when = IN_CI
    examines = "packages"
    errored_when = (
        *documented.ERRORED_WHEN,
        "there is no database, or it is damaged, empty or of a day to come",
        "the database is of another ecosystem than the lock: of PyPI for a lock of npm",
        "advisories name a package whose version cannot be read",
        "npm-shrinkwrap.json lies beside the lock of npm, which it takes the place of",
        "the database does not find a package of its own that it must find",
    )

    def check(self) -> None:
        """Refuse locks that cannot be read together, and a grace that is no number of days.

        Raises:
            ValueError: with one line that says why.
        """
        named = inventory.named(self.options.lock)
        locks.check(named)
        kinds = {package_lock.is_lock(name) for name in named}
        if len(kinds) > 1:
            raise ValueError("a lock of npm is looked up elsewhere: give it a gate of its own")
        for kind in self.options.omit:
            if kind not in package_lock.KINDS:
                known = ", ".join(package_lock.KINDS)
                raise ValueError(f"`omit` knows no `{kind}`; it knows {known}")
        if self.options.omit and True not in kinds:
            raise ValueError("`omit` says what of a lock of npm is left out: name that lock")
        tally.read_grace(self.options.grace)

    def run(self, ctx: Context) -> StageResult:
        """Look every package up, with one among them that must be found."""
        from gates.advisories import location, sources

        used, place = self._inventory(ctx)
        if not used.entries:
            raise StageError("nothing-examined", "there is no package to look up", place=place)
        environ = {name: ctx.setting(name) for name in location.VARIABLES}
        now = datetime.combine(ctx.today, time(), UTC)
        with location.open_configured(
            environ, base=ctx.root, now=now, named=self.options.source
        ) as database:
            outcome = sources.examine(database.about(used.ecosystem), used.packages)
        age = tally.age(outcome.facts, ctx.today)
        counted = tally.tally(
            outcome.vulnerabilities,
            used,
            grace=tally.read_grace(self.options.grace),
            today=ctx.today,
        )
        return StageResult(
            metrics=counted.metrics if age is None else (*counted.metrics, age),
            examined=Examined(
                count=outcome.packages,
                unit="packages",
                details=(("internal", len(used.internal)),),
            ),
            findings=counted.findings,
            artifacts=(
                *(Artifact(path=name, sha256=digest) for name, digest in used.files),
                Artifact(path=outcome.facts.name, sha256=outcome.facts.sha256),
            ),
            tool=Tool(name="gates", version=__version__),
            notes=(
                tally.data_note(outcome.facts),
                f"packages of {place}",
                *(f"left out: {package_lock.KINDS[kind]}" for kind in self.options.omit),
                *used.notes,
                *counted.notes,
            ),
            canary=documented.planted(outcome.canary, outcome.facts.name),
        )

    def subjects_before(self, ctx: Context) -> frozenset[str]:
        """The packages of the lock at the base; none of an environment, so that all is new.

        Raises:
            OutputUnreadable: the lock was not whole.
        """
        return locks.subjects(ctx.before, inventory.named(self.options.lock), root=ctx.root)

    def _inventory(self, ctx: Context) -> tuple[Inventory, str]:
        """The packages, and where they stand."""
        internal = self.options.internal
        named = inventory.named(self.options.lock)
        if any(map(package_lock.is_lock, named)):
            from gates.advisories import npm_locks

            used = npm_locks.read(ctx.root, named, internal=internal, omitted=self.options.omit)
            return used, ", ".join(named)
        if named:
            return inventory.from_locks(ctx.root, named, internal=internal), ", ".join(named)
        python = ctx.tool("python", ask=False)
        folder = Path(python.path).parent.parent
        found = inventory.from_environment(folder, root=ctx.root, internal=internal)
        return found, f"{folder} ({python.how})"
