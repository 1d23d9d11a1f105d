from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from threading import Event

import pytest
from formats.metric_pages import counters, gauges
from stages.fake_context import FakeContext, fake_context, metrics_of
from toolkit.small_server import Answer, serving

from gates.plugin import StageError
from gates.stages.pool import ALWAYS, Pool, PoolOptions, Seen, parse
from gates.testing.fake_service import FakeService
from gates.toolkit.scraping import TIMES


def stage(**options: object) -> Pool:
    made = Pool(PoolOptions.from_plain({"run": "tester", "gauge": "db_pool_active", **options}))
    made.check()
    return made


def steady(seconds: float, *values: int) -> list[Seen]:
    step = seconds / len(values)
    return [(at * step, Fraction(value)) for at, value in enumerate(values)]


STATES = """\
# TYPE db_pool_active gauge
db_pool_active{state="idle"} 20
db_pool_active{state="active"} 3
"""
WORKERS = """\
# TYPE db_pool_active gauge
db_pool_active{pid="1",pool="a"} 20
db_pool_active{pid="2",pool="a"} 3
"""


def test_the_fewest_and_the_most_connections_after_the_warm_up() -> None:
    seen = steady(5, *[0] * 8, *[30] * 6, 60, *[20] * 5)

    result = parse(seen, 2.0, 5.0)

    values = metrics_of(result)
    assert (values["active_min"], values["active_max"], values["samples"]) == (20, 60, 12)
    assert round(float(Fraction(*result.metrics[2].fraction)), 3) == 28.333
    assert (result.examined.count, result.examined.excluded) == (12, 8)


def test_samples_after_the_command_ended_do_not_count() -> None:
    seen = [*steady(3, *[30] * 12), (3.1, Fraction(0))]

    assert metrics_of(parse(seen, 0.0, 3.0))["active_min"] == 30


@pytest.mark.parametrize(
    ("seen", "seconds", "slug"),
    [
        ([], 5.0, "too-few-samples"),
        (steady(2, *[1] * 9), 2.0, "too-few-samples"),
        (steady(2, *[1] * 12), 9.0, "samples-apart"),
        ([(each[0] + 3, each[1]) for each in steady(2, *[1] * 12)], 5.0, "samples-apart"),
    ],
)
def test_too_few_samples_or_a_gap_prove_nothing(
    seen: list[Seen], seconds: float, slug: str
) -> None:
    with pytest.raises(StageError) as caught:
        parse(seen, 0.0, seconds)
    assert caught.value.problem.slug == slug


def sampled(
    folder: Path,
    *,
    pages: list[str],
    until: int,
    before: str = gauges(db_pool_active=0),
    **options: object,
) -> FakeContext:
    """Run the stage against a server, with a command that lasts until so many samples are taken."""
    enough = Event()

    def answer(_path: str, at: int) -> Answer:
        if at + 1 >= until + TIMES:
            enough.set()
        page = before if at < TIMES else pages[min(at - TIMES, len(pages) - 1)]
        return 200, page.encode()

    def wait(_argv: tuple[str, ...]) -> None:
        assert enough.wait(20)

    ctx = fake_context(folder)
    with serving(answer) as server:
        ctx.given_services = {"api": FakeService(port=server.port)}
        ctx.answer("tester", does=wait)
        stage(warmup=0, **options).measure(ctx)
    return ctx


def test_a_gauge_is_sampled_while_the_command_runs(tmp_path: Path) -> None:
    # The fake command claims to have lasted 0.1 s, so that most samples lie behind its end.
    with pytest.raises(StageError, match="samples were taken after the warm-up"):
        sampled(tmp_path, pages=[gauges(db_pool_active=25)], until=3)

    lines = (tmp_path / "out/samples.csv").read_text().splitlines()
    assert len(lines) >= 3
    assert all(line.endswith(",25") for line in lines)


def told(folder: Path) -> set[str]:
    lines = (folder / "out/samples.csv").read_text().splitlines()
    return {line.partition(",")[2] for line in lines}


@pytest.mark.parametrize(
    ("page", "named", "total"),
    [
        (WORKERS, "db_pool_active", "23"),
        (STATES, 'db_pool_active{state="active"}', "3"),
        (STATES, 'db_pool_active{state="active"} + db_pool_active{state="idle"}', "23"),
    ],
)
def test_the_series_that_count_are_named_or_of_one_worker_each(
    page: str, named: str, total: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match="after the warm-up"):
        sampled(tmp_path, pages=[page], before=page, until=1, gauge=named)
    assert told(tmp_path) == {total}


def test_a_page_that_tells_one_time_over_and_over_is_no_new_sample(tmp_path: Path) -> None:
    page = "# TYPE db_pool_active gauge\ndb_pool_active 25 1767225600000\n"

    with pytest.raises(StageError, match="0 samples were taken"):
        sampled(tmp_path, pages=[page], until=2, before=page)


def test_a_gauge_that_is_told_once_it_was_used_was_nothing_before(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="after the warm-up"):
        sampled(tmp_path, pages=[gauges(db_pool_active=9)], until=1, before=gauges(other=1))
    assert told(tmp_path) == {"9"}


def test_a_gauge_that_is_not_zero_before_is_told(tmp_path: Path) -> None:
    def answer(_path: str, _at: int) -> Answer:
        return 200, gauges(db_pool_active=5).encode()

    ctx = fake_context(tmp_path)
    ctx.answer("tester")
    with serving(answer) as server:
        ctx.given_services = {"api": FakeService(port=server.port)}
        with pytest.raises(StageError, match="after the warm-up"):
            stage().measure(ctx)
    assert ctx.notes == [f"the gauge was 5 before the command began: {ALWAYS}"]


@pytest.mark.parametrize("idle", [25, 30])
def test_a_gauge_that_is_no_higher_under_load_says_nothing(idle: int) -> None:
    seen = steady(5, *[25] * 20)

    assert metrics_of(parse(seen, 0.0, 5.0, [Fraction(24)]))["active_max"] == 25
    with pytest.raises(StageError, match=rf"is 25 at most under load, and was {idle} before"):
        parse(seen, 0.0, 5.0, [Fraction(0), Fraction(idle)])


@pytest.mark.parametrize(
    ("pages", "why"),
    [
        ([gauges(other=1)], "no series is `db_pool_active`"),
        ([counters(db_pool_active=1)], "only grows"),
        ([counters(a=2) + gauges(db_pool_active=1), counters(a=1)], "contradict each other"),
        (["<html>\n"], "the page is HTML"),
        ([STATES], "several series, which differ in `state`"),
    ],
)
def test_a_page_that_does_not_tell_it_is_errored(
    pages: list[str], why: str, tmp_path: Path
) -> None:
    with pytest.raises(StageError, match=why):
        sampled(tmp_path, pages=pages, until=len(pages))


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"run": ""}, "names no program"),
        ({"gauge": ""}, "names what is sampled"),
        ({"gauge": "a / b"}, "must be a series"),
        ({"warmup": -1}, "number of seconds"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        stage(**options)


def test_it_cannot_do_without_a_service() -> None:
    assert stage().asks_service()
