from __future__ import annotations

from dataclasses import replace

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, fake_context, metrics_of

from gates.domain.condition import Role
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind
from gates.plugin import Severity, StageError
from gates.stages.policy import Policy, PolicyOptions, measured

ITEM = WeakeningItem(
    kind=WeakeningKind.SUPPRESSION, rule="noqa", path="src/app.py", line=3, text="# noqa"
)


@pytest.fixture
def ctx(repo: Repo) -> FakeContext:
    repo.write("src/app.py", "import os\n")
    repo.write("gates.yaml", "version: 1\n")
    repo.commit("base")
    ctx = fake_context(repo.root.parent)
    return replace(ctx, root=repo.root)


def stage(**options: object) -> Policy:
    return Policy(PolicyOptions.from_plain(options))


def shown(text: str) -> str:
    return text.replace("\x1b", "?")


def changes(*found: PolicyChange) -> dict[str, dict[str, str]]:
    return {str(number): change.plain() for number, change in enumerate(found, 1)}


def test_a_change_of_nothing_is_measured(ctx: FakeContext) -> None:
    ctx.answer("git", "diff", stdout="")
    result = stage(base="HEAD").run(ctx)
    assert set(metrics_of(result).values()) == {0}
    assert (result.examined.count, result.examined.unit) == (1, "files")
    assert result.findings == ()


def test_what_a_change_weakens_is_counted(ctx: FakeContext) -> None:
    ctx.write("src/app.py", "import os  # noqa\nx()  # nosec B603 - argv is ours\n")
    ctx.answer("git", "diff", stdout="src/app.py\0")
    result = stage(base="HEAD").run(ctx)
    assert metrics_of(result)["suppressions"] == 1
    assert result.examined.count == 2
    assert result.examined.details == (("told, not counted", 1),)
    assert result.examined.note == "what differs from HEAD"
    assert [(one.rule, one.place, one.counts, one.severity) for one in result.findings] == [
        ("noqa", "src/app.py:1", ("suppressions",), Severity.MEDIUM),
        ("nosec", "src/app.py:2", (), Severity.INFO),
    ]
    assert result.findings[1].message.endswith("(with rule and reason)")


def test_a_tree_that_changes_meanwhile_is_refused(ctx: FakeContext) -> None:
    ctx.answer("git", "diff", stdout="src/app.py\0")
    with pytest.raises(StageError, match="other changed files"):
        stage(base="HEAD").run(ctx)


@pytest.mark.parametrize(
    ("base", "reason"),
    [("", "none is named"), ("-x", "none is named"), ("nowhere", "not in this clone")],
)
def test_without_a_base_nothing_is_proved(ctx: FakeContext, base: str, reason: str) -> None:
    with pytest.raises(StageError, match=reason):
        stage(base=base).run(ctx)


def test_what_gates_yaml_loosens_is_counted_with_its_place() -> None:
    given = changes(
        PolicyChange(kind=Kind.LOOSENED, what="line of gate coverage", before="90%", after="80%",
                     place="gates.yaml:14:9"),
        PolicyChange(kind=Kind.REMOVED, what="gate lint", before="ruff", place="gates.yaml:3"),
        PolicyChange(kind=Kind.SKIPPED, what="gate types", place=".gates/a:b"),
        PolicyChange(kind=Kind.CHANGED, what="name of level 1", before="A\x1b", after="B"),
        PolicyChange(kind=Kind.TIGHTENED, what="line of gate tests", before="1", after="2"),
        PolicyChange(kind=Kind.ADDED, what="gate audit", after="pip-audit"),
    )  # fmt: skip
    options = PolicyOptions(base="main", source="gates.yaml", changes=given)
    result = measured(options, Weakening(base="b"), shown)
    assert metrics_of(result)["loosened"] == 3
    assert [(one.rule, one.place, one.counts) for one in result.findings] == [
        ("policy-loosened", "gates.yaml:14:9", ("loosened",)),
        ("policy-removed", "gates.yaml:3", ("loosened",)),
        ("policy-skipped", ".gates/a:b", ("loosened",)),
        ("policy-changed", "gates.yaml", ()),
    ]
    assert result.findings[0].message == "line of gate coverage: 80%, before 90%"
    assert result.findings[1].message == "gate lint: nothing, before ruff"
    assert result.findings[3].message == "name of level 1: B, before A?"


def test_what_nobody_knows_counts_as_loosening() -> None:
    options = PolicyOptions(base="main", changes={"1": {"kind": "new", "what": "x"}, "2": {}})
    result = measured(options, Weakening(base="b"), shown)
    assert metrics_of(result)["loosened"] == 2
    assert [one.rule for one in result.findings] == ["policy-new", "policy-unknown"]


@pytest.mark.parametrize("kind", WeakeningKind)
def test_each_kind_has_its_metric_severity_and_remedy(kind: WeakeningKind) -> None:
    found = Weakening(base="b", items=(replace(ITEM, kind=kind),))
    result = measured(PolicyOptions(base="main"), found, shown)
    assert {name for name, value in metrics_of(result).items() if value} == {kind.value}
    (one,) = result.findings
    assert one.counts == (kind.value,)
    assert one.fix
    assert one.severity is not Severity.INFO


def test_only_what_loosens_the_policy_decides_by_default() -> None:
    decides = [each.text for each in Policy.defaults if each.role is Role.REQUIRE]
    assert decides == ["loosened == 0"]
    assert {each.text for each in Policy.defaults if each.role is Role.WARN} == {
        f"{kind.value} == 0" for kind in WeakeningKind
    }
    assert {spec.name for spec in Policy.metrics} == {"loosened", *WeakeningKind}
