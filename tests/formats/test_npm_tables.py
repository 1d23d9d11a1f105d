from __future__ import annotations

import json

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats import npm_tables, strict_json
from gates.formats.npm_tables import Tables, is_found


def tables(**entry: object) -> Tables:
    return npm_tables.read(strict_json.read(json.dumps(entry).encode(), what="package.json"))


def test_what_is_needed() -> None:
    of = tables(
        dependencies={"a": "1", "b": "1", "bundled": "1"},
        devDependencies={"c": "1", "d": "1"},
        optionalDependencies={"b": "2", "d": "1"},
        peerDependencies={"e": "1"},
        bundleDependencies=["bundled"],
    )
    assert of.needed(is_own=True, with_dev=True) == {"a", "bundled", "c"}
    assert of.needed(is_own=True, with_dev=False) == {"a", "bundled"}
    assert of.needed(is_own=False, with_dev=True) == {"a"}


@pytest.mark.parametrize(
    ("entry", "needed"),
    [
        ({"bundledDependencies": True}, set()),
        ({"bundleDependencies": False}, {"a"}),
        ({"hasShrinkwrap": True}, set()),
        ({"hasShrinkwrap": False}, {"a"}),
        ({"dependencies": None}, set()),
    ],
)
def test_what_a_package_brings_itself_is_not_needed(
    entry: dict[str, object], needed: set[str]
) -> None:
    of = tables(**{"dependencies": {"a": "1"}, **entry})
    assert of.needed(is_own=False, with_dev=False) == needed


def test_a_lock_repeats_what_is_optional_once() -> None:
    written = tables(dependencies={"a": "1", "b": "1"}, optionalDependencies={"b": "2"})
    told = tables(dependencies={"a": "1"}, optionalDependencies={"b": "2"})
    assert written.difference(told) == frozenset()


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies", "peerDependencies"])
def test_a_difference_in_any_table(kind: str) -> None:
    for one, other in (({"a": "1"}, {"a": "2"}), ({"a": "1"}, {}), ({}, {"a": "1"})):
        assert tables(**{kind: one}).difference(tables(**{kind: other})) == {"a"}


def test_workspaces_are_a_list_or_stand_in_an_object() -> None:
    assert tables(workspaces=["a", "b/*"]).workspaces == ("a", "b/*")
    assert tables(workspaces={"packages": ["a"], "nohoist": []}).workspaces == ("a",)
    assert tables(workspaces={}).workspaces == tables().workspaces == ()


@pytest.mark.parametrize(
    "entry",
    [{"dependencies": ["a"]}, {"devDependencies": {"a": 1}}, {"workspaces": "a"},
     {"bundleDependencies": "a"}, {"hasShrinkwrap": "yes"}],
)  # fmt: skip
def test_another_form_is_refused(entry: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable):
        tables(**entry)


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("", {"top"}),
        ("packages/a", {"top", "inner"}),
        ("packages/a/deep", {"top", "inner"}),
        ("node_modules/@s/b", {"top", "nested"}),
        ("packages/b", {"top"}),
    ],
)
def test_packages_are_looked_for_upwards(at: str, found: set[str]) -> None:
    places = {
        "node_modules/top",
        "packages/a/node_modules/inner",
        "node_modules/@s/b/node_modules/nested",
    }
    names = ("top", "inner", "nested", "absent")
    assert {name for name in names if is_found(name, at, places)} == found
