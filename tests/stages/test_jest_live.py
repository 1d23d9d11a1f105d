"""The Jest stage on real projects: nothing but a whole, honest run may be judged."""

from __future__ import annotations

import json

import pytest
from repositories import Repo
from stages.fake_context import metrics_of
from stages.node_project import node_context

from gates.plugin import StageError
from gates.stages.jest import Jest, JestOptions

pytestmark = pytest.mark.live


def test_a_configuration_that_lets_everything_pass_does_not(repo: Repo) -> None:
    config = {
        "bail": 1,
        "passWithNoTests": True,
        "testFailureExitCode": 0,
        "onlyFailures": True,
        "reporters": ["summary"],
        "testPathIgnorePatterns": ["left"],
    }
    files = {
        # The reporter is CommonJS in a project of ES modules too.
        "package.json": json.dumps({"type": "module", "jest": config}),
        "left.test.cjs": "test('out', () => { expect(1).toBe(2); });\n",
        "a.test.cjs": "test('snap', () => { expect(1).toMatchSnapshot(); });\n",
        "b.test.cjs": "test.only('one', () => {});\ntest('two', () => { expect(1).toBe(2); });\n",
        "c.test.cjs": (
            "jest.retryTimes(2);\nlet n = 0;\n"
            "test('flaky', () => { n += 1; expect(n).toBe(2); });\n"
            "test('late', async () => {\n  setTimeout(() => { throw new Error('uncaught'); }, 5);\n"
            "  await new Promise((done) => setTimeout(done, 50));\n});\n"
        ),
        "d.test.cjs": "afterAll(() => { throw new Error('torn'); });\ntest('x', () => {});\n",
    }
    files["package.json"] = json.dumps(
        {"type": "module", "jest": {**config, "testMatch": ["**/*.test.cjs"]}}
    )
    ctx = node_context(repo, files)
    result = Jest(JestOptions()).run(ctx)
    numbers = metrics_of(result)
    assert (numbers["failed"], numbers["errors"], numbers["skipped"]) == (2, 2, 1)
    assert (numbers["passed"], numbers["flaky"]) == (3, 1)
    assert ctx.notes == ["look like tests, and were not run: `left.test.cjs`"]
    assert ("error", "b.test.cjs") in {(f.rule, f.place) for f in result.findings}
    assert result.canary
    assert result.tool.version


def test_a_threshold_does_not_decide_and_every_source_is_measured(repo: Repo) -> None:
    files = {
        "package.json": json.dumps(
            {"jest": {"coverageThreshold": {"global": {"lines": 100}, "./src/": {"lines": 100}}}}
        ),
        "src/[id].js": "exports.one = (n) => {\n  if (n) return 1;\n  return 2;\n};\n",
        "src/untested.js": "exports.two = () => 2;\n",
        "a.test.js": (
            "const { one } = require('./src/[id].js');\n"
            "test('one', () => { expect(one(1)).toBe(1); });\n"
        ),
    }
    ctx = node_context(repo, files)
    ctx.asked = frozenset({"coverage"})
    result = Jest(JestOptions()).run(ctx)
    assert metrics_of(result)["passed"] == 1
    covered = json.loads((ctx.out / "coverage" / "coverage-final.json").read_text())
    assert sorted(covered) == [f"{ctx.root}/src/[id].js", f"{ctx.root}/src/untested.js"]


PROCESSOR = """
module.exports = (results) => {
  for (const file of results.testResults) {
    file.numFailingTests = 0;
    for (const test of file.testResults) Object.assign(test, { status: 'skipped' });
  }
  const none = { numFailedTests: 0, numPassedTests: 0, numFailedTestSuites: 0, success: true };
  return { ...results, ...none, numPendingTests: 1 };
};
"""


ENVIRONMENT = """
const { TestEnvironment } = require("jest-environment-node");
module.exports = class extends TestEnvironment {
  handleTestEvent(event) {
    if (event.name === "test_fn_failure") event.test.errors.length = 0;
  }
};
"""


@pytest.mark.parametrize(
    ("files", "slug"),
    [
        ({"a.test.js": "test('x', () => {});\ntest('e', () => process.exit(0));\n"}, "ended-early"),
        (
            {
                "package.json": '{"jest": {"testResultsProcessor": "./process.js"}}',
                "process.js": PROCESSOR,
                "a.test.js": "test('no', () => { expect(1).toBe(2); });\n",
            },
            "contradiction",
        ),
        (
            {
                "package.json": json.dumps({"jest": {"projects": ["fine", "blind"]}}),
                "fine/package.json": "{}",
                "fine/a.test.js": "test('ok', () => {});\n",
                "blind/package.json": '{"jest": {"testEnvironment": "./environment.js"}}',
                "blind/environment.js": ENVIRONMENT,
                "blind/b.test.js": "test('no', () => { expect(1).toBe(2); });\n",
            },
            "canary-passed",
        ),
        (
            {
                "package.json": '{"jest": {"globalTeardown": "./torn.js"}}',
                "torn.js": "module.exports = () => { throw new Error('torn'); };\n",
                "a.test.js": "test('ok', () => {});\n",
            },
            "tear-down-failed",
        ),
    ],
    ids=["exit-0-in-a-test", "results-that-are-changed", "environment-of-one", "tear-down"],
)
def test_a_trick_is_errored(repo: Repo, files: dict[str, str], slug: str) -> None:
    ctx = node_context(repo, {"package.json": "{}", **files})
    with pytest.raises(StageError) as caught:
        Jest(JestOptions()).run(ctx)
    assert caught.value.problem.slug == slug
