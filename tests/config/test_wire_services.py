from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from gates.config.wire_services import ReadyForm, Service, Traffic, is_service_name


@pytest.mark.parametrize("text", ["400/s", "24000/min", "0.5/h", "1.25/s"])
def test_rates(text: str) -> None:
    assert TypeAdapter(Traffic).validate_python(text) == text


@pytest.mark.parametrize("text", ["400", "400 /s", "-1/s", "1/d", "400/s\n", "/s", "1e3/s"])
def test_what_is_no_rate(text: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Traffic).validate_python(text)


def test_names() -> None:
    assert is_service_name("db-2_a")
    assert not any(map(is_service_name, ("", "Db", "2db", "db.a", "db\n", "a" * 65)))


def test_every_key_has_a_line_for_editors() -> None:
    for model in (Service, ReadyForm):
        for field in model.model_fields.values():
            assert field.description
