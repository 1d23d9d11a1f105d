import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from orders.conftest import Copy

pytestmark = pytest.mark.live

SCHEMA = json.loads((files("gates.reports") / "run_v1.schema.json").read_text())


def gates_of(record: dict[str, object]) -> dict[str, dict[str, object]]:
    gates = record["gates"]
    assert isinstance(gates, list)
    return {gate["name"]: gate for gate in gates}


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
        assert tool["version"]
        assert gate["reports"]


def test_a_change_of_the_readme_alone_is_green_and_says_why(orders: Copy) -> None:
    readme = orders.root / "README.md"
    readme.write_text(readme.read_text() + "\nMore words.\n")
    orders.commit("docs: say more")
    code, record = orders.check("--changed-from", "HEAD~1")
    assert code == 0
    gates = gates_of(record)
    left = {name: gate for name, gate in gates.items() if gate["status"] != "unaffected"}
    # Ruff formats the code blocks of Markdown files, so a README is an input of that gate; and
    # what is known of vulnerabilities changes while no file does.
    assert {name: gate["status"] for name, gate in left.items()} == {
        "format": "passed",
        "audit": "passed",
    }
    assert all(
        "touches none of its" in str(gate["reason"])
        for gate in gates.values()
        if gate["status"] == "unaffected"
    )


@pytest.mark.parametrize("body", [None, "#!/bin/sh\nexit 0\n", "#!/bin/sh\necho '[]'\n"])
def test_a_tool_that_is_gone_or_says_nothing_is_errored(
    orders: Copy, tmp_path: Path, body: str | None
) -> None:
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    policy = orders.root / "gates.yaml"
    policy.write_text(
        policy.read_text().replace("project:", f"environment: {environment}\nproject:")
    )
    if body is None:
        # The name is looked up in other environments too; a folder is no program in any of them.
        policy.write_text(
            policy.read_text().replace(
                "lint: ruff",
                "lint: {uses: command, with: {run: ruff-is-gone, examined: exit-status}}",
            )
        )
    else:
        (environment / "bin" / "ruff").write_text(body)
        (environment / "bin" / "ruff").chmod(0o755)
    code, record = orders.check("--gate", "lint")
    assert gates_of(record)["lint"]["status"] == "errored"
    assert code == 3
