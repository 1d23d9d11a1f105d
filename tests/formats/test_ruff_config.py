from __future__ import annotations

import pytest

from gates.formats.ruff_config import extended, is_configured, isolation


@pytest.mark.parametrize(
    "files",
    [
        {"ruff.toml": b""},
        {"a/.ruff.toml": b""},
        {"pyproject.toml": b"[tool.ruff.lint]"},
        {"pyproject.toml": b"broken ["},
    ],
)
def test_a_configured_project_is_not_isolated(files: dict[str, bytes]) -> None:
    assert is_configured(files)
    assert isolation(files) == ()


@pytest.mark.parametrize(
    ("project", "more"),
    [
        (b"", ()),
        (b"tool = 1", ()),
        (b"[tool.black]", ()),
        (b"[project]", ()),
        (b"[project]\nrequires-python = 3", ()),
        (b"[project]\nrequires-python = '>=3.6'", ()),
        (b"[project]\nrequires-python = '>=3.12, <4'", ("--target-version=py312",)),
    ],
)
def test_without_configuration_ruff_is_isolated(project: bytes, more: tuple[str, ...]) -> None:
    assert isolation({"pyproject.toml": project}) == ("--isolated", *more)


def test_extended_files_are_those_inside_the_project() -> None:
    files = {
        "pyproject.toml": b"[tool.ruff]\nextend = 'lint/base.toml'",
        "a/ruff.toml": b"extend = '../b.toml'",
        "b/ruff.toml": b"extend = '../../c.toml'",
        "c/ruff.toml": b"extend = '~/d.toml'",
        "d/ruff.toml": b"extend = 1",
        "e/pyproject.toml": b"",
    }

    assert extended(files) == ("b.toml", "lint/base.toml")
