from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.yaml_scalars import SurpriseError, plain


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("null", None),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("-0", 0),
        ("42", 42),
        ("-17", -17),
        ("3.10", Decimal("3.10")),
        ("-0.5", Decimal("-0.5")),
        ("0.0", Decimal(0)),
    ],
)
def test_values(text: str, value: object) -> None:
    found = plain(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "2026-01-31",
            "12.5.1",
            "90%",
            "100ms",
            "400/s",
            "3x",
            "-",
            "--flag",
            "+",
            ".",
            "..",
            "1-2",
        ),
        *(
            "p95 < 100ms",
            "yesterday",
            "nothing",
            "Nobody",
            "offline",
            "year",
            "Fast",
            "Orders",
            "None",
        ),
        *(
            "127.0.0.1:80",
            "8080:80",
            "1:99",
            "0x",
            "0xZZ",
            "1e",
            "e3",
            "1.2e",
            "-x",
            ".env",
            "1,000",
        ),
        *("true story", "nullable", "=", "ünï", "1e3s", "0.1.0"),
    ],
)
def test_text(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    "text",
    [
        *("yes", "Yes", "YES", "no", "No", "on", "ON", "off", "Off", "y", "Y", "n", "N"),
        *("True", "TRUE", "False", "FALSE", "Null", "NULL", "~"),
        *("010", "-010", "+010", "00", "08", "007.5", "0o17", "0x1F", "0Xff", "0b101"),
        *("1:30", "-1:30", "12:30:45", "1:30.5", "0:59"),
        *(
            "1_000",
            "1_000.5",
            "1.5_0",
            ".5",
            "-.5",
            "+.5",
            "5.",
            "-5.",
            "1e3",
            "1E3",
            "1.5e-3",
            ".5e1",
        ),
        *(".inf", "-.inf", "+.INF", ".nan", ".NaN", "+5", "+1.5", "9" * 101, "1." + "0" * 100),
    ],
)
def test_what_two_readers_read_differently_is_refused(text: str) -> None:
    with pytest.raises(SurpriseError) as caught:
        plain(text)
    assert caught.value.hint
    assert "`" in caught.value.summary or "digits" in caught.value.summary
