"""Runs commands in turn, and tells their times side by side."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One command of a comparison.

    Attributes:
        name: its row.
        argv: the program, by its absolute path, and its arguments.
        cwd: where it runs.
        env: its whole environment.
        code: the exit code that it must end with, lest a command that broke win the race.
        before: what to do before each of its runs, untimed.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    code: int = 0
    before: Callable[[], object] | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: wall seconds, and processor seconds and highest memory with its children's.

    The memory is never less than what the benchmark itself has taken so far.
    """

    wall_s: float
    cpu_s: float
    peak_bytes: int


class Broken(Exception):
    """A contender did not end as it must."""


def run_once(contender: Contender) -> Sample:
    """Run a command once.

    Raises:
        Broken: where it ends with another exit code than it must.
    """
    if contender.before is not None:
        contender.before()
    with tempfile.TemporaryFile() as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            contender.argv,
            cwd=contender.cwd,
            env=dict(contender.env),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != contender.code:
            output.seek(0)
            tail = output.read().decode(errors="replace")[-2000:]
            raise Broken(f"{contender.name} ended with {process.returncode}:\n{tail}")
    return Sample(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * _MAXRSS_BYTES)


def in_turn(
    contenders: Sequence[Contender], *, rounds: int, warm: int = 1
) -> dict[str, list[Sample]]:
    """Run all contenders once a round, each round begun by another of them.

    Args:
        contenders: who runs.
        rounds: how many rounds count.
        warm: how many rounds before them do not.
    """
    samples: dict[str, list[Sample]] = {each.name: [] for each in contenders}
    for number in range(-warm, rounds):
        first = number % len(contenders)
        for each in (*contenders[first:], *contenders[:first]):
            sample = run_once(each)
            if number >= 0:
                samples[each.name].append(sample)
    return samples


def table(title: str, samples: Mapping[str, Sequence[Sample]], *, against: str) -> str:
    """The times as text.

    A ratio is the median of the ratios within each round, so that a machine that slows down in the
    middle slows both sides of it.
    """
    names = max(len(name) for name in samples)
    head = f"{'':{names}}  {'wall ms':>9}  {'min':>9}  {'max':>9}  {'ratio':>6}"
    lines = [title, head + f"  {'cpu ms':>9}  {'ratio':>6}"]
    for name, runs in samples.items():
        walls = [each.wall_s for each in runs]
        cells = [_ms(statistics.median(walls)), _ms(min(walls)), _ms(max(walls))]
        cells.append(_ratio(walls, [each.wall_s for each in samples[against]]))
        cpus = [each.cpu_s for each in runs]
        cells.append(_ms(statistics.median(cpus)))
        cells.append(_ratio(cpus, [each.cpu_s for each in samples[against]]))
        lines.append("  ".join((f"{name:{names}}", *cells)))
    rounds = len(samples[against])
    lines.append(f"medians of {rounds} rounds in turn; ratios to `{against}` within each round")
    return "\n".join(lines)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the ratios within each round."""
    ratios = [one / max(other, 1e-9) for one, other in zip(ours, theirs, strict=True)]
    return statistics.median(ratios)


def show(text: str) -> None:
    """Print a text, with an empty line after it."""
    sys.stdout.write(f"{text}\n\n")
    sys.stdout.flush()


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:9.1f}"


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    return f"{ratio(ours, theirs):6.2f}"
