"""`osv-scanner`: known vulnerabilities that OSV-Scanner found in an earlier step."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.advisories import documented, scan_audit
from gates.advisories.locks import LOCK
from gates.advisories.scan_options import Asked
from gates.formats import osv_scanner_json, scanned
from gates.plugin import (
    Context,
    Default,
    Report,
    ReportOptions,
    ReportStage,
    Role,
    StageResult,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OsvScannerOptions(ReportOptions):
    """Options of `osv-scanner`."""

    lock: str | tuple[str, ...] = field(default=(), metadata=LOCK)
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    omit: tuple[str, ...] = field(default=(), metadata=documented.OMIT)
    assume_lock: bool = field(default=False, metadata=documented.ASSUME_LOCK)


class OsvScanner(ReportStage[OsvScannerOptions]):
    """Each package that OSV-Scanner looked up, one vulnerability for each of its groups.

    Only with `--all-packages` does its report tell what was looked up.
    """

    uses = "osv-scanner"
    title = "known vulnerabilities, by OSV-Scanner"
    options_type = OsvScannerOptions
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
        "a group of vulnerabilities names a record that is not there, or the other way round",
        "a source lists no package",
        "all that was scanned lies outside of the project, and no `lock` is given",
    )
    written_by = "osv-scanner scan source --all-packages --format json --output-file out/osv.json ."

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
        parts = [(of.name, osv_scanner_json.read(of.data, what=of.name)) for of in reports]
        audit = self._asked().audit(ctx.root, ctx.today, lambda path: ctx.given_report(path).data)
        return audit.result(scanned.joined(parts))

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
