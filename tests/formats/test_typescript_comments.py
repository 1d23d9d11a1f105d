"""Comments that silence TypeScript; what the compilers obey was tried with 5.9.3 and 7.0.2."""

from __future__ import annotations

import pytest

from gates.formats.typescript_comments import Comments, read


@pytest.mark.parametrize(
    ("text", "ignores"),
    [
        ("// @ts-ignore\nx;\n", 1),
        ("/// @ts-ignore: why\nx;\n", 1),
        ("//// @ts-ignore\nx;\n", 1),
        ("{/* @ts-expect-error */}\n", 1),
        ("/* one\n  *** @ts-ignore */\n", 1),
        ("/* one\n@ts-ignore */\n", 1),
        ("x; // @ts-expect-error\ry; /* @ts-ignore */\n", 2),
        ("x\u2028@ts-ignore\n", 1),
        ("const a = '// @ts-ignore';\n", 1),
        ("// one must not @ts-ignore\n", 0),
        ("const a = 'no @ts-ignore';\n", 0),
        ("const ignore = 1;\n", 0),
    ],
)
def test_comments_are_counted_also_where_a_string_only_looks_like_one(
    text: str, ignores: int
) -> None:
    assert read(text.encode()) == Comments(ignores=ignores)


@pytest.mark.parametrize(
    "text",
    [
        "// @ts-nocheck\n",
        "#!/usr/bin/env node\n//    @TS-NoCheck\n",
        "///@ts-nocheck: why\n",
        "x;\n// @ts-nocheck\n",
    ],
)
def test_a_file_that_is_not_checked(text: str) -> None:
    assert read(text.encode()) == Comments(ignores=1, is_unchecked=True)


@pytest.mark.parametrize("text", ["// we ban @ts-nocheck\n", "/* @ts-nocheck */\n"])
def test_what_the_compilers_do_not_obey(text: str) -> None:
    assert not read(text.encode()).is_unchecked


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_other_encodings_that_the_compilers_read(encoding: str) -> None:
    assert read("// @ts-nocheck\n".encode(encoding)).is_unchecked


def test_bytes_that_are_no_text_are_read_all_the_same() -> None:
    assert read(b"\xff // @ts-ignore\n").ignores == 1
