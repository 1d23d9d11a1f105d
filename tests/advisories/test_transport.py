from __future__ import annotations

import pytest
from advisories.fake_osv import FakeOsv, Mode

from gates.advisories.transport import Http, Limits, NotThere, check_address, shown
from gates.domain.errors import StageError

QUICK = Limits(seconds=5, silence_s=0.2, attempts=2, pause_s=0.001)


@pytest.mark.parametrize(
    "address",
    [
        "http://osv.example/v1",
        "ftp://osv.example/all.zip",
        "file:///etc/passwd",
        "https://",
        "http://127.0.0.1.osv.example/",
        "https://[bad",
        "osv.example",
        "",
    ],
)
def test_only_https_or_this_machine(address: str) -> None:
    with pytest.raises(StageError) as caught:
        Http()(address)
    assert caught.value.problem.slug == "advisories-address"


@pytest.mark.parametrize(
    "address", ["https://osv.example", "http://127.0.0.1:1/x", "http://localhost", "http://[::1]:2"]
)
def test_these_addresses_are_taken(address: str) -> None:
    check_address(address)


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    given = "https://me:secret@osv.example/a?token=b#c"  # pragma: allowlist secret
    assert shown(given) == "https://osv.example/a"
    assert shown("here") == "here"


@pytest.mark.parametrize(
    ("mode", "requests", "why"),
    [
        (Mode.BUSY, 2, "status 429 .attempt 2"),
        (Mode.BROKEN, 2, "status 500"),
        (Mode.HANG, 2, "did not answer in time"),
        (Mode.STALL, 1, "did not answer in time"),
        (Mode.NO_CONTENT, 1, "status 204"),
        (Mode.CUT, 1, "broke off|IncompleteRead"),
    ],
)
def test_no_whole_answer_is_an_error(mode: Mode, requests: int, why: str) -> None:
    with FakeOsv([], mode) as fake, pytest.raises(StageError, match=why) as caught:
        Http(QUICK)(f"{fake.address}/v1/query")
    assert caught.value.problem.slug == "advisories-unreachable"
    assert "gates advisories update" in caught.value.problem.hint
    assert len(fake.requests) == requests


def test_not_found_is_told_apart_and_not_tried_again() -> None:
    with FakeOsv([], Mode.NOT_FOUND) as fake, pytest.raises(NotThere):
        Http(QUICK)(f"{fake.address}/v1/vulns/A")
    assert len(fake.requests) == 1


def test_what_passes_is_tried_again() -> None:
    with FakeOsv([], Mode.BUSY_ONCE) as fake:
        assert Http(QUICK)(f"{fake.address}/v1/query", b'{"package": {"name": "x"}}') == b"{}"
    assert len(fake.requests) == 2


def test_a_refused_connection_is_an_error() -> None:
    with FakeOsv([]) as fake:
        address = fake.address
    with pytest.raises(StageError, match=r"Connection ?[Rr]efused"):
        Http(QUICK)(address)


def test_a_redirection_is_held_to_the_same_rule() -> None:
    with FakeOsv([], Mode.ELSEWHERE) as fake, pytest.raises(StageError) as caught:
        Http(QUICK)(f"{fake.address}/v1/query")
    assert caught.value.problem.slug == "advisories-address"


def test_a_redirection_on_this_machine_is_followed() -> None:
    with FakeOsv([], Mode.MOVED, files={"/new": b"here"}) as fake:
        assert Http(QUICK)(f"{fake.address}/old") == b"here"


def test_too_much_is_an_error() -> None:
    with FakeOsv([], Mode.PAGE) as fake, pytest.raises(StageError, match="more than 10 bytes"):
        Http(Limits(max_bytes=10))(fake.address)


def test_time_is_limited_as_a_whole() -> None:
    with FakeOsv([], Mode.PAGE) as fake, pytest.raises(StageError, match=r"within 0 s|in time"):
        Http(Limits(seconds=0))(fake.address)
    with FakeOsv([], Mode.BUSY) as fake, pytest.raises(StageError, match="429"):
        Http(Limits(seconds=2, pause_s=60))(fake.address)
    assert len(fake.requests) == 1
