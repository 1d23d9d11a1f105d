from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from testing.naive import SAMPLE, Careful, lint, result

from gates.domain.judge import NotMeasured
from gates.plugin import Context, StageResult
from gates.testing.tape import Recorder
from gates.testing.workshop import Workshop


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder() as made:
        yield made


def workshop(folder: Path, *, stage: type[Careful]) -> Workshop:
    return Workshop.of(folder / "project", stage, SAMPLE, dict(os.environ))


def test_what_the_stage_looks_at_and_asks_for_is_noted(tmp_path: Path, recorder: Recorder) -> None:
    class Looking(Careful):
        def run(self, ctx: Context) -> StageResult:
            ctx.tool("git", ask=False)
            done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
            assert done.stdout == b""
            return result(done, 0, 2)

    made = workshop(tmp_path, stage=Looking)
    _, tape = made.record(recorder)
    assert tape.takes[0].reads == {"stdout"}
    assert made.wanted == ("git",)
    hidden = made.play(tape, hidden="git").outcome
    assert isinstance(hidden, NotMeasured)
    assert hidden.problem.slug == "tool-missing"


def test_what_is_planted_lies_at_one_place_in_each_run(tmp_path: Path, recorder: Recorder) -> None:
    places: list[Path] = []

    class Planting(Careful):
        def run(self, ctx: Context) -> StageResult:
            places.append(ctx.plant("bad.txt", b"wrong"))
            assert places[-1].read_bytes() == b"wrong"
            done = ctx.run(lint(ctx), str(ctx.out / "report.json"), ok=(0, 1))
            return result(done, 0, 2)

    made = workshop(tmp_path, stage=Planting)
    _, tape = made.record(recorder)
    made.play(tape)
    assert places[0] == places[1]
    assert not places[0].exists()
    assert not places[0].is_relative_to(made.root)
