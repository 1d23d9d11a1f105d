"""The headers of answers, value by value."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import StageError
from gates.formats.probe_headers import Pages, headers
from gates.toolkit.http_calls import Call, Reply

RIGHT = {
    "Strict-Transport-Security": "max-age=31536000",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "Referrer-Policy": "no-referrer",
}
PAGES = Pages(open=("/a",))


def broken(changed: Mapping[str, str], *, hsts: bool = True) -> set[str]:
    """The rules that an answer with these headers breaks."""
    whole = {**RIGHT, **changed}
    given = tuple((name, value) for name, value in whole.items() if value)

    def send(call: Call) -> Reply:
        return Reply(status=200 if call.target == "/a" else 404, headers=given)

    found = headers(session(send), PAGES, wants_hsts=hsts)
    return {check.rule.removeprefix("http/") for check in found if not check.holds}


@pytest.mark.parametrize(
    ("name", "value", "rules"),
    [
        ("Strict-Transport-Security", "max-age=31536000; preload", set()),
        ("Strict-Transport-Security", "includeSubDomains; Max-Age = 99999999", set()),
        ("Strict-Transport-Security", "max-age=31535999", {"hsts-missing"}),
        ("Strict-Transport-Security", "includeSubDomains", {"hsts-missing"}),
        ("Strict-Transport-Security", "max-age=31536000, max-age=1", set()),
        ("Strict-Transport-Security", "max-age=1, max-age=31536000", {"hsts-missing"}),
        ("X-Content-Type-Options", "nosniff, nosniff", set()),
        ("X-Content-Type-Options", "nosniff, none", {"nosniff-missing"}),
        ("X-Content-Type-Options", "NoSniff", set()),
        ("X-Content-Type-Options", "sniff", {"nosniff-missing"}),
        ("X-Frame-Options", "SAMEORIGIN", set()),
        ("X-Frame-Options", "DENY, DENY", set()),
        ("X-Frame-Options", "DENY, ALLOWALL", {"frame-protection-missing"}),
        ("X-Frame-Options", "ALLOW-FROM https://a", {"frame-protection-missing"}),
        ("X-Frame-Options", "", {"frame-protection-missing"}),
        (
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors https:",
            {"frame-protection-missing"},
        ),
        ("Referrer-Policy", "unsafe-url, strict-origin", set()),
        ("Referrer-Policy", "strict-origin, banana", set()),
        ("Referrer-Policy", "banana", {"referrer-policy-missing"}),
        ("Referrer-Policy", "no-referrer, unsafe-url", {"referrer-policy-missing"}),
        ("Referrer-Policy", "no-referrer-when-downgrade", {"referrer-policy-missing"}),
        ("Server", "nginx", set()),
        ("Server", "nginx/1.25", {"software-told"}),
        ("Server", "Python 3.11", {"software-told"}),
        ("X-Powered-By", "Express", {"software-told"}),
        ("X-AspNet-Version", "4", {"software-told"}),
    ],
)
def test_each_value(name: str, value: str, rules: set[str]) -> None:
    assert broken({name: value}) == rules


@pytest.mark.parametrize(
    "policy",
    [
        "default-src 'none'",
        "default-src",
        "Default-Src 'SELF'; img-src *",
        "default-src *; script-src 'self' https://cdn.example",
        "script-src 'self'",
        "script-src 'nonce-AbC' 'unsafe-inline' 'strict-dynamic' https:",
        "script-src 'sha256-AbC=' 'unsafe-inline'",
        "sandbox",
        "sandbox allow-forms",
        "default-src *, default-src 'none'",
        "script-src-elem 'self'; script-src-attr 'none'",
    ],
)
def test_a_policy_that_limits_scripts(policy: str) -> None:
    assert broken({"Content-Security-Policy": policy}) == set()


@pytest.mark.parametrize(
    "policy",
    [
        "frame-ancestors 'none'",
        "upgrade-insecure-requests",
        "default-src * 'unsafe-inline' 'unsafe-eval' data:; frame-ancestors 'none'",
        "img-src *",
        "img-src 'none'",
        "x-src-nothing",
        "default-src 'self' https:",
        "default-src https://*",
        "default-src 'none'; script-src *:*",
        "default-src 'none'; script-src data:",
        "default-src 'none'; script-src 'self' 'unsafe-inline'",
        "default-src 'none'; script-src-elem *",
        "script-src *; script-src 'none'",
        "script-src 'nonce-AbC' https:",
        "script-src 'strict-dynamic' https:",
        "sandbox allow-scripts",
        ",",
    ],
)
def test_a_policy_that_limits_no_script(policy: str) -> None:
    assert broken({"Content-Security-Policy": policy}) == {"csp-missing"}


@pytest.mark.parametrize(
    ("ancestors", "is_open"),
    [
        ("'none'", False),
        ("", False),
        ("https://shop.example", False),
        ("https://*.shop.example", False),
        ("*", True),
        ("https://*", True),
        ("http://*:*", True),
        ("*:443", True),
        ("'self' http:", True),
    ],
)
def test_who_may_put_it_in_a_frame(ancestors: str, is_open: bool) -> None:  # noqa: FBT001
    policy = f"default-src 'none'; frame-ancestors {ancestors}"
    expected = {"frame-protection-missing"} if is_open else set()
    assert broken({"Content-Security-Policy": policy}) == expected
    both = f"{policy}, frame-ancestors 'none'"
    assert broken({"Content-Security-Policy": both}) == set()


def test_a_policy_of_ancestors_protects_without_the_old_header() -> None:
    policy = "default-src 'none'; frame-ancestors 'self'"
    assert broken({"X-Frame-Options": "", "Content-Security-Policy": policy}) == set()


def test_the_transport_is_pinned_only_where_it_is_asked() -> None:
    assert broken({"Strict-Transport-Security": ""}, hsts=False) == set()
    assert broken({"Strict-Transport-Security": ""}) == {"hsts-missing"}


def test_all_three_kinds_of_answers_are_looked_at() -> None:
    found = list(
        headers(
            session(lambda call: reply(200 if call.target == "/a" else 404)), PAGES, wants_hsts=True
        )
    )
    assert [check.subject for check in found[::6]] == [
        "GET /a",
        "GET /gates-probe-...",
        "POST /gates-probe-...",
    ]
    assert not any(check.holds for check in found if check.rule != "http/software-told")


@pytest.mark.parametrize("status", [200, 404, 429])
def test_an_answer_of_another_kind_shows_nothing(status: int) -> None:
    with pytest.raises(StageError):
        list(headers(session(lambda _: reply(status)), PAGES, wants_hsts=True))


@pytest.mark.parametrize(
    ("status", "is_fit"), [(400, True), (405, True), (501, True), (500, False), (503, False)]
)
def test_a_failure_is_no_refusal(status: int, is_fit: bool) -> None:  # noqa: FBT001
    def send(call: Call) -> Reply:
        return reply(status if call.method == "POST" else 200 if call.target == "/a" else 404)

    found = headers(session(send), PAGES, wants_hsts=False)
    if is_fit:
        assert list(found)
        return
    with pytest.raises(StageError) as caught:
        list(found)
    assert caught.value.problem.summary.startswith(f"POST /gates-probe-... answered {status}, ")
