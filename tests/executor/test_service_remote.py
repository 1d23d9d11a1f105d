from __future__ import annotations

import socket
from decimal import Decimal

import pytest

from gates.domain.errors import StageError
from gates.domain.service import ServicePlan
from gates.executor import service_remote
from gates.executor.service_remote import RemoteService, place_of
from gates.toolkit.readiness import Place


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example", Place("a.example", 80)),
        ("https://a.example", Place("a.example", 443, is_tls=True)),
        ("http://[::1]:8080", Place("::1", 8080)),
    ],
)
def test_where_an_address_leads(url: str, expected: Place) -> None:
    assert place_of(url) == expected


def test_its_trouble_is_that_it_cannot_be_reached() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port: int = listening.getsockname()[1]
        service = RemoteService(ServicePlan(name="api", url=f"http://127.0.0.1:{port}"))
        assert service.trouble() == ""
    assert service.trouble() == (
        f"its port {port} cannot be reached: no connection: Connection refused"
    )


def test_a_service_that_is_there_again_at_the_next_look_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["no connection: timed out", ""])
    monkeypatch.setattr(service_remote, "why_not_tcp", lambda _: next(answers))
    assert RemoteService(ServicePlan(name="api", url="http://127.0.0.1:1")).trouble() == ""


def test_a_service_elsewhere() -> None:
    plan = ServicePlan(name="api", url="https://a.example", expected_traffic=Decimal(4))
    service = RemoteService(plan, {"port": "443"})
    assert (service.name, service.url, service.host) == ("api", "https://a.example", "a.example")
    assert (service.port, service.is_local) == (443, False)
    assert service.expected_traffic == Decimal(4)
    assert (service.logs, service.usage) == ((), ())
    assert service.filled("{port}") == "443"
    with pytest.raises(StageError, match="has no folder"):
        _ = service.folder
    with pytest.raises(StageError, match=r"`\{dir\}` names nothing"):
        service.filled("{dir}")
