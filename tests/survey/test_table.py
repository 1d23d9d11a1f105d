import pytest

from gates import stages
from gates.domain.criteria import IDS
from gates.plugin import ReportStage
from gates.survey.table import CANDIDATES, Candidate, candidate

PRESENT = [one for one in CANDIDATES if one.uses in stages.BUILT_IN]


def test_each_stage_stands_once() -> None:
    names = [one.uses for one in CANDIDATES]
    assert len(set(names)) == len(names)
    assert {one.criterion for one in CANDIDATES} <= IDS


@pytest.mark.parametrize("one", PRESENT, ids=lambda one: one.uses)
def test_each_entry_agrees_with_its_stage(one: Candidate) -> None:
    stage = stages.load(one.uses)
    assert one.criterion in stage.criteria
    if one.program:
        assert one.program in stage.programs


def test_each_stage_that_runs_a_tool_can_be_chosen() -> None:
    """What only judges reports is left out: nobody knows where one will be written.

    So is what has no place at Level 1, and what loads a service, which nobody knows how to start.
    """
    own = {
        name
        for name in stages.BUILT_IN
        if not issubclass(stages.load(name), ReportStage)
        and any(each.startswith("L1-") for each in stages.load(name).criteria)
    }
    others = own - {one.uses for one in CANDIDATES}
    assert others <= {"load", "locust", "pytest-benchmark"}


def test_an_entry_is_found_by_its_stage() -> None:
    found = candidate("import-linter")
    assert found is not None
    assert found.package == "import-linter"
    assert candidate("command") is None
    ruff = candidate("ruff-format")
    assert ruff is not None
    assert ruff.package == "ruff"
