"""Each module has its test, at the place where one looks for it."""

from __future__ import annotations

import ast
from pathlib import Path

from house.tree import ROOT, SOURCES

ELSEWHERE = {
    "__main__.py": "cli/test_imports.py",  # only a process of its own shows what it does
    "advisories/cvss4.py": "advisories/test_cvss.py",  # the tables of one of four versions
    "app.py": "cli/test_check.py",  # it only joins: whole commands show that
    "executor/setting.py": "executor/test_start.py",  # the surroundings of a run in progress
    "executor/execute.py": "executor/test_start.py",  # a run in progress is seen in its outcome
    "toolkit/pytest_proof_tally.py": "toolkit/test_pytest_proof.py",  # one plugin in two files
}
"""Modules whose test stands elsewhere: the module, and that test."""


def mirrored(module: Path) -> Path:
    """Where the test of a module stands, relative to the folder of tests."""
    return module.parent / f"test_{module.name}"


def does_something(path: Path) -> bool:
    """Whether a module defines a function with a body; values and protocols show nothing."""
    return any(
        isinstance(node, ast.FunctionDef) and not is_bare(node.body)
        for node in ast.walk(ast.parse(path.read_bytes()))
    )


def is_bare(body: list[ast.stmt]) -> bool:
    """Whether a body is a docstring, dots, or both."""
    return all(isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in body)


def modules() -> list[Path]:
    return sorted(
        path.relative_to(SOURCES)
        for path in SOURCES.rglob("*.py")
        # A package's own file is a docstring, or a table that the tests of its room hold.
        if path.name != "__init__.py" and does_something(path)
    )


def test_there_are_modules() -> None:
    assert Path("domain/judge.py") in modules()
    assert Path("domain/events.py") not in modules()


def test_each_module_has_its_test() -> None:
    places = {
        str(module): ROOT / "tests" / ELSEWHERE.get(str(module), mirrored(module))
        for module in modules()
    }
    assert [name for name, place in places.items() if not place.is_file()] == []


def test_each_exception_is_still_one() -> None:
    for name in ELSEWHERE:
        assert (SOURCES / name).is_file()
        assert not (ROOT / "tests" / mirrored(Path(name))).is_file()
