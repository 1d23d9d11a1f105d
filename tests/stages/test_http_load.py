from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import LiveContext, live_context
from traffic.scripted_server import OK, ScriptedServer

from gates.formats import load_plan
from gates.formats.latency import FLOOR, LOAD
from gates.formats.load_calibration import FILE, Bias, Calibration
from gates.formats.load_plan import LoadPlan
from gates.plugin import Default, OutputUnreadable, Role, Service, StageError
from gates.stages.http_load import CONNECTIONS, Load, LoadOptions
from gates.testing import FakeService

OPENAPI = {
    "openapi": "3.1.0",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {"get": {"responses": {"200": {"description": "ok"}}}},
        "/orders/{id}": {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True}],
                "responses": {"200": {"description": "ok"}},
            }
        },
    },
}


def stage_of(**options: object) -> Load:
    given: dict[str, object] = {"paths": ["GET /orders"], "rate": "20/s", "duration": "2s"}
    dropped = {name for name, value in options.items() if value is None}
    whole = {k: v for k, v in (given | options).items() if k not in dropped}
    stage = Load(LoadOptions.from_plain(whole))
    stage.check()
    return stage


def record_of(  # noqa: PLR0913 - each is one fault of a record
    plan: LoadPlan,
    *,
    time: int = 20_000,
    failed: int = 0,
    late: int = 0,
    users: int | None = None,
    generator: str = "load",
    seconds: int | None = None,
) -> bytes:
    """A record of a plan: each second 20 requests, of which some failed."""
    duration = round(plan.duration_s)
    lines: list[dict[str, object]] = [
        {
            "schema": "gates/load/v1",
            "generator": generator,
            "version": "0.1.0",
            "started": 1767225600.5,
            "endpoints": list(plan.endpoints),
            "rate": 20.0,
            "connections": plan.connections,
            "warmup_s": 0.0,
            "duration_s": plan.duration_s,
        }
    ]
    for at in range(duration if seconds is None else seconds):
        times = [[time, 20 - failed]] if failed < 20 else []
        reasons = {"status 500": failed} if failed else {}
        lines += [
            {
                "at": at,
                "endpoint": at % len(plan.endpoints),
                "times": times,
                "failed": reasons,
            },
            {
                "at": at,
                "probe": {"count": 100, "late": late, "worst_us": 900},
                "cpu": 0.1,
                "workers": 1,
                "users": users,
                "asked": 20,
            },
        ]
    done = duration if seconds is None else seconds
    end = {"requests": 20 * done, "failed": failed * done, "unfinished": 0, "seconds": float(done)}
    lines.append({"end": end})
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def context(
    folder: Path, *, service: Service | None = None, **faults: int
) -> tuple[FakeContext, list[LoadPlan]]:
    """A context in which the generator leaves a record, and the plans that it was given."""
    ctx = fake_context(folder)
    used = service or FakeService(port=8000)
    ctx.given_services = {"api": used}
    plans: list[LoadPlan] = []

    def generate(argv: tuple[str, ...]) -> None:
        plan = load_plan.read(Path(argv[argv.index("--plan") + 1]).read_bytes(), what="plan")
        plans.append(plan)
        data = record_of(plan, **faults)  # type: ignore[arg-type]  # all that is given is a whole number
        Path(argv[argv.index("--record") + 1]).write_bytes(data)

    ctx.answer("-P", "-m", "gates.traffic.program", "--plan", "*", "--record", "*", does=generate)
    return ctx, plans


def test_the_generator_runs_the_plan_and_its_record_is_measured(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    result = stage_of(warmup="3s", login={"path": "/login", "take": "/t"}).measure(ctx)
    (plan,) = plans
    assert (plan.url, plan.rates, plan.warmup_s) == ("http://127.0.0.1:8000", ((20, 20, 2),), 3)
    assert (plan.even, plan.connections, plan.held, plan.patience_s) == (False, 100, (), 10)
    assert plan.login is not None
    found = metrics_of(result)
    whole = {m.name: m for m in result.metrics if not m.tags}
    assert whole["p95"].value == Decimal("0.02")
    assert whole["error_rate"].fraction == (0, 40)
    assert found["alive"] == 1
    assert found["achieved"] == (40, 40)
    assert "connections" not in found
    assert (result.examined.count, result.examined.unit) == (40, "requests")
    assert (result.tool.name, result.tool.version) == ("load", "0.1.0")
    assert {metric.name for metric in result.metrics} <= {spec.name for spec in Load.metrics}


def test_each_verdict_tells_whether_the_generator_was_calibrated(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    assert any("was not calibrated" in note for note in stage_of().measure(ctx).notes)
    bias = Bias(
        server="fixed",
        rate=1,
        requests=1,
        true_us=(1, 1, 1),
        told_us=(1, 1, 251),
        late=Decimal(0),
        cpu=Decimal(0),
    )
    found = Calibration(day=date(2026, 1, 30), biases=(bias,))
    (ctx.kept_cache("calibration", ()) / FILE).write_bytes(found.to_json())
    assert any("at most 0.25 ms off" in note for note in stage_of().measure(ctx).notes)


def test_it_goes_on_while_conditions_are_open(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    ctx.open_conditions = [("p95 < 100ms",), ()]
    result = stage_of().measure(ctx)
    assert [plan.duration_s for plan in plans] == [2, 2]
    assert result.examined.count == 80


def test_it_ends_at_the_cap_with_conditions_still_open(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    ctx.open_conditions = [("p95 < 100ms",)]
    result = stage_of(max_duration="8s").measure(ctx)
    assert [plan.duration_s for plan in plans] == [2, 2, 4]
    assert result.examined.count == 160
    assert ctx.progressed[-1] == "run 3 of at most 3"


def test_more_looks_make_wider_intervals(tmp_path: Path) -> None:
    widths = []
    for number, most in enumerate(("2s", "32s")):
        folder = tmp_path / str(number)
        folder.mkdir()
        ctx, _ = context(folder, failed=2)
        result = stage_of(max_duration=most).measure(ctx)
        interval = next(m.interval for m in result.metrics if m.name == "error_rate" and not m.tags)
        assert interval is not None
        widths.append(interval[1] - interval[0])
    assert widths[0] < widths[1]


def test_a_service_that_died_is_told_and_ends_the_gate(tmp_path: Path) -> None:
    service = FakeService(troubles=["it ended with exit code 1"])
    ctx, plans = context(tmp_path, service=service)
    ctx.open_conditions = [("p95 < 100ms",)]
    result = stage_of().measure(ctx)
    assert metrics_of(result)["alive"] == 0
    assert len(plans) == 1
    assert any("it ended with exit code 1" in note for note in result.notes)


def test_a_factor_of_the_expected_traffic_is_asked(tmp_path: Path) -> None:
    service = FakeService(expected_traffic=Decimal(50))
    ctx, plans = context(tmp_path, service=service)
    stage_of(rate="3x", max_duration="2s").measure(ctx)
    assert plans[0].rates == ((150.0, 150.0, 2.0),)


def test_a_factor_of_untold_traffic_is_no_rate(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    with pytest.raises(StageError, match="does not say what traffic") as raised:
        stage_of(rate="3x").measure(ctx)
    assert "expected_traffic" in raised.value.problem.hint


def test_held_connections_are_a_metric_with_a_condition(tmp_path: Path) -> None:
    stage = stage_of(rate=None, hold=200, every="10s")
    ctx, plans = context(tmp_path, users=199)
    assert metrics_of(stage.measure(ctx))["connections"] == 199
    assert plans[0].held == ((200.0, 200.0, 2.0),)
    assert CONNECTIONS in stage.specs()
    assert stage.conditions()[-1].text == "connections >= 200"
    assert CONNECTIONS not in stage_of().specs()


def test_requests_may_stand_in_a_file(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    ctx.write("load.yaml", "requests:\n  - {path: /a, weight: 2}\n  - {path: /b}\n")
    stage_of(paths=None, plan="load.yaml").measure(ctx)
    assert [(each.path, each.weight) for each in plans[0].requests] == [("/a", 2), ("/b", 1)]


def test_an_endpoint_of_the_plan_without_a_request_is_errored(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    ctx.write("load.yaml", "requests:\n" + "".join(f"  - {{path: /{n}}}\n" for n in "abcd"))
    with pytest.raises(StageError) as raised:
        stage_of(paths=None, plan="load.yaml", max_duration="2s").measure(ctx)
    assert raised.value.problem.slug == "unasked"
    assert raised.value.problem.summary == (
        "`GET /c` got no request in the measured phase, nor did 1 more"
    )


def test_what_a_service_that_died_was_not_asked_is_no_error(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path, service=FakeService(troubles=["it ended"]))
    ctx.write("load.yaml", "requests:\n" + "".join(f"  - {{path: /{n}}}\n" for n in "abcd"))
    result = stage_of(paths=None, plan="load.yaml", max_duration="2s").measure(ctx)
    assert metrics_of(result)["alive"] == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate": "0.1/s", "duration": "1s"}, "makes 0 requests, and 1 endpoint must be asked"),
        (
            {"rate": "1/s", "paths": ["/a", "/b", "/c"]},
            "makes 2 requests, and 3 endpoints must be asked",
        ),
    ],
)
def test_a_run_that_cannot_ask_everything_is_not_begun(
    tmp_path: Path, options: dict[str, object], words: str
) -> None:
    ctx, plans = context(tmp_path)
    with pytest.raises(StageError, match=words):
        stage_of(**options).measure(ctx)
    assert plans == []


def test_what_alive_means_of_a_service_elsewhere_is_told(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path, service=FakeService(is_local=False))
    assert any("its port was open when" in note for note in stage_of().measure(ctx).notes)
    (tmp_path / "here").mkdir()
    ctx, _ = context(tmp_path / "here")
    assert not any("its port was open" in note for note in stage_of().measure(ctx).notes)


def test_requests_may_come_from_a_document_in_a_file(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    ctx.write("openapi.json", json.dumps(OPENAPI))
    result = stage_of(paths=None, openapi="openapi.json").measure(ctx)
    assert [each.path for each in plans[0].requests] == ["/orders"]
    assert any("1 of 2 GET operations are not asked" in note for note in result.notes)


def test_requests_may_come_from_a_document_of_the_service(tmp_path: Path) -> None:
    body = json.dumps({**OPENAPI, "paths": {"/a": OPENAPI["paths"]["/orders"]}}).encode()  # type: ignore[index]
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with ScriptedServer(lambda _: answer) as server:
        ctx, plans = context(tmp_path, service=FakeService(port=server.port))
        result = stage_of(paths=None, openapi="/openapi.json").measure(ctx)
    assert server.requests[0].startswith(b"GET /openapi.json ")
    assert [each.path for each in plans[0].requests] == ["/a"]
    assert not any("not asked" in note for note in result.notes)


def test_a_document_that_is_not_there_is_told(tmp_path: Path) -> None:
    missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    with ScriptedServer(lambda _: missing) as server:
        ctx, _ = context(tmp_path, service=FakeService(port=server.port))
        with pytest.raises(StageError, match=r"GET /openapi\.json answers 404"):
            stage_of(paths=None, openapi="/openapi.json").measure(ctx)


@pytest.mark.parametrize(
    ("faults", "slug"),
    [
        ({"failed": 20}, "no-success"),
        ({"late": 9}, "generator-saturated"),
        ({"seconds": 1}, "load-short"),
    ],
)
def test_a_run_that_shows_nothing_is_errored(
    tmp_path: Path, faults: dict[str, int], slug: str
) -> None:
    ctx, _ = context(tmp_path, service=None, **faults)
    with pytest.raises(StageError) as raised:
        stage_of().measure(ctx)
    assert raised.value.problem.slug == slug


def lates(ctx: FakeContext, *shares: int) -> list[LoadPlan]:
    """Have the generator be so late, one after the other run; the plans that it was given."""
    plans: list[LoadPlan] = []

    def generate(argv: tuple[str, ...]) -> None:
        plan = load_plan.read(Path(argv[argv.index("--plan") + 1]).read_bytes(), what="plan")
        data = record_of(plan, late=shares[len(plans)])
        plans.append(plan)
        Path(argv[argv.index("--record") + 1]).write_bytes(data)

    ctx.answer("gates.traffic.program", does=generate)
    return plans


def test_a_run_of_a_late_generator_is_thrown_away_and_made_again(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    plans = lates(ctx, 9, 0)
    result = stage_of().measure(ctx)
    assert len(plans) == 2
    assert result.examined.count == 40
    assert any("was thrown away and made again: the generator was late" in n for n in result.notes)


def test_it_is_made_again_once_and_no_more(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    plans = lates(ctx, 9, 9)
    with pytest.raises(StageError, match="the generator was late"):
        stage_of().measure(ctx)
    assert len(plans) == 2


def test_nothing_is_made_again_on_a_service_that_died(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path, service=FakeService(troubles=["it ended"]))
    plans = lates(ctx, 9)
    with pytest.raises(StageError, match="the generator was late"):
        stage_of().measure(ctx)
    assert len(plans) == 1


def test_what_keeps_the_generator_from_beginning_is_told(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    told = {"slug": "login-failed", "summary": "the login failed", "hint": "look at it"}
    ctx.answer("gates.traffic.program", exit_code=3, stdout=json.dumps(told))
    with pytest.raises(StageError) as raised:
        stage_of().measure(ctx)
    problem = raised.value.problem
    assert (problem.slug, problem.summary, problem.hint) == tuple(told.values())


@pytest.mark.parametrize("told", ["", "[1]"])
def test_a_generator_that_says_nothing_is_told_too(tmp_path: Path, told: str) -> None:
    ctx, _ = context(tmp_path)
    ctx.answer("gates.traffic.program", exit_code=3, stdout=told)
    with pytest.raises(StageError, match="could not begin"):
        stage_of().measure(ctx)


def test_a_generator_that_leaves_no_record_is_errored(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    ctx.answer("gates.traffic.program")
    with pytest.raises(OutputUnreadable):
        stage_of().measure(ctx)


def test_a_gate_without_the_time_for_a_run_says_what_it_needs(tmp_path: Path) -> None:
    ctx, plans = context(tmp_path)
    ctx.timeout_s = 10
    with pytest.raises(
        StageError, match="takes up to 19 s, and the gate ends after 10 s"
    ) as raised:
        stage_of().measure(ctx)
    assert raised.value.problem.hint == "give the gate `timeout: 49s`"
    assert plans == []


def test_the_time_limit_follows_from_the_options() -> None:
    assert stage_of().time_limit_s() == 600
    assert stage_of(duration="10m").time_limit_s() == 60 + 2 * (40 * 60 + 3 * 17)
    assert stage_of(rate="3x", duration="10m").time_limit_s() == 600
    assert stage_of(rate=None, duration=None, profile=["documented-ramp"]).time_limit_s() == 1174


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"paths": []}, "nothing says what is asked"),
        ({"plan": "load.yaml"}, "`plan` has no place beside `paths`"),
        ({"paths": [], "plan": "a", "openapi": "b"}, "`openapi` has no place beside `plan`"),
        ({"rate": "fast"}, "`rate` is `fast`"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        stage_of(**options)


def test_a_report_needs_no_service_and_no_requests(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    plan = LoadPlan(
        url="http://h", rates=((20, 20, 2),), warmup_s=0, requests=(load_plan.Request(name="a"),)
    )
    ctx.write("out/one.jsonl", record_of(plan))
    ctx.write("out/two.jsonl", record_of(plan, time=30_000))
    stage = stage_of(paths=[], report=["out/*.jsonl"], hold=5, rate=None)
    assert not stage.asks_service()
    assert stage_of().asks_service()
    # Nobody looked whether the service lived.
    assert stage.specs() == tuple(spec for spec in Load.metrics if spec.name != "alive")
    assert [each for each in Load.defaults if each not in stage.conditions()] == [
        Default(text="alive == 1")
    ]
    result = stage.measure(ctx)
    assert result.examined.count == 80
    assert "alive" not in metrics_of(result)
    assert ctx.runs == []


def test_a_record_of_another_generator_is_refused(tmp_path: Path) -> None:
    ctx, _ = context(tmp_path)
    plan = LoadPlan(
        url="http://h", rates=((20, 20, 2),), warmup_s=0, requests=(load_plan.Request(name="a"),)
    )
    ctx.write("out/load.jsonl", record_of(plan, generator="locust"))
    with pytest.raises(OutputUnreadable, match="another generator"):
        stage_of(paths=[], report=["out/load.jsonl"]).measure(ctx)


def test_each_level_has_its_defaults() -> None:
    def at(level: int) -> set[str]:
        return {each.text for each in Load.defaults if each.from_level <= level <= each.to_level}

    always = {"achieved >= 95%", "alive == 1"}
    assert at(1) == {"p95 < 100ms", "mean < 200ms", "error_rate < 5%", "error_rate < 0.1%"} | always
    roles = {each.text: each.role for each in Load.defaults if each.to_level == 1}
    assert (roles[FLOOR], roles[LOAD[1]]) == (Role.REQUIRE, Role.WARN)
    assert at(2) == {"p95 < 100ms", "error_rate < 0.1%"} | always
    assert at(3) == {"p50 < 50ms", "p95 < 100ms", "p99 < 200ms", "error_rate < 0.1%"} | always


@pytest.mark.live
@pytest.mark.serial
def test_a_real_service_is_loaded_by_the_real_program(tmp_path: Path) -> None:
    ctx: LiveContext = live_context(tmp_path)
    with ScriptedServer(lambda _: OK) as server:
        ctx.given_services = {"api": FakeService(port=server.port)}
        try:
            result = stage_of(rate="40/s", duration="1s", warmup="0s").measure(ctx)
        except StageError as error:  # a machine that does something else at the time
            assert error.problem.slug == "generator-saturated"  # noqa: PT017
            return
    # A run in which this machine did something else is made again, once.
    again = sum("was thrown away" in note for note in result.notes)
    assert len(server.requests) == 40 * (1 + again)
    assert metrics_of(result)["achieved"] == (40, 40)
