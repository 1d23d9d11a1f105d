from __future__ import annotations

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from executor import stages
from reports.runs import sample_run
from samples import gate, result

from gates.domain.errors import OutputUnreadable, Problem, StageError
from gates.domain.judge import Judged, judge
from gates.domain.metric import count
from gates.domain.run import GateRun, Run
from gates.domain.shards import Parcel
from gates.domain.status import Status
from gates.executor import shards_bundle
from gates.plugin import Options, Stage


class Handing(stages.Shell):
    """Hands over what lies in a folder."""

    uses = "handing"
    hands_over = ("data/*", "*.json")


def load(_name: str) -> type[Stage[Options]]:
    return Handing


def run_in(folder: Path) -> Run:
    from datetime import date

    lint, broken = gate(name="lint"), gate(name="broken")
    judged = judge(lint, result(count("errors", 0)), waivers=(), today=date(2026, 1, 31))
    errored = Judged(status=Status.ERRORED, reason="x", problem=Problem("x", "x"))
    gates = (GateRun(plan=lint, judged=judged), GateRun(plan=broken, judged=errored))
    for each in gates:
        out = folder / each.name / "out"
        (out / "data").mkdir(parents=True)
        (out / "data" / "lines").write_text("lines")
        (out / "data" / "empty").touch()
        (out / "main.json").write_text("{}")
        (out / "secret.txt").write_text("no")
        (out / "link.json").symlink_to(out / "main.json")
    return replace(sample_run(*gates), folder=str(folder))


def test_what_the_stage_names_is_copied_with_its_digest(tmp_path: Path) -> None:
    run = run_in(tmp_path / "run")
    folder = shards_bundle.begin(tmp_path / "bundle", 3)

    parcels = shards_bundle.collected(run, ("lint", "broken"), load, folder)
    shards_bundle.finish(folder, "record")

    assert [(each.gate, each.path, each.size) for each in parcels] == [
        ("lint", "data/lines", 5),
        ("lint", "main.json", 2),
    ]
    assert parcels[0].sha256 == sha256(b"lines").hexdigest()
    assert (folder / "files/lint/data/lines").read_text() == "lines"
    assert (folder / "run.json").read_text() == "record"
    assert shards_bundle.collected(run, (), load, folder) == ()


def test_a_bundle_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    folder = shards_bundle.begin(tmp_path, 1)
    shards_bundle.finish(folder, "old")

    assert list(shards_bundle.begin(tmp_path, 1).iterdir()) == []


def test_what_is_no_bundle_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "shard-1").mkdir()
    (tmp_path / "shard-1" / "thesis.txt").write_text("years of work")
    (tmp_path / "shard-2").symlink_to(tmp_path / "shard-1")
    (tmp_path / "shard-3").write_text("a file")
    (tmp_path / "file").write_text("")

    for index in (1, 2, 3):
        with pytest.raises(StageError, match="is no bundle"):
            shards_bundle.begin(tmp_path, index)
    with pytest.raises(StageError, match="cannot be written"):
        shards_bundle.begin(tmp_path / "file", 1)
    assert (tmp_path / "shard-1" / "thesis.txt").exists()


def bundle(tmp_path: Path) -> tuple[Path, tuple[Parcel, ...]]:
    run = run_in(tmp_path / "run")
    folder = shards_bundle.begin(tmp_path / "bundle", 3)
    return folder, shards_bundle.collected(run, ("lint",), load, folder)


def test_the_recorded_files_are_taken_into_a_folder_of_ours(tmp_path: Path) -> None:
    folder, parcels = bundle(tmp_path)
    (folder / "files/lint/data/more").write_text("not recorded")

    shards_bundle.taken(folder, parcels, tmp_path / "into")

    found = sorted(p.name for p in (tmp_path / "into").rglob("*") if p.is_file())
    assert found == ["lines", "main.json"]


@pytest.mark.parametrize("path", ["../x", "a//b", "/etc/passwd", ".", "a/../../x", "a\0b"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    parcel = Parcel(gate="lint", path=path, sha256="", size=0)

    with pytest.raises(OutputUnreadable, match="outside its bundle"):
        shards_bundle.taken(tmp_path, (parcel,), tmp_path / "into")


def test_files_that_are_not_those_of_the_record_are_refused(tmp_path: Path) -> None:
    folder, parcels = bundle(tmp_path)
    path = folder / "files/lint/data/lines"

    path.write_text("LINES")
    with pytest.raises(OutputUnreadable, match="`lint/data/lines` of its bundle is not the one"):
        shards_bundle.taken(folder, parcels, tmp_path / "a")
    path.unlink()
    with pytest.raises(OutputUnreadable, match="is missing"):
        shards_bundle.taken(folder, parcels, tmp_path / "b")
    path.symlink_to("/etc/hostname")
    with pytest.raises(OutputUnreadable, match="is a link"):
        shards_bundle.taken(folder, parcels, tmp_path / "c")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser writes everywhere")
def test_a_folder_that_takes_nothing_is_told(tmp_path: Path) -> None:
    folder, parcels = bundle(tmp_path)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)

    with pytest.raises(StageError, match="cannot be written"):
        shards_bundle.taken(folder, parcels, closed / "into")


def test_a_place_that_is_a_file_takes_no_files(tmp_path: Path) -> None:
    folder, parcels = bundle(tmp_path)
    (tmp_path / "into").write_text("")

    with pytest.raises(StageError, match="a file for the merge cannot be written"):
        shards_bundle.taken(folder, parcels, tmp_path / "into")


def test_records_are_found_in_folders_and_named_alone(tmp_path: Path) -> None:
    for name in ("b/shard-2", "a/shard-1", "shard-3"):
        (tmp_path / name / "files").mkdir(parents=True)
        (tmp_path / name / "run.json").touch()
        (tmp_path / name / "files" / "run.json").touch()
    (tmp_path / "link").symlink_to(tmp_path / "a")

    found = [path.parent.name for path in shards_bundle.records_in(tmp_path)]

    assert found == ["shard-1", "shard-2", "shard-3"]
    alone = tmp_path / "shard-3" / "run.json"
    assert list(shards_bundle.records_in(alone)) == [alone]
