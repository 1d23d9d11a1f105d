from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gates.toolkit.sqlite_schema import is_whole, main


def made(path: Path, text: str) -> str:
    with closing(sqlite3.connect(path)) as file:
        file.executescript(text)
    return str(path)


def test_all_statements_are_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "CREATE TABLE b (x); CREATE TABLE a (y UNIQUE); CREATE INDEX i ON b (x)"
    assert main([made(tmp_path / "what?.db", text)]) == 0
    printed = capsys.readouterr().out
    assert printed.splitlines()[:3] == [
        "CREATE INDEX i ON b (x);",
        "CREATE TABLE a (y UNIQUE);",
        "CREATE TABLE b (x);",
    ]
    assert is_whole(printed)
    for cut in ("", printed[:-1], printed[5:], printed.replace(" a ", " c "), printed + "x"):
        assert not is_whole(cut)


def test_a_file_that_is_not_there_is_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.db")]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("-- all of it: ")
    assert is_whole(printed)
    assert not (tmp_path / "none.db").exists()


def test_another_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "text.db").write_text("no database at all" * 99)
    assert main([str(tmp_path / "text.db")]) == 1
    assert "`text.db` cannot be read" in capsys.readouterr().err
