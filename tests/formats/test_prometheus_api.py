"""The answers are written after the documentation of Prometheus' HTTP interface."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats.prometheus_api import Reading, read, refuse_other_day

AT = 1769860800.123  # 2026-01-31T12:00:00Z


def answer(result: object, kind: str = "vector", **more: object) -> bytes:
    data = {"resultType": kind, "result": result}
    return json.dumps({"status": "success", "data": data, **more}).encode()


def one(value: object) -> bytes:
    return answer([{"metric": {"job": "a"}, "value": [AT, value]}])


def test_one_value_of_a_vector_or_a_scalar() -> None:
    found = Reading(Decimal("0.9995"), Decimal("1769860800.123"))

    assert read(one("0.9995"), what="q") == found
    assert read(answer([AT, "0.9995"], "scalar", warnings=[]), what="q") == found


@pytest.mark.parametrize(
    ("data", "slug"),
    [
        (answer([]), "query-empty"),
        (answer([{"value": [AT, "1"]}, {"value": [AT, "1"]}]), "query-several"),
        (answer([], "matrix"), "query-range"),
        (one("NaN"), "query-no-number"),
        (one("+Inf"), "query-no-number"),
        (answer([AT, "1"], "scalar", warnings=["a store was not reached"]), "query-partial"),
        (b'{"status": "error", "errorType": "bad_data", "error": "parse error"}', "query-refused"),
        (b'{"status": "error"}', "query-refused"),
        (one(1), "query-pair"),
        (one("one"), "query-pair"),
        (answer([AT], "scalar"), "query-pair"),
        (answer(["now", "1"], "scalar"), "query-pair"),
        (answer([-1, "1"], "scalar"), "query-pair"),
        (answer([1e15, "1"], "scalar"), "query-pair"),
        (b"{}", "json-missing"),
        (b"<html>", "json-syntax"),
    ],
)
def test_any_other_answer_is_no_value(data: bytes, slug: str) -> None:
    with pytest.raises((StageError, OutputUnreadable)) as caught:
        read(data, what="q")
    assert caught.value.problem.slug == slug


def test_a_value_of_another_day_is_refused() -> None:
    reading = read(one("1"), what="q")

    refuse_other_day(reading, date(2026, 2, 1), what="q")
    with pytest.raises(StageError, match="is of 2026-01-31, and today is 2026-02-02"):
        refuse_other_day(reading, date(2026, 2, 2), what="q")
