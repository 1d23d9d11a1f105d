"""Reporters for Vitest and Jest that prove how far a run came; Node runs them, and not Python.

The stages `vitest` and `jest` write one of them, with its settings in front, into a private folder
and name it beside the runner's own reporters. It writes one record when the run has ended: what was
to run, what ended, what became of every test, what broke outside of them. A run that was cut short
leaves no record. `gates.formats.js_proof` reads it.

With a planted test in the settings (`canary`) they run that one in place of every file of tests,
once in each project that has any: what a setup file, an environment, a runner or a transformation
makes of it shows what they would make of a failing test of the project.
"""

from __future__ import annotations

FORMAT = 1
"""Version of the record."""

SHARED = """
const cut = (text) => String(text ?? "").slice(0, 4000);
function writeRecord(fs, record) {
  const whole = { format: SETTINGS.format, nonce: SETTINGS.nonce, ...record, end: true };
  fs.writeFileSync(SETTINGS.record + ".part", JSON.stringify(whole), { flush: true });
  fs.renameSync(SETTINGS.record + ".part", SETTINGS.record);
}
"""
"""What both reporters share; `SETTINGS` stands before it."""

VITEST = """
import fs from "node:fs";

const FILTERS = ["testNamePattern", "related", "changed", "shard", "tagsFilter", "mergeReports"];

// In place of the project's files of tests, where it has any.
function plantIn(project, unplanted) {
  const find = project.globTestFiles.bind(project);
  project.globTestFiles = async (...filters) => {
    const { testFiles, typecheckTestFiles } = await find(...filters);
    const none = { testFiles: [], typecheckTestFiles: [] };
    if (!testFiles.length && !typecheckTestFiles.length) return none;
    if (!project.config.browser?.enabled) return { ...none, testFiles: [SETTINGS.canary] };
    unplanted.push(project.name || "its only project"); // it is served no file from elsewhere
    return none;
  };
}

const said = (error) => cut(error.stack || error.message || error);

function statusOf(test) {
  const state = test.result().state;
  if (state === "pending") return "unfinished";
  return state === "skipped" && test.options.mode === "todo" ? "todo" : state;
}

function titleOf(test) {
  const titles = [test.name];
  for (let one = test.parent; one && one.type === "suite"; one = one.parent) {
    titles.unshift(one.name);
  }
  return titles.join(" > ");
}

function testOf(test) {
  const errors = test.result().errors ?? [];
  return {
    name: titleOf(test),
    status: statusOf(test),
    fails: Boolean(test.options.fails),
    flaky: Boolean(test.diagnostic()?.flaky),
    message: errors.length ? said(errors[0]) || "it failed without a message" : "",
    line: test.location?.line ?? 0,
  };
}

function problemsOf(module) {
  const suites = [...module.children.allSuites()];
  const found = [module, ...suites].flatMap((one) => one.errors()).map(said);
  const failed = [...module.children.allTests()].some((test) => test.result().state === "failed");
  const silent = module.state() === "failed" && !failed && !found.length;
  return silent ? ["the file failed outside of its tests"] : found;
}

export default class Proof {
  planned = 0;
  ended = new Set();
  passed = new Set();
  hiding = [];
  unplanted = [];

  onInit(vitest) {
    this.vitest = vitest;
    if (SETTINGS.canary) {
      for (const project of vitest.projects) plantIn(project, this.unplanted);
    }
    this.tellEveryError();
    const { enabled, provider } = vitest.config.coverage;
    if (enabled && provider === "custom") this.hiding.push("`coverage.provider: custom`");
    // Coverage is judged by its own gate; and `autoUpdate` would write into the project.
    delete vitest.config.coverage.thresholds;
  }
  tellEveryError() {
    const { config, state } = this.vitest;
    const own = config.onUnhandledError;
    if (typeof own !== "function") return;
    // As with `dangerouslyIgnoreUnhandledErrors`: what it would hide is an error of the run.
    if (state && state.onUnhandledError === own) state.onUnhandledError = undefined;
    else this.hiding.push("`onUnhandledError`");
  }
  onTestRunStart(specifications) {
    this.planned += specifications.length;
  }
  onTestModuleEnd(module) {
    this.ended.add(module.id);
  }
  onTestCaseResult(test) {
    if (test.result().state === "passed") this.passed.add(test.id);
  }
  partial() {
    const configs = [this.vitest.config, ...this.vitest.projects.map((one) => one.config)];
    const set = FILTERS.filter((name) => configs.some((config) => config[name]));
    return this.vitest.config.watch ? [...set, "watch"] : set;
  }
  onTestRunEnd(modules, errors, reason) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const green = tests.filter((test) => test.result().state === "passed");
    writeRecord(fs, {
      version: this.vitest.version,
      root: this.vitest.config.root,
      partial: this.partial(),
      hiding: this.hiding,
      unplanted: this.unplanted,
      planned: this.planned,
      ended: this.ended.size,
      untold: green.filter((test) => !this.passed.has(test.id)).length,
      whole: reason !== "interrupted",
      problems: errors.map(said),
      modules: modules.map((module) => ({
        path: module.moduleId,
        problems: problemsOf(module),
        tests: [...module.children.allTests()].map(testOf),
      })),
    });
  }
}
"""
"""An ES module for Vitest 3.2 and later, by its interface `Reporter`."""

JEST = """
const fs = require("node:fs");

const FILTERS = [
  "changedSince", "collectTests", "filter", "findRelatedTests", "lastCommit", "listTests",
  "onlyChanged", "onlyFailures", "shard", "testNamePattern", "watch", "watchAll",
];

const keyOf = (path, test) => JSON.stringify([path, test.ancestorTitles, test.title]);

function testOf(test) {
  const failures = test.failureMessages ?? [];
  const attempts = Math.max(test.invocations ?? 1, (test.retryReasons ?? []).length + 1);
  return {
    name: [...test.ancestorTitles, test.title].join(" > "),
    status: test.status,
    fails: Boolean(test.failing),
    flaky: test.status === "passed" && attempts > 1,
    message: failures.length ? cut(failures[0]) || "it failed without a message" : "",
    line: test.location?.line ?? 0,
  };
}

function problemsOf(result) {
  if (result.testExecError) {
    const said = String(result.failureMessage ?? "").replace(/.*Test suite failed to run/, "");
    return [cut(said.trim() || result.testExecError.message || "the file failed to run")];
  }
  const broken = result.failureMessage && !result.numFailingTests && !result.leaks;
  return broken ? [cut(result.failureMessage)] : result.leaks ? ["the file leaks memory"] : [];
}

function problemsOfRun(results) {
  const found = [];
  if (results.runExecError) found.push(cut(results.runExecError.message));
  const { failure, unchecked, filesRemoved } = results.snapshot;
  if (failure && !results.numFailedTests) {
    found.push(`${unchecked + filesRemoved} snapshots are obsolete: no test asked for them`);
  }
  return found;
}

module.exports = class Proof {
  constructor(globalConfig) {
    this.config = globalConfig;
    this.planned = 0;
    this.ended = 0;
    this.passed = new Map();
  }
  onRunStart(results) {
    this.planned = results.numTotalTestSuites;
  }
  onTestCaseResult(test, result) {
    const key = keyOf(test.path, result);
    if (result.status === "passed") this.passed.set(key, (this.passed.get(key) ?? 0) + 1);
  }
  onTestResult() {
    this.ended += 1;
  }
  untold(results) {
    const left = new Map(this.passed);
    let missing = 0;
    for (const file of results.testResults) {
      for (const test of file.testResults) {
        if (test.status !== "passed") continue;
        const key = keyOf(file.testFilePath, test);
        const times = left.get(key) ?? 0;
        if (times) left.set(key, times - 1);
        else missing += 1;
      }
    }
    return missing;
  }
  onRunComplete(contexts, results) {
    writeRecord(fs, {
      version: "",
      root: this.config.rootDir,
      partial: FILTERS.filter((name) => this.config[name]),
      hiding: [],
      unplanted: [],
      planned: this.planned,
      ended: this.ended,
      untold: this.untold(results),
      whole: !results.wasInterrupted,
      problems: problemsOfRun(results),
      modules: results.testResults.map((file) => ({
        path: file.testFilePath,
        problems: problemsOf(file),
        tests: file.testResults.map(testOf),
      })),
    });
  }
};
"""
"""A CommonJS module for Jest 29 and later, by its custom reporters."""

JEST_SEQUENCER = """
// One planted test in place of all, in each of the projects that has any.
module.exports = class Planted {
  sort(tests) {
    const contexts = [...new Set(tests.map((test) => test.context))];
    return contexts.map((context) => ({ context, path: SETTINGS.canary }));
  }
  shard(tests) {
    return tests;
  }
  allFailedTests(tests) {
    return tests;
  }
  cacheResults() {}
};
"""
"""A CommonJS module for Jest 29 and later, by its `testSequencer`; `SETTINGS` stands before it."""
