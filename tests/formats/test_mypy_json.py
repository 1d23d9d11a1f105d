from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.mypy_json import parse, read_log

ENTRY = {
    "file": "a.py",
    "line": 3,
    "column": 0,
    "message": "wrong",
    "hint": None,
    "code": "misc",
    "severity": "error",
}


def line(**changes: object) -> bytes:
    return json.dumps({**ENTRY, **changes}).encode() + b"\n"


def test_lines_are_read_with_columns_from_1() -> None:
    messages = parse(line() + b"\n" + line(line=-1, column=-1, code=None, hint="see x"))

    assert [(m.line, m.column, m.code, m.text) for m in messages] == [
        (3, 1, "misc", "wrong"),
        (0, 0, "", "wrong (see x)"),
    ]


@pytest.mark.parametrize("data", [b"Success\n", b"[]\n", line(line="3"), line()[:-4]])
def test_a_line_that_is_not_mypys_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(line() + data)

    assert caught.value.problem.place.startswith("mypy.jsonl:2")


SOURCE = "LOG:  Found source:           BuildSource(path={}, module={}, has_text=False, x=y)\n"


def test_a_log_names_the_sources_and_its_end() -> None:
    log = read_log(
        (
            "pyproject.toml: [mypy]: Unrecognized option: strcit = True\n\nLOG:  Cache Dir: x\n"
            + SOURCE.format('"src/it\'s.py"', "'pkg.a'")
            + SOURCE.format("None", "None")
            + "LOG:  Build finished in 0.5 seconds with 2 modules, and 0 errors\nlast\n"
        ).encode()
    )

    assert log.modules == (("src/it's.py", "pkg.a"), ("", ""))
    assert log.is_finished
    assert log.complaints == ("pyproject.toml: [mypy]: Unrecognized option: strcit = True",)
    assert log.last == "last"


def test_an_empty_log_proves_nothing() -> None:
    log = read_log(b"")

    assert (log.modules, log.is_finished, log.complaints, log.last) == ((), False, (), "")


@pytest.mark.parametrize("path", ["'a", "open('x')"])
def test_a_source_that_is_no_literal_is_unreadable(path: str) -> None:
    with pytest.raises(OutputUnreadable):
        read_log(SOURCE.format(path, "'a'").encode())
