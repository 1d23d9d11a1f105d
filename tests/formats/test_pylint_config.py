from __future__ import annotations

import pytest

from gates.formats.pylint_config import (
    asks_for_errors_only,
    ignores,
    is_below_ignored,
    is_for_pylint,
)


@pytest.mark.parametrize(
    ("name", "data", "is_its_own"),
    [
        ("pylintrc", b"", True),
        (".pylintrc", b"\xff", True),
        ("pylintrc.toml", b"[tool.pylint]\n", True),
        ("pyproject.toml", b"[tool.black]\n", False),
        ("pyproject.toml", b"[tool", True),
        ("setup.cfg", b"[pylint.main]\n", True),
        ("setup.cfg", b"[flake8]\n", False),
        ("setup.cfg", b"\xff", False),
        ("tox.ini", b"pylint\n", False),
    ],
)
def test_a_file_is_for_pylint(name: str, data: bytes, *, is_its_own: bool) -> None:
    assert is_for_pylint(name, data) == is_its_own


@pytest.mark.parametrize(
    ("data", "asks"),
    [
        (b"[MAIN]\nerrors-only=yes\n", True),
        (b"[MAIN]\nerrors_only : yes\n", True),
        (b'[tool.pylint.main]\n"errors-only" = true\n', True),
        (b"[MAIN]\n# errors-only=yes\n", False),
        (b"", False),
    ],
)
def test_errors_only_is_read_from_the_file(data: bytes, *, asks: bool) -> None:
    assert asks_for_errors_only(data) == asks


@pytest.mark.parametrize(
    ("path", "setting", "is_below"),
    [
        ("src/gen/a.py", ["gen"], True),
        ("gen.py", ["gen.py"], False),
        ("src/gen/a.py", [], False),
        ("src/gen/a.py", "gen", False),
        ("src/gen/a.py", None, False),
    ],
)
def test_folders_that_are_ignored(path: str, setting: object, *, is_below: bool) -> None:
    assert is_below_ignored(path, {"ignore": setting}) == is_below


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "pylintrc",
            "[MAIN]\nignore=CVS,gen\nignore-patterns=^test_, x.*\\.py$\nignore-paths=src/old\n",
        ),
        (
            "/above/.pylintrc",
            "[MASTER]\nignore=gen\nignore_patterns=test_,x\nignore-paths=src/old\n",
        ),
        ("setup.cfg", "[pylint.main]\nignore=gen\nignore-patterns=test_,x\nignore-paths=src/old\n"),
        (
            "pyproject.toml",
            (
                '[tool.pylint.main]\nignore = "CVS,gen"\nignore_patterns = ["test_,x"]\n'
                '[tool.pylint.x]\nignore-paths = ["src/old"]\n'
            ),
        ),
    ],
)
def test_what_a_configuration_leaves_out(name: str, text: str) -> None:
    found = ignores(name, text.encode())

    left = ("src/gen/a.py", "gen/sub/a.py", "src/test_a.py", "src/x1.py", "src/old/a.py")
    assert [path for path in left if not found.leaves_out(path)] == []
    kept = ("src/generated.py", "src/a_test_.py", "lib/src/old/a.py", "src/new/a.py")
    assert [path for path in kept if found.leaves_out(path)] == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pylintrc", b"\xff"),
        ("pylintrc", b"ignore=src\n"),
        ("setup.cfg", b"[flake8]\nignore=src\n"),
        ("pyproject.toml", b"[tool"),
        ("pyproject.toml", b"tool = 1\n"),
        ("pyproject.toml", b'[tool]\npylint = "src"\n'),
        ("pyproject.toml", b'[tool.pylint]\nignore = "src"\n'),
        ("pylintrc", b"[MAIN]\nignore-paths=(src\n"),
    ],
)
def test_what_cannot_be_read_leaves_nothing_out(name: str, data: bytes) -> None:
    assert not ignores(name, data).leaves_out("src/a.py")
