"""`npm-audit`: known vulnerabilities of the packages of an npm lock, found by `npm audit`."""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass, field
from typing import Final

from gates.advisories import documented, locks, npm_whole, tally
from gates.advisories.inventory import Inventory
from gates.advisories.npm_witness import WRITTEN_BY, require_asked, require_total, told
from gates.advisories.scan_audit import vulnerabilities
from gates.formats import npm_audit_json, package_lock
from gates.formats.npm_audit_json import AuditReport
from gates.formats.package_lock import PackageLock
from gates.plugin import (
    IN_CI,
    Artifact,
    Completed,
    Context,
    Default,
    Examined,
    OutputUnreadable,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.files import write_atomic

CANARY: Final = ("minimist", "0.0.8")
"""Vulnerable by CVE-2020-7598 and CVE-2021-44906, so old that every registry must know it."""

COMMAND: Final = (
    "audit",
    "--json",
    # The request and its answer stand in the log alone.
    "--loglevel=silly",
    # The lock decides, whatever a configuration file says.
    "--package-lock",
    "--package-lock-only",
    "--audit",
    "--audit-level=info",
    "--no-offline",
    "--no-global",
    "--no-dry-run",
    "--no-color",
    "--no-usage",
    "--no-update-notifier",
    "--logs-max=0",
)
_RC: Final = ".npmrc"
_LOG: Final = "npm's log"


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmAuditOptions(ReportOptions):
    """Options of `npm-audit`."""

    lock: str = field(
        default="package-lock.json",
        metadata={"help": "package-lock.json or npm-shrinkwrap.json, also in a folder of its own"},
    )
    omit: tuple[str, ...] = field(default=(), metadata=documented.OMIT)
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    log: str = field(default="", metadata=documented.LOG)


class NpmAudit(Stage[NpmAuditOptions]):
    """Each package of an npm lock, for which `npm audit` asks its registry.

    npm ends in the same way on a finding, without a lock and without an answer, and its report is
    that of a clean project where it was offline, asked for a part, or asked a registry that knows
    nothing. So its log must tell that it asked for every package of the lock and was answered, and
    a package that is known to be vulnerable must be found with the same configuration.
    """

    uses = "npm-audit"
    title = "known vulnerabilities, by npm audit"
    options_type = NpmAuditOptions
    metrics = tally.by_severity()
    defaults = tuple(Default(text=text) for text in documented.CONDITIONS)
    criteria = ("L1-AUDIT",)
    examines = "packages"
    when = IN_CI
    errored_when = (
        *documented.ERRORED_WHEN,
        "the lock lacks a package that a package.json asks for, or says otherwise than that",
        "npm reports a failure: no lock, no registry, or one that answers no audits",
        "npm did not ask for every package of the lock, by its log",
        "npm audit did not find minimist 0.0.8, which it must find",
        "npm's report contradicts the lock, its log or its exit code",
    )
    programs = ("npm",)
    written_by = WRITTEN_BY

    def check(self) -> None:
        """Refuse options that cannot be used.

        Raises:
            ValueError: with one line that says why.
        """
        if not package_lock.is_lock(self.options.lock):
            raise ValueError(f"`lock` is one of {', '.join(package_lock.NAMES)}")
        for kind in self.options.omit:
            if kind not in package_lock.KINDS:
                known = ", ".join(package_lock.KINDS)
                raise ValueError(f"`omit` knows no `{kind}`; it knows {known}")
        if bool(self.given) != bool(self.options.log):
            raise ValueError(f"`report` and `log` prove something together: `{self.written_by}`")

    def subjects_before(self, ctx: Context) -> frozenset[str]:
        """The packages of the lock at the base.

        Raises:
            OutputUnreadable: the lock was not whole.
        """
        return locks.subjects(ctx.before, (self.options.lock,))

    def run(self, ctx: Context) -> StageResult:
        """Have npm ask for every package, and find one that is vulnerable."""
        lock, used = self._lock(ctx)
        folder = ctx.root / posixpath.dirname(self.options.lock)
        calling = _Calling.of(ctx, self.options.omit)
        try:
            done = calling.run(str(folder))
            report = parse(done, lock)
            require_asked(used, lock, done.stderr, _LOG)
            _require_canary(calling, str(folder))
        finally:
            calling.tidy()
        canary = " ".join(CANARY)
        told_of = documented.planted(canary, "npm audit")
        return self._result(ctx, report, (lock, used), tool=calling.tool, canary=told_of)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge a report beside its log.

        Raises:
            StageError: `several-reports`: one lock has one report.
        """
        if len(reports) > 1:
            raise StageError(
                "several-reports",
                f"{len(reports)} reports are given, and the lock has one",
                hint="give each lock a gate of its own, with its `lock`, `report` and `log`",
                place="npm-audit",
            )
        lock, used = self._lock(ctx)
        report = npm_audit_json.read(reports[0].data, what=reports[0].name)
        require_total(report, lock, reports[0].name)
        log = ctx.given_report(self.options.log)
        require_asked(used, lock, log.data, self.options.log)
        if not report.vulnerable:
            ctx.note("no canary: a registry that knows no advisory would give the same report")
        return self._result(ctx, report, (lock, used), tool=Tool(name="npm", version=""))

    def _lock(self, ctx: Context) -> tuple[PackageLock, Inventory]:
        """The lock by our own reading."""
        name = self.options.lock
        shadow = posixpath.join(posixpath.dirname(name), package_lock.NAMES[1])
        if name != shadow and (ctx.root / shadow).exists():
            raise StageError(
                "lock-shadowed",
                f"npm reads `{shadow}` in place of `{name}`",
                hint=f"say `lock: {shadow}`, or remove that file",
                place=shadow,
            )
        lock, used = locks.of_npm(
            ctx.root, name, internal=self.options.internal, omitted=self.options.omit
        )
        if not used.entries:
            raise StageError("nothing-examined", "there is no package to look up", place=name)
        return lock, used

    def _result(
        self,
        ctx: Context,
        report: AuditReport,
        locked: tuple[PackageLock, Inventory],
        *,
        tool: Tool,
        canary: str = "",
    ) -> StageResult:
        lock, used = locked
        internal = {(of.name, of.version) for of in used.internal}
        every = tuple(told(report, lock))
        counted = [of for of in every if (of.package.name, of.package.version) not in internal]
        tallied = tally.tally(vulnerabilities(counted), used, grace={}, today=ctx.today)
        own = [of for of in every if of not in counted]
        return StageResult(
            metrics=tuple(of for of in tallied.metrics if of.name != tally.IN_GRACE),
            examined=Examined(
                count=len(used.entries),
                unit="packages",
                details=(("internal", len(used.internal)),),
            ),
            findings=tallied.findings,
            artifacts=tuple(Artifact(path=name, sha256=digest) for name, digest in used.files),
            tool=tool,
            notes=(
                f"packages of {self.options.lock}",
                *(f"left out: {package_lock.KINDS[kind]}" for kind in self.options.omit),
                *used.notes,
                *npm_whole.notes(ctx.root, self.options.lock),
                *(f"internal {of.package}: npm names {of.id}, which is not counted" for of in own),
            ),
            canary=canary,
        )


@dataclass(frozen=True, slots=True)
class _Calling:
    """Calls of npm that differ in the folder alone."""

    ctx: Context
    tool: Tool
    omit: tuple[str, ...]
    shared: str

    @classmethod
    def of(cls, ctx: Context, omit: tuple[str, ...]) -> _Calling:
        """Find npm and the machine's own configuration, whose place `--prefix` would move."""
        tool = ctx.tool("npm")
        done = ctx.run(tool, "config", "get", "globalconfig", ok=(0, 1))
        shared = done.stdout.decode("utf-8", "replace").strip()
        if done.exit_code or not shared.startswith("/") or not shared.isprintable():
            said = next((of for of in done.stderr.splitlines() if of.startswith(b"npm error")), b"")
            raise StageError(
                "configuration-unknown",
                f"npm does not say where its configuration is: {ctx.clean(said or shared)[:160]}",
                hint="see whether a `.npmrc` chooses a `workspace`, or holds a mistake",
                place="npm",
            )
        return cls(ctx, tool, omit, shared)

    def run(self, folder: str) -> Completed:
        """Have npm audit what lies in a folder."""
        kinds = (
            f"--{'omit' if kind in self.omit else 'include'}={kind}" for kind in package_lock.KINDS
        )
        return self.ctx.run(
            self.tool,
            *COMMAND,
            # An answer that another run kept is not this run's.
            f"--cache={self.ctx.out / 'cache'}",
            f"--prefix={folder}",
            f"--globalconfig={self.shared}",
            *kinds,
            ok=(0, 1),
        )

    def tidy(self) -> None:
        """Remove the answers that npm kept; they are of no use to another run."""
        from shutil import rmtree

        rmtree(self.ctx.out / "cache", ignore_errors=True)


def parse(done: Completed, lock: PackageLock) -> AuditReport:
    """Read npm's report beside its exit code and the lock.

    Args:
        done: the run, which ended with 0 or 1; 1 is both a finding and a failure.
        lock: the lock by our own reading.

    Raises:
        StageError: npm reports a failure.
        OutputUnreadable: the report cannot be read, or contradicts the exit code or the lock.
    """
    report = npm_audit_json.read(done.stdout, what="npm audit")
    require_total(report, lock, "npm audit")
    if (done.exit_code == 1) != bool(report.vulnerable):
        summary = (
            f"npm audit ended with exit code {done.exit_code}, and tells of"
            f" {len(report.vulnerable)} vulnerable packages"
        )
        raise OutputUnreadable("contradiction", summary, place="npm audit")
    return report


def _require_canary(calling: _Calling, folder: str) -> None:
    """A vulnerable package, planted elsewhere, is found with the project's configuration."""
    from pathlib import Path

    name, version = CANARY
    package = {"name": "canary", "version": "1.0.0", "dependencies": {name: version}}
    lock = {"lockfileVersion": 3, "requires": True}
    entries = {"": package, f"node_modules/{name}": {"version": version}}
    planted = calling.ctx.plant("package.json", json.dumps(package).encode())
    data = json.dumps({**lock, "packages": entries}).encode()
    write_atomic(planted.parent / "package-lock.json", data)
    configuration = Path(folder, _RC)
    if configuration.exists():
        # Only a link: it may hold a secret.
        (planted.parent / _RC).symlink_to(configuration)
    done = calling.run(str(planted.parent))
    report = parse(done, package_lock.read(data, name="package-lock.json"))
    if not any(of.name == name for of in report.vulnerable):
        raise StageError(
            "scanner-blind",
            f"the scanner is blind: npm audit did not find {name} {version}, which is known to be"
            " vulnerable",
            hint=f"its silence proves nothing: {npm_audit_json.ASK_ANEW}",
            place="npm audit",
        )
