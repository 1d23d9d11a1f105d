"""The running service at Level 2, clean and with faults; what loads is made short.

Faults of different gates are planted together, for starting a service takes longer than looking at
it. The whole of Level 2, with its own durations, is what `gates -C tests/backends/orders check
--level 2` runs.
"""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from orders.conftest import Copy
from orders.test_faults import Fault, faults
from orders.test_orders import gates_of

pytestmark = [
    pytest.mark.live,
    pytest.mark.serial,
    pytest.mark.skipif(
        shutil.which("schemathesis") is None or shutil.which("git") is None,
        reason="needs schemathesis in an environment of its own, on PATH",
    ),
]

SHORT = (
    ("users: 15\n", "users: 12\n"),
    ("spawn_rate: 15\n", "spawn_rate: 12\n"),
    ("warmup: 4s\n", "warmup: 2s\n"),
    ("duration: 65s\n", "duration: 8s\n"),
    ("max_duration: 130s\n", "max_duration: 8s\n"),
    # So few requests cannot show that fewer than one in a thousand fails.
    (
        "        require: [rate >= 50/s,",
        "        drop: [error_rate]\n        require: [rate >= 25/s,",
    ),
    ("with: {examples: 10}", "with: {examples: 1, phases: [examples, coverage, stateful]}"),
    ("          messages: 20\n", "          messages: 10\n          deadline: 1s\n"),
    ("warmup: 2s, duration: 8s}", "warmup: 1s, duration: 4s}"),
)
Gates = dict[str, dict[str, object]]
TRIES = 3
BENCH = "with: {paths: [GET /products, GET /products/7], rate: 1x, warmup: 1s, duration: 4s}"
BRISK = (
    "with: {paths: [GET /health], rate: 400/s, warmup: 1s, duration: 25s, max_duration: 50s}\n"
    "        require: [error_rate < 0.1%]"
)
"""Ten thousand requests: fewer cannot tell one in five hundred from one in a thousand."""

EDITS = {
    "61-bench-one-request-in-500-fails": (BENCH, BRISK),
    "75-breaking-never-ready": (
        "ready: /ready\n    expected",
        "ready: {http: /ready, timeout: 5s}\n    expected",
    ),
}

GROUPS = (
    ("60-load-endpoint-sleeps", "62-load-leaks-memory"),
    ("61-bench-one-request-in-500-fails",),
    ("63-load-server-dies",),
    ("64-queries-one-more-for-each-order", "65-cache-never-hits", "66-logs-line-no-json"),
    ("67-realtime-last-subscriber-dropped",),
    (
        "68-migrations-downgrade-loses-a-column",
        "69-contract-field-never-sent",
        "70-breaking-field-renamed",
        "71-probe-header-missing",
        "72-probe-forgets-to-ask-for-a-token",
        "73-database-sells-twice",
        "74-limits-none",
    ),
    ("75-breaking-never-ready",),
)
"""Faults that are planted together; those of one group touch what other gates of it look at not."""


def shortened(copy: Copy) -> None:
    for old, new in SHORT:
        copy.edit("gates.yaml", old, new)


def words(gates: set[str]) -> list[str]:
    return [word for gate in sorted(gates) for word in ("--gate", gate)]


def left_behind(root: Path) -> list[str]:
    """Processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink().is_relative_to(root):
                found.append((process / "cmdline").read_text())
        except OSError:
            continue  # it ended meanwhile, or is somebody else's
    return found


def services_of(gates: Gates) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for gate in gates.values():
        services = gate["services"]
        assert isinstance(services, list)
        found += services
    return found


def judged(copy: Copy, gates: set[str], *, decided: set[str]) -> Gates:
    """The gates, those again that this machine was too busy to measure; that is never a pass."""
    found: Gates = {}
    left = gates
    for _ in range(TRIES):
        _, record = copy.check("--level", "2", "--keep-going", *words(left))
        found |= {name: each for name, each in gates_of(record).items() if name in left}
        busy = {
            name
            for name, each in found.items()
            if each["error"] == "generator-saturated"
            or (each["status"] == "inconclusive" and name in decided)
        }
        if not busy:
            break
        left = busy | ({"queries", "cache", "logs"} & gates if "load" in busy else set())
    return found


def is_open(address: str) -> bool:
    url = urlsplit(address)
    with socket.socket() as client:
        client.settimeout(1)
        return client.connect_ex((url.hostname or "", url.port or 0)) == 0


def test_every_fault_stands_in_one_group() -> None:
    planted = sorted(name for group in GROUPS for name in group)
    assert planted == sorted(fault.path.stem for fault in faults(2))


def test_the_running_service_passes_and_leaves_nothing_behind(running: Copy) -> None:
    shortened(running)
    running.commit("test: measure for a shorter time")
    every = {fault.gate for fault in faults(2)}
    gates = judged(running, every, decided=every)
    assert {
        name: gate["reason"] for name, gate in gates.items() if gate["status"] != "passed"
    } == {}
    services = services_of(gates)
    assert {service["name"] for service in services} == {"api", "api-sqlite", "db"}
    assert left_behind(running.root) == []
    assert [each["url"] for each in services if is_open(str(each["url"]))] == []


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group[0])
def test_faults_turn_exactly_their_gates(running: Copy, group: tuple[str, ...]) -> None:
    shortened(running)
    if group[0] in EDITS:
        running.edit("gates.yaml", *EDITS[group[0]])
    planted = [fault for fault in faults(2) if fault.path.stem in group]
    for fault in planted:
        running.git("apply", "--whitespace=nowarn", "-", stdin=fault.path.read_bytes())
    running.commit("feat: change something")
    chosen = {fault.gate for fault in planted}
    if chosen & {"queries", "cache", "logs"}:
        chosen.add("load")
    gates = judged(running, chosen, decided={fault.gate for fault in planted})
    for fault in planted:
        told(fault, gates[fault.gate])
    turned = {name for name, gate in gates.items() if gate["status"] in {"failed", "errored"}}
    assert turned == {fault.gate for fault in planted}, {
        name: gates[name]["reason"] for name in turned
    }
    assert left_behind(running.root) == []


def told(fault: Fault, gate: dict[str, object]) -> None:
    """The gate stands as the fault expects, and says why in words."""
    findings = gate["findings"]
    assert isinstance(findings, list)
    said = [gate["reason"], *(f"{each['rule']} {each['message']}" for each in findings)]
    assert gate["status"] == fault.expected, said
    assert any(fault.says in str(text) for text in said), said
