from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.given_parts import (
    refuse_alone,
    refuse_gaps,
    refuse_paths,
    refuse_unprovable,
    united,
)
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "tests/t.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=frozenset({"src/a.py", "src/b.py"}))


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    line: int


A, B = Entry("a.py", 1), Entry("b.py", 1)


@pytest.mark.parametrize("log", ["", "out/x.log"])
def test_a_report_and_its_log_need_each_other(log: str) -> None:
    given = () if log else ("out/x.json",)

    with pytest.raises(ValueError, match="need each other; both are written by"):
        refuse_alone(given, log, written_by="tool .")


def test_both_or_none_of_them_is_fine() -> None:
    refuse_alone((), "", written_by="tool .")
    refuse_alone(("out/x.json",), "out/x.log", written_by="tool .")


def test_paths_of_a_run_and_a_report_exclude_each_other() -> None:
    refuse_paths((), is_set=True)
    refuse_paths(("out/x.json",), is_set=False)

    with pytest.raises(ValueError, match="`paths` configures a run"):
        refuse_paths(("out/x.json",), is_set=True)


def test_a_line_break_in_a_name_proves_nothing() -> None:
    refuse_unprovable(TREE)

    with pytest.raises(StageError, match=r"the name of `src/a\\nb\.py`"):
        refuse_unprovable(Tree(roots=(), files=frozenset({"src/a\nb.py"}), sources=frozenset()))


def test_parts_are_put_together_in_their_order() -> None:
    assert united([[B, B], [A]], {"a.py": 1, "b.py": 1, "c.py": 1}, what="x.log") == (B, B, A)


def test_a_file_that_several_runs_looked_at_counts_once() -> None:
    assert united([[A, B], [B], [A]], {"a.py": 2, "b.py": 2}, what="x.log") == (A, B)


@pytest.mark.parametrize(
    ("parts", "times"),
    [
        ([[A], []], 2),  # one run found nothing
        ([[A], [Entry("a.py", 2)]], 2),
        ([[A], [A, A]], 2),
        ([[A], [A]], 1),  # two reports tell of a file that was looked at once
    ],
)
def test_runs_that_found_different_things_contradict_each_other(
    parts: Sequence[Sequence[Entry]], times: int
) -> None:
    with pytest.raises(OutputUnreadable, match=r"`a\.py` was looked at several times") as caught:
        united(parts, {"a.py": times}, what="x.log")

    assert (caught.value.problem.slug, caught.value.problem.place) == ("contradiction", "x.log")


def test_an_entry_on_a_file_that_is_not_named_is_a_contradiction() -> None:
    with pytest.raises(OutputUnreadable, match=r"the log does not name `a\.py`"):
        united([[A]], {"b.py": 1}, what="x.log")


def refused(examined: frozenset[str], left_out: frozenset[str] = frozenset()) -> str:
    with pytest.raises(StageError) as caught:
        refuse_gaps(examined, TREE, left_out=left_out, written_by="tool .", what="x.log")
    assert "tool ." in caught.value.problem.hint
    return caught.value.problem.slug


def test_all_sources_are_examined_or_left_out() -> None:
    for examined in (TREE.sources, FILES, frozenset({"src/a.py"})):
        left_out = TREE.sources - examined
        refuse_gaps(examined, TREE, left_out=left_out, written_by="tool .", what="x.log")


def test_what_proves_nothing_of_the_sources_is_refused() -> None:
    assert refused(frozenset({"/elsewhere/src/a.py"})) == "paths-differ"
    assert refused(frozenset({"src/a.py"})) == "source-not-examined"
    assert refused(frozenset()) == "source-not-examined"
    assert refused(frozenset(), left_out=TREE.sources) == "nothing-examined"
    assert refused(frozenset({"tests/t.py"}), left_out=TREE.sources) == "nothing-examined"
