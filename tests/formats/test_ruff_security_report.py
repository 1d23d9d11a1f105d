from __future__ import annotations

import json

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_security import Part
from gates.formats.ruff_security_report import UNPROVED, merged, notes
from gates.formats.tool_paths import Tree

DATA = "ruff_security/0.17.6"
FINDINGS = recorded(f"{DATA}/findings.json")
LOG = recorded(f"{DATA}/findings.log")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def read(log: bytes = LOG, *reports: bytes, tree: Tree = TREE) -> Part:
    named = [(f"{at}.json", data) for at, data in enumerate(reports or (FINDINGS,))]
    return merged(named, log, tree, what="x.log")


def log_of(*names: str, counted: int | None = None) -> bytes:
    head = "[2026-01-31][12:00:00]"
    lines = [f"{head}[ruff::diagnostics][DEBUG] Checking: /project/{name}" for name in names]
    total = len(names) if counted is None else counted
    lines.append(f"{head}[ruff::commands::check][DEBUG] Checked {total} files in: 1.2ms")
    return "".join(f"{line}\n" for line in lines).encode()


def test_a_recorded_report_is_read_beside_its_log() -> None:
    part = read()

    assert part.examined == FILES
    assert [entry.code for entry in part.entries] == ["S404", "S324", "S602", "S602", "S607"]
    assert list(notes(part, TREE)) == [
        UNPROVED,
        "rules are ignored, by configuration, for `src/b.py`",
    ]


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(lambda data: read(LOG, data), FINDINGS)


def test_a_log_that_is_cut_before_its_sum_is_refused() -> None:
    whole = LOG[: LOG.index(b" files in", LOG.index(b"Checked ")) + len(b" files in")]

    refuses_every_cut(read, whole)


def test_parts_are_put_together() -> None:
    part = read(log_of("src/a.py") + log_of("src/b.py", "pyproject.toml"), b"[]", b"[]")

    assert (part.examined, part.entries) == (FILES, ())


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (b"", "end of 0 runs, and there are 1 reports"),
        (b"All checks passed!\n", "end of 0 runs"),
        (LOG + LOG, "end of 2 runs"),
        (log_of("src/a.py", counted=2), "names 1 files, and ruff counted 2"),
        (log_of("src/a.py", "src/a.py", "src/b.py"), r"`src/a\.py` was examined twice"),
        (log_of("src/b.py"), r"does not name `src/a\.py`"),
    ],
)
def test_a_log_that_does_not_fit_is_unreadable(log: bytes, message: str) -> None:
    with pytest.raises(OutputUnreadable, match=message):
        read(log)


@pytest.mark.parametrize(
    "line",
    [
        b"warning: Failed to lint src/c.py: stream did not contain valid UTF-8\n",
        b"error: Panicked while linting src/c.py: a defect\n",
    ],
)
def test_what_ruff_could_not_do_is_no_result(line: bytes) -> None:
    with pytest.raises(StageError, match=r"src/c\.py"):
        read(line + LOG)


def test_a_source_that_the_log_does_not_name_is_no_result() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=FILES | {"src/z.py"})

    with pytest.raises(StageError, match=r"examined `src/z\.py`"):
        read(tree=tree)


def test_a_log_of_another_tree_is_no_result() -> None:
    with pytest.raises(StageError, match="does not tell that ruff examined"):
        read(LOG.replace(b"/project/", b"/elsewhere/"), b"[]")


def test_files_that_are_no_sources_are_told() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset({"src/a.py"}))

    assert list(notes(read(tree=tree), tree))[-1].endswith("there counts: `src/b.py`")


def test_a_recorded_syntax_error_is_no_result() -> None:
    with pytest.raises(StageError, match="could not be read as Python"):
        read(LOG, recorded(f"{DATA}/syntax.json"))


def test_a_report_of_other_rules_is_unreadable() -> None:
    entries: list[dict[str, object]] = json.loads(FINDINGS)
    entries[0]["code"] = "F401"

    with pytest.raises(OutputUnreadable, match="`F401`") as caught:
        read(LOG, json.dumps(entries).encode())

    assert "--select S" in caught.value.problem.hint
    assert caught.value.problem.place == "0.json"


@pytest.mark.parametrize("data", [b"", b"{}", b"[NaN]", b'[{"code": "S1", "code": "S2"}]'])
def test_what_is_no_report_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        merged([("x.json", data)], LOG, TREE, what="x.log")
