from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.black_given import Formatted, merged
from gates.formats.tool_paths import Tree

NEW, OLD = (recorded(f"black/{version}/given.txt") for version in ("26.10.1", "24.1.0"))
FILES = frozenset({"src/a.py", "src/b.py", "src/gen/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
A, B = b"/project/src/a.py", b"/project/src/b.py"
CLEAN = b" already well formatted, good job.\n"


def read(*reports: bytes, tree: Tree = TREE) -> Formatted:
    named = [(f"{at}.txt", data) for at, data in enumerate(reports)]
    return merged(named, tree, lambda path: path.startswith("src/gen/"), written_by="black .")


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_recorded_report_is_read(data: bytes) -> None:
    assert read(data) == Formatted(
        examined=frozenset({"src/a.py", "src/b.py"}), unformatted=frozenset({"src/a.py"})
    )


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(read, NEW)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"All done!\n", "did not say which files"),
        (NEW + OLD, "did not say which files"),
        (NEW.replace(b"1 file would be left", b"2 files would be left"), "not those of its sums"),
        (NEW.replace(b"would reformat", b"would leave"), "not those of its sums"),
        (A + b" wasn't modified on disk since last run.\n" + NEW, "cache answered for 1 files"),
        (A + CLEAN + A + CLEAN + b"2 files would be left unchanged.\n", "names `src/a.py` twice"),
    ],
)
def test_a_report_that_does_not_prove_its_files_is_unreadable(data: bytes, message: str) -> None:
    with pytest.raises(OutputUnreadable, match=message) as caught:
        read(data)

    assert caught.value.problem.place == "0.txt"


def test_how_to_write_a_report_without_the_cache_is_told() -> None:
    with pytest.raises(OutputUnreadable) as caught:
        read(A + b" wasn't modified on disk since last run.\n" + NEW)

    assert caught.value.problem.hint.endswith(": black .")


def test_colours_are_taken_off() -> None:
    coloured = NEW.replace(
        b"would reformat /project/src/a.py", b"\x1b[1mwould reformat " + A + b"\x1b[0m"
    )

    assert read(coloured) == read(NEW)


def test_a_file_in_two_parts_counts_once() -> None:
    again = NEW.replace(b"Identified", b"Again identified")
    clean = B + CLEAN + b"1 file would be left unchanged.\n"

    assert read(NEW, again, clean) == read(NEW)


def test_parts_that_tell_other_things_of_a_file_contradict_each_other() -> None:
    with pytest.raises(OutputUnreadable, match=r"`src/a\.py` was looked at several times"):
        read(NEW, A + CLEAN + b"1 file would be left unchanged.\n")


def test_a_source_that_is_neither_named_nor_left_out_is_no_result() -> None:
    with pytest.raises(StageError, match=r"tells nothing of `src/b\.py`"):
        read(A + CLEAN + b"1 file would be left unchanged.\n")


def test_what_force_exclude_leaves_out_is_left_out() -> None:
    ignored = B + b" ignored: matches the --force-exclude regular expression\n"

    told = read(ignored + A + CLEAN + b"1 file would be left unchanged.\n")

    assert told.examined == {"src/a.py"}


def test_a_report_of_another_project_is_no_result() -> None:
    with pytest.raises(OutputUnreadable, match="knows none of the project's files"):
        read(NEW.replace(b"/project/src", b"/elsewhere/src"))


def test_a_report_on_no_file_is_no_result() -> None:
    with pytest.raises(StageError, match="tells nothing of"):
        read(b"No Python files are present to be formatted. Nothing to do\n")


def test_a_file_that_could_not_be_parsed_is_no_result() -> None:
    with pytest.raises(StageError, match="black could not format"):
        read(recorded("black/26.10.1/syntax.log"))
