from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import json_pointer

# The examples of RFC 6901, section 5.
DOCUMENT = {
    "foo": ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
    "~1": 9,
    "deep": [{"x": None}],
}


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/foo/1", "baz"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/deep/0/x", None),
    ],
)
def test_resolve(pointer: str, expected: object) -> None:
    assert json_pointer.resolve(DOCUMENT, pointer) == expected


@pytest.mark.parametrize(
    ("pointer", "message"),
    [
        ("/foo/2", "`/foo` is an array of 2 items without `2`"),
        ("/foo/-1", "without `-1`"),
        ("/foo/-", "without `-`"),
        ("/foo/01", "without `01`"),
        ("/foo/\u0660", "without `\u0660`"),
        ("/foo/" + "9" * 5000, "is an array of 2 items"),
        ("/nope/deeper", "the top level has no member `nope`"),
        ("/deep/0/y/z", "`/deep/0` has no member `y`"),
        ("/deep/0/x/z", "`/deep/0/x` is no object or array, so it has no `z`"),
        ("/a~1b/c", "`/a~1b` is no object"),
        ("foo", "is not a JSON pointer"),
        ("/a~2", "is not a JSON pointer"),
        ("/a~", "is not a JSON pointer"),
    ],
)
def test_the_first_missing_step_is_named(pointer: str, message: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        json_pointer.resolve(DOCUMENT, pointer, what="out.json")
    assert message in caught.value.problem.summary
    assert caught.value.problem.place == "out.json"


def test_escape_undoes_split() -> None:
    steps = ("~1", "a/b", "", "~~//")
    pointer = "".join("/" + json_pointer.escape(step) for step in steps)
    assert json_pointer.split(pointer) == steps
