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
