from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.dependency_cruiser_json import Breach, Cruise, Rule
from gates.formats.dependency_cruiser_rules import (
    declared,
    foreign,
    holding_nothing,
    lost,
    read_packages,
    remarks,
    told,
    unseen,
    virtual,
)

MODULES = ("src/core/total.ts", "src/web.ts")


def cruise(*names: str) -> Cruise:
    return Cruise(
        folder="",
        cruised=MODULES,
        unresolved=tuple(("src/web.ts", name) for name in names),
        imports=len(names),
        rules=(),
        breaches=(),
        systems=("es6",),
        sees_types=True,
        is_cached=False,
    )


@pytest.mark.parametrize(
    ("pattern", "holds"),
    [
        ("^src/core", True),
        ("^src/core/[^/]+$", True),
        ("^src/jobs", False),
        ("^src/jobs/.+", False),
        ("^src/jobs|^src/core", True),
        ("^(src/jobs)", True),
        ("jobs", True),
        ("", True),
        (r"^src/web\.ts$", True),
        (r"^src/wob\.ts$", False),
        ("^src/webs?", True),
        ("^src/webs*", True),
        ("^src/webs{0,1}", True),
        ("^src/webs+", False),
        ("^src/w.*", True),
        ("^src.web", False),
    ],
)
def test_rules_that_are_about_no_module(pattern: str, *, holds: bool) -> None:
    rule = Rule(name="one", severity="error", paths=(pattern,))

    assert holding_nothing([rule], MODULES) == (() if holds else ("one",))


def test_a_rule_about_all_modules_holds() -> None:
    rules = [
        Rule(name="all", severity="error"),
        Rule(name="two", severity="error", paths=("^x", "^src")),
        Rule(name="none", severity="error", paths=("^x", "^y")),
    ]

    assert holding_nothing(rules, MODULES) == ("none",)


def test_packages_that_are_asked_for() -> None:
    data = b"""{
      "dependencies": {"fastify": "5"}, "devDependencies": {"@types/estree": "1"},
      "peerDependencies": {"@scope/one": "1"}, "optionalDependencies": {}
    }"""

    assert declared(data, what="package.json") == {
        "fastify",
        "@types/estree",
        "estree",
        "@scope/one",
    }
    with pytest.raises(OutputUnreadable):
        declared(b'{"dependencies": []}', what="package.json")


def test_a_package_json_that_cannot_be_read_asks_for_nothing() -> None:
    files = [("a/package.json", b'{"dependencies": {"fastify": "5"}}'), ("b/package.json", b"{")]

    assert read_packages(files) == {"fastify"}


def test_what_is_unresolved_may_be_the_projects_own() -> None:
    packages = frozenset({"fastify", "@scope/one"})
    one = cruise("./gone.js", "@/core/total", "fastify", "@scope/one/part", "fastify/types", "src")

    assert [name for _, name in unseen(one, packages)] == ["./gone.js", "@/core/total", "src"]
    assert foreign(one, packages) == packages


def test_what_an_installed_package_imports_is_not_the_projects_own() -> None:
    pairs = (
        ("node_modules/a/x.js", "./gone.js"),
        ("../node_modules/a/x.js", "b"),
        ("src/x.js", "b"),
    )
    one = replace(cruise(), unresolved=pairs)

    assert unseen(one, ()) == (("src/x.js", "b"),)
    assert lost(one) == {"./gone.js", "b"}
    assert foreign(replace(one, unresolved=pairs[:2]), {"b"}) == frozenset()


def test_virtual_modules_are_no_files() -> None:
    one = cruise("virtual:routes", "./virtual:x", "virtually")

    assert [name for _, name in unseen(one, ())] == ["./virtual:x", "virtually"]
    assert virtual(one) == {"virtual:routes"}
    assert any("`virtual:routes`" in note for note in remarks([one], ()))


@pytest.mark.parametrize(
    ("target", "way", "said"),
    [
        ("b", (), "`a` imports `b`"),
        ("a", (), "`a` does not keep the rule"),
        ("b", ("b", "c", "a"), "`a` imports itself by way of `b`, `c`"),
        ("a", ("a",), "`a` imports itself"),
        ("c", ("b", "c"), "`a` reaches `c` by way of `b`"),
        ("c", ("c",), "`a` reaches `c`"),
    ],
)
def test_each_breach_is_told(target: str, way: tuple[str, ...], said: str) -> None:
    assert told(Breach(rule="r", severity="error", source="a", target=target, way=way)) == said
