from __future__ import annotations

import pytest

from gates.formats.pyright_comments import Comments
from gates.formats.pyright_config import Layer, PyrightConfig, extended, merged, parse
from gates.formats.pyright_rules import STRICT
from gates.plugin import OutputUnreadable

NONE = Comments()


def layer(folder: str = "/project", **settings: object) -> Layer:
    return Layer(folder=folder, settings=settings)


def config(**settings: object) -> PyrightConfig:
    return merged([Layer(folder="/project", settings=settings)])


def lax(config: PyrightConfig, *directives: str, path: str = "src/a.py") -> tuple[str, ...]:
    comments = Comments(directives=tuple(tuple(one.split(", ")) for one in directives))
    return config.laxities([(f"/project/{path}", path, comments)])


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        (b"{}", {}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'{ // one\n "a": [1, 2,], /* two\n , */ "b": {"c": "//,]",}, }', None),
        (b'{"a": "x\\"//y", }', {"a": 'x"//y'}),
    ],
)
def test_json_may_hold_comments_and_trailing_commas(
    data: bytes, settings: dict[str, object] | None
) -> None:
    expected = {"a": [1, 2], "b": {"c": "//,]"}} if settings is None else settings

    assert parse(data, name="pyrightconfig.json") == expected


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b'{"a": 1 /* }', b'{"a": 1, "a": 2}', b'{"a":,}', b"{,,}"]
)
def test_broken_json_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable):
        parse(data, name="pyrightconfig.json")


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        (b"[tool.pyright]\nstrict = ['a']\n", {"strict": ["a"]}),
        (b"[tool.pyright]\n", {}),
        (b"[tool.mypy]\n", None),
        (b"tool = 1\n", None),
        (b"", None),
    ],
)
def test_toml_counts_with_a_section(data: bytes, settings: dict[str, object] | None) -> None:
    assert parse(data, name="pyproject.toml") == settings


@pytest.mark.parametrize("data", [b"[tool.pyright", b"\xff"])
def test_broken_toml_is_unreadable(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match=r"`pyproject\.toml` cannot be read"):
        parse(data, name="pyproject.toml")


def test_strict_mode_is_strict() -> None:
    assert lax(config(typeCheckingMode="strict")) == ()


@pytest.mark.parametrize("mode", ["off", "basic", "standard"])
def test_any_other_mode_is_not(mode: str) -> None:
    assert lax(config(typeCheckingMode=mode)) == ("`typeCheckingMode` is not `strict`",)


def test_without_a_configuration_nothing_is_strict() -> None:
    assert lax(merged([])) == ("`typeCheckingMode` is not `strict`",)


def test_every_rule_one_by_one_is_strict() -> None:
    assert lax(merged([Layer(folder="/project", settings=dict.fromkeys(STRICT, True))])) == ()


@pytest.mark.parametrize("value", ["warning", "information", "none", False])
def test_a_weaker_rule_is_named(value: object) -> None:
    found = lax(config(typeCheckingMode="strict", reportUnusedImport=value, reportCallIssue=True))

    assert found == ("`reportUnusedImport` is less than strict",)


def test_a_rule_without_strict_mode_does_not_make_it_strict() -> None:
    found = lax(config(reportUnusedImport="error", strictListInference=True))

    assert "`reportCallIssue` is less than strict" in found
    assert len(found) == len(STRICT) - 2


@pytest.mark.parametrize(
    "settings",
    [
        {"typeCheckingMode": "strickt"},
        {"typeCheckingMode": 1},
        {"reportCallIssue": "loud"},
        {"reportCallIssue": 1},
        {"strictListInference": "error"},
        {"executionEnvironments": [{"root": "src", "reportCallIssue": "loud"}]},
    ],
)
def test_what_pyright_does_not_know_is_refused(settings: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable, match="does not know"):
        merged([Layer(folder="/project", settings=settings)])


@pytest.mark.parametrize(
    ("globs", "is_strict"),
    [
        (["src"], True),
        (["."], True),
        (["src/*.py"], True),
        (["**/a.py"], True),
        (["src/?.py"], True),
        (["**"], True),
        (["./src/"], True),
        (["sr"], False),
        (["src/a"], False),
        (["/project/src"], False),
        (["src/[a].py"], False),
        (["lib", 1], False),
        ("src", False),
        ([], False),
    ],
)
def test_strict_names_what_is_strict(globs: object, *, is_strict: bool) -> None:
    found = config(strict=globs, reportCallIssue="none")

    assert (lax(found) == ()) is is_strict


@pytest.mark.parametrize(
    ("directives", "words"),
    [
        (("basic",), ("a comment takes `src/a.py` out of strict mode",)),
        (("standard",), ("a comment takes `src/a.py` out of strict mode",)),
        (("basic", "strict"), ()),
        (
            ("strict, reportCallIssue=false",),
            ("`reportCallIssue` is less than strict in `src/a.py`",),
        ),
        (("reportCallIssue=none",), ("`reportCallIssue` is less than strict in `src/a.py`",)),
        (("reportCallIssue = warning",), ("`reportCallIssue` is less than strict in `src/a.py`",)),
        (
            ("strictListInference=false",),
            ("`strictListInference` is less than strict in `src/a.py`",),
        ),
        (("reportCallIssue=false", "reportCallIssue=true"), ()),
        (("reportCallIssue=loud", "reportNothing=false", "strictListInference=none"), ()),
    ],
)
def test_comments_of_a_file_count(directives: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert lax(config(typeCheckingMode="strict"), *directives) == words


def test_a_comment_makes_a_file_strict() -> None:
    found = config(reportCallIssue="none")

    assert lax(found, "strict") == ()
    assert lax(found, "strict, reportIndexIssue=false") == (
        "`reportIndexIssue` is less than strict in `src/a.py`",
    )


def test_files_that_are_hidden_are_named_once_each() -> None:
    hidden = Comments(is_ignored=True, unchecked=True)
    files = [("/project/a.py", "a.py", hidden), ("/project/b.py", "b.py", NONE)]

    assert config(typeCheckingMode="strict").laxities(files) == (
        "a `type: ignore` hides all of `a.py`",
        "`no_type_check` hides a part of `a.py`",
    )
    assert config().laxities([*files[1:], ("/project/c.py", "c.py", NONE)]) == (
        "`typeCheckingMode` is not `strict`",
    )


def test_constants_hide_code() -> None:
    found = config(typeCheckingMode="strict", defineConstant={"DEBUG": True})

    assert lax(found) == ("`defineConstant` hides code behind `DEBUG`",)


def test_an_execution_environment_has_rules_of_its_own() -> None:
    environments = [
        {"root": "tests", "reportCallIssue": "none"},
        {"root": "src", "reportIndexIssue": False},
        {"extraPaths": []},
        1,
    ]
    found = config(typeCheckingMode="strict", executionEnvironments=environments)

    assert lax(found, path="tests/a.py") == ("`reportCallIssue` is less than strict",)
    assert lax(found, path="src/a.py") == ("`reportIndexIssue` is less than strict",)
    assert lax(found, path="tests2/a.py") == ()


def test_what_is_extended_comes_first() -> None:
    base = layer(
        "/base", typeCheckingMode="strict", reportCallIssue="none", exclude=["a"], strict=["b"]
    )
    own = layer(reportIndexIssue="none", exclude=["c"], extends="../base/pyrightconfig.json")

    found = merged([base, own])

    assert extended(own) == "/base/pyrightconfig.json"
    assert lax(found) == (
        "`reportCallIssue` is less than strict",
        "`reportIndexIssue` is less than strict",
    )
    assert found.excludes("/project/c/x.py")
    assert not found.excludes("/base/a/x.py")
    assert found.strict == ("/base/b",)


def test_a_mode_undoes_the_rules_that_are_extended() -> None:
    base = layer(typeCheckingMode="basic", reportCallIssue="none")

    assert lax(merged([base, layer(typeCheckingMode="strict")])) == ()


@pytest.mark.parametrize("target", [None, 1, ""])
def test_what_extends_nothing(target: object) -> None:
    assert extended(layer(extends=target)) is None


@pytest.mark.parametrize(
    ("path", "is_excluded"),
    [
        ("src/a.py", False),
        ("src/gen/a.py", True),
        ("src/.hidden/a.py", True),
        ("node_modules/a.py", True),
        ("src/generated/a.py", False),
    ],
)
def test_what_is_excluded_comes_to_the_defaults(path: str, *, is_excluded: bool) -> None:
    assert config(exclude=["src/gen"]).excludes(f"/project/{path}") is is_excluded


def test_what_is_ignored_may_be_absolute() -> None:
    found = config(ignore=["lib", "/project/src/a.py", 1])

    assert found.ignores("/project/src/a.py")
    assert found.ignores("/project/lib/b.py")
    assert not found.ignores("/project/src/b.py")


@pytest.mark.parametrize(
    ("settings", "names"),
    [({"venv": "a", "venvPath": "."}, True), ({"venvPath": "."}, False), ({}, False)],
)
def test_it_may_name_the_environment(settings: dict[str, object], *, names: bool) -> None:
    assert merged([Layer(folder="/project", settings=settings)]).names_environment is names


def test_a_backslash_separates_as_a_slash_does() -> None:
    found = config(
        typeCheckingMode="strict",
        ignore=["src\\a.py", "\\project\\lib"],
        exclude=["src\\gen", "\\project\\src"],
        strict=["tests\\*.py"],
        executionEnvironments=[{"root": "src\\x", "reportCallIssue": "none"}],
    )

    assert found.ignores("/project/src/a.py")
    assert found.ignores("/project/lib/a.py")
    assert found.excludes("/project/src/gen/a.py")
    assert not found.excludes("/project/src/a.py")
    assert found.strict == ("/project/tests/*.py",)
    assert lax(found, path="src/x/a.py") == ("`reportCallIssue` is less than strict",)
    assert extended(layer(extends="cfg\\base.json")) == "/project/cfg/base.json"


def test_any_white_space_may_stand_in_a_directive() -> None:
    found = lax(config(typeCheckingMode="strict"), "reportCallIssue\ufeff=\u00a0none")

    assert found == ("`reportCallIssue` is less than strict in `src/a.py`",)
