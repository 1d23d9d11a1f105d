from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.mypy_comments import Comments, read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\n", Comments()),
        ("x = 1  # type: ignore\ny = 2  # type:ignore[misc]  # why\n", Comments(ignores=2)),
        ("x = '# type: ignore'\n", Comments()),
        ("x = 1  # type: ignored\n", Comments()),
        ("# type: ignore\nx = 1\n", Comments(ignores=1, is_ignored=True)),
        ("#!/bin/sh\n\n# type: ignore # x\nx = 1\n", Comments(ignores=1, is_ignored=True)),
        ("# type: ignore[misc]\nx = 1\n", Comments(ignores=1)),
        ('"""Doc."""\n# type: ignore\n', Comments(ignores=1)),
        ("x = 1\n# mypy: ignore-errors\n", Comments(inline=("ignore-errors",))),
        ("x = 1  # mypy: ignore-errors\n", Comments()),
    ],
)
def test_comments_are_found_by_the_tokenizer(text: str, expected: Comments) -> None:
    assert read(text.encode(), name="a.py") == expected


@pytest.mark.parametrize(
    "data", [b"x = (  # type: ignore\n", b"x = '\xff'  # type: ignore\n", b"  x\n y # type: ignore"]
)
def test_what_is_not_python_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py`"):
        read(data, name="a.py")
