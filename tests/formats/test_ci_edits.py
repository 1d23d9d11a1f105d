from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.ci_edits import compare, runs_gates

PINNED = f"a/b@{'0' * 40}"
WORKFLOW = f"""\
on:
  pull_request:
  push: {{branches: [main]}}
permissions:
  contents: read
jobs:
  gates:
    if: ${{{{ always() }}}}
    steps:
      - uses: {PINNED}
      - run: |
          set -e
          gates check --level 2 --policy-from origin/main
"""


def told(before: str, after: str, path: str = ".github/workflows/a.yml") -> list[str]:
    found = compare(path, before.encode(), after.encode(), shown=path)
    return [one.rule for one in found]


@pytest.mark.parametrize(
    ("was", "now", "wanted"),
    [
        ("set -e", "set -eu", []),
        ("origin/main\n", "origin/main || true\n", ["error-ignored"]),
        (f"{PINNED}\n", f"{PINNED}\n        continue-on-error: true\n", ["error-ignored"]),
        (f"{PINNED}\n", f"{PINNED}\n        if: false\n", ["switched-off"]),
        (" --policy-from origin/main", "", ["policy-from-removed"]),
        ("gates check --level 2 --policy-from origin/main", "make", [
            "policy-from-removed", "gates-removed"]),
        ("--level 2", "--level 1", ["level-lowered"]),
        ("--level 2", "--level 2 --gate lint", ["gates-narrowed"]),
        ("    if: ${{ always() }}\n", "", ["always-removed"]),
        ("          set -e\n", "", ["strict-shell-removed"]),
        ("  pull_request:\n", "", ["trigger-removed"]),
        ("  pull_request:\n", "  pull_request:\n    paths: [src]\n", ["trigger-narrowed"]),
        ("{branches: [main]}", "", ["trigger-narrowed"]),
        ("  pull_request:\n", "  pull_request:\n  pull_request_target:\n",
         ["privileged-trigger"]),
        ("contents: read", "contents: write", ["permissions-widened"]),
        ("contents: read", "contents: read\n  issues: write", ["permissions-widened"]),
        ("permissions:\n  contents: read\n", "", ["permissions-widened"]),
        ("permissions:\n  contents: read\n", "permissions: write-all\n", ["permissions-widened"]),
        ("contents: read", "contents: none", []),
        (PINNED, "a/b@v1", ["action-unpinned"]),
    ],
)  # fmt: skip
def test_what_plainly_loosens_a_workflow(was: str, now: str, wanted: list[str]) -> None:
    assert was in WORKFLOW
    assert told(WORKFLOW, WORKFLOW.replace(was, now)) == ["ci-edited", *wanted]


def test_permissions_of_a_part_are_compared_with_those_of_the_whole() -> None:
    whole = "permissions:\n  contents: read\njobs:\n  a:\n    x: 1\n"
    part = f"{whole}    permissions:\n      contents: read\n"
    assert told(whole, part) == ["ci-edited"]
    assert told(part, whole) == ["ci-edited", "permissions-widened"]
    assert told(part, whole.replace("  a:\n    x: 1\n", "")) == ["ci-edited"]
    assert told("jobs:\n  a:\n", "permissions: write-all\njobs:\n  a:\n") == ["ci-edited"]


def test_a_word_in_a_condition_is_no_trigger() -> None:
    after = WORKFLOW.replace("always()", "always() && github.event_name != 'workflow_run'")
    assert told(WORKFLOW, after) == ["ci-edited"]
    assert told("on: push\n", "on: [push, workflow_run]\n") == ["ci-edited", "privileged-trigger"]


def test_filters_of_a_trigger() -> None:
    before = "on:\n  push:\n    branches: [main, next]\n"
    assert told(before, "on:\n  push:\n") == ["ci-edited"]
    assert told(before, before.replace(", next", "")) == ["ci-edited", *["trigger-narrowed"] * 2]
    assert told("on: [push, pull_request]\n", "on: push\n") == ["ci-edited", "trigger-removed"]


def test_a_comment_loosens_nothing() -> None:
    assert told(WORKFLOW, f"{WORKFLOW}# gates || true\n") == ["ci-edited"]


def test_a_file_that_comes_or_goes() -> None:
    assert told(WORKFLOW, "") == ["ci-deleted", "ci-deleted"]
    assert told("", WORKFLOW) == ["ci-added"]
    assert told("", WORKFLOW.replace("set -e", "set +e")) == ["ci-added", "error-ignored"]


def test_hooks_of_pre_commit() -> None:
    path = ".pre-commit-config.yaml"
    before = "repos:\n- repo: a\n  hooks:\n  - id: gates\n  - id: ruff\n"
    assert told(before, before.replace("  - id: ruff\n", ""), path) == ["ci-edited", "hook-removed"]
    assert told(before, before.replace("gates\n", "gates\n    exclude: src\n"), path) == [
        "ci-edited",
        "hook-narrowed",
    ]
    assert told(before, before.replace("gates\n", "gates\n    stages: [manual]\n"), path) == [
        "ci-edited",
        "switched-off",
    ]


def test_owners_of_files() -> None:
    path = ".github/CODEOWNERS"
    assert told("* @a\n/b @c\n", "# x\n*   @a\n", path) == ["ci-edited", "owners-removed"]


def test_a_makefile() -> None:
    before = "check:\n\tgates check\n"
    assert told(before, "check:\n\t-gates check\n", "Makefile") == ["ci-edited", "error-ignored"]


@pytest.mark.parametrize(
    "path",
    [
        ".github/workflows/a.yml", "action.yml", "a/action.yaml", ".gitlab-ci.yml", "Makefile",
        "CODEOWNERS", "docs/CODEOWNERS", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml",
        ".ci/run.sh", "noxfile.py", "tox.ini", "build/a.mk", ".github/actions/a/index.js",
    ],
)  # fmt: skip
def test_files_that_run_the_gates(path: str) -> None:
    assert runs_gates(path)


def test_other_files_do_not() -> None:
    assert not runs_gates("src/app.py")
    assert not runs_gates("docs/workflows/a.yml")


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_stands_there_is_compared(before: str, after: str) -> None:
    old, new = before.encode(errors="replace"), after.encode(errors="replace")
    list(compare(".github/workflows/a.yml", old, new, shown="a"))
