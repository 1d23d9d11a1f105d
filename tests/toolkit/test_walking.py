from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit.walking import folders, walked


def plant(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def test_what_was_installed_or_is_hidden_is_passed_over(tmp_path: Path) -> None:
    plant(
        tmp_path, "a.py", "b/c.ts", "node_modules/x.js", ".git/x", "venv/x.py", "env/pyvenv.cfg",
        "b/__pycache__/x.pyc", ".hidden",
    )  # fmt: skip
    (tmp_path / "loop").symlink_to(tmp_path)
    assert sorted(walked(tmp_path)) == [".hidden", "a.py", "b/c.ts"]
    assert [folder.name for folder in folders(tmp_path)] == ["b"]


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="cannot be read: No such file") as caught:
        list(walked(tmp_path / "absent"))
    assert caught.value.problem.place == str(tmp_path / "absent")
