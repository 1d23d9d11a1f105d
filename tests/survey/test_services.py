from __future__ import annotations

from dataclasses import replace

import pytest
from samples import gate, plan
from survey.scenes import Ground

from gates.domain.plan import Plan
from gates.domain.service import ITSELF, Ready, ReadyBy, ServicePlan
from gates.domain.survey import Weight
from gates.survey.services import of_services
from gates.toolkit import postgres_launch

GOOD = ServicePlan(name="api", run=("serve", "--port", "{port}"), place="gates.yaml:3:3")


def planned(*services: ServicePlan, names: str = "api") -> Plan:
    return replace(plan(replace(gate(name="load"), service=names)), services=services)


def told(place: Ground, *services: ServicePlan, names: str = "api") -> list[tuple[str, str]]:
    place.environment({"serve": "1"})
    remarks = of_services(planned(*services, names=names), place.scene())
    return [(each.gate, each.summary) for each in remarks if each.weight is Weight.CANNOT_RUN]


def test_a_service_that_can_start(place: Ground) -> None:
    (place.root / "sub").mkdir()
    elsewhere = ServicePlan(name="far", url="http://127.0.0.1:80")
    sound = replace(
        GOOD,
        setup=(("./make", "x"), ("{dir}/made",)),
        cwd="sub",
        needs=("far",),
        ready=Ready(by=ReadyBy.COMMAND, command=("serve", "--check")),
    )
    place.program(place.root / "make", "exit 0")
    assert told(place, sound, elsewhere) == []


@pytest.mark.parametrize(
    ("service", "why"),
    [
        (replace(GOOD, run=("no-such",)), "service `api` cannot start: "),
        (replace(GOOD, setup=(("no-such",), ("no-such", "x"))), "service `api` cannot start: "),
        (
            replace(GOOD, run=("bin/no",)),
            "`bin/no`, which service `api` names, is not a program",
        ),
        (replace(GOOD, cwd="gone"), "service `api` starts in `gone`, which is no folder"),
    ],
)
def test_what_keeps_a_service_from_starting(place: Ground, service: ServicePlan, why: str) -> None:
    ((name, summary),) = told(place, service)
    assert name == "load"
    assert summary.startswith(why)


def test_a_need_that_cannot_start_stops_the_gate_too(place: Ground) -> None:
    broken = ServicePlan(name="db", run=("no-such",))
    assert [name for name, _ in told(place, replace(GOOD, needs=("db",)), broken)] == ["load"]


def test_a_database_that_is_not_installed(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_launch, "_places", lambda *_: ())
    made = ServicePlan(name="api", run=(ITSELF, "-m", "gates.toolkit.postgres_launch"))
    ((_, summary),) = told(place, made)
    assert summary.startswith("service `api` cannot start: no `initdb` and `postgres`")


def test_a_database_that_is_installed(place: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in postgres_launch.PROGRAMS:
        place.program(place.home / "pg" / name, "exit 0")
    monkeypatch.setattr(postgres_launch, "_places", lambda *_: (place.home / "pg",))
    assert told(place, ServicePlan(name="api", run=(ITSELF, "-m", "x"))) == []


def test_a_service_that_no_gate_names(place: Ground) -> None:
    place.environment({"serve": "1"})
    idle = ServicePlan(name="idle", run=("no-such",), place="gates.yaml:9:3")
    (remark,) = of_services(planned(GOOD, idle), place.scene())
    assert (remark.weight, remark.gate, remark.place) == (Weight.LOOSE, "", "gates.yaml:9:3")
    assert remark.summary == "service `idle` never starts: no gate names it"
