from __future__ import annotations

from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats import jacoco
from gates.formats.coverage_model import CoverageReport

DATA = Path(__file__).parent / "data" / "jacoco" / "0.8.6"
PLAIN = (DATA / "jacoco.xml").read_bytes()
GROUP = (DATA / "group.xml").read_bytes()
NO_LINES = (DATA / "no-lines.xml").read_bytes()


def read(data: bytes) -> CoverageReport:
    return jacoco.read(data, what="jacoco.xml")


def counter(kind: str, missed: int, covered: int) -> str:
    return f'<counter type="{kind}" missed="{missed}" covered="{covered}"/>'


LINE = '<line nr="1" mi="1" ci="2" mb="1" cb="1"/>'
COUNTERS = counter("INSTRUCTION", 1, 2) + counter("BRANCH", 1, 1) + counter("LINE", 0, 1)


def report(lines: str = LINE, counters: str = COUNTERS, above: str = COUNTERS) -> bytes:
    return (
        f'<report name="r"><package name="p"><sourcefile name="A.java">{lines}{counters}'
        f"</sourcefile>{above}</package>{above}</report>"
    ).encode()


def test_what_jacoco_writes() -> None:
    found = read(PLAIN)
    assert found.is_by_package
    assert found.has_branches
    assert not found.are_branches_named
    prices, never, tax = found.files
    assert prices.path == "org/shop/Prices.java"
    assert (prices.executed, prices.missing) == ((8, 11, 12), (9, 13))
    assert prices.executed_branches == ((8, 0), (11, 0))
    assert prices.missing_branches == ((8, 1), (11, 1))
    assert (never.executed, never.missing) == ((), (3, 5, 7, 8, 10, 11))
    assert (tax.executed, tax.missing) == ((), ())


def test_a_group_is_a_module() -> None:
    assert [(file.module, file.path) for file in read(GROUP).files] == [
        ("shop", "org/shop/Prices.java"),
        ("shop", "org/shop/Never.java"),
        ("shop", "org/shop/Tax.java"),
    ]


def test_modules_may_hold_files_of_one_name() -> None:
    one = report().decode().removeprefix('<report name="r">').removesuffix("</report>")
    package = one.partition("</package>")[0] + "</package>"
    twice = "".join(f'<group name="{name}">{package}{COUNTERS}</group>' for name in "ab")
    total = counter("INSTRUCTION", 2, 4) + counter("BRANCH", 2, 2) + counter("LINE", 0, 2)
    files = read(f'<report name="r">{twice}{total}</report>'.encode()).files
    assert [(file.module, file.path) for file in files] == [("a", "p/A.java"), ("b", "p/A.java")]
    with pytest.raises(OutputUnreadable, match="twice in one module"):
        read(f'<report name="r">{package}{package}{total}</report>'.encode())


def test_the_package_without_a_name() -> None:
    assert read(report().replace(b'name="p"', b'name=""')).files[0].path == "A.java"


def test_attributes_may_stand_in_another_order_and_branches_be_left_out() -> None:
    lines = '<line ci="2" mi="1" nr="1"/><line nr="2" mi="0" ci="0" mb="0" cb="0"/>'
    counters = counter("INSTRUCTION", 1, 2) + counter("LINE", 0, 1)
    (file,) = read(report(lines, counters, counters)).files
    assert (file.executed, file.missing) == ((1,), ())


def test_code_without_lines_is_only_in_the_counters() -> None:
    more = counter("INSTRUCTION", 4, 3) + counter("BRANCH", 2, 3) + counter("LINE", 0, 1)
    assert read(report(counters=more, above=more)).files


def test_a_report_without_lines_says_what_to_do() -> None:
    with pytest.raises(OutputUnreadable, match="no lines are told") as caught:
        read(NO_LINES)
    assert "-g" in caught.value.problem.hint


def test_an_empty_report_has_no_files() -> None:
    assert read(b'<report name="r"/>').files == ()


FEWER = counter("INSTRUCTION", 1, 1) + counter("BRANCH", 1, 1) + counter("LINE", 0, 1)
NO_BRANCH = counter("INSTRUCTION", 1, 2) + counter("LINE", 0, 1)
MORE_BRANCHES = counter("INSTRUCTION", 1, 2) + counter("BRANCH", 1, 2) + counter("LINE", 0, 1)
LIES = counter("INSTRUCTION", 1, 2) + counter("BRANCH", 1, 1) + counter("LINE", 0, 2)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"<coverage/>", "no root of a JaCoCo report"),
        (report(counters=LIES), "`LINE` of `A.java` says 2 of 2, but 1 of 1"),
        (report(above=LIES), "`LINE` of `p` says 2 of 2"),
        (report(counters=""), "`LINE` of `A.java` says 0 of 0"),
        (report(above=""), "`LINE` of `p` says 0 of 0"),
        (report(lines=""), "no lines are told"),
        (report(counters=FEWER), "`INSTRUCTION` of `A.java` says 1 of 2, but 2 of 3"),
        (report(counters=NO_BRANCH), "`BRANCH` of `A.java` says 0 of 0"),
        (report(counters=MORE_BRANCHES), "`BRANCH` of `A.java` says 2 of 3, but 1 of 2"),
        (report(counters=COUNTERS + COUNTERS), "stands twice"),
        (report(lines=LINE + LINE), "line 1 stands twice"),
        (report(lines=LINE.replace('nr="1"', 'nr="0"')), "not from 1"),
        (report(lines=LINE.replace('nr="1"', "")), "is no count"),
        (report(lines=LINE.replace('mi="1"', 'mi="-1"')), "`-1` is no count"),
        (report(lines=LINE.replace('cb="1"', 'cb="9999999"')), "branches in a line"),
        (report(counters=counter("LINE", -1, 2)), "`-1` is no count"),
        (report().replace(b' name="A.java"', b""), "has no name"),
        (b'<report name="r"><sourcefile name="A.java"/></report>', "`sourcefile` stands in"),
        (b'<report name="r"><line nr="1"/></report>', "in no source file"),
        (b'<report name="r">' + b'<group name="g">' * 60, "deep"),
        (b'<!DOCTYPE x [<!ENTITY a "a">]><report name="&a;"/>', "entity"),
    ],
)
def test_what_proves_nothing_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(data)


@pytest.mark.parametrize("data", [PLAIN, GROUP])
def test_every_cut_is_refused(data: bytes) -> None:
    refuses_every_cut(read, data)
