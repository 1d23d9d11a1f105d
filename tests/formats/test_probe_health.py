"""Health, metrics and TLS."""

from __future__ import annotations

import pytest
from formats.probe_answers import Answers, reply, session

from gates.domain.errors import StageError
from gates.formats.probe_health import health, metrics, says, tls
from gates.formats.probe_model import Check
from gates.toolkit.http_calls import Reply

OLD = {"TLS 1.0": 0x301, "TLS 1.1": 0x302}
PAGE = b"# TYPE a counter\na 1\n"


def broken(checks: list[Check]) -> list[str]:
    return [f"{check.expected}: {check.got}" for check in checks if not check.holds]


@pytest.mark.parametrize(
    ("declared", "holds"),
    [
        ("", True),
        ("ok", True),
        ("lost", False),
        ("/status = ok", True),
        ("/status = bad", False),
        ("/lost = ok", False),
        ("status = ok", False),
    ],
)
def test_what_a_body_says(declared: str, holds: bool) -> None:  # noqa: FBT001
    assert says(reply(200, {"status": "ok"}), declared) is holds


def test_an_empty_body_says_nothing() -> None:
    assert not says(Reply(status=200), "")


def test_health() -> None:
    answers = Answers({"GET /health": [reply(200, {"status": "ok"})], "GET /ready": [reply(503)]})
    found = list(health(session(answers), {"/health": "/status = ok", "/ready": ""}))
    assert broken(found) == ["200: 503", "a body: 0 bytes without it"]


def test_metrics() -> None:
    name = "Content-Type"
    kinds = (((name, "text/plain; version=0.0.4"),), ((name, "text/html"),), ())
    told = []
    for kind in kinds:
        answer = Reply(status=200, headers=kind, body=PAGE)
        told.append(broken(list(metrics(session(Answers({"GET /m": [answer]})), "/m"))))
    bad = Answers({"GET /m": [Reply(status=500, headers=kinds[0], body=b"x y z")]})
    found = broken(list(metrics(session(bad), "/m")))

    type_ = "the type `text/plain` or `application/openmetrics-text`"
    assert told == [[], [f"{type_}: `text/html`"], [f"{type_}: `none`"]]
    assert found[0] == "200: 500"
    assert found[1].startswith("valid text of Prometheus: ")
    assert "/m:1" in found[1]


def test_a_service_that_answers_all_shows_nothing() -> None:
    answers = Answers({"GET /gates-probe-0a": [reply(200)]})
    for checks in (health(session(answers), {"/h": ""}), metrics(session(answers), "/m")):
        with pytest.raises(StageError, match="a path that is not there"):
            list(checks)


@pytest.mark.parametrize(
    ("taken", "takes_13", "told"),
    [
        (set(), True, []),
        (set(), False, ["TLS 1.3 to be offered: no handshake in it"]),
        ({0x302}, True, ["TLS 1.1 to be refused: a handshake in it"]),
    ],
)
def test_tls(taken: set[int], takes_13: bool, told: list[str]) -> None:  # noqa: FBT001
    checks = list(tls("https://a", OLD, lambda number: number in taken, takes_13=takes_13))
    assert len(checks) == 3
    assert broken(checks) == told
