from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from gates.toolkit.clock import FixedClock, SystemClock, iso_utc


def test_a_moment_is_written_in_utc_with_a_z() -> None:
    there = datetime(2026, 1, 31, 14, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=2)))
    assert iso_utc(there) == "2026-01-31T12:00:00Z"


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        iso_utc(datetime(2026, 1, 31))  # noqa: DTZ001 - the case


def test_the_fixed_clock_stands_until_it_is_advanced() -> None:
    clock = FixedClock(datetime(2026, 1, 31, 23, 59, 59, 250_000, tzinfo=UTC))
    before = clock.now_ns()
    assert clock.today() == date(2026, 1, 31)
    assert before % 1_000_000_000 == 250_000_000
    clock.advance(1.5)
    assert clock.today() == date(2026, 2, 1)
    assert clock.monotonic_s() == 1.5
    assert clock.now_ns() - before == 1_500_000_000


def test_the_system_clock_tells_utc_and_never_runs_backwards() -> None:
    clock = SystemClock()
    first = clock.monotonic_s()
    assert clock.now_utc().tzinfo is UTC
    assert clock.today() in {datetime.now(UTC).date(), clock.now_utc().date()}
    assert clock.monotonic_s() >= first


def test_a_file_written_at_once_is_never_older_than_the_clock(tmp_path: Path) -> None:
    clock = SystemClock()
    for number in range(200):
        since = clock.now_ns()
        path = tmp_path / str(number)
        path.write_bytes(b"x")
        assert path.stat().st_mtime_ns >= since
