from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from formats.metric_pages import histogram
from stages.fake_context import FakeContext, fake_context, metrics_of
from toolkit.small_server import serving

from gates.domain.metric import tags_of
from gates.plugin import Examined, Needed, ServiceTrace, StageError, StageResult, Tool
from gates.stages.queries import PER_REQUEST, Queries, QueriesOptions
from gates.testing.fake_service import FakeService

RESULT = StageResult(
    metrics=(), examined=Examined(count=1, unit="x"), tool=Tool(name="t", version="")
)
NAME = "db_query_duration_seconds"


def stage(**options: object) -> Queries:
    made = Queries(QueriesOptions.from_plain(options))
    made.check()
    return made


def page(fast: int, whole: int, requests: Mapping[str, int] | None = None) -> str:
    times = histogram(NAME, {"0.05": fast, "+Inf": whole}, whole / 100)
    counted = "".join(f'http_total{{to="{to}"}} {n}\n' for to, n in (requests or {}).items())
    return times + (f"# TYPE http_total counter\n{counted}" if counted else "")


def by_endpoint(queries: Mapping[str, int], requests: Mapping[str, int]) -> str:
    """A page on which both counters name the endpoint."""
    times = f"# TYPE {NAME} histogram\n" + "".join(
        histogram(NAME, {"0.05": n, "+Inf": n}, n / 100, f'to="{to}"', typed=False)
        for to, n in queries.items()
    )
    counted = "".join(f'http_total{{to="{to}"}} {n}\n' for to, n in requests.items())
    return f"{times}# TYPE http_total counter\n{counted}"


def traced(folder: Path, before: str, after: str) -> FakeContext:
    ctx = fake_context(folder)
    trace = ServiceTrace(
        name="api",
        before={"/metrics": (before.encode(),) * 5},
        after={"/metrics": (after.encode(),) * 5},
    )
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=folder, started_ns=0, service=trace)
    }
    return ctx


def test_the_times_of_the_histogram(tmp_path: Path) -> None:
    ctx = traced(tmp_path, page(10, 10), page(1990, 2010))

    result = stage(gate="load").measure(ctx)

    values = metrics_of(result)
    assert (values["p50"], values["p95"], values["queries"]) == (
        Decimal("0.05"),
        Decimal("0.05"),
        2000,
    )
    assert values["mean"] == Decimal("0.01")
    assert [each.metric for each in result.not_applicable] == [PER_REQUEST]
    assert result.examined == Examined(count=2000, unit="queries")
    assert stage(gate="load").wants() is not None


def test_an_open_condition_is_told_what_to_do(tmp_path: Path) -> None:
    ctx = traced(tmp_path, page(0, 0), page(2000, 2000))
    ctx.open_conditions = [(), (), ("p95 < 20ms",), ()]

    stage(gate="load").measure(ctx)

    assert ["`p95 < 20ms` stays open" in note for note in ctx.notes] == [True]


def renamed(name: str, count: int) -> str:
    return page(count, count).replace(NAME, name)


def test_a_name_without_a_unit_is_told(tmp_path: Path) -> None:
    ctx = traced(tmp_path, renamed("db_time", 0), renamed("db_time", 500))

    stage(gate="load", histogram="db_time").measure(ctx)

    assert ctx.notes == ["`db_time` does not tell its unit by its name: it is read as seconds"]


def test_times_of_nothing_are_errored(tmp_path: Path) -> None:
    zero = histogram(NAME, {"0.05": 500, "+Inf": 500}, 0)
    with pytest.raises(StageError, match="observed 500 queries, and its sum did not grow"):
        stage(gate="load").measure(traced(tmp_path, page(0, 0), zero))


def test_queries_of_fetching_the_page_alone_are_none(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    before, after = ([page(n, n).encode() for n in side] for side in ((1, 2, 3), (4, 5)))
    trace = ServiceTrace(
        name="api", before={"/metrics": tuple(before)}, after={"/metrics": tuple(after)}
    )
    ctx.needed = {
        "load": Needed(name="load", result=RESULT, out=tmp_path, started_ns=0, service=trace)
    }

    with pytest.raises(StageError, match="no more in between than a fetch of the page itself"):
        stage(gate="load").measure(ctx)


def test_requests_that_may_hide_others_are_told(tmp_path: Path) -> None:
    zero = {"/health": 0, "/orders": 0}
    ctx = traced(
        tmp_path, page(0, 0, zero), page(5000, 5000, {"/health": 4900, "/orders": 100, "x": 0})
    )

    result = stage(gate="load", requests="http_total").measure(ctx)

    assert metrics_of(result)[PER_REQUEST] == 1
    assert len(ctx.notes) == 1
    assert "of all 2 series of `http_total` together" in ctx.notes[0]
    assert "they differ in to" in ctx.notes[0]


def test_queries_for_each_request(tmp_path: Path) -> None:
    ctx = traced(tmp_path, page(0, 0, {"a": 0}), page(1000, 1000, {"a": 100, "b": 25}))
    counted = stage(gate="load", requests="http_total")

    assert metrics_of(counted.measure(ctx))[PER_REQUEST] == 8
    assert [each.text for each in counted.conditions()] == [
        "p95 <= 50ms",
        "queries_per_request <= 10",
    ]


def test_the_endpoint_with_the_most_queries_stands_for_the_whole(tmp_path: Path) -> None:
    zero = {"/orders": 0, "/orders/{id}": 0, "idle": 0}
    ctx = traced(
        tmp_path,
        by_endpoint(zero, zero),
        by_endpoint(
            {"/orders": 2020, "/orders/{id}": 200, "idle": 0},
            {"/orders": 20, "/orders/{id}": 100, "idle": 0},
        ),
    )

    result = stage(gate="load", requests="http_total", endpoint="to").measure(ctx)

    found = {metric.tags: metric.value for metric in result.metrics if metric.name == PER_REQUEST}
    assert found == {
        (): 101,
        tags_of({"endpoint": "/orders"}): 101,
        tags_of({"endpoint": "/orders/{id}"}): 2,
    }


@pytest.mark.parametrize(
    ("before", "after", "options", "why"),
    [
        (page(1, 1), page(1, 1), {}, "observed nothing in between"),
        (page(1, 1, {"a": 1}), page(99, 99, {"a": 1}), {"requests": "http_total"}, "no request"),
        (
            by_endpoint({"a": 0}, {"a": 0, "b": 0}),
            by_endpoint({"a": 9}, {"a": 0, "b": 9}),
            {"requests": "http_total", "endpoint": "to"},
            "9 queries ran for `a`, and no request was counted",
        ),
        (
            by_endpoint({"": 0}, {"a": 0}),
            by_endpoint({"": 9}, {"a": 9}),
            {"requests": "http_total", "endpoint": "to"},
            "has a series without `to`",
        ),
        (
            page(0, 0, {"a": 0}) + "q_total 1\n",
            page(9, 9, {"a": 9}) + "q_total 1\n",
            {"requests": "http_total", "queries": "q_total", "endpoint": "to"},
            "`q_total` did not grow",
        ),
        (page(0, 0), page(9, 9), {"histogram": "db_seconds"}, "no series is `db_seconds_bucket`"),
    ],
)  # fmt: skip
def test_what_was_not_counted_is_errored(
    before: str, after: str, options: Mapping[str, object], why: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=why):
        stage(gate="load", **options).measure(traced(tmp_path, before, after))


def test_a_histogram_without_a_sum_has_no_mean(tmp_path: Path) -> None:
    def bare(count: int) -> str:
        lines = "".join(f'{NAME}_bucket{{le="{edge}"}} {count}\n' for edge in ("0.05", "+Inf"))
        return f"# TYPE {NAME} histogram\n{lines}# EOF\n"

    with pytest.raises(StageError, match="does not tell the sum"):
        stage(gate="load").measure(traced(tmp_path, bare(0), bare(99)))


def test_two_pages_of_an_earlier_step(tmp_path: Path) -> None:
    ctx = fake_context(tmp_path)
    for name, count in (("before", 10), ("after", 1010)):
        # OpenMetrics has the sum and the count of a histogram too, and an end.
        ctx.write(f"out/{name}.prom", page(count, count) + "# EOF\n")

    result = stage(report=["out/before.prom", "out/after.prom"]).measure(ctx)

    assert metrics_of(result)["queries"] == 1000


def own(folder: Path, port: int) -> FakeContext:
    ctx = fake_context(folder)
    ctx.given_services = {
        "api": FakeService(port=port, values={"db.url": "postgresql://u:p@127.0.0.1/o"})
    }
    ctx.answer("tester")
    return ctx


def test_a_command_of_its_own_is_run_between_two_looks_at_the_page(tmp_path: Path) -> None:
    with serving(
        lambda _path, at: (200, page(9 + 100 * (at > 4), 9 + 100 * (at > 4)).encode())
    ) as server:
        ctx = own(tmp_path, server.port)
        made = stage(run="tester {url}")
        result = made.measure(ctx)

    assert made.asks_service()
    assert made.wants() is None
    assert metrics_of(result)["queries"] == 100
    assert ctx.runs == [("/tools/tester", server.url)]
    assert len(server.asked) == 10


def test_pg_stat_statements_is_reset_before_and_read_after(tmp_path: Path) -> None:
    ctx = own(tmp_path, 1)
    ctx.answer("psql", "*reset*")
    ctx.answer("psql", "*UNION*", stdout="1990,1,40,9000\n10,100,300,2000\n-1,0,0,0\n")

    result = stage(run="tester", database="{db.url}").measure(ctx)

    values = metrics_of(result)
    assert (values["p95"], values["queries"]) == (Decimal("0.04"), 2000)
    assert values["mean"] == Decimal("0.0055")
    assert [run[0] for run in ctx.runs] == ["/tools/psql", "/tools/tester", "/tools/psql"]
    assert "p" not in ctx.runs[0]
    assert (ctx.envs[0]["PGPASSWORD"], ctx.envs[0]["PGDATABASE"]) == ("p", "o")


def test_pg_stat_statements_and_the_requests_of_the_page(tmp_path: Path) -> None:
    with serving(lambda _path, at: (200, page(0, 0, {"a": 10 * (at > 4)}).encode())) as server:
        ctx = own(tmp_path, server.port)
        ctx.answer("psql", "*reset*")
        ctx.answer("psql", "*UNION*", stdout="100,1,40,900\n-1,0,0,0\n")
        result = stage(run="tester", database="{db.url}", requests="http_total").measure(ctx)

    assert metrics_of(result)[PER_REQUEST] == 10


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({}, "name one source"),
        ({"gate": "a", "run": "b"}, "name one source"),
        ({"report": ["a"]}, "names two files"),
        ({"gate": "a", "database": "b"}, "name that command"),
        ({"run": "'"}, "closing"),
        ({"gate": "a", "histogram": "rate(a)"}, "must be a series"),
        ({"gate": "a", "endpoint": "to"}, "are for `requests`"),
        ({"gate": "a", "histogram": "db_minutes"}, "it is in `minutes`"),
        ({"gate": "a", "queries": "b"}, "are for `requests`"),
        ({"gate": "a", "requests": "b", "endpoint": "a-b"}, "name of a label"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: Mapping[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)
