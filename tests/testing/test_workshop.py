from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from testing.naive import SAMPLE, Careful, lint, result
from testing.naive_service import SAMPLE as ASKING
from testing.naive_service import Asks, AsksByProgram

from gates.domain.errors import StageError
from gates.domain.judge import NotMeasured
from gates.domain.status import Status
from gates.plugin import Context, Sample, StageResult, Wants
from gates.testing.furnishing import faulty
from gates.testing.relay import Fault
from gates.testing.tape import Left, Recorder, Tape
from gates.testing.workshop import Workshop
from gates.toolkit.processes import Processes


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as made:
        yield made


def workshop(folder: Path, sample: Sample = SAMPLE, stage: type[Careful] = Careful) -> Workshop:
    return Workshop.of(folder / "project", stage, sample, dict(os.environ))


def test_what_is_played_comes_out_as_what_was_measured(tmp_path: Path, recorder: Recorder) -> None:
    made = workshop(tmp_path, faulty(SAMPLE))
    measured, tape = made.record(recorder)
    assert measured.judged.status is Status.FAILED
    (take,) = tape.takes
    assert (take.ok, take.reads, take.program) == ((0, 1), frozenset(), "lint")
    assert tape.asked == {"report.json"}
    (made.root / "lint").unlink()
    (made.root / "lint").write_text("#!/bin/sh\nexit 9\n")
    assert made.play(tape).judged == measured.judged


def test_a_tape_with_nothing_on_it_measures_nothing(tmp_path: Path, recorder: Recorder) -> None:
    made = workshop(tmp_path)
    made.record(recorder)
    played = made.play(Tape(takes=()))
    assert isinstance(played.outcome, NotMeasured)
    assert "tape" in played.judged.reason


def test_reports_stay_out_of_git_and_are_given_back_after_damage(
    tmp_path: Path, recorder: Recorder
) -> None:
    class Reading(Careful):
        def run(self, ctx: Context) -> StageResult:
            text = ctx.given_report("told.txt").data
            done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
            return result(done, int(text), 2)

    given = replace(SAMPLE, files={**SAMPLE.files, "told.txt": "0"}, reports=("told.txt",))
    made = workshop(tmp_path, given, Reading)
    measured, tape = made.record(recorder)
    assert measured.judged.status is Status.PASSED
    assert tape.reports == (Left("told.txt", b"0"),)
    other = replace(tape, reports=(Left("told.txt", b"7"),))
    assert made.play(other).judged.status is Status.FAILED
    assert made.play(replace(tape, reports=())).judged.status is Status.ERRORED
    assert (made.root / "told.txt").read_bytes() == b"0"
    assert made.play(tape).judged.status is Status.PASSED


def test_a_sample_is_played_in_the_project_as_it_was(tmp_path: Path, recorder: Recorder) -> None:
    class Littering(Careful):
        def run(self, ctx: Context) -> StageResult:
            assert not (ctx.root / "r.json").exists()
            assert (ctx.root / "src" / "a.txt").read_text() == "right\n"
            done = ctx.run(lint(ctx), "r.json", ok=(0, 1))
            assert (ctx.root / "r.json").exists()
            (ctx.root / "src" / "a.txt").write_text("other")
            return result(done, 0, 2)

    made = workshop(tmp_path, stage=Littering)
    measured, tape = made.record(recorder)
    assert measured.judged.status is Status.PASSED
    assert [left.name for left in tape.takes[0].files] == ["r.json in the project"]
    for _ in range(2):
        assert made.play(tape).judged == measured.judged
    before = made.play(replace(tape, before=(Left("r.json", b"{}", is_stale=True),)))
    assert "AssertionError" in before.judged.reason


def test_a_defect_is_told_with_the_end_of_its_traceback(tmp_path: Path, recorder: Recorder) -> None:
    class Broken(Careful):
        def run(self, ctx: Context) -> StageResult:
            del ctx
            raise KeyError("files")

    measured, _ = workshop(tmp_path, stage=Broken).record(recorder)
    assert isinstance(measured.outcome, NotMeasured)
    hint = measured.outcome.problem.hint
    assert str(tmp_path) not in hint
    assert hint.endswith("in run | raise KeyError(\"files\") | KeyError: 'files'")


def test_a_gate_that_the_stage_needs_is_measured_first(tmp_path: Path, recorder: Recorder) -> None:
    class Needing(Careful):
        def wants(self) -> Wants | None:
            return Wants(uses=("ruff",), ask="something", option="")

        def run(self, ctx: Context) -> StageResult:
            assert ctx.needed["ruff"].result is not None
            return super().run(ctx)

    files = {**SAMPLE.files, "src/a.py": "x = 1\n"}
    made = workshop(tmp_path, replace(SAMPLE, files=files, needs=("ruff",)), Needing)
    measured, tape = made.record(recorder)
    assert measured.judged.status is Status.PASSED
    assert [take.program for take in tape.takes] == ["lint"]


def test_a_needed_gate_that_cannot_be_measured_is_told(tmp_path: Path, recorder: Recorder) -> None:
    made = workshop(tmp_path, replace(SAMPLE, needs=("ruff",)))
    with pytest.raises(StageError) as caught:
        made.record(recorder)
    assert caught.value.problem.slug == "sample-not-measured"


def test_where_there_is_nothing_to_examine_a_needed_gate_may_be_errored(
    tmp_path: Path, recorder: Recorder
) -> None:
    class Needing(Careful):
        def wants(self) -> Wants | None:
            return Wants(uses=("ruff",), ask="something", option="")

    given = replace(SAMPLE, needs=("ruff",), vital=(".git",))
    made = Workshop.of(tmp_path / "p", Needing, given, dict(os.environ), is_vacant=True)
    measured, _ = made.record(recorder)
    assert isinstance(measured.outcome, NotMeasured)
    assert measured.outcome.caused_by == "ruff"
    assert not (made.root / ".git").exists()


def test_the_executor_s_context_is_what_a_stage_gets(tmp_path: Path, recorder: Recorder) -> None:
    seen: list[object] = []

    class Watching(Careful):
        def run(self, ctx: Context) -> StageResult:
            seen.append((ctx.level, ctx.asked, ctx.timeout_s))
            ctx.progress("half way")
            return super().run(ctx)

    workshop(tmp_path, stage=Watching).record(recorder)
    assert seen == [(1, frozenset(), 600)]
    assert isinstance(recorder, Processes)


def test_a_service_runs_where_it_is_recorded_and_is_described_where_it_is_played(
    tmp_path: Path, recorder: Recorder
) -> None:
    made = Workshop.of(tmp_path / "project", AsksByProgram, ASKING, dict(os.environ))
    measured, tape = made.record(recorder)
    assert measured.judged.status is Status.PASSED
    assert [take.program for take in tape.takes] == ["ask"]
    (made.root / "server.py").unlink()
    assert made.play(tape).judged == measured.judged


def test_who_asks_by_itself_meets_nobody_unless_it_is_live(
    tmp_path: Path, recorder: Recorder
) -> None:
    made = Workshop.of(tmp_path / "project", Asks, ASKING, dict(os.environ))
    measured, tape = made.record(recorder)
    assert made.play(tape).judged.status is Status.ERRORED
    made.is_live = True
    assert made.play(tape).judged == measured.judged


def test_a_service_suffers_only_after_it_was_recorded(tmp_path: Path) -> None:
    made = Workshop.of(tmp_path / "project", Asks, ASKING, dict(os.environ))
    with pytest.raises(AssertionError, match="record first"):
        made.suffer(Fault.BROKEN)


def test_a_needed_gate_meets_the_suffering_service_and_its_log_is_on_the_tape(
    tmp_path: Path, recorder: Recorder
) -> None:
    class Reads(Careful):
        def wants(self) -> Wants | None:
            return Wants(uses=("command",), ask="logs", option="")

        def run(self, ctx: Context) -> StageResult:
            trace = ctx.needed["asking"].service
            assert trace is not None
            lines = trace.logs[0].read_text().split()
            done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
            return result(done, lines.count("asked") - 1, 2)

    needs = {
        "asking": {
            "uses": "command",
            "service": "api",
            "with": {"run": "./ask answer.json", "examined": "exit-status"},
            "require": ["exit_status == 0"],
        }
    }
    files = {**SAMPLE.files, **ASKING.files}
    given = replace(SAMPLE, files=files, needs=needs, services=ASKING.services)
    made = Workshop.of(tmp_path / "project", Reads, given, dict(os.environ))
    measured, tape = made.record(recorder)
    assert measured.judged.reason == "errors is 0"
    assert next((each.gate, each.name) for each in tape.seen) == ("asking", "measured.stdout")
    twice = tuple(replace(each, data=(b"asked asked",)) for each in tape.seen)
    assert made.play(replace(tape, seen=twice)).judged.status is Status.FAILED
    assert made.play(tape).judged == measured.judged
    assert made.suffer(Fault.BROKEN).judged.status is not Status.PASSED
    assert "asking" in made.suffer(Fault.ABSENT).judged.reason
