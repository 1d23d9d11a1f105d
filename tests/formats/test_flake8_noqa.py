from __future__ import annotations

import pytest

from gates.formats.flake8_noqa import Comments, read


@pytest.mark.parametrize(
    "data",
    [
        b"# flake8: noqa\n",
        b"\xef\xbb\xbf# flake8: noqa\n",
        b"X = 1\n   # FLAKE8=NOQA: E501\n",
        "# flake8:\u00a0noqa\n".encode(),
        "# fla\u212ae8: noqa\n".encode(),
        b"X = 1\r# flake8: noqa\rY = 1\r",
        '"""\n\u3000# flake8: noqa\n"""\n'.encode(),
        b"# coding: utf-7\n+ACM- flake8: noqa\n",
        b"# coding: raw_unicode_escape\n\\u0023 flake8: \\u006eoqa\n",
        b"# coding: nowhere\n# flake8: noqa\n",
        b"# coding: hex\n# flake8: noqa\n",
        b"X = '\xff'\n# flake8: noqa\n",
    ],
)
def test_a_comment_that_hides_the_file(data: bytes) -> None:
    assert read(data) == Comments(hides_file=True, may_hide=True)


@pytest.mark.parametrize(
    "data",
    [b"", b"X = 1\n", b"# flake8\n", b"# coding: latin-1\n\xe4 = 1\n", b"# coding: us-ascii\n"],
)
def test_without_one_nothing_is_hidden(data: bytes) -> None:
    assert read(data) == Comments(hides_file=False, may_hide=False)


@pytest.mark.parametrize(
    "data",
    [
        b"X = 1  # NoQA\n",
        b"X = 1  # flake8: noqa\n",
        b"# coding: utf-7\nX = 1\n",
        b"# coding: raw_unicode_escape\nimport os  \\u0023 \\u006eoqa\n",
    ],
)
def test_what_may_hide_an_entry(data: bytes) -> None:
    assert read(data) == Comments(hides_file=False, may_hide=True)
