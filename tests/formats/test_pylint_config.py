from __future__ import annotations

import pytest

from gates.formats.pylint_config import asks_for_errors_only, is_for_pylint


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
