"""What GitHub tells of an event is read as far as it is what it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.toolkit import event

BASE = "b" * 40


def test_a_text_and_a_commit_at_their_places(tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps({"merge_group": {"base_sha": BASE, "base_ref": "main"}}))
    found = event.payload({"GITHUB_EVENT_PATH": str(path)})

    assert event.text(found, "merge_group", "base_ref") == "main"
    assert event.commit(found, "merge_group", "base_sha") == BASE


@pytest.mark.parametrize("data", [b"", b"{", b"[" * 100_000, b'{"a": "\xff"}'])
def test_a_file_that_cannot_be_read_tells_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(data)
    assert event.payload({"GITHUB_EVENT_PATH": str(path)}) is None
    assert event.payload({"GITHUB_EVENT_PATH": str(tmp_path)}) is None
    assert event.payload({}) is None


@pytest.mark.parametrize("found", [None, [], {"a": 1}, {"a": {"b": 1}}, {"a": "x"}])
def test_what_is_no_text_is_empty(found: object) -> None:
    assert event.text(found, "a", "b") == ""


@pytest.mark.parametrize("name", ["", "main", "0" * 40, "-" * 40, "b" * 39])
def test_what_is_no_commit_is_empty(name: str) -> None:
    assert event.commit({"a": name}, "a") == ""
