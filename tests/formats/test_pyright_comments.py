from __future__ import annotations

import pytest

from gates.formats.pyright_comments import Comments, read
from gates.plugin import OutputUnreadable


@pytest.mark.parametrize(
    ("text", "comments"),
    [
        ("x = 1\n", Comments()),
        ("x = '# type: ignore'\n", Comments()),
        ("x = 1  # type: ignore\n", Comments(ignores=1)),
        ("x = 1  # type:ignore[misc] because\n", Comments(ignores=1)),
        ("x = 1  # noqa # type: ignore\n", Comments(ignores=1)),
        ("x = 1  # pyright: ignore\n", Comments(ignores=1)),
        ("x = 1  # pyright:ignore[reportAny]\n", Comments(ignores=1)),
        ("x = 1  # type: ignore # pyright: ignore\n", Comments(ignores=1)),
        ("x = 1  # type: ignored\n", Comments()),
        ("# type: ignore\nx = 1\n", Comments(ignores=1, is_ignored=True)),
        ("#!/bin/x\n\n# type: ignore[x]\nx = 1\n", Comments(ignores=1, is_ignored=True)),
        ("'doc'\n# type: ignore\n", Comments(ignores=1)),
        ("# pyright: ignore\nx = 1\n", Comments(ignores=1)),
        ("# pyright: strict\n", Comments(directives=(("strict",),))),
        ("#pyright:basic, reportAny=false\n", Comments(directives=(("basic", "reportAny=false"),))),
        (
            "# pyright: strict\nx = 1  # pyright: basic\n",
            Comments(directives=(("strict",), ("basic",))),
        ),
        ("@no_type_check\ndef f(): ...\n", Comments(unchecked=True)),
        ("@typing.no_type_check\ndef f(): ...\n", Comments(unchecked=True)),
        ("x = 'no_type_check'\n", Comments()),
    ],
)
def test_comments_are_read(text: str, comments: Comments) -> None:
    assert read(text.encode(), name="a.py") == comments


@pytest.mark.parametrize("data", [b"# type: ignore\nx = (\n", b"# type: ignore\n'\xff'\n"])
def test_what_cannot_be_read_is_told(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` could not be read"):
        read(data, name="a.py")
