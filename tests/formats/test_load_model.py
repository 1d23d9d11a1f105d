from __future__ import annotations

from formats.load_records import record


def test_the_warm_up_is_no_part_of_what_is_measured() -> None:
    found = record(3, failed=lambda at: {"status 500": 1} if at < 0 else {"refused": 2})

    assert [cell.at for cell in found.measured] == [0, 1, 2]
    assert [beat.at for beat in found.phase] == [0, 1, 2]
    assert found.failures == (("refused", 6),)
    assert found.measured[0].succeeded == 100
    assert found.measured[0].failures == 2


def test_endpoints_without_a_request_in_the_measured_phase_are_unasked() -> None:
    found = record(3, endpoints=["GET /a", "GET /b", "GET /c"])

    assert found.unasked == ("GET /b", "GET /c")
    assert record(3).unasked == ()
