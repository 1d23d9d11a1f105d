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


def gates_for(fault: Fault) -> tuple[str, ...]:
    """The gates to run, or none for all of them.

    What takes long is left out for faults of other gates, which one test plants all at once; of the
    slow gates themselves the first fault is judged by all.
    """
    is_slow = any(fault.gate in group for group in SLOW)
    if is_slow and fault == next(each for each in faults() if each.gate == fault.gate):
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


def test_faults_of_the_others_leave_the_slow_gates_as_they_were(orders: Copy) -> None:
    slow = {gate for group in SLOW for gate in group}
    planted = []
    for fault in faults():
        if fault.gate in slow or fault.expected != "failed":
            continue
        patch = fault.path.read_bytes()
        if orders.applies(patch):
            orders.git("apply", "--whitespace=nowarn", "-", stdin=patch)
            planted.append(fault)
    orders.commit("change things")
    _, record = orders.check()
    gates = gates_of(record)
    others = {fault.gate for fault in faults()} - slow
    assert {fault.gate for fault in planted} == others
    assert {name for name, gate in gates.items() if gate["status"] == "failed"} == others
    assert {name for name, gate in gates.items() if gate["status"] == "passed"} == slow
