"""A test that must fail, run under the project's configuration of Vitest or Jest.

A setup file, an environment, a runner or a transformation can turn every failure into a pass, and
all that a runner writes then agrees. So a second, short run holds a planted test alone, in each
project of the configuration that has tests: it must be told as failed.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from gates.domain.errors import StageError
from gates.formats.js_proof import JsProof
from gates.formats.js_tests import JsModule, JsOutcome, JsReport

NAME = "a planted test that must fail"
"""Its title."""

TOLD = "a test that must fail, run under the same configuration, was told as failed"

JEST = f'// @ts-nocheck\ntest("{NAME}", () => {{\n  expect(1).toBe(2);\n}});\n'.encode()
"""The test, for Jest."""

VITEST = b'// @ts-nocheck\nimport { expect, test } from "vitest";\n' + JEST.partition(b"\n")[2]
"""The test, for Vitest."""

_ENDINGS = frozenset({".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts"})
_HINT_PASSED = (
    "look for what changes outcomes inside the tests: setup files, the environment, the runner,"
    " plugins and transformations"
)
_HINT_UNRUN = (
    "it lies outside of the project, under the name of one of its tests: let setup files, plugins"
    " and transformations of the configuration cope with that"
)


def file_name(report: JsReport) -> str:
    """The planted file's name: that of a test of the project, as patterns may ask for it."""
    paths = (PurePosixPath(module.path) for module in report.modules if module.tests)
    fit = (path.name for path in paths if path.suffix in _ENDINGS and ".test-d." not in path.name)
    return next(fit, "canary.test.js")


def refuse_blind(name: str, exit_code: int, proof: JsProof) -> str:
    """Refuse a runner that does not tell a failing test as failed.

    Args:
        name: the runner.
        exit_code: of the run of the planted test.
        proof: what our reporter wrote of it.

    Returns:
        What was found, in a few words; empty where nothing could be planted.

    Raises:
        StageError: `canary-passed` or `canary-unrun`.
    """
    modules = proof.report.modules
    if not modules and proof.unplanted:
        return ""
    outcomes = [_outcome(module) for module in modules]
    if any(outcome is JsOutcome.PASSED for outcome in outcomes):
        summary = f"under this configuration {name} tells a test that fails as passed"
        raise StageError("canary-passed", summary, hint=_HINT_PASSED)
    if proof.planned != len(modules) or not outcomes or set(outcomes) != {JsOutcome.FAILED}:
        summary = f"a planted test that must fail did not run: {_why(proof)}"
        raise StageError("canary-unrun", summary, hint=_HINT_UNRUN)
    if exit_code == 0:
        summary = f"{name} ended with exit code 0, though a planted test failed"
        raise StageError("canary-passed", summary, hint=_HINT_PASSED)
    return TOLD


def _outcome(module: JsModule) -> JsOutcome | None:
    """What became of the planted test; None where it did not run as it is."""
    names = [test.name for test in module.tests]
    if names != [NAME]:
        return None
    (test,) = module.tests
    if test.outcome is not JsOutcome.FAILED:
        return JsOutcome.PASSED if test.outcome <= JsOutcome.XFAILED else None
    return JsOutcome.FAILED


def _why(proof: JsProof) -> str:
    said: Iterable[str] = (
        *(problem for module in proof.report.modules for problem in module.problems),
        *proof.report.problems,
    )
    return next(iter(said), "it is not told at all")
