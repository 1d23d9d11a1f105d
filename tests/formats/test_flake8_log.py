from __future__ import annotations

from configparser import RawConfigParser

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.flake8_log import (
    FORMAT,
    OUTPUT,
    Report,
    kept,
    overrides,
    parse,
    refuse_unreadable,
)
from gates.formats.tool_paths import Tree

SUMS = b"1          total files processed\n"
ENTRY = b"F401 1 2 './a.py' 'unused'\n"


def log(reported: int) -> bytes:
    return f"x INFO Found a total of 9 violations and reported {reported}\n".encode()


@pytest.mark.parametrize("version", ["7.5.0", "6.0.0"])
def test_recorded_findings(version: str) -> None:
    found = parse(*(recorded(f"flake8/{version}/findings.{end}") for end in ("txt", "log")))

    assert found.files == 3
    assert found.reports[0] == Report(
        code="F401", line=3, column=1, path="./src/a.py", text="'os' imported but unused"
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("./a.py", "unused"),
        ("./a\n b:1 'x'.py", 'odd: "text"'),
        ("./\udcff.py", "'a' and \"b\""),
        ("./back\\.py", "end\\"),
    ],
)
def test_an_entry_keeps_apart_what_a_path_and_a_text_may_hold(path: str, text: str) -> None:
    entry = FORMAT % {"code": "F401", "row": 1, "col": 2, "path": path, "text": text}

    found = parse(f"{entry}\n".encode() + SUMS, log(1))

    assert found.reports == (Report(code="F401", line=1, column=2, path=path, text=text),)


def test_a_text_of_several_lines_becomes_one() -> None:
    (found,) = parse(b"X1 0 1 'a.py' 'one\\n  two'\n" + SUMS, log(1)).reports

    assert found.text == "one two"


def test_nothing_found() -> None:
    assert parse(SUMS, log(0)).reports == ()


@pytest.mark.parametrize(
    ("stdout", "stderr"),
    [(b"", b""), (SUMS, b""), (b"", log(0)), (SUMS + SUMS, log(0)), (ENTRY, log(1))],
)
def test_without_sums_nothing_is_proved(stdout: bytes, stderr: bytes) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(stdout, stderr)

    assert caught.value.problem.slug == "flake8-unproved"


@pytest.mark.parametrize("reported", [0, 2])
def test_entries_and_their_number_must_agree(reported: int) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        parse(ENTRY + SUMS, log(reported))

    assert caught.value.problem.slug == "contradiction"


@pytest.mark.parametrize(
    "line", [b"F401\n", b"F401 x 1 'a.py' 'b'\n", b"./a.py:1:1: F401 unused\n"]
)
def test_an_entry_in_another_form_is_missed(line: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="printed 0 entries and counted 1"):
        parse(line + SUMS, log(1))


def test_every_setting_is_undone_in_both_spellings() -> None:
    parser = RawConfigParser()
    parser.read_string(overrides().decode())

    assert {*OUTPUT, "show_source"} == set(parser["flake8"])


def test_kept_output_tells_its_entries_and_files() -> None:
    found = kept(ENTRY + SUMS, what="x.txt", hint="")

    assert (len(found.reports), found.files) == (1, 1)


@pytest.mark.parametrize("data", [b"", ENTRY, SUMS + SUMS])
def test_kept_output_without_one_sum_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`x\.txt` does not tell how many") as caught:
        kept(data, what="x.txt", hint="so")

    assert (caught.value.problem.hint, caught.value.problem.place) == ("so", "x.txt")


@pytest.mark.parametrize(("line", "place"), [(2, "a.py:2:3"), (0, "a.py")])
def test_a_file_that_could_not_be_read_is_refused(line: int, place: str) -> None:
    tree = Tree(roots=("/p",), files=frozenset(), sources=frozenset())
    entries = [
        Report(code=code, line=line, column=3, path="/p/a.py", text="odd")
        for code in ("F401", "E999")
    ]
    refuse_unreadable(entries[:1], tree)

    with pytest.raises(StageError, match=r"`a\.py` could not be read as Python: odd") as caught:
        refuse_unreadable(entries, tree)

    assert caught.value.problem.place == place
