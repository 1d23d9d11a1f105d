from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from formats.cuts import refuses_every_cut

from gates.domain.errors import OutputUnreadable
from gates.formats import istanbul
from gates.formats.coverage_model import CoverageReport, Covered

DATA = Path(__file__).parent / "data" / "istanbul"
VITEST = (DATA / "vitest-4.1.11/coverage-final.json").read_bytes()
SUMMARY = (DATA / "vitest-4.1.11/coverage-summary.json").read_bytes()
JEST = (DATA / "jest-30.5.2/coverage-final.json").read_bytes()

PRICES = "/project/src/prices.ts"


def read(data: bytes) -> CoverageReport:
    return istanbul.read(data, what="coverage.json")


def test_what_vitest_writes() -> None:
    index, never, prices, tax = read(VITEST).files
    assert (index.executed, index.missing, tax.executed, tax.missing) == ((), (), (), ())
    assert (never.executed, never.missing, never.spans) == ((), (4, 6, 8), ((4, 9),))
    # Line 16 holds a statement that did not run beside others that did.
    assert (prices.executed, prices.missing) == ((3, 6, 9, 10, 16), (7,))
    assert prices.spans == ((6, 8), (10, 13))
    assert [line for line, _ in prices.executed_branches] == [6, 9, 9, 16]
    assert [line for line, _ in prices.missing_branches] == [6, 16]


def test_what_jest_writes() -> None:
    (file,) = read(JEST).files
    assert file.path == "/project/js/prices.cjs"
    assert (file.executed, file.missing) == ((2, 5, 12), (9,))
    assert [line for line, _ in file.missing_branches] == [2, 5]


def test_the_summary_says_what_the_full_report_of_the_same_run_says() -> None:
    for one, other in zip(read(SUMMARY).files, read(VITEST).files, strict=True):
        assert one.path == other.path
        ran, taken = len(other.executed), len(other.executed_branches)
        assert one.stated == (
            Covered(ran, ran + len(other.missing)),
            Covered(taken, taken + len(other.missing_branches)),
        )


def test_branches_that_begin_at_one_place_are_told_apart() -> None:
    place = {"start": {"line": 1, "column": 0}, "end": {"line": 1, "column": 9}}
    two = {"type": "binary-expr", "loc": place, "locations": [place, place]}
    entry = {
        "path": "a.js",
        "statementMap": {},
        "s": {},
        "fnMap": {},
        "f": {},
        "branchMap": {"0": two, "1": two},
        "b": {"0": [1, 0], "1": [0, 2]},
    }
    (file,) = read(json.dumps({"a.js": entry}).encode()).files
    assert (len(file.executed_branches), len(file.missing_branches)) == (2, 2)


def test_a_report_of_no_file() -> None:
    assert read(b"{}").files == ()


def at(tree: object, *steps: str) -> dict[str, object]:
    for step in steps:
        assert isinstance(tree, dict)
        tree = tree[step]
    assert isinstance(tree, dict)
    return tree


def put(*steps: str, value: object) -> Callable[[object], None]:
    def change(tree: object) -> None:
        at(tree, *steps[:-1])[steps[-1]] = value

    return change


def drop(*steps: str) -> Callable[[object], None]:
    def change(tree: object) -> None:
        del at(tree, *steps[:-1])[steps[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put(PRICES, "path", value="/project/src/tax.ts"), "has the path"),
        (drop(PRICES, "path"), "no member `path`"),
        (drop(PRICES, "s", "2"), "places differ in `2`"),
        (drop(PRICES, "statementMap", "2"), "places differ in `2`"),
        (drop(PRICES, "f", "0"), "places differ in `0`"),
        (drop(PRICES, "b", "0"), "places differ in `0`"),
        (drop(PRICES, "s"), "no member `s`"),
        (drop(PRICES, "branchMap"), "no member `branchMap`"),
        (put(PRICES, "s", "2", value=-1), "not a count"),
        (put(PRICES, "s", "2", value=1.5), "not an integer"),
        (put(PRICES, "s", "2", value=None), "not an integer"),
        (put(PRICES, "f", "0", value=-1), "not a count"),
        (put(PRICES, "b", "0", value=[1]), "has other ways"),
        (put(PRICES, "b", "0", value=[1, -1]), "not a count"),
        (put(PRICES, "statementMap", "2", "start", "line", value=0), "not a line number"),
        (put(PRICES, "statementMap", "2", "start", "line", value=None), "not an integer"),
        (put(PRICES, "statementMap", "2", "end", "line", value=1), "ends before"),
        (put(PRICES, "statementMap", "2", "end", "line", value=True), "not an integer"),
        (put(PRICES, "statementMap", "2", value=[]), "not an object"),
        (put(PRICES, "branchMap", "0", "loc", "start", "line", value=10**9), "not a line number"),
    ],
)
def test_a_contradiction_is_refused(change: Callable[[object], None], words: str) -> None:
    tree: object = json.loads(VITEST)
    change(tree)
    with pytest.raises(OutputUnreadable, match=words):
        read(json.dumps(tree).encode())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (put("total", "lines", "covered", value=9), "not the sum of the files, 5 of 9"),
        (put("total", "branches", "total", value=9), "not the sum"),
        (put("total", "functions", "covered", value=0), "not the sum"),
        (drop(PRICES), "not the sum"),
        (put(PRICES, "lines", "covered", value=7), "more is covered"),
        (put(PRICES, "lines", "skipped", value=2), "more is covered"),
        (put(PRICES, "lines", "total", value="Unknown"), "not an integer"),
        (drop(PRICES, "branches"), "no member `branches`"),
        (put("total", value=1), "not an object"),
    ],
)
def test_a_summary_that_contradicts_itself_is_refused(
    change: Callable[[object], None], words: str
) -> None:
    tree: object = json.loads(SUMMARY)
    change(tree)
    with pytest.raises(OutputUnreadable, match=words):
        read(json.dumps(tree).encode())


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"[]", "not an object"),
        (b'{"a.js": NaN}', "NaN"),
        (b'{"a.js": 1, "a.js": 2}', "stands twice"),
        (b'{"a":' * 300, "deep|JSON"),
    ],
)
def test_hostile_files_are_refused(data: bytes, words: str) -> None:
    with pytest.raises(OutputUnreadable, match=words):
        read(data)


@pytest.mark.parametrize("data", [VITEST, SUMMARY, JEST])
def test_every_cut_is_refused(data: bytes) -> None:
    refuses_every_cut(read, data)
