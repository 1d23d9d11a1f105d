"""Runs of the generator inside a test, on the same kind of loop as its program."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from gates.formats import load_record
from gates.formats.load_plan import LoadPlan, Login, Request, Slope
from gates.formats.load_record import LoadRecord
from gates.traffic.generator import Generator
from gates.traffic.loops import exact_loop
from gates.traffic.pool import Place

GET = Request(name="GET /", path="/")


def plan_of(  # noqa: PLR0913 - each is one field of a plan
    port: int,
    *requests: Request,
    rate: float = 100.0,
    seconds: float = 0.5,
    warmup_s: float = 0.0,
    connections: int = 50,
    held: tuple[Slope, ...] = (),
    patience_s: float = 5.0,
    login: Login | None = None,
) -> LoadPlan:
    return LoadPlan(
        url=f"http://127.0.0.1:{port}",
        rates=((rate, rate, seconds),),
        warmup_s=warmup_s,
        requests=requests or (GET,),
        connections=connections,
        held=held,
        patience_s=patience_s,
        login=login,
    )


def ran(
    plan: LoadPlan, port: int, *, before: Callable[[Generator], None] | None = None
) -> tuple[LoadRecord, Generator]:
    """The record of a plan that is run here, and the generator that ran it."""

    async def run() -> tuple[LoadRecord, Generator]:
        place = Place(host="127.0.0.1", port=port, name="127.0.0.1")
        generator = Generator(plan, place)
        if before is not None:
            before(generator)
        started, lasted = await generator.run()
        data = b"".join(generator.tally.lines(started=started, seconds=lasted))
        return load_record.read(data), generator

    with asyncio.Runner(loop_factory=exact_loop) as runner:
        return runner.run(run())


def failed(record: LoadRecord) -> dict[str, int]:
    """How many requests failed, by reason."""
    return dict(record.failures)


def times_of(record: LoadRecord) -> list[int]:
    """The microseconds of all that succeeded, ascending."""
    return sorted(
        time
        for cell in record.measured
        for time, count in zip(cell.times, cell.counts, strict=True)
        for _ in range(count)
    )
