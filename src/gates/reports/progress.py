"""Progress as plain lines: a row as each gate ends, and a heartbeat while nothing does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from gates.domain.events import Event, GateEnded, GateProgressed, GateStarted, Waiting
from gates.domain.plan import GatePlan
from gates.reports.rows import Layout, heading, row
from gates.reports.style import Line, line, render, seconds_text

HEARTBEAT_S = 30.0
"""Seconds of silence after which a line tells what still runs: CI systems end silent steps."""


@dataclass(slots=True)
class PlainProgress:
    """Writes the table row by row.

    Attributes:
        gates: the gates of this run.
        title: project, level and the level's name.
        out: where rows go.
        pulse: where heartbeats go, never the stream of a report that a program reads.
        now: monotonic seconds.
        colour: whether to write colours.
        width: columns of a line.
    """

    gates: Sequence[GatePlan]
    title: tuple[str, int, str]
    out: TextIO
    pulse: TextIO
    now: Callable[[], float]
    colour: bool = False
    width: int = 120
    _running: dict[str, tuple[float, float | None]] = field(init=False, default_factory=dict)
    _texts: dict[str, str] = field(init=False, default_factory=dict)
    _quiet_since: float = field(init=False, default=0.0)
    _layout: Layout = field(init=False)

    def __post_init__(self) -> None:
        """Write the heading."""
        self._layout = Layout.of(self.gates, self.width)
        self._quiet_since = self.now()
        self._write(self.out, [line(), heading(self.gates, *self.title), line()])

    def event(self, event: Event) -> None:
        """Something happened."""
        match event:
            case GateStarted():
                self._running[event.gate.name] = (self.now(), event.expected_s)
            case GateProgressed():
                self._texts[event.name] = event.text
            case GateEnded():
                self._running.pop(event.gate.name, None)
                self._write(self.out, row(event.gate, self._layout))
            case Waiting():
                self._write(self.pulse, [line((event.text, "warn"))])

    def tick(self) -> None:
        """Some time passed: say what still runs, if nothing was said for long."""
        if self.now() - self._quiet_since < HEARTBEAT_S or not self._running:
            return
        self._write(self.pulse, [line(("still running: ", "faint"), self.still())])

    def still(self) -> str:
        """What runs now, for how long, and how long it usually takes."""
        parts = []
        for name, (since, expected) in self._running.items():
            usual = f", usually {seconds_text(expected)}" if expected else ""
            text = f", {self._texts[name]}" if self._texts.get(name) else ""
            parts.append(f"{name} {seconds_text(self.now() - since)}{usual}{text}")
        return "; ".join(parts)

    def close(self) -> None:
        """The run is over."""

    def _write(self, stream: TextIO, lines: Sequence[Line]) -> None:
        stream.write(render(lines, colour=self.colour))
        stream.flush()
        self._quiet_since = self.now()
