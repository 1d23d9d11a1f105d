from pathlib import Path

import pytest
from cli.conftest import Ended, Gates

from gates.stages import BUILT_IN

NAIVE = '''\
"""Stages of another package."""

from typing import ClassVar

from gates.plugin import (
    Context, Default, Direction, Examined, MetricSpec, Options, Sample, Stage, StageError,
    StageResult, Tool, Unit, count,
)

LINT = "#!/bin/sh\\nexit "


class Naive(Stage[Options]):
    """Believes the exit code."""

    uses = "naive"
    title = "naive"
    metrics = (
        MetricSpec(name="errors", unit=Unit.COUNT, direction=Direction.LOWER, title="errors"),
    )
    defaults = (Default(text="errors == 0"),)
    examines = "files"
    sample: ClassVar[Sample | None] = Sample(
        files={"lint": f"{LINT}0\\n"}, faulty={"lint": f"{LINT}1\\n"}
    )

    def run(self, ctx: Context) -> StageResult:
        tool = Tool(name="lint", version="1", path=str(ctx.root / "lint"))
        done = ctx.run(tool, ok=(0, 1))
        return StageResult(
            metrics=(count("errors", done.exit_code),),
            examined=Examined(count=1, unit="files"),
            tool=tool,
        )


class Idle(Naive):
    """Runs nothing."""

    uses = "idle"
    sample: ClassVar[Sample | None] = Sample(
        files={"found": "0"}, faulty={"found": "1"}, vital=("found",)
    )

    def run(self, ctx: Context) -> StageResult:
        path = ctx.root / "found"
        if not path.exists():
            raise StageError("nothing-examined", "nothing is there")
        return StageResult(
            metrics=(count("errors", int(path.read_text())),),
            examined=Examined(count=1, unit="files"),
            tool=Tool(name="none", version="1", path=""),
        )


class Stray(Naive):
    """Its sample leaves its folder."""

    uses = "stray"
    sample: ClassVar[Sample | None] = Sample(files={"../../../x": "\\ud800"})


class Toolless(Naive):
    """Needs a program that is nowhere."""

    uses = "toolless"

    def run(self, ctx: Context) -> StageResult:
        ctx.tool("program-that-is-nowhere")
        return super().run(ctx)
'''


@pytest.fixture
def others(gates: Gates, tmp_path: Path) -> Gates:
    """The command line, beside a package that brings stages of its own."""
    folder = tmp_path / "site"
    info = folder / "naive-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: naive\nVersion: 1.0\n")
    names = ("Naive", "Toolless", "Idle", "Stray")
    points = "\n".join(f"{name.lower()} = naive_stage:{name}" for name in names)
    (info / "entry_points.txt").write_text(f"[gates.stages]\n{points}\n")
    (folder / "naive_stage.py").write_text(NAIVE)
    gates.repo.environ["PYTHONPATH"] = str(folder)
    return gates


def last(ended: Ended) -> str:
    return ended.out.splitlines()[-1]


def test_all_stages_are_listed_with_what_they_serve(gates: Gates) -> None:
    lines = gates("stages").out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(BUILT_IN)
    assert any("L1-COVERAGE" in line for line in lines)


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_each_stage_shows_what_it_declares(gates: Gates, name: str) -> None:
    text = gates("stages", name).out
    for title in ("metrics", "default conditions", "options", "errored when"):
        assert f"\n{title}\n" in text


def test_a_name_that_is_none_gets_the_nearest(gates: Gates) -> None:
    ended = gates("stages", "rufff")
    assert ended.code == 2
    assert "did you mean `ruff`?" in ended.err
    assert "`gates stages` lists them" in gates("stages", "xyzzyxyzzy").err


def test_a_stage_that_holds_is_tried_with_everything_that_can_go_wrong(gates: Gates) -> None:
    ended = gates("stages", "check", "command")
    assert ended.code == 0, ended.err
    assert last(ended).endswith(" 0 broken")
    assert "was ended by a signal" in ended.out
    assert "broken:" not in ended.out


def test_every_single_trial_is_shown_where_that_is_asked(others: Gates) -> None:
    ended = others("stages", "check", "naive", "--all")
    assert "sound: lint ended with another exit code, 1: after it wrote everything" in ended.out


def test_a_stage_that_passes_without_proof_ends_with_1(others: Gates) -> None:
    ended = others("stages", "check", "naive")
    assert ended.code == 1
    assert "passes in the faulty project" in ended.out


def test_a_stage_that_could_not_be_tried_is_not_proved_and_ends_with_3(others: Gates) -> None:
    ended = others("stages", "check", "idle")
    assert ended.code == 3
    assert "not proved: no program told the stage anything" in ended.out
    assert last(ended).endswith(" 0 broken, not proved")


def test_a_sample_that_leaves_its_folder_ends_with_3(others: Gates) -> None:
    ended = others("stages", "check", "stray")
    assert ended.code == 3
    assert "error[bad-sample]" in ended.err
    assert "Traceback" not in ended.err


def test_a_sample_that_cannot_be_measured_here_ends_with_3(others: Gates) -> None:
    ended = others("stages", "check", "toolless")
    assert ended.code == 3
    assert "program-that-is-nowhere" in ended.err


@pytest.mark.parametrize("words", [("check",), ("check", "ruff", "mypy"), ("ruff", "mypy")])
def test_words_that_make_no_sense_are_refused(gates: Gates, words: tuple[str, ...]) -> None:
    ended = gates("stages", *words)
    assert ended.code == 2
    assert "gates stages [check] NAME" in ended.err
