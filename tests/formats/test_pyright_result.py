from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.domain.stage_result import Tool
from gates.formats.pyright_comments import Comments
from gates.formats.pyright_config import Layer, merged
from gates.formats.pyright_json import Diagnostic
from gates.formats.pyright_result import SEVERITIES, Checked, Source, finding, measured
from gates.formats.python_annotations import Annotations, Place
from gates.formats.tool_paths import Tree

FILES = frozenset({"a.py", "b.py"})
TREE = Tree(roots=("/project",), files=FILES | {"t.py"}, sources=FILES)
STRICT = merged([Layer(folder="/project", settings={"typeCheckingMode": "strict"})])


def diagnostic(severity: str, rule: str = "reportX") -> Diagnostic:
    return Diagnostic(path="x", line=2, column=1, text="wrong", rule=rule, severity=severity)


@pytest.mark.parametrize(
    ("word", "severity", "counts"),
    [
        ("error", Severity.HIGH, ("errors",)),
        ("warning", Severity.MEDIUM, ("warnings",)),
        ("information", Severity.INFO, ()),
    ],
)
def test_each_severity_is_counted(word: str, severity: Severity, counts: tuple[str, ...]) -> None:
    found = finding(diagnostic(word), "a.py")

    assert (found.place, found.severity, found.counts) == ("a.py:2:1", severity, counts)


def test_an_unknown_severity_is_unreadable() -> None:
    assert set(SEVERITIES) == {"error", "warning", "information"}
    with pytest.raises(OutputUnreadable, match="`odd`"):
        finding(diagnostic("odd"), "a.py")


def test_what_has_no_rule_is_pyrights() -> None:
    assert finding(diagnostic("error", ""), "a.py").rule == "pyright"


def test_strict_mode_must_hold_for_every_source() -> None:
    plain = Source(
        comments=Comments(ignores=1), annotations=Annotations(anys=(Place(1, 2, "Any"),))
    )
    checked = Checked(
        diagnostics=(finding(diagnostic("error"), "a.py"),),
        files=FILES,
        tool=Tool(name="pyright", version="1.1.414"),
        notes=("pyright says: odd",),
    )

    result = measured(checked, TREE, sources={"a.py": plain}, config=STRICT)

    assert {one.name: one.value for one in result.metrics} == {
        "errors": 1, "warnings": 0, "any": 1, "untyped": 0, "strict": 0, "ignores": 1,
    }  # fmt: skip
    assert (result.examined.count, result.examined.excluded) == (2, 1)
    assert result.notes == (
        "pyright says: odd",
        "not strict: pyright does not check `b.py`, by configuration",
    )


def test_many_reasons_are_cut() -> None:
    files = frozenset(f"{name}.py" for name in "abcde")
    tree = Tree(roots=("/project",), files=files, sources=files)
    hidden = Source(comments=Comments(is_ignored=True), annotations=Annotations())
    checked = Checked(diagnostics=(), files=files, tool=Tool(name="pyright", version="1"))

    result = measured(checked, tree, sources=dict.fromkeys(sorted(files), hidden), config=STRICT)

    assert result.notes[0].endswith("all of `c.py` and 2 more")
