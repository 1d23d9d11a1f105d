from decimal import Decimal
from pathlib import Path

from gates.testing import FakeService


def test_a_fake_service_is_what_it_is_said_to_be(tmp_path: Path) -> None:
    service = FakeService(name="db", port=5432, folder=tmp_path, expected_traffic=Decimal(50))
    assert service.url == "http://127.0.0.1:5432"
    assert service.filled("{url}/x?d={dir}") == f"http://127.0.0.1:5432/x?d={tmp_path}"


def test_it_fills_in_what_other_services_are_said_to_be() -> None:
    assert FakeService(values={"db.port": "7"}).filled("{db.port}-{port}") == "7-80"


def test_its_troubles_come_in_order_and_the_last_stays() -> None:
    service = FakeService(troubles=["", "it ended"])
    assert [service.trouble() for _ in range(3)] == ["", "it ended", "it ended"]
