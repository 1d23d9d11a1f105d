from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit.ruff_files import beside, configuration, read_or_empty, refuse_missing, roots


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_configuration_is_the_projects_and_that_above_it_up_to_git(tmp_path: Path) -> None:
    root = tmp_path / "git" / "services" / "a"
    write(root / "ruff.toml", "1")
    write(root.parent / ".ruff.toml", "2")
    write(tmp_path / "git" / "pyproject.toml", "3")
    write(tmp_path / "ruff.toml", "4")
    (tmp_path / "git" / ".git").mkdir()

    found = configuration(root, ["ruff.toml"])

    assert found == {
        "ruff.toml": b"1",
        str(root.parent / ".ruff.toml"): b"2",
        str(tmp_path / "git" / "pyproject.toml"): b"3",
    }


def test_outside_git_nothing_above_the_project_configures(tmp_path: Path) -> None:
    write(tmp_path / "ruff.toml", "")
    (tmp_path / "project").mkdir()

    assert configuration(tmp_path / "project", []) == {}


def test_a_file_that_cannot_be_read_is_empty(tmp_path: Path) -> None:
    write(tmp_path / "base.toml", "x = 1")

    assert read_or_empty(str(tmp_path / "base.toml")) == b"x = 1"
    assert read_or_empty(str(tmp_path / "none.toml")) == b""
    assert read_or_empty(str(tmp_path)) == b""


def test_paths_that_are_not_there_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("nothing")

    refuse_missing(tmp_path, [".", "link"])
    with pytest.raises(StageError, match="`src`: no such file") as caught:
        refuse_missing(tmp_path, [".", "src"])

    assert caught.value.problem.slug == "path-missing"


def test_the_root_is_known_by_both_its_names(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")

    assert roots(tmp_path / "link") == (str(tmp_path / "link"), str((tmp_path / "real").resolve()))


def test_configuration_beside_the_files_is_found_whether_git_lists_it_or_not(
    tmp_path: Path,
) -> None:
    for name in ("pyproject.toml", "src/x/ruff.toml", "src/.ruff.toml", "other/ruff.toml"):
        write(tmp_path / name, "")
    (tmp_path / "src/ruff.toml").mkdir()

    found = beside(tmp_path, ["src/x/y/a.py", "b.py"], known=("docs/ruff.toml", "pyproject.toml"))

    assert found == ("docs/ruff.toml", "pyproject.toml", "src/.ruff.toml", "src/x/ruff.toml")
