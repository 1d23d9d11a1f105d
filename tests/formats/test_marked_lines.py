from __future__ import annotations

import io
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats import marked_lines
from gates.formats.marked_lines import Comment, comments_of

PIECES = [
    "#a",
    "'#'",
    '"#"',
    '"""#',
    '"""',
    "\\",
    "\n",
    " ",
    "x = ",
    "(",
    ")",
    "r'\\'",
    "\x0c",
    "1",
]


def by_tokens(text: str) -> list[tuple[int, int, str]]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return [(*each.start, each.string) for each in tokens if each.type == tokenize.COMMENT]


def found(text: str) -> list[tuple[int, int, str]] | None:
    comments = comments_of(text.encode(), text)
    return None if comments is None else [(one.line, one.column, one.text) for one in comments]


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_the_comments_are_those_of_the_tokenizer(text: str) -> None:
    told = found(text)
    assert told is None or told == by_tokens(text)


@pytest.mark.parametrize("name", ["suppressions.py", "strict_yaml.py", "written_python.py"])
def test_real_files_are_read_as_the_tokenizer_reads_them(name: str) -> None:
    text = (Path(marked_lines.__file__).parent / name).read_text()
    assert found(text) == by_tokens(text)


def test_what_stands_before_all_code_is_told() -> None:
    text = "#!/bin/x\n\n# a\n'text'\n# b\n"
    assert comments_of(text.encode(), text) == [
        Comment(1, 0, "#!/bin/x", is_first=True),
        Comment(3, 0, "# a", is_first=True),
        Comment(5, 0, "# b"),
    ]


@pytest.mark.parametrize("data", [b"x = (", b"# coding: latin-1\nx = '\xe9'\n", b"\0", b"return"])
def test_what_is_no_python_for_sure_is_left_to_others(data: bytes) -> None:
    assert comments_of(data, data.decode("utf-8", "replace")) is None


def test_texts_within_texts_are_left_to_the_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marked_lines, "_NESTED_QUOTES", (3, 0))
    text = "# a\nx = f'{y}#'  # b\n"
    assert comments_of(text.encode(), text) == [
        Comment(1, 0, "# a", is_first=True),
        Comment(2, 13, "# b"),
    ]


def test_a_decorator_that_silences_is_among_them() -> None:
    text = "# a\n@typing.no_type_check\ndef f(): ...\n"
    assert found(text) == [(1, 0, "# a"), (2, 0, "@typing.no_type_check")]
