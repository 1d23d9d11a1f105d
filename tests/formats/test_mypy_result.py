from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable, StageError, ToolCrashed
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.mypy_comments import Comments
from gates.formats.mypy_config import MypyConfig, Section
from gates.formats.mypy_json import Message
from gates.formats.mypy_result import SEVERITIES, Checked, blocked, finding, measured
from gates.formats.tool_paths import Tree

FILES = frozenset({"a.py", "b.py"})
TREE = Tree(roots=("/project",), files=FILES | {"t.py"}, sources=FILES)
STRICT = MypyConfig(whole=Section(modules=(), flags={"strict": True}, texts={}))
ERROR = Message(path="a.py", line=3, column=2, text="wrong", code="misc", severity="error")


def message(code: str, severity: str = "error") -> Message:
    return Message(path="a.py", line=1, column=1, text="x", code=code, severity=severity)


@pytest.mark.parametrize(
    ("code", "severity", "counts"),
    [
        ("misc", "error", ("errors",)),
        ("misc", "note", ()),
        ("explicit-any", "error", ("any",)),
        ("explicit-any", "note", ()),
        ("no-untyped-def", "error", ("errors", "untyped")),
    ],
)
def test_what_a_message_counts_for(code: str, severity: str, counts: tuple[str, ...]) -> None:
    found = finding(message(code, severity), "src/a.py", STRICT)

    assert (found.path, found.rule, found.counts) == ("src/a.py", code, counts)
    assert found.severity is SEVERITIES[severity]


def test_the_command_line_may_ask_for_strict_mode() -> None:
    untyped = message("no-untyped-def")

    assert finding(untyped, "a.py", MypyConfig()).counts == ("untyped",)
    assert finding(untyped, "a.py", MypyConfig(), strict=True).counts == ("errors", "untyped")


def test_a_message_without_a_code_is_mypys() -> None:
    assert finding(message(""), "a.py", STRICT).rule == "mypy"


def test_an_unknown_severity_is_unreadable() -> None:
    assert SEVERITIES == {"error": Severity.HIGH, "note": Severity.INFO}
    with pytest.raises(OutputUnreadable, match="`odd`"):
        finding(message("misc", "odd"), "a.py", STRICT)


def test_a_file_is_to_blame_or_mypy_itself() -> None:
    by_file = blocked([ERROR], "odd words", exit_code=2)

    assert type(by_file) is StageError
    assert (by_file.problem.place, by_file.problem.slug) == ("a.py:3:2", "file-unreadable")
    assert isinstance(blocked([], "", exit_code=70), ToolCrashed)
    assert str(blocked([], "words", exit_code=2)).count("exit code 2: words") == 1


def test_strict_mode_must_hold_for_every_source() -> None:
    checked = Checked(
        modules={"a.py": "a"},
        findings=(),
        complaints=("odd key",),
        tool=Tool(name="mypy", version="2"),
    )

    result = measured(checked, TREE, comments={"a.py": Comments(ignores=2)}, config=STRICT)

    values = {one.name: one.value for one in result.metrics}
    assert (values["strict"], values["ignores"]) == (0, 2)
    assert (result.examined.count, result.examined.excluded) == (1, 2)
    assert result.notes == (
        "mypy says: odd key",
        "not strict: mypy does not check `b.py`, by configuration",
    )
