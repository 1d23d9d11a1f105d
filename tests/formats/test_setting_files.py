from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.setting_files import NOTHING, Keys, Setting, holds_settings, names, read


def flat(path: str, text: str) -> dict[str, dict[Keys, Setting]]:
    return {tool: dict(found) for tool, found in read(text.encode(), path).items()}


def test_pyproject_holds_settings_of_many_tools() -> None:
    text = """\
[project]
name = "a"
[tool.poetry]
name = "a"
[tool.mypy]
strict = true
[[tool.mypy.overrides]]
module = ["b.*", "c"]
ignore_errors = true
[tool.pytest.ini_options]
addopts = ["-q"]
[tool.coverage.report]
fail_under = 90.5
[tool.ruff]
"""
    assert flat("pyproject.toml", text) == {
        "mypy": {("strict",): "true", ("overrides", "b.*,c", "module"): ("b.*", "c"),
                 ("overrides", "b.*,c", "ignore_errors"): "true"},
        "pytest": {("addopts",): ("-q",)},
        "coverage": {("report", "fail_under"): "90.5"},
        "ruff": NOTHING,
    }  # fmt: skip


def test_sections_of_an_ini_file_are_named_as_in_the_tools_own() -> None:
    text = """\
[tool:pytest]
addopts = -q %(x)s
[coverage:run]
omit =
    a
    b
[mypy]
[mypy-b.*]
ignore_errors
[pylint.main]
disable = x
[importlinter:contract:1]
name = a
[flake8]
ignore = E1
"""
    assert flat("a/setup.cfg", text) == {
        "pytest": {("",): "", ("addopts",): "-q %(x)s"},
        "coverage": {("run", ""): "", ("run", "omit"): "a\nb"},
        "mypy": {
            ("",): "",
            ("overrides", "b.*", ""): "",
            ("overrides", "b.*", "ignore_errors"): "",
        },
        "pylint": {("pylint.main", ""): "", ("pylint.main", "disable"): "x"},
        "importlinter": {("contract:1", ""): "", ("contract:1", "name"): "a"},
        "flake8": {("",): "", ("ignore",): "E1"},
    }
    assert flat("tox.ini", "[testenv:a]\ncommands = x\n")["tox"] == {
        ("testenv:a", ""): "",
        ("testenv:a", "commands"): "x",
    }


@pytest.mark.parametrize(
    ("path", "text", "tool", "keys", "value"),
    [
        (".coveragerc", "[run]\nomit = a\n", "coverage", ("run", "omit"), "a"),
        ("ruff.toml", "ignore = ['E']\n", "ruff", ("ignore",), ("E",)),
        ("pytest.ini", "[pytest]\ntestpaths = a\n", "pytest", ("testpaths",), "a"),
        ("pytest.toml", "[pytest]\ntestpaths = ['a']\n", "pytest", ("testpaths",), ("a",)),
        (".flake8", "[flake8]\nexclude = a\n", "flake8", ("exclude",), "a"),
        (".bandit", "[bandit]\nskips = B1\n", "bandit", ("skips",), "B1"),
        ("bandit.yaml", "skips: [B1, 'B2']\n", "bandit", ("skips",), ("B1", "B2")),
        ("bandit.yaml", "skips:\n- B1\n- B2\n", "bandit", ("skips",), ("B1", "B2")),
        (".npmrc", "; a\naudit=false\n", ".npmrc", ("audit",), "false"),
        (".eslintignore", "# a\nb\n", ".eslintignore", ("ignore",), ("b",)),
        ("package.json", '{"jest": {"bail": 1}}', "jest", ("bail",), "1"),
        ("package.json", '{"scripts": {"a": "b"}}', "scripts", ("a",), "b"),
        (".eslintrc", '{"rules": {"a": ["off", {}]}}', "eslint", ("rules", "a"), ("off", "{}")),
        (".eslintrc", "rules:\n  a: off\n", "eslint", ("rules", "a"), "off"),
        ("pyrightconfig.json", '{"a": [1, /* b */ 2,], }', "pyright", ("a",), ("1", "2")),
        ("jsconfig.json", '{// a\n"b": {"strict": true}}', "jsconfig.json", ("b", "strict"),
         "true"),
        (".importlinter", "[importlinter]\nlayers = a\n", "importlinter", ("layers",), "a"),
        ("osv-scanner.toml", '[[IgnoredVulns]]\nid = "a"\n', "osv-scanner.toml",
         ("IgnoredVulns", "a", "id"), "a"),
    ],
)  # fmt: skip
def test_each_kind_of_file_is_read(
    path: str, text: str, tool: str, keys: Keys, value: Setting
) -> None:
    assert flat(path, text)[tool][keys] == value


def test_a_baseline_of_secrets_is_told_by_what_it_accepts() -> None:
    text = """{"generated_at": "x", "plugins_used": [{"name": "A"}], "results": {"a.py": [
    {"type": "T", "KEY": "h1", "line_number": 3},
    {"type": "T", "KEY": "h2", "line_number": 4}]}}"""
    text = text.replace("KEY", "hashed_secret")  # beside its value a scanner would find one
    assert flat(".secrets.baseline", text)[".secrets.baseline"] == {
        ("plugins_used", "A", "name"): "A",
        ("results", "a.py"): ("h1", "h2"),
    }


def test_a_tools_own_file_is_obeyed_even_where_it_is_empty() -> None:
    assert flat("ruff.toml", "") == {"ruff": NOTHING}
    assert flat("pytest.ini", "") == {"pytest": NOTHING}
    assert flat("setup.cfg", "") == {}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pyproject.toml", "a = [\n"),
        ("pyproject.toml", "tool = 3\n"),
        ("setup.cfg", "a = 1\n"),
        ("setup.cfg", "[a]\nb = 1\nb = 2\n"),
        ("package.json", "[]"),
        ("tsconfig.json", '{"a":'),
        ("tsconfig.json", '{"a": 1, "a": 2}'),
        ("pyrightconfig.json", "[" * 500),
        ("pytest.ini", "\0"),
    ],
)
def test_what_cannot_be_read_is_refused(path: str, text: str) -> None:
    with pytest.raises(OutputUnreadable, match="cannot be read"):
        read(text.encode(), path)
    with pytest.raises(OutputUnreadable, match="too large"):
        read(b" " * (9 << 20), path)


def test_files_of_settings_are_known_by_name() -> None:
    assert holds_settings("a/b/pyproject.toml")
    assert holds_settings("tsconfig.build.json")
    assert not holds_settings("a/app.json")
    assert ".coveragerc" in names()
