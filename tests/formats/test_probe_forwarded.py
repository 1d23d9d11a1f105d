"""Whose word a limit takes for the address of a caller."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from ipaddress import ip_address, ip_network

import pytest

from gates.formats.probe_forwarded import EXAMPLE, Belief, Headers, believed, forwarded, note

NOBODYS = ip_network("198.18.0.0/15")


def hops(headers: Headers) -> list[str]:
    return dict(headers)["X-Forwarded-For"].split(", ")


def limited(caller_of: Callable[[Headers], str], *, count: int = 3) -> Callable[[Headers], bool]:
    """A limit by whoever this takes for the caller; who says nothing used theirs up."""
    used: Counter[str] = Counter({"": count})

    def is_let(headers: Headers) -> bool:
        caller = caller_of(headers)
        used[caller] += 1
        return used[caller] <= count

    return is_let


@pytest.mark.parametrize(
    ("caller_of", "belief"),
    [
        (lambda _: "", Belief.NOBODY),
        (lambda headers: hops(headers)[-1], Belief.PROXY),
        (lambda headers: hops(headers)[0], Belief.ANYBODY),
        (lambda headers: dict(headers)["X-Real-IP"], Belief.PROXY),
        (lambda headers: dict(headers)["Forwarded"].split("=")[-1], Belief.PROXY),
        (lambda headers: dict(headers)["Forwarded"], Belief.ANYBODY),
    ],
)
def test_whose_word_is_taken(caller_of: Callable[[Headers], str], belief: Belief) -> None:
    assert believed(limited(caller_of), most=4, tolerance=0) is belief


def test_any_word_lifts_it() -> None:
    made: list[Headers] = []

    def is_let(headers: Headers) -> bool:
        made.append(headers)
        return True

    assert believed(is_let, most=4, tolerance=0) is Belief.ANYBODY
    assert len(made) == 5
    addresses = {address for headers in made for address in hops(headers)}
    assert len(addresses) == 2
    assert all(ip_address(address) in NOBODYS for address in (*addresses, EXAMPLE))


def test_a_limit_that_refills_believes_nobody() -> None:
    answers = iter([True, True, False, False])
    assert believed(lambda _: next(answers), most=9, tolerance=1) is Belief.NOBODY


def test_headers_that_say_where_a_request_came_from() -> None:
    assert forwarded("198.18.0.1", "198.18.0.2") == (
        ("X-Forwarded-For", "198.18.0.1, 198.18.0.2"),
        ("X-Real-IP", "198.18.0.2"),
        ("Forwarded", "for=198.18.0.1, for=198.18.0.2"),
    )


def test_a_reader_is_told() -> None:
    assert note("GET /a").startswith("GET /a counts by the last address of X-Forwarded-For")
