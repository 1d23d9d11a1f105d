import json
import subprocess
from importlib.resources import files

import jsonschema
import pytest
from orders_ts.conftest import BACKENDS, Copy

pytestmark = pytest.mark.live

SCHEMA = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())


def gates_of(record: dict[str, object]) -> dict[str, dict[str, object]]:
    gates = record["gates"]
    assert isinstance(gates, list)
    return {gate["name"]: gate for gate in gates}


def ratio_of(gate: dict[str, object], name: str) -> tuple[int, int]:
    metrics = gate["metrics"]
    assert isinstance(metrics, list)
    (found,) = [each for each in metrics if each["name"] == name and not each["tags"]]
    return found["numerator"], found["denominator"]


def test_the_service_passes_with_every_number_and_its_proof(orders: Copy) -> None:
    code, record = orders.check("--level", "1")
    gates = gates_of(record)
    assert {
        name: gate["reason"] for name, gate in gates.items() if gate["status"] != "passed"
    } == {}
    assert code == 0
    jsonschema.validate(record, SCHEMA)
    for gate in gates.values():
        examined, tool = gate["examined"], gate["tool"]
        assert isinstance(examined, dict)
        assert isinstance(tool, dict)
        assert examined["count"] > 0
        assert tool["version"] or gate["uses"] == "istanbul"
    assert ratio_of(gates["coverage"], "line") == own_lines(orders)


def own_lines(orders: Copy) -> tuple[int, int]:
    """The covered and all lines by Vitest's own summary."""
    vitest = orders.root / "node_modules" / ".bin" / "vitest"
    subprocess.run(
        (vitest, "run", "--coverage", "--coverage.reporter=json-summary"),
        cwd=orders.root,
        check=True,
        capture_output=True,
    )
    summary = json.loads((orders.root / "coverage" / "coverage-summary.json").read_text())
    lines = summary["total"]["lines"]
    return lines["covered"], lines["total"]


def test_the_lock_names_no_registry_and_every_version_is_pinned() -> None:
    folder = BACKENDS / "orders-ts"
    lock = json.loads((folder / "package-lock.json").read_text())
    assert not [path for path, each in lock["packages"].items() if "resolved" in each]
    package = json.loads((folder / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(version.replace(".", "").isdigit() for version in versions)
