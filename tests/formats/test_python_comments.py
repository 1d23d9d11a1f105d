from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.python_comments import Comment, read

TEXT = '# first\n\n# second\nX = "# no comment"  # third\ndef f(): ...\n'


@pytest.mark.parametrize("source", [TEXT, TEXT.encode()])
def test_comments_are_told_with_their_place_and_names_beside_them(source: str | bytes) -> None:
    comments, names = read(source, name="a.py")

    assert comments == (
        Comment(text="# first", column=0, is_first=True),
        Comment(text="# second", column=0, is_first=True),
        Comment(text="# third", column=20, is_first=False),
    )
    assert names == {"X", "def", "f"}


@pytest.mark.parametrize("source", ["x = (\n", b"x = '''\n", b"# coding: odd\n", b"\xff\n"])
def test_what_is_not_python_is_unreadable(source: str | bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` could not be read as Python"):
        read(source, name="a.py")
