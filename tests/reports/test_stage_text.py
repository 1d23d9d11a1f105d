from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from inline_snapshot import snapshot

from gates.domain.status import Status
from gates.plugin import (
    Context,
    Default,
    Direction,
    MetricSpec,
    Options,
    Role,
    Stage,
    StageResult,
    Unit,
)
from gates.reports.stage_text import list_lines, stage_lines, trial_lines
from gates.reports.style import render


@dataclass(frozen=True, slots=True, kw_only=True)
class SpellOptions(Options):
    words: str = field(default="words.txt", metadata={"help": "a file of known words"})
    paths: tuple[str, ...] = ()


class Spell(Stage[SpellOptions]):
    """Counts words that no dictionary knows."""

    uses: ClassVar[str] = "spell"
    title: ClassVar[str] = "words that no dictionary knows"
    options_type: ClassVar[type[SpellOptions]] = SpellOptions
    examines: ClassVar[str] = "words"
    programs: ClassVar[tuple[str, ...]] = ("spell", "hunspell")
    criteria: ClassVar[tuple[str, ...]] = ("L1-LINT", "L1-FORMAT")
    metrics: ClassVar[tuple[MetricSpec, ...]] = (
        MetricSpec(
            name="unknown",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="unknown words",
            tags=("language", "path"),
        ),
        MetricSpec(name="known", unit=Unit.RATIO, direction=Direction.HIGHER, title="known words"),
    )
    defaults: ClassVar[tuple[Default, ...]] = (
        Default(text="unknown == 0"),
        Default(text="known >= 99%", role=Role.WARN, from_level=2),
    )
    errored_when: ClassVar[tuple[str, ...]] = ("no word was read", "the dictionary is empty")

    def run(self, ctx: Context) -> StageResult:
        raise NotImplementedError


class Plain(Stage[Options]):
    """Declares as little as a stage can."""

    uses: ClassVar[str] = "a-longer-name"
    title: ClassVar[str] = "nothing"
    metrics: ClassVar[tuple[MetricSpec, ...]] = ()
    defaults: ClassVar[tuple[Default, ...]] = ()
    examines: ClassVar[str] = "nothing"

    def run(self, ctx: Context) -> StageResult:
        raise NotImplementedError


def declared(stage: object) -> type[Stage[Options]]:
    """A stage as the table of stages hands it over."""
    assert isinstance(stage, type)
    assert issubclass(stage, Stage)
    return stage


def test_everything_that_a_stage_declares() -> None:
    assert render(stage_lines(declared(Spell)), colour=False) == snapshot("""\
spell  words that no dictionary knows
  serves    L1-LINT, L1-FORMAT
  examines  words
  runs      spell, hunspell
  due       push, ci
metrics
  unknown {language, path}  count, lower is better: unknown words
  known  ratio, higher is better: known words
default conditions
  unknown == 0
  known >= 99%  (only tells)  at Levels 2 to 3
options
  words (default 'words.txt')  a file of known words
  paths (default ())
errored when
  no word was read
  the dictionary is empty
""")


def test_a_stage_that_declares_little_says_so() -> None:
    shown = render(stage_lines(declared(Plain)), colour=False)
    assert "  serves    no criterion by itself\n" in shown
    assert "  runs  " not in shown


def test_the_list_has_a_line_a_stage() -> None:
    assert render(list_lines([declared(Spell), declared(Plain)]), colour=False) == (
        "spell          words that no dictionary knows  L1-LINT, L1-FORMAT\n"
        "a-longer-name  nothing\n"
    )


@dataclass(frozen=True, slots=True)
class Tried:
    project: str
    where: str
    what: str
    status: Status
    reason: str
    why: str = ""


TRIALS = (
    Tried("sound", "", "as it is", Status.PASSED, "errors is 0"),
    Tried("sound", "lint", "cut off: in the middle", Status.ERRORED, "not JSON"),
    Tried("sound", "lint", "cut off: at the end", Status.PASSED, "errors is 0", "passes"),
    Tried("faulty", "lint", "is absent", Status.ERRORED, "no report"),
)


def test_trials_are_told_by_kind_and_broken_ones_by_themselves() -> None:
    text = render(trial_lines("spell", TRIALS, ["nothing vital"]), colour=False)
    assert text == snapshot("""\
  sound sample                              passed                            errors is 0
  cut off                                   1 errored, 1 passed               not JSON
  is absent                                 errored                           no report
not proved: nothing vital
broken: sound lint cut off: at the end: passes (errors is 0)
spell  4 trials, 1 broken, not proved
""")


def test_every_trial_can_be_told() -> None:
    text = render(trial_lines("spell", TRIALS[-1:], (), whole=True), colour=False)
    assert text == snapshot("""\
  faulty: lint is absent                    errored                           no report
spell  1 trial, 0 broken
""")


def test_the_style_tells_a_broken_trial_from_one_that_holds() -> None:
    text = render(trial_lines("spell", TRIALS, ()), colour=True)
    assert "\x1b[1;31m1 errored, 1 passed" in text
    assert "\x1b[1;35merrored" in text
