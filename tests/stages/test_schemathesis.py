from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from formats.openapi_samples import data
from stages.contract_service import DOCUMENT, contract_service
from stages.fake_context import FakeContext, fake_context, metrics_of, recorded
from stages.live_context import LiveContext, live_context

from gates.formats import openapi_document
from gates.plugin import StageError, StageResult, ToolCrashed
from gates.stages.schemathesis import CANARY, CANARY_RULE, Schemathesis, SchemathesisOptions
from gates.testing.fake_service import FakeService

VERSION = "4.32.5"
TEXT = json.dumps(DOCUMENT)


def stage(**options: object) -> Schemathesis:
    return Schemathesis(SchemathesisOptions(**{"openapi": "openapi.json", **options}))  # type: ignore[arg-type]


def told(name: str, *, canary: str = "canary") -> Callable[[tuple[str, ...]], None]:
    """What writes the recorded reports of a run, and of the one with the canary after it."""

    def write(argv: tuple[str, ...]) -> None:
        for word in argv:
            option, _, path = word.partition("=")
            if option in {"--report-ndjson-path", "--report-json-path"}:
                kind = "events.ndjson" if "ndjson" in option else "account.json"
                run = canary if Path(path).name.startswith("canary") else name
                Path(path).write_bytes(recorded(f"schemathesis/{VERSION}/{run}.{kind}"))

    return write


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    ctx = fake_context(tmp_path, {"openapi.json": TEXT})
    ctx.given_services["api"] = FakeService(port=8000)
    return ctx


def run(ctx: FakeContext, name: str, exit_code: int = 1, **options: object) -> StageResult:
    ctx.answer("schemathesis", exit_code=exit_code, does=told(name))
    ctx.answer("schemathesis", "*/canary.json", exit_code=1, does=told(name))
    return stage(**options).run(ctx)


def test_a_service_that_keeps_its_contract(ctx: FakeContext) -> None:
    result = run(ctx, "good", 0)
    assert metrics_of(result) == {
        "operations": (2, 2),
        "failures": 0,
        "accepts_invalid": 0,
        "server_errors": 0,
        "cases": 46,
    }
    assert result.findings == ()
    assert result.canary
    assert result.tool.version == VERSION


def test_what_is_run(ctx: FakeContext) -> None:
    ctx.write("schemathesis.toml", "workers = 1\n[checks]\n")
    options = {
        "exclude_checks": ("unsupported_method",),
        "headers": {"Authorization": "Bearer ${TOKEN}"},
        "seed": 7,
        "examples": 3,
    }
    result = run(ctx, "good", 0, **options)
    assert result.notes == (
        "schemathesis.toml sets `checks`",
        "checks left out: unsupported_method",
    )
    first, second = ctx.runs
    out = ctx.out
    assert first == (
        "/tools/schemathesis",
        f"--config-file={out}/schemathesis.toml",
        "run",
        f"{out}/openapi.json",
        "--url=http://127.0.0.1:8000",
        "--phases=examples,coverage,fuzzing,stateful",
        "--max-examples=3",
        "--seed=7",
        "--generation-database=none",
        "--exclude-checks=unsupported_method",
        "--checks=all",
        "--mode=all",
        "--continue-on-failure",
        "--output-sanitize=true",
        "--no-color",
        "--report=ndjson,json",
        f"--report-ndjson-path={out}/openapi.events.ndjson",
        f"--report-json-path={out}/openapi.account.json",
    )
    assert second[3] == f"{out}/canary.json"
    assert (out / "openapi.json").read_text(encoding="utf-8") == TEXT
    assert (out / "canary.json").read_bytes() == CANARY
    config = (out / "schemathesis.toml").read_text(encoding="utf-8")
    assert "${TOKEN}" in config
    assert config.endswith("workers = 1\n[checks]\n")
    assert ctx.envs[0] == {
        "HYPOTHESIS_STORAGE_DIRECTORY": f"{out}/hypothesis",
        "PYTHONHASHSEED": "0",
    }


def test_without_a_seed_the_document_alone_decides_what_is_drawn(ctx: FakeContext) -> None:
    run(ctx, "good", 0)
    assert "--generation-deterministic" in ctx.runs[0]
    assert not [word for word in ctx.runs[0] if word.startswith("--seed")]


def test_the_path_of_the_server_is_put_before(ctx: FakeContext) -> None:
    ctx.write("openapi.json", json.dumps({**DOCUMENT, "servers": [{"url": "/v1"}]}))
    run(ctx, "good", 0)
    assert "--url=http://127.0.0.1:8000/v1" in ctx.runs[0]


def test_a_document_in_yaml_stays_one(ctx: FakeContext) -> None:
    answers = 'responses: {"200": {description: one}}'
    ctx.write(
        "api.yaml",
        'openapi: 3.0.3\ninfo: {title: a, version: "1"}\npaths:\n'
        f"  /orders: {{post: {{{answers}}}}}\n"
        '  "/orders/{order_id}":\n    get:\n      parameters:\n'
        f"        - {{name: order_id, in: path, required: true}}\n      {answers}\n",
    )
    run(ctx, "good", 0, openapi="api.yaml")
    assert f"{ctx.out}/openapi.yaml" in ctx.runs[0]


@pytest.mark.parametrize(
    ("name", "rules", "metric"),
    [
        ("lax", ["ST201"], "accepts_invalid"),
        ("wrong", ["ST108", "ST108"], "failures"),
        ("crash", ["not-exercised", "ST101", "ST103"], "server_errors"),
    ],
)
def test_each_fault_is_found(ctx: FakeContext, name: str, rules: list[str], metric: str) -> None:
    result = run(ctx, name)
    assert [found.rule for found in result.findings] == rules
    value = metrics_of(result)[metric]
    assert value
    assert value == sum(metric in found.counts for found in result.findings)
    assert all(found.path == "openapi.json" and found.line for found in result.findings)


def test_answers_that_refuse_everybody_are_no_pass(ctx: FakeContext) -> None:
    """Schemathesis itself ends with 0 here: 401 is documented, and nothing else was seen."""
    with pytest.raises(StageError, match="of 7 answers 7 were 401") as caught:
        run(ctx, "refuse", 0)
    assert "give credentials" in caught.value.problem.hint


def test_a_tool_that_finds_nothing_in_a_broken_contract_is_refused(ctx: FakeContext) -> None:
    def blind(argv: tuple[str, ...]) -> None:
        told("good")(argv)
        for path in ctx.out.glob("canary.*n"):
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(CANARY_RULE, "ST107"), encoding="utf-8")

    ctx.answer("schemathesis", does=blind)
    ctx.answer("schemathesis", "*/canary.json", exit_code=1, does=blind)
    with pytest.raises(StageError) as caught:
        stage().run(ctx)
    assert caught.value.problem.slug == "canary-passed-over"


def test_an_operation_that_only_we_count_is_a_contradiction(ctx: FakeContext) -> None:
    paths = DOCUMENT["paths"]
    assert isinstance(paths, dict)
    more = {**DOCUMENT, "paths": {**paths, "/more": paths["/orders"]}}
    ctx.write("openapi.json", json.dumps(more))
    with pytest.raises(StageError, match="2 operations, and we count 3"):
        run(ctx, "good", 0)


@pytest.mark.parametrize("cut", [1, 1000])
def test_a_record_that_broke_off_is_refused(ctx: FakeContext, cut: int) -> None:
    def broken(argv: tuple[str, ...]) -> None:
        told("good")(argv)
        path = ctx.out / "openapi.events.ndjson"
        path.write_bytes(path.read_bytes()[:-cut].rpartition(b"\n")[0])

    ctx.answer("schemathesis", does=broken)
    with pytest.raises(StageError, match="it breaks off before the end"):
        stage().run(ctx)


def test_another_exit_code_is_no_result(ctx: FakeContext) -> None:
    ctx.answer("schemathesis", exit_code=2, stderr="Error: bad option")
    with pytest.raises(ToolCrashed, match="bad option"):
        stage().run(ctx)


@pytest.mark.parametrize(
    ("options", "slug"),
    [
        ({"openapi": "lost.json"}, "no-document"),
        ({"openapi": "empty.json"}, "no-operations"),
        ({"openapi": "odd.json"}, "json-syntax"),
        ({"exclude": {"POST /order": "x"}}, "unknown-operation"),
        ({"exclude": {"pay": "x"}}, "unknown-operation"),
    ],
)
def test_what_cannot_be_tested_is_an_error(
    ctx: FakeContext, options: dict[str, object], slug: str
) -> None:
    ctx.write("empty.json", data({}))
    ctx.write("odd.json", "{")
    with pytest.raises(StageError) as caught:
        stage(**options).run(ctx)
    assert caught.value.problem.slug == slug
    assert not ctx.runs


def test_what_is_excluded_is_handed_on(ctx: FakeContext) -> None:
    result = run(ctx, "good", 0, exclude={"POST /orders": "calls the bank"})
    assert "--exclude-name=POST /orders" in ctx.runs[0]
    assert metrics_of(result)["operations"] == (1, 1)
    assert result.notes == ("left out: POST /orders (calls the bank)",)


def test_where_all_is_excluded_nothing_is_run(ctx: FakeContext) -> None:
    known = openapi_document.read(TEXT.encode(), "openapi.json").operations
    labels = [one.label for one in known]
    with pytest.raises(StageError, match="documents no operation that is to be tested"):
        stage(openapi="openapi.json", exclude=dict.fromkeys(labels, "later")).run(ctx)
    assert ctx.runs == []


def test_the_document_may_be_a_page_of_the_service(ctx: FakeContext) -> None:
    with contract_service() as port:
        ctx.given_services["api"] = FakeService(port=port)
        result = run(ctx, "lax", openapi="/openapi.json")
        assert [(found.path, found.line) for found in result.findings] == [("", 0)]
        with pytest.raises(StageError, match="GET /nothing answers 404"):
            stage(openapi="/nothing").run(ctx)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"phases": ("coverage", "guessing")}, "`guessing` is no phase"),
        ({"phases": ("fuzzing",)}, "without the phase `coverage`"),
        ({"exclude_checks": ("not_a_server_error",)}, "cannot be left out"),
        ({"exclude_checks": ("all",)}, "cannot be left out"),
        ({"exclude": {"GET /a": " "}}, "needs a reason"),
        ({"examples": 0}, "at least 1"),
        ({"seed": -1}, "at least 0"),
    ],
)
def test_options_that_would_show_nothing_are_refused(
    options: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        stage(**options).check()


def test_it_asks_for_a_service(ctx: FakeContext) -> None:
    one = stage(exclude={"GET /a": "why"}, exclude_checks=("unsupported_method",))
    one.check()
    assert one.asks_service()
    assert one.inputs(ctx) == ()


IS_HERE = (Path(sys.executable).parent / "schemathesis").is_file()
live = pytest.mark.skipif(not IS_HERE, reason="schemathesis is not installed: not run")


def quick(tmp_path: Path, fault: str) -> tuple[LiveContext, StageResult]:
    ctx = live_context(tmp_path, {})
    with contract_service(fault) as port:
        ctx.given_services["api"] = FakeService(port=port)
        options = {"openapi": "/openapi.json", "phases": ("coverage",), "examples": 1}
        return ctx, stage(**options).run(ctx)


@live
@pytest.mark.live
def test_a_real_run_passes_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ctx, result = quick(tmp_path, "")
    assert metrics_of(result)["operations"] == (2, 2)
    assert metrics_of(result)["failures"] == 0
    assert list(ctx.root.iterdir()) == []


@live
@pytest.mark.live
def test_a_real_run_finds_invalid_input_that_is_accepted(tmp_path: Path) -> None:
    _, result = quick(tmp_path, "lax")
    assert metrics_of(result)["accepts_invalid"] == 1
    assert "curl -i" in result.findings[0].fix


@live
@pytest.mark.live
def test_a_real_run_that_everybody_is_refused_in_is_no_pass(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="were 401"):
        quick(tmp_path, "refuse")
