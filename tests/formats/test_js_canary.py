from __future__ import annotations

from dataclasses import replace

import pytest

from gates.domain.errors import StageError
from gates.formats import js_canary
from gates.formats.js_proof import JsProof
from gates.formats.js_tests import JsModule, JsOutcome, JsReport, JsTest

P, X, S, _T, U, F = JsOutcome


def module(outcome: JsOutcome, *, name: str = js_canary.NAME, path: str = "/x/a.ts") -> JsModule:
    return JsModule(path=path, tests=(JsTest(name=name, outcome=outcome),))


def run(*modules: JsModule, outside: tuple[str, ...] = ()) -> JsProof:
    return JsProof(
        version="1", root="/p", partial=(), hiding=(), unplanted=(), planned=len(modules),
        ended=len(modules), untold=0, is_whole=True,
        report=JsReport(modules=modules, problems=outside),
    )  # fmt: skip


def test_a_failure_that_is_told_in_every_project_is_believed() -> None:
    assert js_canary.refuse_blind("Jest", 1, run(module(F))) == js_canary.TOLD
    assert js_canary.refuse_blind("Jest", 1, run(module(F), module(F))) == js_canary.TOLD


def test_where_nothing_could_be_planted_nothing_is_told() -> None:
    assert js_canary.refuse_blind("Vitest", 1, replace(run(), unplanted=("ui",))) == ""
    with pytest.raises(StageError):
        js_canary.refuse_blind("Vitest", 0, replace(run(module(P)), unplanted=("ui",)))


BROKEN = JsModule(path="/x/a.ts", tests=(), problems=("no such module",))


@pytest.mark.parametrize(
    ("exit_code", "proof", "words"),
    [
        (0, run(module(P)), "canary-passed: under this configuration Jest tells"),
        (0, run(module(X)), "canary-passed"),
        (1, run(module(F), module(P)), "canary-passed"),
        (0, run(module(F)), "canary-passed: Jest ended with exit code 0"),
        (0, run(module(S)), "canary-unrun"),
        (1, run(module(U)), "canary-unrun"),
        (1, run(module(F, name="another")), "canary-unrun"),
        (1, run(BROKEN), "canary-unrun: a planted test that must fail did not run: no such module"),
        (1, run(module(F), BROKEN), "canary-unrun"),
        (
            1,
            run(outside=("torn",)),
            "canary-unrun: a planted test that must fail did not run: torn",
        ),
        (1, run(), "canary-unrun: a planted test that must fail did not run: it is not told"),
        (1, replace(run(module(F)), planned=2), "canary-unrun"),
    ],
)
def test_any_other_run_is_errored(exit_code: int, proof: JsProof, words: str) -> None:
    with pytest.raises(StageError) as caught:
        js_canary.refuse_blind("Jest", exit_code, proof)
    problem = caught.value.problem
    assert f"{problem.slug}: {problem.summary}".startswith(words)
    assert problem.hint


@pytest.mark.parametrize(
    ("paths", "name"),
    [
        (("/p/src/a.test.ts", "/p/b.test.js"), "a.test.ts"),
        (("/p/src/a.test-d.ts", "/p/b.spec.mjs"), "b.spec.mjs"),
        (("/p/src/a.feature",), "canary.test.js"),
        ((), "canary.test.js"),
    ],
)
def test_it_bears_the_name_of_a_test_of_the_project(paths: tuple[str, ...], name: str) -> None:
    assert js_canary.file_name(run(*(module(P, path=path) for path in paths)).report) == name


def test_the_planted_tests_are_one_test() -> None:
    assert js_canary.JEST.count(b"test(") == 1
    assert js_canary.VITEST.endswith(js_canary.JEST.partition(b"\n")[2])
    assert b'from "vitest"' in js_canary.VITEST
