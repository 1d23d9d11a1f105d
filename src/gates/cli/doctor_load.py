"""`gates doctor load`: how true the figures of the load generator are on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gates import app
from gates.cli.shell import of_shell
from gates.cli.terminal import wants_colour
from gates.reports.style import Line, line, padded, render

if TYPE_CHECKING:
    from gates.formats.load_calibration import Bias, Calibration

USES = "load"
"""The stage whose generator is looked at."""

KEPT = "calibration"
"""The folder that each gate of that stage keeps it in."""

_NAME, _CELL = 24, 11


@click.command(name="load")
def command() -> None:
    """Hold the load generator against servers with known delays, for six seconds.

    The result is kept for the gates that use `load`, which tell it with each verdict. The exit code
    is 3 if the generator could not run, else 0.
    """
    from gates.executor.kept_cache import prepare
    from gates.formats.load_calibration import FILE
    from gates.toolkit.clock import SystemClock
    from gates.toolkit.files import write_atomic
    from gates.traffic.calibration import calibrate

    environ = of_shell(os.environ)
    loaded = app.load(Path.cwd(), environ)
    found = calibrate(SystemClock().today(), environ)
    gates = [gate.name for gate in loaded.plan.gates if gate.uses == USES]
    for name in gates:
        folder = prepare(loaded.state / "caches" / f"{name}-{KEPT}", loaded.root, ())
        write_atomic(folder / FILE, found.to_json())
    lines = calibration_lines(found, tuple(gates))
    sys.stdout.write(render(lines, colour=wants_colour(sys.stdout, os.environ)))


def calibration_lines(found: Calibration, gates: tuple[str, ...]) -> Iterator[Line]:
    """What was found, server by server, and which gates tell it from now on."""
    from gates.formats.load_calibration import WORST

    head = ("rate", "p50", "p95", "p99", "late", "core")
    yield line((_row("known delays", head), "faint"))
    for bias in found.biases:
        yield line(_row(bias.server, _cells(bias)))
        off = tuple(f"{each:+.2f} ms" for each in bias.off_ms)
        yield line((_row("  the generator is off by", ("", *off)), "faint"))
    fits = abs(found.worst_ms) <= WORST
    yield line(
        (f"at most {abs(found.worst_ms):.2f} ms off", "good" if fits else "warn"),
        "" if fits else f", more than {WORST} ms: something else takes this machine's time",
    )
    told = f"told by: {', '.join(gates)}" if gates else "no gate uses `load`, so none tells it"
    yield line(told)


def _cells(bias: Bias) -> tuple[str, ...]:
    true = (f"{each / 1000:.2f} ms" for each in bias.true_us)
    return (f"{bias.rate}/s", *true, f"{bias.late * 100:.1f} %", f"{bias.cpu * 100:.0f} %")


def _row(name: str, cells: tuple[str, ...]) -> str:
    return padded(name, _NAME) + "".join(padded(f"  {cell}", _CELL) for cell in cells)
