from __future__ import annotations

from stages.fake_context import metrics_of, recorded

from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats import ruff_json
from gates.formats.ruff_security_result import SEVERITIES, measured
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "src/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)


def test_entries_become_findings_as_bandit_rates_them() -> None:
    entries = ruff_json.parse(recorded("ruff_security/0.17.6/findings.json"), what="ruff.json")
    ruff = Tool(name="ruff", version="0.17.6")

    result = measured(FILES - {"src/c.py"}, entries, TREE, ruff, notes=("told",))

    assert metrics_of(result) == {"high": 2, "medium": 0, "low": 3, "unknown": 0}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    shell = next(finding for finding in result.findings if finding.rule == "S602")
    assert (shell.severity, shell.cwe, shell.owasp) == (
        Severity.HIGH,
        (78,),
        "A05:2025 Injection",
    )
    assert shell.end_line == shell.line
    assert (result.tool, result.notes) == (ruff, ("told",))


def test_the_table_holds_what_bandit_has() -> None:
    assert list(SEVERITIES) == [Severity.HIGH, Severity.MEDIUM, Severity.LOW, Severity.UNKNOWN]
