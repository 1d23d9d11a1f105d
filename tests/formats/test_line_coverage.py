from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_model import CoverageReport, Covered, FileCoverage, total
from gates.formats.line_coverage import (
    SourceCoverage,
    changed_in,
    changed_lines,
    of_sources,
    ranges,
)

FILE = FileCoverage("src/a.py", (1, 2, 5), (3, 6, 7), (9,), ((2, 3),), ((2, 5), (5, -1)))
TEST = FileCoverage("tests/test_a.py", tuple(range(1, 100)), (), ())
REPORT = CoverageReport((FILE, TEST), has_branches=True)


def unread(path: str) -> bytes:
    raise AssertionError(path)


def test_only_sources_count() -> None:
    (source,) = of_sources(REPORT, ("src/a.py",), read=unread)
    assert source == SourceCoverage(
        "src/a.py", (1, 2, 5), (3, 6, 7), 1, ((2, 3),), ((2, 5), (5, -1))
    )
    assert (source.lines(), source.branches()) == (Covered(3, 6), Covered(1, 3))


def test_a_source_that_the_report_leaves_out_is_not_covered() -> None:
    texts = {"src/b.py": b"x = 1\nif x:\n    y = 2  # pragma: no cover\n", "src/empty.py": b""}
    sources = of_sources(
        REPORT,
        ("src/a.py", "src/b.py", "src/empty.py"),
        read=lambda path: texts[path],
    )
    assert sources[1].is_absent
    assert (sources[1].lines(), sources[1].branches()) == (Covered(0, 2), Covered(0, 2))
    assert sources[1].excluded == 1
    assert not sources[2].is_absent
    assert total(source.lines() for source in sources) == Covered(3, 8)


def test_one_that_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(OutputUnreadable):
        of_sources(REPORT, ("src/b.py",), read=lambda _: b"def")


def one(*files: FileCoverage) -> CoverageReport:
    return CoverageReport(files, has_branches=False)


@pytest.mark.parametrize(
    "file",
    [
        FileCoverage("a.py", (1, 4), (), ()),
        FileCoverage("a.py", (1,), (4,), ()),
        FileCoverage("a.py", (1,), (), (4,)),
    ],
)
def test_a_line_past_the_end_is_refused(file: FileCoverage) -> None:
    with pytest.raises(OutputUnreadable, match=r"line 4 of `a\.py`, which has 3 lines"):
        of_sources(one(file), ("a.py",), read=lambda _: b"x = 1\ny = 2\nz = 3\n", is_given=True)


def test_an_executable_line_that_the_report_does_not_know_is_not_covered() -> None:
    text = b"x = 1\ny = 2\n\nif x:\n    z = 3\n    w = 4\n"
    file = FileCoverage("a.py", (1,), (6,), (4,))
    (source,) = of_sources(one(file), ("a.py",), read=lambda _: text, is_given=True)
    assert (source.missing, source.unknown) == ((2, 5, 6), 2)
    (believed,) = of_sources(one(file), ("a.py",), read=unread)
    assert (believed.missing, believed.unknown) == ((6,), 0)


def test_what_is_silent_in_another_language_is_left_to_the_report() -> None:
    file = FileCoverage("a.ts", (1,), (2,))
    text = b"const a = 1;\nconst b = 2;\nconst c = 3;\n"
    (source,) = of_sources(one(file), ("a.ts",), read=lambda _: text, is_given=True)
    assert (source.missing, source.unknown) == ((2,), 0)


@pytest.mark.parametrize(
    ("text", "is_unseen"), [(b"class A {}\n", True), (b"export * from './b';\n", False)]
)
def test_code_of_which_no_line_counts_is_left_out_of_the_report(
    text: bytes,
    is_unseen: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    nothing = (Covered(0, 0), Covered(0, 0))
    for file in (FileCoverage("a.ts", (), ()), FileCoverage("a.ts", (), (), stated=nothing)):
        (source,) = of_sources(one(file), ("a.ts",), read=lambda _: text, is_given=True)
        assert source.is_unseen is source.is_absent is is_unseen
        assert source.lines() == Covered(0, int(is_unseen))


@pytest.mark.parametrize("path", ["a.ts", "p/B.java", "a.go", "a.c", "a.zig"])
def test_an_empty_entry_does_not_take_a_file_out_of_the_total(path: str) -> None:
    text = b"class B {\n  int f() {\n    return 1;\n  }\n}\nfunc F() {\n}\n"
    file = FileCoverage(path, (), ())
    (source,) = of_sources(one(file), (path,), read=lambda _: text, is_given=True)
    assert source.lines() == Covered(0, 7)
    # Its changed lines are not covered either.
    assert changed_lines((source,), {path: frozenset({3})})[0] == Covered(0, 1)


def test_totals_of_more_lines_than_there_are_are_refused() -> None:
    file = FileCoverage("a.ts", (), (), stated=(Covered(1, 4), Covered(1, 2)))
    (source,) = of_sources(one(file), ("a.ts",), read=lambda _: b"\n" * 4, is_given=True)
    assert (source.lines(), source.branches()) == (Covered(1, 4), Covered(1, 2))
    assert source.lines(frozenset({1})) == Covered(0, 0)
    with pytest.raises(OutputUnreadable, match="line 4"):
        of_sources(one(file), ("a.ts",), read=lambda _: b"\n" * 3, is_given=True)


def test_an_absent_source_of_another_language_counts_line_by_line() -> None:
    text = b"// first\nconst a = 1;\n\nconst b = 2;\n"
    (source,) = of_sources(one(), ("a.ts",), read=lambda _: text)
    assert (source.missing, source.is_absent) == ((2, 4), True)


def test_a_changed_line_belongs_to_its_statement() -> None:
    lines = frozenset(range(1, 13))
    python = SourceCoverage("a.py", (1,), (), 0, (), ())
    assert changed_in(python, frozenset({2, 4}), read=lambda _: b"x = [\n 1,\n]\n") == {1, 4}
    told = SourceCoverage(
        "a.ts", (2, 5), (7, 10), 0, (), (), spans=((2, 3), (2, 4), (5, 12), (7, 8))
    )
    # 1 and 6 are in no statement that is the last to begin before them, as 9 and 12.
    assert changed_in(told, lines, read=unread) == {1, 2, 5, 7, 9, 10, 11, 12}
    bare = SourceCoverage("a.ts", (2,), (), 0, (), ())
    assert changed_in(bare, lines, read=unread) == lines


def test_changed_lines_are_those_that_can_be_executed() -> None:
    sources = of_sources(REPORT, ("src/a.py",), read=unread)
    changed = {"src/a.py": frozenset({2, 3, 4, 100}), "tests/test_a.py": frozenset({1})}
    assert changed_lines(sources, changed) == (Covered(1, 2), Covered(1, 2))
    assert changed_lines(sources, {}) == (Covered(0, 0), Covered(0, 0))


def test_runs_end_at_covered_lines_and_where_the_change_ends() -> None:
    source = SourceCoverage("a.py", (1, 5), (2, 3, 6, 8, 9), 0, (), ())
    assert ranges(source, frozenset()) == (((2, 3), False), ((6, 8, 9), False))
    assert ranges(source, frozenset({3, 8})) == (
        ((2,), False),
        ((3,), True),
        ((6,), False),
        ((8,), True),
        ((9,), False),
    )
