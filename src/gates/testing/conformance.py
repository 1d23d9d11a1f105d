"""The conformance kit: whatever goes wrong with its tools, a stage must not pass.

The stage's sample is measured once with the real tools and recorded, sound and with its faults.
Then the record is played again, with one thing wrong each time. What can befall a service is tried
with the tools and the service themselves. See docs/decisions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gates.domain.errors import StageError
from gates.domain.judge import NotMeasured
from gates.domain.status import Status
from gates.plugin import Options, Sample, Stage
from gates.testing import damage
from gates.testing.damage import Damaged
from gates.testing.furnishing import faulty, refuse, vacant
from gates.testing.outcome import defect, proof, reason, texts
from gates.testing.relay import Fault
from gates.testing.samples import sample_of
from gates.testing.tape import Recorder, Tape
from gates.testing.trials import PASSING, Planned, damaged, lost
from gates.testing.workshop import Measurement, Workshop

_VITAL = "name in `vital` what there is to examine (`.git` is the repository)"


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
        gaps: what the kit could not try, and why; where there are any, the stage is not proved.
    """

    stage: str
    trials: tuple[Trial, ...]
    gaps: tuple[str, ...] = ()

    @property
    def broken(self) -> tuple[Trial, ...]:
        """The trials in which the stage passed without proof, or broke."""
        return tuple(trial for trial in self.trials if not trial.holds)

    @property
    def is_proved(self) -> bool:
        """All was tried, and every trial holds."""
        return not self.broken and not self.gaps


@dataclass(frozen=True, slots=True)
class _Bench:
    """One project with its tape, and its honest outcome.

    Attributes:
        project: `sound` or `faulty`.
        workshop: where it stands.
        tape: what the programs did.
        honest: what came of it.
        gap: why the tape cannot be played; empty where it can.
    """

    project: str
    workshop: Workshop
    tape: Tape
    honest: Measurement
    gap: str = ""


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

    Must be called in the main thread: it forks. The tools are run three times, and once more for
    each thing that can befall a service; all other trials replay what they did.

    Args:
        stage_type: the stage.
        sample: a project to measure; by default the stage's own, or ours for a built-in stage.
        environ: the environment of `gates`; by default this process's.

    Raises:
        StageError: where the sample cannot be measured here: `no-sample`, `sample-not-passed`,
            `bad-sample`, `not-replayable`, or the stage's own error.
        ConfigError: where the sample's options or conditions cannot be used.
    """
    import tempfile

    used = sample or sample_of(stage_type)
    given = dict(os.environ if environ is None else environ)
    with tempfile.TemporaryDirectory(prefix="gates-sample-") as folder:
        return _check(stage_type, used, Path(folder).resolve(), given)


def _check(
    stage_type: type[Stage[Options]], sample: Sample, folder: Path, environ: Mapping[str, str]
) -> Conformance:
    trials: list[Trial] = []
    gaps: list[str] = []
    refuse(sample)
    with Recorder() as recorder:
        sound = Workshop.of(folder / "sound", stage_type, sample, environ)
        benches = [_recorded("sound", sound, recorder)]
        trials.append(_must("sound", benches[0].honest, Status.PASSED))
        if sample.faulty or sample.faulty_message:
            wrong = Workshop.of(folder / "faulty", stage_type, faulty(sample), environ)
            benches.append(_recorded("faulty", wrong, recorder))
            trials.append(_must("faulty", benches[1].honest, Status.FAILED))
        else:
            gaps.append("the sample has no faults, so it was not seen that the stage can fail")
        empty = Workshop.of(folder / "vacant", stage_type, vacant(sample), environ, is_vacant=True)
        measured, _ = empty.record(recorder)
        trials.append(_vacant(sample, measured, benches[0].honest))
        gaps += _gaps_of_vacant(trials[-1], measured)
        gaps += [bench.gap for bench in benches if bench.gap]
        tried = _tried([bench for bench in benches if not bench.gap])
        if not sample.services and all(each.plan.hidden for each, _ in tried):
            gaps.append(
                "no program told the stage anything and `reports` names no file: nothing was"
                " damaged"
            )
        trials += _befallen(benches[0])
    trials += [_judged(each, is_evidence=is_evidence) for each, is_evidence in tried]
    return Conformance(stage=stage_type.uses, trials=tuple(trials), gaps=tuple(gaps))


def _recorded(project: str, workshop: Workshop, recorder: Recorder) -> _Bench:
    """Measure for real; what cannot be measured here cannot be tried."""
    honest, tape = workshop.record(recorder)
    wanted = Status.PASSED if project == "sound" else Status.FAILED
    if isinstance(honest.outcome, NotMeasured):
        problem = honest.outcome.problem
        raise StageError(problem.slug, problem.summary, hint=problem.hint, place=problem.place)
    if project == "sound" and honest.judged.status is not wanted:
        why = honest.judged.reason
        raise StageError("sample-not-passed", f"the sound sample does not pass: {why}")
    again = workshop.play(tape)
    if proof(again) != proof(honest) and workshop.plan.services:
        workshop.is_live = True
        again = workshop.play(tape)
    if proof(again) == proof(honest):
        return _Bench(project, workshop, tape, honest)
    why = f"the {project} sample, played again, comes out otherwise: {again.judged.reason}"
    if workshop.plan.services:
        return _Bench(project, workshop, tape, honest, gap=why)
    raise StageError(
        "not-replayable",
        why,
        hint="the stage asks for something else each time, or takes answers past `Context`",
    )


def _befallen(bench: _Bench) -> Iterator[Trial]:
    """What becomes of the gate when something befalls the service that is asked."""
    plan = bench.workshop.plan
    named = next((gate.service for gate in plan.gates if gate.service), "")
    for fault in Fault if named else ():
        measured = bench.workshop.suffer(fault)
        is_passing = measured.judged.status in PASSING
        yield Trial(
            project=bench.project,
            where=f"service {named}",
            what=f"the service {fault}",
            status=measured.judged.status,
            reason=reason(measured),
            why="passes all the same" if is_passing else defect(measured),
        )


def _must(project: str, measured: Measurement, wanted: Status) -> Trial:
    """The outcome of a sample as it is."""
    status = measured.judged.status
    why = "" if status is wanted else f"is {status}, and should be {wanted}"
    return _as_it_is(project, measured, why)


def _vacant(sample: Sample, measured: Measurement, honest: Measurement) -> Trial:
    """The outcome of the sample without what there is to examine.

    Where the sample does not say what that is, all of its files are gone. What a stage examines
    then, if it is less, may be there nonetheless: gates.yaml, the commit.
    """
    why = ""
    if measured.judged.status in PASSING:
        if sample.vital:
            why = "passes although there is nothing to examine"
        elif proof(measured) == proof(honest):
            why = f"passes with the same numbers without any of its files; {_VITAL}"
    return _as_it_is("vacant", measured, why)


def _gaps_of_vacant(trial: Trial, measured: Measurement) -> Iterator[str]:
    """What the vacant sample leaves open."""
    if trial.status in PASSING and trial.holds:
        yield f"the stage passes without any of the sample's files; {_VITAL}"
    if isinstance(measured.outcome, NotMeasured) and measured.outcome.caused_by:
        need = measured.outcome.caused_by
        yield f"with nothing to examine, `{need}` was errored and the stage was not run; {_VITAL}"


def _as_it_is(project: str, measured: Measurement, why: str) -> Trial:
    return Trial(
        project=project,
        where="",
        what="as it is",
        status=measured.judged.status,
        reason=reason(measured),
        why=why or defect(measured),
    )


def _tried(benches: list[_Bench]) -> list[tuple[_Tried, bool]]:
    """All damaged tapes, played; and whether each lacks evidence.

    A stage that does not miss an output when it is gone needs no other either: it may read a log
    for complaints alone. So what is lost comes first, and tells what is evidence.
    """
    tried = [
        _played(bench, plan)
        for bench in benches
        for plan in lost(bench.tape, bench.workshop.wanted)
    ]
    evidence = frozenset(
        each.plan.channel
        for each in tried
        if each.plan.channel and proof(each.measured) != proof(each.bench.honest)
    )
    for bench in benches:
        listed = partial(_unlisted, bench)
        tried += [_played(bench, plan) for plan in damaged(bench.tape, evidence, listed)]
    return [(each, each.plan.channel is None or each.plan.channel in evidence) for each in tried]


def _played(bench: _Bench, plan: Planned) -> _Tried:
    return _Tried(bench, plan, bench.workshop.play(plan.tape, hidden=plan.hidden))


def _unlisted(bench: _Bench, data: bytes) -> Damaged:
    """An output whose list of what was examined is one short; in the faulty project none passes."""
    outcome = bench.honest.outcome
    if bench.project != "sound" or isinstance(outcome, NotMeasured):
        return damage.whole(data)
    root, files = bench.workshop.root, bench.workshop.files

    def names(text: str) -> bool:
        return os.path.relpath(root / text, root) in files

    return damage.unlisted(data, names=names, count=outcome.examined.count)


def _judged(tried: _Tried, *, is_evidence: bool) -> Trial:
    plan, measured = tried.plan, tried.measured
    return Trial(
        project=tried.bench.project,
        where=plan.where,
        what=plan.what,
        status=measured.judged.status,
        reason=reason(measured),
        why=_why(tried, is_evidence=is_evidence),
    )


def _why(tried: _Tried, *, is_evidence: bool) -> str:
    """Why a trial is broken, or empty where it holds."""
    outcome = tried.measured.outcome
    if isinstance(outcome, NotMeasured):
        return defect(tried.measured)
    if any(not text.isprintable() for text in texts(outcome)):
        return "shows control characters of a tool"
    if tried.measured.judged.status not in PASSING:
        return ""
    return _why_passing(tried, is_evidence=is_evidence)


def _why_passing(tried: _Tried, *, is_evidence: bool) -> str:
    if tried.bench.project == "faulty":
        return "passes in the faulty project"
    if tried.plan.is_fatal and is_evidence:
        return "passes although its evidence is gone"
    if tried.plan.is_short:
        return "passes although its report names fewer files than were examined"
    if proof(tried.measured) != proof(tried.bench.honest):
        return "passes with other numbers than it measured"
    return ""
