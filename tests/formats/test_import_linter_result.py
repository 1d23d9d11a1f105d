from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import StageResult, Tool
from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_result import measured, not_checked
from gates.formats.import_linter_text import Breach, Outcome
from gates.formats.tool_paths import Tree

FILES = frozenset(f"src/shop/{name}.py" for name in ("__init__", "api", "store"))
TREE = Tree(roots=("/project",), files=FILES | {"t.py"}, sources=FILES)
CONFIG = ImportLinterConfig(name="pyproject.toml", roots=("shop",), contracts=("A", "B"))
BREACH = Breach("shop.api is imported", "shop.store", 3)


def judged(*, files: int = 3, exit_code: int = 1, tree: Tree = TREE) -> StageResult:
    outcome = Outcome(
        files=files,
        names=("A", "B"),
        kept=(True, False),
        breaches=((BREACH, Breach("outside", "other", 1)),),
        warnings=tuple("wxyz"),
    )
    tool = Tool(name="lint-imports", version="2.16")
    places = {"shop": "src"}
    return measured(outcome, tree, exit_code=exit_code, config=CONFIG, places=places, tool=tool)


def test_a_broken_contract_counts_once_and_is_placed() -> None:
    result = judged()

    assert [(one.rule, one.place, one.severity, one.counts) for one in result.findings] == [
        ("broken-contract", "src/shop/store.py:3", Severity.HIGH, ("broken",)),
        ("forbidden-import", "B", Severity.INFO, ()),
    ]
    assert {one.name: one.value for one in result.metrics} == {"broken": 1, "kept": 1}
    assert (result.examined.count, result.examined.excluded) == (3, 1)
    assert len(result.notes) == 4


@pytest.mark.parametrize(("files", "exit_code"), [(2, 1), (0, 1), (3, 0)])
def test_what_does_not_tell_one_story_is_refused(files: int, exit_code: int) -> None:
    with pytest.raises(OutputUnreadable):
        judged(files=files, exit_code=exit_code)


def test_no_source_in_the_root_packages_is_no_result() -> None:
    tree = Tree(roots=("/project",), files=FILES, sources=frozenset({"lib/a.py"}))

    with pytest.raises(StageError, match="no source lies in"):
        judged(tree=tree)


@pytest.mark.parametrize(
    ("stdout", "stderr", "says"),
    [
        (b"Import Linter\n\nodd words\n", b"no", "it says: odd words"),
        (b"", b"Traceback\nImportError\n", "it says: ImportError"),
        (b"", b"", "it says: nothing"),
    ],
)
def test_what_it_says_where_it_could_not_check(stdout: bytes, stderr: bytes, says: str) -> None:
    error = not_checked(stdout, stderr)

    assert says in error.problem.summary
    assert "configuration" in error.problem.hint


def test_packages_in_the_way_are_named() -> None:
    assert "`click` may be in the way" in not_checked(b"", b"", ("click",)).problem.hint
