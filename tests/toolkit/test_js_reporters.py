from __future__ import annotations

import pytest

from gates.formats import js_proof
from gates.toolkit import js_reporters

MEMBERS = (
    *("version", "root", "partial", "hiding", "unplanted", "planned", "ended", "untold", "whole"),
    "problems",
)


def test_reader_and_writer_speak_of_one_format() -> None:
    assert js_reporters.FORMAT == js_proof.FORMAT


@pytest.mark.parametrize("text", [js_reporters.VITEST, js_reporters.JEST])
def test_each_reporter_writes_all_that_its_reader_asks_for(text: str) -> None:
    # That they do what they say is shown by the live tests of the two stages.
    assert [name for name in MEMBERS if f"{name}:" not in text] == []
    assert text.count("writeRecord(fs, {") == 1
    assert "end: true" in js_reporters.SHARED
