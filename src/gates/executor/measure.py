"""Measuring one gate: its stage in a worker thread, whatever happens inside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from gates.domain.errors import Problem, StageError
from gates.domain.finding import Finding, fingerprinted
from gates.domain.judge import NotMeasured
from gates.domain.stage_result import StageResult
from gates.executor.context import StageContext
from gates.executor.setting import Setting


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of measuring a gate.

    Attributes:
        context: what its stage was given, with the notes and digests that it left there.
        outcome: what it handed over.
        seconds: wall time.
    """

    context: StageContext
    outcome: StageResult | NotMeasured
    seconds: Decimal


def measure(setting: Setting, context: StageContext) -> Measured:
    """Run a gate's stage; never raises, since an error of one stage must not stop the others."""
    began = setting.clock.monotonic_s()
    outcome = _outcome(setting, context)
    seconds = Decimal(str(round(setting.clock.monotonic_s() - began, 3)))
    return Measured(context=context, outcome=outcome, seconds=seconds)


def _outcome(setting: Setting, context: StageContext) -> StageResult | NotMeasured:
    gate = context.gate
    for name in gate.needs:
        if name in context.needed and context.needed[name].result is None:
            summary = f"the gate it needs, `{name}`, produced nothing"
            return NotMeasured(problem=Problem("need-errored", summary), caused_by=name)
    try:
        context.begin()
        stage_type = setting.load_stage(gate.uses)
        stage = stage_type(stage_type.options_type.from_plain(gate.options))
        return _cleaned(stage.run(context), context)
    except StageError as error:
        return NotMeasured(problem=error.problem)
    except Exception as error:  # noqa: BLE001 - a defect of a stage is its gate's error, not the run's
        import traceback

        report = context.folder / "internal-error.txt"
        report.write_text(traceback.format_exc(), encoding="utf-8", errors="backslashreplace")
        summary = f"stage `{gate.uses}` broke: {type(error).__name__}: {error}"
        return NotMeasured(
            problem=Problem(
                "internal-error",
                context.clean(summary),
                hint=f"this is a defect of the stage; report it with {report}",
            )
        )


def _cleaned(result: StageResult, context: StageContext) -> StageResult:
    """Pass all foreign text of a result through the one door."""
    from dataclasses import replace

    clean = context.clean
    findings = tuple(_clean_finding(finding, context) for finding in result.findings)
    return replace(
        result,
        findings=fingerprinted(findings),
        notes=tuple(clean(note) for note in result.notes),
        artifacts=(*result.artifacts, *context.artifacts),
    )


def _clean_finding(finding: Finding, context: StageContext) -> Finding:
    from dataclasses import replace

    clean = context.clean
    return replace(
        finding,
        rule=clean(finding.rule),
        message=clean(finding.message),
        path=clean(finding.path),
        subject=clean(finding.subject),
        fix=clean(finding.fix),
    )
