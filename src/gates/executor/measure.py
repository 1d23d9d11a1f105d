"""Measuring one gate: its stage in a worker thread, whatever happens inside it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gates.domain.errors import Problem, StageError
from gates.domain.finding import Finding, fingerprinted
from gates.domain.judge import NotMeasured
from gates.domain.metric import NEW_FINDINGS
from gates.domain.stage_result import StageResult
from gates.executor.context import StageContext
from gates.executor.setting import Setting
from gates.plugin import Options, Stage
from gates.toolkit.ci_door import is_ci

if TYPE_CHECKING:
    from gates.executor.services import ServiceHost


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


def measure(setting: Setting, context: StageContext, host: ServiceHost | None = None) -> Measured:
    """Run a gate's stage; never raises, since an error of one stage must not stop the others.

    Args:
        setting: the surroundings of the run.
        context: what the stage is given.
        host: starts the services of the gate; None where the plan has none.
    """
    began = setting.clock.monotonic_s()
    try:
        outcome = _outcome(setting, context, host)
    except StageError as error:
        outcome = NotMeasured(problem=_clean_problem(error.problem, context))
    # Nobody waits for the worker's exception, only for what it hands over: whatever gets past
    # here, SystemExit included, would leave the run waiting for ever.
    except BaseException as error:  # noqa: BLE001 - a defect of a stage is its gate's error
        outcome = NotMeasured(problem=_defect(error, context))
    finally:
        context.tidy()
    seconds = Decimal(str(round(setting.clock.monotonic_s() - began, 3)))
    return Measured(context=context, outcome=outcome, seconds=seconds)


def _outcome(
    setting: Setting, context: StageContext, host: ServiceHost | None
) -> StageResult | NotMeasured:
    gate = context.gate
    for name in gate.needs:
        if name in context.needed and context.needed[name].result is None:
            summary = f"the gate it needs, `{name}`, produced nothing"
            return NotMeasured(problem=Problem("need-errored", summary), caused_by=name)
    stage_type = setting.load_stage(gate.uses)
    stage = stage_type(stage_type.options_type.from_plain(gate.options))
    if not gate.service:
        return _measured(stage, context)
    if host is None:
        raise StageError("no-service", f"no service is named `{gate.service}`")
    return _served(stage, context, host)


def _measured(stage: Stage[Options], context: StageContext) -> StageResult:
    from gates.executor import newness
    from gates.executor.placing import placed

    context.begin()
    parts = context.handed
    result = _cleaned(stage.join(context, parts) if parts else stage.measure(context), context)
    if context.gate.spec(NEW_FINDINGS.name) is not None:
        result = newness.counted(result, stage, context)
    project = context.project
    has_change = project.changed_from is not None or is_ci(project.environ)
    return placed(result, context, has_change=has_change)


def _served(stage: Stage[Options], context: StageContext, host: ServiceHost) -> StageResult:
    """Measure while the gate's services run; they are ended whatever comes of it."""
    from gates.executor.service_watch import Watch

    gate = context.gate
    scope = host.scope(gate, context.folder)
    watch = Watch(
        gate=gate,
        services=scope.services,
        asked=context.asked,
        folder=context.folder,
        note=context.note,
    )
    try:
        context.progress(f"service `{gate.service}` starts")
        host.open(scope)
        context.services = dict(scope.services)
        watch.begin()
        try:
            result = _measured(stage, context)
        finally:
            # A tool whose service went away breaks in a hundred ways: this reason comes first.
            watch.end(judges_death=stage.judges_death)
        return watch.complete(result)
    finally:
        context.trace = watch.trace
        context.told_services = host.runs(scope)
        scope.close()
        for note in scope.notes:
            context.note(note)


def _defect(error: BaseException, context: StageContext) -> Problem:
    """What is told of an error that no stage should raise; the traceback goes to a file."""
    import traceback

    path = context.folder / "internal-error.txt"
    hint = f"this is a defect of the stage; report it with {path}"
    try:
        text = context.project.door.text("".join(traceback.format_exception(error)))
        path.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as unwritten:
        hint = f"its traceback could not be written to {path}: {unwritten.strerror}"
    try:
        words = str(error)
    except Exception:  # noqa: BLE001 - the error's own code is as doubtful as the stage's
        words = "(its message is broken too)"
    kind = type(error).__name__
    summary = f"stage `{context.gate.uses}` broke: {kind}: {words}"
    return _clean_problem(Problem("internal-error", summary, hint=hint), context)


def _clean_problem(problem: Problem, context: StageContext) -> Problem:
    """Pass a problem through the one door: stages put words of tools and paths into it."""
    clean = context.clean
    return Problem(
        clean(problem.slug),
        clean(problem.summary),
        place=clean(problem.place),
        hint=clean(problem.hint),
    )


def _cleaned(result: StageResult, context: StageContext) -> StageResult:
    """Pass all foreign text of a result through the one door."""
    from dataclasses import replace

    clean = context.clean
    findings = tuple(_clean_finding(finding, context) for finding in result.findings)
    tool = result.tool
    return replace(
        result,
        examined=replace(result.examined, note=clean(result.examined.note)),
        tool=replace(
            tool, name=clean(tool.name), version=clean(tool.version), path=context.named(tool.path)
        ),
        findings=fingerprinted(findings),
        not_applicable=tuple(
            replace(each, reason=clean(each.reason)) for each in result.not_applicable
        ),
        inconclusive=tuple(
            replace(each, reason=clean(each.reason)) for each in result.inconclusive
        ),
        notes=tuple(clean(note) for note in result.notes),
        canary=clean(result.canary),
        artifacts=(
            *(replace(each, path=context.named(each.path)) for each in result.artifacts),
            *context.artifacts,
        ),
    )


def _clean_finding(finding: Finding, context: StageContext) -> Finding:
    from dataclasses import replace

    clean = context.clean
    return replace(
        finding,
        rule=clean(finding.rule),
        message=clean(finding.message),
        path=context.named(finding.path),
        subject=clean(finding.subject),
        fix=clean(finding.fix),
        confidence=clean(finding.confidence),
        owasp=clean(finding.owasp),
        aliases=tuple(clean(alias) for alias in finding.aliases),
    )
