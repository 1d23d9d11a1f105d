from __future__ import annotations

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_format_given import Formatted, Unformatted, merged, parse
from gates.formats.tool_paths import Tree

NEW = recorded("ruff_format/0.17.6/given.txt")
OLD = recorded("ruff_format/0.14.0/given.txt")
FILES = frozenset({"src/a.py", "src/b.py", "src/gen/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
FULL = """\
unformatted: File would be reformatted
 --> src/a.py:4:14
  |
3 |
  - def near(one,two = 1):
4 + def near(one, two=1):
  |

"""


def read(*reports: bytes, tree: Tree = TREE) -> Formatted:
    named = [(f"{at}.txt", data) for at, data in enumerate(reports)]
    return merged(named, tree, written_by="ruff format .")


def report_of(*names: str, shown: str = "", sums: str = "", excluded: str = "src/gen") -> bytes:
    lines = [f"[x][DEBUG] format_path; path=/project/{name}" for name in names]
    lines.append(f'[x][DEBUG] Ignored path via `extend-exclude`: "/project/{excluded}"')
    lines.append(f"[x][DEBUG] Formatted {len(names)} files in 1.2ms")
    last = sums or f"{len(names)} files already formatted"
    return ("".join(f"{line}\n" for line in lines) + shown + last + "\n").encode()


@pytest.mark.parametrize(("data", "line"), [(NEW, 4), (OLD, 0)])
def test_a_recorded_report_is_read(data: bytes, line: int) -> None:
    told = read(data)

    assert told.examined == {"src/a.py", "src/b.py"}
    assert told.left_out == {"src/gen/c.py"}
    assert [(one.path, one.line) for one in told.unformatted] == [("src/a.py", line)]


def test_the_form_that_shows_changes_is_read() -> None:
    sums = "1 file would be reformatted, 1 file already formatted"

    told = read(report_of("src/a.py", "src/b.py", shown=FULL, sums=sums))

    assert told.unformatted == (Unformatted(path="src/a.py", line=4, column=14),)


@pytest.mark.parametrize("data", [NEW, OLD])
def test_a_report_that_is_cut_anywhere_is_refused(data: bytes) -> None:
    # Without its last letters, the sum is no sum any more.
    refuses_every_cut(read, data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"2 files already formatted\n", "the end of 0 runs"),
        (NEW.replace(b"Formatted 2", b"Formatted 3"), "named 2 files and counted 3"),
        (NEW.replace(b"1 file already", b"2 files already"), "counted 1 files to reformat of 3"),
        (NEW.replace(b"src/a.py:4", b"src/z.py:4"), "counted 1 files"),
        (report_of("src/a.py", "src/b.py", shown=FULL), "named 1 of 2"),
        (report_of("src/a.py", sums="done"), "does not end with the sum"),
        (NEW + NEW, "the end of 2 runs"),
    ],
)
def test_a_report_that_lies_is_unreadable(data: bytes, message: str) -> None:
    with pytest.raises(OutputUnreadable, match=message):
        read(data)


def test_colours_are_taken_off() -> None:
    shown = "\x1b[1msrc/a.py\x1b[0m:4:14: \x1b[31munformatted\x1b[0m: File would be reformatted\n"

    told = parse(
        report_of("src/a.py", shown=shown, sums="1 file would be reformatted"), TREE, what=""
    )

    assert told.unformatted == (Unformatted(path="src/a.py", line=4, column=14),)


def test_a_file_in_two_parts_counts_once() -> None:
    assert len(read(NEW, NEW.replace(b"ms", b"us")).unformatted) == 1
    assert read(report_of("src/a.py"), report_of("src/b.py", "src/a.py")).unformatted == ()


def test_parts_that_tell_other_things_of_a_file_contradict_each_other() -> None:
    with pytest.raises(OutputUnreadable, match=r"`src/a\.py` was looked at several times"):
        read(NEW, report_of("src/a.py"))


def test_a_source_that_is_not_named_is_no_result() -> None:
    with pytest.raises(StageError, match=r"tells nothing of `src/b\.py`"):
        read(report_of("src/a.py"))


def test_a_report_of_another_project_is_no_result() -> None:
    with pytest.raises(OutputUnreadable, match="knows none of the project's files"):
        read(report_of("src/x.py"))


@pytest.mark.parametrize(
    ("shown", "place"),
    [
        ("invalid-syntax: Expected an expression\n --> src/a.py:1:7\n", "src/a.py:1:7"),
        ("src/a.py:1:7: invalid-syntax: Expected an expression\n", "src/a.py:1:7"),
        ("io: stream did not contain valid UTF-8\n--> /project/src/a.py\n", "src/a.py"),
        ("src/a.py: io: stream did not contain valid UTF-8\n", "src/a.py"),
    ],
)
def test_a_file_that_could_not_be_read_is_no_result(shown: str, place: str) -> None:
    with pytest.raises(StageError, match=rf"`{place}` could not be read as Python: ") as caught:
        read(report_of("src/a.py", shown=shown))

    assert caught.value.problem.place == place


def test_code_that_is_shown_is_no_message() -> None:
    shown = FULL.replace("3 |\n", "3 | x[1: io: 2]\n") + "[x][DEBUG] odd: io: x\n"
    sums = "1 file would be reformatted, 1 file already formatted"

    assert len(read(report_of("src/a.py", "src/b.py", shown=shown, sums=sums)).unformatted) == 1


def test_what_older_versions_say_of_such_a_file_is_no_result() -> None:
    with pytest.raises(StageError, match="Failed to parse"):
        read(report_of("src/a.py", shown="error: Failed to parse src/a.py:1:7: Expected\n"))
