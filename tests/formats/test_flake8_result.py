from __future__ import annotations

import pytest
from stages.fake_context import metrics_of, recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.flake8_log import Report, kept
from gates.formats.flake8_result import measured
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "src/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
FLAKE8 = Tool(name="flake8", version="7.5.0")


def entry(code: str) -> Report:
    return Report(code=code, line=1, column=2, path="./src/a.py", text="odd")


def test_entries_become_counts_and_findings() -> None:
    entries = kept(recorded("flake8/7.5.0/given.txt"), what="x", hint="").reports

    result = measured(entries, FILES - {"src/c.py"}, frozenset({"src/b.py"}), TREE, FLAKE8)

    assert metrics_of(result) == {"errors": len(entries), "warnings": 0}
    assert {finding.path for finding in result.findings} == {"src/a.py"}
    assert (result.examined.count, result.examined.excluded) == (1, 2)
    assert result.notes == (
        "not linted, by configuration: `src/c.py`",
        "hidden by a `# flake8: noqa` comment: `src/b.py`",
    )
    assert result.tool == FLAKE8


@pytest.mark.parametrize(
    ("code", "severity", "metric"),
    [
        ("E501", Severity.HIGH, "errors"),
        ("F401", Severity.HIGH, "errors"),
        ("B006", Severity.HIGH, "errors"),
        ("W605", Severity.MEDIUM, "warnings"),
        ("C901", Severity.MEDIUM, "warnings"),
    ],
)
def test_the_first_letter_tells_the_severity(code: str, severity: Severity, metric: str) -> None:
    (finding,) = measured((entry(code),), FILES, frozenset(), TREE, FLAKE8).findings

    assert (finding.severity, finding.counts) == (severity, (metric,))


def test_what_is_no_code_is_unreadable() -> None:
    with pytest.raises(OutputUnreadable, match="`e501`"):
        measured((entry("e501"),), FILES, frozenset(), TREE, FLAKE8)


def test_files_that_all_hide_themselves_are_no_result() -> None:
    with pytest.raises(StageError, match="hides each file"):
        measured((), FILES, FILES, TREE, FLAKE8)
