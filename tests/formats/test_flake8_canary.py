from __future__ import annotations

import ast
import re
import warnings

import pytest
from stages.fake_context import recorded

from gates.formats import flake8_canary


def test_the_file_is_python_that_nothing_hides() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", SyntaxWarning)
        ast.parse(flake8_canary.TEXT)

    assert not re.search(rb"noqa", flake8_canary.TEXT, re.IGNORECASE)


@pytest.mark.parametrize("version", ["7.5.0", "6.0.0"])
def test_many_rules_show_in_a_recorded_run(version: str) -> None:
    text = recorded(f"flake8/{version}/findings.txt").decode()
    found = set(re.findall(r"^(\w+) \d+ \d+ '/planted/canary\.py' ", text, re.MULTILINE))

    proved = flake8_canary.proving(found)

    assert {code[0] for code in proved} == {"E", "F", "W"}
    assert len(proved) > 40


def test_rules_of_plugins_and_unreadable_files_prove_nothing() -> None:
    assert flake8_canary.proving({"B006", "D100", "E902", "E999", "C408"}) == frozenset()
    assert flake8_canary.proving({"C901", "E501", "D1"}) == {"C901", "E501"}
