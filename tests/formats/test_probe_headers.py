"""The headers of answers, value by value."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import StageError
from gates.formats.probe_headers import FOREIGN, Pages, cors, headers
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
        ("Content-Security-Policy", "sandbox", set()),
        ("Content-Security-Policy", "frame-ancestors 'none'", {"csp-missing"}),
        ("X-Content-Type-Options", "NoSniff", set()),
        ("X-Content-Type-Options", "sniff", {"nosniff-missing"}),
        ("X-Frame-Options", "SAMEORIGIN", set()),
        ("X-Frame-Options", "ALLOW-FROM https://a", {"frame-protection-missing"}),
        ("X-Frame-Options", "", {"frame-protection-missing"}),
        (
            "Content-Security-Policy",
            "default-src *; frame-ancestors https:",
            {"frame-protection-missing"},
        ),
        ("Referrer-Policy", "unsafe-url, strict-origin", set()),
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
        "GET /gates-probe-{run}",
        "POST /gates-probe-{run}",
    ]
    assert not any(check.holds for check in found if check.rule != "http/software-told")


@pytest.mark.parametrize("status", [200, 404, 429])
def test_an_answer_of_another_kind_shows_nothing(status: int) -> None:
    with pytest.raises(StageError):
        list(headers(session(lambda _: reply(status)), PAGES, wants_hsts=True))


def test_strangers_of_many_kinds_are_tried() -> None:
    origins: list[str] = []

    def send(call: Call) -> Reply:
        origins.append(f"{call.method} {dict(call.headers)['Origin']}")
        return reply(200)

    found = list(cors(session(send), PAGES, origins=("https://shop.example:8443",)))

    assert origins == [
        f"GET {FOREIGN}",
        "GET https://shop.example.gates-probe.invalid",
        "GET null",
        f"OPTIONS {FOREIGN}",
        "GET https://shop.example:8443",
    ]
    assert [check.rule for check in found if not check.holds] == ["http/cors-own-origin"]
