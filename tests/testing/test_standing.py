from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from testing.naive_service import SAMPLE, Asks

from gates.domain.service import ServicePlan
from gates.executor.service_local import LocalService
from gates.executor.services import Scope
from gates.plugin import Service, Usage
from gates.testing import FakeService
from gates.testing.relay import Fault
from gates.testing.standing import FaultyHost, Relayed, StandIn, StandInHost, described
from gates.testing.workshop import Workshop
from gates.toolkit.clock import SystemClock
from gates.toolkit.processes import Command, Processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as processes:
        yield processes


@pytest.fixture
def service(processes: Processes, tmp_path: Path) -> LocalService:
    command = Command(
        argv=("/bin/sleep", "60"),
        cwd="/",
        env={},
        stdout=str(tmp_path / "out"),
        stderr=str(tmp_path / "err"),
        timeout_s=60,
    )
    made = LocalService(
        plan=ServicePlan(name="api", run=("x",)),
        port=31234,
        url="http://127.0.0.1:31234/v1",
        folder=tmp_path / "own-31234",
        running=processes.start(command),
        logs=(tmp_path / "out",),
        values={"port": "31234", "url": "http://127.0.0.1:31234/v1", "dir": "x-31234"},
        clock=SystemClock(),
    )
    made._usage.append(Usage(0.0, 1, 0.0, 1))
    return made


def test_a_stand_in_is_described_as_the_service_was(service: LocalService) -> None:
    other = FakeService(name="db")
    stand_in: Service = described({"api": service, "db": other})["api"]
    assert described({"db": other}) == {}
    assert (stand_in.name, stand_in.url, stand_in.port) == ("api", service.url, 31234)
    assert (stand_in.is_local, stand_in.folder) == (True, service.folder)
    assert stand_in.filled("{url} {port}") == "http://127.0.0.1:31234/v1 31234"
    assert stand_in.trouble() == ""
    assert stand_in.logs == ()


def test_behind_a_relay_only_the_port_is_another(service: LocalService) -> None:
    relayed: Service = Relayed.of(service, 5)
    assert (relayed.url, relayed.port, relayed.host) == ("http://127.0.0.1:5/v1", 5, "127.0.0.1")
    assert relayed.filled("{url} {port} {dir}") == f"http://127.0.0.1:5/v1 5 {service.folder}"
    assert (relayed.is_local, relayed.name, relayed.folder) == (True, "api", service.folder)
    assert relayed.logs == service.logs
    assert relayed.usage == service.usage
    assert relayed.trouble() == ""
    with pytest.raises(AssertionError):
        _ = Relayed(service.plan).logs


def test_a_host_of_stand_ins_starts_nothing(
    service: LocalService, processes: Processes, tmp_path: Path
) -> None:
    made = workshop(tmp_path)
    known = {"api": StandIn.of(service)}
    host = StandInHost(project=made._project, processes=processes, known=known)
    scope = Scope(folder=tmp_path, named="api")
    host.open(scope)
    assert scope.services == known
    assert scope.own == []


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.ENDED])
def test_a_relay_stands_only_where_one_is_needed(
    processes: Processes, tmp_path: Path, fault: Fault
) -> None:
    made = workshop(tmp_path)
    host = FaultyHost(project=made._project, processes=processes, fault=fault)
    scope = Scope(folder=tmp_path / "logs", named="api")
    host.open(scope)
    try:
        (own,) = scope.own
        assert isinstance(scope.services["api"], Relayed) == fault.is_relayed
        assert (scope.services["api"].port != own.port) == fault.is_relayed
    finally:
        scope.close()
        host.close()


def workshop(folder: Path) -> Workshop:
    import os

    return Workshop.of(folder / "project", Asks, replace(SAMPLE), dict(os.environ))
