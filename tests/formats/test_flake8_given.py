from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.flake8_given import Linted, merged
from gates.formats.tool_paths import Tree

VERSIONS = ["7.5.0", "6.0.0"]
REPORT, LOG = (recorded(f"flake8/7.5.0/given.{ending}") for ending in ("txt", "log"))
FILES = frozenset({"src/a.py", "src/b.py", "src/gen/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
ENTRY = "F401 1 1 './src/a.py' \"'os' imported but unused\"\n"


def read(log: bytes = LOG, *reports: bytes, tree: Tree = TREE) -> Linted:
    named = [(f"{at}.txt", data) for at, data in enumerate(reports or (REPORT,))]
    return merged(named, ("x.log", log), tree, written_by="flake8 .")


def report_of(entries: str = "", *, files: int = 2) -> bytes:
    return f"{entries}0.1      seconds elapsed\n{files}          total files processed\n".encode()


def log_of(*found: str, reported: int = 0) -> bytes:
    head = "flake8.discover_files     MainProcess     98 DEBUG    "
    lines = [f'{head}"/project/{name}" has not been excluded' for name in found]
    lines.append(f'{head}"gen" has been excluded')
    lines.append(f"x MainProcess 1 INFO Found a total of 9 violations and reported {reported}")
    return "".join(f"{line}\n" for line in lines).encode()


BOTH = log_of("src", "src/a.py", "README.md", "src/b.py")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_recorded_report_is_read_beside_its_log(version: str) -> None:
    report, log = (recorded(f"flake8/{version}/given.{ending}") for ending in ("txt", "log"))

    told = read(log, report)

    assert told.taken == {"src/a.py", "src/b.py"}
    assert told.left_out == {"src/gen/c.py"}
    assert {one.path for one in told.reports} == {"src/a.py"}
    assert {"F401", "F821"} <= {one.code for one in told.reports}


def test_a_report_that_is_cut_before_its_sum_is_refused() -> None:
    # What follows the number of files are other sums, which are not read.
    whole = REPORT[: REPORT.index(b"total files processed") + len(b"total files processed")]

    refuses_every_cut(lambda data: read(LOG, data), whole)


def test_a_log_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(read, LOG)


@pytest.mark.parametrize(
    ("log", "report", "message"),
    [
        (b"flake8 x 1 INFO     Making checkers\n", report_of(), "the end of 0 runs"),
        (BOTH + BOTH, report_of(), "the end of 2 runs"),
        (BOTH, b"", "does not tell how many files"),
        (BOTH, b"./src/a.py:1:1: F401 'os' imported but unused\n", "does not tell how many files"),
        (BOTH, report_of(ENTRY), "printed 1 entries and counted 0"),
        (log_of("src/a.py", "src/b.py", reported=2), report_of(ENTRY), "printed 1 .* counted 2"),
        (BOTH, report_of(files=3), "names 2 files that end with .py, and flake8 took 3"),
        (log_of("src/b.py", reported=1), report_of(ENTRY, files=1), "does not name `src/a.py`"),
    ],
)
def test_a_report_and_a_log_that_do_not_fit_are_unreadable(
    log: bytes, report: bytes, message: str
) -> None:
    with pytest.raises(OutputUnreadable, match=message) as caught:
        read(log, report)

    assert caught.value.problem.hint


def test_entries_in_another_form_are_unreadable() -> None:
    plain = report_of("./src/a.py:1:1: F401 'os' imported but unused\n")

    with pytest.raises(OutputUnreadable, match="printed 0 entries and counted 1"):
        read(log_of("src/a.py", "src/b.py", reported=1), plain)


def test_parts_are_put_together() -> None:
    log = log_of("src/a.py", reported=1) + log_of("src/b.py")

    told = read(log, report_of(files=1), report_of(ENTRY, files=1))

    assert told.taken == {"src/a.py", "src/b.py"}
    assert len(told.reports) == 1


def test_a_file_in_two_parts_counts_once() -> None:
    log = log_of("src/a.py", "src/b.py", reported=1) + log_of("src/a.py", reported=1)

    assert len(read(log, report_of(ENTRY), report_of(ENTRY, files=1)).reports) == 1


def test_parts_that_tell_other_things_of_a_file_contradict_each_other() -> None:
    log = log_of("src/a.py", "src/b.py", reported=1) + log_of("src/a.py")

    with pytest.raises(OutputUnreadable, match=r"`src/a\.py` was looked at several times"):
        read(log, report_of(ENTRY), report_of(files=1))


def test_a_source_that_the_log_does_not_name_is_no_result() -> None:
    with pytest.raises(StageError, match=r"tells nothing of `src/b\.py`"):
        read(log_of("src/a.py"), report_of(files=1))


@pytest.mark.parametrize("excluded", ['"/project/src/b.py"', '"/project/src"', '"b.py"'])
def test_a_source_that_the_log_calls_excluded_is_left_out(excluded: str) -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset({"src/b.py"}))
    line = f"flake8.discover_files     MainProcess     98 DEBUG    {excluded} has been excluded\n"

    with pytest.raises(StageError, match="none of the sources was looked at"):
        read(line.encode() + log_of("src/a.py"), report_of(files=1), tree=tree)


def test_a_report_of_another_project_is_no_result() -> None:
    with pytest.raises(OutputUnreadable, match="knows none of the project's files"):
        read(log_of("lib/a.py"), report_of(files=1))


def test_a_file_that_could_not_be_parsed_is_no_result() -> None:
    entry = "E999 1 6 './src/a.py' 'SyntaxError: invalid syntax'\n"

    with pytest.raises(StageError, match=r"`src/a\.py` could not be read as Python"):
        read(log_of("src/a.py", "src/b.py", reported=1), report_of(entry))
