from __future__ import annotations

import pytest

from gates.formats.setting_words import weaker


@pytest.mark.parametrize(
    ("before", "after", "wanted"),
    [
        ("-q", "-q -k 'not slow'", ["adds `-k`"]),
        ("", "--deselect=a --ignore b", ["adds `--deselect=a`", "adds `--ignore`"]),
        ("", "-p no:cov", ["adds `no:cov`"]),
        ("", "-pno:cov --no-cov", ["adds `-pno:cov`", "adds `--no-cov`"]),
        ("", "-x -vv --tb=short", []),
        ("--strict-markers -q", "-q", ["drops `--strict-markers`"]),
        ("--cov --cov-fail-under=90", "--cov --cov-fail-under=95", []),
        ("--cov-fail-under=90", "--cov-fail-under=80", ["drops `--cov-fail-under=90`"]),
        ("--cov-fail-under=90", "", ["drops `--cov-fail-under=90`"]),
        ("pytest && ruff check", "pytest || true", ["adds `||`", "adds `true`"]),
        ("-k a", "-k b", []),
        ("", "-k 'never closed", ["adds `-k`"]),
        ("-W error", "", ["drops `-W`", "drops `error`"]),
    ],
)
def test_what_looks_at_less(before: str, after: str, wanted: list[str]) -> None:
    assert list(weaker(before, after)) == wanted


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (
            "eslint . --max-warnings 0",
            "eslint . --max-warnings 9",
            ("raises `--max-warnings` from 0",),
        ),
        (
            "eslint . --max-warnings=0",
            "eslint . --max-warnings=9",
            ("raises `--max-warnings` from 0",),
        ),
        ("eslint . --max-warnings 0", "eslint .", ("drops `--max-warnings 0`",)),
        (
            "eslint . --max-warnings 0",
            "eslint . --max-warnings -1",
            ("raises `--max-warnings` from 0",),
        ),
        ("eslint .", "eslint . --max-warnings 0", ()),
        ("eslint . --max-warnings 5", "eslint . --max-warnings 0", ()),
        ("eslint . --max-warnings -1", "eslint . --max-warnings 3", ()),
        ("-q", "-q -o python_files=x_*.py", ("adds `python_files=x_*.py`",)),
        ("-q", "-q -otestpaths=x", ("adds `-otestpaths=x`",)),
    ],
)
def test_limits_and_overruled_settings(before: str, after: str, said: tuple[str, ...]) -> None:
    assert weaker(before, after) == said
