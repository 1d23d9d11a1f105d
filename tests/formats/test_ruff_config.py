from __future__ import annotations

import pytest

from gates.formats.ruff_config import Choices, choices, extended, is_configured, isolation


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


NAMES = {"assert", "execbuiltin"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Choices()),
        ("broken [", Choices()),
        ("[lint]\nignore = ['S101', 'E501', 'SIM1', 'ALL', 'S']", Choices((), ("S101", "S"))),
        ("ignore = ['S1']\nlint.extend-ignore = ['assert', 'S1']", Choices((), ("S1", "assert"))),
        ("[lint]\nselect = ['S', 'S307', 'E']\nignore = ['S3']", Choices(("S307",), ("S3",))),
        ("[lint]\nextend-select = ['S1']\nignore = 'S3'", Choices(("S1",), ())),
        ("[lint]\nignore = [1, 'exec-builtin', 'unused-import']", Choices((), ("exec-builtin",))),
        ("lint = 1", Choices()),
    ],
)
def test_choices_among_the_security_rules(text: str, expected: Choices) -> None:
    assert choices("/p/ruff.toml", lambda _: text.encode(), names=NAMES) == expected


def test_choices_follow_what_is_extended_up_to_a_selection() -> None:
    files = {
        "/p/a/pyproject.toml": b"[tool.ruff]\nextend = '../b.toml'\nlint.ignore = ['S1']",
        "/p/a/../b.toml": b"extend = '/p/c.toml'\nlint.ignore = ['S2']\nlint.select = ['E']",
        "/p/c.toml": b"lint.ignore = ['S3']",
        "/p/d.toml": b"extend = 'd.toml'\nlint.ignore = ['S4']",
    }

    def read(path: str) -> bytes:
        return files[path]

    assert choices("/p/a/pyproject.toml", read, names=NAMES) == Choices((), ("S1", "S2"))
    assert choices("/p/d.toml", read, names=NAMES) == Choices((), ("S4",))
    assert choices("", read, names=NAMES) == Choices()
