"""Tests in parts on several machines, and coverage over all of them, by the real tools."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from stages.live_context import WITHOUT_OURS, LiveContext, live_context

from gates.plugin import Handed, Needed, OutputUnreadable, Portion, StageResult
from gates.stages.coverage import Coverage, CoverageOptions
from gates.stages.pytest import Pytest, PytestOptions
from gates.toolkit.changes import Base, Change

pytestmark = pytest.mark.live

NAMES = ("one", "two", "three")
SHOP = "".join(
    f"def {name}(flag):\n    a = 1\n    b = 2\n    if flag:\n        c = 3\n    return a + b\n\n\n"
    for name in NAMES
)
FILES = {
    "pytest.ini": "[pytest]\npythonpath = src\n",
    "src/shop.py": SHOP,
    **{
        f"tests/test_{name}.py": f"from shop import {name}\n\ndef test_it():\n    {name}(True)\n"
        for name in NAMES
    },
}


def machine(folder: Path, index: int, count: int, files: Mapping[str, str]) -> LiveContext:
    place = folder / f"machine-{index}"
    place.mkdir()
    ctx = live_context(place, files)
    ctx.environment |= WITHOUT_OURS
    ctx.source_folders = ("src",)
    ctx.asked = frozenset({"coverage"})
    ctx.portion = Portion(index, count)
    return ctx


def handed(ctx: LiveContext) -> Handed:
    return Handed(out=ctx.out, root=ctx.root.resolve(), started_ns=1, portion=ctx.portion)


def merging(folder: Path, files: Mapping[str, str]) -> LiveContext:
    ctx = live_context(folder, files)
    ctx.environment |= WITHOUT_OURS
    ctx.source_folders = ("src",)
    ctx.difference = Change(Base("0123456789abcdef", "named"), {})
    return ctx


def fraction(result: StageResult, name: str) -> tuple[int, int] | None:
    return next((m.fraction for m in result.metrics if m.name == name and not m.tags), None)


def counts(result: StageResult) -> dict[str, object]:
    return {metric.name: metric.value for metric in result.metrics if metric.value}


def covered(ctx: LiveContext, parts: tuple[Handed, ...]) -> StageResult:
    ctx.needed = {
        "tests": Needed(name="tests", result=None, out=ctx.out, started_ns=1, handed=parts)
    }
    return Coverage(CoverageOptions()).run(ctx)


@pytest.mark.parametrize(
    "config", ["[run]\nbranch = true\n", "[run]\nbranch = true\nrelative_files = true\n"]
)
def test_three_parts_in_three_checkouts_come_to_their_exact_union(
    tmp_path: Path, config: str
) -> None:
    files = {**FILES, ".coveragerc": config}
    machines = [machine(tmp_path, index, 3, files) for index in (1, 2, 3)]
    told = [Pytest(PytestOptions()).run(ctx) for ctx in machines]
    parts = tuple(map(handed, machines))
    here = merging(tmp_path, files)

    alone = [
        fraction(covered(here_for(tmp_path, files, at), (part,)), "line")
        for at, part in enumerate(parts)
    ]
    joined = Pytest(PytestOptions()).join(here, parts)
    whole = covered(here, parts)

    assert [counts(each)["tests"] for each in told] == [1, 1, 1]
    assert counts(joined) == {"tests": 3, "passed": 3}
    assert joined.examined.count == 3
    # Each part runs the three `def` lines and the body of one function.
    assert alone == [(8, 18)] * 3
    assert fraction(whole, "line") == (18, 18)
    assert fraction(whole, "branch") == (3, 6)


def here_for(folder: Path, files: Mapping[str, str], at: int) -> LiveContext:
    place = folder / f"merge-{at}"
    place.mkdir()
    return merging(place, files)


def test_workers_of_xdist_run_only_their_part(tmp_path: Path) -> None:
    options = PytestOptions(workers="2")
    machines = [machine(tmp_path, index, 2, FILES) for index in (1, 2)]

    told = [Pytest(options).run(ctx) for ctx in machines]
    joined = Pytest(options).join(merging(tmp_path, FILES), tuple(map(handed, machines)))

    assert sorted(str(counts(each)["tests"]) for each in told) == ["1", "2"]
    assert counts(joined)["tests"] == 3
    assert ("workers", 4) in joined.examined.details


def test_a_part_without_a_file_ran_nothing_and_is_whole(tmp_path: Path) -> None:
    files = {**FILES, "tests/test_two.py": "", "tests/test_three.py": ""}
    machines = [machine(tmp_path, index, 2, files) for index in (1, 2)]

    first, second = (Pytest(PytestOptions()).run(ctx) for ctx in machines)
    parts = tuple(map(handed, machines))

    assert (first.examined.count, second.examined.count) == (1, 0)
    assert second.notes == ("part 2 of 2 ran 0 tests",)
    here = merging(tmp_path, files)
    assert counts(Pytest(PytestOptions()).join(here, parts))["tests"] == 1
    assert fraction(covered(here, parts), "line") == (8, 18)


def test_tests_whose_names_hang_on_the_machine_are_no_parts_of_one_whole(tmp_path: Path) -> None:
    odd = (
        "import os, pytest\n\n"
        "@pytest.mark.parametrize('where', ['machine-1' in os.getcwd()])\n"
        "def test_it(where): pass\n"
    )
    files = {**FILES, "tests/test_two.py": odd}
    machines = [machine(tmp_path, index, 2, files) for index in (1, 2)]
    for ctx in machines:
        Pytest(PytestOptions()).run(ctx)

    with pytest.raises(OutputUnreadable, match="did not collect the same tests"):
        Pytest(PytestOptions()).join(merging(tmp_path, files), tuple(map(handed, machines)))


def test_a_failure_of_a_part_is_that_of_the_whole(tmp_path: Path) -> None:
    files = {**FILES, "tests/test_two.py": "def test_it():\n    assert 1 == 2\n"}
    machines = [machine(tmp_path, index, 3, files) for index in (1, 2, 3)]

    told = [Pytest(PytestOptions()).run(ctx) for ctx in machines]
    joined = Pytest(PytestOptions()).join(merging(tmp_path, files), tuple(map(handed, machines)))

    assert sum("1 failed" in each.notes[0] for each in told) == 1
    assert counts(joined) == {"tests": 3, "passed": 2, "failed": 1}
    (found,) = joined.findings
    assert (found.path, found.line) == ("tests/test_two.py", 2)
