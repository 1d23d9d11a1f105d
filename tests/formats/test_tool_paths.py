from __future__ import annotations

import pytest

from gates.formats.tool_paths import Tree, arguments, relative, some


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/project/src/a.py", "src/a.py"),
        ("/real/src/a.py", "src/a.py"),
        ("./src/a.py", "src/a.py"),
        ("././--x.py", "--x.py"),
        ("src//b/../a.py", "src/a.py"),
        ("/projects/a.py", "/projects/a.py"),
        ("/", "/"),
    ],
)
def test_paths_become_relative_to_the_project(path: str, expected: str) -> None:
    tree = Tree(roots=("/project", "/real"), files=frozenset(), sources=frozenset())

    assert relative(path, "/project/", "/real") == expected
    assert tree.relative(path) == expected


def test_no_argument_looks_like_an_option() -> None:
    given = ("--fix", "@list", "src/a.py", "./b.py", "/c.py")

    assert arguments(given) == ("./--fix", "./@list", "./src/a.py", "./b.py", "/c.py")


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (("b", "a"), "`a`, `b`"),
        (("c", "b", "a"), "`a`, `b`, `c`"),
        (("d", "c", "b", "a", "e"), "`a`, `b`, `c` and 2 more"),
    ],
)
def test_the_first_few_are_named(paths: tuple[str, ...], expected: str) -> None:
    assert some(paths) == expected
