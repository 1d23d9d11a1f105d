"""`pip-audit`: known vulnerabilities of the packages in use, found by pip-audit and rated here."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from gates.advisories import documented, inventory, locks, tally
from gates.advisories.inventory import Inventory
from gates.advisories.matching import Package
from gates.formats import pip_audit_json, python_locks
from gates.formats.pip_audit_json import AuditReport
from gates.formats.tool_paths import arguments
from gates.plugin import (
    IN_CI,
    Artifact,
    Completed,
    Context,
    Default,
    Examined,
    NotApplicable,
    OutputUnreadable,
    Report,
    ReportOptions,
    Role,
    Stage,
    StageError,
    StageResult,
    Tool,
    ToolCrashed,
)
from gates.toolkit.files import write_atomic

if TYPE_CHECKING:
    from gates.advisories.foreign_audit import LookedUp, Rating

    _Done = tuple[Inventory, LookedUp]

CANARY = Package("jinja2", "2.10")
"""Vulnerable by CVE-2019-10906 and others, so old that every service must know it."""

SERVICES = ("pypi", "osv")
_OSV_PATH = "/v1/query"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipAuditOptions(ReportOptions):
    """Options of `pip-audit`."""

    lock: str | tuple[str, ...] = field(default=(), metadata=documented.LOCK)
    service: str = field(
        default="pypi",
        metadata={
            "help": "whom pip-audit asks: `pypi`, which also says that a package is not known"
            " there, or `osv`, to which such a package is a clean one"
        },
    )
    osv_url: str = field(default="", metadata=documented.OSV_URL)
    source: str = field(
        default="",
        metadata={
            "help": "where severities are from: a database or an OSV export; else"
            " $GATES_ADVISORIES, else the OSV service"
        },
    )
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    grace: Mapping[str, str] = field(default_factory=dict, metadata=documented.GRACE)


class PipAudit(Stage[PipAuditOptions]):
    """Each package of a lock or of the environment, looked up by pip-audit.

    pip-audit ends well although it looked nothing up, and knows no severity. So its report is held
    against our own list of the packages, a package that is known to be vulnerable must be found in
    the same way, and severities are resolved from OSV records.
    """

    uses = "pip-audit"
    title = "known vulnerabilities"
    options_type = PipAuditOptions
    metrics = tally.specs(age_is_optional=True)
    defaults = (
        *(Default(text=text) for text in documented.CONDITIONS),
        Default(text=documented.AGE_CONDITION, role=Role.WARN, to_level=2),
        Default(text=documented.AGE_CONDITION, from_level=3),
    )
    criteria = ("L1-AUDIT",)
    examines = "packages"
    when = IN_CI
    errored_when = (
        *documented.ERRORED_WHEN,
        "pip-audit skipped or left out a package, or names one that is not there",
        "pip-audit did not find jinja2 2.10, which it must find",
        "pip-audit wrote no report, or its report and its exit code contradict each other",
        "pip-audit dropped an advisory that it could not read",
        "nothing answered that knows the severity of what was found",
    )
    programs = ("pip-audit",)
    written_by = "pip-audit --format=json --desc=on --aliases=on --output=out/pip-audit.json"

    def check(self) -> None:
        """Refuse options that cannot be used.

        Raises:
            ValueError: with one line that says why.
        """
        inventory.check_locks(inventory.named(self.options.lock))
        tally.read_grace(self.options.grace)
        if self.options.service not in SERVICES:
            raise ValueError(f"`service` is one of {', '.join(SERVICES)}")
        if self.options.osv_url:
            from gates.advisories.transport import check_address

            try:
                check_address(self.options.osv_url)
            except StageError as error:
                raise ValueError(f"`osv_url`: {error.problem.summary}") from error

    def run(self, ctx: Context) -> StageResult:
        """Have every package looked up and a vulnerable one found, then rate what was found."""
        from gates.advisories import foreign_audit

        tool = pip_audit_json.recent(ctx.tool("pip-audit"))
        used, place = self._inventory(ctx)
        _refuse_empty(used, place)
        auditing = _Auditing(ctx, tool, self._service())
        ways = tuple(self._ways(ctx))
        try:
            reports = [auditing.report(f"pip-audit-{at}", way) for at, way in enumerate(ways, 1)]
            looked_up = foreign_audit.gathered(used, reports)
            left = tuple(of for of in used.packages if of not in looked_up)
            if left and not inventory.named(self.options.lock):
                raise foreign_audit.not_examined(left)
            # What a lock names for other systems alone, pip-audit leaves out of its first look.
            last = auditing.report("canary", _locked(ctx, as_lock=(*left, CANARY)))
            looked_up |= foreign_audit.remaining(left, CANARY, last)
            for told in foreign_audit.on_internal(used, reports):
                ctx.note(told)
        finally:
            auditing.tidy()
        said = f"packages of {place}, looked up at {self.options.service}"
        seen = documented.planted(CANARY, "pip-audit")
        return self._result(ctx, (used, looked_up), tool=tool, said=said, canary=seen)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports; without `lock` they tell themselves which packages are in use."""
        from gates.advisories import foreign_audit

        audits = {of.name: pip_audit_json.read(of.data, what=of.name) for of in reports}
        used, place = foreign_audit.as_listed(audits.values(), self.options.internal), "the report"
        if inventory.named(self.options.lock):
            used, place = self._inventory(ctx)
        else:
            ctx.note(documented.NOT_ASKED)
        _refuse_empty(used, place)
        looked_up = foreign_audit.agreed(used, audits)
        for told in foreign_audit.on_internal(used, audits.values()):
            ctx.note(told)
        if not any(looked_up.values()):
            ctx.note("no canary: a service that knows no advisory would give the same report")
        said = f"packages of {place}"
        return self._result(
            ctx, (used, looked_up), tool=Tool(name=self.uses, version=""), said=said
        )

    def subjects_before(self, ctx: Context) -> frozenset[str]:
        """The packages of the lock at the base; none of an environment, so that all is new."""
        return locks.subjects(ctx.before, inventory.named(self.options.lock), root=ctx.root)

    def _result(
        self, ctx: Context, done: _Done, *, tool: Tool, said: str, canary: str = ""
    ) -> StageResult:
        from gates.advisories import foreign_audit

        used, looked_up = done
        found = [(of, each) for of in used.packages for each in looked_up[of]]
        ratings = self._rating(ctx).rate([(each.id, *each.aliases) for _, each in found])
        age = tally.age(ratings.facts, ctx.today)
        known = foreign_audit.rated(found, ratings.rated)
        grace = tally.read_grace(self.options.grace)
        counted = tally.tally(known, used, grace=grace, today=ctx.today)
        live = NotApplicable(metric=tally.AGE, reason="the advisory service answers live")
        return StageResult(
            metrics=counted.metrics if age is None else (*counted.metrics, age),
            not_applicable=(live,) if age is None else (),
            examined=Examined(
                count=len(looked_up), unit="packages", details=(("internal", len(used.internal)),)
            ),
            findings=counted.findings,
            artifacts=tuple(Artifact(path=name, sha256=digest) for name, digest in used.files),
            tool=tool,
            notes=(
                said,
                *ratings.notes,
                *used.notes,
                *counted.notes,
            ),
            canary=canary,
        )

    def _inventory(self, ctx: Context) -> tuple[Inventory, str]:
        """The packages by our own reading, and where they stand."""
        internal = self.options.internal
        named = inventory.named(self.options.lock)
        if named:
            return inventory.from_locks(ctx.root, named, internal=internal), ", ".join(named)
        folder, how = _prefix(ctx), ctx.tool("python", ask=False).how
        found = inventory.from_environment(folder, root=ctx.root, internal=internal)
        return found, f"{folder} ({how})"

    def _ways(self, ctx: Context) -> Iterator[tuple[str, ...]]:
        """How pip-audit is told to read the packages itself, one way for each call.

        Its own `pip` lists the environment, whose interpreter is not started. A lock that it
        cannot read is not in it: what stands there is handed over as a list.
        """
        named = inventory.named(self.options.lock)
        if not named:
            places = {of.resolve() for of in _prefix(ctx).glob("lib*/python*/site-packages")}
            yield tuple(f"--path={of}" for of in sorted(places))
        for name in named:
            if not python_locks.is_lock(posixpath.basename(name)):
                yield "--no-deps", "--disable-pip", "--requirement", *arguments((name,))
            elif posixpath.basename(name).startswith("pylock."):
                yield _locked(ctx, as_lock=(ctx.root / name).read_bytes())

    def _service(self) -> tuple[str, ...]:
        """Whom pip-audit asks."""
        chosen = f"--vulnerability-service={self.options.service}"
        if self.options.service == "osv" and self.options.osv_url:
            return chosen, f"--osv-url={_base(self.options.osv_url)}{_OSV_PATH}"
        return (chosen,)

    def _rating(self, ctx: Context) -> Rating:
        """Whom we ask how grave it is."""
        from gates.advisories import location
        from gates.advisories.foreign_audit import Rating
        from gates.advisories.service import DEFAULT_ADDRESS, Service

        return Rating(
            environ={name: ctx.setting(name) for name in location.VARIABLES},
            base=ctx.root,
            now=datetime.combine(ctx.today, time(), UTC),
            named=self.options.source,
            service=Service(_base(self.options.osv_url) or DEFAULT_ADDRESS, day=ctx.today),
        )


@dataclass(frozen=True, slots=True)
class _Auditing:
    """Calls of pip-audit that differ in the packages alone."""

    ctx: Context
    tool: Tool
    service: tuple[str, ...]

    def report(self, name: str, way: tuple[str, ...]) -> AuditReport:
        """One call, and its report."""
        path = self.ctx.out / f"{name}.json"
        done = self.ctx.run(
            self.tool,
            "--format=json",
            f"--output={path}",
            "--progress-spinner=off",
            "--desc=on",
            "--aliases=on",
            # An answer that another run kept is not this run's.
            f"--cache-dir={self._cache}",
            *self.service,
            *way,
            ok=(0, 1),
            # It must say which advisories it dropped.
            env={"PIP_AUDIT_LOGLEVEL": "WARNING"},
        )
        if done.exit_code == 1 and not path.exists():
            last = self.ctx.clean(pip_audit_json.last_line(done.stderr))
            raise ToolCrashed(
                "tool-crashed",
                f"pip-audit wrote no report: {last[:200]}",
                hint="see its log: its service did not answer, or it refuses the lock",
                place="pip-audit",
            )
        return parse(done, self.ctx.report(path).data)

    def tidy(self) -> None:
        """Remove the answers that pip-audit kept; they are of no use to another run."""
        from shutil import rmtree

        rmtree(self._cache, ignore_errors=True)

    @property
    def _cache(self) -> Path:
        return self.ctx.out / "cache"


def parse(done: Completed, data: bytes) -> AuditReport:
    """Read pip-audit's JSON beside its log and its exit code.

    Args:
        done: the run, which ended with 0 or 1; 1 is both a finding and a failure.
        data: its report.

    Raises:
        OutputUnreadable: the report cannot be read, or contradicts the exit code.
        StageError: `advisory-dropped`: it left out an advisory that it could not read.
    """
    for line in pip_audit_json.passed_over(done.stderr):
        raise StageError(
            "advisory-dropped",
            f"pip-audit passed over something: {line[:200]}",
            hint="update pip-audit, or use the stage `advisories`",
            place="pip-audit",
        )
    report = pip_audit_json.read(data, what="pip-audit.json")
    found = sum(len(of.vulnerabilities) for of in report.audited)
    if (done.exit_code == 1) != bool(found):
        summary = f"pip-audit ended with exit code {done.exit_code} and {found} vulnerabilities"
        raise OutputUnreadable("contradiction", summary, place="pip-audit")
    return report


def _locked(ctx: Context, *, as_lock: bytes | tuple[Package, ...]) -> tuple[str, ...]:
    """Hand packages over as a lock that lies alone in a folder of ours."""
    from gates.advisories.foreign_audit import as_pylock

    data = as_lock if isinstance(as_lock, bytes) else as_pylock(as_lock)
    folder = ctx.out / f"locked-{sum(1 for _ in ctx.out.glob('locked-*')) + 1}"
    folder.mkdir()
    write_atomic(folder / "pylock.toml", data)
    return "--locked", str(folder)


def _refuse_empty(used: Inventory, place: str) -> None:
    if not used.entries:
        raise StageError("nothing-examined", "there is no package to look up", place=place)


def _prefix(ctx: Context) -> Path:
    """The project's environment."""
    return Path(ctx.tool("python", ask=False).path).parent.parent


def _base(address: str) -> str:
    """The base address of an OSV service, also where the one for queries is given."""
    return address.rstrip("/").removesuffix(_OSV_PATH)
