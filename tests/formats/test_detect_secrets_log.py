from __future__ import annotations

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import detect_secrets_json
from gates.formats.detect_secrets_log import seen
from gates.formats.detect_secrets_witness import Witnessed

DATA = "detect-secrets/1.5.0"
LOG = recorded(f"{DATA}/given.log")
REPORT = detect_secrets_json.parse(recorded(f"{DATA}/given.json"), what="given.json")
TEXTS = {
    ".gitignore": b"out/\n",
    "src/a.py": b"aws = 1\n",
    "src/b.py": b'"""B."""\n',
    "logo.dat": b"\x89PNG\0\xff",
    "package-lock.json": b"{}",
}


def read(log: bytes = LOG, **more: bytes) -> Witnessed:
    texts = {**TEXTS, **more}
    return seen(log, texts, REPORT, texts.__getitem__, what="x.log")


def test_a_recorded_log_tells_what_was_read() -> None:
    found = read()

    assert found.read == {".gitignore", "src/a.py", "src/b.py"}
    assert found.undecoded == {"logo.dat"}
    assert found.unread == found.nul == frozenset()


def test_text_with_a_nul_in_it_is_told() -> None:
    assert read(**{"src/b.py": b"a\0b"}).nul == {"src/b.py"}


def test_the_log_of_several_runs_is_one() -> None:
    assert read(LOG + LOG) == read()


@pytest.mark.parametrize("log", [b"", b"[scan]\tINFO\tChecking\n", LOG.replace(b"INFO", b"DEBUG")])
def test_a_log_of_no_verbose_run_is_unreadable(log: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="does not tell which files") as caught:
        read(log)

    assert "detect-secrets -v scan" in caught.value.problem.hint


def test_a_log_of_another_run_is_a_contradiction() -> None:
    other = LOG.replace(b"src/a.py", b"src/z.py")

    with pytest.raises(OutputUnreadable, match=r"does not name `src/a\.py`"):
        read(other)


def test_a_file_that_the_log_does_not_name_is_no_result() -> None:
    with pytest.raises(StageError, match=r"read `src/new\.py`") as caught:
        read(**{"src/new.py": b""})

    assert caught.value.problem.slug == "file-passed-over"


def test_each_line_of_a_log_that_is_lost_is_missed() -> None:
    lines = LOG.splitlines(keepends=True)
    for at, line in enumerate(lines):
        if b"Checking file" in line:
            with pytest.raises(StageError):
                read(b"".join(lines[:at] + lines[at + 1 :]))


def test_a_name_that_holds_a_line_break_proves_nothing() -> None:
    with pytest.raises(StageError, match="cannot be proved") as caught:
        read(**{"a\n[scan]\tINFO\tChecking file: b": b""})

    assert caught.value.problem.slug == "name-unprovable"
