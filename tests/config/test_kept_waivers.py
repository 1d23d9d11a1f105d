from __future__ import annotations

import json
from datetime import date

import pytest

from gates.config.kept_waivers import decode, encode
from gates.domain.waiver import Waiver

WAIVERS = (
    Waiver(
        gate="audit",
        finding="CVE-2024-0001",
        scope="jinja2",
        reason="no fix yet — señor",
        owner="ana",
        created=date(2026, 1, 1),
        expires=date(2026, 2, 1),
        place=".gates/waivers.yaml:3:5",
    ),
    Waiver(
        gate="tests",
        condition="line",
        reason="r",
        owner="o",
        created=date.min,
        expires=date.max,
    ),
)


def test_what_was_written_is_read() -> None:
    again = decode(encode(WAIVERS))
    assert again == WAIVERS
    assert [waiver.place for waiver in again] == [".gates/waivers.yaml:3:5", ""]
    assert decode(encode(())) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "5",
        "[5]",
        "[{}]",
        "[" * 100_000,
        encode(WAIVERS)[:-1],
        encode(WAIVERS).replace("2026-02-01", "soon"),
        encode(WAIVERS).replace('"owner":"ana"', '"owner":5'),
        encode(WAIVERS).replace('"owner":"ana"', '"owner":"ana","more":"x"'),
        encode(WAIVERS).replace('"owner":"ana",', ""),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not kept waivers"):
        decode(text)


def test_every_field_is_kept() -> None:
    (first, _) = json.loads(encode(WAIVERS))
    assert set(first) == set(Waiver.__dataclass_fields__)
