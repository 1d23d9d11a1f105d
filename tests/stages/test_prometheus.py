from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from formats.metric_pages import counters, histogram
from stages.fake_context import FakeContext, fake_context, metrics_of
from toolkit.small_server import serving

from gates.domain.metric import Direction, Unit
from gates.plugin import Examined, Needed, ServiceTrace, StageError, StageResult, Tool
from gates.stages.prometheus import NOTHING_CHANGED, ONE_PAGE, Prometheus, PrometheusOptions

RESULT = StageResult(
    metrics=(), examined=Examined(count=1, unit="x"), tool=Tool(name="t", version="")
)
RATE = {"hit_rate": "hits_total / lookups_total"}
BEFORE = counters(hits_total=10, lookups_total=100)
AFTER = counters(hits_total=910, lookups_total=1100)


def stage(**options: object) -> Prometheus:
    made = Prometheus(PrometheusOptions.from_plain(options))
    made.check()
    return made


def traced(folder: Path, before: str, after: str, *, times: int = 5) -> FakeContext:
    ctx = fake_context(folder)
    trace = ServiceTrace(
        name="api",
        before={"/metrics": (before.encode(),) * times},
        after={"/metrics": (after.encode(),) * times},
        seconds=20.0,
    )
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=folder, started_ns=0, service=trace)
    }
    return ctx


def test_a_share_between_before_and_after_another_gate(tmp_path: Path) -> None:
    ctx = traced(tmp_path, BEFORE, AFTER)
    cache = stage(metrics={**RATE, "asked": "rate(lookups_total)"}, gate="load")

    result = cache.measure(ctx)

    assert metrics_of(result) == {"samples": 3, "hit_rate": (900, 1000), "asked": 50}
    assert (result.examined.count, result.examined.unit) == (3, "series")
    assert (ctx.out / "before-4.prom").read_text() == BEFORE
    wants = cache.wants()
    assert wants is not None
    assert (wants.uses, wants.ask, wants.option) == ((), "scrape /metrics", "gate")


def test_two_workers_are_errored(tmp_path: Path) -> None:
    ctx = traced(tmp_path, BEFORE, AFTER)
    pages = [counters(hits_total=n, lookups_total=9).encode() for n in (9, 2, 9)]
    trace = ServiceTrace(name="api", before={"/metrics": tuple(pages)}, after={})
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=tmp_path, started_ns=0, service=trace)
    }

    with pytest.raises(StageError) as caught:
        stage(metrics=RATE, gate="load").measure(ctx)
    assert caught.value.problem.slug == "several-processes"


@pytest.mark.parametrize("times", [0, 1])
def test_too_few_pages_are_errored(times: int, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=f"was fetched {times} times before"):
        stage(metrics=RATE, gate="load").measure(traced(tmp_path, BEFORE, AFTER, times=times))


def test_an_empty_page_is_errored(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="the page is empty"):
        stage(metrics=RATE, gate="load").measure(traced(tmp_path, "", AFTER))


def test_a_quantile_that_the_edges_leave_open_is_told_what_to_do(tmp_path: Path) -> None:
    ctx = traced(
        tmp_path,
        histogram("t_seconds", {"0.005": 0, "0.05": 0, "+Inf": 0}, 0),
        histogram("t_seconds", {"0.005": 10, "0.05": 60, "+Inf": 60}, 1.5),
    )
    ctx.open_conditions = [("slow < 20ms",)]

    result = stage(metrics={"slow": "quantile(0.95, t_seconds_bucket)"}, gate="load").measure(ctx)

    assert metrics_of(result)["slow"] == Decimal("0.05")
    assert "`slow < 20ms` stays open" in ctx.notes[0]
    assert [each.metric for each in result.inconclusive] == ["slow"]


def test_two_pages_of_an_earlier_step(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    text = "# TYPE a counter\na_total {}\n# EOF\n"
    ctx.write("out/1.prom", text.format(5))
    ctx.write("out/0.prom", text.format(25))
    options = {"report": ["out/1.prom", "out/0.prom"], "seconds": Decimal(10)}

    result = stage(metrics={"a": "rate(a_total)"}, **options).measure(ctx)

    assert metrics_of(result)["a"] == 2
    assert ctx.notes == [ONE_PAGE]


def test_a_share_that_the_fetches_of_the_page_make_up_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    before, after = (
        tuple(counters(hits_total=n, lookups_total=n).encode() for n in side)
        for side in ((1, 2), (20, 21))
    )
    trace = ServiceTrace(name="api", before={"/metrics": before}, after={"/metrics": after})
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=tmp_path, started_ns=0, service=trace)
    }

    assert metrics_of(stage(metrics=RATE, gate="load").measure(ctx))["hit_rate"] == (18, 18)
    assert [note.partition(" when ")[0] for note in ctx.notes] == [
        "`hits_total` grows by 1",
        "`lookups_total` grows by 1",
    ]


def test_a_page_that_stayed_the_same_is_told(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    for name in ("before", "after"):
        ctx.write(f"out/{name}.prom", "# TYPE errs counter\nerrs_total 4\n# EOF\n")
    options = {"report": ["out/before.prom", "out/after.prom"]}

    result = stage(metrics={"errs": "errs_total"}, **options).measure(ctx)

    assert metrics_of(result)["errs"] == 0
    assert ctx.notes == [ONE_PAGE, NOTHING_CHANGED]
    assert Prometheus.reports_may_repeat


def test_units_and_directions_are_declared() -> None:
    specs = stage(
        gate="load",
        metrics={
            **RATE,
            "more": {"query": "rate(lookups_total)", "direction": "higher"},
            "per": {"query": "hits_total / lookups_total", "unit": "number"},
        },
    ).specs()

    assert [(each.name, each.unit, each.direction) for each in specs] == [
        ("samples", Unit.COUNT, Direction.HIGHER),
        ("hit_rate", Unit.RATIO, Direction.LOWER),
        ("more", Unit.PER_SECOND, Direction.HIGHER),
        ("per", Unit.NUMBER, Direction.LOWER),
    ]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"gate": "load"}, "`metrics` names what is measured"),
        ({"metrics": RATE}, "name one source"),
        ({"metrics": RATE, "gate": "a", "server": "b", "examined": "c"}, "name one source"),
        ({"metrics": {"a": "b -"}, "gate": "a"}, "cannot be read"),
        ({"metrics": {"samples": "b"}, "gate": "a"}, "cannot name a metric"),
        ({"metrics": {"A": "b"}, "gate": "a"}, "cannot name a metric"),
        ({"metrics": {"a": {"unit": "s"}}, "gate": "a"}, "needs `query`"),
        ({"metrics": {"a": {"query": "b", "odd": "s"}}, "gate": "a"}, "needs `query`"),
        ({"metrics": {"a": {"query": "b", "unit": "ms"}}, "gate": "a"}, "no known unit"),
        ({"metrics": {"a": {"query": "b_ms", "unit": "s"}}, "gate": "a"}, "tells `ms`"),
        ({"metrics": {"a": {"query": "b", "direction": "up"}}, "gate": "a"}, "direction: lower"),
        ({"metrics": RATE, "report": ["a"]}, "names two files"),
        ({"metrics": RATE, "report": ["a", "a"]}, "names two files"),
        ({"metrics": RATE, "report": ["a", "b*"]}, "names two files"),
        ({"metrics": RATE, "gate": "a", "seconds": Decimal(1)}, "`seconds` is the time"),
        ({"metrics": RATE, "report": ["a", "b"], "seconds": Decimal(-1)}, "`seconds` is the time"),
        ({"metrics": RATE, "gate": "a", "path": "metrics"}, "`path` begins with `/`"),
        ({"metrics": RATE, "gate": "a", "path": "/a b"}, "`path` begins with `/`"),
        ({"metrics": RATE, "server": "https://a.example"}, "belong together"),
        ({"metrics": RATE, "gate": "a", "examined": "b"}, "belong together"),
        ({"metrics": RATE, "server": "https://a.example", "examined": "b"}, "needs `unit`"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: Mapping[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def body(value: str) -> bytes:
    data = {"resultType": "vector", "result": [{"metric": {}, "value": [1769860800, value]}]}
    return json.dumps({"status": "success", "data": data}).encode()


def asked(folder: Path, answers: Mapping[str, tuple[int, bytes]], **options: object) -> StageResult:
    """Ask a server for the availability of 30 days; its answers by what the query begins with."""
    ctx = fake_context(folder)
    ctx.today = date(2026, 1, 31)
    ctx.settings["PROMETHEUS_TOKEN"] = "made-up"

    def answer(path: str, _: int) -> tuple[int, bytes]:
        return next(each for start, each in answers.items() if f"query={start}" in path)

    with serving(answer) as server:
        uptime = stage(
            server=server.url,
            metrics={"uptime": {"query": "avg_over_time(up[30d])", "unit": "ratio"}},
            examined="count_over_time(up[30d])",
            **options,
        )
        result = uptime.measure(ctx)
    if options:
        assert {each["Authorization"] for each in server.headers} == {"Bearer made-up"}
    assert uptime.wants() is None
    return result


def test_a_server_is_asked_for_values_and_for_what_they_stand_on(tmp_path: Path) -> None:
    answers = {"avg": (200, body("0.9995")), "count": (200, body("172800"))}

    result = asked(tmp_path, answers, token="PROMETHEUS_TOKEN")

    assert metrics_of(result) == {"samples": 172800, "uptime": (1999, 2000)}
    assert result.examined == Examined(count=172800, unit="samples")


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"avg": (200, body("1.5")), "count": (200, body("9"))}, "between 0 and 1"),
        ({"avg": (200, body("1")), "count": (200, body("0.5"))}, "counts something"),
        ({"count": (401, b"")}, "answers with status 401"),
        ({"count": (302, b"")}, "answers with status 302"),
        ({"count": (400, b'{"status": "error", "error": "odd query"}')}, "odd query"),
        ({"count": (200, b"<html>")}, "not JSON"),
    ],
)
def test_a_server_that_does_not_answer_so_is_errored(
    answers: Mapping[str, tuple[int, bytes]], why: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=why):
        asked(tmp_path, answers)


def test_a_token_that_is_not_set_and_a_server_over_http_are_errored(tmp_path: Path) -> None:
    metrics = {"a": {"query": "b", "unit": "number"}}
    ctx = fake_context(tmp_path)

    with pytest.raises(StageError, match="`TOKEN` is not set"):
        stage(server="https://a.example", examined="b", metrics=metrics, token="TOKEN").measure(ctx)
    with pytest.raises(StageError, match="neither an https address"):
        stage(server="http://a.example", examined="b", metrics=metrics).measure(ctx)
