from __future__ import annotations

import json

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.pylint_json import Message, parse, refuse_unreadable
from gates.formats.tool_paths import Tree


@pytest.mark.parametrize("version", ["4.1.4", "3.0.0"])
def test_recorded_findings(version: str) -> None:
    messages = parse(recorded(f"pylint/{version}/findings.json"), what="pylint.json")

    found = next(message for message in messages if message.code == "E0602")
    assert found == Message(
        code="E0602",
        symbol="undefined-variable",
        category="error",
        text="Undefined variable 'undefined'",
        path="src/a.py",
        line=9,
        column=10,
        confidence="UNDEFINED",
        absolute="/project/src/a.py",
    )


def report(counts: dict[str, int], **changes: object) -> bytes:
    entry = {
        "messageId": "W0611",
        "symbol": "unused-import",
        "type": "warning",
        "message": "Unused import os",
        "path": "a.py",
        "line": 1,
        "column": 0,
        "confidence": "HIGH",
        **changes,
    }
    return json.dumps({"messages": [entry], "statistics": {"messageTypeCount": counts}}).encode()


def test_an_entry_without_a_line_has_no_column() -> None:
    (message,) = parse(report({"warning": 1, "error": 0}, line=0), what="x")

    assert (message.line, message.column) == (0, 0)


@pytest.mark.parametrize("counts", [{"warning": 2}, {"warning": 0}, {"error": 1}, {}])
def test_entries_and_counts_must_agree(counts: dict[str, int]) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(report(counts), what="x")

    assert caught.value.problem.slug == "contradiction"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"messages": []}', b'{"messages": [{}]'])
def test_a_broken_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="x")


@pytest.mark.parametrize(("changes", "place"), [({"line": 3}, "a.py:3"), ({"line": 0}, "a.py")])
def test_a_file_that_could_not_be_read_is_refused(changes: dict[str, object], place: str) -> None:
    tree = Tree(roots=("/project",), files=frozenset(), sources=frozenset())
    fine = parse(report({"warning": 1}), what="x")
    bad = parse(
        report({"warning": 1}, messageId="E0001", path="/project/a.py", **changes), what="x"
    )
    refuse_unreadable(fine, tree)

    with pytest.raises(StageError, match=r"could not examine `a\.py`: .*, and 1 more") as caught:
        refuse_unreadable((*fine, *bad, *bad), tree)

    assert caught.value.problem.place == place


def test_a_report_does_not_need_absolute_paths() -> None:
    (message,) = parse(report({"warning": 1}), what="x")

    assert message.absolute == ""
