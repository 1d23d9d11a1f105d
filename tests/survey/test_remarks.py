from dataclasses import replace

import pytest
from survey.scenes import NODE_TOOLS, TOOLS, Ground, plan_of

from gates import stages
from gates.domain.condition import Role
from gates.domain.plan import GatePlan, Plan
from gates.domain.survey import Remark, Weight
from gates.plugin import ReportStage
from gates.survey.remarks import Examiner

TEST = "def test_one():\n    pass\n"
SHELL = "examined: exit-status"


@pytest.fixture
def shop(place: Ground) -> Ground:
    place.repo.write("src/shop/__init__.py")
    place.repo.write("tests/test_shop.py", TEST)
    place.repo.write("requirements.txt", "flask==3.0.0\n")
    place.repo.commit("feat: a shop")
    place.environment({**TOOLS, "lint-imports": "2.5"})
    return place


def remarks(place: Ground, plan: Plan, gate: GatePlan | None = None) -> list[Remark]:
    chosen = gate or plan.gates[-1]
    examiner = Examiner(place.scene(), plan)
    return list(examiner.remarks(chosen, stages.load(chosen.uses)))


def told(place: Ground, text: str) -> list[tuple[Weight, str]]:
    return [(each.weight, each.summary) for each in remarks(place, plan_of(text))]


@pytest.mark.parametrize(
    "text",
    [
        "lint: ruff",
        "types: mypy",
        "tests: pytest",
        "tests: pytest\ncoverage: coverage",
        "sast: bandit",
        "audit: {uses: pip-audit, with: {lock: requirements.txt}}",
        "secrets: {uses: detect-secrets}",
        "commits: commit-message",
        "own: {uses: command, with: {run: git status, examined: {json: /n, unit: files}}}",
    ],
)
def test_of_a_sound_gate_nothing_is_said(shop: Ground, text: str) -> None:
    assert told(shop, text) == []


def test_a_missing_tool_is_told_with_the_way_to_install_it(shop: Ground) -> None:
    (remark,) = remarks(shop, plan_of("format: black"))
    assert remark.weight is Weight.CANNOT_RUN
    assert remark.summary.startswith("`black` is in none of: ")
    assert remark.hint == "install it: .venv/bin/python -m pip install black"
    assert remark.place == "gates.yaml:6:7"


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("lint: {uses: ruff, with: {paths: [lib]}}", "`lib`, which `paths` names, is not there"),
        (
            "tests: {uses: pytest, with: {report: out/junit.xml}}",
            "`out/junit.xml`, which `report` names, is not there",
        ),
        (
            "audit: {uses: pip-audit, with: {lock: uv.lock}}",
            "`uv.lock`, which `lock` names, is not there",
        ),
        (
            f"own: {{uses: command, with: {{run: ./check.sh, {SHELL}}}}}",
            "`./check.sh` is not a program",
        ),
        (
            (
                "own: {uses: command, with: {run: ./check.sh, inputs: [lib/**],"
                " examined: {json: /n, unit: files}}}"
            ),
            "no file is there for it to examine",
        ),
    ],
)
def test_what_the_options_name_must_be_there(shop: Ground, text: str, summary: str) -> None:
    found = [words for weight, words in told(shop, text) if weight is Weight.CANNOT_RUN]
    assert summary in found


def test_a_program_of_the_project_must_be_there(shop: Ground) -> None:
    shop.repo.write("check.sh", "#!/bin/sh\n")
    text = "own: {uses: command, with: {run: ./check.sh, examined: {json: /n, unit: files}}}"
    assert told(shop, text) == []


NO_TOOL = sorted(name for name in stages.BUILT_IN if issubclass(stages.load(name), ReportStage))


def can_stand_alone(name: str) -> bool:
    """Whether a gate may say no more than which stage it uses."""
    stage_type = stages.load(name)
    stage = stage_type(stage_type.options_type())
    try:
        stage.check()
    except ValueError:
        return False
    return not stage.asks_service()


RUN = sorted(
    name
    for name in {*stages.BUILT_IN} - {*NO_TOOL, "command", "coverage", "istanbul", "policy"}
    if can_stand_alone(name)
)


def test_most_stages_need_no_more_than_their_name() -> None:
    assert len(RUN) >= 20
    assert {"alembic", "ruff", "vitest"} <= {*RUN}


@pytest.mark.parametrize("uses", RUN)
def test_each_stage_can_be_looked_at_with_its_defaults(shop: Ground, uses: str) -> None:
    both_languages(shop)
    names = {program for each in stages.BUILT_IN for program in stages.load(each).programs}
    for name in names - {*TOOLS, *NODE_TOOLS, "git"}:
        shop.program(shop.home / "bin" / name, "exit 0")
    found = remarks(shop, plan_of(f"own: {{uses: {uses}}}"))
    stopped = {each.summary for each in found if each.weight is Weight.CANNOT_RUN}
    assert bool(stopped) is (uses in {"advisories", "pip-audit"}), stopped
    assert not [each for each in found if each.weight is Weight.CANNOT_FAIL]


@pytest.mark.parametrize("uses", NO_TOOL)
def test_each_stage_that_reads_a_report_needs_it_alone(place: Ground, uses: str) -> None:
    text = f"own: {{uses: {uses}, with: {{report: [out/a.xml, 'out/*.json']}}}}"
    found = {words for weight, words in told(place, text) if weight is Weight.CANNOT_RUN}
    absent = "`out/a.xml`, which `report` names, is not there"
    assert found >= {absent, "`out/*.json`, which `report` names, matches no file"}
    place.repo.write("out/a.xml", "<a/>")
    place.repo.write("out/b.json", "{}")
    found = {words for weight, words in told(place, text) if weight is Weight.CANNOT_RUN}
    assert not any("`report` names" in words for words in found)


def both_languages(place: Ground) -> None:
    """JavaScript beside the Python, with all that its tools need."""
    place.manifest("vitest")
    place.packages(*NODE_TOOLS)
    place.repo.write("web/a.ts", "export const a = 1;\n")
    place.repo.write("web/a.test.ts", "test('a', () => {});\n")
    for name in ("eslint.config.js", "tsconfig.json", ".secretlintrc.json"):
        place.repo.write(name, "{}")
    place.repo.write(".dependency-cruiser.js")
    place.lock()
    place.repo.commit("feat: more")


def test_a_node_gate_without_its_configuration_cannot_run(shop: Ground) -> None:
    both_languages(shop)
    for uses, name, file in (
        ("eslint", "lint", "eslint.config.js"),
        ("secretlint", "secrets", ".secretlintrc.json"),
        ("dependency-cruiser", "layers", ".dependency-cruiser.js"),
    ):
        (shop.root / file).unlink()
        text = f"{name}: {{uses: {uses}}}"
        assert (Weight.CANNOT_RUN, f"there is no {file}") in told(shop, text)
    shop.repo.write("rules.js")
    own = "layers: {uses: dependency-cruiser, with: {config: rules.js}}"
    assert told(shop, own) == []
    (shop.root / "tsconfig.json").unlink()
    found = told(shop, "types: tsc")
    assert found == [(Weight.CANNOT_RUN, "there is no tsconfig.json")]
    found = told(shop, "types: {uses: tsc, with: {project: web}}")
    assert found == []
    found = told(shop, "types: {uses: tsc, with: {project: [a.json]}}")
    assert found == [(Weight.CANNOT_RUN, "`a.json`, which `project` names, is not there")]


def test_node_tests_must_be_there_or_be_led_to(shop: Ground) -> None:
    both_languages(shop)
    assert told(shop, "tests: {uses: jest, with: {paths: [any]}}") == []
    (shop.root / "web/a.test.ts").unlink()
    ((weight, summary),) = told(shop, "tests: vitest")
    assert weight is Weight.CANNOT_RUN
    assert summary.startswith("no file *.test.* or *.spec.*")
    ((weight, summary),) = told(shop, "tests: {uses: vitest, with: {args: [--dir=web]}}")
    assert (weight, summary.endswith("as far as its files show")) == (Weight.DOUBTFUL, True)


def test_the_coverage_of_vitest_needs_a_provider(shop: Ground) -> None:
    both_languages(shop)
    text = "tests: {uses}\ncoverage: istanbul"
    ((weight, summary),) = told(shop, text.replace("{uses}", "vitest"))
    assert weight is Weight.CANNOT_RUN
    assert summary.startswith("@vitest/coverage-v8 is not installed")
    assert told(shop, text.replace("{uses}", "jest")) == []
    (shop.root / "node_modules/@vitest/coverage-v8").mkdir(parents=True)
    assert told(shop, text.replace("{uses}", "vitest")) == []


def test_a_lock_of_npm_must_name_packages(shop: Ground) -> None:
    both_languages(shop)
    assert told(shop, "audit: npm-audit") == []
    shop.repo.write("package-lock.json", "{")
    ((weight, _),) = told(shop, "audit: npm-audit")
    assert weight is Weight.CANNOT_RUN
    empty = "audit: {uses: npm-audit, with: {lock: web/package-lock.json}}"
    found = [words for _, words in told(shop, empty)]
    assert found == ["`web/package-lock.json`, which `lock` names, is not there"]


def test_a_report_needs_no_tool(place: Ground) -> None:
    place.repo.write("out/junit.xml", "<testsuites/>")
    assert told(place, "tests: {uses: pytest, with: {report: out/junit.xml}}") == []


def test_patterns_are_left_to_the_stage(shop: Ground) -> None:
    assert told(shop, "lint: {uses: ruff, with: {paths: ['src/*']}}") == []


def test_sources_that_match_nothing_stop_what_examines_them(shop: Ground) -> None:
    plan = replace(plan_of("types: mypy"), include=("lib",))
    found = [each.summary for each in remarks(shop, plan)]
    assert found == ["`lib` in `sources` matches no file of .py"]
    secrets = replace(plan_of("secrets: {uses: detect-secrets}"), include=("lib",))
    assert remarks(shop, secrets) == []


def test_a_folder_without_tests_is_told(shop: Ground) -> None:
    shop.repo.write("tests/test_shop.py", "")
    assert told(shop, "tests: pytest") == [
        (Weight.CANNOT_RUN, "no file test_*.py or *_test.py holds a test")
    ]


@pytest.mark.parametrize(
    ("name", "text", "content"),
    [
        ("pytest.ini", "[pytest]\npython_files = check_*.py\n", "def test_one(): ...\n"),
        ("tox.ini", "[pytest]\npython_functions = it_*\n", "def it_sells(): ...\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = --doctest-modules\n", "# >>> 1\n"),
        ("README.md", "", "class TestShop(Base):\n    pass\n"),
    ],
)
def test_what_pytest_finds_by_its_configuration_is_no_reason_for_a_remark(
    shop: Ground, name: str, text: str, content: str
) -> None:
    (shop.root / "tests" / "test_shop.py").unlink()
    shop.repo.write(name, text)
    shop.repo.write("tests/check_shop.py" if "check" in text else "tests/test_more.py", content)
    assert told(shop, "tests: pytest") == []


def test_a_configured_pytest_is_doubted_and_not_forbidden(shop: Ground) -> None:
    shop.repo.write("pytest.ini", "[pytest]\ntestpaths = spec\n")
    shop.repo.write("spec/helper.py")
    (remark,) = remarks(shop, plan_of("tests: pytest"))
    assert remark.weight is Weight.DOUBTFUL
    assert remark.summary == (
        "no file test_*.py or *_test.py below `spec` holds a test, as far as its files show"
    )
    assert remark.hint == "write one, or correct `testpaths` and `python_files` in pytest.ini"


def test_paths_of_a_gate_are_looked_at(shop: Ground) -> None:
    (shop.root / "tests" / "test_shop.py").unlink()
    shop.repo.write("checks/verify.py", TEST)
    shop.repo.write("checks/other.py", "x = 1\n")
    text = "tests: {uses: pytest, with: {paths: [checks/verify.py]}}"
    assert told(shop, text) == []
    found = told(shop, text.replace("verify", "other"))
    assert [weight for weight, _ in found] == [Weight.DOUBTFUL]
    report = "tests: {uses: pytest, with: {report: checks/other.py}}"
    assert told(shop, report) == []


def test_a_tool_that_is_too_old_is_told(place: Ground) -> None:
    place.repo.write("src/shop/__init__.py")
    place.repo.write("tests/test_shop.py", TEST)
    place.environment({**TOOLS, "coverage": "7.2.0"})
    found = told(place, "tests: pytest\ncoverage: coverage")
    assert found == [(Weight.CANNOT_RUN, "coverage 7.2.0 is too old: 7.14 is needed")]


def test_messages_need_a_commit(place: Ground) -> None:
    found = told(place, "commits: commit-message")
    assert (Weight.CANNOT_RUN, "no commit is here for it to look at") in found


def test_an_audit_needs_packages_and_data(place: Ground) -> None:
    found = told(place, "audit: advisories")
    assert [weight for weight, _ in found] == [Weight.CANNOT_RUN, Weight.CANNOT_RUN]
    assert "neither a lock nor an environment" in found[0][1]
    assert "no local vulnerability database" in found[1][1]


@pytest.mark.parametrize("run", ["'true'", "echo fine", "[printf, x]", "/usr/bin/true", "env true"])
def test_a_command_that_always_ends_well_could_not_fail(shop: Ground, run: str) -> None:
    for name in ("true", "echo", "printf"):
        shop.program(shop.home / "bin" / name, "exit 0")
    found = idle_or_loose(shop, f"own: {{uses: command, with: {{run: {run}, {SHELL}}}}}")
    assert [weight for weight, _ in found] == [Weight.CANNOT_FAIL, Weight.LOOSE]
    assert found[0][1].endswith("ends well whatever the project holds")


def idle_or_loose(shop: Ground, text: str) -> list[tuple[Weight, str]]:
    """What is said besides of the program, which stands outside these projects."""
    return [
        (weight, words) for weight, words in told(shop, text) if weight is not Weight.CANNOT_RUN
    ]


def test_a_script_that_swallows_every_status_could_not_fail(shop: Ground) -> None:
    script = "sh -c 'ruff check . || true'"
    found = idle_or_loose(shop, f'own: {{uses: command, with: {{run: "{script}", {SHELL}}}}}')
    summary = f"`{script}` ends well whatever the project holds"
    assert found[0] == (Weight.CANNOT_FAIL, summary)
    counted = "examined: {json: /n, unit: files}, metrics: {bad: {json: /bad, unit: count}}"
    judged = (
        "own: {uses: command, require: bad == 0, drop: exit_status,"
        f' with: {{run: "{script}", {counted}}}}}'
    )
    weights = [weight for weight, _ in idle_or_loose(shop, judged)]
    assert Weight.CANNOT_FAIL not in weights


def test_a_number_that_no_condition_speaks_of_is_told(shop: Ground) -> None:
    counted = "examined: {json: /n, unit: files}, metrics: {bad: {json: /bad, unit: count}}"
    text = f"own: {{uses: command, with: {{run: git status, {counted}}}}}"
    assert told(shop, text) == [(Weight.LOOSE, "`bad` is measured, and no condition speaks of it")]
    assert told(shop, text.replace("command,", "command, warn: bad == 0,")) == []


@pytest.mark.parametrize(("limit", "any_status"), [(2, True), (1, False)])
def test_of_the_exit_codes_that_are_results_one_must_fail(
    shop: Ground, limit: int, *, any_status: bool
) -> None:
    text = (
        f"own: {{uses: command, require: exit_status <= {limit},"
        " with: {run: git status, ok: [1, 2], examined: {json: /n, unit: files}}}"
    )
    said = (Weight.CANNOT_FAIL, "its conditions hold for any exit status")
    assert (said in told(shop, text)) is any_status


def test_conditions_that_take_any_exit_status_could_not_fail(shop: Ground) -> None:
    text = (
        "own: {uses: command, require: exit_status <= 255,"
        " with: {run: git status, examined: {json: /n, unit: files}}}"
    )
    found = told(shop, text)
    assert (Weight.CANNOT_FAIL, "its conditions hold for any exit status") in found
    assert (
        Weight.LOOSE,
        "`exit_status <= 255` is looser than the default `exit_status == 0`",
    ) in found


def test_an_exit_status_alone_is_little_proof(shop: Ground) -> None:
    (found,) = told(shop, f"own: {{uses: command, with: {{run: git status, {SHELL}}}}}")
    assert found[0] is Weight.LOOSE
    assert found[1].startswith("only its exit status is examined")


def test_what_may_have_no_value_may_judge_nothing(shop: Ground) -> None:
    found = told(shop, "tests: pytest\ncoverage: {uses: coverage, drop: line}")
    assert found[0][0] is Weight.CANNOT_FAIL
    assert "changed_line, changed_uncovered" in found[0][1]
    assert found[1] == (Weight.LOOSE, "the default `line >= 90%` is dropped")


def test_without_a_deciding_condition_nothing_decides(shop: Ground) -> None:
    plan = plan_of("lint: ruff")
    told_only = tuple(replace(each, role=Role.WARN) for each in plan.gates[0].conditions)
    gate = replace(plan.gates[0], conditions=told_only)
    (remark,) = remarks(shop, plan, gate)
    assert remark.summary.startswith("no condition decides")


@pytest.mark.parametrize(
    ("stage", "condition", "is_looser"),
    [
        ("coverage", "line >= 80%", True),
        ("coverage", "line >= 95%", False),
        ("coverage", "line > 90%", False),
        ("coverage", "line == 90%", False),
        ("coverage", "line <= 95%", True),
        ("lint", "errors <= 50", True),
        ("lint", "errors < 1", False),
        ("lint", "errors == 0", False),
        ("lint", "errors > 3", True),
        ("tests", "tests > 0", False),
        ("coverage", "line >= baseline - 1pt", True),
    ],
)
def test_a_condition_is_held_against_the_default(
    shop: Ground, stage: str, condition: str, *, is_looser: bool
) -> None:
    uses = {"coverage": "coverage", "lint": "ruff", "tests": "pytest"}[stage]
    own = f"{stage}: {{uses: {uses}, require: ['{condition}']}}"
    text = own if stage == "tests" else f"tests: pytest\n{own}"
    found = [words for weight, words in told(shop, text) if weight is Weight.LOOSE]
    assert bool(found) is is_looser


@pytest.mark.parametrize(("limit", "is_looser"), [("> 3", True), ("> 4", False), (">= 5", False)])
def test_whole_numbers_are_compared_as_such(shop: Ground, limit: str, *, is_looser: bool) -> None:
    plan = plan_of(f"tests: {{uses: pytest, require: ['tests {limit}']}}")
    gate = plan.gates[0]
    mine = next(each for each in gate.conditions if each.metric == "tests")
    changed = replace(gate, conditions=(replace(mine, replaces="tests >= 5"),))
    assert bool(remarks(shop, plan, changed)) is is_looser


def test_a_default_that_cannot_be_read_is_not_compared(shop: Ground) -> None:
    plan = plan_of("lint: ruff")
    gate = plan.gates[0]
    broken = replace(gate.conditions[0], replaces="no condition")
    assert remarks(shop, plan, replace(gate, conditions=(broken,))) == []
