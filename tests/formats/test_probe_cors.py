"""Origins: who is let in that only looks like those that are meant."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from formats.probe_answers import reply, session

from gates.domain.errors import StageError
from gates.formats.probe_cors import FOREIGN, cors, strangers
from gates.formats.probe_headers import Pages
from gates.formats.probe_model import Identity
from gates.toolkit.http_calls import Call, Reply

OWN = "https://shop.example"
PAGES = Pages(open=("/a",))
ADA = Identity(name="ada", headers=(("Authorization", "Bearer x"),))


def service(
    is_allowed: Callable[[Call, str], bool], *, told: str = "authorization"
) -> Callable[[Call], Reply]:
    """A service with one page that allows these origins."""

    def send(call: Call) -> Reply:
        origin = dict(call.headers).get("Origin", "")
        is_page = call.target == "/a"
        if not (origin and is_allowed(call, origin)):
            return reply(200 if is_page and call.method == "GET" else 404)
        named = {
            "Access_Control_Allow_Origin": origin,
            "Access_Control_Allow_Headers": told,
            "Access_Control_Allow_Credentials": "true",
            "Vary": "Origin",
        }
        return reply(200 if is_page else 404, None, **named)

    return send


def broken(
    is_allowed: Callable[[Call, str], bool], *origins: str, pages: Pages = PAGES, told: str = ""
) -> set[str]:
    talk = session(service(is_allowed, told=told), identities={"ada": ADA})
    found = cors(talk, pages, origins=origins or (OWN,))
    return {check.rule.removeprefix("http/") for check in found if not check.holds}


def host(origin: str) -> str:
    return origin.partition("://")[2]


def test_only_the_own_origin_is_allowed() -> None:
    assert broken(lambda _, origin: origin == OWN) == set()


READ = {"cors-foreign-origin", "cors-credentials", "cors-preflight"}


@pytest.mark.parametrize(
    ("is_allowed", "rules"),
    [
        (lambda _, origin: origin.startswith(OWN), READ),
        (lambda _, origin: origin.endswith("shop.example"), READ),
        (lambda _, origin: host(origin) == "shop.example", READ),
        (lambda _, origin: origin == OWN or origin.endswith(".shop.example"), READ),
        (
            lambda call, origin: (
                origin == OWN or (origin.startswith(OWN) and call.method == "OPTIONS")
            ),
            {"cors-preflight"},
        ),
        (lambda call, origin: origin == OWN and call.method == "GET", {"cors-own-origin"}),
        (lambda call, origin: origin == OWN or call.target != "/a", READ | {"cors-null-origin"}),
        (
            lambda call, origin: origin == OWN or (origin == "null" and call.method == "OPTIONS"),
            {"cors-preflight"},
        ),
    ],
)
def test_a_service_that_compares_badly(
    is_allowed: Callable[[Call, str], bool], rules: set[str]
) -> None:
    assert broken(is_allowed) == rules


def test_names_below_that_are_meant() -> None:
    below = "https://*.shop.example"

    def is_allowed(_: Call, origin: str) -> bool:
        return origin == OWN or (origin.startswith("https://") and origin.endswith(".shop.example"))

    assert broken(is_allowed, OWN, below) == set()
    assert broken(lambda _, origin: origin == OWN, OWN, below) == {"cors-own-origin"}
    assert broken(lambda _, origin: host(origin).endswith("shop.example"), OWN, below) == READ


@pytest.mark.parametrize(
    ("origin", "rest"),
    [
        (
            "https://api.shop.example:8443",
            [
                "https://api.shop.example.gates-probe.invalid",
                "http://api.shop.example:8443",
                "https://gates-probe-api.shop.example:8443",
                "https://gates-probe.api.shop.example:8443",
                "https://apixshop.example:8443",
            ],
        ),
        ("http://localhost:3000", ["http://localhost.gates-probe.invalid"]),
        ("http://127.0.0.1", ["http://127.0.0.1.gates-probe.invalid"]),
        (
            "https://*.shop.example",
            [
                "https://gates-probe.shop.example.gates-probe.invalid",
                "http://gates-probe.shop.example",
                "https://gates-probe-shop.example",
            ],
        ),
    ],
)
def test_strangers_that_look_like_an_origin(origin: str, rest: list[str]) -> None:
    assert list(strangers([origin])) == [FOREIGN, *rest]


def test_an_origin_that_is_meant_is_no_stranger() -> None:
    assert "http://shop.example" not in strangers([OWN, "http://shop.example"])
    below = strangers(["https://app.shop.example", "https://*.shop.example"])
    assert not [each for each in below if each.endswith(".shop.example") and "https" in each]


def test_each_kind_of_request_is_made() -> None:
    asked: list[str] = []

    def send(call: Call) -> Reply:
        named = dict(call.headers)
        asked.append(f"{call.method} {call.target} {named.get('Origin', '-')}")
        return service(lambda _, origin: origin == "http://b")(call)

    assert all(each.holds for each in cors(session(send), PAGES, origins=("http://b",)))
    look = "http://b.gates-probe.invalid"
    every = [
        f"{method} {path} {origin}"
        for path in ("/a", "/gates-probe-0a")
        for origin in (FOREIGN, look, "null")
        for method in ("GET", "OPTIONS")
    ]
    assert asked == ["GET /a -", *every, "GET /a http://b", "OPTIONS /a http://b"]


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_page_that_is_not_there_shows_nothing(status: int) -> None:
    with pytest.raises(StageError) as caught:
        list(cors(session(lambda _: reply(status)), PAGES))
    assert caught.value.problem.slug == "page-not-there"


def test_a_token_may_be_sent_by_the_own_origin() -> None:
    private = Pages(open=(), private=(("/a", "ada"),))

    def is_allowed(_: Call, origin: str) -> bool:
        return origin == OWN

    assert broken(is_allowed, pages=private, told="X-A, Authorization") == set()
    assert broken(is_allowed, pages=private, told="*") == {"cors-own-origin"}
    assert broken(is_allowed, pages=PAGES, told="*") == set()


def test_a_preflight_whose_status_is_no_success() -> None:
    def send(call: Call) -> Reply:
        answer = service(lambda _, origin: origin == OWN)(call)
        return Reply(status=405, headers=answer.headers) if call.method == "OPTIONS" else answer

    found = [each for each in cors(session(send), PAGES, origins=(OWN,)) if not each.holds]
    assert [(each.rule, each.got) for each in found] == [("http/cors-own-origin", "405")]
