from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable
from gates.formats.load_calibration import Bias, Calibration, percentiles, read


def bias(*told_us: int) -> Bias:
    one, two, three = told_us or (20_500, 21_000, 21_200)
    return Bias(
        server="fixed, 20 ms",
        rate=200,
        requests=300,
        true_us=(20_000, 20_500, 21_900),
        told_us=(one, two, three),
        late=Decimal("0.0033"),
        cpu=Decimal("0.071"),
    )


FOUND = Calibration(day=date(2026, 1, 31), biases=(bias(), bias(20_000, 20_600, 21_900)))


def test_it_comes_back_as_it_was_written() -> None:
    assert read(FOUND.to_json()) == FOUND


def test_what_is_off_most_is_told_whichever_way() -> None:
    assert bias().off_ms == (Decimal("0.5"), Decimal("0.5"), Decimal("-0.7"))
    assert FOUND.worst_ms == Decimal("-0.7")
    assert FOUND.note.startswith("calibrated on 2026-01-31: ")
    assert "at most 0.70 ms off" in FOUND.note


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "gates/load-calibration/v2"},
        {"day": "yesterday"},
        {"biases": []},
        {"biases": [{}]},
        {"biases": [{**json.loads(FOUND.to_json())["biases"][0], "late": "some"}]},
        {"biases": [{**json.loads(FOUND.to_json())["biases"][0], "true_us": [1, 2]}]},
    ],
)
def test_another_file_is_none(change: dict[str, object]) -> None:
    document: dict[str, object] = json.loads(FOUND.to_json())
    with pytest.raises(OutputUnreadable):
        read(json.dumps(document | change).encode())


def test_percentiles_are_nearest_ranks() -> None:
    assert percentiles(list(range(100, 0, -1))) == (50, 95, 99)
    assert percentiles([7]) == (7, 7, 7)
