from dataclasses import dataclass
from pathlib import Path

import pytest
from orders.conftest import BACKENDS, Copy
from orders.test_orders import gates_of

pytestmark = pytest.mark.live

SLOW = (("tests", "coverage"), ("secrets",))
"""Gates that take longer than all the others together, those that go together in one group."""


@dataclass(frozen=True, slots=True)
class Fault:
    path: Path
    gate: str
    expected: str
    message: str


def faults() -> list[Fault]:
    found = []
    for path in sorted((BACKENDS / "orders-faults").glob("*.patch")):
        lines = path.read_text(errors="replace").partition("\n\n")[0].splitlines()
        head = dict(line.split(": ", 1) for line in lines)
        message = head.get("Commit", "feat: change something")
        found.append(Fault(path, head["Gate"], head["Expect"], message))
    return found


def gates_for(fault: Fault) -> tuple[str, ...]:
    """The gates to run, or none for all of them.

    Only the first fault of each gate is judged by all: what takes long is left out for the others,
    where the fault is not one for it.
    """
    first = next(each for each in faults() if each.gate == fault.gate)
    if fault == first:
        return ()
    left_out = {gate for group in SLOW if fault.gate not in group for gate in group}
    chosen = sorted({each.gate for each in faults()} - left_out)
    return tuple(word for gate in chosen for word in ("--gate", gate))


def test_there_are_enough_of_them() -> None:
    gates = [fault.gate for fault in faults()]
    assert len(gates) >= 25
    assert all(gates.count(gate) >= 3 for gate in gates)


@pytest.mark.parametrize("fault", faults(), ids=lambda fault: fault.path.stem)
def test_a_fault_turns_exactly_its_gate(orders: Copy, fault: Fault) -> None:
    orders.git("apply", "--whitespace=nowarn", "-", stdin=fault.path.read_bytes())
    orders.commit(fault.message)
    code, record = orders.check(*gates_for(fault))
    gates = {name: gate for name, gate in gates_of(record).items() if gate["status"] != "skipped"}
    assert len(gates) >= len({each.gate for each in faults()}) - sum(map(len, SLOW))
    turned = {
        name: gate["status"]
        for name, gate in gates.items()
        if gate["status"] != "passed" and gate["caused_by"] != fault.gate
    }
    reasons = {name: gates[name]["reason"] for name in turned}
    assert turned == {fault.gate: fault.expected}, reasons
    assert code == {"failed": 1, "errored": 3}[fault.expected]
    assert gates[fault.gate]["reason"]
