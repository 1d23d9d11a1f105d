from __future__ import annotations

from pathlib import Path

from gates.domain.errors import Problem
from gates.testing import retelling
from gates.testing.retelling import retold


def hint(path: Path, folder: Path) -> str:
    return retold(Problem("slug", "summary", hint=f"see {path}"), folder).hint


def test_a_file_that_will_be_gone_is_told_by_its_last_lines(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "error.txt"
    log.parent.mkdir()
    log.write_text("zero\n" * 9 + "one\ntwo\n  three\n    ^^^~~\n\nfour\nfive\n")
    told = hint(log, tmp_path)
    assert told.startswith("see `error.txt`, which ends: zero | ")
    assert told.endswith(" | one | two | three | four | five")
    assert told.count(" | ") == retelling.MOST_LINES - 1


def test_what_is_told_is_safe_and_of_a_long_file_it_is_the_end(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * (retelling.MOST_BYTES + 1) + b"\n\x1b[31mred\xff\n")
    told = hint(log, tmp_path)
    assert told.isprintable()
    log.write_bytes(b"x\n" * retelling.MOST_BYTES + b"\x1b[31mred\xff\n")
    assert hint(log, tmp_path).endswith("x | x | x | red\N{REPLACEMENT CHARACTER}")


def test_a_file_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert hint(tmp_path / "empty", tmp_path) == "see `empty`, which is empty"
    assert hint(tmp_path / "absent", tmp_path) == "see `absent`"


def test_other_files_are_left_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("x")
    other = tmp_path / "elsewhere"
    assert hint(tmp_path / "log", other) == f"see {tmp_path / 'log'}"
    assert retold(Problem("slug", "summary"), tmp_path).hint == ""
