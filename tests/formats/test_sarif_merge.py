from __future__ import annotations

from dataclasses import replace

import pytest
from formats.sarif_samples import RESULT, located, read, ruled

from gates.domain.errors import OutputUnreadable
from gates.formats.sarif import Run
from gates.formats.sarif_merge import (
    ARTIFACTS,
    RUNS,
    TARGETS,
    examined,
    notes,
    refuse_foreign,
    refuse_twice,
    results,
)
from gates.formats.sarif_proof import Ended

FILES = [{"location": {"uri": "a.py"}, "roles": ["analysisTarget"]}, {"location": {"uri": "b.py"}}]
KNOWN = frozenset({"a.py", "b.py"})


def named(tool: str, **parts: object) -> Run:
    return replace(read(**parts), tool=tool)


def test_what_two_runs_tell_alike_is_one() -> None:
    a: dict[str, object] = {"locations": located("a.py")}
    b: dict[str, object] = {"locations": located("b.py")}
    first, second = ruled({}, a, a, b), ruled({}, a)

    assert [each.path for each in results((first, second))] == ["a.py", "a.py", "b.py"]
    assert len(results((second, first))) == 3


def test_what_two_tools_tell_alike_is_two() -> None:
    assert len(results((named("x", results=[RESULT]), named("y", results=[RESULT])))) == 2


def test_what_only_one_run_suppresses_counts() -> None:
    first, second = ruled({}, {"suppressions": [{"kind": "inSource"}]}), ruled({}, {})

    found = results((first, second))

    assert [each.is_suppressed for each in found] == [True, False]


def test_a_run_that_stands_there_twice_is_refused() -> None:
    whole = read(automationDetails={"guid": "AB"})
    refuse_twice((whole, read(), read()), what="x")

    with pytest.raises(OutputUnreadable, match="stands in the reports twice"):
        refuse_twice((whole, replace(whole, results=())), what="x")


def test_a_report_of_another_tool_is_refused() -> None:
    refuse_foreign((named("Semgrep"),), "Semgrep", what="x")

    with pytest.raises(OutputUnreadable, match="is of `semgrep`, not of `Semgrep`"):
        refuse_foreign((named("Semgrep"), named("semgrep")), "Semgrep", what="x")


def test_examined_are_the_files_that_were_analysed_or_listed() -> None:
    runs = (read(artifacts=FILES), read(artifacts=FILES[:1]))

    assert examined(runs, TARGETS, KNOWN, what="x") == {"a.py"}
    assert examined(runs, ARTIFACTS, KNOWN, what="x") == {"a.py", "b.py"}


def test_files_of_elsewhere_are_not_counted() -> None:
    runs = (read(artifacts=FILES),)

    assert examined(runs, ARTIFACTS, frozenset({"a.py"}), what="x") == {"a.py"}


@pytest.mark.parametrize("by", [TARGETS, ARTIFACTS])
@pytest.mark.parametrize("uri", ["/other/project/x.py", "nowhere/x.py"])
def test_each_run_must_have_examined_a_file_of_the_project(by: str, uri: str) -> None:
    other = read(artifacts=[{"location": {"uri": uri}, "roles": ["analysisTarget"]}])

    with pytest.raises(OutputUnreadable, match="examined no file of this project, but") as caught:
        examined((read(artifacts=FILES), other), by, KNOWN, what="x")

    assert caught.value.problem.slug == "paths-differ"


@pytest.mark.parametrize("by", [TARGETS, ARTIFACTS])
def test_each_run_must_tell_what_it_examined(by: str) -> None:
    with pytest.raises(OutputUnreadable, match="does not tell which files") as caught:
        examined((read(artifacts=FILES), read()), by, KNOWN, what="x")

    assert "examined: runs" in caught.value.problem.hint


def test_what_is_not_known_is_told() -> None:
    silent = named("x", results=[])
    warned = replace(named("y"), ended=Ended(is_told=True, warnings=2), undecided=3)

    assert list(notes((silent, warned), RUNS)) == [
        "which files `x`, `y` examined is not told, as `examined: runs` says",
        "that `x` ran to the end is not told",
        "`x`, `y` gave 2 warnings about the run itself",
        "3 results are left for people to decide, and are no findings",
        "nothing was planted: that the rules were on that matter is not proved by a report",
    ]
    assert "taken from `examined: artifacts`" in next(iter(notes((silent,), ARTIFACTS)))
    assert len(list(notes((replace(warned, undecided=0),), TARGETS))) == 2
