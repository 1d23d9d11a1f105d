import pytest
from survey.scenes import Ground

from gates.survey import node_obstacles
from gates.survey.obstacles import obstacle
from gates.survey.scene import Obstacle
from gates.survey.table import candidate


@pytest.fixture
def shop(place: Ground) -> Ground:
    place.manifest("eslint", "vitest")
    place.repo.write("src/a.ts", "export const a = 1;\n")
    return place


def told(place: Ground, uses: str, **environ: str) -> Obstacle | None:
    entry = candidate(uses)
    assert entry is not None
    return obstacle(entry, place.scene(**environ))


def test_a_configured_tool_that_is_there_is_no_obstacle(shop: Ground) -> None:
    shop.packages("eslint")
    shop.repo.write("eslint.config.js")
    assert told(shop, "eslint") is None


def test_what_no_package_asks_for_was_brought_by_another(shop: Ground) -> None:
    shop.packages("prettier")
    shop.repo.write("pnpm-lock.yaml")
    assert told(shop, "prettier") == Obstacle(
        "no package.json asks for prettier", "pnpm add --save-dev prettier"
    )
    shop.repo.write(".prettierrc", "{}")
    assert told(shop, "prettier") is None


def test_without_packages_the_next_step_installs_them(shop: Ground) -> None:
    shop.repo.write("eslint.config.js")
    shop.lock()
    assert told(shop, "eslint") == Obstacle("eslint is not installed", "npm ci")
    above = str(shop.root.parent)
    assert told(shop, "eslint", PWD=above) == Obstacle(
        "eslint is not installed", "cd repo && npm ci"
    )
    said = node_obstacles.not_there(shop.scene())
    assert said.startswith("node_modules is not there, so the gates of its tools are left out")
    shop.packages()
    assert node_obstacles.not_there(shop.scene()) == ""


def test_a_tool_from_elsewhere_does_not_know_the_projects_packages(shop: Ground) -> None:
    shop.program(shop.home / "bin" / "eslint", "exit 0")
    shop.repo.write("eslint.config.js")
    found = told(shop, "eslint")
    assert found is not None
    assert found.why == "eslint is not in the project's node_modules"


def test_without_a_configuration_there_is_no_rule(shop: Ground) -> None:
    shop.packages("eslint")
    assert told(shop, "eslint") == Obstacle(
        "would be vacuous: there is no eslint.config.js", "npm init @eslint/config@latest"
    )


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({}, False),
        ({"tests/a.test.ts": "it.each([1])('a', () => {});\n"}, True),
        ({"src/__tests__/a.ts": "describe('a', () => {});\n"}, True),
        ({"src/a.spec.ts": "const it = 3;\n"}, False),
        ({"vitest.config.ts": "export default { test: { include: ['checks/*'] } };\n"}, True),
        ({"vitest.config.ts": "export default {};\n"}, False),
    ],
)
def test_tests_are_seen(shop: Ground, files: dict[str, str], *, found: bool) -> None:
    shop.packages("vitest")
    for name, text in files.items():
        shop.repo.write(name, text)
    stopped = told(shop, "vitest")
    assert (stopped is None) is found
    assert stopped is None or stopped.hint == "write one: tests/first.test.ts"


def test_tests_of_no_project_would_be_those_of_javascript(place: Ground) -> None:
    found = node_obstacles.no_node_tests(place.scene())
    assert found is not None
    assert found.hint == "write one: tests/first.test.js"


def test_coverage_needs_a_provider(shop: Ground) -> None:
    found = node_obstacles.no_provider(shop.scene(), ["vitest"])
    assert found is not None
    assert found.hint == "npm install --save-dev @vitest/coverage-v8"
    assert node_obstacles.no_provider(shop.scene(), ["jest"]) is None
    shop.manifest("vitest", "@vitest/coverage-istanbul")
    found = node_obstacles.no_provider(shop.scene(), ["vitest"])
    assert found == Obstacle("@vitest/coverage-istanbul is not installed", "npm install")
    (shop.packages() / "@vitest" / "coverage-istanbul").mkdir(parents=True)
    scene = shop.scene()
    assert node_obstacles.no_provider(scene, ["vitest"]) is None
    assert node_obstacles.provider(scene) == "@vitest/coverage-istanbul"


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("README.md", "", "there is no package-lock.json"),
        (
            "package-lock.json",
            '{"lockfileVersion": 3, "packages": {"": {}}}',
            (
                "package-lock.json: the lock is not of this package.json: `package.json` asks"
                " otherwise for `eslint`, `vitest`"
            ),
        ),
        ("yarn.lock", "", "npm audit does not read yarn.lock"),
    ],
)
def test_the_audit_needs_a_lock_of_npm(shop: Ground, name: str, text: str, why: str) -> None:
    shop.packages()
    shop.repo.write(name, text)
    found = told(shop, "npm-audit")
    assert (found.why if found else "") == why


@pytest.mark.parametrize("name", ["package-lock.json", "npm-shrinkwrap.json"])
def test_the_audit_has_a_lock_of_npm(shop: Ground, name: str) -> None:
    shop.packages()
    shop.lock(name)
    assert told(shop, "npm-audit") is None


def test_a_lock_without_packages_would_be_vacuous(shop: Ground) -> None:
    shop.packages()
    shop.manifest()
    shop.repo.write("package-lock.json", '{"lockfileVersion": 3, "packages": {"": {}}}')
    found = told(shop, "npm-audit")
    assert found is not None
    assert found.why == "would be vacuous: package-lock.json names no package to look up"


def test_a_lock_that_is_not_whole_is_told(shop: Ground) -> None:
    shop.packages()
    shop.repo.write("package-lock.json", "{")
    found = told(shop, "npm-audit")
    assert found is not None
    assert found.why.startswith("package-lock.json: not JSON")
    assert found.hint == "npm install --package-lock-only"


def test_the_lock_of_workspaces_is_judged_beside_it(place: Ground) -> None:
    from dataclasses import replace

    place.manifest(workspaces=["packages/*"])
    place.lock()
    place.manifest(folder="packages/a/")
    place.repo.write("packages/a/index.js")
    inner = replace(place, repo=replace(place.repo, root=place.root / "packages" / "a"))
    found = told(inner, "npm-audit")
    assert found is not None
    assert found.why == "its lock is that of the workspaces: ../../package-lock.json"


def test_there_is_no_scanner_of_ours(shop: Ground) -> None:
    found = told(shop, "sarif")
    assert found is not None
    assert "insecure TypeScript" in found.why
    assert "SARIF" in found.hint
