"""The kit lets a careful stage through, and catches each naive one by what it is naive about."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from testing import naive, naive_service
from testing.naive import SAMPLE, Careful

from gates.domain.errors import StageError
from gates.domain.status import Status
from gates.plugin import Context, Examined, Options, Sample, Stage, StageResult, Wants, count
from gates.testing import check
from gates.testing.conformance import Conformance, Trial
from gates.testing.relay import Fault
from gates.testing.samples import SAMPLES, sample_of

ABSENT = "is absent"
GONE = "passes although its evidence is gone"
WRONG = "passes in the faulty project"


def told(found: Conformance) -> set[tuple[str, str]]:
    """What was wrong in each broken trial, without its detail, and why it is broken."""
    return {(trial.what.partition(":")[0], trial.why) for trial in found.broken}


@cache
def tried(stage: type[Stage[Options]]) -> Conformance:
    return check(stage)


@pytest.fixture(scope="module")
def careful() -> Conformance:
    return tried(Careful)


def test_a_careful_stage_holds(careful: Conformance) -> None:
    assert careful.broken == ()
    assert careful.gaps == ()
    assert careful.is_proved
    assert careful.stage == "small-lint"


def test_its_samples_are_measured_as_they_are(careful: Conformance) -> None:
    honest = {trial.project: trial.status for trial in careful.trials if not trial.where}
    assert honest == {
        "sound": Status.PASSED,
        "faulty": Status.FAILED,
        "vacant": Status.ERRORED,
    }


def test_each_kind_of_damage_is_tried_in_both_projects(careful: Conformance) -> None:
    for project in ("sound", "faulty"):
        kinds = {t.what.partition(":")[0] for t in careful.trials if t.project == project}
        assert kinds >= {
            "was ended by a signal",
            "ran out of time",
            "could not be started",
            "lost its exit status",
            "wrote nothing at all",
            "is older than the stage",
            "is absent",
            "is empty",
            "cut off",
            "lost a part",
            "a web page",
            "nested too deep",
            "JSON without content",
            "a key twice, the second time empty",
            "every text steers the terminal",
        }
    assert "names one file less" in {t.what.partition(":")[0] for t in careful.trials}


@pytest.mark.parametrize(
    ("stage", "what", "why"),
    [
        (naive.BelievesExit, "ended with another exit code, 0", WRONG),
        (naive.EmptyIsFine, "is empty", WRONG),
        (naive.EmptyIsFine, ABSENT, WRONG),
        (naive.EmptyWhereExitAgrees, "is empty", GONE),
        (naive.EmptyWhereExitAgrees, ABSENT, GONE),
        (naive.IgnoresExit, "ended with another exit code, 1", GONE),
        (naive.ReadsOldOnes, "is older than the stage", GONE),
        (naive.ReportsIntoProject, "is older than the stage", GONE),
        (
            naive.CountsWhatItHanded,
            "names one file less",
            "passes although its report names fewer files than were examined",
        ),
        (naive.SkipsBrokenLines, "a web page", WRONG),
        (naive.SkipsBrokenLines, "is empty", WRONG),
        (naive.CountsWhatIsLeft, "lost a part", "passes with other numbers than it measured"),
        (naive.SwallowsCrashes, "was ended by a signal", GONE),
        (naive.SwallowsCrashes, "ran out of time", None),
        (naive.Unguarded, "a web page", "raises something else than a StageError"),
        (naive.Shows, "every text steers the terminal", "shows control characters of a tool"),
        (naive.CannotFail, "as it is", "is passed, and should be failed"),
    ],
)
def test_a_naive_stage_is_caught(stage: type[Stage[Options]], what: str, why: str | None) -> None:
    found = told(tried(stage))
    if why is None:
        assert what not in {kind for kind, _ in found}
    else:
        assert (what, why) in found


def test_a_stage_that_answers_differently_each_time_cannot_be_tried() -> None:
    with pytest.raises(StageError) as caught:
        check(naive.Unsteady)
    assert caught.value.problem.slug == "not-replayable"


def test_a_sample_that_does_not_pass_is_no_sample() -> None:
    with pytest.raises(StageError) as caught:
        check(Careful, replace(SAMPLE, files={**SAMPLE.files, **SAMPLE.faulty}))
    assert caught.value.problem.slug == "sample-not-passed"


def test_a_sample_that_cannot_be_measured_tells_the_stage_s_own_error() -> None:
    files = {path: text for path, text in SAMPLE.files.items() if path != "lint"}
    with pytest.raises(StageError, match="there is no linter"):
        check(Careful, replace(SAMPLE, files=files, vital=()))


def test_a_report_in_the_project_is_an_output_as_any_other() -> None:
    found = tried(naive.ReportsIntoProject)
    assert {trial.where for trial in found.broken} == {"lint: r.json in the project"}


@pytest.mark.parametrize("stage", [naive.ReportsIntoProjectAnew, naive.ReportsIntoProjectDated])
def test_a_report_in_the_project_that_is_of_this_run_holds(stage: type[Stage[Options]]) -> None:
    found = tried(stage)
    assert found.is_proved
    whats = {t.what for t in found.trials if t.where == "lint: r.json in the project"}
    assert whats >= {"is absent", "is empty", "is older than the stage"}


def test_a_stage_that_reads_what_lies_there_and_runs_nothing_is_not_proved() -> None:
    found = tried(naive.ReadsWhatLiesThere)
    assert [trial.why.partition(";")[0] for trial in found.broken] == [
        "passes with the same numbers without any of its files"
    ]
    assert [gap.partition(":")[2] for gap in found.gaps] == [" nothing was damaged"]


def test_one_that_examines_something_else_then_is_not_proved_either() -> None:
    found = tried(naive.ReadsWhatLiesThereToo)
    assert found.broken == ()
    assert not found.is_proved
    assert [gap.partition(";")[0].partition(":")[2] for gap in found.gaps] == [
        "",
        " nothing was damaged",
    ]
    assert found.gaps[0].startswith("the stage passes without any of the sample's files; name")


def test_what_was_not_tried_is_told() -> None:
    class Alone(Careful):
        def run(self, ctx: Context) -> StageResult:
            return StageResult(
                metrics=(count("errors", 0),),
                examined=Examined(count=len(ctx.files("src/*.txt")), unit="files"),
                tool=naive.lint(ctx),
            )

    found = check(Alone, Sample(files=SAMPLE.files))
    assert [gap.partition(",")[0] for gap in found.gaps] == [
        "the sample has no faults",
        "no program told the stage anything and `reports` names no file: nothing was damaged",
    ]
    assert found.broken == ()
    assert not found.is_proved


def test_where_only_a_needed_gate_was_errored_the_stage_was_not_tried_with_nothing() -> None:
    class Needing(Careful):
        def wants(self) -> Wants | None:
            return Wants(uses=("ruff",), ask="something", option="")

    files = {**SAMPLE.files, "src/a.py": "x = 1\n"}
    found = check(Needing, replace(SAMPLE, files=files, needs=("ruff",), vital=("src/a.py",)))
    assert found.broken == ()
    assert [gap.partition(";")[0] for gap in found.gaps] == [
        "with nothing to examine, `ruff` was errored and the stage was not run"
    ]


def test_a_defect_is_told_with_its_place() -> None:
    broken = [t for t in tried(naive.Unguarded).broken if t.what == "a web page"]
    assert broken
    assert all("naive.py" in trial.reason for trial in broken)
    assert not any("gates-sample-" in trial.reason for trial in broken)


def test_a_sample_that_is_none_is_refused_before_anything_is_run() -> None:
    with pytest.raises(StageError) as caught:
        check(Careful, replace(SAMPLE, faulty={"../../x": "wrong"}))
    assert caught.value.problem.slug == "bad-sample"


def test_the_stage_s_own_sample_comes_first_and_then_ours() -> None:
    class Bandit(Careful):
        uses = "bandit"
        sample = None

    assert sample_of(Careful) is SAMPLE
    assert sample_of(Bandit) is SAMPLES["bandit"]


def test_a_stage_without_a_sample() -> None:
    class Bare(Careful):
        sample = None

    with pytest.raises(StageError) as caught:
        check(Bare)
    assert caught.value.problem.slug == "no-sample"


def test_a_trial_holds_where_nothing_speaks_against_it() -> None:
    trial = Trial(project="sound", where="", what="as it is", status=Status.PASSED, reason="")
    assert trial.holds
    assert not replace(trial, why="passes").holds


def befallen(found: Conformance) -> dict[str, tuple[Status, str]]:
    """What became of the gate by what befell the service."""
    return {
        t.what.removeprefix("the service "): (t.status, t.why)
        for t in found.trials
        if t.where == "service api"
    }


@pytest.mark.parametrize("stage", [naive_service.Asks, naive_service.AsksByProgram])
def test_a_careful_stage_holds_whatever_befalls_its_service(stage: type[Stage[Options]]) -> None:
    found = tried(stage)
    assert found.is_proved, (found.broken, found.gaps)
    assert befallen(found) == {fault.value: (Status.ERRORED, "") for fault in Fault}


def test_a_program_that_asks_a_service_is_played_as_any_other() -> None:
    found = tried(naive_service.AsksByProgram)
    assert "ask: answer.json" in {trial.where for trial in found.trials}


def test_a_stage_that_takes_any_answer_is_caught() -> None:
    found = befallen(tried(naive_service.TakesAnyAnswer))
    assert {what for what, (_, why) in found.items() if why == "passes all the same"} == {
        "answers 404 to everything",
        "answers 500 to everything",
        "answers `{}` to everything",
    }


def test_a_stage_that_overlooks_the_death_of_its_service_is_caught() -> None:
    found = befallen(tried(naive_service.OverlooksDeath))
    assert found["dies while it is asked"] == (Status.PASSED, "passes all the same")
    assert found["ended before it was asked"][0] is Status.ERRORED
    assert found["is not there"] == (Status.ERRORED, "")


def test_what_cannot_be_played_is_told_and_its_service_is_tried_all_the_same() -> None:
    found = tried(naive_service.CountsItsRuns)
    assert [gap.partition(":")[0] for gap in found.gaps] == [
        "the sound sample, played again, comes out otherwise",
        "the faulty sample, played again, comes out otherwise",
    ]
    assert found.broken == ()
    assert len(befallen(found)) == len(Fault)


def test_a_stage_that_passes_without_what_is_vital_is_caught() -> None:
    sample = naive.ReadsWhatLiesThere.sample
    assert sample is not None
    found = check(naive.ReadsWhatLiesThere, replace(sample, vital=tuple(sample.files)))
    assert [trial.why for trial in found.broken] == ["passes although there is nothing to examine"]
