from __future__ import annotations

import pytest

from gates.domain.errors import OutputUnreadable
from gates.toolkit.diffs import parse_diff, unquote

RAW = b":100644 100644 " + b"1" * 40 + b" " + b"0" * 40 + b" M\ta.py\n\n"
HEAD = b"diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n"


def test_lines_are_read_from_the_hunks() -> None:
    (entry,) = parse_diff(
        RAW + HEAD + b"@@ -1 +1,2 @@ def f\n-x\n+y\n+z\n@@ -9,2 +10,0 @@\n-a\n-b\n"
    )
    assert (entry.path, entry.status, entry.added) == ("a.py", "M", ((1, 2),))


def test_nothing_differs_in_an_empty_answer() -> None:
    assert parse_diff(b"") == ()


@pytest.mark.parametrize(
    "data",
    [
        b"fatal: something\n",
        b":100644 100644 M\ta.py\n",
        b":100644 100644 1 0 M\n",
        HEAD + b"@@ -1 +1 @@\n-x\n+y\n",
        RAW + HEAD + b"@@ -1 +1,2 @@\n-x\n+y\n",
        RAW + HEAD + b"@@ -1 +1,2 @@\n-x\n+y",
        RAW + HEAD + b"@@ what @@\n",
        RAW + HEAD + b"@@ -1 +1 @@\n x\n+y\n",
    ],
)
def test_a_form_that_is_not_known_is_an_error(data: bytes) -> None:
    with pytest.raises(OutputUnreadable, match="unexpected line"):
        parse_diff(data)


def test_a_patch_in_binary_form_is_unclear() -> None:
    (entry,) = parse_diff(RAW + b"diff --git a/a.py b/a.py\nindex 1..2\nGIT binary patch\n")
    assert entry.is_unclear


@pytest.mark.parametrize(
    ("quoted", "name"),
    [
        (b"plain", "plain"),
        (b'"', '"'),
        (rb'"\303\274\t\"\\\a\b\f\n\r\v"', '\u00fc\t"\\\a\b\f\n\r\v'),
        (rb'"\351"', "\udce9"),
    ],
)
def test_names_are_unquoted(quoted: bytes, name: str) -> None:
    assert unquote(quoted) == name
