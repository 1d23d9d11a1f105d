"""`snyk`: known vulnerabilities that Snyk found in an earlier step."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.advisories import documented, scan_audit
from gates.advisories.locks import LOCK
from gates.advisories.scan_options import Asked
from gates.formats import scanned, snyk_json
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
class SnykOptions(ReportOptions):
    """Options of `snyk`."""

    lock: str | tuple[str, ...] = field(default=(), metadata=LOCK)
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)


class Snyk(ReportStage[SnykOptions]):
    """Each dependency that `snyk test` counts; a vulnerability counts once, by however many paths.

    Its report tells how many packages were looked up, and not which.
    """

    uses = "snyk"
    title = "known vulnerabilities, by Snyk"
    options_type = SnykOptions
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
        "snyk could not test a project, or was told to leave out lower severities",
        "snyk counts no dependency in a project, or fewer than `lock` has packages",
        "a project is told twice",
    )
    written_by = "snyk test --all-projects --dev --json > out/snyk.json"

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
        parts = [(of.name, snyk_json.read(of.data, what=of.name)) for of in reports]
        ctx.note("snyk's report tells how many packages were looked up, and not which")
        audit = self._asked().audit(ctx.root, ctx.today, lambda path: ctx.given_report(path).data)
        return audit.result(scanned.joined(parts))

    def _asked(self) -> Asked:
        options = self.options
        return Asked(
            scanner=self.uses,
            written_by=self.written_by,
            lock=options.lock,
            internal=options.internal,
        )
