from dataclasses import replace
from pathlib import Path

import pytest
from survey.scenes import Ground, plan_of

from gates.domain.errors import ToolMissing
from gates.domain.plan import Exemption, Plan, ProjectEntry
from gates.domain.survey import Diagnosis, Weight
from gates.survey.diagnose import diagnose
from gates.toolkit.git import Git


@pytest.fixture
def shop(place: Ground) -> Ground:
    place.repo.write("src/shop/__init__.py")
    place.repo.write("tests/test_shop.py", "def test_one():\n    pass\n")
    place.repo.commit("feat: a shop")
    return place


def diagnosed(place: Ground, plan: Plan) -> Diagnosis:
    git = Git(place.root, place.environ)
    state = place.root / ".git" / "gates"
    return diagnose(plan, git, state, place.environ, own_prefix=place.own)


def test_a_sound_project(shop: Ground) -> None:
    shop.environment()
    found = diagnosed(shop, plan_of("tests: pytest\ncoverage: coverage\ncommits: commit-message"))
    assert found.remarks == ()
    assert (found.project, found.gates) == ("shop", 3)
    assert found.policy == str(shop.root / "gates.yaml")
    assert [(tool.name, tool.how) for tool in found.tools] == [
        ("coverage", ".venv"),
        ("git", "PATH"),
        ("pytest", ".venv"),
    ]
    assert all(tool.seconds is not None and tool.version for tool in found.tools)
    assert {fact.name for fact in found.facts} >= {"environment", "git", "base", "kept", "records"}
    uncovered = [identifier for identifier, _ in found.uncovered]
    assert "L1-LINT" in uncovered
    assert "L1-TESTS" not in uncovered
    assert not any(identifier.startswith("L2") for identifier in uncovered)


def test_a_missing_tool_stops_what_needs_its_gate(shop: Ground) -> None:
    shop.environment({"coverage": "7.17.3"})
    found = diagnosed(shop, plan_of("coverage: coverage\ntests: pytest"))
    assert [(each.gate, each.weight) for each in found.remarks] == [
        ("coverage", Weight.CANNOT_RUN),
        ("tests", Weight.CANNOT_RUN),
    ]
    assert found.remarks[0].summary == "it needs the gate `tests`, which cannot run"
    pytest_tool = found.tools[1]
    assert (pytest_tool.name, pytest_tool.path, pytest_tool.how) == ("pytest", "", "missing")


def test_what_the_checkout_brings_stops_every_gate(shop: Ground) -> None:
    made = shop.environment()
    (made / ".gitignore").unlink()
    shop.repo.commit()
    found = diagnosed(shop, plan_of("lint: ruff"))
    assert found.remarks[0].gate == ""
    assert found.remarks[0].weight is Weight.CANNOT_RUN
    assert "was brought by the checkout" in found.tools[0].how


def test_a_given_report_needs_no_tool(shop: Ground) -> None:
    shop.repo.write("out/junit.xml", "<testsuites/>")
    found = diagnosed(shop, plan_of("tests: {uses: pytest, with: {report: out/junit.xml}}"))
    assert found.tools == ()
    assert found.remarks == ()


def test_the_programs_of_a_command_are_not_started(shop: Ground) -> None:
    shop.program(shop.home / "bin" / "deploy", f"touch {shop.home}/deployed")
    text = "own: {uses: command, with: {run: deploy, examined: {json: /n, unit: files}}}"
    found = diagnosed(shop, plan_of(text))
    assert found.tools == ()
    assert found.remarks == ()
    assert not Path(shop.home / "deployed").exists()


def test_what_is_said_not_to_apply_is_told(shop: Ground) -> None:
    shop.environment()
    exemptions = (
        Exemption(criterion="L1-TESTS", reason="none yet", owner="Ann"),
        Exemption(criterion="L1-BENCH", reason="no API", owner="Ann"),
    )
    plan = replace(plan_of("tests: pytest"), not_applicable=exemptions)
    found = diagnosed(shop, plan)
    first, second = found.remarks
    assert (first.gate, first.weight) == ("tests", Weight.LOOSE)
    assert second.summary == ("L1-BENCH is said not to apply, and no gate looks: no API (Ann)")
    assert "L1-BENCH" not in [identifier for identifier, _ in found.uncovered]


def test_an_environment_that_is_not_there_is_an_error(shop: Ground) -> None:
    with pytest.raises(ToolMissing):
        diagnosed(shop, replace(plan_of("lint: ruff"), environment="venv"))


def test_a_project_in_node_is_told_of_node(place: Ground) -> None:
    place.manifest("eslint")
    place.repo.write("src/a.ts")
    place.repo.write("eslint.config.js")
    place.packages("eslint")
    place.repo.commit("feat: a shop")
    found = diagnosed(place, plan_of("lint: eslint"))
    assert [(tool.name, tool.version, tool.how) for tool in found.tools] == [
        ("eslint", "10.15.0", "node_modules"),
        ("node", "20.1.2", "PATH"),
        ("npm", "20.1.2", "PATH"),
    ]
    assert "packages" in {fact.name for fact in found.facts}
    assert found.remarks == ()


def test_a_folder_over_projects_is_asked_for_no_environment(place: Ground) -> None:
    place.repo.write("api/gates.yaml")
    place.repo.commit("feat: begin")
    plan = replace(plan_of("commits: commit-message"), projects=(ProjectEntry("api", "x:1:1"),))
    found = diagnosed(place, plan)
    assert found.uncovered == ()
    assert not any(fact.is_doubtful for fact in found.facts if fact.name == "environment")
