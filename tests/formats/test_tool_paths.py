from __future__ import annotations

import pytest

from gates.formats.tool_paths import Tree, arguments, left_out, relative, some


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


def test_what_is_left_out_is_told_with_its_reason() -> None:
    odd = {"a\nb.py", "c\udcff.py", "d\x1b.py", "e\x7f.py"}

    assert left_out((), did="linted") == ()
    assert left_out({"a.py"}, did="linted") == ("not linted, by configuration: `a.py`",)
    names = r"`a\nb.py`, `c\udcff.py`, `d\x1b.py` and 1 more"
    assert left_out(odd, did="linted") == (
        f"not proved to be linted, for their odd names: {names}",
    )
