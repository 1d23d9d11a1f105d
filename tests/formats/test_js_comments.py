from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.js_comments import parts_of


def comments(text: str) -> list[str]:
    return [comment.text for comment in parts_of(text).comments]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a // b\nc /* d\n e */ f", ["// b", "/* d\n e */"]),
        ("'// a' + \"/* b */\" // c", ["// c"]),
        ("'it\\'s // a' // b", ["// b"]),
        ("`// a ${ x /* b */ } // c` // d", ["/* b */", "// d"]),
        ("`${ { a: `// x` } }` // y", ["// y"]),
        ("a = /[/*]/ // b", ["// b"]),
        ("return /'/ // b", ["// b"]),
        ("a = b / c // d", ["// d"]),
        ("#!/usr/bin/env node // a\n// b", ["// b"]),
        ("a[0] / 2 / '3' // c", ["// c"]),
    ],
)
def test_comments_are_told_from_code(text: str, wanted: list[str]) -> None:
    assert comments(text) == wanted
    assert not parts_of(text).is_doubtful


@pytest.mark.parametrize(
    "text",
    [
        "<p>don't // a won't</p>",
        "a = 'never closed\n// b",
        "(a) / b // c",
        "/* never closed",
        "`never closed",
        "} // a",
        "x = / never closed",
        "<!-- a",
    ],
)
def test_what_can_be_read_in_two_ways_is_doubtful(text: str) -> None:
    assert parts_of(text).is_doubtful


def test_the_code_keeps_its_lines_and_loses_its_texts() -> None:
    parts = parts_of("it('a // b', /x'/) // c\n/* d\n*/ e")
    assert parts.code == "it('      ', /  /)     \n    \n   e"


@given(st.text(alphabet="a'\"`/*\\\n{}$()[]< \t", max_size=60))
def test_whatever_stands_there_is_read(text: str) -> None:
    parts = parts_of(text)
    assert len(parts.code) == len(text)
    assert parts.code.count("\n") == text.count("\n")
    for comment in parts.comments:
        assert text.startswith(comment.text, comment.start)
