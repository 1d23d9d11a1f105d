from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_json import (
    Diagnostic,
    parse,
    refuse_contradiction,
    refuse_unreadable,
    unreadable,
)
from gates.formats.tool_paths import Tree

PLACE = {"row": 2, "column": 3}


def one(**changes: object) -> Diagnostic:
    entry = {"code": "F401", "message": "m", "filename": "/a.py", "location": PLACE, **changes}
    return parse(json.dumps([entry]).encode(), what="x")[0]


def test_an_entry_is_read() -> None:
    fix = {"applicability": "safe", "message": "Remove it"}

    assert one(fix=fix, severity="warning") == Diagnostic(
        code="F401",
        message="m",
        path="/a.py",
        line=2,
        column=3,
        severity="warning",
        fix="Remove it",
    )


def test_older_versions_have_no_severity_and_no_code_for_syntax_errors() -> None:
    entry = one(code=None)

    assert (entry.code, entry.severity) == ("invalid-syntax", "error")
    assert unreadable((one(), entry)) == entry


def test_an_entry_may_span_lines() -> None:
    assert one(end_location={"row": 9, "column": 1}).end_line == 9
    assert one(end_location=None).end_line == 0


def test_a_file_without_a_place_has_line_0() -> None:
    assert (one(location=None).line, one(location=None).column) == (0, 0)


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        (None, ""),
        ({"applicability": "unsafe", "message": "x"}, ""),
        ({"applicability": "safe", "message": None}, "`ruff` can mend this"),
    ],
)
def test_only_a_safe_fix_is_told(fix: object, expected: str) -> None:
    assert one(fix=fix).fix == expected


@pytest.mark.parametrize("code", ["invalid-syntax", "E902", "io"])
def test_codes_of_files_that_were_not_read(code: str) -> None:
    assert unreadable((one(code=code),)) is not None
    assert unreadable((one(),)) is None


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'[{"code": 1}]', b'[{"message": "m"}]'])
def test_what_is_not_ruffs_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, what="x")


@pytest.mark.parametrize(("location", "place"), [(PLACE, "a.py:2:3"), (None, "a.py")])
def test_an_unreadable_file_is_refused_with_its_place(location: object, place: str) -> None:
    tree = Tree(roots=("/p",), files=frozenset(), sources=frozenset())
    entry = one(code="E902", filename="/p/a.py", location=location)

    refuse_unreadable((one(),), tree)
    with pytest.raises(StageError) as caught:
        refuse_unreadable((one(), entry), tree)

    assert caught.value.problem.place == place


def test_exit_code_and_entries_must_agree() -> None:
    refuse_contradiction((), 0)
    refuse_contradiction((one(),), 1)
    for entries, exit_code in (((one(),), 0), ((), 1)):
        with pytest.raises(OutputUnreadable, match=f"exit code {exit_code}"):
            refuse_contradiction(entries, exit_code)
