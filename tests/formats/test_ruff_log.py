from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.ruff_log import (
    CHECKED,
    FORMATTED,
    files_in,
    ignored_rules,
    linted,
    refuse_unprovable,
    told,
)
from gates.formats.tool_paths import Tree

HEAD = "[2026-01-31][12:00:00]"


def test_checked_files_are_named() -> None:
    log = (
        f"{HEAD}[ruff::resolve][DEBUG] Using configuration file at: /p/ruff.toml\n"
        f"{HEAD}[ruff::diagnostics][DEBUG] Checking: /p/b: [x].py\n"
        f"{HEAD}[ruff::diagnostics][DEBUG] Checking: /p/a.py\n"
        f"{HEAD}[ruff::commands::check][DEBUG] Checked 2 files in: 1.2ms\n"
    )

    assert files_in(log.encode(), CHECKED) == ("/p/a.py", "/p/b: [x].py")


def test_formatted_files_are_named() -> None:
    log = (
        f"{HEAD}[ruff::commands::format][DEBUG] format_path; path=/p/a.py\n"
        f"{HEAD}[ruff::commands::format][DEBUG] Formatted 1 files in 1.2ms\n"
    )

    assert files_in(log.encode(), FORMATTED) == ("/p/a.py",)


@pytest.mark.parametrize(
    "log",
    [
        b"",
        b"All checks passed!\n",
        b"[DEBUG] Checking: /p/a.py\n",
        b"[DEBUG] Checked 0 files in: 1ms\n[DEBUG] Checked 0 files in: 1ms\n",
        b"[DEBUG] Checking: /p/a.py\n[DEBUG] Checked 2 files in: 1ms\n",
        b"[DEBUG] Checking: /p/a.py\n[DEBUG] Checking: /p/b.py\n[DEBUG] Checked 1 files in: 1ms\n",
    ],
)
def test_a_log_that_proves_nothing_is_unreadable(log: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        files_in(log, CHECKED)


def test_ignored_rules_are_read_by_file() -> None:
    line = '[DEBUG] Adding per-file ignores for "{}" due to {} match on "^.*$": {{{}}}\n'
    log = line.format(r"/p/a\"\n.py", "basename", "UnusedImport, SixPY3")
    log += line.format(r"/p/a\"\n.py", "absolute", "IOError") + line.format("/p/b.py", "x", "")

    assert ignored_rules(log.encode()) == {
        '/p/a"\n.py': {"unusedimport", "sixpy3", "ioerror"},
        "/p/b.py": frozenset(),
    }


def test_configuration_that_ruff_also_reads_is_not_linted() -> None:
    log = b"".join(b"[DEBUG] Checking: /p/%s\n" % name for name in (b"a.py", b"ruff.toml"))
    tree = Tree(roots=("/p",), files=frozenset(), sources=frozenset())

    assert linted(log + b"[DEBUG] Checked 2 files in: 1ms\n", tree) == {"a.py"}


def tree_of(*sources: str, beside: tuple[str, ...] = (), root: str = "/p") -> Tree:
    return Tree(roots=(root,), files=frozenset((*sources, *beside)), sources=frozenset(sources))


@pytest.mark.parametrize(
    ("tree", "shown"),
    [
        (tree_of("a.py", "new\nline.py"), r"`new\\nline\.py`"),
        (tree_of("a\udcff.py"), r"`a\\udcff\.py`"),
        (tree_of("a.py", beside=("a.py\nx.py",)), r"`a\.py\\nx\.py`"),
        (tree_of("a.py", root="/p\nq"), r"`/p\\nq`"),
    ],
)
def test_a_name_that_no_line_of_a_log_holds_proves_nothing(tree: Tree, shown: str) -> None:
    with pytest.raises(StageError, match=shown) as caught:
        refuse_unprovable(tree)

    assert caught.value.problem.slug == "name-unprovable"
    assert caught.value.problem.hint == "rename it"


def test_other_odd_names_are_proved() -> None:
    refuse_unprovable(tree_of("a\tb.py", "\x1b.py", "é \u2028.py", "a\r.py", beside=("b\nc.py",)))


TOLD = (
    f'{HEAD}[ruff_workspace::resolver][DEBUG] Included path via `include`: "/p/a.py"\n'
    f'{HEAD}[ruff_workspace::resolver][DEBUG] Included path via `include`: "/p/b \\"x\\".py"\n'
    f'{HEAD}[ruff_workspace::resolver][DEBUG] Ignored path via `exclude`: "/p/.git"\n'
    f'{HEAD}[ruff_workspace::resolver][DEBUG] Ignored path via `extend-exclude`: "/p/c/gen"\n'
    f"{HEAD}[ruff::diagnostics][DEBUG] Checking: /p/a.py\n"
    f"{HEAD}[ruff::commands::check][DEBUG] Checked 1 files in: 1.2ms\n"
).encode()


def test_a_kept_log_tells_what_was_looked_at_and_what_was_left_out() -> None:
    found = told(TOLD, CHECKED, runs=1, what="x.log")

    assert found.named == ("/p/a.py",)
    tree = tree_of("a.py", 'b "x".py', "c/gen/d.py", "c/genuine.py", beside=("c/gen/e.py",))
    assert found.left_out(tree) == {'b "x".py', "c/gen/d.py", "c/gen/e.py"}


def test_a_kept_log_may_be_of_several_runs() -> None:
    assert told(TOLD + TOLD, CHECKED, runs=2, what="x.log").named == ("/p/a.py", "/p/a.py")


@pytest.mark.parametrize(
    ("log", "runs", "message"),
    [
        (b"", 1, "the end of 0 runs"),
        (TOLD, 2, "the end of 1 runs that looked at files, and not of 2"),
        (TOLD + TOLD, 1, "the end of 2 runs"),
        (TOLD.replace(b"Checking", b"Cached"), 1, "named 0 files and counted 1"),
    ],
)
def test_a_kept_log_that_does_not_tell_its_files_is_unreadable(
    log: bytes, runs: int, message: str
) -> None:
    with pytest.raises(OutputUnreadable, match=message) as caught:
        told(log, CHECKED, runs=runs, what="x.log")

    assert caught.value.problem.place == "x.log"


@pytest.mark.parametrize(
    "line",
    [
        b"warning: Failed to lint /p/b.py: stream did not contain valid UTF-8\n",
        b"error: Panicked while linting /p/b.py: odd\n",
    ],
)
def test_a_kept_log_on_a_file_that_ruff_could_not_read_is_no_result(line: bytes) -> None:
    with pytest.raises(StageError, match=r"/p/b\.py"):
        told(line + TOLD, CHECKED, runs=1, what="x.log")
