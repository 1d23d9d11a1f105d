import os
from pathlib import Path

import pytest

from gates.executor.kept_cache import MANIFEST, prepare


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    return path


def keep_something(tmp_path: Path) -> Path:
    folder = prepare(tmp_path / "cache", tmp_path, ["a.py"])
    (folder / "answer").write_text("fine")
    return folder


@pytest.mark.usefixtures("source")
def test_a_cache_is_kept_while_nothing_changes(tmp_path: Path) -> None:
    keep_something(tmp_path)
    assert (prepare(tmp_path / "cache", tmp_path, ["a.py"]) / "answer").exists()


def test_a_change_that_size_and_time_do_not_tell_empties_the_cache(
    tmp_path: Path, source: Path
) -> None:
    keep_something(tmp_path)
    stat = source.stat()
    source.write_text("x = 2\n")
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert not (prepare(tmp_path / "cache", tmp_path, ["a.py"]) / "answer").exists()


def test_a_change_that_the_size_tells_is_left_to_the_tool(tmp_path: Path, source: Path) -> None:
    keep_something(tmp_path)
    source.write_text("x = 200\n")
    assert (prepare(tmp_path / "cache", tmp_path, ["a.py"]) / "answer").exists()


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("text", ["", "[]", '{"a.py": 1}', "{"])
def test_a_cache_whose_manifest_cannot_be_read_is_emptied(tmp_path: Path, text: str) -> None:
    folder = keep_something(tmp_path)
    (folder / MANIFEST).write_text(text)
    assert not (prepare(folder, tmp_path, ["a.py"]) / "answer").exists()


def test_a_file_that_was_away_for_a_run_is_remembered(tmp_path: Path, source: Path) -> None:
    keep_something(tmp_path)
    stat = source.stat()
    source.unlink()
    prepare(tmp_path / "cache", tmp_path, [])
    source.write_text("x = 2\n")
    os.utime(source, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert not (prepare(tmp_path / "cache", tmp_path, ["a.py"]) / "answer").exists()
