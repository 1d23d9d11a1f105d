from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.config import policy
from gates.domain.errors import ConfigError


def _file(folder: Path, name: str = "gates.yaml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("version: 1\n")
    return path


def test_the_folder_itself_comes_first(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    _file(tmp_path)
    inner = _file(tmp_path / "services" / "a")
    assert policy.find(inner.parent) == inner.resolve()


def test_a_folder_above_is_found_up_to_the_git_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    outer = _file(tmp_path)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert policy.find(deep) == outer.resolve()


def test_a_work_tree_has_a_file_for_its_git_folder(tmp_path: Path) -> None:
    outer = _file(tmp_path)
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    deep = tmp_path / "a"
    deep.mkdir()
    assert policy.find(deep) == outer.resolve()


def test_nothing_above_the_git_root_is_taken(tmp_path: Path) -> None:
    _file(tmp_path)
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    deep = tmp_path / "repo" / "a"
    deep.mkdir()
    with pytest.raises(ConfigError) as caught:
        policy.find(deep)
    (problem,) = caught.value.problems
    assert problem.summary == f"no gates.yaml here or above, up to `{tmp_path / 'repo'}`"
    assert problem.place == str(deep)
    assert caught.value.exit_code == 2


def test_outside_git_no_folder_above_is_taken(tmp_path: Path) -> None:
    _file(tmp_path)
    deep = tmp_path / "a"
    deep.mkdir()
    with pytest.raises(ConfigError, match=r"^no gates\.yaml here$"):
        policy.find(deep)


def test_a_file_that_is_nearly_named_right_is_pointed_at(tmp_path: Path) -> None:
    path = _file(tmp_path, "gates.yml")
    with pytest.raises(ConfigError) as caught:
        policy.find(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.place, problem.hint) == (str(path), "rename `gates.yml` to `gates.yaml`")


def test_a_link_to_nowhere_is_the_file_and_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "gates.yaml").symlink_to(tmp_path / "absent")
    with pytest.raises(ConfigError, match="No such file"):
        policy.read(policy.find(tmp_path))


def test_a_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gates.yaml")
    with pytest.raises(ConfigError, match="not a regular file"):
        policy.read(tmp_path / "gates.yaml")


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gates.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read|not a regular file"):
        policy.read(tmp_path / "gates.yaml")


def test_a_file_that_fails_while_it_is_read_is_refused() -> None:
    memory = Path("/proc/self/mem")
    if not memory.exists():
        pytest.skip("no /proc here")
    with pytest.raises(ConfigError, match="cannot be read"):
        policy.read(memory)


def test_the_bytes_are_read(tmp_path: Path) -> None:
    assert policy.read(_file(tmp_path)) == b"version: 1\n"


def test_without_a_file_the_command_that_writes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        policy.find(tmp_path)
    assert caught.value.problems[0].hint.startswith("`gates init` writes one")
