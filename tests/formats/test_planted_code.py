from __future__ import annotations

import pytest

from gates.formats.planted_code import compare, is_planted


def told(path: str, before: str, after: str) -> list[str]:
    assert is_planted(path)
    found = compare(path, before.encode(), after.encode(), shown=path)
    return [f"{one.rule}:{one.line}:{one.is_counted}" for one in found]


@pytest.mark.parametrize("path", ["sitecustomize.py", "a/usercustomize.py", "x.pth"])
def test_what_python_runs_at_its_start(path: str) -> None:
    assert told(path, "", "import os") == ["startup-code:0:True"]
    assert told(path, "a", "b") == ["startup-code:0:True"]
    assert told(path, "a", "") == []


@pytest.mark.parametrize("path", ["pytest.py", "src/coverage.py", "mypy/__init__.py"])
def test_what_stands_in_the_place_of_a_tool(path: str) -> None:
    assert told(path, "", "x = 1") == ["tool-shadowed:0:True"]
    assert told(path, "x = 1", "x = 2") == []


@pytest.mark.parametrize("path", ["src/app/pytest.py", "app.py", "docs/mypy/a.py", "pytest.md"])
def test_what_does_not(path: str) -> None:
    assert not is_planted(path)


def test_hooks_of_a_conftest() -> None:
    path = "tests/conftest.py"
    hook = "x = 1\ndef pytest_collection_modifyitems(items): ...\n"
    assert told(path, "x = 1\n", hook) == ["conftest-hook:2:True"]
    assert told(path, hook, f"{hook}y = 2\n") == ["conftest-changed:0:False"]
    assert told(path, hook, hook) == []
