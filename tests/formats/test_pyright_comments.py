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
        # What is white space for JavaScript, and a line's end for pyright.
        ("#\u00a0pyright:\u00a0basic\n", Comments(directives=(("basic",),))),
        (
            "#\ufeffpyright: strict,\ufeffreportAny=false\n",
            Comments(directives=(("strict", "reportAny=false"),)),
        ),
        ("#\u00a0type:\u00a0ignore\nx = 1\n", Comments(ignores=1, is_ignored=True)),
        ("x = 1  # pyright:\ufeffignore\ufeff\n", Comments(ignores=1)),
        ("# a\r# pyright: basic\rx = 1\r", Comments(directives=(("basic",),))),
        ("# a\r\n# type: ignore\r\nx = 1\r\n", Comments(ignores=1, is_ignored=True)),
        ("#\x1fpyright: basic\n", Comments()),
    ],
)
def test_comments_are_read(text: str, comments: Comments) -> None:
    assert read(text.encode(), name="a.py") == comments


def test_a_file_is_read_as_utf_8_whatever_it_declares() -> None:
    data = b"\xef\xbb\xbf# coding: utf-8\n# pyright: basic\nx = '\xff'\n"

    assert read(data, name="a.py").directives == (("basic",),)
    assert read(b"# coding: none-such\n" + data[3:], name="a.py").directives == (("basic",),)


def test_what_cannot_be_read_is_told() -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` could not be read"):
        read(b"# type: ignore\nx = (\n", name="a.py")
