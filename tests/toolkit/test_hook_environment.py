from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.toolkit.hook_environment import before_hook_manager


def environment(folder: Path, mark: str = "") -> Path:
    """Make something that looks like an environment."""
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    if mark:
        (folder / mark).touch()
    return folder


@pytest.fixture(params=[".install_state_v1", ".install_state_v2", ".prek-hook.json"])
def private(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """What pre-commit and prek make, told by the file that they leave in it."""
    return environment(tmp_path / "cache" / "private", str(request.param))


def path(*folders: Path | str) -> str:
    return os.pathsep.join(map(str, folders))


def test_what_was_active_before_is_active_again(private: Path, tmp_path: Path) -> None:
    active = environment(tmp_path / "active")
    environ = {
        "VIRTUAL_ENV": str(private),
        "PATH": path(private / "bin", "/usr/lib/git-core", "/x/git", active / "bin", "/usr/bin"),
        "GIT_EXEC_PATH": "/x/git",
        "PRE_COMMIT": "1",
    }
    assert before_hook_manager(environ) == {
        "VIRTUAL_ENV": str(active),
        "PATH": path("/usr/lib/git-core", "/x/git", active / "bin", "/usr/bin"),
        "GIT_EXEC_PATH": "/x/git",
        "PRE_COMMIT": "1",
    }


def test_where_none_was_active_none_is(private: Path, tmp_path: Path) -> None:
    behind = environment(tmp_path / "tools")
    for rest in (path("/usr/bin", behind / "bin"), path("bin", behind / "bin"), "", "/usr/bin"):
        environ = {"VIRTUAL_ENV": str(private), "PATH": path(private / "bin", rest)}
        assert before_hook_manager(environ) == {"PATH": rest}


def test_another_private_environment_was_not_activated(private: Path, tmp_path: Path) -> None:
    other = environment(tmp_path / "other", ".prek-hook.json")
    environ = {"VIRTUAL_ENV": str(private), "PATH": path(private / "bin", other / "bin")}
    assert before_hook_manager(environ) == {"PATH": str(other / "bin")}


@pytest.mark.parametrize("active", ["", "relative", "active"])
def test_what_the_user_activated_stays(tmp_path: Path, active: str) -> None:
    folder = str(environment(tmp_path / active)) if active == "active" else active
    environ = {"VIRTUAL_ENV": folder, "PATH": path(f"{folder}/bin", "/usr/bin"), "PRE_COMMIT": "1"}
    assert before_hook_manager(environ) == environ
