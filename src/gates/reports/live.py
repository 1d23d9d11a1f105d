"""Progress on a terminal: rows of ended gates stay, rows of running ones are redrawn below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TextIO

from gates.domain.events import Event, GateEnded, GateProgressed, GateStarted, Waiting
from gates.domain.plan import GatePlan
from gates.reports.rows import STATUS_WIDTH, Layout, heading, row
from gates.reports.style import Line, line, padded, render, seconds_text


@dataclass(slots=True)
class LiveProgress:
    """Draws the table on a terminal.

    Attributes:
        gates: the gates of this run.
        title: project, level and the level's name.
        out: the terminal.
        now: monotonic seconds.
        colour: whether to use colours.
        width: columns of the terminal.
    """

    gates: Sequence[GatePlan]
    title: tuple[str, int, str]
    out: TextIO
    now: Callable[[], float]
    colour: bool
    width: int
    _running: dict[str, tuple[GatePlan, float, float | None]] = field(
        init=False, default_factory=dict
    )
    _texts: dict[str, GateProgressed] = field(init=False, default_factory=dict)
    _waiting: str = field(init=False, default="")
    _layout: Layout = field(init=False)
    _screen: Screen = field(init=False)

    def __post_init__(self) -> None:
        """Write the heading."""
        self._layout = Layout.of(self.gates, self.width)
        self._screen = Screen(self.out, colour=self.colour, width=self.width)
        self._screen.add([line(), heading(self.gates, *self.title), line()])

    def event(self, event: Event) -> None:
        """Something happened."""
        self._waiting = ""
        match event:
            case GateStarted():
                self._running[event.gate.name] = (event.gate, self.now(), event.expected_s)
            case GateProgressed():
                self._texts[event.name] = event
            case GateEnded():
                self._running.pop(event.gate.name, None)
                self._screen.add(row(event.gate, self._layout))
            case Waiting():
                self._waiting = event.text
        self.tick()

    def tick(self) -> None:
        """Redraw what runs."""
        lines = [self._line(*entry) for entry in self._running.values()]
        if self._waiting:
            lines.append(line((self._waiting, "warn")))
        self._screen.redraw(lines)

    def close(self) -> None:
        """Take the running rows off the screen."""
        self._running.clear()
        self._screen.redraw([])
        self._screen.stop()

    def _line(self, gate: GatePlan, since: float, expected: float | None) -> Line:
        took = self.now() - since
        progress = self._texts.get(gate.name)
        parts = [seconds_text(took)]
        if expected and expected > took:
            parts.append(f"about {seconds_text(expected - took)} left")
        if progress is not None and progress.done is not None and progress.total:
            parts.append(f"{progress.done:,} of {progress.total:,}")
        if progress is not None and progress.text:
            parts.append(progress.text)
        return line(
            (padded("running", STATUS_WIDTH + 2), "warn"),
            (padded(gate.name, self._layout.name + 2), "strong"),
            ((" · ".join(parts))[: max(self.width - self._layout.indent - 1, 0)], "faint"),
        )


class Screen:
    """Lines that stay, above lines that are redrawn; rich does the drawing.

    Args:
        out: the terminal.
        colour: whether to use colours.
        width: columns of the terminal.
    """

    def __init__(self, out: TextIO, *, colour: bool, width: int) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        self._text = Text.from_ansi
        self._colour = colour
        self._console = Console(
            file=out,
            width=width,
            force_terminal=True,
            color_system="standard" if colour else None,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._live = Live(
            console=self._console,
            auto_refresh=False,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def add(self, lines: Sequence[Line]) -> None:
        """Add lines that stay, one by one: rich before 15 drops a text's last line break."""
        for each in lines:
            self._console.print(self._text(each.render(colour=self._colour)), soft_wrap=True)
        self._live.refresh()

    def redraw(self, lines: Sequence[Line]) -> None:
        """Replace the lines below."""
        self._live.update(self._text(render(lines, colour=self._colour).rstrip("\n")), refresh=True)

    def stop(self) -> None:
        """Give the terminal back."""
        self._live.stop()
