"""`gates policy diff` in whole commands: what a change takes from the gates is named."""

from __future__ import annotations

import json

import pytest
from cli.conftest import Gates

POLICY = """\
version: 1
project: shop
levels:
  1:
    gates:
      tests: pytest
      coverage:
        uses: coverage
        require: [line >= 90%]
      fine:
        uses: command
        with: {run: "true", examined: exit-status}
"""
WAIVER = """\
version: 1
waivers:
  - {gate: coverage, condition: line, reason: hurry, owner: bo,
     created: 2026-01-01, expires: 2026-12-01}
"""
TESTS = "def test_a() -> None:\n    assert 1\n\n\ndef test_b() -> None:\n    assert 2\n"
WORKFLOW = (
    "on: [push]\njobs:\n  gates:\n    runs-on: ubuntu-latest\n    steps: [run: gates check]\n"
)
SETTINGS = "[tool.coverage.run]\nomit = ['src/old.py']\n"


@pytest.fixture
def shop(gates: Gates) -> Gates:
    repo = gates.repo
    repo.write("src/app.py", "def run() -> int:\n    return 1\n")
    repo.write("tests/test_app.py", TESTS)
    repo.write("pyproject.toml", SETTINGS)
    repo.write(".github/workflows/ci.yml", WORKFLOW)
    gates.policy(POLICY)
    repo.git("tag", "base")
    return gates


def named(shop: Gates, code: int) -> str:
    found = shop("policy", "diff", "base")
    assert found.code == code, found
    return found.out


def test_no_change_is_none(shop: Gates) -> None:
    assert "no change" in named(shop, 0)
    shop.repo.write("gates.yaml", "# another comment\n" + POLICY.replace("  1:", "  1:  # first"))
    assert "no change" in named(shop, 0)


def test_a_lowered_threshold_is_named(shop: Gates) -> None:
    shop.repo.write("gates.yaml", POLICY.replace("90%", "85%"))
    out = named(shop, 1)
    assert "loosened  condition on `line` of gate `coverage`  gates.yaml:9:19" in out
    assert "line >= 90% -> line >= 85%" in out


def test_a_waiver_is_named(shop: Gates) -> None:
    shop.repo.write(".gates/waivers.yaml", WAIVER)
    assert "loosened  waiver of condition `line` of gate `coverage`" in named(shop, 1)


def test_what_tightens_is_named_and_harmless(shop: Gates) -> None:
    shop.repo.write("gates.yaml", POLICY.replace("90%", "95%") + "      lint: ruff\n")
    out = named(shop, 0)
    assert "tightened condition on `line`" in out
    assert "added     gate `lint`" in out
    assert out.endswith("nothing is loosened\n")


def test_what_weakens_from_outside_is_named(shop: Gates) -> None:
    repo = shop.repo
    repo.write("src/app.py", "def run() -> int:\n    return eval('1')  # nosec\n")
    repo.write("tests/test_app.py", TESTS.partition("\n\n\n")[0] + "\n")
    wider = SETTINGS.replace("['src/old.py']", "['src/old.py', 'src/app.py']")
    repo.write("pyproject.toml", wider)
    repo.write(".github/workflows/ci.yml", WORKFLOW + "    continue-on-error: true\n")
    repo.commit()
    out = named(shop, 0)
    for text in ("src/app.py:2", "tests/test_app.py", "pyproject.toml", ".github/workflows/ci.yml"):
        assert text in out, out


def test_json_is_for_programs(shop: Gates) -> None:
    shop.repo.write("gates.yaml", POLICY.replace("90%", "85%"))
    found = shop("policy", "diff", "base", "--report", "json")
    document = json.loads(found.out)
    assert (found.code, document["loosens"]) == (1, True)
    assert document["projects"][0]["changes"][0]["kind"] == "loosened"


def test_a_revision_that_is_not_here_is_a_usage_error(shop: Gates) -> None:
    found = shop("policy", "diff", "nope")
    assert found.code == 2
    assert "error[unknown-ref]" in found.err


def test_an_unreadable_policy_of_the_base_is_no_comparison(shop: Gates) -> None:
    shop.policy("version: 1\nlevels: {1: [rufff]}\n")
    base = shop.repo.git("rev-parse", "HEAD")
    shop.repo.write("gates.yaml", POLICY)
    found = shop("policy", "diff", base)
    assert found.code == 3
    assert f"gates.yaml@{base}:2:14" in found.err


def test_the_first_policy_is_told(gates: Gates) -> None:
    gates.repo.write("x", "")
    base = gates.repo.commit()
    gates.policy(POLICY)
    found = gates("policy", "diff", base)
    assert found.code == 0
    assert "the first policy" in found.out


def test_projects_that_come_and_go_are_named(gates: Gates) -> None:
    one = "version: 1\nlevels: {1: [ruff]}\n"
    gates.repo.write("services/a/gates.yaml", one)
    gates.repo.write("services/b/gates.yaml", one)
    gates.policy("version: 1\nprojects: [services/*]\n")
    gates.repo.git("tag", "base")
    gates.repo.git("rm", "-q", "-r", "services/b")
    gates.repo.write("services/c/gates.yaml", one)
    gates.repo.write("services/a/gates.yaml", one.replace("ruff", "mypy"))
    found = gates("policy", "diff", "base")
    assert found.code == 1, found
    for text in (
        "removed   project `services/b`",
        "added     project `services/c`",
        "removed   gate `ruff`",
    ):
        assert text in found.out, found.out
