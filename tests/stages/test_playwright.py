from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.node_project import TOOLS, node_context

from gates.plugin import StageError
from gates.stages.playwright import OUTPUT, STRICT, Playwright, PlaywrightOptions

DATA = "playwright/1.65.1"
FILES = {"green/health.spec.js": "", "mixed/all.spec.js": "", "mixed/hook.spec.js": ""}
Tree = dict[str, object]


def text_of(ctx: FakeContext, name: str, change: Callable[[Tree], object] | None = None) -> str:
    top = cast("Tree", json.loads(recorded(f"{DATA}/{name}.json")))
    if change is not None:
        change(top)
    return json.dumps(top).replace("/project/", f"{ctx.root}/")


def plays(
    ctx: FakeContext,
    name: str,
    *,
    listed: str = "",
    exit_code: int = 0,
    change: Callable[[Tree], object] | None = None,
) -> None:
    """Let Playwright write what a recorded run wrote, and a recorded list before it."""

    def writes(
        name: str, change: Callable[[Tree], object] | None
    ) -> Callable[[tuple[str, ...]], None]:
        def write(argv: tuple[str, ...]) -> None:
            del argv
            Path(ctx.envs[-1][OUTPUT]).write_text(text_of(ctx, name, change), encoding="utf-8")

        return write

    ctx.answer("playwright", "test", exit_code=exit_code, does=writes(name, change))
    ctx.answer("playwright", "test", "--list", does=writes(listed or name, None))


def test_a_run_is_counted_by_outcome(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    plays(ctx, "mixed", listed="list-mixed", exit_code=1)
    result = Playwright(PlaywrightOptions()).measure(ctx)
    assert metrics_of(result) == {
        "tests": 9, "passed": 3, "failed": 4, "errors": 1, "flaky": 1, "skipped": 3, "xfailed": 1,
    }  # fmt: skip
    assert [(each.rule, each.place) for each in result.findings] == [
        ("failed", "mixed/all.spec.js:3"),
        ("flaky", "mixed/all.spec.js:4"),
        ("failed", "mixed/all.spec.js:8"),
        ("failed", "mixed/all.spec.js:9"),
        ("failed", "mixed/hook.spec.js:2"),
        ("error", "mixed/hook.spec.js:4"),
    ]


def test_a_green_run(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    plays(ctx, "green", listed="list-green")
    options = PlaywrightOptions(paths=("green", "--odd"), args=("--retries=2",))
    result = Playwright(options).measure(ctx)
    assert metrics_of(result)["passed"] == 2
    assert (result.findings, result.tool.name, ctx.notes) == ((), "playwright", [])
    listing, run = ctx.runs
    assert run[1:4] == ("test", "./green", "./--odd")
    assert run[4:] == (*STRICT, f"--output={ctx.out}/results", "--retries=2")
    assert listing == (*run, "--list")
    assert ctx.envs[1] == {OUTPUT: str(ctx.out / "report.json")}


def refused(
    tmp_path: Path,
    name: str,
    *,
    listed: str = "",
    exit_code: int = 1,
    change: Callable[[Tree], object] | None = None,
) -> str:
    ctx = fake_context(tmp_path, FILES)
    plays(ctx, name, listed=listed, exit_code=exit_code, change=change)
    with pytest.raises(StageError) as caught:
        Playwright(PlaywrightOptions()).run(ctx)
    return caught.value.problem.slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("no-tests", "no-tests"),
        ("interrupted", "run-cut-short"),
        ("global-timeout", "run-cut-short"),
        ("list-green", "run-cut-short"),
        ("browser-missing", "browser-missing"),
        ("green", "contradiction"),
    ],
)
def test_a_run_that_shows_nothing_is_errored(tmp_path: Path, name: str, slug: str) -> None:
    assert refused(tmp_path, name) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("skipped", "nothing-examined"),
        ("pass-with-no-tests", "nothing-examined"),
        ("shard", "partial-run"),
        ("mixed", "contradiction"),
        ("global-teardown", "contradiction"),
    ],
)
def test_a_run_that_ended_well_without_proof_is_errored(
    tmp_path: Path, name: str, slug: str
) -> None:
    assert refused(tmp_path, name, exit_code=0) == slug


def test_fewer_tests_than_listed_are_errored(tmp_path: Path) -> None:
    assert refused(tmp_path, "green", listed="list-mixed", exit_code=0) == "contradiction"


def test_where_flaky_tests_fail_the_run_its_exit_status_says_so(tmp_path: Path) -> None:
    def only_flaky(top: Tree) -> None:
        suites = cast("list[dict[str, list[Tree]]]", top["suites"])
        suites[0]["specs"] = [suites[0]["specs"][2]]
        suites[0].pop("suites")
        suites[:] = suites[:1]
        cast("Tree", top["stats"]).update(expected=0, skipped=0, unexpected=0, flaky=1)
        cast("Tree", top["config"]).update(failOnFlakyTests=True)

    assert refused(tmp_path, "mixed", listed="only", exit_code=0, change=only_flaky) == (
        "contradiction"
    )
    (tmp_path / "again").mkdir()
    ctx = fake_context(tmp_path / "again", FILES)
    plays(ctx, "mixed", listed="only", exit_code=1, change=only_flaky)
    assert metrics_of(Playwright(PlaywrightOptions()).run(ctx))["flaky"] == 1


@pytest.mark.parametrize(
    ("name", "errors"), [("broken-file", 1), ("only-forbidden", 1), ("global-teardown", 1)]
)
def test_what_breaks_outside_of_tests_is_an_error(tmp_path: Path, name: str, errors: int) -> None:
    ctx = fake_context(tmp_path)
    plays(ctx, name, exit_code=1)
    result = Playwright(PlaywrightOptions()).run(ctx)
    assert metrics_of(result)["errors"] == errors


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("a word\nError: bad config\n    at x\n", "Error: bad config"),
        ("something else\n", "something else"),
        ("", "nothing"),
    ],
)
def test_a_run_without_a_report_is_errored(tmp_path: Path, printed: str, told: str) -> None:
    ctx = fake_context(tmp_path)
    ctx.answer("playwright", exit_code=1, stderr=printed)
    with pytest.raises(StageError) as caught:
        Playwright(PlaywrightOptions()).run(ctx)
    assert caught.value.problem.slug == "tool-crashed"
    assert caught.value.problem.summary.endswith(f"no report: {told}")


GIVEN = PlaywrightOptions(report=("out/*.json",))


def given(
    tmp_path: Path, *names: str, change: Callable[[Tree], object] | None = None
) -> FakeContext:
    ctx = fake_context(tmp_path, FILES)
    for number, name in enumerate(names):
        ctx.write(f"out/{number}.json", text_of(ctx, name, change))
    return ctx


def test_a_given_report_is_judged(tmp_path: Path) -> None:
    ctx = given(tmp_path, "mixed")
    result = Playwright(GIVEN).measure(ctx)
    assert metrics_of(result)["failed"] == 4
    assert (result.tool.name, result.tool.version) == ("Playwright report", "1.65.1")
    assert [note.partition(":")[0] for note in ctx.notes] == [
        "whether `.only` kept tests from running is not told by the report",
        "only a report was judged",
        "look like tests, and are not in the report",
    ]


@pytest.mark.parametrize(
    ("status", "expected", "last", "note"),
    [
        ("skipped", "skipped", "skipped", "5 of 6 tests show nothing: 5 skipped"),
        ("expected", "failed", "failed", "5 of 6 tests show nothing: 5 expected to fail"),
    ],
)
def test_where_most_tests_show_nothing_every_output_tells_it(
    tmp_path: Path, status: str, expected: str, last: str, note: str
) -> None:
    def silence(top: Tree) -> None:
        suite = cast("Tree", cast("list[object]", top["suites"])[0])
        specs = cast("list[Tree]", suite["specs"])
        test = {
            **cast("list[Tree]", specs[0]["tests"])[0],
            "status": status,
            "expectedStatus": expected,
            "results": [{"status": last, "errors": []}],
        }
        more = [{**specs[0], "title": f"more {number}", "tests": [test]} for number in range(5)]
        top["suites"] = [{**suite, "specs": [specs[0], *more], "suites": []}]
        counts = {"expected": 1, "unexpected": 0, "flaky": 0, "skipped": 0}
        top["stats"] = {**counts, status: counts[status] + 5}

    result = Playwright(GIVEN).measure(given(tmp_path, "green", change=silence))
    assert result.examined.note == note
    assert metrics_of(result)["passed"] == 1


def test_a_given_report_that_forbids_only_needs_no_note(tmp_path: Path) -> None:
    def strict(top: Tree) -> None:
        cast("Tree", top["config"]).update(forbidOnly=True)

    ctx = given(tmp_path, "green", "mixed", change=strict)
    result = Playwright(GIVEN).measure(ctx)
    assert metrics_of(result)["tests"] == 11
    assert not any("`.only`" in note for note in ctx.notes)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("shard", "partial-run"),
        ("interrupted", "run-cut-short"),
        ("global-timeout", "run-cut-short"),
        ("list-mixed", "run-cut-short"),
        ("browser-missing", "browser-missing"),
        ("no-tests", "no-tests"),
        ("skipped", "report-foreign"),
    ],
)
def test_a_given_report_that_shows_nothing_is_errored(tmp_path: Path, name: str, slug: str) -> None:
    with pytest.raises(StageError) as caught:
        Playwright(GIVEN).measure(given(tmp_path, name))
    assert caught.value.problem.slug == slug


def test_junit_xml_is_sent_to_its_own_stage(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, FILES)
    ctx.write("out/0.json", recorded(f"{DATA}/green.xml"))
    with pytest.raises(StageError) as caught:
        Playwright(GIVEN).measure(ctx)
    assert caught.value.problem.slug == "not-json"
    assert "stage `junit`" in caught.value.problem.hint


def test_options() -> None:
    Playwright(
        PlaywrightOptions(paths=("e2e",), args=("--retries=1", "-c", "e2e.config.ts"))
    ).check()
    with pytest.raises(ValueError, match="leave out"):
        Playwright(PlaywrightOptions(report=("a",), args=("--retries=1",))).check()


@pytest.mark.parametrize(
    "argument",
    [
        *("--grep=a", "-g", "-x", "--pass-with-no-tests", "--reporter", "--no-deps", "--list"),
        *("--shard=1/2", "--update-snapshots", "-u", "--last-failed", "--only-changed"),
        *("--max-failures=1", "--output=x"),
    ],
)
def test_arguments_that_would_blind_it_are_refused(argument: str) -> None:
    with pytest.raises(ValueError, match="`args` holds"):
        Playwright(PlaywrightOptions(args=(argument,))).check()


def test_documents_are_no_inputs(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path, {"e2e/a.spec.ts": "", "README.md": ""})
    assert Playwright(PlaywrightOptions()).inputs(ctx) == ("e2e/a.spec.ts",)


LIVE = """\
const {{ test, expect }} = require('@playwright/test');
test('one', async () => {{}});
test('two', async () => {{ expect({value}).toBe(2); }});
"""


@pytest.mark.live
@pytest.mark.skipif(
    not (TOOLS / "@playwright" / "test").is_dir(), reason="Playwright is not installed"
)
@pytest.mark.parametrize("value", [1, 2])
def test_a_real_run(repo: Repo, value: int) -> None:
    ctx = node_context(repo, {"e2e/a.spec.js": LIVE.format(value=value), "package.json": "{}"})
    result = Playwright(PlaywrightOptions(paths=("e2e",))).measure(ctx)
    metrics = metrics_of(result)
    assert (metrics["tests"], metrics["failed"]) == (2, 2 - value)
