from __future__ import annotations

import re
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.formats import cobertura, istanbul
from gates.formats.coverage_model import CoverageReport

DATA = Path(__file__).parent / "data"
VITEST = (DATA / "cobertura/vitest-4.1.11/coverage.xml").read_bytes()
PYTHON = (DATA / "cobertura/coverage-7.17.3/coverage.xml").read_bytes()
SAME_RUN = (DATA / "istanbul/vitest-4.1.11/coverage-final.json").read_bytes()


def read(data: bytes) -> CoverageReport:
    return cobertura.read(data, what="coverage.xml")


def report(lines: str, header: str = "", of_class: str = "") -> bytes:
    return (
        f"<coverage {header}><packages><package><classes>"
        f'<class filename="a.py" {of_class}><methods/><lines>{lines}</lines></class>'
        "</classes></package></packages></coverage>"
    ).encode()


def test_what_coverage_py_writes() -> None:
    found = read(PYTHON)
    assert (found.version, found.roots, found.has_branches) == ("7.17.3", ("/project",), True)
    assert not found.are_branches_named
    assert [file.path for file in found.files] == [
        "src/pkg/__init__.py",
        "src/pkg/a.py",
        "src/pkg/never.py",
    ]
    file = found.files[1]
    assert (file.executed, file.missing) == ((3, 6, 7, 9, 10, 11), (8,))
    assert file.executed_branches == ((7, 0), (9, 0), (9, 1))
    assert file.missing_branches == ((7, 1),)


def test_it_says_what_the_full_report_of_the_same_run_says() -> None:
    full = istanbul.read(SAME_RUN, what="coverage-final.json")
    for one, other in zip(read(VITEST).files, full.files, strict=True):
        assert f"/project/{one.path}" == other.path
        assert (one.executed, one.missing) == (other.executed, other.missing)
        assert len(one.executed_branches) == len(other.executed_branches)
        assert len(one.missing_branches) == len(other.missing_branches)


def test_an_empty_report_has_no_files() -> None:
    assert read(b"<coverage/>").files == ()
    with pytest.raises(OutputUnreadable, match="empty"):
        read(b"")


def test_a_line_that_stands_twice_ran_where_any_did() -> None:
    lines = (
        '<line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/>'
        '<line number="1" hits="1"/>'
        '<line number="2" hits="3" branch="True" condition-coverage="33.33% (1/3)"/>'
    )
    (file,) = read(report(lines)).files
    assert (file.executed, file.missing) == ((1, 2), ())
    assert (file.executed_branches, file.missing_branches) == (((2, 0),), ((2, 1), (2, 2)))


@pytest.mark.parametrize("header", ["1/2", "2/3"])
def test_lines_that_stand_twice_may_be_counted_once_or_twice(header: str) -> None:
    lines = '<line number="1" hits="1"/><line number="1" hits="1"/><line number="2" hits="0"/>'
    covered, valid = header.split("/")
    stated = f'lines-covered="{covered}" lines-valid="{valid}" line-rate="0.5"'
    assert len(read(report(lines, stated)).files[0].executed) == 1
    with pytest.raises(OutputUnreadable, match="1/2 are listed"):
        read(report(lines, 'lines-covered="1" lines-valid="3"'))


def test_classes_of_one_file_are_one_file() -> None:
    data = report('<line number="1" hits="0"/><line number="5" hits="0"/>').replace(
        b"</classes>",
        b'<class filename="a.py"><lines><line hits="2" number="5"/><line number="7" hits="0" '
        b'branch="true" condition-coverage="0% (0/2)"/></lines></class></classes>',
    )
    (file,) = read(data).files
    assert (file.executed, file.missing) == ((5,), (1, 7))
    assert file.missing_branches == ((7, 0), (7, 1))


def test_lines_of_methods_are_not_counted_again() -> None:
    data = report('<line number="1" hits="1"/>').replace(
        b"<methods/>",
        b'<methods><method name="f"><lines><line number="9" hits="0"/></lines></method></methods>',
    )
    assert read(data).files[0].missing == ()


LINE = '<line number="1" hits="1"/>'
MISSED = '<line number="2" hits="0"/>'


def branch(condition: str) -> str:
    return f'<line number="1" hits="1" branch="true" condition-coverage="{condition}"/>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<report/>", "no root of a Cobertura report"),
        (report(LINE + MISSED, 'lines-covered="2" lines-valid="2"'), "is 2/2, but 1/2 are listed"),
        (report(LINE + MISSED, 'lines-covered="1" lines-valid="1"'), "is 1/1, but 1/2 are listed"),
        (report(LINE, 'lines-covered="-1" lines-valid="1"'), "is no count"),
        (report(LINE, 'branches-covered="1" branches-valid="2"'), "is 1/2, but 0/0 are listed"),
        (report(LINE + MISSED, 'line-rate="0.9"'), "of the report is `0.9`, but 1 of 2"),
        (report(LINE + MISSED, 'line-rate="0.511"'), "but 1 of 2 lines ran"),
        (report(LINE + MISSED, 'line-rate="NaN"'), "`NaN`"),
        (report(LINE + MISSED, 'line-rate="half"'), "`half`"),
        (report(LINE + MISSED, of_class='line-rate="1"'), "of `a.py` is `1`"),
        (report('<line number="1"/>'), "no `hits`"),
        (report('<line hits="1"/>'), "no `number`"),
        (report('<line number="1" count="1"/>'), "no `hits`"),
        (report('<line number="0" hits="1"/>'), "not from 1"),
        (report('<line number="99999999" hits="1"/>'), "not from 1"),
        (report('<line number="1" hits="-1"/>'), "`-1` is no count"),
        (report('<line number="1_0" hits="1"/>'), "`1_0` is no count"),
        (report(f'<line number="{"1" * 30}" hits="1"/>'), "is no count"),
        (report('<line number="" hits="1"/>'), "`` is no count"),
        (report('<line number="1" hits="\uff11"/>'), "is no count"),
        (report('<line number="1" hits="1" branch="maybe"/>'), "not true or false"),
        (report(branch("50% (1/2)").replace('"1" hits', '"x" hits')), "`x` is no count"),
        (report('<line number="1" hits="1" branch="true"/>'), "not as `50% \\(1/2\\)`"),
        (report(branch("100%")), "not as"),
        (report(branch("50% (2/1)")), "not as"),
        (report(branch("90% (1/2)")), "not as"),
        (report(branch("50% (50000/100000)")), "not as"),
        (report(LINE).replace(b' filename="a.py"', b""), "no `filename`"),
        (b'<coverage><line number="1" hits="1"/></coverage>', "stands in no class"),
        (report(f"<lines>{LINE}</lines>"), "stands in no class"),
        (b'<coverage><class filename="a.py"/></coverage>', "stands in no package"),
        (b"<coverage>" + b"<a>" * 30, "deep"),
        (b'<!DOCTYPE x [<!ENTITY a "a">]><coverage>&a;</coverage>', "entity"),
        (report(LINE).replace(b"</lines>", b""), "not well-formed"),
    ],
)
def test_what_proves_nothing_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(data)


def test_too_many_lines_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cobertura, "MAX_LINES", 1)
    with pytest.raises(OutputUnreadable, match="more than 1 lines"):
        read(report(LINE + MISSED))


def test_a_condition_without_ways_is_no_branch() -> None:
    assert read(report(branch("100% (0/0)"))).files[0].executed_branches == ()


def test_rates_may_be_cut_to_two_digits() -> None:
    lines = LINE + MISSED + '<line number="3" hits="1"/>'
    for rate in ("0.66", "0.67", "0.6667"):
        assert read(report(lines, f'line-rate="{rate}"')).files


@pytest.mark.parametrize("data", [VITEST, PYTHON])
def test_every_cut_is_refused(data: bytes) -> None:
    refuses_every_cut(read, data)


@settings(max_examples=50, deadline=None)
@given(st.integers(min_value=0))
def test_no_lost_line_goes_unnoticed(which: int) -> None:
    found = list(re.finditer(rb"<line [^>]*/>", PYTHON))
    line = found[which % len(found)]
    with pytest.raises(OutputUnreadable, match=r"are listed|lines ran"):
        read(PYTHON[: line.start()] + PYTHON[line.end() :])
