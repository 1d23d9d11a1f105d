"""`grype`: known vulnerabilities that Grype found in an earlier step."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.advisories import documented, scan_audit
from gates.advisories.locks import LOCK
from gates.advisories.scan_options import Asked
from gates.formats import grype_json, scanned
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
class GrypeOptions(ReportOptions):
    """Options of `grype`."""

    lock: str | tuple[str, ...] = field(default=(), metadata=LOCK)
    internal: tuple[str, ...] = field(default=(), metadata=documented.INTERNAL)
    omit: tuple[str, ...] = field(default=(), metadata=documented.OMIT)
    sbom: str = field(default="", metadata=documented.SBOM)
    assume_lock: bool = field(default=False, metadata=documented.ASSUME_LOCK)


class Grype(ReportStage[GrypeOptions]):
    """Each match of Grype, against the packages of an SBOM or a lock.

    Grype's report lists no packages, so `sbom` names what it read, or `assume_lock` says
    that it read the lock.
    """

    uses = "grype"
    title = "known vulnerabilities, by Grype"
    options_type = GrypeOptions
    metrics = scan_audit.specs(is_dated=True)
    defaults = (
        *(Default(text=text) for text in documented.CONDITIONS),
        Default(text=documented.SUPPRESSED_CONDITION, role=Role.WARN, to_level=2),
        Default(text=documented.SUPPRESSED_CONDITION, from_level=3),
        Default(text=documented.AGE_CONDITION, role=Role.WARN, to_level=2),
        Default(text=documented.AGE_CONDITION, from_level=3),
    )
    criteria = ("L1-AUDIT",)
    examines = "packages"
    errored_when = (
        *documented.REPORT_ERRORED_WHEN,
        "grype says that its data is not valid, or not of when it is",
    )
    written_by = (
        "syft . -o syft-json=out/sbom.json"
        " && grype sbom:out/sbom.json -o json --file out/grype.json"
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
        parts = [(of.name, grype_json.read(of.data, what=of.name)) for of in reports]
        audit = self._asked().audit(
            ctx.root, ctx.today, lambda path: ctx.given_report(path).data, is_dated=True
        )
        return audit.result(scanned.joined(parts))

    def _asked(self) -> Asked:
        options = self.options
        return Asked(
            scanner=self.uses,
            written_by=self.written_by,
            lock=options.lock,
            internal=options.internal,
            omit=options.omit,
            sbom=options.sbom,
            assume_lock=options.assume_lock,
        )
