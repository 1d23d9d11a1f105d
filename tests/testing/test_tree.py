from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from gates.testing import tree
from gates.testing.tree import Tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / ".gates" / "run").mkdir(parents=True)
    (folder / "src" / "a.txt").write_text("a")
    (folder / "lint").write_text("#!/bin/sh")
    (folder / "lint").chmod(0o755)
    return folder


@pytest.fixture
def kept(root: Path) -> Tree:
    made = Tree(root, (root / ".gates" / "run",))
    made.keep()
    return made


def shown(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


WHOLE = {"lint": "#!/bin/sh", "src/a.txt": "a"}


def test_what_is_new_goes(root: Path, kept: Tree) -> None:
    (root / "new").write_text("x")
    (root / "cache" / "deep").mkdir(parents=True)
    (root / "cache" / "deep" / "file").write_text("x")
    (root / "link").symlink_to("src")
    (root / ".gates" / "other").write_text("x")
    kept.restore()
    assert shown(root) == WHOLE
    assert not (root / "cache").exists()
    assert not (root / "link").is_symlink()


def test_what_was_changed_or_removed_comes_back_as_it_was(root: Path, kept: Tree) -> None:
    before = (root / "lint").stat()
    (root / "lint").write_text("changed")
    (root / "lint").chmod(0o600)
    shutil.rmtree(root / "src")
    for _ in range(2):
        kept.restore()
        assert shown(root) == WHOLE
    after = (root / "lint").stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)


def test_a_file_in_the_place_of_a_folder_and_a_folder_in_the_place_of_a_file(
    root: Path, kept: Tree
) -> None:
    shutil.rmtree(root / "src")
    (root / "src").write_text("x")
    (root / "lint").unlink()
    (root / "lint").mkdir()
    (root / "lint" / "inside").write_text("x")
    kept.restore()
    assert shown(root) == WHOLE


def test_a_link_in_the_place_of_a_file_is_not_followed(
    root: Path, kept: Tree, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_text("outside")
    (root / "lint").unlink()
    (root / "lint").symlink_to(tmp_path / "outside")
    kept.restore()
    assert shown(root) == WHOLE
    assert (tmp_path / "outside").read_text() == "outside"


def test_the_repository_and_the_folder_of_the_run_are_left_alone(root: Path, kept: Tree) -> None:
    (root / ".git" / "index").write_text("x")
    (root / ".gates" / "run" / "out").write_text("x")
    kept.restore()
    assert shown(root) == {**WHOLE, ".git/index": "x", ".gates/run/out": "x"}


def test_a_folder_that_holds_the_run_stays_where_it_is_new(root: Path) -> None:
    made = Tree(root, (root / "later" / "run",))
    made.keep()
    (root / "later" / "run").mkdir(parents=True)
    (root / "later" / "x").write_text("x")
    made.restore()
    assert (root / "later" / "run").is_dir()
    assert not (root / "later" / "x").exists()


def test_what_was_written_is_told_also_where_its_bytes_are_the_same(
    root: Path, kept: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.stamps()
    assert set(before) == set(WHOLE)
    (root / "src" / "b.txt").write_text("b")
    (root / "src" / "b.pyc").write_text("b")
    (root / "lint").write_text("#!/bin/sh")
    os.utime(root / "lint", (0, 0))
    (root / "link").symlink_to("lint")
    assert kept.written(before) == {"lint": b"#!/bin/sh", "src/b.txt": b"b"}
    monkeypatch.setattr(tree, "MAX_BYTES", 1)
    assert kept.written(before) == {"src/b.txt": b"b"}


def test_a_link_or_a_file_that_is_too_large_to_be_kept_is_left_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "MAX_BYTES", 1)
    (root / "link").symlink_to("src")
    made = Tree(root)
    made.keep()
    made.restore()
    assert shown(root) == WHOLE
    assert (root / "link").is_symlink()
