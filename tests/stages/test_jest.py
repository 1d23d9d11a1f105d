from __future__ import annotations

from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.js_runs import FAILED, plants, plays, prints

from gates.formats import js_canary
from gates.plugin import OutputUnreadable, SourceSet, StageError
from gates.stages.jest import STRICT, Jest, JestOptions

DATA = "jest/30.5.2"
FOCUS = "test.only('focused', () => {});\ntest('unfocused', () => {});\n"


def refused(ctx: FakeContext) -> str:
    with pytest.raises(StageError) as caught:
        Jest(JestOptions()).run(ctx)
    return caught.value.problem.slug


def test_a_run_is_counted_by_outcome(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"tests/focus.test.js": FOCUS, "tests/all.test.js": ""})
    plays(ctx, "jest", f"{DATA}/mixed", exit_code=1)
    result = Jest(JestOptions()).measure(ctx)
    assert metrics_of(result) == {
        "tests": 12, "passed": 7, "failed": 1, "errors": 3, "flaky": 1, "skipped": 3, "xfailed": 1,
    }  # fmt: skip
    assert {(f.rule, f.place) for f in result.findings} == {
        ("failed", "tests/all.test.js:3"),
        ("error", "tests/after.test.js"),
        ("flaky", "tests/flaky.test.js:3"),
        ("error", "tests/broken.test.js"),
        ("error", "tests/focus.test.js"),
    }
    assert "focused: 1 tests were skipped because others are focused (`.only`)" in {
        finding.message for finding in result.findings
    }
    assert result.canary == js_canary.TOLD


def test_the_command_line(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.test.js": "", "e2e.spec.ts": ""})
    plays(ctx, "jest", f"{DATA}/green")
    Jest(JestOptions(paths=("tests", "--odd"), args=("--maxWorkers=2",))).run(ctx)
    argv, planted = ctx.runs
    assert argv[1:5] == ("./tests", "./--odd", "--json", f"--outputFile={ctx.out}/report.json")
    assert argv[5] == "--reporters=default"
    assert argv[6].startswith(f"--reporters={ctx.out}/proof/")
    assert argv[7] == f"--cacheDirectory={tmp_path}/caches/jest"
    assert argv[8:] == (*STRICT, "--coverage=false", "--maxWorkers=2")
    # The planted test runs under the same settings.
    assert planted[8:-2] == argv[8:]
    assert planted[-2].startswith(f"--testSequencer={ctx.out}/canary/proof/")
    assert planted[-1] == "--injectGlobals=true"
    assert (ctx.out / "proof" / "package.json").read_text() == "{}"
    assert ctx.notes == ["look like tests, and were not run: `e2e.spec.ts`"]


def test_coverage_is_measured_of_every_source(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"src/a.ts": "", "src/[id].ts": ""})
    ctx.source_folders = ("src",)
    ctx.asked = frozenset({"coverage"})
    plays(ctx, "jest", f"{DATA}/green")
    Jest(JestOptions()).run(ctx)
    words = [word for word in ctx.runs[0] if word.startswith("--co")]
    assert words == [
        "--coverage=true",
        "--coverageReporters=json",
        f"--coverageDirectory={ctx.out}/coverage",
        "--coverageThreshold={}",
        "--collectCoverageFrom=src/?id?.ts",
        "--collectCoverageFrom=src/a.ts",
    ]


class WithoutSources(FakeContext):
    """A project whose `sources:` match nothing."""

    __slots__ = ()

    def sources(self, *suffixes: str) -> SourceSet:
        raise StageError("source-unmatched", f"no file of {suffixes}")


def test_sources_that_match_nothing_are_left_to_the_coverage_gate(tmp_path: Path) -> None:
    found = fake_context(tmp_path)
    ctx = WithoutSources(root=found.root, out=found.out, asked=frozenset({"coverage"}))
    plays(ctx, "jest", f"{DATA}/green")
    Jest(JestOptions()).run(ctx)
    assert "--coverage=true" in ctx.runs[0]


def test_obsolete_snapshots_fail_it_as_they_fail_jest(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, "jest", f"{DATA}/obsolete-snapshot", exit_code=1)
    result = Jest(JestOptions()).run(ctx)
    assert (metrics_of(result)["errors"], metrics_of(result)["passed"]) == (1, 1)


@pytest.mark.parametrize(
    ("exit_code", "proof", "slug"),
    [
        (0, {"nonce": "other"}, "proof-foreign"),
        (0, {"planned": 2}, "run-cut-short"),
        (0, {"whole": False}, "run-cut-short"),
        (0, {"untold": 1}, "contradiction"),
        (0, {"partial": ["onlyChanged"]}, "partial-run"),
        (1, {}, "contradiction"),
    ],
)
def test_a_record_that_proves_nothing_is_errored(
    tmp_path: Path, exit_code: int, proof: dict[str, object], slug: str
) -> None:
    ctx = fake_context(tmp_path)
    plays(
        ctx, "jest", f"{DATA}/green", exit_code=exit_code, proof=lambda top: top.update(proof)
    )  # fmt: skip
    assert refused(ctx) == slug


def test_a_run_that_failed_with_exit_code_0_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, "jest", f"{DATA}/mixed")
    assert refused(ctx) == "contradiction"


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
    plays(ctx, "jest", f"{DATA}/green")
    plants(ctx, "jest", lambda top: top.update(modules=[module]))
    assert refused(ctx) == slug


def test_a_run_without_a_record_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("jest", exit_code=0, stderr="process.exit called with 0\n")
    assert refused(ctx) == "ended-early"


def test_a_tear_down_that_throws_is_named(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    stderr = "Error: Jest: Got error running globalTeardown - /p/g.js, reason: td\n    at x\n"
    plays(ctx, "jest", f"{DATA}/green", exit_code=1)
    prints(ctx, stderr, is_reported=False)
    with pytest.raises(StageError, match=r"the global tear-down failed: /p/g.js, reason: td"):
        Jest(JestOptions()).run(ctx)
    folder = tmp_path / "silent"
    folder.mkdir()
    silent = fake_context(folder)
    plays(silent, "jest", f"{DATA}/green", exit_code=1)
    prints(silent, "", is_reported=False)
    assert refused(silent) == "contradiction"


def test_given_reports_are_merged(tmp_path: Path) -> None:
    names = ("all", "focus", "flaky", "after", "broken")
    files = {f"tests/{name}.test.js": "" for name in names}
    ctx = fake_context(tmp_path, {**files, "a.test.js": ""})
    mixed, green = (
        recorded(f"{DATA}/{name}.json").decode().replace("/project/", f"{ctx.root}/")
        for name in ("mixed", "green")
    )
    ctx.write("out/mixed.json", mixed)
    ctx.write("out/green.json", green)
    ctx.write("out/again.json", green.replace('"one"', '"three"'))
    ctx.asked = frozenset({"coverage"})
    result = Jest(JestOptions(report=("out/*.json",))).measure(ctx)
    assert metrics_of(result) == {
        "tests": 14, "passed": 10, "failed": 1, "errors": 2, "flaky": 1, "skipped": 3, "xfailed": 1,
    }  # fmt: skip
    assert [note.partition(":")[0] for note in ctx.notes] == [
        "no coverage was measured, since a report was judged in place of a run",
        "only a report was judged",
        "1 tests stand in more than one report",
    ]


def test_a_given_report_of_another_folder_is_errored(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.test.js": ""})
    ctx.write("jest.json", recorded(f"{DATA}/green.json").replace(b"/project/", b"/elsewhere/"))
    with pytest.raises(StageError) as caught:
        Jest(JestOptions(report=("jest.json",))).measure(ctx)
    assert caught.value.problem.slug == "report-foreign"


def test_tests_that_a_given_report_does_not_hold_are_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"a.test.js": "", "lost.test.js": ""})
    green = recorded(f"{DATA}/green.json").decode().replace("/project/", f"{ctx.root}/")
    ctx.write("jest.json", green)
    assert metrics_of(Jest(JestOptions(report=("jest.json",))).measure(ctx))["passed"] == 2
    assert ctx.notes[1:] == ["look like tests, and are not in the report: `lost.test.js`"]


@pytest.mark.parametrize("text", [b"", b"{}", recorded(f"{DATA}/green.json")[:-9]])
def test_a_given_report_that_proves_nothing_is_errored(tmp_path: Path, text: bytes) -> None:
    ctx = fake_context(tmp_path)
    ctx.write("jest.json", text)
    with pytest.raises(OutputUnreadable):
        Jest(JestOptions(report=("jest.json",))).measure(ctx)


@pytest.mark.parametrize(
    "options",
    [
        JestOptions(report=("a.json",), paths=("tests",)),
        JestOptions(report=("a.json",), args=("--silent",)),
        JestOptions(args=("-t", "x")),
        JestOptions(args=("--onlyChanged",)),
        JestOptions(args=("--shard=1/2",)),
        JestOptions(args=("--passWithNoTests",)),
        JestOptions(args=("--testFailureExitCode=0",)),
        JestOptions(args=("--reporters=x",)),
        JestOptions(args=("--testSequencer=x",)),
        JestOptions(args=("--testPathIgnorePatterns=a",)),
    ],
)
def test_options_that_would_blind_it_are_refused(options: JestOptions) -> None:
    with pytest.raises(ValueError, match=r"`report` is judged|`args` holds"):
        Jest(options).check()


def test_other_options_are_taken(tmp_path: Path) -> None:
    Jest(JestOptions(paths=("tests",), args=("--maxWorkers=2", "--silent"))).check()
    files = {"README.md": "", "a.test.js": ""}
    assert Jest(JestOptions()).inputs(fake_context(tmp_path, files)) == ("a.test.js",)
