from __future__ import annotations

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.domain.interval import (
    at_least,
    at_most,
    beta,
    least_above,
    most_below,
    share_interval,
    student,
)

HUGE = 10_000_000


def exactly_at_most(count: int, total: int, share: Fraction) -> Fraction:
    return sum(
        (
            math.comb(total, each) * share**each * (1 - share) ** (total - each)
            for each in range(count + 1)
        ),
        Fraction(0),
    )


@given(st.integers(1, 40), st.data())
def test_a_probability_is_the_sum_of_its_terms(total: int, data: st.DataObject) -> None:
    count = data.draw(st.integers(0, total))
    share = Fraction(data.draw(st.integers(1, 999)), 1000)

    true = exactly_at_most(count, total, share)

    assert at_most(count, total, float(share)) == pytest.approx(float(true), rel=1e-11, abs=1e-15)
    assert at_least(count + 1, total, float(share)) == pytest.approx(
        float(1 - true), rel=1e-11, abs=1e-15
    )


def test_what_is_certain_has_the_probability_of_certainty() -> None:
    assert (at_most(-1, 5, 0.5), at_most(5, 5, 0.5)) == (0.0, 1.0)
    assert (at_least(0, 5, 0.5), at_least(6, 5, 0.5)) == (1.0, 0.0)
    assert (beta(2, 3, 0.0, 1.0), beta(2, 3, 1.0, 0.0)) == (0.0, 1.0)


@given(st.integers(1, HUGE), st.sampled_from([0.05, 0.01, 0.0166]))
def test_none_and_all_have_an_interval_in_closed_form(total: int, miss: float) -> None:
    end = -math.expm1(math.log(miss / 2) / total)

    assert share_interval(0, total, miss) == pytest.approx((0.0, end), rel=1e-10)
    assert share_interval(total, total, miss) == pytest.approx((1 - end, 1.0), rel=1e-10)


def log_factorial(number: int) -> Decimal:
    """By Stirling's series, to thirty digits from 10,000 on."""
    n = Decimal(number)
    pi = Decimal("3.14159265358979323846264338327950288419717")
    series = 1 / (12 * n) - 1 / (360 * n**3) + 1 / (1260 * n**5)
    return n * n.ln() - n + (2 * pi * n).ln() / 2 + series


@pytest.mark.parametrize("count", [500_000, 100_000])
def test_the_interval_of_ten_million_is_right_to_nine_digits(count: int) -> None:
    _, high = share_interval(count, HUGE, 0.05)

    with localcontext() as context:
        context.prec = 40
        share = Decimal(high)
        term = (
            log_factorial(HUGE)
            - log_factorial(count)
            - log_factorial(HUGE - count)
            + count * share.ln()
            + (HUGE - count) * (1 - share).ln()
        ).exp()
        density = term * HUGE
        below, total = Decimal(0), count
        odds = (1 - share) / share
        while total >= 0 and term > Decimal("1e-25"):
            below += term
            term *= Decimal(total) / (HUGE - total + 1) * odds
            total -= 1
        off = abs(below - Decimal("0.025")) / density

    assert off < Decimal("1e-9")


# As SciPy 1.17 tells them by the quantiles of its beta distribution.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (1, 10, 0.0025285785444617848, 0.4450161170281954),
        (5, 100, 0.016431879182052155, 0.11283491110546275),
        (80, 2000, 0.03184255731109808, 0.04953834224746623),
    ],
)
def test_intervals_are_those_of_another_library(
    count: int, total: int, low: float, high: float
) -> None:
    assert share_interval(count, total, 0.05) == pytest.approx((low, high), rel=1e-10)


@settings(max_examples=60)
@given(
    st.integers(0, 5000),
    st.sampled_from([0.5, 0.1, 0.05, 0.01, 0.001]),
    st.sampled_from([0.05, 0.0166, 0.2]),
)
def test_the_counts_that_decide_are_those_whose_interval_does(
    total: int, share: float, miss: float
) -> None:
    few, many = most_below(total, share, miss), least_above(total, share, miss)

    assert -1 <= few < many <= total + 1
    for count in {few, few + 1, many - 1, many} & set(range(total + 1)):
        if not total:
            break
        low, high = share_interval(count, total, miss)
        assert (high < share) == (count <= few)
        assert (low > share) == (count >= many)


# As tables of Student's t print them.
@pytest.mark.parametrize(
    ("miss", "degrees", "quantile"),
    [
        (0.05, 1, 12.7062),
        (0.05, 5, 2.5706),
        (0.01, 5, 4.0321),
        (0.05, 30, 2.0423),
        (0.05, 10**6, 1.95997),
        (0.5, 2, 0.8165),
    ],
)
def test_students_t_is_that_of_the_tables(miss: float, degrees: int, quantile: float) -> None:
    assert student(miss, degrees) == pytest.approx(quantile, abs=1e-4)
