from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from formats.cuts import refuses_every_cut
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.bandit_parts import UNPROVED, merged, notes
from gates.formats.tool_paths import Tree

FINDINGS = recorded("bandit/1.9.4/findings.json")
FILES = frozenset({"src/a.py", "src/b.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)

Document = dict[str, dict[str, dict[str, object]]]
Issues = list[dict[str, object]]


def changed(change: Callable[[Document, Issues], object]) -> bytes:
    """The recorded report with a change in its sums or results."""
    whole: Document = json.loads(FINDINGS)
    results: Issues = json.loads(FINDINGS)["results"]
    change(whole, results)
    return json.dumps({**whole, "results": results}).encode()


def part(*names: str) -> bytes:
    """What the recorded report says of some of its files."""
    whole = json.loads(FINDINGS)
    paths = {f"././src/{name}.py" for name in names}
    sums = {path: of for path, of in whole["metrics"].items() if path in paths}
    total: dict[str, int] = {}
    for of in sums.values():
        for key, number in of.items():
            total[key] = total.get(key, 0) + number
    results = [of for of in whole["results"] if of["filename"] in paths]
    return json.dumps(
        {"errors": [], "metrics": {"_totals": total, **sums}, "results": results}
    ).encode()


def test_a_recorded_report_is_read_whole() -> None:
    report = merged([("x.json", FINDINGS)], TREE)

    assert set(report.examined) == FILES
    assert len(report.issues) == 6
    assert {issue.path for issue in report.issues} <= FILES
    assert report.totals["nosec"] == 2
    assert notes(report, TREE) == (UNPROVED,)


def test_a_report_that_is_cut_anywhere_is_refused() -> None:
    refuses_every_cut(lambda data: merged([("x.json", data)], TREE), FINDINGS)


def test_parts_are_put_together_and_a_file_is_counted_once() -> None:
    whole = merged([("x.json", FINDINGS)], TREE)

    parts = merged([("a", part("a")), ("b", part("b")), ("ab", part("a", "b"))], TREE)

    assert sorted(map(str, parts.issues)) == sorted(map(str, whole.issues))
    assert parts.totals == whole.totals


def test_parts_that_tell_different_things_of_a_file_are_refused() -> None:
    def found_less(whole: Document, results: Issues) -> None:
        gone = results.pop()
        for sums in (whole["metrics"]["_totals"], whole["metrics"][f"{gone['filename']}"]):
            key = f"SEVERITY.{gone['issue_severity']}"
            number = sums[key]
            assert isinstance(number, int)
            sums[key] = number - 1

    with pytest.raises(OutputUnreadable, match="tells something else of"):
        merged([("x", FINDINGS), ("y", changed(found_less))], TREE)


def test_a_source_that_no_part_names_is_no_result() -> None:
    with pytest.raises(StageError, match=r"examined `src/b\.py`"):
        merged([("a.json", part("a"))], TREE)


def test_a_report_of_another_tree_is_no_result() -> None:
    foreign = FINDINGS.replace(b"././src", b"/elsewhere/src")

    with pytest.raises(StageError, match="does not tell that bandit examined"):
        merged([("x.json", foreign)], TREE)


def test_files_that_are_no_sources_are_told() -> None:
    tree = Tree(roots=(), files=FILES, sources=frozenset({"src/a.py"}))

    told = notes(merged([("x.json", FINDINGS)], tree), tree)

    assert told[1] == ("examined besides the sources, and what is found there counts: `src/b.py`")


@pytest.mark.parametrize("name", ["syntax", "missing"])
def test_a_file_that_was_not_read_is_no_result(name: str) -> None:
    with pytest.raises(StageError, match="could not examine"):
        merged([("x.json", recorded(f"bandit/1.9.4/{name}.json"))], TREE)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda whole, _: whole["metrics"]["_totals"].update(nosec=7), "sums over all files"),
        (lambda _, results: results[0].update(filename="src/z.py"), "was not examined"),
        (lambda _, results: results.reverse() or results.pop(), "bandit counted"),
        (
            lambda _, results: [each.update(filename="././src/b.py") for each in results],
            "counted other results",
        ),
    ],
)
def test_a_report_that_lies_is_unreadable(
    change: Callable[[Document, Issues], object], message: str
) -> None:
    with pytest.raises(OutputUnreadable, match=message):
        merged([("x.json", changed(change))], TREE)


def test_a_file_that_is_named_twice_is_a_contradiction() -> None:
    def twice(whole: Document, _: Issues) -> None:
        first = whole["metrics"]["././src/a.py"]
        whole["metrics"]["src/a.py"] = dict.fromkeys(first, 0)

    with pytest.raises(OutputUnreadable, match="named twice"):
        merged([("x.json", changed(twice))], TREE)
