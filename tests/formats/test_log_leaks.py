from __future__ import annotations

import pytest

from gates.formats.log_leaks import (
    CARD,
    EMAIL,
    IBAN,
    MADE_UP,
    PHONE,
    SECRET_KEY,
    SEEDED,
    TOKEN,
    WORDS,
    Leaks,
    blind,
)

ANY = Leaks()


def rules(text: str, leaks: Leaks = ANY) -> list[str]:
    return [leak.rule for leak in leaks.of(text)]


@pytest.mark.parametrize(("rule", "text"), SEEDED)
def test_each_seeded_text_is_found_by_its_rule_alone(rule: str, text: str) -> None:
    assert rules(f"a user, {text}, came") == [rule]
    assert WORDS[rule]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("order by ann.b+c@mail.shop.example failed", EMAIL),
        ("call +1 (415) 555-2671 now", PHONE),
        ("to GB82WEST12345698765432.", IBAN),
        ("paid with 5555-5555-5555-4444", CARD),
        ("card 378282246310005", CARD),
        ("Authorization: Bearer abcdefghijklmnop", TOKEN),
        ("db postgresql://app:hunter22@db/orders", TOKEN),  # pragma: allowlist secret
        ("key -----BEGIN PRIVATE KEY-----", TOKEN),  # pragma: allowlist secret
        ("POST /login email=bob%40corp.example&x=1", EMAIL),
        ("GET /users/bob%2540corp.example", EMAIL),
        ("to bob&#64;corp.example", EMAIL),
        ("from j\u00fcrgen@corp.example", EMAIL),
        ("from bob@m\u00fcller.example", EMAIL),
        ("from bob@xn--mller-kva.xn--p1ai.", EMAIL),
        ("tel=%2B4930901820", PHONE),
        ("POST /login?password=hunter2hunter2", SECRET_KEY),
        ("%7B%22password%22%3A%22hunter2%22%7D", SECRET_KEY),
    ],
)
def test_what_stands_in_clear(text: str, rule: str) -> None:
    assert rules(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "GET /orders 200",
        "2026-01-31T12:00:00+00:00",
        "2026-01-31T12:00:00.123456+02:00 at +12345",
        "1767225600123456",
        "4111 1111 1111 1112",
        "9999888877776666",
        "DE89 3704 0044 0532 0130 01",
        "DE8937",
        "id 01890dd5-4111-1111-1111-111111111111",
        "user@host",
        "pip install a @ b",
        "db postgresql://app:***@db/orders",
        "took +5 ms, +123 4",
        "installed foo@1.2.3-rc.beta, api@sha256:abc and foo@1.2.3",
        "user git@github.example:o/r.git at https://u@git.example/x",
        "offset +1000000000, +12345678 and +49301000000",
        "sold 100% & more, 5%25",
        "",
    ],
)
def test_what_is_no_leak(text: str) -> None:
    assert rules(text) == []


def test_what_is_shown_of_it_are_two_signs() -> None:
    assert [leak.shown for leak in ANY.of("ann@shop.example")] == ["an…"]
    assert [leak.shown for leak in ANY.of("ghp_" + "Ab1" * 12)] == [""]


def test_allowed_texts_are_no_leak() -> None:
    leaks = Leaks(allow=("*@shop.example", "ops-token"))

    assert rules("noreply@shop.example", leaks) == []
    assert rules("ann@mail.example", leaks) == [EMAIL]
    assert list(leaks.under("token", "ops-token")) == []


def test_made_up_texts_are_found_whatever_they_look_like() -> None:
    assert rules("pw=abc1", Leaks(never=("abc1",))) == [MADE_UP]


@pytest.mark.parametrize(
    ("key", "value", "found"),
    [
        ("password", "hunter2", True),
        ("user_password", "hunter2", True),
        ("accessToken", "abc", True),
        ("Set-Cookie", "sid=1", True),
        ("password", "***", False),
        ("password", "[REDACTED]", False),
        ("password", "", False),
        ("tokens_left", "5", False),
        ("spin", "5", False),
        ("password1", "hunter2", True),
        ("password_confirmation", "hunter2", True),
        ("passwordRepeat", "hunter2", True),
        ("new_password", "hunter2", True),
        ("secret_key", "abc", True),
        ("token", "expired", False),
        ("password_hash", "abc", False),
    ],
)
def test_values_under_names_of_secrets(key: str, value: str, *, found: bool) -> None:
    assert [leak.rule for leak in ANY.under(key, value)] == [SECRET_KEY] * found


def test_an_allowed_value_of_a_text_is_no_leak() -> None:
    assert rules("GET /x?token=ops-token", Leaks(allow=("ops-token",))) == []
    assert rules("GET /x?token=ops-token2", Leaks(allow=("ops-token",))) == [SECRET_KEY]


def test_a_pattern_that_allows_all_is_told() -> None:
    assert blind(ANY) == ()
    assert blind(Leaks(allow=("*@*",))) == (EMAIL,)
    assert len(blind(Leaks(allow=("*",)))) == len(SEEDED)
