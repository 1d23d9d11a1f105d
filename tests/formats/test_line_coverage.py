from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.coverage_json import CoverageReport, FileCoverage
from gates.formats.line_coverage import (
    Covered,
    SourceCoverage,
    changed_lines,
    of_sources,
    ranges,
    relative_to,
    total,
)

FILE = FileCoverage("/p/src/a.py", (1, 2, 5), (3, 6, 7), (9,), ((2, 3),), ((2, 5), (5, -1)))
TEST = FileCoverage("/p/tests/test_a.py", tuple(range(1, 100)), (), ())
REPORT = CoverageReport((FILE, TEST), "7.17", "", has_branches=True)


def unread(path: str) -> bytes:
    raise AssertionError(path)


def test_only_sources_count() -> None:
    (source,) = of_sources(REPORT, ("src/a.py",), root="/p", read=unread)
    assert source == SourceCoverage(
        "src/a.py", (1, 2, 5), (3, 6, 7), 1, ((2, 3),), ((2, 5), (5, -1))
    )
    assert (source.lines(), source.branches()) == (Covered(3, 6), Covered(1, 3))


def test_a_source_that_the_report_leaves_out_is_not_covered() -> None:
    texts = {"src/b.py": b"x = 1\nif x:\n    y = 2  # pragma: no cover\n", "src/empty.py": b""}
    sources = of_sources(
        REPORT,
        ("src/a.py", "src/b.py", "src/empty.py"),
        root="/p",
        read=lambda path: texts[path],
    )
    assert sources[1].is_absent
    assert (sources[1].lines(), sources[1].branches()) == (Covered(0, 2), Covered(0, 2))
    assert sources[1].excluded == 1
    assert not sources[2].is_absent
    assert total(source.lines() for source in sources) == Covered(3, 8)


def test_one_that_cannot_be_parsed_is_refused() -> None:
    with pytest.raises(OutputUnreadable):
        of_sources(REPORT, ("src/b.py",), root="/p", read=lambda _: b"def")


def one(*files: FileCoverage) -> CoverageReport:
    return CoverageReport(files, "7.17", "", has_branches=False)


def test_a_file_that_is_listed_twice_is_refused() -> None:
    twice = one(FileCoverage("a.py", (), (1,), ()), FileCoverage("/p/src/../a.py", (1,), (), ()))
    with pytest.raises(OutputUnreadable, match="twice"):
        of_sources(twice, ("a.py",), root="/p", read=unread)


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
        of_sources(
            one(file), ("a.py",), root="/p", read=lambda _: b"x = 1\ny = 2\nz = 3\n", is_given=True
        )


def test_an_executable_line_that_the_report_does_not_know_is_not_covered() -> None:
    text = b"x = 1\ny = 2\n\nif x:\n    z = 3\n    w = 4\n"
    file = FileCoverage("a.py", (1,), (6,), (4,))
    (source,) = of_sources(one(file), ("a.py",), root="/p", read=lambda _: text, is_given=True)
    assert (source.missing, source.unknown) == ((2, 5, 6), 2)
    (believed,) = of_sources(one(file), ("a.py",), root="/p", read=unread)
    assert (believed.missing, believed.unknown) == ((6,), 0)


def test_paths_are_those_of_the_project() -> None:
    assert relative_to("/p/src/a.py", "/p") == "src/a.py"
    assert relative_to("./src/a.py", "/p") == "src/a.py"
    assert relative_to("/pp/src/a.py", "/p") == "/pp/src/a.py"


def test_changed_lines_are_those_that_can_be_executed() -> None:
    sources = of_sources(REPORT, ("src/a.py",), root="/p", read=unread)
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
