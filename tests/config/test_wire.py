from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from gates.config import wire


@pytest.mark.parametrize("name", ["a", "a-b_c9", "x" * 64])
def test_gate_names(name: str) -> None:
    assert TypeAdapter(wire.GateName).validate_python(name) == name


@pytest.mark.parametrize("name", ["", "A", "9a", "-a", "a b", "a\n", "x" * 65, "ä"])
def test_what_is_no_gate_name(name: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(wire.GateName).validate_python(name)


def test_keys_are_those_that_are_written() -> None:
    assert "with" in wire.keys_of(wire.Gate)
    assert "options" not in wire.keys_of(wire.Gate)


def test_every_key_has_a_line_for_editors() -> None:
    for model in (wire.Head, wire.Level, wire.Gate, wire.Sources, wire.Exemption):
        for field in model.model_fields.values():
            assert field.description


def test_an_empty_value_is_no_way_to_leave_a_key_out() -> None:
    for key in wire.keys_of(wire.Gate):
        with pytest.raises(ValidationError):
            wire.Gate.model_validate({key: None})
