from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from reports.runs import sample_run

from gates.cli import shard_files
from gates.domain.errors import OutputUnreadable, StageError
from gates.executor import shards_bundle
from gates.reports.record_v1 import render


def test_each_record_is_handed_in_once(tmp_path: Path) -> None:
    record = tmp_path / "shard-1" / "run.json"
    record.parent.mkdir()
    record.write_text(render(sample_run()))

    found = shard_files.submissions((tmp_path, record, record.parent))

    assert [each.path for each in found] == [record]
    assert found[0].run is not None
    assert len(found[0].sha256) == 64


@pytest.mark.parametrize("text", ["", "[", "{}", "[" * 100_000, '{"schema": "gates/run/v1"}'])
def test_what_is_no_record_is_told_and_stops_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)

    (found,) = shard_files.submissions((tmp_path / "run.json",))

    assert found.run is None
    assert found.problem is not None


def test_a_folder_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(shards_bundle, "records_in", closed)  # the superuser reads everything

    with pytest.raises(StageError, match="no records can be read from there: Permission denied"):
        shard_files.submissions((tmp_path,))


def test_a_plan_is_read_strictly(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{}")

    with pytest.raises(OutputUnreadable, match="no plan of the schema"):
        shard_files.read_plan(path)
