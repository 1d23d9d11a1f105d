"""Whether load generators tell the truth: each against the same servers with known delays."""

from __future__ import annotations

import argparse
import json
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from bench.scratch import environment
from bench.timing import show
from stages.live_context import live_context

from gates.formats import load_record
from gates.formats.load_calibration import percentiles
from gates.formats.load_plan import LoadPlan, Request
from gates.formats.load_record import LoadRecord
from gates.plugin import StageError
from gates.stages.locust import Locust, LocustOptions
from gates.testing import FakeService
from gates.traffic.delay_server import Delay, DelayServer, bimodal, fixed, lognormal, stall

CLIENTS = 10
"""Connections of a generator that waits for answers, in the comparison with a stall."""

WARMUP_S = 1.0
SPARE_S = 60

Told = Mapping[str, float]
"""Milliseconds by the name of a percentile, as far as a generator tells them."""

LOCUSTFILE = """\
from locust import FastHttpUser, constant_throughput, task


class Asking(FastHttpUser):
    wait_time = constant_throughput({each})

    @task
    def ask(self):
        self.client.get("/")
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What every generator is to do.

    Attributes:
        url: of the server.
        rate: requests a second.
        seconds: how long.
        folder: for its files.
    """

    url: str
    rate: int
    seconds: int
    folder: Path


@dataclass(frozen=True, slots=True)
class Generator:
    """One generator.

    Attributes:
        name: its row.
        program: what must be installed, or empty for ours.
        run: runs it and gives what it told.
        model: `open`, or `closed` where it waits for answers.
        warmup_s: seconds at the begin that it does not tell of.
    """

    name: str
    program: str
    run: Callable[[Load], Told]
    model: str
    warmup_s: float = 0.0


class Unended(Exception):
    """A generator that did not come to its end."""


def ours(load: Load) -> Told:
    """The generator of `gates`, as its stage runs it."""
    given, written = load.folder / "plan.json", load.folder / "load.jsonl"
    rate, seconds = float(load.rate), float(load.seconds)
    plan = LoadPlan(
        url=load.url,
        rates=((rate, rate, seconds),),
        warmup_s=WARMUP_S,
        requests=(Request(name="GET /"),),
        connections=10_000,
    )
    given.write_bytes(plan.to_json())
    words = ("-m", "gates.traffic.program", "--plan", str(given), "--record", str(written))
    _ended([sys.executable, *words], load)
    return of_record(load_record.read(written.read_bytes()))


def of_record(record: LoadRecord) -> Told:
    """The percentiles of a record, in milliseconds."""
    times = [
        time
        for cell in record.measured
        for time, many in zip(cell.times, cell.counts, strict=True)
        for _ in range(many)
    ]
    p50, p95, p99 = percentiles(times)
    return {"p50": p50 / 1000, "p95": p95 / 1000, "p99": p99 / 1000}


def locust(load: Load) -> Told:
    """Locust as its documentation has it, read from its own rounded histogram."""
    users = _clients(load)
    file = load.folder / "locustfile.py"
    file.write_text(LOCUSTFILE.format(each=load.rate / users), encoding="utf-8")
    report = load.folder / "locust"
    words = ["-f", str(file), "--headless", "--only-summary", "--host", load.url]
    words += ["-u", str(users), "-r", str(users), "-t", f"{load.seconds}s", "-s", "10"]
    words += ["--exit-code-on-error", "0", "--json-file", str(report)]
    _ended([_found("locust"), *words], load)
    (row,) = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))
    ordered = sorted((float(time), many) for time, many in row["response_times"].items())
    times = [round(time * 1000) for time, many in ordered for _ in range(many)]
    return dict(zip(("p50", "p95", "p99"), (e / 1000 for e in percentiles(times)), strict=True))


def locust_with_add_on(load: Load) -> Told:
    """The same locust file, as the stage `locust` runs it; told even where it would be refused."""
    users = _clients(load)
    text = LOCUSTFILE.format(each=load.rate / users)
    ctx = live_context(load.folder, {"locustfile.py": text})
    ctx.given_services["api"] = FakeService(port=int(load.url.rpartition(":")[2]))
    span, warmup = f"{load.seconds}s", f"{WARMUP_S:.0f}s"
    given = {"users": users, "spawn_rate": users, "warmup": warmup}
    stage = Locust(LocustOptions.from_plain({**given, "duration": span, "max_duration": span}))
    with suppress(StageError):
        stage.measure(ctx)
    records = sorted(ctx.out.glob("run-*/load.jsonl"))
    return of_record(load_record.read(records[-1].read_bytes()))


def hey(load: Load) -> Told:
    """Clients that each keep a pace and wait for answers."""
    each = load.rate / _clients(load)
    words = ["-c", str(_clients(load)), "-q", f"{each:g}", "-z", f"{load.seconds}s", load.url]
    told = _ended([_found("hey"), *words], load)
    return {
        f"p{percent}": float(seconds) * 1000
        for percent, seconds in re.findall(r"(50|95|99)%+ in ([0-9.]+) secs", told)
    }


def wrk(load: Load) -> Told:
    """As fast as answers come, on so many connections."""
    words = ["-t", "1", "-c", str(_clients(load)), "-d", f"{load.seconds}s", "--latency", load.url]
    told = _ended([_found("wrk"), *words], load)
    sizes = {"us": 0.001, "ms": 1.0, "s": 1000.0}
    found = re.findall(r"(50|99)%\s+([0-9.]+)(us|ms|s)\b", told)
    return {f"p{percent}": float(number) * sizes[unit] for percent, number, unit in found}


def ab(load: Load) -> Told:
    """As fast as answers come, in whole milliseconds."""
    words = ["-k", "-q", "-c", str(_clients(load)), "-t", str(load.seconds), "-n", "1000000"]
    told = _ended([_found("ab"), *words, f"{load.url}/"], load)
    rows = re.findall(r"^\s+(50|95|99)%\s+([0-9]+)$", told, re.MULTILINE)
    return {f"p{percent}": float(time) for percent, time in rows}


def h2load(load: Load) -> Told:
    """Clients that each keep a pace and wait for answers; each request from its log."""
    log = load.folder / "h2load.tsv"
    clients = _clients(load)
    words = ["--h1", "-c", str(clients), "-m", "1", f"--rps={load.rate / clients:g}"]
    words += ["-D", str(load.seconds), f"--log-file={log}", f"{load.url}/"]
    _ended([_found("h2load"), *words], load)
    rows = [row.split("\t") for row in log.read_text(encoding="utf-8").splitlines()]
    p50, p95, p99 = percentiles([int(row[2]) for row in rows])
    return {"p50": p50 / 1000, "p95": p95 / 1000, "p99": p99 / 1000}


GENERATORS = (
    Generator("gates load", "", ours, "open", WARMUP_S),
    Generator("locust", "locust", locust, "closed"),
    Generator("gates locust", "locust", locust_with_add_on, "closed", WARMUP_S),
    Generator("hey", "hey", hey, "closed"),
    Generator("h2load", "h2load", h2load, "closed"),
    Generator("wrk", "wrk", wrk, "closed"),
    Generator("ab", "ab", ab, "closed"),
)


def compared(name: str, delay: Callable[[], Delay], rate: int, seconds: int) -> None:
    """Print one table: each generator's percentiles beside those of the server it asked."""
    lines = [f"{name}, {rate}/s for {seconds} s", _row("", "p50", "p95", "p99", "model")]
    for generator in GENERATORS:
        if generator.program and not shutil.which(generator.program):
            lines.append(_row(generator.name, "absent"))
            continue
        with tempfile.TemporaryDirectory() as folder, DelayServer(delay()) as server:
            try:
                told = generator.run(Load(server.url, rate, seconds, Path(folder)))
            except Unended as error:
                lines.append(_row(generator.name, "failed") + f"  {error}")
                continue
            true = answered(server, rate, generator.warmup_s)
        truth = dict(zip(("p50", "p95", "p99"), percentiles(true), strict=True))
        cells = [_cell(told.get(each), truth[each] / 1000) for each in truth]
        lines.append(_row(generator.name, *cells, generator.model))
    lines.append("each in ms, and how far it is from what the server itself measured meanwhile")
    show("\n".join(lines))


def answered(server: DelayServer, rate: int, warmup_s: float) -> list[int]:
    """What the server itself measured, without the requests of a warm-up, which came first."""
    return [time for time in server.times_us[round(rate * warmup_s) :] if time]


def _cell(told: float | None, true: float) -> str:
    return "untold" if told is None else f"{told:.1f} ({told - true:+.1f})"


def _row(name: str, *cells: str) -> str:
    return f"{name:14}" + "".join(f"{cell:>18}" for cell in cells)


def _clients(load: Load) -> int:
    return min(max(load.rate // 10, CLIENTS), 200)


def _found(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise FileNotFoundError(program)
    return found


def _ended(argv: list[str], load: Load) -> str:
    done = subprocess.run(
        argv,
        cwd=load.folder,
        env=environment(load.folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=load.seconds + SPARE_S,
        check=False,
    )
    told = done.stdout.decode(errors="replace")
    if done.returncode:
        raise Unended(f"exit code {done.returncode}: {' '.join(told.split())[-80:]}")
    return told


def fastest(seconds: int) -> None:
    """Print what our generator adds by itself, at rates up to several thousands a second."""
    lines = ["gates load against 5 ms, by rate", _row("", "p50", "p95", "p99", "late", "core")]
    for rate in (200, 1000, 2000, 4000):
        with tempfile.TemporaryDirectory() as folder, DelayServer(fixed(0.005)) as server:
            load = Load(server.url, rate, seconds, Path(folder))
            told = ours(load)
            true = percentiles(answered(server, rate, WARMUP_S))
            phase = load_record.read((load.folder / "load.jsonl").read_bytes()).phase
        late = Decimal(sum(b.late for b in phase)) / max(sum(b.probes for b in phase), 1)
        core = statistics.mean(float(beat.cpu) for beat in phase)
        pairs = zip(told.values(), true, strict=True)
        cells = [_cell(one, other / 1000) for one, other in pairs]
        lines.append(_row(f"{rate}/s", *cells, f"{late * 100:.1f} %", f"{core * 100:.0f} %"))
    show("\n".join(lines))


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--rate", type=int, action="append")
    given = parser.parse_args()
    for rate in given.rate or [200, 1000]:
        compared("fixed, 20 ms", fixed, rate, given.seconds)
        compared("log-normal, p95 98 ms", lognormal, rate, given.seconds)
        compared("around 95 and 105 ms", bimodal, rate, given.seconds)
    middle = given.seconds / 2
    compared("20 ms and a stall of 2 s", lambda: stall(middle), 100, given.seconds)
    fastest(given.seconds)


if __name__ == "__main__":
    main()
