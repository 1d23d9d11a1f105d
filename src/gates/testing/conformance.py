"""The conformance kit: whatever goes wrong with its tools, a stage must not pass.

The stage's sample is measured once with the real tools and recorded, sound and with its faults.
Then the record is played again, with one thing wrong each time. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.judge import NotMeasured
from gates.domain.stage_result import StageResult
from gates.domain.status import Status
from gates.plugin import Options, Sample, Stage
from gates.testing.furnishing import faulty, vacant
from gates.testing.tape import Recorder, Tape
from gates.testing.trials import LOST, PASSING, Channel, Planned, planned
from gates.testing.workshop import Measurement, Workshop

DEFECT = "internal-error"
"""The slug by which the executor tells of an error that no stage should raise."""

Proof = tuple[object, ...]
"""All that an outcome says: status, metrics, and how much was examined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One thing that went wrong, and what became of the gate.

    Attributes:
        project: `sound`, `faulty` or `vacant`.
        where: the program, and what of it was damaged; empty where nothing was.
        what: what was wrong.
        status: the status of the gate.
        reason: why the gate stands so, in one line.
        why: why the trial is broken; empty where it holds.
    """

    project: str
    where: str
    what: str
    status: Status
    reason: str
    why: str = ""

    @property
    def holds(self) -> bool:
        """The stage did not pass without proof."""
        return not self.why


@dataclass(frozen=True, slots=True, kw_only=True)
class Conformance:
    """What came of all trials.

    Attributes:
        stage: the stage's name.
        trials: all of them, in order.
        notes: what the kit could not try, and why.
    """

    stage: str
    trials: tuple[Trial, ...]
    notes: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Trial, ...]:
        """The trials in which the stage passed without proof, or broke."""
        return tuple(trial for trial in self.trials if not trial.holds)


@dataclass(frozen=True, slots=True)
class _Bench:
    """One project with its tape, and its honest outcome."""

    project: str
    workshop: Workshop
    tape: Tape
    honest: Measurement


@dataclass(frozen=True, slots=True)
class _Tried:
    """A trial that was run and is not yet judged."""

    bench: _Bench
    plan: Planned
    measured: Measurement


def check(
    stage_type: type[Stage[Options]],
    sample: Sample | None = None,
    *,
    environ: Mapping[str, str] | None = None,
) -> Conformance:
    """Try a stage with everything that can go wrong with its tools.

    Must be called in the main thread: it forks. The tools are run two or three times; all other
    trials replay what they did.

    Args:
        stage_type: the stage.
        sample: a project to measure; by default the stage's own, or ours for a built-in stage.
        environ: the environment of `gates`; by default this process's.

    Raises:
        StageError: where the sample cannot be measured here: `no-sample`, `sample-not-passed`,
            `sample-not-failed`, `not-replayable`, or the stage's own error.
        ConfigError: where the sample's options or conditions cannot be used.
    """
    import os
    import tempfile

    used = sample or sample_of(stage_type)
    given = dict(os.environ if environ is None else environ)
    with tempfile.TemporaryDirectory(prefix="gates-sample-") as folder:
        return _check(stage_type, used, Path(folder).resolve(), given)


def sample_of(stage_type: type[Stage[Options]]) -> Sample:
    """The sample that a stage declares, or ours for a built-in one.

    Raises:
        StageError: `no-sample`.
    """
    from gates.testing.samples import SAMPLES

    sample = stage_type.sample or SAMPLES.get(stage_type.uses)
    if sample is None:
        raise StageError(
            "no-sample",
            f"the stage `{stage_type.uses}` has no sample to be tried with",
            hint="declare `sample = Sample(files=..., faulty=...)` in its class",
            place=stage_type.uses,
        )
    return sample


def _check(
    stage_type: type[Stage[Options]], sample: Sample, folder: Path, environ: Mapping[str, str]
) -> Conformance:
    trials: list[Trial] = []
    with Recorder() as recorder:
        sound = Workshop.of(folder / "sound", stage_type, sample, environ)
        benches = [_recorded("sound", sound, recorder)]
        trials.append(_must("sound", benches[0].honest, Status.PASSED))
        if sample.faulty or sample.faulty_message:
            wrong = Workshop.of(folder / "faulty", stage_type, faulty(sample), environ)
            benches.append(_recorded("faulty", wrong, recorder))
            trials.append(_must("faulty", benches[1].honest, Status.FAILED))
        if sample.vital:
            empty = Workshop.of(folder / "vacant", stage_type, vacant(sample), environ)
            measured, _ = empty.record(recorder)
            trials.append(_must("vacant", measured, None))
    tried = [each for bench in benches for each in _tried(bench)]
    # A stage that does not miss an output when it is gone needs no other either: it may read a log
    # for complaints alone.
    evidence = frozenset(
        each.plan.channel
        for each in tried
        if each.plan.channel and each.plan.what in LOST
        if _proof(each.measured) != _proof(each.bench.honest)
    )
    trials += [_judged(each, evidence) for each in tried]
    return Conformance(
        stage=stage_type.uses, trials=tuple(trials), notes=tuple(_notes(sample, benches))
    )


def _recorded(project: str, workshop: Workshop, recorder: Recorder) -> _Bench:
    """Measure for real; what cannot be measured here cannot be tried."""
    honest, tape = workshop.record(recorder)
    wanted = Status.PASSED if project == "sound" else Status.FAILED
    if isinstance(honest.outcome, NotMeasured):
        problem = honest.outcome.problem
        raise StageError(problem.slug, problem.summary, hint=problem.hint, place=problem.place)
    if project == "sound" and honest.judged.status is not wanted:
        reason = honest.judged.reason
        raise StageError("sample-not-passed", f"the sound sample does not pass: {reason}")
    again = workshop.play(tape)
    if _proof(again) != _proof(honest):
        raise StageError(
            "not-replayable",
            f"the {project} sample, played again, comes out otherwise: {again.judged.reason}",
            hint="the stage asks for something else each time, or takes answers past `Context`",
        )
    return _Bench(project, workshop, tape, honest)


def _must(project: str, measured: Measurement, wanted: Status | None) -> Trial:
    """The outcome of a sample as it is."""
    status, reason = measured.judged.status, measured.judged.reason
    if wanted is None:
        why = "passes although there is nothing to examine" if status in PASSING else ""
    else:
        why = "" if status is wanted else f"is {status}, and should be {wanted}"
    return Trial(project=project, where="", what="as it is", status=status, reason=reason, why=why)


def _tried(bench: _Bench) -> Iterator[_Tried]:
    for plan in planned(bench.tape, bench.workshop.wanted):
        yield _Tried(bench, plan, bench.workshop.play(plan.tape, hidden=plan.hidden))


def _judged(tried: _Tried, evidence: frozenset[Channel]) -> Trial:
    plan, judged = tried.plan, tried.measured.judged
    return Trial(
        project=tried.bench.project,
        where=plan.where,
        what=plan.what,
        status=judged.status,
        reason=judged.reason,
        why=_why(tried, is_evidence=plan.channel is None or plan.channel in evidence),
    )


def _why(tried: _Tried, *, is_evidence: bool) -> str:
    """Why a trial is broken, or empty where it holds."""
    outcome = tried.measured.outcome
    if isinstance(outcome, NotMeasured):
        is_defect = outcome.problem.slug == DEFECT
        return "raises something else than a StageError" if is_defect else ""
    if any(not text.isprintable() for text in _texts(outcome)):
        return "shows control characters of a tool"
    if tried.measured.judged.status not in PASSING:
        return ""
    return _why_passing(tried, is_evidence=is_evidence)


def _why_passing(tried: _Tried, *, is_evidence: bool) -> str:
    if tried.bench.project == "faulty":
        return "passes in the faulty project"
    if tried.plan.is_fatal and is_evidence:
        return "passes although its evidence is gone"
    if _proof(tried.measured) != _proof(tried.bench.honest):
        return "passes with other numbers than it measured"
    return ""


def _proof(measured: Measurement) -> Proof:
    outcome = measured.outcome
    if isinstance(outcome, NotMeasured):
        return (measured.judged.status,)
    metrics = sorted((metric.name, metric.tags, metric.fraction) for metric in outcome.metrics)
    examined = outcome.examined
    return (measured.judged.status, tuple(metrics), examined.count, examined.unit)


def _texts(result: StageResult) -> Iterator[str]:
    yield from result.notes
    yield result.canary
    yield result.examined.note
    for finding in result.findings:
        yield from (finding.rule, finding.message, finding.path, finding.subject, finding.fix)
    for metric in result.metrics:
        yield from (text for tag in metric.tags for text in tag)


def _notes(sample: Sample, benches: list[_Bench]) -> Iterator[str]:
    if not (sample.faulty or sample.faulty_message):
        yield "the sample has no faults, so it was not seen that the stage can fail"
    if not sample.vital:
        yield "the sample names no `vital` files, so it was not tried with nothing to examine"
    if not any(bench.tape.takes or bench.tape.reports for bench in benches):
        yield "the stage runs no program and the sample names no `reports`: nothing was damaged"
