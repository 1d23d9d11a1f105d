from pathlib import Path

import pytest
from samples import ERRORS

from gates.domain.criteria import IDS
from gates.plugin import (
    Context,
    Default,
    Examined,
    Options,
    Report,
    ReportOptions,
    ReportStage,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.stages import BUILT_IN, load
from gates.testing import fake_context


class Smallest(Stage[Options]):
    uses = "smallest"
    title = "nothing yet"
    metrics = (ERRORS,)
    defaults = (Default(text="errors == 0"),)
    examines = "files"

    def run(self, ctx: Context) -> StageResult:
        raise AssertionError(ctx)


class Reading(ReportStage[ReportOptions]):
    uses = "reading"
    title = "lengths"
    options_type = ReportOptions
    metrics = (ERRORS,)
    defaults = (Default(text="errors == 0"),)
    examines = "bytes"

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        del ctx
        size = sum(len(report.data) for report in reports)
        tool = Tool(name="reading", version="")
        return StageResult(
            metrics=(count("errors", 0),), examined=Examined(count=size, unit="bytes"), tool=tool
        )


def test_a_given_report_is_read_in_place_of_a_run(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"out/1.txt": "12", "out/2.txt": "345"})
    stage = Reading(ReportOptions(report=("out/*.txt",)))
    stage.check()
    assert stage.given == ("out/*.txt",)
    assert stage.measure(ctx).examined.count == 5


def test_a_stage_of_reports_needs_one(tmp_path: Path) -> None:
    stage = Reading(ReportOptions())
    with pytest.raises(ValueError, match="`report` names what is judged"):
        stage.check()
    with pytest.raises(StageError, match="none is named"):
        stage.measure(fake_context(tmp_path))


def test_a_stage_that_takes_no_report_runs(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    assert Smallest(Options()).given == ()
    with pytest.raises(AssertionError):
        Smallest(Options()).measure(ctx)
    with pytest.raises(NotImplementedError, match="smallest has options with `report`"):
        Smallest(Options()).read(ctx, ())
    assert Smallest(Options()).subjects_before(ctx) is None


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_stage_that_takes_a_report_says_how_to_write_it(name: str) -> None:
    stage = load(name)
    takes = issubclass(stage.options_type, ReportOptions)
    assert bool(stage.written_by) == takes
    assert (stage.read is not Stage.read) == takes


def test_what_a_stage_leaves_out_has_an_answer() -> None:
    stage = Smallest(Options())
    stage.check()
    assert stage.specs() == (ERRORS,)
    assert stage.conditions() == Smallest.defaults
    assert stage.wants() is None
    assert not any((stage.divisible, stage.hands_over, stage.measures_at_merge))


def test_a_stage_that_cannot_be_split_joins_nothing(tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="smallest"):
        Smallest(Options()).join(fake_context(tmp_path), ())


def test_a_stage_without_run_cannot_be_made() -> None:
    class Unfinished(Stage[Options]):
        uses = "unfinished"

    with pytest.raises(TypeError, match="abstract"):
        Unfinished(Options())  # type: ignore[abstract]


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_stage_declares_what_readers_and_judges_need(name: str) -> None:
    stage = load(name)
    assert stage.uses == name
    assert set(stage.criteria) <= IDS
    assert stage.title
    assert stage.examines
    assert stage.errored_when
    declared = {spec.name for spec in stage.metrics}
    assert len(declared) == len(stage.metrics)
    # Where the options say which metrics there are, only the gate can say what they must hold.
    assert stage.defaults or stage.specs is not Stage.specs
