from __future__ import annotations

import pytest
from stages.fake_context import metrics_of, recorded

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.pylint_json import Message, parse
from gates.formats.pylint_result import SEVERITIES, measured, refuse_unknown
from gates.formats.tool_paths import Tree

FILES = frozenset({"src/a.py", "src/b.py", "src/c.py"})
TREE = Tree(roots=("/project",), files=FILES, sources=FILES)
PYLINT = Tool(name="pylint", version="4.1.4")


def message(category: str = "warning", code: str = "W0611", path: str = "src/a.py") -> Message:
    return Message(
        code=code,
        symbol="unused-import",
        category=category,
        text="Unused import os",
        path=path,
        line=1,
        column=1,
        confidence="HIGH",
    )


def test_messages_become_counts_and_findings() -> None:
    messages = parse(recorded("pylint/4.1.4/given.json"), what="pylint.json")

    result = measured(messages, FILES - {"src/c.py"}, frozenset({"src/c.py"}), TREE, PYLINT)

    assert metrics_of(result) == {"errors": 1, "warnings": 5}
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == ("hidden by a `skip-file` comment: `src/c.py`",)
    assert result.tool == PYLINT


@pytest.mark.parametrize("code", ["I0013", "I0020", "I9873"])
def test_what_pylint_tells_of_itself_is_no_finding(code: str) -> None:
    result = measured((message("info", code),), FILES, frozenset(), TREE, PYLINT)

    assert (result.findings, result.notes) == ((), ())


@pytest.mark.parametrize(
    ("category", "severity", "counts"),
    [
        ("fatal", Severity.HIGH, ("errors",)),
        ("error", Severity.HIGH, ("errors",)),
        ("warning", Severity.MEDIUM, ("warnings",)),
        ("refactor", Severity.LOW, ("warnings",)),
        ("convention", Severity.LOW, ("warnings",)),
        ("info", Severity.INFO, ()),
    ],
)
def test_each_category_has_a_severity(
    category: str, severity: Severity, counts: tuple[str, ...]
) -> None:
    (finding,) = measured((message(category),), FILES, frozenset(), TREE, PYLINT).findings

    assert (finding.severity, finding.counts) == (severity, counts)
    assert category in SEVERITIES


def test_a_message_about_no_file_has_no_path() -> None:
    (finding,) = measured((message(path=""),), FILES, frozenset(), TREE, PYLINT).findings

    assert finding.path == ""


def test_an_unknown_category_is_unreadable() -> None:
    refuse_unknown((message(),))

    with pytest.raises(OutputUnreadable, match="`odd`"):
        refuse_unknown((message(), message("odd")))
