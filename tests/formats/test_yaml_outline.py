from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gates.formats.yaml_outline import outline

TEXT = """\
# a comment
on:
  push:
    branches: [main, "next"]
  pull_request:
permissions: {contents: read, 'id-token': "write"}  # narrow
steps:
- uses: a/b@v1 # pinned not
- name: "x: y"
  run: |
    one
    # two
  with: {}
- plain
"deep key":
    - - nested: 1
"""


def test_each_value_stands_under_its_keys() -> None:
    found = [(".".join(entry.keys), entry.value, entry.line) for entry in outline(TEXT)]
    assert found == [
        ("on", "", 2),
        ("on.push", "", 3),
        ("on.push.branches", '[main, "next"]', 4),
        ("on.pull_request", "", 5),
        ("permissions", "{contents: read, 'id-token': \"write\"}", 6),
        ("permissions.contents", "read", 6),
        ("permissions.id-token", "write", 6),
        ("steps", "", 7),
        ("steps.-.uses", "a/b@v1", 8),
        ("steps.-.name", "x: y", 9),
        ("steps.-.run", "", 10),
        ("steps.-.run", "one", 11),
        ("steps.-.run", "# two", 12),
        ("steps.-.with", "{}", 13),
        ("steps.-", "plain", 14),
        ("deep key", "", 15),
        ("deep key.-.-.nested", "1", 16),
    ]


def test_a_quote_that_never_ends_hides_nothing() -> None:
    assert [entry.value for entry in outline("a: 'b\nc: d\n")] == ["b", "d"]


@given(st.text(max_size=80))
def test_whatever_stands_there_is_read(text: str) -> None:
    outline(text)
