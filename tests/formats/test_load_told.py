from __future__ import annotations

from decimal import Decimal

import pytest

from gates.formats.load_told import Told, read
from gates.stages.http_load import LoadOptions


def told(**options: object) -> Told:
    return read(LoadOptions.from_plain(options))


def rate_of(options: Told, expected: int | None = None) -> float | None:
    shape = options.shape(None if expected is None else Decimal(expected))
    return None if shape is None else shape.rates[0][0]


def test_by_default_the_expected_traffic_comes_for_a_minute() -> None:
    assert rate_of(told(), 400) == 400
    assert told().duration_s == 60
    assert rate_of(told()) is None


def test_a_rate_is_given_or_a_factor() -> None:
    assert rate_of(told(rate="50/s")) == 50
    assert rate_of(told(rate="3x"), 50) == 150


def test_a_number_of_requests_gives_the_duration() -> None:
    shape = told(rate="100/s", requests=2000).shape(None)
    assert shape is not None
    assert shape.rates == ((100.0, 100.0, 20.0),)
    uneven = told(rate="7/s", requests=100).shape(None)
    assert uneven is not None
    assert 100 <= 7 * uneven.rates[0][2] < 100.01


def test_runs_follow_each_other_up_to_the_cap() -> None:
    options = told(rate="50/s", duration="60s", max_duration="4m")
    first = options.shape(None)
    assert first is not None
    assert [shape.rates[0][2] for shape in options.runs(first)] == [60, 60, 120]
    # 5 s of warm-up, 10 s of patience and 2 s to start come with each.
    assert options.seconds_of(options.runs(first)) == 240 + 3 * 17


def test_only_runs_that_end_in_time_are_begun_and_the_first_in_any_case() -> None:
    options = told(rate="50/s", duration="60s")
    first = options.shape(None)
    assert first is not None
    assert len(options.runs(first, within_s=400)) == 3
    assert len(options.runs(first, within_s=200)) == 2
    assert len(options.runs(first, within_s=1)) == 1


def test_held_connections_are_each_used_in_their_turn() -> None:
    options = told(hold=10_000, every="20s", duration="1m")
    shape = options.shape(None)
    assert shape is not None
    assert (shape.rates, shape.held) == (((500.0, 500.0, 60.0),), ((10_000.0, 10_000.0, 60.0),))
    assert rate_of(told(hold=1000)) == 100
    assert rate_of(told(hold=1000, rate="5/s")) == 5
    (run, *_) = options.runs(shape)
    assert run.held == shape.held


def test_users_have_one_run() -> None:
    options = told(profile=["documented-ramp"], pace="2s")
    shape = options.shape(None)
    assert shape is not None
    assert shape.rates[1] == (50.0, 500.0, 300.0)
    assert options.runs(shape) == (shape,)
    assert told(profile=["5@1s", "0@1s"]).users == ((0.0, 5.0, 1.0), (5.0, 0.0, 1.0))


def test_the_rest_is_read_too() -> None:
    options = told(
        warmup="0s",
        patience="2s",
        slow="50ms",
        confidence="99%",
        arrivals="even",
        connections=7,
        paths=["GET /a", "/b"],
        login={"path": "/login", "take": "/t"},
    )
    assert options.warmup_s == 0
    assert options.patience_s == 2
    assert (options.slow_s, options.confidence) == (Decimal("0.05"), Decimal("0.99"))
    assert (options.even, options.connections) == (True, 7)
    assert [request.path for request in options.paths] == ["/a", "/b"]
    assert options.login is not None


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rate": "400"}, "`rate` is `400`"),
        ({"duration": "60"}, "`duration` is `60`"),
        ({"max_duration": "x"}, "`max_duration` is `x`"),
        ({"duration": "20s", "max_duration": "19s"}, "`max_duration` is shorter than `duration`$"),
        ({"max_duration": "59s"}, "than `duration`, which is 60s by default$"),
        ({"requests": 81, "rate": "8/s", "max_duration": "10s"}, "shorter than `requests` take"),
        ({"patience": "0s"}, "`patience` is `0s`"),
        ({"profile": ["documented-ramp"], "rate": "1x"}, "`rate` has no place beside `profile`"),
        ({"profile": ["documented-ramp"], "hold": 5}, "`hold` has no place beside `profile`"),
        ({"profile": ["steep"]}, "no profile is named `steep`: write `documented-ramp`"),
        ({"profile": ["5@1s", "documented-ramp"]}, "step `documented-ramp`"),
        ({"requests": 5, "duration": "1s"}, "`duration` has no place beside `requests`"),
        ({"rate": "5/s", "hold": 5, "every": "1s"}, "`every` has no place beside `rate`"),
        ({"pace": "1s"}, "`pace` has a place only beside `profile`"),
        ({"every": "1s"}, "`every` has a place only beside `hold`"),
        ({"requests": -1}, "`requests` is below 0"),
        ({"hold": -1}, "`hold` is below 0"),
        ({"connections": -1}, "`connections` is below 0"),
        ({"hold": 50, "connections": 49}, "`connections` is less than `hold`"),
        ({"arrivals": "poisson"}, "write `random` or `even`"),
        ({"paths": ["x"]}, "write a method and a path"),
        ({"login": {"path": "/l"}}, "needs `take`"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        told(**options)
