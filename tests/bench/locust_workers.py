"""Locust with our add-on in one process and with local workers, beside what the server saw.

    PYTHONPATH=tests .venv/bin/python -m bench.locust_workers [--seconds N] [--rate N]

The server answers after log-normal delays (median 40 ms, 95 % within about 98 ms) and keeps for
each request how long it took, from the bytes read to the answer written. Users pace themselves, a
kind that Locust by itself starts and keeps in lockstep.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stages.live_context import live_context

from gates.formats import load_record
from gates.formats.load_soundness import generator_of
from gates.plugin import StageError
from gates.stages.locust import Locust, LocustOptions
from gates.testing.fake_service import FakeService

FILE = """
from locust import {kind}, constant_throughput, task

class Buyer({kind}):
    wait_time = constant_throughput(2)
    @task
    def orders(self): self.client.get("/orders")
"""
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MEDIAN_S, SPREAD = 0.040, 0.545
PERCENTS = (50, 95, 99)
USERS_RATE = 2


class DelayServer(asyncio.Protocol):
    """Answers one connection; all share one list of (when, how long)."""

    def __init__(self, took: list[tuple[float, float]], chance: random.Random) -> None:
        self.took = took
        self.chance = chance
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self.transport = transport

    def data_received(self, data: bytes) -> None:
        del data  # a GET comes in one piece
        began, wall = time.perf_counter(), time.time()
        delay = self.chance.lognormvariate(math.log(MEDIAN_S), SPREAD)
        asyncio.get_running_loop().call_later(delay, self.answer, began, wall)

    def answer(self, began: float, wall: float) -> None:
        if self.transport is not None:
            self.transport.write(ANSWER)
        self.took.append((wall, time.perf_counter() - began))


@contextmanager
def serving(took: list[tuple[float, float]]) -> Iterator[int]:
    """The server in a thread; gives its port."""
    loop = asyncio.new_event_loop()
    chance = random.Random(1)  # noqa: S311 - the same delays each time
    made = loop.create_server(lambda: DelayServer(took, chance), "127.0.0.1", 0)
    server = loop.run_until_complete(made)
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.close()


def quantiles(times: list[float]) -> list[float]:
    """Nearest ranks in milliseconds."""
    ordered = sorted(times)
    return [ordered[-(-len(ordered) * each // 100) - 1] * 1000 for each in PERCENTS]


def row(kind: str, workers: int, rate: int, seconds: int) -> str:
    """One run, as a line of the table."""
    took: list[tuple[float, float]] = []
    with serving(took) as port, tempfile.TemporaryDirectory() as folder:
        ctx = live_context(Path(folder), {"locustfile.py": FILE.format(kind=kind)})
        ctx.given_services["api"] = FakeService(port=port)
        ctx.timeout_s = 600
        time_s = f"{seconds}s"
        given = {"users": rate // USERS_RATE, "workers": workers, "duration": time_s}
        stage = Locust(LocustOptions.from_plain({**given, "max_duration": time_s}))
        said = ""
        try:
            stage.measure(ctx)
        except StageError as error:
            said = error.problem.slug
        path = ctx.out / "run-0/load.jsonl"
        if not path.is_file():
            return f"| {kind} | {workers} | {said} |"
        record = load_record.read(path.read_bytes())
    begun = float(record.started)
    true = quantiles([took_s for at, took_s in took if begun <= at < begun + seconds])
    times = [
        us / 1e6
        for cell in record.measured
        for us, count in zip(cell.times, cell.counts, strict=True)
        for _ in range(count)
    ]
    generator = generator_of(record)
    shown = [
        f"{seen:.1f} ({seen - real:+.1f})"
        for seen, real in zip(quantiles(times), true, strict=True)
    ]
    late = 100 * generator.late / generator.probes
    cells = [kind, str(workers), f"{len(times) / seconds:.0f}/s", *shown]
    return f"| {' | '.join(cells)} | {late:.2f} % | {generator.cpu * 100:.0f} % | {said} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, default=200)
    given = parser.parse_args()
    sys.stdout.write(
        "| users | workers | rate | p50 ms (bias) | p95 | p99 | late looks | CPU | refused |\n"
        "|---|---|---|---|---|---|---|---|---|\n"
    )
    for kind in ("HttpUser", "FastHttpUser"):
        for workers in (0, 1, 2, 4):
            sys.stdout.write(f"{row(kind, workers, given.rate, given.seconds)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
