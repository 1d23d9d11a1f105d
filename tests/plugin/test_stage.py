import pytest
from samples import ERRORS

from gates.domain.criteria import IDS
from gates.plugin import Context, Default, Options, Stage, StageResult
from gates.stages import BUILT_IN, load


class Smallest(Stage[Options]):
    uses = "smallest"
    title = "nothing yet"
    metrics = (ERRORS,)
    defaults = (Default(text="errors == 0"),)
    examines = "files"

    def run(self, ctx: Context) -> StageResult:
        raise AssertionError(ctx)


def test_what_a_stage_leaves_out_has_an_answer() -> None:
    stage = Smallest(Options())
    stage.check()
    assert stage.specs() == (ERRORS,)
    assert stage.conditions() == Smallest.defaults
    assert stage.wants() is None


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
    assert stage.defaults
