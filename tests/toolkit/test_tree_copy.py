from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit.tree_copy import copy_files


def test_files_are_copied_with_their_mode_and_a_time_of_their_own(tmp_path: Path) -> None:
    root, copy = tmp_path / "root", tmp_path / "deep/copy"
    (root / "src").mkdir(parents=True)
    (root / "src/run").write_text("1")
    (root / "src/run").chmod(0o755)
    (root / "left").write_text("2")
    (root / "link").symlink_to("src/run")

    assert copy_files(root, ["src/run", "link"], copy, at_s=1_000_000_000) == 2

    assert (copy / "src/run").stat().st_mode & 0o777 == 0o755
    assert (copy / "link").readlink() == Path("src/run")
    assert {p.lstat().st_mtime for p in copy.rglob("*")} == {1_000_000_000}
    assert not (copy / "left").exists()


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="`gone` cannot be copied"):
        copy_files(tmp_path, ["gone"], tmp_path / "copy", at_s=0)
