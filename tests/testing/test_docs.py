"""The page for authors shows a whole package, which `tests/plugins` installs and runs."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest

from gates import plugin, testing
from gates.plugin import Context, Sample

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "tests" / "plugins" / "gates-todo"
PAGE = (ROOT / "docs" / "writing-a-stage.md").read_text(encoding="utf-8")
SHOWN = dict(re.findall(r"^`([^`\n]+)`:\n\n```[a-z]+\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
"""Each file that the page shows, by its path in the package."""


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "src/gates_todo/counting.py",
        "src/gates_todo/stage.py",
        "tests/test_todo.py",
    ],
)
def test_each_file_is_shown_as_it_runs(path: str) -> None:
    assert SHOWN[path] == (PACKAGE / path).read_text(encoding="utf-8")


def test_nothing_else_is_shown_as_a_file() -> None:
    assert [path for path in SHOWN if not (PACKAGE / path).is_file()] == []


def test_no_program_text_stands_outside_of_a_file() -> None:
    assert len(re.findall(r"^```python$", PAGE, re.MULTILINE)) == sum(
        path.endswith(".py") for path in SHOWN
    )


@pytest.mark.parametrize("name", [field.name for field in fields(Sample)])
def test_each_field_of_a_sample_is_explained(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_each_call_of_a_context_that_is_explained_is_there() -> None:
    named = set(re.findall(r"`ctx\.([a-z_]+)", PAGE))
    assert named >= {"run", "report", "plant", "tool"}
    assert [name for name in sorted(named - {"answer"}) if not hasattr(Context, name)] == []


def test_all_that_the_package_imports_is_public() -> None:
    public = {"gates.plugin": plugin.__all__, "gates.testing": testing.__all__}
    used: dict[str, set[str]] = {}
    for path, text in SHOWN.items():
        if path.endswith(".py"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ImportFrom) and str(node.module).startswith("gates."):
                    names = used.setdefault(str(node.module), set())
                    names.update(alias.name for alias in node.names)
    assert used.keys() == public.keys()
    assert {name for module in used for name in used[module] - set(public[module])} == set()
