from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats import istanbul, lcov
from gates.formats.coverage_model import CoverageReport

DATA = Path(__file__).parent / "data"
VITEST = (DATA / "lcov/vitest-4.1.11/lcov.info").read_bytes()
PYTHON = (DATA / "lcov/coverage-7.17.3/coverage.lcov").read_bytes()
GENINFO = (DATA / "lcov/geninfo-1.16/lcov.info").read_bytes()
SAME_RUN = (DATA / "istanbul/vitest-4.1.11/coverage-final.json").read_bytes()

# Made to the manual page of geninfo 2.3.
SECOND = b"""\
# a comment
TN:unit
SF:/project/shop.c
VER:1.2
FNL:0,3,8
FNA:0,1,net
FNF:1
FNH:1
BRDA:4,0,gross < 0,1
BRDA:4,0,f(a, b),-
BRDA:5,e1,0,0
BRF:3
BRH:1
MCDC:4,2,t,1,0,a && b
MCF:2
MCH:1
DA:3,1
DA:4,0,fmWZj4pUIUYBoT5boxNqkw
DA:5,18446744073709551615
LF:3
LH:2
end_of_record
"""


def read(data: bytes) -> CoverageReport:
    return lcov.read(data, what="lcov.info")


def section(*records: str) -> bytes:
    return "\n".join(("TN:", "SF:a.c", *records, "end_of_record", "")).encode()


def test_what_geninfo_1_writes() -> None:
    (file,) = read(GENINFO).files
    assert file.path == "/project/shop.c"
    assert (file.executed, file.missing) == ((3, 4, 7, 10, 11, 12), (5,))
    assert file.executed_branches == ((4, "0,1"),)
    assert file.missing_branches == ((4, "0,0"),)


def test_what_geninfo_2_writes_by_its_manual() -> None:
    (file,) = read(SECOND).files
    assert (file.executed, file.missing) == ((3, 5), (4,))
    assert file.executed_branches == ((4, "0,gross < 0"),)
    assert file.missing_branches == ((4, "0,f(a, b)"), (5, "e1,0"))


def test_what_coverage_py_writes() -> None:
    files = read(PYTHON).files
    assert [file.path for file in files] == [
        "src/pkg/__init__.py",
        "src/pkg/a.py",
        "src/pkg/never.py",
    ]
    assert (files[1].executed, files[1].missing) == ((3, 6, 7, 9, 10, 11), (8,))
    assert files[1].missing_branches == ((7, "0,jump to line 8"),)


def test_it_says_what_the_full_report_of_the_same_run_says() -> None:
    full = istanbul.read(SAME_RUN, what="coverage-final.json")
    for one, other in zip(read(VITEST).files, full.files, strict=True):
        assert f"/project/{one.path}" == other.path
        assert (one.executed, one.missing) == (other.executed, other.missing)
        assert len(one.executed_branches) == len(other.executed_branches)


def test_sections_of_one_source_are_one_file() -> None:
    first = section("DA:1,1", "DA:2,0", "DA:3,0", "BRDA:1,0,0,1", "BRDA:1,0,1,-")
    second = section("DA:1,0", "DA:2,1", "DA:9,0", "BRDA:1,0,0,-", "BRDA:1,0,1,2", "BRDA:2,0,0,0")
    (file,) = read(first + second).files
    assert (file.executed, file.missing) == ((1, 2), (3, 9))
    assert set(file.executed_branches) == {(1, "0,0"), (1, "0,1")}
    assert file.missing_branches == ((2, "0,0"),)


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_line_that_stands_twice_ran_where_any_did(ends: str) -> None:
    text = section("DA:2,0", "DA:1,1", "DA:2,3", "LF:2", "LH:2", "FNF:0", "DA:1,0", "DA:2,0,x")
    (file,) = read(text.replace(b"\n", ends.encode())).files
    assert (file.executed, file.missing) == ((1, 2), ())


def test_a_report_without_branches_says_so() -> None:
    assert not read(section("DA:1,1", "BRF:0", "BRH:0")).has_branches
    assert not read(section("DA:1,1")).tells_branching
    assert read(section("DA:1,1", "BRDA:1,0,0,-")).has_branches


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"TN:\n", "does not end"),
        (b"not a tracefile\n", "does not end"),
        (section("DA:1,1").replace(b"end_of_record\n", b""), "does not end"),
        (section("DA:1,1") + b"TN:\n", "does not end"),
        (b"TN:\nend_of_record\n", "names no source"),
        (section("SF:b.c"), "names no source, or two"),
        (b"SF:\nend_of_record\n", "names no source, or two"),
        (b"DA:1,1,x\nSF:a.c\nend_of_record\n", "stands before"),
        (b"DA:1,1\nDA:2,1\nSF:a.c\nend_of_record\n", "`DA` stands before `SF`"),
        (b"\xef\xbb\xbf" + section("DA:1,1"), "begins with a byte order mark"),
        (section("DA:1,1").decode().encode("utf-16"), "begins with a byte order mark"),
        (section("XX:1"), "`XX:1` is not known"),
        (section("DA"), "`DA` is not known"),
        (section("DA:1,-1"), "`-1` is no count"),
        (section("DA:1,1e6"), "`1e6` is no count"),
        (section("DA:1"), "`` is no count"),
        (section("DA:1,"), "`` is no count"),
        (section("DA:0,1"), "not from 1"),
        (section("DA:1,1", "DA:99999999,1"), "not from 1"),
        (section("DA:99999999,1,x"), "not from 1"),
        (section("DA:1,1", "LF:2"), "`LF` of `a.c` is 2, but 1 are listed"),
        (section("DA:1,0", "LH:1"), "`LH` of `a.c` is 1, but 0 are listed"),
        (section("BRF:1"), "`BRF` of `a.c` is 1, but 0"),
        (section("BRDA:1,0,0,-", "BRH:1"), "`BRH` of `a.c` is 1, but 0"),
        (section("LF:0", "LF:0"), "stands twice"),
        (section("LF:x"), "`x` is no count"),
        (section("BRDA:1,0,1"), "fewer than four"),
        (section("BRDA:1"), "fewer than four"),
        (section("BRDA:1,0,0,-1"), "`-1` is no count"),
        (section("BRDA:x,0,0,1"), "`x` is no count"),
        (b"SF:\xff\nend_of_record\n", "not UTF-8"),
    ],
)
def test_what_proves_nothing_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(data)


def test_an_error_names_its_line() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(section("DA:1,1", "DA:2,1") + section("DA:3,1", "", "XX:1"))
    assert caught.value.problem.place == "lcov.info:10"


def test_too_many_sections_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lcov, "MAX_SECTIONS", 2)
    with pytest.raises(OutputUnreadable, match="more than 2 sections"):
        read(section() * 2)


@pytest.mark.parametrize("data", [VITEST, PYTHON, GENINFO, SECOND])
def test_a_cut_is_refused_or_leaves_whole_sections(data: bytes) -> None:
    # Nothing tells how many sections there are: a source whose section is lost is counted by the
    # stage as not covered, so what is left must be exactly the first of them.
    whole = read(data).files

    @given(st.integers(min_value=0, max_value=len(data.rstrip()) - 1))
    def is_sound(at: int) -> None:
        try:
            left = read(data[:at]).files
        except OutputUnreadable:
            return
        assert data[:at].rstrip().endswith(b"end_of_record")
        assert left == whole[: len(left)]
        assert len(left) < len(whole)

    is_sound()
