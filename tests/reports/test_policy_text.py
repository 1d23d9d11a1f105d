from __future__ import annotations

import json

from gates.domain.plan import Policy
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_diff import PolicyDiff, ProjectDiff
from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind
from gates.reports.policy_text import policy_json, policy_lines
from gates.reports.style import render

BEFORE = Policy(source="gates.yaml@" + "a" * 40, sha256="1" * 64)
AFTER = Policy(source="gates.yaml", sha256="2" * 64)
LOOSER = PolicyChange(
    kind=Kind.LOOSENED,
    what="option `args` of gate `tests`",
    before="",
    after="[-x]",
    place="gates.yaml:3:1",
    is_doubtful=True,
)
BETTER = PolicyChange(kind=Kind.TIGHTENED, what="level of gate `a`", before="2", after="1")
COUNTED = WeakeningItem(
    kind=WeakeningKind.SUPPRESSION, rule="noqa", path="src/a.py", line=3, text="# noqa"
)
TOLD = WeakeningItem(
    kind=WeakeningKind.CI_EDIT, rule="ci", path=".gitlab-ci.yml", text="edited", is_counted=False
)


def diff(*projects: ProjectDiff, items: tuple[WeakeningItem, ...] = ()) -> PolicyDiff:
    outside = Weakening(base="a" * 40, items=items)
    return PolicyDiff(ref="main", commit="a" * 40, projects=projects, outside=outside)


def project(*changes: PolicyChange, path: str = ".", before: Policy | None = BEFORE) -> ProjectDiff:
    return ProjectDiff(path=path, before=before, after=AFTER, changes=changes)


def text(found: PolicyDiff) -> str:
    return render(policy_lines(found), colour=False)


def test_changes_are_told_with_place_and_both_texts() -> None:
    found = diff(project(LOOSER, BETTER), items=(COUNTED, TOLD))
    assert text(found) == (
        "policy · compared with main (aaaaaaaaaaaa)\n"
        "  loosened  option `args` of gate `tests` (cannot be told to be as strict)"
        "  gates.yaml:3:1\n"
        "            nothing -> [-x]\n"
        "  tightened level of gate `a`\n"
        "            2 -> 1\n"
        "\n"
        "outside of gates.yaml · 1 that count, 2 seen\n"
        "  suppressions noqa: # noqa  src/a.py:3\n"
        "  ci_edits     ci: edited  .gitlab-ci.yml\n"
        "\n"
        "1 item loosens the policy\n"
    )


def test_several_items_and_projects_are_told() -> None:
    new = project(path="b", before=None)
    lines = text(diff(project(BETTER), project(LOOSER, LOOSER, path="a"), new)).splitlines()
    assert lines[3:5] == ["", "a"]
    assert lines[9:] == [
        "",
        "b",
        "  the first policy: there was no gates.yaml here before",
        "",
        "2 items loosen the policy",
    ]


def test_no_change_is_said() -> None:
    assert text(diff(project())) == (
        "policy · compared with main (aaaaaaaaaaaa)\n  no change\n\nnothing is loosened\n"
    )


def test_json_holds_the_same() -> None:
    document = json.loads(policy_json(diff(project(LOOSER), items=(COUNTED, TOLD))))
    assert document == {
        "schema": "gates/policy-diff/v1",
        "ref": "main",
        "commit": "a" * 40,
        "loosens": True,
        "exit_code": 1,
        "projects": [
            {
                "path": ".",
                "before": {"source": BEFORE.source, "sha256": "1" * 64},
                "after": {"source": "gates.yaml", "sha256": "2" * 64},
                "changes": [
                    {
                        "kind": "loosened",
                        "what": "option `args` of gate `tests`",
                        "before": "",
                        "after": "[-x]",
                        "place": "gates.yaml:3:1",
                        "loosens": True,
                        "doubt": True,
                    }
                ],
            }
        ],
        "outside": [
            {
                "kind": "suppressions",
                "rule": "noqa",
                "path": "src/a.py",
                "line": 3,
                "text": "# noqa",
                "counts": True,
            },
            {
                "kind": "ci_edits",
                "rule": "ci",
                "path": ".gitlab-ci.yml",
                "line": None,
                "text": "edited",
                "counts": False,
            },
        ],
    }
    first = json.loads(policy_json(diff(project(before=None))))
    assert first["projects"][0]["before"] is None
