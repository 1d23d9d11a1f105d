from decimal import Decimal

import pytest

from gates.domain.metric import Metric, count, flag, ratio, tags_of


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_value_that_is_not_finite_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="metric `p95` is"):
        Metric(name="p95", value=Decimal(value))


def test_a_ratio_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="ratio of nothing"):
        ratio("line", 0, 0)
    with pytest.raises(ValueError, match="ratio of nothing"):
        Metric(name="line", numerator=1)


def test_a_metric_holds_either_a_value_or_a_ratio() -> None:
    with pytest.raises(ValueError, match="either a value or a ratio"):
        Metric(name="line")
    with pytest.raises(ValueError, match="either a value or a ratio"):
        Metric(name="line", value=1, numerator=1, denominator=2)


def test_fractions_are_exact() -> None:
    assert ratio("line", 179, 200).fraction == (179, 200)
    assert Metric(name="p95", value=Decimal("0.1")).fraction == (1, 10)
    assert count("errors", 3).fraction == (3, 1)


def test_flags_and_tags() -> None:
    assert flag("strict", holds=True).value == 1
    assert flag("strict", holds=False).value == 0
    assert count("critical", 1, scope="runtime", fix="yes").tags == tags_of(
        {"fix": "yes", "scope": "runtime"}
    )
