import json
import sysconfig
import venv
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
from orders.conftest import Copy

pytestmark = pytest.mark.live

SOURCES = Path(__file__).parents[2] / "src"
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
    # Ruff formats the code blocks of Markdown files and a secret may stand in any file, so a README
    # is an input of those gates; what is known of vulnerabilities changes while no file does; and
    # each commit has a message.
    assert {name: gate["status"] for name, gate in left.items()} == {
        "format": "passed",
        "secrets": "passed",  # pragma: allowlist secret
        "commits": "passed",
        "audit": "passed",
    }
    assert all(
        "touches none of its" in str(gate["reason"])
        for gate in gates.values()
        if gate["status"] == "unaffected"
    )


@pytest.mark.parametrize("body", ["#!/bin/sh\nexit 0\n", "#!/bin/sh\necho '[]'\n"])
def test_a_tool_that_says_nothing_is_errored(orders: Copy, tmp_path: Path, body: str) -> None:
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "ruff").write_text(body)
    (environment / "bin" / "ruff").chmod(0o755)
    policy = orders.root / "gates.yaml"
    named = policy.read_text().replace("project:", f"environment: {environment}\nproject:")
    policy.write_text(named)
    code, record = orders.check("--gate", "lint")
    assert gates_of(record)["lint"]["status"] == "errored"
    assert code == 3


def test_a_tool_that_is_not_installed_is_errored_with_the_next_step(
    orders: Copy, tmp_path: Path
) -> None:
    venv.create(tmp_path / "bare", symlinks=True)
    (packages,) = (tmp_path / "bare" / "lib").glob("python3*/site-packages")
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n{SOURCES}\n")
    python = str(tmp_path / "bare" / "bin" / "python")
    code, record = orders.check("--gate", "lint", python=python, path="/usr/bin:/bin")
    lint = gates_of(record)["lint"]
    assert (lint["status"], lint["error"]) == ("errored", "tool-missing")
    assert "pip install ruff" in str(lint["hint"])
    assert code == 3
