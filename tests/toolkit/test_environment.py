from __future__ import annotations

from pathlib import Path

import pytest

from gates.toolkit.environment import child_environment


def test_only_listed_variables_are_handed_on(tmp_path: Path) -> None:
    environ = {
        "HOME": "/home/ann", "CI": "true", "https_proxy": "http://proxy.example",
        "PIP_INDEX_URL": "https://registry.example/simple", "PATH": "/usr/bin",
        "PYTHONPATH": "x", "PYTHONOPTIMIZE": "1", "PYTEST_ADDOPTS": "--co", "GIT_DIR": "x",
        "GITHUB_OUTPUT": "x", "GITHUB_TOKEN": "x", "SKIP": "ruff", "FORCE_COLOR": "1",
        "COVERAGE_FILE": "x", "RUFF_CONFIG": "x", "MYPYPATH": "x", "LD_PRELOAD": "x",
        "NODE_OPTIONS": "--require x", "NODE_PATH": "x", "npm_config_registry": "x",
        "NODE_ENV": "production", "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
        "VIRTUAL_ENV": "/elsewhere", "DATABASE_URL": "x", "TZ": "Asia/Tokyo", "LC_ALL": "de_DE",
    }  # fmt: skip
    assert child_environment(environ, root=tmp_path) == {
        "HOME": "/home/ann",
        "CI": "true",
        "https_proxy": "http://proxy.example",
        "PIP_INDEX_URL": "https://registry.example/simple",
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
        "PATH": "/usr/bin",
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TERM": "dumb",
        "NO_COLOR": "1",
        "GIT_GRAFT_FILE": "/dev/null/none",
    }


@pytest.mark.parametrize("name", ["PATH", "LD_LIBRARY_PATH"])
def test_a_search_path_takes_nothing_from_the_checkout(tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "repo" / "bin")
    path = f":.:bin:{tmp_path}/repo/bin:{tmp_path}/link:{tmp_path}/repository:/usr/bin:"
    child = child_environment({name: path}, root=tmp_path / "repo")
    assert child[name] == f"{tmp_path}/repository:/usr/bin"


def test_the_whole_checkout_is_left_out_and_not_only_the_root(tmp_path: Path) -> None:
    child = child_environment(
        {"PATH": f"{tmp_path}/tools:/usr/bin"}, root=tmp_path / "services", outside=tmp_path
    )
    assert child["PATH"] == "/usr/bin"


def test_without_a_usable_path_there_is_the_standard_one(tmp_path: Path) -> None:
    child = child_environment({"PATH": ".:", "LD_LIBRARY_PATH": "."}, root=tmp_path)
    assert child["PATH"] == "/usr/local/bin:/usr/bin:/bin"
    assert "LD_LIBRARY_PATH" not in child


def test_the_projects_environment_comes_first(tmp_path: Path) -> None:
    prefix = tmp_path / ".venv"
    prefix.mkdir()
    environ = {"PATH": f"/usr/bin:{prefix}/bin", "VIRTUAL_ENV": "/elsewhere"}
    child = child_environment(environ, root=tmp_path, prefix=prefix)
    assert child["PATH"] == f"{prefix}/bin:/usr/bin"
    assert "VIRTUAL_ENV" not in child
    (prefix / "pyvenv.cfg").touch()
    child = child_environment(environ, root=tmp_path, prefix=prefix)
    assert child["VIRTUAL_ENV"] == str(prefix)


def test_what_is_asked_for_is_set_last(tmp_path: Path) -> None:
    child = child_environment({}, root=tmp_path, extra={"TZ": "Asia/Tokyo", "GATES_RUN": "here"})
    assert (child["TZ"], child["GATES_RUN"]) == ("Asia/Tokyo", "here")
