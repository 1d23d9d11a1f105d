from __future__ import annotations

import pytest

from gates.domain.weakening import WeakeningKind
from gates.formats.setting_files import Setting
from gates.formats.setting_order import Sense, is_own, kind_of, sense_of, told, weakens, words


@pytest.mark.parametrize(
    ("tool", "key", "sense", "kind"),
    [
        ("coverage", "run.omit", Sense.HIDES, "omits"),
        ("coverage", "report.exclude_also", Sense.HIDES, "omits"),
        ("coverage", "run.include", Sense.NARROWS, "omits"),
        ("coverage", "report.fail_under", Sense.FLOOR, "settings"),
        ("coverage", "run.branch", Sense.STRICT, "settings"),
        ("coverage", "report.ignore_errors", Sense.LAX, "settings"),
        ("ruff", "lint.ignore", Sense.HIDES, "settings"),
        ("ruff", "lint.per-file-ignores.tests", Sense.HIDES, "settings"),
        ("ruff", "lint.select", Sense.SELECTS, "settings"),
        ("ruff", "lint.mccabe.max-complexity", Sense.CEILING, "settings"),
        ("ruff", "target-version", Sense.UNKNOWN, "settings"),
        ("mypy", "disallow_untyped_defs", Sense.STRICT, "settings"),
        ("mypy", "ignore_missing_imports", Sense.LAX, "settings"),
        ("mypy", "follow_imports", Sense.RANK, "settings"),
        ("mypy", "exclude", Sense.HIDES, "omits"),
        ("pyright", "ignore", Sense.HIDES, "omits"),
        ("pyright", "typeCheckingMode", Sense.RANK, "settings"),
        ("pyright", "reportMissingImports", Sense.RANK, "settings"),
        ("pylint", "master.ignore", Sense.HIDES, "omits"),
        ("pylint", "messages control.disable", Sense.HIDES, "settings"),
        ("bandit", "skips", Sense.HIDES, "settings"),
        ("bandit", "exclude_dirs", Sense.HIDES, "omits"),
        ("pytest", "addopts", Sense.COMMAND, "settings"),
        ("pytest", "testpaths", Sense.NARROWS, "omits"),
        ("pytest", "filterwarnings", Sense.HIDES, "settings"),
        ("pytest", "xfail_strict", Sense.STRICT, "settings"),
        ("eslint", "rules.no-eval", Sense.RANK, "settings"),
        ("eslint", "ignorePatterns", Sense.HIDES, "omits"),
        ("jest", "coverageThreshold.global.lines", Sense.FLOOR, "settings"),
        ("jest", "coveragePathIgnorePatterns", Sense.HIDES, "omits"),
        ("jest", "reporters", Sense.UNKNOWN, "settings"),
        ("tsconfig.json", "compilerOptions.strict", Sense.STRICT, "settings"),
        ("tsconfig.json", "compilerOptions.skipLibCheck", Sense.LAX, "settings"),
        ("importlinter", "contracts.a.ignore_imports", Sense.HIDES, "settings"),
        (".eslintignore", "ignore", Sense.HIDES, "omits"),
        (".npmrc", "audit-level", Sense.RANK, "settings"),
        ("scripts", "test", Sense.COMMAND, "settings"),
    ],
)
def test_a_setting_is_known_by_its_name(tool: str, key: str, sense: Sense, kind: str) -> None:
    keys = tuple(key.split("."))
    assert sense_of(tool, keys) is sense
    assert kind_of(tool, keys, sense) is WeakeningKind(kind)


@pytest.mark.parametrize(
    ("sense", "before", "after", "wanted"),
    [
        (Sense.HIDES, None, "a", True),
        (Sense.HIDES, ("a", "b"), ("b",), False),
        (Sense.HIDES, "a, b", "a\nc", True),
        (Sense.SELECTS, ("a", "b"), ("a",), True),
        (Sense.SELECTS, ("a",), None, True),
        (Sense.SELECTS, None, ("a",), None),
        (Sense.SELECTS, None, (), True),
        (Sense.NARROWS, None, ("a",), True),
        (Sense.NARROWS, ("a",), None, None),
        (Sense.STRICT, "true", "false", True),
        (Sense.STRICT, "true", None, True),
        (Sense.STRICT, "true", "Tru", True),
        (Sense.STRICT, None, "false", True),
        (Sense.STRICT, None, "true", False),
        (Sense.STRICT, "false", "no", False),
        (Sense.LAX, None, "True", True),
        (Sense.LAX, "true", "1", False),
        (Sense.LAX, "true", None, False),
        (Sense.FLOOR, "90", "89.9", True),
        (Sense.FLOOR, "90", None, True),
        (Sense.FLOOR, None, "10", False),
        (Sense.FLOOR, "x", "10", True),
        (Sense.FLOOR, None, "x", True),
        (Sense.CEILING, "10", "11", True),
        (Sense.CEILING, "10", "9", False),
        (Sense.CEILING, "10", None, True),
        (Sense.RANK, "error", "warning", True),
        (Sense.RANK, ("error", "x"), ("warn", "x"), True),
        (Sense.RANK, "warn", "error", False),
        (Sense.RANK, "error", None, True),
        (Sense.RANK, "off", None, None),
        (Sense.RANK, None, "off", True),
        (Sense.RANK, None, "error", None),
        (Sense.RANK, "x", "error", True),
        (Sense.RANK, "error", (), True),
        (Sense.UNKNOWN, "a", "b", None),
    ],
)
def test_a_change_is_ordered(
    sense: Sense, before: Setting | None, after: Setting | None, *, wanted: bool | None
) -> None:
    assert weakens(sense, ("rules", "a"), before, after) is wanted


def test_words_that_have_an_order_of_their_own() -> None:
    assert weakens(Sense.RANK, ("typeCheckingMode",), "strict", "basic") is True
    assert weakens(Sense.RANK, ("follow_imports",), "silent", "normal") is False
    assert weakens(Sense.RANK, ("follow_imports",), None, "skip") is True
    assert weakens(Sense.RANK, ("follow_imports",), "normal", "x") is True


def test_lists_are_read_however_a_file_writes_them() -> None:
    assert words("a, b c") == ("a", "b", "c")
    assert words("\na b,\n# c\nd") == ("a b", "d")
    assert words(("a b",)) == ("a b",)
    assert words(None) == ()


def test_a_name_of_its_own_is_told_from_that_of_a_table() -> None:
    assert is_own(("run", "omit"))
    assert not is_own(("per-file-ignores", "a.py"))


def test_what_a_tool_selects_untold_is_known() -> None:
    names = ("test_*.py", "*_test.py")
    assert told("pytest", ("python_files",), None) == names
    assert told("pytest", ("python_files",), "x_*.py") == "x_*.py"
    assert told("pytest", ("testpaths",), None) is None
    assert weakens(Sense.SELECTS, ("python_files",), names, "x_*.py") is True


@pytest.mark.parametrize(
    ("sense", "before", "after", "weaker"),
    [
        (Sense.SELECTS, ("E", "F"), ("ALL",), False),
        (Sense.SELECTS, ("E501", "F401"), ("E", "F"), False),
        (Sense.SELECTS, ("E",), ("E5",), True),
        (Sense.SELECTS, ("PLR0913",), ("P",), True),
        (Sense.SELECTS, ("ALL",), ("E", "F"), True),
        (Sense.SELECTS, ("src",), ("src/a",), True),
        (Sense.SELECTS, ("src/a",), ("src",), False),
        (Sense.HIDES, ("E",), ("E501",), False),
        (Sense.HIDES, ("E501",), ("E5",), True),
        (Sense.HIDES, ("E501",), ("ALL",), True),
        (Sense.HIDES, ("build/",), ("build/a",), False),
        (Sense.HIDES, ("build",), ("builds",), True),
    ],
)
def test_a_wider_word_holds_the_narrower_ones(
    sense: Sense, before: Setting, after: Setting, *, weaker: bool
) -> None:
    assert weakens(sense, ("x",), before, after) is weaker
