from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.load_amounts import Rate, confidence, ramp, rate, seconds


@pytest.mark.parametrize(
    ("text", "number", "expected", "is_rate"),
    [
        ("400/s", "400", None, "400"),
        ("0.5/s", "0.5", None, "0.5"),
        ("3x", "3", "50", "150"),
        ("120/min", "2", None, "2"),
        ("1800/h", "0.5", None, "0.5"),
    ],
)
def test_a_rate_is_a_number_or_a_factor(
    text: str, number: str, expected: str | None, is_rate: str
) -> None:
    read = rate(text, name="rate")
    assert read.number == Decimal(number)
    assert read.of(None if expected is None else Decimal(expected)) == Decimal(is_rate)


def test_a_factor_of_nothing_is_nothing() -> None:
    assert Rate(Decimal(3), is_factor=True).of(None) is None


@pytest.mark.parametrize(
    "text", ["", "400", "400 /s", "-1/s", "0/s", "0x", "400/m", "0/min", "1e3/s"]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`rate` is"):
        rate(text, name="rate")


@pytest.mark.parametrize(
    ("text", "value"),
    [("500ms", "0.5"), ("60s", "60"), ("5m", "300"), ("5min", "300"), ("1.5h", "5400")],
)
def test_a_time_has_a_unit(text: str, value: str) -> None:
    assert seconds(text, name="duration") == Decimal(value)


@pytest.mark.parametrize("text", ["", "60", "0s", "-5s", "5 s", "1d"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`duration` is"):
        seconds(text, name="duration")


def test_a_time_may_be_none_where_that_means_something() -> None:
    assert seconds("0s", name="warmup", may_be_none=True) == 0


def test_a_confidence_is_a_share() -> None:
    assert confidence("99.5%") == Decimal("0.995")


@pytest.mark.parametrize("text", ["", "0.95", "100%", "49%", "95"])
def test_what_is_no_confidence_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`confidence` is"):
        confidence(text)


def test_steps_lead_from_one_goal_to_the_next() -> None:
    assert ramp(("100@2m", "100@30s", "0@2m"), name="profile") == (
        (0.0, 100.0, 120.0),
        (100.0, 100.0, 30.0),
        (100.0, 0.0, 120.0),
    )


@pytest.mark.parametrize("steps", [("100",), ("@2m",), ("100@2",), ("0@2m",), ("1@0s",)])
def test_what_is_no_ramp_is_refused(steps: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="`profile`"):
        ramp(steps, name="profile")
