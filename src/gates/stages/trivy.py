"""`trivy`: known vulnerabilities that Trivy found in an earlier step."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.advisories import documented, inventory, scan_audit
from gates.advisories.locks import LOCK
from gates.advisories.scan_options import Asked
from gates.formats import scanned, trivy_json
from gates.plugin import (
    Context,
    Default,
    Report,
    ReportOptions,
    ReportStage,
    Role,
    StageError,
    StageResult,
)

LOGS = {
    "help": "what trivy wrote to its standard error beside the report, a path, a glob or a list;"
    " of several, `a.log` stands beside `a.json`"
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrivyOptions(ReportOptions):
    """Options of `trivy`."""

    lock: str | tuple[str, ...] = field(default=(), metadata=LOCK)
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    omit: tuple[str, ...] = field(default=(), metadata=documented.OMIT)
    assume_lock: bool = field(default=False, metadata=documented.ASSUME_LOCK)
    log: str | tuple[str, ...] = field(default=(), metadata=LOGS)


class Trivy(ReportStage[TrivyOptions]):
    """Each package that Trivy looked up; its own word for the severity counts.

    A report without a vulnerability looks the same where Trivy looked for licences alone, so its
    own log must tell then that it looked for vulnerabilities; no other report or log does.
    """

    uses = "trivy"
    title = "known vulnerabilities, by Trivy"
    options_type = TrivyOptions
    metrics = scan_audit.specs()
    defaults = (
        *(Default(text=text) for text in documented.CONDITIONS),
        Default(text=documented.SUPPRESSED_CONDITION, role=Role.WARN, to_level=2),
        Default(text=documented.SUPPRESSED_CONDITION, from_level=3),
    )
    criteria = ("L1-AUDIT",)
    examines = "packages"
    errored_when = (
        *documented.REPORT_ERRORED_WHEN,
        "nothing was found in a part, and no `log` of it tells that it was looked for",
        "all that was scanned lies outside of the project, and no `lock` is given",
    )
    written_by = (
        "trivy fs --scanners vuln --list-all-pkgs --include-dev-deps --show-suppressed "
        "--format json --output out/trivy.json . 2> out/trivy.log"
    )

    def check(self) -> None:
        """Refuse options that cannot be used.

        Raises:
            ValueError: with one line that says why.
        """
        super().check()
        self._asked().check()

    def subjects_before(self, ctx: Context) -> frozenset[str]:
        """The packages of `lock` at the base; none without one, so that all findings are new.

        Raises:
            OutputUnreadable: the lock was not whole.
        """
        return self._asked().subjects(ctx.before, ctx.root)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Count what the reports tell, once it is known what was examined."""
        parts = [(of.name, trivy_json.read(of.data, what=of.name)) for of in reports]
        silent = [of for of, (_, scan) in zip(reports, parts, strict=True) if not scan.told]
        self._require_looked_for(ctx, silent, is_alone=len(reports) == 1)
        ctx.note("trivy's report does not tell whether some severities were left out of it")
        audit = self._asked().audit(ctx.root, ctx.today, lambda path: ctx.given_report(path).data)
        return audit.result(scanned.joined(parts))

    def _require_looked_for(self, ctx: Context, silent: list[Report], *, is_alone: bool) -> None:
        """A report that tells no vulnerability needs a log of its own."""
        named = inventory.named(self.options.log)
        logs = ctx.given_reports(named) if named else ()
        for log in logs:
            if not trivy_json.looked_for_vulnerabilities(log.data):
                raise self._unlooked(f"`{log.name}` does not tell that it did")
        if is_alone and len(logs) == 1:
            return
        witnessed = {of.path.with_suffix("") for of in logs}
        for report in silent:
            if report.path.with_suffix("") not in witnessed:
                own = "log" if is_alone else f"`{report.path.stem}.log`"
                raise self._unlooked(f"`{report.name}` is silent, and has no {own} beside it")

    def _unlooked(self, why: str) -> StageError:
        return StageError(
            "not-looked-for",
            f"it is not known whether trivy looked for vulnerabilities: {why}",
            hint=f"write both with `{self.written_by}`, and name the log as `log`",
            place="trivy",
        )

    def _asked(self) -> Asked:
        options = self.options
        return Asked(
            scanner=self.uses,
            written_by=self.written_by,
            lock=options.lock,
            internal=options.internal,
            omit=options.omit,
            assume_lock=options.assume_lock,
        )
