from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from orders_ts.conftest import BACKENDS, Copy
from orders_ts.test_orders_ts import gates_of

pytestmark = pytest.mark.live

NEEDS = {"coverage": ("tests",)}
"""Gates that a gate takes its numbers from."""


@dataclass(frozen=True, slots=True)
class Fault:
    path: Path
    gate: str
    expected: str
    message: str


def faults() -> list[Fault]:
    found = []
    for path in sorted((BACKENDS / "orders-ts-faults").glob("*.patch")):
        lines = path.read_text(encoding="utf-8").partition("\n\n")[0].splitlines()
        head = dict(line.split(": ", 1) for line in lines)
        message = head.get("Commit", "feat: change something")
        found.append(Fault(path, head["Gate"], head["Expect"], message))
    return found


def chosen(gates: Iterable[str]) -> list[str]:
    return [word for gate in sorted(gates) for word in ("--gate", gate)]


def plant(orders: Copy, fault: Fault) -> None:
    orders.git("apply", "--whitespace=nowarn", "-", stdin=fault.path.read_bytes())


def test_there_are_enough_of_them() -> None:
    gates = [fault.gate for fault in faults()]
    assert len(gates) >= 20
    assert all(gates.count(gate) >= 2 for gate in gates)


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.path.stem)
def test_a_fault_turns_its_gate(orders: Copy, fault: Fault) -> None:
    plant(orders, fault)
    orders.commit(fault.message)
    needs = NEEDS.get(fault.gate, ())
    code, record = orders.check(*chosen({fault.gate, *needs}))
    gates = gates_of(record)
    reason = gates[fault.gate]["reason"]
    assert (gates[fault.gate]["status"], code) == (
        fault.expected,
        {"failed": 1, "errored": 3}[fault.expected],
    ), reason
    assert reason
    assert {gates[name]["status"] for name in needs} <= {"passed"}


@pytest.mark.parametrize("gate", sorted({fault.gate for fault in faults()}))
def test_a_gate_sees_no_fault_of_the_others(orders: Copy, gate: str) -> None:
    # One by one this would take a whole check a fault; a gate that sees none of all of them sees
    # none of them alone. What fails the tests is left out for the coverage, which needs them.
    needs = NEEDS.get(gate, ())
    for fault in faults():
        if fault.gate not in {gate, *needs} and fault.expected == "failed":
            plant(orders, fault)
    orders.commit("feat: change much")
    code, record = orders.check(*chosen({gate, *needs}))
    judged = gates_of(record)[gate]
    assert (judged["status"], code) == ("passed", 0), judged["reason"]
