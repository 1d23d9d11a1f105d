import pytest
from survey.scenes import NODE_TOOLS, TOOLS, Ground

from gates.domain.errors import ConfigError
from gates.domain.survey import Chosen, Proposal
from gates.survey.choice import Choosing, propose, quick
from gates.survey.obstacles import WRITE_LOCK
from gates.survey.table import Candidate

TEST = "def test_one():\n    pass\n"


def proposed(place: Ground, **environ: str) -> Proposal:
    return propose(place.root, {**place.environ, **environ}, own_prefix=place.own)


def uses(proposal: Proposal) -> dict[str, str]:
    return {gate.name: gate.uses for gate in proposal.chosen}


def shop(place: Ground) -> None:
    place.repo.write("src/shop/__init__.py")
    place.repo.write("tests/test_shop.py", TEST)
    place.repo.write("requirements.txt", "flask==3.0.0\n")
    place.repo.commit("feat: a shop")


def test_everything_that_can_run_is_chosen(place: Ground) -> None:
    shop(place)
    place.environment()
    proposal = proposed(place)
    assert uses(proposal) == {
        "lint": "ruff",
        "format": "ruff-format",
        "types": "mypy",
        "tests": "pytest",
        "coverage": "coverage",
        "sast": "bandit",
        "audit": "pip-audit",
        "secrets": "detect-secrets",
        "commits": "commit-message",
    }
    audit = next(gate for gate in proposal.chosen if gate.name == "audit")
    assert audit.options == (("lock", "requirements.txt"),)
    assert audit.found == "pip-audit 2.10.1 (.venv)"
    assert (proposal.layout, proposal.sources) == ("src layout", ("src",))
    assert proposal.tools_from == ".venv"
    assert proposal.quick == ("lint", "format", "sast", "secrets", "commits")
    assert proposal.notes == ()


def test_each_reason_is_told(place: Ground) -> None:
    shop(place)
    place.environment()
    place.repo.write("ruff.toml")
    why = {gate.name: gate.why for gate in proposed(place).chosen}
    assert why["lint"] == "configured by ruff.toml"
    assert why["types"] == "mypy is installed"
    assert why["tests"] == "1 test file"
    assert why["commits"] == "the last messages are Conventional Commits"


def test_a_configured_pytest_is_taken_at_its_word(place: Ground) -> None:
    shop(place)
    place.environment()
    (place.root / "tests" / "test_shop.py").unlink()
    place.repo.write("setup.cfg", "[tool:pytest]\npython_files = check_*.py\n")
    place.repo.write("tests/check_shop.py", TEST)
    assert {"tests", "coverage"} <= uses(proposed(place)).keys()
    place.repo.write("tests/test_shop.py", "orders = 1\n")
    place.repo.write("pytest.ini", "[pytest]\n")
    (place.root / "setup.cfg").unlink()
    why = {gate.name: gate.why for gate in proposed(place).chosen}
    assert why["tests"] == "configured by pytest.ini, though no test was recognised"


def test_metadata_that_are_no_toml_are_told(place: Ground) -> None:
    shop(place)
    place.environment()
    place.repo.write("pyproject.toml", "[tool.ruff\n")
    (note,) = proposed(place).notes
    assert note.startswith("pyproject.toml is no TOML, so nothing of it was read: ")
    assert "line 1" in note


def test_without_a_tool_or_a_test_a_gate_is_left_out_with_the_reason(place: Ground) -> None:
    place.repo.write("app.py")
    place.environment({"ruff": "0.17.6"})
    left = {gate.name: gate for gate in proposed(place).left_out}
    assert left["types"].why == "mypy is not installed"
    assert left["types"].hint == ".venv/bin/python -m pip install mypy"
    assert left["tests"].why.startswith("would be vacuous: ")
    assert left["coverage"].criterion == "L1-COVERAGE"


def test_coverage_needs_the_tests(place: Ground) -> None:
    shop(place)
    place.environment({"coverage": "7.17.3"})
    left = {gate.name: gate.why for gate in proposed(place).left_out}
    assert left["tests"] == "pytest is not installed"
    assert left["coverage"] == "needs the gate `tests`, which is left out"


def test_what_is_configured_goes_before_what_is_installed(place: Ground) -> None:
    shop(place)
    place.environment({**TOOLS, "pyright": "1.1.400"})
    assert uses(proposed(place))["types"] == "mypy"
    place.repo.write("pyrightconfig.json", "{}")
    assert uses(proposed(place))["types"] == "pyright"


def test_two_for_one_criterion_stand_only_where_both_are_configured(place: Ground) -> None:
    shop(place)
    place.environment({**TOOLS, "pyright": "1.1.400"})
    place.repo.write("pyrightconfig.json", "{}")
    place.repo.write("mypy.ini", "[mypy]\n")
    gates = uses(proposed(place))
    assert gates["types"] == "mypy"
    assert gates["pyright"] == "pyright"


def test_what_is_configured_and_missing_is_told_and_not_replaced_from_afar(place: Ground) -> None:
    shop(place)
    place.environment({"pyright": "1.1.400"}, folder=place.own)
    place.environment({"ruff": "0.17.6"})
    place.repo.write("mypy.ini", "[mypy]\n")
    proposal = proposed(place)
    assert "types" not in uses(proposal)
    left = {gate.name: gate.why for gate in proposal.left_out}
    assert left["types"] == "mypy is not installed, though it is configured (mypy.ini)"


def test_the_projects_own_tool_may_stand_in_for_a_missing_one(place: Ground) -> None:
    shop(place)
    place.environment({"pyright": "1.1.400"})
    place.repo.write("mypy.ini", "[mypy]\n")
    proposal = proposed(place)
    assert uses(proposal)["types"] == "pyright"
    assert [gate.name for gate in proposal.left_out if gate.name == "types"]


def test_the_projects_own_tool_goes_before_one_from_afar(place: Ground) -> None:
    shop(place)
    place.environment(folder=place.own)
    place.environment({"pyright": "1.1.400"})
    assert uses(proposed(place))["types"] == "pyright"


def test_without_a_lock_the_environment_is_looked_at(place: Ground) -> None:
    shop(place)
    (place.root / "requirements.txt").unlink()
    made = place.environment({"pip-audit": "2.10.1"})
    for folder in made.glob("lib/*/site-packages/*.dist-info"):
        (folder / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: pip-audit\nVersion: 2.10.1\n"
        )
        (folder / "RECORD").write_text("")
    audit = next(gate for gate in proposed(place).chosen if gate.name == "audit")
    assert audit.options == ()
    assert audit.why == "pip-audit is installed; no lock, so it looks at the environment"
    place.repo.write("requirements.txt", "flask\n")
    proposal = proposed(place)
    audit = next(gate for gate in proposal.chosen if gate.name == "audit")
    assert audit.options == ()
    assert audit.why.startswith("pip-audit is installed; requirements.txt: ")
    assert audit.why.endswith(", so it looks at the environment")
    (note,) = proposal.notes
    assert note.startswith("audit: requirements.txt: ")
    assert note.endswith(WRITE_LOCK)


def test_a_database_serves_where_pip_audit_is_missing(
    place: Ground, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from survey.test_obstacles import DATABASE

    shop(place)
    place.environment({"ruff": "0.17.6"})
    del tmp_path_factory
    audit = next(
        gate
        for gate in proposed(place, GATES_ADVISORIES=str(DATABASE)).chosen
        if gate.name == "audit"
    )
    assert (audit.uses, audit.why, audit.found) == ("advisories", "there is a database", "")


def test_a_stage_that_is_not_built_in_is_not_offered(place: Ground) -> None:
    shop(place)
    choosing = Choosing(place.scene())
    choosing.choose((Candidate(uses="x", gate="x", criterion="L1-LINT", purpose="x"),))
    assert (choosing.chosen, choosing.left_out) == ([], [])


def test_a_launcher_comes_with_its_variables(place: Ground) -> None:
    shop(place)
    made = place.environment(folder=place.home / "uvs")
    proposal = proposed(place, UV_PROJECT_ENVIRONMENT=str(made))
    assert proposal.launcher == "uv run "
    assert proposal.environ == (("VIRTUAL_ENV", str(made)),)


def test_the_name_is_left_out_where_the_folder_says_it(place: Ground) -> None:
    shop(place)
    place.repo.write("pyproject.toml", '[project]\nname = "repo"\n')
    assert proposed(place).project == ""
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    assert proposed(place).project == "shop"


def test_projects_below_are_told(place: Ground) -> None:
    shop(place)
    place.repo.write("plugin/pyproject.toml", '[project]\nname = "p"\n')
    place.repo.write("plugin/p/__init__.py")
    notes = proposed(place).notes
    assert any("`gates -C plugin init`" in note for note in notes)


def test_commands_can_be_pasted_where_the_shell_stands(place: Ground) -> None:
    for number in range(10):
        place.repo.write(f"my services/s{number}/setup.py")
        place.repo.write(f"my services/s{number}/app.py")
    shop(place)
    above = str(place.root.parent)
    (note,) = [each for each in proposed(place, PWD=above).notes if "below" in each]
    assert "`gates -C 'repo/my services/s0' init`" in note
    assert note.endswith(", and 2 more")
    place.environment({}, folder=place.root / ".venv")
    left = {gate.name: gate.hint for gate in proposed(place, PWD=above).left_out}
    assert left["types"] == "repo/.venv/bin/python -m pip install mypy"
    place.repo.write("uv.lock")
    left = {gate.name: gate.hint for gate in proposed(place, PWD=above).left_out}
    assert left["types"] == "cd repo && uv add --dev mypy"


def test_a_roof_over_projects_names_them(place: Ground) -> None:
    for number in range(10):
        place.repo.write(f"services/s{number}/setup.py")
        place.repo.write(f"services/s{number}/app.py")
    place.repo.write("tasks.py")
    with pytest.raises(ConfigError) as caught:
        proposed(place)
    problem = caught.value.problems[0]
    assert problem.slug == "no-project"
    assert "`gates -C services/s0 init`" in problem.hint
    assert problem.hint.endswith(", and 2 more")


def test_a_folder_without_python_is_refused(place: Ground) -> None:
    place.repo.write("README.md")
    with pytest.raises(ConfigError) as caught:
        proposed(place)
    assert "no Python sources" in caught.value.problems[0].summary


def test_a_part_of_a_project_is_refused(place: Ground) -> None:
    shop(place)
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    with pytest.raises(ConfigError) as caught:
        propose(place.root / "src" / "shop", place.environ, own_prefix=place.own)
    problem = caught.value.problems[0]
    assert (problem.slug, problem.hint) == ("part-of-a-project", "gates -C ../.. init")


def test_a_folder_of_a_repository_may_be_a_project_without_metadata(place: Ground) -> None:
    place.repo.write("scripts/tool.py")
    proposal = propose(place.root / "scripts", place.environ, own_prefix=place.own)
    assert proposal.sources == ("tool.py",)


def node_shop(place: Ground, folder: str = "src") -> None:
    place.manifest("eslint", "prettier", "typescript", "vitest", "dependency-cruiser")
    place.repo.write(f"{folder}/a.ts", "export const a = 1;\n")
    place.repo.write(f"{folder}/a.test.ts", "test('a', () => {});\n")
    for name in ("eslint.config.js", "tsconfig.json", ".secretlintrc", ".dependency-cruiser.js"):
        place.repo.write(name)
    place.lock()
    (place.packages(*NODE_TOOLS) / "@vitest" / "coverage-v8").mkdir(parents=True)
    place.repo.commit("feat: a shop")


def test_everything_in_node_that_can_run_is_chosen(place: Ground) -> None:
    node_shop(place)
    proposal = proposed(place)
    assert uses(proposal) == {
        "lint": "eslint",
        "format": "prettier",
        "types": "tsc",
        "tests": "vitest",
        "coverage": "istanbul",
        "audit": "npm-audit",
        "layers": "dependency-cruiser",
        "secrets": "secretlint",  # pragma: allowlist secret
        "commits": "commit-message",
    }
    assert (proposal.project, proposal.layout) == ("shop", "TypeScript in `src`")
    assert (proposal.sources, proposal.exclude) == (("src",), ("src/**/*.test.*",))
    assert proposal.tools_from == "node_modules"
    found = {gate.name: gate for gate in proposal.chosen}
    assert found["lint"].found == "eslint 10.15.0 (node_modules)"
    assert found["tests"].why == "1 test file"
    assert found["coverage"].why == "@vitest/coverage-v8 is installed"
    assert found["audit"].options == (("lock", "package-lock.json"),)
    assert [gate.name for gate in proposal.left_out] == ["sast"]
    assert "tests" not in proposal.quick
    assert {"format", "layers", "commits"} <= {*proposal.quick}


def test_two_languages_get_gates_of_two_names(place: Ground) -> None:
    node_shop(place, "web")
    place.repo.write("src/shop/__init__.py")
    place.repo.write("tests/test_shop.py", TEST)
    place.repo.write("requirements.txt", "flask==3.0.0\n")
    place.environment()
    proposal = proposed(place)
    gates = uses(proposal)
    assert (gates["lint"], gates["lint-ts"]) == ("ruff", "eslint")
    assert (gates["coverage"], gates["coverage-ts"]) == ("coverage", "istanbul")
    assert (gates["audit"], gates["audit-ts"]) == ("pip-audit", "npm-audit")
    # One gate looks at all files: that of the tool which is configured.
    assert [name for name in gates if "secrets" in name] == ["secrets"]
    assert gates["secrets"] == "secretlint"  # pragma: allowlist secret
    assert proposal.tools_from == ".venv and node_modules"
    assert proposal.sources == ("src", "web")
    assert proposal.layout == "Python and TypeScript in `web`"
    assert [gate.name for gate in proposal.left_out] == ["layers", "sast-ts"]


def test_of_two_runners_the_first_measures(place: Ground) -> None:
    node_shop(place)
    place.repo.write("vitest.config.ts")
    place.repo.write("jest.config.js")
    proposal = proposed(place)
    assert (uses(proposal)["tests"], uses(proposal)["jest"]) == ("vitest", "jest")
    coverage = next(gate for gate in proposal.chosen if gate.uses == "istanbul")
    assert coverage.options == (("tests", "tests"),)


def test_the_runner_that_is_asked_for_is_the_one_that_is_told_of(place: Ground) -> None:
    place.manifest("jest")
    place.repo.write("src/a.js")
    place.packages("jest", "vitest")
    left = {gate.name: gate for gate in proposed(place).left_out}
    assert left["tests"].why.startswith("would be vacuous: no file *.test.*")
    assert left["coverage"].why == "needs the gate `tests`, which is left out"
    place.repo.write("src/a.test.js", "test('a', () => {});\n")
    proposal = proposed(place)
    assert uses(proposal)["tests"] == "jest"
    coverage = next(gate for gate in proposal.chosen if gate.uses == "istanbul")
    assert coverage.why == "Jest measures it"


def test_without_packages_their_gates_are_left_out(place: Ground) -> None:
    place.manifest("eslint", "vitest")
    place.repo.write("src/a.js")
    place.repo.write("eslint.config.js")
    place.repo.commit("feat: a shop")
    proposal = proposed(place)
    assert uses(proposal) == {"commits": "commit-message"}
    assert proposal.tools_from == "PATH"
    left = {gate.name: gate for gate in proposal.left_out}
    assert left["lint"].why == "eslint is not installed, though it is configured (eslint.config.js)"
    assert left["lint"].hint == "npm install"
    assert any(note.startswith("node_modules is not there") for note in proposal.notes)


def gate(name: str, seconds: float | None) -> Chosen:
    return Chosen(name=name, uses=name, purpose="", why="", seconds=seconds)


def test_the_quickest_gates_together_keep_within_the_limit() -> None:
    gates = (gate("a", 9.0), gate("b", None), gate("c", 1.0), gate("d", 5.0))
    assert quick(gates, 20) == ("a", "c", "d")
    assert quick(gates, 7) == ("c", "d")
    assert quick(gates, 0.5) == ()
