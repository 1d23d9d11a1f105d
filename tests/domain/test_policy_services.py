from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest
from samples import gate, plan

from gates.domain.plan import Plan
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.policy_services import compare_services
from gates.domain.service import Ready, ReadyBy, ServicePlan

API = ServicePlan(name="api", run=("serve",), expected_traffic=Decimal(400), place="gates.yaml:4:3")


def with_services(*services: ServicePlan, used: str = "api") -> Plan:
    return replace(plan(replace(gate(), service=used)), services=services)


def changes(after: ServicePlan, used: str = "api") -> list[PolicyChange]:
    return list(compare_services(with_services(API, used=used), with_services(after, used=used)))


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"run": ("other",)}, Kind.LOOSENED),
        ({"url": "http://localhost:1"}, Kind.LOOSENED),
        ({"setup": (("a", "b"),)}, Kind.LOOSENED),
        ({"env": (("A", "1"),)}, Kind.LOOSENED),
        ({"cwd": "x"}, Kind.LOOSENED),
        ({"needs": ("db",)}, Kind.LOOSENED),
        ({"shared": True}, Kind.LOOSENED),
        ({"address": "x"}, Kind.LOOSENED),
        ({"ready": Ready(by=ReadyBy.HTTP, value="/health")}, Kind.LOOSENED),
        ({"ready": Ready(timeout_s=60)}, Kind.CHANGED),
        ({"grace_s": 60}, Kind.CHANGED),
        ({"expected_traffic": Decimal(300)}, Kind.LOOSENED),
        ({"expected_traffic": None}, Kind.LOOSENED),
        ({"expected_traffic": Decimal(500)}, Kind.TIGHTENED),
    ],
)
def test_each_part_of_a_service_is_compared(changed: dict[str, object], kind: Kind) -> None:
    (found,) = changes(replace(API, **changed))  # type: ignore[arg-type]
    assert found.kind is kind
    assert found.place == "gates.yaml:4:3"
    (unused,) = changes(replace(API, **changed), used="")  # type: ignore[arg-type]
    assert not unused.loosens


def test_traffic_that_is_said_for_the_first_time_tightens() -> None:
    silent = replace(API, expected_traffic=None)
    (found,) = compare_services(with_services(silent), with_services(API))
    assert (found.kind, found.before, found.after) == (Kind.TIGHTENED, "", "400/s")


def test_services_that_come_and_go_are_told() -> None:
    elsewhere = ServicePlan(name="far", url="https://registry.example")
    found = list(compare_services(with_services(API), with_services(elsewhere)))
    assert [(each.kind, each.before, each.after) for each in found] == [
        (Kind.CHANGED, "serve", ""),
        (Kind.ADDED, "", "https://registry.example"),
    ]


def test_the_same_services_are_no_change() -> None:
    assert changes(replace(API, place="gates.yaml:44:3")) == []


def test_no_part_of_a_service_is_forgotten() -> None:
    assert {each.name for each in fields(ServicePlan)} == {
        "name", "run", "url", "setup", "ready", "env", "cwd", "needs", "shared",
        "expected_traffic", "grace_s", "address", "place",
    }  # fmt: skip
    assert {each.name for each in fields(Ready)} == {"by", "value", "command", "timeout_s"}
