from __future__ import annotations

from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import cobertura
from gates.formats.cobertura_rates import Counted, Tally, is_near, is_number, refuse_lies
from gates.formats.coverage_model import Covered, FileCoverage

HALF = Counted((Covered(2, 4),), (Covered(1, 2),))
NONE = Counted((Covered(0, 0),), (Covered(0, 0),))
LINE = '<line number="1" hits="1"/>'
BRANCH = '<line number="2" hits="1" branch="true" condition-coverage="50% (1/2)"/>'


def refuse(stated: str, counted: Counted = HALF) -> None:
    attributes = dict(part.split("=") for part in stated.split())
    refuse_lies(attributes, counted, of="the report", place="coverage.xml")


@pytest.mark.parametrize(
    "stated",
    [
        "lines-valid=400",
        "lines-covered=1",
        "lines-covered=2 lines-valid=5",
        "branches-valid=10",
        "branches-covered=0",
        "line-rate=0.9",
        "branch-rate=0.1",
        "branch-rate=0.1 branches-valid=2",
        "branch-rate=NaN",
        "branch-rate=half",
        "line-rate=0",
    ],
)
def test_each_number_is_held_for_itself(stated: str) -> None:
    with pytest.raises(OutputUnreadable) as caught:
        refuse(stated)
    assert caught.value.problem.slug == "report-contradiction"


def test_what_is_true_is_no_lie() -> None:
    refuse("lines-covered=2 lines-valid=4 line-rate=0.5 branches-valid=2 branch-rate=0.50")
    refuse("branch-rate=0.504 version=7")


@pytest.mark.parametrize("rate", ["0", "1", "1.0", "0.0", "NaN"])
def test_programs_differ_in_the_rate_of_nothing(rate: str) -> None:
    refuse(f"line-rate={rate} branch-rate={rate}", NONE)


def test_of_nothing_there_is_no_part() -> None:
    with pytest.raises(OutputUnreadable, match=r"`0\.1`, but 0 of 0 branches were taken"):
        refuse("branch-rate=0.1", NONE)


def test_a_contradiction_says_what_to_do() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        refuse("lines-covered=3 lines-valid=5")
    assert caught.value.problem.hint == ""
    sources = b"<sources><source>/p/one</source><source>/p/other</source></sources><packages>"
    data = report(LINE, header='lines-covered="3" lines-valid="3"').replace(b"<packages>", sources)
    with pytest.raises(OutputUnreadable, match="is 3/3, but 1/1 are listed") as caught:
        cobertura.read(data, what="coverage.xml")
    assert "name one folder there, or give its JSON" in caught.value.problem.hint
    with pytest.raises(OutputUnreadable, match=r"is \?/9, but 1/2 are listed") as caught:
        refuse("branches-valid=9")
    assert "coverage-final.json" in caught.value.problem.hint


def test_files_classes_and_entries_are_counted() -> None:
    tally = Tally()
    tally.add("a", (Covered(1, 2), Covered(0, 1)), (Covered(2, 3), Covered(0, 2)))
    tally.add("a", (Covered(1, 2), Covered(0, 1)), (Covered(1, 2), Covered(0, 1)))
    files = {"a": FileCoverage("a", (1,), (2, 3), missing_branches=((1, 0),))}
    counted = tally.counted(files)
    assert counted.lines == (Covered(1, 3), Covered(2, 4), Covered(3, 5))
    assert counted.branches == (Covered(0, 1), Covered(0, 2), Covered(0, 3))


def test_numbers() -> None:
    assert is_number("12")
    assert not is_number("-1")
    assert not is_number("")
    assert is_near(Decimal(33), Covered(1, 3))
    assert not is_near(Decimal(50), Covered(3, 2))


def report(lines: str, *, header: str = "", package: str = "", of_class: str = "") -> bytes:
    return (
        f'<coverage {header}><packages><package name="p" {package}><classes>'
        f'<class filename="a.ts" {of_class}><lines>{lines}</lines></class>'
        "</classes></package></packages></coverage>"
    ).encode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (report(LINE, header='lines-valid="400"'), r"is \?/400, but 1/1"),
        (report(LINE, header='branch-rate="0.1"'), "`branch-rate` of the report"),
        (report(LINE, package='line-rate="0"'), "`line-rate` of the package `p`"),
        (report(BRANCH, package='branch-rate="0"'), "`branch-rate` of the package `p`"),
        (report(BRANCH, of_class='branch-rate="0"'), "`branch-rate` of `a.ts`"),
    ],
)
def test_a_report_is_held_at_each_of_its_elements(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        cobertura.read(data, what="coverage.xml")


def test_a_true_report_passes_at_each_of_its_elements() -> None:
    rates = 'line-rate="1" branch-rate="0.5"'
    totals = 'lines-valid="2" branches-valid="2"'
    data = report(LINE + BRANCH, header=f"{rates} {totals}", package=rates, of_class=rates)
    assert cobertura.read(data, what="coverage.xml").has_branches


def test_a_branch_that_stands_twice_may_be_counted_twice() -> None:
    for valid in (2, 4):
        data = report(BRANCH + BRANCH, header=f'branches-valid="{valid}" branch-rate="0.5"')
        assert cobertura.read(data, what="coverage.xml").files[0].missing_branches == ((2, 1),)
    with pytest.raises(OutputUnreadable, match="1/2 are listed"):
        cobertura.read(report(BRANCH + BRANCH, header='branches-valid="3"'), what="c.xml")
