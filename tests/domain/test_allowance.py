from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.domain.allowance import (
    NEEDED,
    Allowance,
    Baseline,
    median,
    objection,
    parse_allowance,
)
from gates.domain.metric import Direction, MetricSpec, Unit

RUNS = tuple(f"run-{at}" for at in range(NEEDED))


def spec(unit: Unit, direction: Direction = Direction.LOWER) -> MetricSpec:
    return MetricSpec(name="m", unit=unit, direction=direction, title="m")


@pytest.mark.parametrize(
    ("text", "share", "shown"),
    [
        ("baseline", "0", "baseline"),
        ("baseline + 10%", "0.1", "baseline + 10%"),
        ("baseline+10%", "0.1", "baseline + 10%"),
        ("baseline  -  0.5 pt", "-0.005", "baseline - 0.5pt"),
        ("baseline - 0%", "0", "baseline - 0%"),
    ],
)
def test_an_allowance_is_read_and_written_in_one_way(text: str, share: str, shown: str) -> None:
    found = parse_allowance(text)
    assert found is not None
    assert (found.share, found.text) == (Decimal(share), shown)
    assert parse_allowance(found.text) == found


@pytest.mark.parametrize(
    "text",
    [
        "baselines",
        "baseline 10%",
        "baseline + 10",
        "baseline + 010%",
        "baseline + -1%",
        "baseline + 10ms",
        "baseline * 2",
        "baseline + 1e2%",
        "baseline +",
        "10% + baseline",
        "Baseline",
        "target.baseline",
    ],
)
def test_anything_else_is_no_allowance(text: str) -> None:
    assert parse_allowance(text) is None


@pytest.mark.parametrize(
    ("operator", "allowance", "unit", "direction"),
    [
        ("<=", Allowance(Decimal(10), "%"), Unit.SECONDS, Direction.LOWER),
        ("<", Allowance(Decimal(0), ""), Unit.COUNT, Direction.LOWER),
        ("<=", Allowance(Decimal(200), "%"), Unit.BYTES, Direction.LOWER),
        ("<=", Allowance(Decimal(1), "pt"), Unit.RATIO, Direction.LOWER),
        (">=", Allowance(Decimal(-5), "%"), Unit.PER_SECOND, Direction.HIGHER),
        (">", Allowance(Decimal(-1), "pt"), Unit.RATIO, Direction.HIGHER),
        (">=", Allowance(Decimal(0), "%"), Unit.NUMBER, Direction.HIGHER),
    ],
)
def test_what_asks_for_values_as_good_as_before_is_no_objection(
    operator: str, allowance: Allowance, unit: Unit, direction: Direction
) -> None:
    assert objection("m", operator, allowance, spec(unit, direction)) is None


@pytest.mark.parametrize(
    ("operator", "number", "suffix", "unit", "direction", "slug"),
    [
        (">=", 0, "", Unit.SECONDS, Direction.LOWER, "bad-direction"),
        ("<=", 0, "", Unit.RATIO, Direction.HIGHER, "bad-direction"),
        ("==", 0, "", Unit.COUNT, Direction.LOWER, "bad-direction"),
        ("==", 0, "", Unit.COUNT, Direction.HIGHER, "bad-direction"),
        ("<=", -10, "%", Unit.SECONDS, Direction.LOWER, "bad-allowance"),
        (">=", 5, "%", Unit.PER_SECOND, Direction.HIGHER, "bad-allowance"),
        (">=", -1, "%", Unit.RATIO, Direction.HIGHER, "bad-allowance"),
        ("<=", 1, "pt", Unit.SECONDS, Direction.LOWER, "bad-allowance"),
        (">=", -100, "%", Unit.PER_SECOND, Direction.HIGHER, "decided"),
        ("<=", 100, "pt", Unit.RATIO, Direction.LOWER, "decided"),
        (">=", 0, "", Unit.FLAG, Direction.HIGHER, "bad-baseline"),
    ],
)
def test_what_asks_for_less_or_nothing_is_refused(  # noqa: PLR0917 - one column each
    operator: str, number: int, suffix: str, unit: Unit, direction: Direction, slug: str
) -> None:
    allowance = Allowance(Decimal(number), suffix)
    problem = objection("m it", operator, allowance, spec(unit, direction))
    assert problem is not None
    assert problem.slug == slug
    assert "`m" in problem.summary
    assert problem.hint.startswith("write ")


def test_the_hint_can_be_used_as_it_is() -> None:
    for unit in Unit:
        for direction in Direction:
            measured = spec(unit, direction)
            problem = objection("m", "==", Allowance(Decimal(0), ""), measured)
            assert problem is not None
            if unit is not Unit.FLAG:
                _, operator, limit = problem.hint.split("`")[1].split(" ", 2)
                allowance = parse_allowance(limit)
                assert allowance is not None
                assert objection("m", operator, allowance, measured) is None


def test_the_limit_is_the_median_with_its_allowance() -> None:
    latency = Baseline(allowance=Decimal("0.1"), runs=RUNS, median=Decimal("0.08"))
    assert latency.bound(Unit.SECONDS) == Decimal("0.088")
    coverage = Baseline(allowance=Decimal("-0.01"), runs=RUNS, median=Decimal("0.9"))
    assert coverage.bound(Unit.RATIO) == Decimal("0.89")
    assert Baseline(allowance=Decimal(0), runs=RUNS, median=Decimal(7)).bound(Unit.COUNT) == 7


def test_a_negative_median_is_allowed_to_get_worse_too() -> None:
    found = Baseline(allowance=Decimal("0.1"), runs=RUNS, median=Decimal(-50))
    assert found.bound(Unit.NUMBER) == -45


def test_a_large_whole_median_is_kept_to_its_last_digit() -> None:
    size = Decimal(12345678901234567891)
    found = Baseline(allowance=Decimal(0), runs=RUNS, median=size)
    assert found.bound(Unit.BYTES) == size


def test_too_few_runs_give_no_limit() -> None:
    few = Baseline(allowance=Decimal("0.1"), runs=RUNS[:-1], median=Decimal(1))
    assert few.bound(Unit.SECONDS) is None
    assert Baseline(allowance=Decimal("0.1")).bound(Unit.SECONDS) is None


def test_an_allowance_is_shown_in_the_words_of_its_unit() -> None:
    made = Baseline(allowance=Decimal("-0.005"))
    assert made.shown(Unit.RATIO) == " - 0.5 pt"
    assert made.shown(Unit.PER_SECOND) == " - 0.5 %"
    assert Baseline(allowance=Decimal("0.10")).shown(Unit.SECONDS) == " + 10 %"
    assert not Baseline(allowance=Decimal(0)).shown(Unit.SECONDS)


def test_the_median_of_an_even_number_lies_between_the_two_in_the_middle() -> None:
    assert median([(4, 1), (1, 1), (3, 1), (9, 1)], is_lower=True) == Decimal("3.5")
    assert median([(4, 1), (1, 1), (9, 1)], is_lower=True) == 4
    assert median([], is_lower=True) is None


FRACTIONS = st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)), min_size=1)


@given(FRACTIONS, st.booleans(), st.randoms(use_true_random=False))
def test_the_order_of_the_runs_does_not_move_the_median(
    values: list[tuple[int, int]],
    is_lower: bool,  # noqa: FBT001 - hypothesis names what it gives
    random: Random,
) -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert median(values, is_lower=is_lower) == median(shuffled, is_lower=is_lower)


@given(FRACTIONS)
def test_the_median_has_as_many_values_on_each_side(values: list[tuple[int, int]]) -> None:
    low, high = median(values, is_lower=False), median(values, is_lower=True)
    assert low is not None
    assert high is not None
    assert low <= high
    found = [Fraction(*value) for value in values]
    assert sum(each < Fraction(low) for each in found) <= len(found) / 2
    assert sum(each > Fraction(high) for each in found) <= len(found) / 2


@given(st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_run_that_measures_exactly_the_median_is_not_worse(top: int, bottom: int) -> None:
    values = [(top, bottom)] * 7
    lower, higher = median(values, is_lower=True), median(values, is_lower=False)
    assert lower is not None
    assert higher is not None
    assert Fraction(higher) <= Fraction(top, bottom) <= Fraction(lower)
    assert Fraction(lower) - Fraction(higher) <= Fraction(top, bottom) / 10**8
