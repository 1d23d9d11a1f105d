from __future__ import annotations

import json
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.js_runs import FAILED, plants, plays, prints

from gates.formats import js_canary
from gates.plugin import OutputUnreadable, SourceSet, StageError
from gates.stages.vitest import STRICT, Vitest, VitestOptions

DATA = "vitest/4.1.11"
FILES = {"tests/all.test.ts": "", "tests/broken.test.ts": "", "README.md": ""}


def refused(ctx: FakeContext) -> str:
    with pytest.raises(StageError) as caught:
        Vitest(VitestOptions()).run(ctx)
    return caught.value.problem.slug


def test_a_run_is_counted_by_outcome(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    plays(ctx, "vitest", f"{DATA}/mixed", exit_code=1)
    result = Vitest(VitestOptions()).measure(ctx)
    assert metrics_of(result) == {
        "tests": 12, "passed": 7, "failed": 1, "errors": 3, "flaky": 1, "skipped": 3, "xfailed": 1,
    }  # fmt: skip
    assert [(f.rule, f.place) for f in result.findings] == [
        ("error", ""),
        ("failed", "tests/all.test.ts:4"),
        ("flaky", "tests/all.test.ts:9"),
        ("error", "tests/broken.test.ts"),
        ("error", "tests/hook.test.ts"),
    ]
    assert (result.tool.name, ctx.notes) == ("vitest", [])


def test_the_command_line(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    plays(ctx, "vitest", f"{DATA}/green")
    options = VitestOptions(paths=("tests", "--odd"), args=("--retry=2",))
    Vitest(options).run(ctx)
    argv, planted = ctx.runs
    assert argv[1:6] == ("run", "./tests", "./--odd", "--reporter=default", "--reporter=json")
    assert argv[6].startswith(f"--reporter={ctx.out}/proof/")
    assert argv[7] == f"--outputFile={ctx.out}/report.json"
    assert argv[8:] == (*STRICT, "--coverage.enabled=false", "--retry=2")
    # The planted test runs under the same settings.
    assert (planted[1:6], planted[8:]) == (argv[1:6], argv[8:])
    assert planted[6].startswith(f"--reporter={ctx.out}/canary/proof/")
    assert planted[7] == f"--outputFile={ctx.out}/canary/report.json"


def test_coverage_is_measured_of_every_source(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.ts": "", "src/[id].ts": ""})
    ctx.source_folders = ("src",)
    ctx.asked = frozenset({"coverage"})
    plays(ctx, "vitest", f"{DATA}/green")
    Vitest(VitestOptions()).run(ctx)
    words = [word for word in ctx.runs[0] if word.startswith("--coverage")]
    assert words == [
        "--coverage.enabled=true",
        "--coverage.reporter=json",
        f"--coverage.reportsDirectory={ctx.out}/coverage",
        "--coverage.reportOnFailure=true",
        "--coverage.include=src/?id?.ts",
        "--coverage.include=src/a.ts",
    ]


class WithoutSources(FakeContext):
    """A project whose `sources:` match nothing."""

    __slots__ = ()

    def sources(self, *suffixes: str) -> SourceSet:
        raise StageError("source-unmatched", f"no file of {suffixes}")


def test_sources_that_match_nothing_are_left_to_the_coverage_gate(tmp_path: Path) -> None:
    found = fake_context(tmp_path)
    ctx = WithoutSources(root=found.root, out=found.out, asked=frozenset({"coverage"}))
    plays(ctx, "vitest", f"{DATA}/green")
    Vitest(VitestOptions()).run(ctx)
    assert "--coverage.enabled=true" in ctx.runs[0]


def test_tests_that_were_not_run_are_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.test.ts": "", "e2e/buy.spec.ts": ""})
    plays(ctx, "vitest", f"{DATA}/green")
    result = Vitest(VitestOptions()).run(ctx)
    assert ctx.notes == ["look like tests, and were not run: `e2e/buy.spec.ts`"]
    assert result.canary == js_canary.TOLD


def test_a_browser_in_which_no_failure_was_planted_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, "vitest", f"{DATA}/green")
    plants(ctx, "vitest", lambda top: top.update(planned=0, modules=[], unplanted=["ui"]))
    result = Vitest(VitestOptions()).run(ctx)
    assert ctx.notes == ["not shown that a failing test fails in the browser of: `ui`"]
    assert not result.canary


def test_an_error_of_the_global_tear_down_is_an_error(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    stderr = "a word\nerror during close Error: torn\n    at g.mjs:2:52\n"
    plays(ctx, "vitest", f"{DATA}/green")
    prints(ctx, stderr)
    result = Vitest(VitestOptions()).run(ctx)
    assert metrics_of(result)["errors"] == 1
    assert "the global tear-down failed: Error: torn" in {f.message for f in result.findings}


def test_an_error_outside_of_tests_is_never_passed(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, "vitest", f"{DATA}/green", exit_code=1)
    assert refused(ctx) == "contradiction"
    folder = tmp_path / "told"
    folder.mkdir()
    told = fake_context(folder)
    plays(
        told, "vitest", f"{DATA}/green", exit_code=1,
        proof=lambda top: top.update(problems=["Error: uncaught"]),
    )  # fmt: skip
    result = Vitest(VitestOptions()).run(told)
    assert metrics_of(result)["errors"] == 1


@pytest.mark.parametrize(
    ("proof", "slug"),
    [
        ({"nonce": "other"}, "proof-foreign"),
        ({"planned": 2}, "run-cut-short"),
        ({"whole": False}, "run-cut-short"),
        ({"untold": 1}, "contradiction"),
        ({"partial": ["testNamePattern"]}, "partial-run"),
        ({"hiding": ["`coverage.provider: custom`"]}, "hidden"),
        ({"planned": 0, "modules": []}, "no-tests"),
        ({"modules": []}, "run-cut-short"),
    ],
)
def test_a_record_that_proves_nothing_is_errored(
    tmp_path: Path, proof: dict[str, object], slug: str
) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, "vitest", f"{DATA}/green", proof=lambda top: top.update(proof))
    assert refused(ctx) == slug


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"status": "passed", "message": ""}, "canary-passed"),
        ({"name": "another"}, "canary-unrun"),
    ],
)
def test_a_planted_failure_that_is_not_told_is_errored(
    tmp_path: Path, change: dict[str, object], slug: str
) -> None:
    ctx = fake_context(tmp_path)
    tests = [{**FAILED, **change}]
    module = {"path": "/planted/a.test.js", "problems": [], "tests": tests}
    plays(ctx, "vitest", f"{DATA}/green")
    plants(ctx, "vitest", lambda top: top.update(modules=[module]))
    assert refused(ctx) == slug


def test_a_run_without_a_record_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("vitest", exit_code=0, stdout="2 passed\n")
    assert refused(ctx) == "ended-early"


def test_a_json_that_tells_otherwise_is_errored(tmp_path: Path) -> None:
    def skip(top: dict[str, object]) -> None:
        text = json.dumps(top).replace('"status": "passed", "title"', '"status": "todo", "title"')
        top.update(json.loads(text), numPassedTests=0, numTodoTests=2)

    ctx = fake_context(tmp_path)
    plays(ctx, "vitest", f"{DATA}/green", report=skip)
    assert refused(ctx) == "contradiction"


def given(tmp_path: Path, *names: str) -> FakeContext:
    ran = ("tests/all", "tests/broken", "tests/hook", "tests/late", "a")
    ctx = fake_context(tmp_path, {f"{name}.test.ts": "" for name in ran})
    for number, name in enumerate(names):
        text = recorded(f"{DATA}/{name}.json").decode().replace("/project/", f"{ctx.root}/")
        ctx.write(f"out/{number}.json", text)
    return ctx


GIVEN = VitestOptions(report=("out/*.json",))


def test_given_reports_are_merged(tmp_path: Path) -> None:
    ctx = given(tmp_path, "mixed", "green")
    ctx.asked = frozenset({"coverage"})
    result = Vitest(GIVEN).measure(ctx)
    assert metrics_of(result) == {
        "tests": 13, "passed": 10, "failed": 1, "errors": 2, "flaky": 1, "skipped": 3
    }  # fmt: skip
    assert [entry.metric for entry in result.not_applicable] == ["xfailed"]
    assert ("failed", "tests/all.test.ts:4") in {(f.rule, f.place) for f in result.findings}
    assert [note.partition(":")[0] for note in ctx.notes] == [
        "no coverage was measured, since a report was judged in place of a run",
        "only a report was judged",
        "Vitest's JSON does not tell errors outside of tests",
    ]
    assert ctx.runs == []


def test_a_given_report_of_another_folder_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.test.ts": ""})
    ctx.write("out/1.json", recorded(f"{DATA}/green.json").replace(b"/project/", b"/elsewhere/"))
    with pytest.raises(StageError) as caught:
        Vitest(GIVEN).measure(ctx)
    assert caught.value.problem.slug == "report-foreign"


def test_tests_that_a_given_report_does_not_hold_are_told(tmp_path: Path) -> None:
    ctx = given(tmp_path, "green")
    assert metrics_of(Vitest(GIVEN).measure(ctx))["passed"] == 2
    assert ctx.notes[1] == (
        "look like tests, and are not in the report: `tests/all.test.ts`, `tests/broken.test.ts`,"
        " `tests/hook.test.ts` and 1 more"
    )


@pytest.mark.parametrize("text", [b"", b"{}", recorded(f"{DATA}/green.json")[:-9]])
def test_a_given_report_that_proves_nothing_is_errored(tmp_path: Path, text: bytes) -> None:
    ctx = fake_context(tmp_path)
    ctx.write("out/1.json", text)
    with pytest.raises(OutputUnreadable):
        Vitest(GIVEN).measure(ctx)


@pytest.mark.parametrize(
    "options",
    [
        VitestOptions(report=("a.json",), paths=("tests",)),
        VitestOptions(report=("a.json",), args=("--retry=1",)),
        VitestOptions(args=("-t", "x")),
        VitestOptions(args=("--changed",)),
        VitestOptions(args=("--shard=1/2",)),
        VitestOptions(args=("--passWithNoTests",)),
        VitestOptions(args=("--dangerouslyIgnoreUnhandledErrors",)),
        VitestOptions(args=("--reporter=dot",)),
        VitestOptions(args=("--coverage.exclude=src",)),
    ],
)
def test_options_that_would_blind_it_are_refused(options: VitestOptions) -> None:
    with pytest.raises(ValueError, match=r"`report` is judged|`args` holds"):
        Vitest(options).check()


def test_other_options_are_taken(tmp_path: Path) -> None:
    Vitest(VitestOptions(paths=("tests",), args=("--pool=forks", "--retry=2"))).check()
    Vitest(GIVEN).check()
    assert Vitest(VitestOptions()).inputs(fake_context(tmp_path, FILES)) == (
        "tests/all.test.ts",
        "tests/broken.test.ts",
    )
