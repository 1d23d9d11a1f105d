from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_given import Linted, merged
from gates.formats.tool_paths import Tree

DATA = "ruff/0.17.6"
FINDINGS, LOG = recorded(f"{DATA}/given.json"), recorded(f"{DATA}/given.log")
FILES = frozenset({"src/a.py", "src/b.py", "src/gen/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def read(log: bytes = LOG, *reports: bytes, tree: Tree = TREE) -> Linted:
    named = [(f"{at}.json", data) for at, data in enumerate(reports or (FINDINGS,))]
    return merged(named, ("x.log", log), tree, written_by="ruff check .")


def log_of(*names: str, counted: int | None = None, excluded: str = "src/gen") -> bytes:
    lines = [f"[x][DEBUG] Checking: /project/{name}" for name in names]
    lines.append(f'[x][DEBUG] Ignored path via `exclude`: "/project/{excluded}"')
    total = len(names) if counted is None else counted
    lines.append(f"[x][DEBUG] Checked {total} files in: 1.2ms")
    return "".join(f"{line}\n" for line in lines).encode()


def entry(**changes: object) -> dict[str, object]:
    return {
        "code": "F401",
        "message": "unused",
        "filename": "/project/src/a.py",
        "location": {"row": 3, "column": 8},
        "severity": "error",
        **changes,
    }


def test_a_recorded_report_is_read_beside_its_log() -> None:
    told = read()

    assert told.examined == {"src/a.py", "src/b.py"}
    assert told.left_out == {"src/gen/c.py"}
    assert [(one.code, one.path) for one in told.entries] == [
        ("F401", "src/a.py"),
        ("F821", "src/a.py"),
    ]


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(lambda data: read(LOG, data), FINDINGS)


def test_a_log_that_is_cut_before_its_sum_is_refused() -> None:
    whole = LOG[: LOG.index(b" files in", LOG.index(b"Checked ")) + len(b" files in")]

    refuses_every_cut(read, whole)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[NaN]", b'[{"code": "S1", "code": "S2"}]', b"[" * 10_000]
)
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        read(LOG, data)


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (b"All checks passed!\n", "the end of 0 runs"),
        (LOG + LOG, "the end of 2 runs"),
        (log_of("src/a.py", "src/b.py", counted=3), "named 2 files and counted 3"),
        (log_of("src/b.py"), r"does not name `src/a\.py`"),
    ],
)
def test_a_log_that_does_not_fit_is_unreadable(log: bytes, message: str) -> None:
    with pytest.raises(OutputUnreadable, match=message):
        read(log)


def test_parts_are_put_together() -> None:
    told = read(log_of("src/a.py") + log_of("src/b.py", "pyproject.toml"), FINDINGS, b"[]")

    assert told.examined == {"src/a.py", "src/b.py"}
    assert len(told.entries) == 2


def test_a_file_in_two_parts_counts_once() -> None:
    other = json.dumps(json.loads(FINDINGS)).encode()

    assert len(read(LOG + log_of("src/a.py"), FINDINGS, other).entries) == 2


def test_parts_that_tell_other_things_of_a_file_contradict_each_other() -> None:
    with pytest.raises(OutputUnreadable, match="not found to be the same"):
        read(LOG + log_of("src/a.py"), FINDINGS, b"[]")


def test_a_source_that_the_log_does_not_name_is_no_result() -> None:
    with pytest.raises(StageError, match=r"tells nothing of `src/gen/c\.py`"):
        read(log_of("src/a.py", "src/b.py", excluded="src/other"), b"[]")


def test_a_report_of_another_project_is_no_result() -> None:
    elsewhere = LOG.replace(b"/project/", b"/elsewhere/")

    with pytest.raises(OutputUnreadable, match="knows none of the project's files") as caught:
        read(elsewhere, b"[]")

    assert caught.value.problem.slug == "paths-differ"


@pytest.mark.parametrize("code", ["E902", None])
def test_a_file_that_could_not_be_read_is_no_result(code: str | None) -> None:
    with pytest.raises(StageError, match=r"`src/a\.py` could not be read"):
        read(LOG, json.dumps([entry(code=code)]).encode())
