"""The Vitest stage on real projects: nothing but a whole, honest run may be judged."""

from __future__ import annotations

import json

import pytest
from repositories import Repo
from stages.fake_context import metrics_of
from stages.node_project import node_context

from gates.plugin import StageError
from gates.stages.vitest import Vitest, VitestOptions

pytestmark = pytest.mark.live

IMPORT = "import { expect, test } from 'vitest';\n"
PACKAGE = {"package.json": '{"type": "module"}'}
CONFIG = "export default {{ test: {{ {} }} }};\n"


def test_a_configuration_that_lets_everything_pass_does_not(repo: Repo) -> None:
    hiding = (
        "passWithNoTests: true, allowOnly: true, dangerouslyIgnoreUnhandledErrors: true, retry: 2,"
        " bail: 1, reporters: ['dot'], outputFile: 'own.json', update: true,"
        " exclude: ['left.*', '**/node_modules/**']"
    )
    files = {
        **PACKAGE,
        "vitest.config.js": CONFIG.format(hiding),
        "left.test.js": f"{IMPORT}test('out', () => {{ expect(1).toBe(2); }});\n",
        "a.test.js": f"{IMPORT}test('snap', () => {{ expect(1).toMatchSnapshot(); }});\n",
        "b.test.js": f"{IMPORT}test.only('one', () => {{}});\ntest('two', () => {{}});\n",
        "c.test.js": (
            f"{IMPORT}let n = 0;\ntest('flaky', () => {{ n += 1; expect(n).toBe(2); }});\n"
            "test('exits', () => { process.exit(0); });\n"
            "test('ok', () => { setTimeout(() => { throw new Error('late'); }, 5); });\n"
            "test('w', async () => { await new Promise((done) => setTimeout(done, 50)); });\n"
        ),
    }
    ctx = node_context(repo, files)
    result = Vitest(VitestOptions()).run(ctx)
    numbers = metrics_of(result)
    assert (numbers["passed"], numbers["failed"], numbers["flaky"]) == (3, 3, 1)
    assert "error: Error: late" in {f"{f.rule}: {f.message}" for f in result.findings}
    assert ctx.notes == ["look like tests, and were not run: `left.test.js`"]
    assert result.tool.version
    assert not (ctx.root / "__snapshots__").exists()


def test_a_threshold_does_not_decide_and_every_source_is_measured(repo: Repo) -> None:
    coverage = "coverage: { thresholds: { 100: true, autoUpdate: true, 'src/**': { lines: 100 } } }"
    config = CONFIG.format(coverage)
    files = {
        **PACKAGE,
        "vitest.config.js": config,
        "src/[id].js": "export const one = (n) => {\n  if (n) return 1;\n  return 2;\n};\n",
        "src/untested.js": "export const two = () => 2;\n",
        "a.test.js": (
            f"{IMPORT}import {{ one }} from './src/[id].js';\n"
            "test('one', () => { expect(one(1)).toBe(1); });\n"
        ),
    }
    ctx = node_context(repo, files)
    ctx.asked = frozenset({"coverage"})
    result = Vitest(VitestOptions()).run(ctx)
    assert metrics_of(result)["passed"] == 1
    covered = json.loads((ctx.out / "coverage" / "coverage-final.json").read_text())
    assert sorted(covered) == [f"{ctx.root}/src/[id].js", f"{ctx.root}/src/untested.js"]
    assert (ctx.root / "vitest.config.js").read_text() == config


def test_what_vitest_only_prints_and_what_it_hides_is_told(repo: Repo) -> None:
    hiding = (
        "globalSetup: './global.js', onUnhandledError: () => false,"
        " typecheck: { enabled: true, ignoreSourceErrors: true }"
    )
    files = {
        **PACKAGE,
        "vitest.config.js": CONFIG.format(hiding),
        "global.js": "export default () => () => { throw new Error('torn'); };\n",
        "tsconfig.json": '{"compilerOptions": {"skipLibCheck": true, "types": []}}',
        "a.test.ts": f"{IMPORT}test('a', () => {{ Promise.reject(new Error('lost')); }});\n",
        "b.test-d.ts": f"{IMPORT}test('types', () => {{}});\n",
    }
    ctx = node_context(repo, files)
    result = Vitest(VitestOptions()).run(ctx)
    numbers = metrics_of(result)
    assert (numbers["passed"], numbers["errors"]) == (2, 2)
    assert [finding.message for finding in result.findings] == [
        "Error: lost",
        "the global tear-down failed: Error: torn",
    ]
    assert result.canary


@pytest.mark.parametrize(
    ("files", "slug"),
    [
        (
            {
                "vitest.config.js": CONFIG.format("globalSetup: './setup.js'"),
                "setup.js": "export default () => () => { process.exit(0); };\n",
                "a.test.js": f"{IMPORT}test('no', () => {{ expect(1).toBe(2); }});\n",
            },
            "contradiction",
        ),
        (
            {
                "vitest.config.js": CONFIG.format("testNamePattern: 'ok'"),
                "a.test.js": f"{IMPORT}test('ok', () => {{}});\ntest('no', () => {{ no(); }});\n",
            },
            "partial-run",
        ),
        (
            {
                "vitest.config.js": CONFIG.format(
                    "projects: [{ test: { name: 'fine', include: ['a.*'] } },"
                    " { test: { name: 'blind', include: ['b.*'], setupFiles: './setup.js' } }]"
                ),
                "setup.js": (
                    "import { afterEach } from 'vitest';\n"
                    "afterEach(({ task }) => Object.assign(task.result, { state: 'pass',"
                    " errors: [] }));\n"
                ),
                "a.test.js": f"{IMPORT}test('ok', () => {{}});\n",
                "b.test.js": f"{IMPORT}test('no', () => {{ expect(1).toBe(2); }});\n",
            },
            "canary-passed",
        ),
    ],
    ids=["exit-0-at-the-end", "pattern-in-the-configuration", "setup-of-one-project"],
)
def test_a_trick_is_errored(repo: Repo, files: dict[str, str], slug: str) -> None:
    ctx = node_context(repo, {**PACKAGE, **files})
    with pytest.raises(StageError) as caught:
        Vitest(VitestOptions()).run(ctx)
    assert caught.value.problem.slug == slug
