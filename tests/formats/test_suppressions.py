from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.suppressions import Suppression, added, ends_lost, read

MARKS = [
    "# noqa", "# noqa: E501", "# ruff: noqa", "# flake8: noqa", "# nosec", "# nosec B603",
    "# type: ignore", "# type: ignore[misc]", "# mypy: ignore-errors", "# pyright: ignore",
    "# pyright: basic", "# pylint: disable=all", "# fmt: off", "# fmt: skip", "# isort: skip",
    "# pragma: no cover", "# pragma: no branch", "# NOSONAR", "# nosemgrep", "#gitleaks:allow",
]  # fmt: skip
LINES = ["import os", "x = 'it # is'", "def f(): pass", "", "class A: x = 1", 'y = """a"""']


def rules(text: str, path: str = "a.py") -> list[str]:
    return [one.rule for one in read(text.encode(), path)]


@given(
    st.lists(st.sampled_from(LINES), min_size=1, max_size=8),
    st.sampled_from(MARKS),
    st.integers(0, 7),
)
def test_any_mark_at_the_end_of_any_line_is_found(lines: list[str], mark: str, at: int) -> None:
    at %= len(lines)
    before = read("\n".join(lines).encode(), "a.py")
    with_it = [*lines[:at], f"{lines[at]}  {mark}", *lines[at + 1 :]]
    after = read("\n".join(with_it).encode(), "a.py")
    assert before == ()
    assert [one.line for one in added(before, after)] == [at + 1]


@given(st.sampled_from(MARKS), st.sampled_from(['"', "'", '"""', "'''"]), st.sampled_from("bfr "))
def test_a_text_that_speaks_of_a_mark_is_none(mark: str, quote: str, letter: str) -> None:
    assert rules(f"x = {letter}{quote}{mark}{quote}\n") == []


@given(st.binary(max_size=80))
def test_whatever_a_file_holds_is_read(data: bytes) -> None:
    for path in ("a.py", "a.ts", "a.go", "a.md"):
        read(data, path)


@pytest.mark.parametrize(
    ("line", "is_counted"),
    [
        ("x  # noqa: S603 - argv is ours", False),
        ("x  # noqa: S603", True),
        ("x  # noqa - argv is ours", True),
        ("x  # noqa: S603  # nosec B603 - argv is ours", False),
        ("x  # noqa: S603  # nosec B603", True),
        ("x  # type: ignore[misc]  # the stubs are wrong", False),
        ("x  # type: ignore[]  # the stubs are wrong", True),
        ("x  # pylint: disable=all  # it is generated", True),
        ("x  # noqa: S603 why", True),  # one word explains nothing
        ("x  # noqa: S603  # noqa todo ignore", True),
    ],
)
def test_one_with_a_rule_and_a_reason_is_told_and_does_not_count(
    line: str, *, is_counted: bool
) -> None:
    assert {one.is_counted for one in read(line.encode(), "a.py")} == {is_counted}


def test_a_file_that_is_no_python_is_searched_as_a_whole() -> None:
    assert rules("def (:\n  x = '# noqa'\n") == ["noqa"]
    assert rules("x = '\udce4'  # noqa\n".encode("utf-8", "surrogateescape").decode("latin-1")) == [
        "noqa"
    ]
    assert rules("# coding: latin-1\nx = 'ä'  # noqa\n") == ["noqa"]


def test_javascripts_comments_are_told_from_its_texts() -> None:
    text = "const a = '// @ts-ignore'\n/* a\n * eslint-disable\n */\nb() // @ts-ignore\n"
    found = read(text.encode(), "a.ts")
    assert [(one.rule, one.line) for one in found] == [("eslint-disable", 3), ("ts-ignore", 5)]
    assert rules("<p>don't // @ts-ignore won't</p>", "a.tsx") == ["ts-ignore"]
    # The `--` parts the reason from the rules.
    one = read(b"// eslint-disable-next-line no-eval -- it is our own text\n", "a.js")[0]
    assert (one.codes, one.is_counted) == (frozenset({"no-eval"}), False)


def test_other_languages_are_searched() -> None:
    assert rules("x() //nolint", "a.go") == ["nolint"]
    assert rules("run: x # zizmor: ignore[a]", ".github/workflows/a.yml") == ["zizmor-ignore"]
    assert rules("# noqa", "a.md") == []


def between(before: str, after: str, path: str = "a.py") -> list[str]:
    had, has = read(before.encode(), path), read(after.encode(), path)
    return [f"{one.line}:{one.rule}" for one in added(had, has)]


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("a = call()  # noqa\n", "b = 1\na = call()  # noqa\n", []),
        ("a = call(1)  # noqa\n", "a = call(2)  # noqa\n", []),
        ("a = call(1)  # noqa: E1\n", "a = call(1)  # noqa\n", ["1:noqa"]),
        ("a = call(1)  # noqa\n", "a = call(1)  # noqa: E1\n", []),
        ("a = call(1)  # noqa: E1, E2\n", "a = call(1)  # noqa: E1\n", []),
        ("a = call(1)  # noqa: E1\n", "a = call(1)  # noqa: E1, E2\n", ["1:noqa"]),
        ("a = 1  # noqa\n", "a = 1\nfrobnicate(that)  # noqa\n", ["2:noqa"]),
        ("a = 1  # noqa\n", "a = 1  # noqa\na = 1  # noqa\n", ["2:noqa"]),
        ("# ruff: noqa: F401\nx\n", "y\n# ruff: noqa: F401\n", []),
        ("# ruff: noqa: F401\n", "# ruff: noqa\n", ["1:ruff-noqa"]),
        ("x\n# mypy: a\n", "x\n# mypy: b\n", ["2:mypy-inline"]),
        ("x\ny\n# fmt: off\nz\n", "x\ny\n# fmt: off\nw\n", []),
        ("x\ny\n# fmt: off\nz\n", "# fmt: off\nx\ny\nz\n", ["1:fmt-off"]),
        ("x = 1  # type: ignore\n", "# type: ignore\nx = 1\n", ["1:type-ignore-file"]),
    ],
)
def test_what_a_change_adds(before: str, after: str, wanted: list[str]) -> None:
    assert between(before, after) == wanted


def test_a_line_that_moves_to_another_file_brings_its_own() -> None:
    had = read(b"execute(command)  # noqa: S603\n", "a.py")
    assert added(had, read(b"execute(command)  # noqa: S603\n", "b.py")) == ()
    short = read(b"x()  # noqa\n", "a.py")
    assert len(added(short, read(b"x()  # noqa\n", "b.py"))) == 1


def lost(before: str, after: str) -> list[str]:
    path = "a.py"
    return [one.rule for one in ends_lost(read(before.encode(), path), read(after.encode(), path))]


def test_an_end_that_is_gone_makes_a_region_longer() -> None:
    assert lost("# fmt: off\nx\n# fmt: on\n", "# fmt: off\nx\n") == ["fmt-on"]
    assert lost("# fmt: off\nx\n# fmt: on\n", "x\n") == []
    assert lost("# pyright: strict\n", "x\n") == ["pyright-strict"]
    assert lost("# fmt: off\n# fmt: on\n", "# fmt: off\n# fmt: on\n") == []


def test_a_suppression_says_what_it_is_about() -> None:
    one = read(b"a\n\n# pylint: disable=b\n\nc = 1\n", "a.py")[0]
    assert one == Suppression(
        rule="pylint-disable", path="a.py", line=3, text="# pylint: disable=b", code="c = 1",
        above="a", codes=frozenset({"b"}), has_reason=False, reach=one.reach,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# coding: utf-7\nx = 1\n", ["source-encoding"]),
        ("#!/bin/x\n# -*- coding: unicode_escape -*-\n", ["source-encoding"]),
        ("# -*- coding: utf-8 -*-\n", []),
        ("# coding: latin-1\n", []),
        ("x = 1\n\n# coding: utf-7\n", []),
        ("# first\n@typing.no_type_check\ndef f(): ...\n", ["no-type-check"]),
        ("x = 'no_type_check'\n", []),
        ("# first\n# mypy: strict\n# last\n", ["mypy-strict"]),
    ],
)
def test_what_silences_without_a_mark_of_its_own(text: str, found: list[str]) -> None:
    assert rules(text) == found


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("    y = eval(x)  # nosec\n", "    y = eval(\n        x\n    )  # nosec\n"),
        ("z = {'a': f(1)}  # noqa\n", "z = {\n    'a': f(1),\n}  # noqa\n"),
    ],
)
def test_what_a_formatter_spreads_over_lines_is_not_new(before: str, after: str) -> None:
    assert added(read(before.encode(), "a.py"), read(after.encode(), "a.py")) == ()
    other = after.replace("x", "other_things(1234567)").replace("f(1)", "something.other(12345)")
    assert len(added(read(before.encode(), "a.py"), read(other.encode(), "a.py"))) == 1


def test_a_short_line_is_known_elsewhere_by_the_one_above_it() -> None:
    text = b"def f(x):\n    y = eval(x)  # nosec\n"
    assert added(read(text, "a.py"), read(text, "b.py")) == ()
    assert len(added(read(text, "a.py"), read(text.replace(b"f(", b"g("), "b.py"))) == 1


def test_brackets_that_nothing_opens_stand_for_themselves() -> None:
    (one,) = read(b")  # noqa\n", "a.py")
    assert one.code == ")"
