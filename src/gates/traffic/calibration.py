"""The generator held against servers with known delays, on this machine, as it is used."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from gates.domain.errors import StageError, ToolCrashed
from gates.formats import load_record
from gates.formats.load_calibration import Bias, Calibration, percentiles
from gates.formats.load_plan import LoadPlan, Request
from gates.formats.load_record import LoadRecord
from gates.toolkit.programs import run_program
from gates.traffic.delay_server import Delay, DelayServer, bimodal, fixed, lognormal

PROGRAM = "gates.traffic.program"
WARMUP_S = 0.5
_SPARE_S = 60.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of a calibration.

    Attributes:
        server: what its delays are, in words.
        delay: the delays.
        rate: requests a second.
        seconds: how long it measures.
    """

    server: str
    delay: Delay
    rate: int
    seconds: float


def trials(seconds: float = 6.0) -> tuple[Trial, ...]:
    """The runs of a calibration, which share so many seconds."""
    each = seconds / 3 - WARMUP_S
    return (
        Trial("fixed, 20 ms", fixed(), 200, each),
        Trial("log-normal, p95 98 ms", lognormal(), 400, each),
        Trial("around 95 and 105 ms", bimodal(), 400, each),
    )


def calibrate(
    today: date, environ: Mapping[str, str], runs: tuple[Trial, ...] | None = None
) -> Calibration:
    """Run the trials one after another.

    Args:
        today: the day (UTC).
        environ: environment of the generator's process.
        runs: other trials than `trials`.

    Raises:
        StageError: the generator could not run, or lost a request.
    """
    biases = tuple(bias_of(trial, environ) for trial in runs or trials())
    return Calibration(day=today, biases=biases)


def bias_of(trial: Trial, environ: Mapping[str, str]) -> Bias:
    """Run one trial.

    Raises:
        StageError: the generator could not run, or lost a request.
    """
    with DelayServer(trial.delay) as server:
        record = _generated(_plan(server.url, trial), environ)
        answered = server.times_us
    told = _times(record)
    before = sum(beat.asked or 0 for beat in record.beats if beat.at < 0)
    true = answered[before:]
    if record.failures or len(told) != len(true):
        summary = f"of {len(true)} requests {len(told)} came to a good end on this machine"
        raise StageError("calibration-failed", summary, hint="see whether 127.0.0.1 is filtered")
    phase = record.phase
    probes = sum(beat.probes for beat in phase)
    return Bias(
        server=trial.server,
        rate=trial.rate,
        requests=len(told),
        true_us=percentiles(true),
        told_us=percentiles(told),
        late=round(Decimal(sum(beat.late for beat in phase)) / max(probes, 1), 4),
        cpu=round(sum((beat.cpu for beat in phase), Decimal(0)) / len(phase), 3),
    )


def _plan(url: str, trial: Trial) -> LoadPlan:
    rate = float(trial.rate)
    return LoadPlan(
        url=url,
        rates=((rate, rate, trial.seconds),),
        warmup_s=WARMUP_S,
        requests=(Request(name="GET /"),),
        connections=1000,
    )


def _generated(plan: LoadPlan, environ: Mapping[str, str]) -> LoadRecord:
    with tempfile.TemporaryDirectory(prefix="gates-calibration-") as folder:
        given, written = Path(folder) / "plan.json", Path(folder) / "load.jsonl"
        given.write_bytes(plan.to_json())
        words = ("-P", "-m", PROGRAM, "--plan", str(given), "--record", str(written))
        done = run_program(
            (sys.executable, *words), env=environ, timeout_s=plan.duration_s + _SPARE_S
        )
        if done.exit_code:
            last = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            told = json.dumps(last[-1]) if last else "it says nothing"
            summary = f"the generator ended with {done.exit_code}: {told}"
            raise ToolCrashed("tool-crashed", summary, place=PROGRAM)
        return load_record.read(written.read_bytes(), what=written.name)


def _times(record: LoadRecord) -> list[int]:
    return [
        time
        for cell in record.measured
        for time, many in zip(cell.times, cell.counts, strict=True)
        for _ in range(many)
    ]
