from __future__ import annotations

import ast
import warnings

import pytest
from stages.fake_context import recorded

from gates.domain.errors import StageError
from gates.formats.pylint_canary import NAME, PLANTED, TEXT, Planted
from gates.formats.pylint_json import Message
from gates.formats.pylint_witness import EXAMINED, enabled_rules

PATH = f"/planted/{NAME}"


def message(code: str, path: str = PATH, text: str = "text") -> Message:
    return Message(
        code=code,
        symbol="symbol",
        category="error",
        text=text,
        path=path,
        line=1,
        column=1,
        confidence="HIGH",
    )


def planted(*rules: str) -> Planted:
    return Planted(path=PATH, rules=frozenset(rules))


def test_the_file_is_python_that_nothing_hides() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(TEXT)

    assert b"pylint:" not in TEXT


@pytest.mark.parametrize("version", ["4.1.4", "3.0.0"])
def test_it_breaks_rules_that_recorded_runs_enable(version: str) -> None:
    assert len(enabled_rules(recorded(f"pylint/{version}/enabled.txt")) & PLANTED) > 30


def test_only_messages_about_the_project_are_left() -> None:
    both = "Similar lines in 2 files\n==gates_pylint_canary:[1:5]"
    mine, several, ours = message("E0602"), message("R0801"), message("R0801", text=both)
    theirs = message("E0602", "src/a.py")

    left = planted().others((mine, several, ours, theirs))

    assert [(one.code, one.path) for one in left] == [("R0801", ""), ("E0602", "src/a.py")]


def test_rules_that_show_are_proved() -> None:
    rules = ("E0602", "W0102", "C0114", "C0116", "R0205")
    shown = [message(code) for code in ("E0602", "C0114", "E1101", EXAMINED)]

    assert planted(*rules).proved(shown, {}) == (frozenset({"E0602", "C0114"}), ())


@pytest.mark.parametrize("codes", [(), ("E0602",), ("W0102",)])
def test_errors_and_warnings_must_each_show(codes: tuple[str, ...]) -> None:
    with pytest.raises(StageError, match="nothing of a planted file"):
        planted("E0602", "W0102").proved([message(code) for code in codes], {})


def test_few_rules_and_rules_without_a_planted_defect_are_told() -> None:
    assert planted("E0401").proved([message(EXAMINED)], {}) == (
        frozenset(),
        ("few rules are enabled: `E0401`", "no enabled rule finds a defect that was planted"),
    )


@pytest.mark.parametrize(
    "settings", [{"ignore-paths": ["^/planted"]}, {"ignore-patterns": ["x", "gates_.*"]}]
)
def test_a_configuration_that_ignores_the_place_is_told(settings: dict[str, object]) -> None:
    proved, notes = planted("E0602").proved((), settings)

    assert not proved
    assert "leaves out planted files" in notes[-1]


@pytest.mark.parametrize(
    "settings", [{"ignore-paths": ["", "("]}, {"ignore-patterns": "gates_.*"}, {}]
)
def test_without_its_name_nothing_is_proved(settings: dict[str, object]) -> None:
    with pytest.raises(StageError):
        planted("E0602").proved((), settings)
