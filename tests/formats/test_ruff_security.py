from __future__ import annotations

from dataclasses import replace

import pytest
from stages.fake_context import recorded

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import ruff_json, ruff_log, ruff_settings
from gates.formats.ruff_config import Choices
from gates.formats.ruff_security import (
    Group,
    Part,
    Taken,
    arguments,
    fewest,
    notes,
    refuse_unknown,
    sample_for,
    security_rules,
    silenced,
    taken,
)
from gates.formats.tool_paths import Tree

DATA = "ruff_security/0.17.6"
FILES = ("src/a.py", "src/b.py")
TREE = Tree(roots=("/project",), files=frozenset(FILES), sources=frozenset(FILES))


def rules(name: str) -> dict[str, str]:
    return security_rules(ruff_settings.enabled(recorded(f"{DATA}/{name}.txt")))


GROUP = Group(
    config="/project/ruff.toml",
    files=FILES,
    choices=Choices((), ("S101",)),
    known=rules("settings"),
    rules=rules("settings-ignoring"),
)
LOG = recorded(f"{DATA}/findings.log")
PART = Part(
    examined=ruff_log.linted(LOG, TREE),
    entries=ruff_json.parse(recorded(f"{DATA}/findings.json"), what="x"),
    ignored={TREE.relative(path): of for path, of in ruff_log.ignored_rules(LOG).items()},
)


def test_only_security_rules_count() -> None:
    assert len(GROUP.known) == 71
    assert set(GROUP.known.values()) - set(GROUP.rules.values()) == {"S101"}
    assert security_rules({"a": "S101", "b": "SIM101", "c": "E902"}) == {"a": "S101"}
    assert refuse_unknown(PART.entries) == PART.entries


@pytest.mark.parametrize("code", ["SIM101", "E902", "S602\x1b[2J", "s602", ""])
def test_a_rule_that_was_not_selected_is_unreadable(code: str) -> None:
    with pytest.raises(OutputUnreadable, match="was not selected"):
        refuse_unknown((*PART.entries, replace(PART.entries[0], code=code)))


def test_choices_become_arguments() -> None:
    plain = arguments(Choices())
    chosen = arguments(Choices(("S307",), ("S3", "assert")))

    assert plain[-1] == "--select=S,E902"
    assert chosen[-2:] == ("--select=S,E902,S307", "--ignore=S3,assert")


def test_rules_are_in_force_where_they_are_not_ignored() -> None:
    assert "S307" in PART.in_force("src/a.py", GROUP.rules)
    assert "S307" not in PART.in_force("src/b.py", GROUP.rules)
    assert fewest(GROUP, PART) == 69


def test_a_source_without_a_rule_was_not_examined() -> None:
    with pytest.raises(StageError, match=r"no security rule for `src/b\.py`") as caught:
        fewest(GROUP, replace(PART, ignored={"src/b.py": frozenset(GROUP.rules)}))

    assert caught.value.problem.slug == "no-rule"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [(["S101", "S102"], "102"), (["S610", "S101"], "101"), (["S307", "S102"], "307")],
)
def test_a_sample_is_chosen_whose_rule_is_in_force(codes: list[str], expected: str) -> None:
    group = replace(GROUP, rules={code.lower(): code for code in codes})

    assert sample_for(group, PART) == expected


def test_a_sample_needs_a_source_for_which_its_rule_is_not_ignored() -> None:
    group = replace(GROUP, rules={"eval": "S307", "exec": "S102"})
    one = replace(PART, ignored={path: frozenset({"eval"}) for path in FILES})

    assert sample_for(group, one) == "102"
    assert sample_for(group, replace(one, ignored={"src/a.py": frozenset({"eval"})})) == "307"


@pytest.mark.parametrize("config", ["/project/ruff.toml", ""])
def test_without_a_known_rule_nothing_can_be_planted(config: str) -> None:
    with pytest.raises(StageError, match=r"^the scanner is blind: ruff's configuration") as caught:
        sample_for(replace(GROUP, config=config, rules={"x": "S610"}), PART)

    assert caught.value.problem.slug == "scanner-blind"
    assert caught.value.problem.place == (config or "ruff")


def test_what_was_taken_away_is_counted() -> None:
    entries = ruff_json.parse(recorded(f"{DATA}/everything.json"), what="x")
    everything = replace(PART, entries=entries)

    assert taken(GROUP, PART, everything, TREE) == Taken(suppressed=1, ignored=1)
    assert taken(GROUP, PART, PART, TREE) == Taken(0, 0)


@pytest.mark.parametrize(
    "everything",
    [replace(PART, entries=PART.entries[1:]), replace(PART, examined=frozenset({"src/a.py"}))],
)
def test_where_nothing_is_ignored_nothing_can_be_missing(everything: Part) -> None:
    with pytest.raises(OutputUnreadable, match="less where nothing is ignored"):
        taken(GROUP, PART, everything, TREE)


def test_what_is_ignored_for_a_file_is_no_comment() -> None:
    entry = replace(PART.entries[0], path="/project/src/b.py", code="S307")

    everything = replace(PART, entries=(*PART.entries, entry))

    assert taken(GROUP, PART, everything, TREE) == Taken(suppressed=0, ignored=1)


def test_the_part_of_bandit_is_computed_and_what_is_ignored_is_told() -> None:
    plain = replace(GROUP, rules=GROUP.known)

    assert notes([(plain, replace(PART, ignored={}))]) == ("covers 71 of bandit's 75 tests",)
    assert notes([(plain, PART), (GROUP, PART)]) == (
        "covers 70 of bandit's 75 tests",
        "ignored by configuration: `S101`",
        "security rules are ignored in part, by configuration, for `src/b.py`",
    )


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        (b"X = 1\n", False),
        (b"X = 1  # noqa\n", False),
        (b"# noqa\n", False),
        (b"# ruff: noqa: E501, F401\n", False),
        (b"# ruff: noqa: SIM102\n", False),
        (b"X = 1\n  # ruff: noqa\n", True),
        (b"# Flake8: NOQA because\n", True),
        (b"#ruff:noqa: E501,S602\n", True),
        (b"# ruff: noqa: S\n", True),
    ],
)
def test_a_comment_for_a_whole_file_is_told(text: bytes, is_told: bool) -> None:  # noqa: FBT001
    told = silenced(["a.py", "b.py"], {"a.py": text, "b.py": b""}.__getitem__)

    assert told == (("a comment switches security rules off in all of `a.py`",) if is_told else ())
