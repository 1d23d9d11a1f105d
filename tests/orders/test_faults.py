from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
from orders.conftest import BACKENDS, Copy
from orders.test_orders import gates_of

pytestmark = pytest.mark.live

NEEDS = {"coverage": ("tests",)}
"""Gates that are judged by what others measured, which must then be fit."""


@dataclass(frozen=True, slots=True)
class Fault:
    path: Path
    gate: str
    expected: str
    message: str
    says: str


def faults(level: int = 1) -> list[Fault]:
    found = []
    for path in sorted((BACKENDS / "orders-faults").glob("*.patch")):
        lines = path.read_text(errors="replace").partition("\n\n")[0].splitlines()
        head = dict(line.split(": ", 1) for line in lines)
        message = head.get("Commit", "feat: change something")
        if int(head.get("Level", "1")) == level:
            says = head.get("Says", "")
            found.append(Fault(path, head["Gate"], head["Expect"], message, says))
    return found


def chosen(gates: Iterable[str]) -> list[str]:
    return [word for gate in sorted(gates) for word in ("--gate", gate)]


def plant(orders: Copy, fault: Fault) -> None:
    orders.git("apply", "--whitespace=nowarn", "-", stdin=fault.path.read_bytes())


def test_there_are_enough_of_them() -> None:
    gates = [fault.gate for fault in faults()]
    assert len(gates) >= 25
    assert all(gates.count(gate) >= 3 for gate in gates)


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.path.stem)
def test_a_fault_turns_its_gate(orders: Copy, fault: Fault) -> None:
    plant(orders, fault)
    orders.commit(fault.message)
    needs = NEEDS.get(fault.gate, ())
    code, record = orders.check(*chosen({fault.gate, *needs}))
    gates = gates_of(record)
    assert gates[fault.gate]["status"] == fault.expected, gates[fault.gate]["reason"]
    assert code == {"failed": 1, "errored": 3}[fault.expected]
    assert gates[fault.gate]["reason"]
    assert {gates[name]["status"] for name in needs} <= {"passed"}


@pytest.mark.parametrize("gate", sorted({fault.gate for fault in faults()}))
def test_a_gate_sees_no_fault_of_the_others(orders: Copy, gate: str) -> None:
    # One by one this would take a whole check a fault; a gate that sees none of all of them sees
    # none of them alone. What fails the tests is left out for the coverage, which needs them.
    needs = NEEDS.get(gate, ())
    planted = set()
    for fault in faults():
        if fault.gate not in {gate, *needs} and orders.applies(fault.path.read_bytes()):
            plant(orders, fault)
            planted.add(fault.gate)
    message = "feat: change much" if gate == "commits" else "change things"
    orders.commit(message)
    code, record = orders.check(*chosen({gate, *needs}))
    judged = gates_of(record)[gate]
    assert planted | {gate, *needs} == {fault.gate for fault in faults()}
    assert (judged["status"], code) == ("passed", 0), judged["reason"]
