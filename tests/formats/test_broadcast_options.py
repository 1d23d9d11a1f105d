from __future__ import annotations

import pytest

from gates.formats import broadcast_options as options
from gates.formats.broadcast_plan import BroadcastLogin


def test_a_time_is_read() -> None:
    assert options.microseconds("500ms", name="x") == 500_000
    assert options.microseconds("1.5 s", name="x") == 1_500_000
    assert options.microseconds("60min", name="x") == 3_600_000_000


@pytest.mark.parametrize("text", ["", "5", "5MB", "-1s", "61min", "1s2"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="`deadline` is a time"):
        options.microseconds(text, name="deadline")


def test_a_request_is_read() -> None:
    assert options.trigger("POST /a?b=c") == ("POST", "/a?b=c")


@pytest.mark.parametrize("text", ["/a", "post /a", "POST", "POST /a b", "POST /a\r\nX: y"])
def test_what_is_no_request_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="such as `POST"):
        options.trigger(text)


def test_a_command_is_split_as_a_shell_splits_it() -> None:
    assert options.words("a 'b c'") == ("a", "b c")
    assert options.words(("a", "b c")) == ("a", "b c")
    assert options.words("") == ()


@pytest.mark.parametrize(
    ("headers", "variables", "why"),
    [
        ({"a b": "x"}, {}, "cannot name"),
        ({"": "x"}, {}, "cannot name"),
        ({"A": "x\r\nB: y"}, {}, "no header may hold"),
        ({"A": "x\n"}, {}, "no header may hold"),
        ({"A": "€"}, {}, "no header may hold"),
        ({}, {"A": "NOT-A-NAME"}, "no environment variable"),
    ],
)
def test_fields_that_no_request_can_hold_are_refused(
    headers: dict[str, str], variables: dict[str, str], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        options.refuse_headers(headers, variables)


def test_fields_are_taken() -> None:
    options.refuse_headers({"X-A": "a b\tö"}, {"Authorization": "TOKEN_1"})


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ((0, 1, 0), "`subscribers`"),
        ((options.MAX_SUBSCRIBERS + 1, 1, 0), "`subscribers`"),
        ((1, 0, 0), "`messages`"),
        ((1, 50_001, 0), "`messages`"),
        ((1, 1, 2), "`reconnect`"),
        ((1, 1, -1), "`reconnect`"),
        ((20_000, 101, 0), "deliveries"),
        ((20_000, 51, 1), "deliveries"),
    ],
)
def test_numbers_that_cannot_be_are_refused(sizes: tuple[int, int, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        options.refuse_sizes(*sizes)


def test_numbers_are_taken() -> None:
    options.refuse_sizes(20_000, 100, 0)
    options.refuse_sizes(20_000, 50, 20_000)


def test_a_login_is_that_of_a_load() -> None:
    assert options.login({}) is None
    assert options.login({"path": "/l", "take": "/t", "body": "b"}) == BroadcastLogin(
        method="POST",
        path="/l",
        kind="application/json",
        body="b",
        take="/t",
        header="Authorization: Bearer {token}",
    )
    with pytest.raises(ValueError, match="needs `take`"):
        options.login({"path": "/l"})
