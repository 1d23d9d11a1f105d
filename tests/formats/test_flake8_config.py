from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.flake8_config import Flake8Config, parse


def config(text: str, *, name: str = ".flake8") -> Flake8Config:
    found = parse(f"[flake8]\n{text}".encode(), name=name, root="/p")
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "left_out"),
    [
        ("exclude = build", {"src/build/a.py"}),
        ("extend-exclude = build,", {"src/build/a.py"}),
        ("extend_exclude =\n  build\n  zzz", {"src/build/a.py"}),
        ("exclude = src/build", {"src/build/a.py"}),
        ("exclude = ./src/*", {"src/a.py", "src/build/a.py"}),
        ("exclude = src/", {"src/a.py", "src/build/a.py"}),
        ("exclude = a.py", {"src/a.py", "src/build/a.py"}),
        ("exclude = *", {"src/a.py", "src/build/a.py", "b.py"}),
        ("exclude = .", {"src/a.py", "src/build/a.py", "b.py"}),
        ("exclude = p", set()),
        ("exclude =", set()),
        ("", set()),
    ],
)
def test_exclusions_hold_for_files_and_folders_above_them(text: str, left_out: set[str]) -> None:
    found = config(text)

    files = ("src/a.py", "src/build/a.py", "b.py")
    assert {file for file in files if found.excludes(file)} == left_out


def test_exclusions_of_a_file_above_are_relative_to_it() -> None:
    assert config("exclude = p/src", name="/tox.ini").excludes("src/a.py")
    assert not config("exclude = src/a.py", name="/tox.ini").excludes("src/a.py")


@pytest.mark.parametrize(
    ("text", "may_hide"),
    [
        ("", False),
        ("ignore = W", False),
        ("select = E,F", False),
        ("select = E9", False),
        ("select =", True),
        ("select = F", True),
        ("select = E999", True),
        ("select = F\nextend-select = E9", False),
        ("ignore = E", True),
        ("extend-ignore = E902", True),
        ("per-file-ignores = a.py:E9", True),
    ],
)
def test_settings_that_may_hide_an_unreadable_file(text: str, *, may_hide: bool) -> None:
    assert config(text).may_hide_unreadable == may_hide


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("", {"E501", "F401"}),
        ("per-file-ignores = src/a.py:F", {"E501"}),
        ("per-file-ignores =\n  src/*.py : F401,\n", {"E501"}),
        ("per-file-ignores = x.py, a.py: E F", set()),
        ("per-file-ignores = x.py:E a.py:F", {"E501"}),
        ("per-file-ignores = *.py:E src/a.py:F", {"E501"}),
        ("per-file-ignores = other.py:E,F", {"E501", "F401"}),
        ("select = E501,F\nper-file-ignores = a.py:E,F", {"E501"}),
        ("per-file-ignores = a.py", {"E501", "F401"}),
    ],
)
def test_ignores_of_a_file(text: str, left: set[str]) -> None:
    assert config(text).reported({"E501", "F401"}, "src/a.py") == left


@pytest.mark.parametrize(
    ("text", "disables"),
    [
        ("disable-noqa = True", True),
        ("disable_noqa = on", True),
        ("disable-noqa = no", False),
        ("", False),
    ],
)
def test_comments_may_be_disabled(text: str, *, disables: bool) -> None:
    assert config(text).disables_noqa == disables


@pytest.mark.parametrize(
    "data",
    [b"", b"[tool:pytest]\nx = 1\n", b"[flake8\n", b"[flake8]\nfoo\n", b"[flake8]\nx = \xff\n"],
)
def test_a_file_that_flake8_passes_over_is_none(data: bytes) -> None:
    assert parse(data, name="setup.cfg", root="/p") is None


def test_local_plugins_alone_make_it_one() -> None:
    found = parse(b"[flake8:local-plugins]\n", name="tox.ini", root="/p")

    assert found == Flake8Config(root="/p", name="tox.ini")


def test_pyproject_as_the_plugin_reads_it() -> None:
    data = b'[tool.flake8]\nexclude = ["src", "b.py"]\nextend_ignore = "E9"\nmax-line-length = 9\n'
    found = parse(data, name="pyproject.toml", root="/p")

    assert found is not None
    assert found.excludes("src/a.py")
    assert found.may_hide_unreadable
    assert parse(b"[tool.black]\n", name="pyproject.toml", root="/p") is None


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[flake8]\nignore = E\nignore = F\n", "setup.cfg"),
        (b"[flake8]\n[flake8]\n", ".flake8"),
        (b"[tool", "pyproject.toml"),
        (b"\xff", "pyproject.toml"),
    ],
)
def test_a_broken_file_is_unreadable(data: bytes, name: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(data, name=name, root="/p")

    assert caught.value.problem.place == name
