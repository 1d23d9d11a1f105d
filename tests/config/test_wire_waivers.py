from __future__ import annotations

import pytest
from pydantic import ValidationError

from gates.config.wire_waivers import WaiverEntry


@pytest.mark.parametrize(
    ("key", "text", "read"),
    [
        ("reason", "no fix\n  yet ", "no fix yet"),
        ("reason", "ж\u0301", "ж\u0301"),
        ("owner", "\u200b安", "\u200b安"),
        ("created", "2026-01-31", "2026-01-31"),
        ("scope", "src/orders/", "src/orders"),
        ("scope", "jinja2", "jinja2"),
        ("scope", "jinja2 2.10", "jinja2 2.10"),
        ("scope", "GET /orders", "GET /orders"),
    ],
)
def test_a_value_is_read(key: str, text: str, read: str) -> None:
    assert getattr(WaiverEntry.model_validate({key: text}), key) == read


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("reason", ""),
        ("reason", " \n"),
        ("reason", "x" * 1001),
        ("reason", "\x1b[2Jgone"),
        ("owner", "an\u202ea"),
        ("owner", "\u200b"),
        ("owner", "\u2060\u0301"),
        ("reason", "\u3164 \u2800"),
        ("owner", 5),
        ("created", "2026-02-30"),
        ("created", "20260131"),
        ("created", "2026-W05-6"),
        ("created", "2026-01-31T00:00:00"),
        ("created", "\u0662026-01-31"),
        ("expires", "never"),
        ("expires", ""),
        ("scope", "/etc"),
        ("scope", "/"),
        ("scope", "."),
        ("scope", "./src"),
        ("scope", "src/../lib"),
        ("scope", "src//a"),
        ("approver", "bob"),
    ],
)
def test_a_value_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        WaiverEntry.model_validate({key: value})
