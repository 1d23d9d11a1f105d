from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from gates.formats.openapi_places import lines_of

TEXT = """\
{
 "a": [1, {"b/c":
   2},
  [],
  3],
 "d~": "x \\" [ {",
 "e": {}
}
"""


def test_each_value_has_the_line_of_its_key_or_of_its_place() -> None:
    assert lines_of(TEXT) == {
        "": 1,
        "/a": 2,
        "/a/0": 2,
        "/a/1": 2,
        "/a/1/b~1c": 2,
        "/a/2": 3,
        "/a/2/0": 4,
        "/a/3": 4,
        "/d~0": 6,
        "/e": 7,
    }


KEYS = st.text(st.characters(codec="utf-8"), max_size=3)
VALUES = st.recursive(
    st.none() | st.integers() | KEYS,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES)
def test_every_value_of_any_document_has_a_line(value: object) -> None:
    text = json.dumps(value, indent=1, ensure_ascii=False)
    lines = lines_of(text)
    assert lines.keys() == set(_pointers(value, ""))
    assert max(lines.values()) <= text.count("\n") + 1


def _pointers(value: object, above: str) -> list[str]:
    found = [above]
    if isinstance(value, dict):
        for key, item in value.items():
            step = str(key).replace("~", "~0").replace("/", "~1")
            found += _pointers(item, f"{above}/{step}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            found += _pointers(item, f"{above}/{index}")
    return found
