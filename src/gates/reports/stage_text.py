"""Stages for people: what each measures, its metrics, default conditions, options and limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields
from typing import Protocol

from gates.domain.condition import Role
from gates.domain.plan import LEVELS
from gates.domain.status import Status
from gates.plugin import Options, Stage
from gates.reports.style import STATUS_STYLE, Line, line, padded

WIDTH_OF_TRIAL = 40
WIDTH_OF_STATUSES = 32


class Tried(Protocol):
    """One trial of the conformance kit, as far as it is shown."""

    @property
    def project(self) -> str:
        """Which of the sample's projects was measured."""

    @property
    def where(self) -> str:
        """What was damaged; empty where nothing was."""

    @property
    def what(self) -> str:
        """What was wrong with it."""

    @property
    def status(self) -> Status:
        """How the gate stood."""

    @property
    def reason(self) -> str:
        """Why it stood so."""

    @property
    def why(self) -> str:
        """Why the trial is broken; empty where it holds."""


def list_lines(stages: Sequence[type[Stage[Options]]]) -> Iterator[Line]:
    """One line a stage."""
    width = max(len(stage.uses) for stage in stages) + 2
    for stage in stages:
        criteria = ", ".join(stage.criteria)
        yield line((padded(stage.uses, width), "strong"), f"{stage.title}  ", (criteria, "faint"))


def stage_lines(stage: type[Stage[Options]]) -> Iterator[Line]:
    """Everything that a stage declares."""
    yield line((stage.uses, "strong"), f"  {stage.title}")
    yield line(("  serves    ", "faint"), ", ".join(stage.criteria) or "no criterion by itself")
    yield line(("  examines  ", "faint"), stage.examines)
    if stage.programs:
        yield line(("  runs      ", "faint"), ", ".join(stage.programs))
    if stage.written_by:
        yield line(("  reports   ", "faint"), f"written by `{stage.written_by}`")
    yield line(("  due       ", "faint"), ", ".join(stage.when))
    yield line(("metrics", "strong"))
    for spec in stage.metrics:
        tags = f" {{{', '.join(spec.tags)}}}" if spec.tags else ""
        better = f"{spec.direction.value} is better"
        yield line(
            f"  {spec.name}{tags}  ", (f"{spec.unit.value}, {better}: {spec.title}", "faint")
        )
    yield line(("default conditions", "strong"))
    for default in stage.defaults:
        role = "" if default.role is Role.REQUIRE else "  (only tells)"
        levels = ""
        if default.from_level == default.to_level:
            levels = f"  at Level {default.from_level}"
        elif (default.from_level, default.to_level) != (LEVELS[0], LEVELS[-1]):
            levels = f"  at Levels {default.from_level} to {default.to_level}"
        yield line(f"  {default.text}{role}{levels}")
    yield line(("options", "strong"))
    for field in fields(stage.options_type):
        text = str(field.metadata.get("help", ""))
        given = "" if field.default is MISSING else f" (default {field.default!r})"
        yield line(f"  {field.name}{given}  ", (text, "faint"))
    yield line(("errored when", "strong"))
    for case in stage.errored_when:
        yield line(f"  {case}")


def trial_lines(
    name: str, trials: Sequence[Tried], gaps: Sequence[str], *, whole: bool = False
) -> Iterator[Line]:
    """What came of trying a stage: what went wrong, what became of the gate, and why.

    Args:
        name: the stage.
        trials: all trials.
        gaps: what could not be tried, so that the stage is not proved.
        whole: one line for each trial, not for each kind of damage.
    """
    honest = [trial for trial in trials if not trial.where]
    damaged = [trial for trial in trials if trial.where]
    for trial in honest:
        yield _trial_line(f"{trial.project} sample", (trial,))
    if whole:
        for trial in damaged:
            yield _trial_line(f"{trial.project}: {trial.where} {trial.what}", (trial,))
    else:
        kinds: dict[str, list[Tried]] = {}
        for trial in damaged:
            kinds.setdefault(trial.what.partition(":")[0], []).append(trial)
        for what, found in kinds.items():
            yield _trial_line(what, found)
    for gap in gaps:
        yield line(("not proved", "bad"), f": {gap}")
    broken = [trial for trial in trials if trial.why]
    for trial in broken:
        place = f"{trial.project} {trial.where} {trial.what}".replace("  ", " ")
        yield line(("broken", "bad"), f": {place}: {trial.why} ({trial.reason})")
    noun = "trial" if len(trials) == 1 else "trials"
    sums = f"  {len(trials)} {noun}, {len(broken)} broken"
    sums += ", not proved" if gaps else ""
    yield line((name, "strong"), (sums, "bad" if broken or gaps else "good"))


def _trial_line(what: str, trials: Sequence[Tried]) -> Line:
    """A kind of trial with its outcomes; the reason is that of the first."""
    counts = Counter(trial.status for trial in trials)
    shown = ", ".join(
        status.value if len(trials) == 1 else f"{number} {status.value}"
        for status, number in counts.most_common()
    )
    style = "bad" if any(trial.why for trial in trials) else ""
    if len(counts) == 1:
        style = style or STATUS_STYLE[trials[0].status]
    text = padded(shown, WIDTH_OF_STATUSES)
    return line(f"  {padded(what, WIDTH_OF_TRIAL)}  ", (text, style), f"  {trials[0].reason}")
