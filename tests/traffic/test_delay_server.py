from __future__ import annotations

import pytest
from traffic.running import plan_of, ran, times_of

from gates.formats.load_calibration import percentiles
from gates.traffic.delay_server import DelayServer, bimodal, fixed, lognormal, stall


def test_it_tells_how_long_each_request_truly_took() -> None:
    with DelayServer(fixed(0.01)) as server:
        assert server.url == f"http://127.0.0.1:{server.port}"
        record, _ = ran(plan_of(server.port, rate=60), server.port)
    told = times_of(record)
    assert len(server.times_us) == len(told) == 30
    assert min(server.times_us) >= 10_000
    # The generator sees each request from further out than the server does.
    assert min(told) >= min(server.times_us)
    assert sum(told) > sum(server.times_us)


def test_a_stall_is_in_its_times_too() -> None:
    with DelayServer(stall(0.2, stall_s=0.3, seconds=0.001)) as server:
        ran(plan_of(server.port, rate=60, seconds=0.8), server.port)
    assert max(server.times_us) > 200_000
    assert sorted(server.times_us)[10] < 100_000


def test_a_generator_that_goes_away_leaves_requests_without_an_answer() -> None:
    with DelayServer(fixed(60.0)) as server:
        record, _ = ran(plan_of(server.port, rate=20, patience_s=0.05), server.port)
    assert server.times_us == [0] * 10
    assert record.unfinished == 10


def test_log_normal_delays_have_the_percentiles_that_they_say() -> None:
    delay = lognormal()
    p50, p95, _ = percentiles([round(delay(0) * 1e6) for _ in range(20_000)])
    assert p50 == pytest.approx(40_000, rel=0.03)
    assert p95 == pytest.approx(98_000, rel=0.03)


def test_delays_with_two_centres_leave_a_gap() -> None:
    delay = bimodal()
    times = [delay(0) for _ in range(5000)]
    assert 0.88 < sum(time < 0.1 for time in times) / 5000 < 0.92
    assert min(times) > 0.08
    assert max(times) < 0.12


def test_a_stall_holds_back_only_who_comes_in_it() -> None:
    delay = stall(1.0, stall_s=2.0, seconds=0.02)
    assert [round(delay(now), 6) for now in (0.9, 1.0, 2.5, 3.0)] == [0.02, 2.02, 0.52, 0.02]


def test_a_server_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gates.traffic.delay_server._START_S", 0.0)
    server = DelayServer(fixed())
    monkeypatch.setattr(server, "_serve", lambda: None)
    monkeypatch.setattr(server._thread, "start", lambda: None)
    with pytest.raises(TimeoutError, match="did not start"):
        server.__enter__()
    server._loop.close()
