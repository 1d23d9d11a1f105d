from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.errors import OutputUnreadable
from gates.domain.metric import Metric, count, ratio
from gates.formats.strict_json import read as read_json
from gates.reports import exact_values


def test_what_a_json_number_holds_is_not_written_twice() -> None:
    assert exact_values.written(count("errors", 3)) is None
    assert exact_values.written(ratio("line", 1, 3)) is None
    assert exact_values.written(Metric(name="p95", value=Decimal("0.1"))) is None


@given(st.decimals(0, 1000, places=30), st.decimals(0, 1, places=25))
def test_no_digit_is_lost(value: Decimal, width: Decimal) -> None:
    metric = Metric(name="p95", value=value, interval=(value, value + width))
    texts = exact_values.written(metric)
    told = (Decimal(repr(float(value))), *(Decimal(repr(float(e))) for e in metric.interval or ()))
    top = read_json(json.dumps({"exact": texts}).encode(), what="x")

    assert exact_values.read(top, told) == (value, value, value + width)


@pytest.mark.parametrize("texts", [["0.2"], ["x"], ["0.1", "0.1"], ["NaN"], [], ["0." + "1" * 300]])
def test_other_numbers_than_those_beside_them_are_refused(texts: list[str]) -> None:
    top = read_json(json.dumps({"exact": texts}).encode(), what="x")

    with pytest.raises(OutputUnreadable):
        exact_values.read(top, (Decimal("0.1"),))
