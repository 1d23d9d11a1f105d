from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.formats import coverage_data
from gates.formats.coverage_data import Left

RECORD: dict[str, object] = {
    "format": 1,
    "nonce": "",
    "end": True,
    "worker": "",
    "pytest": {"version": "9", "file": ""},
    "loop_ended": True,
    "stopped": "",
    "collected": 0,
    "never_ran": 0,
    "deselected": 0,
    "skipped_modules": 0,
    "collect_errors": [],
    "tests": dict.fromkeys(
        (
            "passed", "failed", "errors", "skipped", "xfailed", "xpassed", "unknown", "not_run",
            "subtests_skipped", "subtests_xfailed",
        ),
        0,
    ),
    "problems": [],
    "warnings": 0,
    "workers": {},
}  # fmt: skip


def left(folder: Path, *, is_part: bool = False, **told: object) -> Left:
    (folder / "data").mkdir()
    measured = {"problem": "", "file": "", "config": "", "data": None, "measured": 0, **told}
    (folder / "main.json").write_text(json.dumps({**RECORD, "coverage": measured}))
    return Left("tests", folder, Path("/there"), 0, is_part)


def test_the_data_of_a_run_are_told_with_its_configuration(tmp_path: Path) -> None:
    run = left(tmp_path, data="lines.1", measured=3, config="/there/cov.ini")
    for name in ("lines.1", "lines.2", "lines.2-journal"):
        (tmp_path / "data" / name).write_text("x")

    found = coverage_data.measured(run)

    assert [path.name for path in found.files] == ["lines.1", "lines.2"]
    assert found.config == "/there/cov.ini"


def test_only_a_part_may_have_measured_nothing(tmp_path: Path) -> None:
    run = left(tmp_path)

    assert coverage_data.measured(Left("tests", run.proof, run.root, 0, is_part=True)).files == ()
    with pytest.raises(StageError, match="executed no line"):
        coverage_data.measured(run)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"problem": "no coverage"}, "could not measure coverage: no coverage"),
        ({"measured": 3}, "left no data"),
        ({"data": "lines.9", "measured": 1}, "1 data files of gate `tests` are missing"),
    ],
)
def test_lost_data_is_errored(tmp_path: Path, told: dict[str, object], words: str) -> None:
    with pytest.raises(StageError, match=words):
        coverage_data.measured(left(tmp_path, is_part=False, **told))


def test_a_run_that_was_not_asked_to_measure_is_errored(tmp_path: Path) -> None:
    (tmp_path / "main.json").write_text(json.dumps({**RECORD, "coverage": None}))

    with pytest.raises(StageError, match="was not asked"):
        coverage_data.measured(Left("tests", tmp_path, Path("/there"), 0))


def test_a_path_of_another_checkout_becomes_ours() -> None:
    there, here = Path("/there"), Path("/here")

    assert coverage_data.moved("/there/cov.ini", there, here) == "/here/cov.ini"
    assert coverage_data.moved("/etc/cov.ini", there, here) == "/etc/cov.ini"
    assert coverage_data.moved("", there, here) == ""


def test_all_runs_measure_with_one_configuration() -> None:
    assert coverage_data.one_config({"", "/a"}) == "/a"
    assert coverage_data.one_config(set()) == ""
    with pytest.raises(StageError, match="2 configurations of coverage: /a, /b"):
        coverage_data.one_config({"/a", "/b"})


@pytest.mark.parametrize("odd", ["/a[b]", "/a*", "/a\nb", "/{x}"])
def test_a_folder_that_reads_like_a_pattern_is_refused(odd: str) -> None:
    assert "/there" in coverage_data.aliases(Path("/there"), Path("/here"))
    for pair in ((Path(odd), Path("/here")), (Path("/there"), Path(odd))):
        with pytest.raises(StageError, match="for a pattern"):
            coverage_data.aliases(*pair)
