from __future__ import annotations

from dataclasses import replace

import pytest
from stages.fake_context import metrics_of, recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.bandit_json import parse
from gates.formats.bandit_result import SEVERITIES, measured, refuse_unexamined
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "src/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
BANDIT = Tool(name="bandit", version="1.9.4")
REPORT = parse(recorded("bandit/1.9.4/findings.json"), what="bandit.json")


def test_a_report_becomes_counts_and_findings() -> None:
    result = measured(REPORT, TREE, BANDIT, notes=("told",))

    assert metrics_of(result) == {
        "high": 1,
        "medium": 1,
        "low": 4,
        "unknown": 0,
        "nosec": 2,
        "skipped_tests": 0,
    }
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.examined.details == (("lines", 18),)
    assert (result.tool, result.notes) == (BANDIT, ("told",))
    assert all(finding.owasp for finding in result.findings)


@pytest.mark.parametrize(("word", "severity"), list(SEVERITIES.items()))
def test_each_word_has_a_severity(word: str, severity: tuple[Severity, str]) -> None:
    issue = replace(REPORT.issues[0], severity=word, cwe=0)

    result = measured(replace(REPORT, issues=(issue,)), TREE, BANDIT)

    (finding,) = result.findings
    assert (finding.severity, *finding.counts) == severity
    assert finding.cwe == ()


def test_an_unknown_word_is_unreadable() -> None:
    issue = replace(REPORT.issues[0], severity="FATAL")

    with pytest.raises(OutputUnreadable, match="`FATAL`"):
        measured(replace(REPORT, issues=(issue,)), TREE, BANDIT)


def test_a_file_that_was_not_read_is_refused() -> None:
    refuse_unexamined(REPORT, TREE)
    errors = (("./src/c.py", "syntax error"),) * 3

    with pytest.raises(StageError, match=r"`src/c\.py`: syntax error, and 2 more"):
        refuse_unexamined(replace(REPORT, errors=errors), TREE)
