from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from reports.records import edited
from reports.rollups import FAILED_RUN, PASSED_RUN, judged, projects, read_record, sample_rollup

from gates.domain.errors import OutputUnreadable
from gates.domain.rollup import RollUp
from gates.domain.status import Verdict
from gates.reports import record_v1
from gates.reports.rollup_stored import HINT, of_folder, read
from gates.reports.rollup_v1 import render
from gates.toolkit.files import Report

WHOLE = render(sample_rollup())


def back(data: bytes | str, reader: Callable[[str], Report] = read_record) -> RollUp:
    data = data.encode() if isinstance(data, str) else data
    return read(data, what="rollup.json", read_record=reader)


def refused(data: bytes | str, reader: Callable[[str], Report] = read_record) -> str:
    with pytest.raises(OutputUnreadable) as caught:
        back(data, reader)
    assert caught.value.problem.hint == HINT
    return f"{caught.value.problem.slug}: {caught.value.problem.summary}"


def test_a_rollup_comes_back_as_it_was() -> None:
    again = back(WHOLE)
    assert render(again) == WHOLE
    assert again.projects[1].run is not None
    assert again.projects[1].run.gate("coverage").status == "failed"


def test_an_interrupted_one_comes_back() -> None:
    stopped = replace(
        PASSED_RUN, verdict=Verdict.ERRORED, exit_code=130, complete=False, notes=("x",)
    )
    whole = replace(sample_rollup(judged("a", stopped)), exit_code=130, complete=False)
    data = record_v1.render(stopped).encode()

    def reader(name: str) -> Report:
        return Report(Path(name), data, whole.projects[0].sha256, len(data))

    assert render(back(render(whole), reader)) == render(whole)
    lying = edited("complete", value=True, record=render(whole))
    lying = edited("exit_code", 3, record=lying.decode())
    assert "contradicts the projects" in refused(lying, reader)


def test_one_that_is_graver_than_its_projects_comes_back() -> None:
    graver = replace(sample_rollup(projects()[0]), verdict=Verdict.ERRORED, exit_code=3)
    assert back(render(graver)).verdict is Verdict.ERRORED


def test_records_are_read_below_the_folder(tmp_path: Path) -> None:
    for entry in projects():
        if entry.run is not None:
            path = tmp_path / entry.record
            path.parent.mkdir(parents=True)
            path.write_text(record_v1.render(entry.run))
    done = of_folder(WHOLE.encode(), tmp_path / "runs" / "rollup.json", tmp_path)
    assert (done.folder, done.verdict) == (str(tmp_path / "runs"), Verdict.FAILED)
    path = tmp_path / projects()[1].record
    path.write_text(record_v1.render(PASSED_RUN))
    with pytest.raises(OutputUnreadable, match="not the file that was judged by"):
        of_folder(WHOLE.encode(), tmp_path / "rollup.json", tmp_path)
    path.unlink()
    with pytest.raises(OutputUnreadable, match="was not written"):
        of_folder(WHOLE.encode(), tmp_path / "rollup.json", tmp_path)


def test_a_record_that_is_another_is_refused() -> None:
    def swapped(name: str) -> Report:
        return read_record(name.replace(FAILED_RUN.id, PASSED_RUN.id))

    assert refused(WHOLE, swapped).startswith("record-changed: ")


def test_a_record_that_is_gone_is_refused() -> None:
    def gone(name: str) -> Report:
        raise OutputUnreadable("report-absent", "the report `run.json` was not written", place=name)

    assert refused(WHOLE, gone).startswith("report-absent: ")


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        ("schema", "gates/rollup/v2", "is no record of the schema"),
        ("schema", None, "is no record of the schema"),
        ("verdict", "passed", "its projects make it `failed`"),
        ("verdict", "errored", "its projects make it `failed`"),
        ("exit_code", 0, "is 0, which contradicts"),
        ("complete", False, "is 1, which contradicts"),
        ("seconds", -1, "is no duration"),
        ("started", "today", "is not a time in UTC"),
        ("projects/0/verdict", "failed", "is not what the project's record says"),
        ("projects/1/verdict", "passed", "is not what the project's record says"),
        ("projects/1/exit_code", 0, "is not what the project's record says"),
        ("projects/1/open", [], "is not what the project's record says"),
        ("projects/1/counts", {"passed": 5}, "is not what the project's record says"),
        ("projects/1/level", True, "is not what the project's record says"),
        ("projects/1/tree", "other", "is not what the project's record says"),
        ("projects/1/run", "20260131T120000Z-000001", "is not where the project keeps"),
        ("projects/1/record", "/etc/passwd", "is not where the project keeps that run"),
        ("projects/1/record", None, "contradicts what is told with it"),
        ("projects/1/path", "../other", "is not where the project keeps that run"),
        ("projects/1/path", ".", "is not where the project keeps that run"),
        ("projects/1/outcome", "unaffected", "contradicts what is told with it"),
        ("projects/2/outcome", "judged", "contradicts what is told with it"),
        ("projects/2/outcome", "skipped", "contradicts the outcome"),
        ("projects/2/listed", None, "contradicts the outcome"),
        ("projects/2/listed", 0, "contradicts the outcome"),
        ("projects/2/outcome", "lost", "no known word"),
        ("projects/3/outcome", "unaffected", "contradicts the outcome"),
        ("projects/4/error", None, "contradicts what is told with it"),
        ("projects/4/path", "packages/core", "hold one twice"),
        ("projects", {}, "is an object, not an array"),
    ],
)
def test_a_rollup_that_lies_is_refused(path: str, value: object, words: str) -> None:
    assert words in refused(edited(path, value, record=WHOLE))


def test_a_rollup_that_leaves_the_folder_is_refused() -> None:
    away = WHOLE.replace("services/api/.gates", "../api/.gates").replace(
        '"services/api"', '"../api"'
    )
    assert "is not where the project keeps that run" in refused(away)


def test_a_rollup_without_projects_is_refused() -> None:
    text = edited("projects", [], record=WHOLE).decode()
    assert "its projects make it `errored`" in refused(text)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", WHOLE.replace('"level"', '"id"', 1), '{"schema": NaN}']
)
def test_what_is_no_whole_rollup_is_refused(text: str) -> None:
    assert refused(text)


@given(at=some.integers(min_value=0, max_value=len(WHOLE.rstrip()) - 1))
def test_a_cut_rollup_is_refused(at: int) -> None:
    assert refused(WHOLE[:at])
