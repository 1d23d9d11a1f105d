from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.formats.conventional_commits import Rules, cleaned, is_gits_merge, read

RULES = Rules(types=("feat", "fix", "wip", "docs", "revert"), longest_header=40)


def rules_broken(text: str, rules: Rules = RULES) -> list[str]:
    return [fault.rule for fault in read(text, rules).faults]


@pytest.mark.parametrize(
    ("text", "kind", "scope", "is_breaking"),
    [
        ("feat: add", "feat", "", False),
        ("feat(api): add", "feat", "api", False),
        ("feat!: add", "feat", "", True),
        ("feat(api)!: add", "feat", "api", True),
        ("FIX: add: more", "fix", "", False),
        ("fix: a\n\nbody\n\nReviewed-by: Z\nRefs: #1", "fix", "", False),
        ("fix: a\n\nBREAKING CHANGE: all of it", "fix", "", True),
        ("fix: a\n\nBREAKING-CHANGE: all of it", "fix", "", True),
        ('Revert "feat: add"\n\nThis reverts commit 1.', "revert", "", False),
        ('Reapply "feat: add"', "revert", "", False),
        (f'Revert "feat: {"x" * 34}"', "revert", "", False),
        ("wip: half", "wip", "", False),
        ("docs: tell of a breaking change", "docs", "", False),
        ("docs: a\n\na breaking change is near\nBREAKING CHANGES are rare", "docs", "", False),
    ],
)
def test_a_message_of_the_form(text: str, kind: str, scope: str, *, is_breaking: bool) -> None:
    message = read(text, RULES)
    assert message.faults == ()
    assert (message.type, message.scope, message.is_breaking) == (kind, scope, is_breaking)


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("", ["no-type"]),
        ("add things", ["no-type"]),
        ("add things: many", ["no-type"]),
        (": add", ["no-type"]),
        ("2fix: add", ["no-type"]),
        ("(api): add", ["no-type"]),
        ("feature: add", ["unknown-type"]),
        ("feat:", ["no-description"]),
        ("feat:   ", ["no-description"]),
        ("feat:add", ["no-space"]),
        ("feat:  add", ["no-space"]),
        ("feat(): add", ["bad-scope"]),
        ("feat(api: add", ["bad-scope"]),
        ("feat(a(b)): add", ["bad-scope"]),
        ("feat(api)x: add", ["bad-scope"]),
        ("feat: " + "x" * 35, ["header-too-long"]),
        ("x" * 41, ["no-type", "header-too-long"]),
        ("feat: add\nbody", ["no-blank-line"]),
        ("fixup! feat: add", ["not-squashed"]),
        ("squash! feat: add", ["not-squashed"]),
        ("amend! feat: add", ["not-squashed"]),
        ("fix: a\n\nBREAKING CHANGE:", ["bad-footer"]),
        ("fix: a\n\nBREAKING CHANGE", ["bad-footer"]),
        ("fix: a\n\nBREAKING CHANGE #3", ["bad-footer"]),
        ("fix: a\n\nBreaking Change: all", ["bad-footer"]),
        ("feature(): \nbody", ["bad-scope", "unknown-type", "no-description", "no-blank-line"]),
        ('Revert "feat: add', ["no-type"]),
        ('Revert "', ["no-type"]),
        (f'Revert "feat: {"x" * 35}"', ["header-too-long"]),
        ('Revert "feat: add"\nmore', ["no-blank-line"]),
        ("feat: \u200b", ["no-description"]),
        ("feat: \u3164", ["no-description"]),
    ],
)
def test_what_is_not_of_the_form(text: str, broken: list[str]) -> None:
    assert rules_broken(text) == broken


def test_scopes_may_be_a_closed_list() -> None:
    closed = Rules(types=("feat",), scopes=("api", "db"))
    assert rules_broken("feat(API): add", closed) == []
    assert rules_broken("feat: add", closed) == []
    assert rules_broken("feat(web): add", closed) == ["unknown-scope"]


def test_a_fault_names_its_line() -> None:
    (fault,) = read("fix: a\n\nb\n\nBREAKING CHANGE:", RULES).faults
    assert fault.line == 5
    assert "`BREAKING CHANGE`" in fault.message


@given(st.text())
def test_any_text_has_a_type_or_a_fault(text: str) -> None:
    message = read(text, RULES)
    assert message.faults or message.type


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("feat: a\n", "feat: a"),
        ("\n\nfeat: a  \n\n\n\nbody\n# told by git\n", "feat: a\n\nbody"),
        ("feat: a\n# ------------------------ >8 ------------------------\ndiff\n", "feat: a"),
        ("# only\n#comments\n", ""),
        ("feat: a # not a comment\n", "feat: a # not a comment"),
        ("feat: a\n  # indented\n", "feat: a\n  # indented"),
    ],
)
def test_an_edited_file_is_cleaned_as_git_does(text: str, expected: str) -> None:
    assert cleaned(text) == expected


def test_another_sign_may_begin_a_comment() -> None:
    assert cleaned("# kept\n; gone\n", ";") == "# kept"


def test_a_revert_is_a_type_like_others() -> None:
    assert rules_broken('Revert "feat: add"', Rules(types=("feat",))) == ["no-type"]


@pytest.mark.parametrize(
    ("text", "gits"),
    [
        ("Merge branch 'topic'", True),
        ("Merge branches 'a' and 'b' into main", True),
        ("Merge remote-tracking branch 'origin/main'\n\nbody", True),
        ("Merge tag 'v1'", True),
        ("Merge commit 'abc'", True),
        ("Merge pull request #12 from ada/topic", True),
        (f"Merge {'a' * 40} into {'b' * 40}", True),
        ("Merge all of it without any form", False),
        ("Merge pull request", False),
        ("feat: Merge branch 'topic'", False),
        ("more\nMerge branch 'topic'", False),
    ],
)
def test_what_git_words_of_a_merge(text: str, *, gits: bool) -> None:
    assert is_gits_merge(text) is gits
