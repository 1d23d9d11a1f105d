from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.json_cut import is_cut_off


@pytest.mark.parametrize(
    "text",
    [
        '{"text": "gates-0", "price',
        '{"text": "gates-0"',
        '{"text": "gat\\"}',
        ' [{"a": 1}, ',
        '{"a": [1}',
        '{"a": 1}\n{"b": ',
        '{"a": 1}\x1e{"b',
        "[" * 200_000,
    ],
)
def test_a_document_without_its_end_is_cut_off(text: str) -> None:
    assert is_cut_off(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "gates-0",
        '{"a": "}"}',
        '{"a": 1}\n{"b": 2}\n',
        '{"type": 1}\x1e{"type": 6}\x1e',
        "[12:00] order gates-0",
        "[info] it's {open",
        '42["order", {"id": 1}]',
        "{'id': 'gates-0'}",
        '"quoted',
        "[\x00\x01gates-0",
        '{"a": 1} and more',
    ],
)
def test_whole_documents_and_other_texts_are_not(text: str) -> None:
    assert not is_cut_off(text)


@given(st.dictionaries(st.text(), st.recursive(st.integers() | st.text(), st.lists), max_size=3))
def test_only_a_whole_document_is_whole(document: dict[str, object]) -> None:
    text = json.dumps(document)
    assert not is_cut_off(text)
    assert is_cut_off(text[:-1])
