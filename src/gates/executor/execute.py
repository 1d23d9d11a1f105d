"""Plan -> Run: starts gates as the graph allows, judges what they measured, survives interrupts."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from gates.domain.errors import Problem
from gates.domain.events import GateEnded, GateProgressed, GateStarted
from gates.domain.judge import Judged, NotMeasured, judge
from gates.domain.plan import GatePlan
from gates.domain.run import GateRun, Selection
from gates.domain.status import Status
from gates.executor import due, durations, interrupts, scope
from gates.executor.context import StageContext
from gates.executor.measure import Measured, measure
from gates.executor.project import Project
from gates.executor.schedule import Schedule, ordered, selected
from gates.executor.setting import Setting
from gates.plugin import Needed
from gates.toolkit.processes import Processes

if TYPE_CHECKING:
    from gates.executor.services import ServiceHost

TICK_S = 0.2
"""Seconds between two ticks of the observer."""

PATIENCE_S = 15.0
"""Seconds after an interrupt until a stage that does not come back is given up."""

INTERRUPTED = Problem("interrupted", "the run was interrupted", hint="run it again")
"""What is wrong with every gate that an interrupt cut short."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A signal arrived."""

    number: int


Message = Measured | GateProgressed | Interrupted


@dataclass(slots=True)
class Execution:
    """One run in progress; everything but `measure` happens in the main thread.

    Attributes:
        setting: its surroundings.
        selection: what the command line asked for.
        project: what the gates share.
        processes: the one way to start a program.
    """

    setting: Setting
    selection: Selection
    project: Project
    processes: Processes
    interrupted_by: int | None = None
    _interrupted_at: float = 0.0
    _inbox: SimpleQueue[Message] = field(init=False, default_factory=SimpleQueue)
    _done: dict[str, GateRun] = field(init=False, default_factory=dict)
    _needed: dict[str, Needed] = field(init=False, default_factory=dict)
    _schedule: Schedule = field(init=False)
    _host: ServiceHost | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Prepare to start services, where there are any: most runs need none of that code."""
        if self.project.plan.services:
            from gates.executor.services import ServiceHost

            self._host = ServiceHost(project=self.project, processes=self.processes)

    def run(self) -> tuple[GateRun, ...]:
        """Run all gates up to the selected level, and hand them over in plan order."""
        share = self.setting.share
        planned = self.project.plan.up_to(self.selection.level)
        gates, chosen = share.of(planned), share.of(due.due(planned, self.selection))
        expected = durations.read(self.project.state)
        self._schedule = Schedule(
            gates=chosen,
            jobs=self.selection.jobs or _cores(),
            expected_s=expected,
            keep_going=self.selection.keep_going,
        )
        with interrupts.caught(lambda number: self._inbox.put(Interrupted(number))):
            self._needed.update(share.needed)
            self._settle_unaffected(chosen)
            try:
                while not self._schedule.is_done:
                    self._start(expected)
                    self._next()
            finally:
                if self._host is not None:
                    self._host.close()
        measured = {
            name: float(gate.seconds)
            for name, gate in self._done.items()
            if gate.examined is not None and gate.seconds
        }
        durations.keep(self.project.state, measured)
        return tuple(self._done.get(gate.name) or self._left_out(gate) for gate in gates)

    def _settle_unaffected(self, gates: tuple[GatePlan, ...]) -> None:
        """Settle gates that the change does not touch, except those that a touched one needs."""
        if self.selection.changed_from is None:
            return
        idle: dict[str, tuple[str, ...]] = {}
        with self.project.one_look():
            change = self.project.change()
            always = self.project.always_inputs()
            for gate in ordered(gates):
                inputs = self._inputs(gate)
                is_due = any(need not in idle for need in gate.needs)
                if inputs and not is_due and not scope.touches(change, inputs, always):
                    idle[gate.name] = inputs
        busy = {gate.name for gate in gates} - set(idle)
        wanted = {gate.name for gate in selected(gates, busy)} if busy else set()
        for gate in gates:
            if gate.name not in wanted:
                base = change.base.commit
                self._settle(scope.unaffected(gate, idle[gate.name], base))

    def _inputs(self, gate: GatePlan) -> tuple[str, ...]:
        stage_type = self.setting.load_stage(gate.uses)
        stage = stage_type(stage_type.options_type.from_plain(gate.options))
        try:
            return () if stage.given else stage.inputs(self._context(gate))
        except Exception:  # noqa: BLE001 - a defect of one stage is told when that stage runs
            # Its inputs cannot be listed: it runs, and says itself what is wrong.
            return ()

    def _start(self, expected: dict[str, float]) -> None:
        is_settled = False
        while not is_settled:
            for gate in self._schedule.blocked():
                self._settle(_not_started(gate, "a gate of a level below did not pass"))
            # What another machine measured counts when its level comes, as if it ran here.
            known = self.setting.share.known
            ready = [known[gate.name] for gate in self._schedule.open() if gate.name in known]
            for done in ready:
                self._settle(done)
            is_settled = not ready
        for gate in self._schedule.startable():
            self.processes.begin()  # it forks, so this comes before any thread
            self.setting.observer.event(GateStarted(gate, expected.get(gate.name)))
            context = self._context(gate)
            worker = threading.Thread(
                target=lambda context=context: self._inbox.put(
                    measure(self.setting, context, self._host)
                ),
                name=gate.name,
                daemon=True,
            )
            worker.start()

    def _next(self) -> None:
        """Wait for one message, or for a tick."""
        if self._schedule.is_done:
            return
        try:
            message = self._inbox.get(timeout=TICK_S)
        except Empty:
            self.setting.observer.tick()
            self._give_up()
            return
        match message:
            case Measured():
                self._judge(message)
            case GateProgressed():
                self.setting.observer.event(message)
            case Interrupted():
                self._interrupt(message.number)

    def _interrupt(self, number: int) -> None:
        """End everything: politely the first time, at once the second time."""
        self.processes.cancel_all(kill_now=self.interrupted_by is not None)
        if self.interrupted_by is None:
            self.interrupted_by, self._interrupted_at = number, self.setting.clock.monotonic_s()
        for gate in self._schedule.drain():
            self._settle(_interrupted(gate))

    def _give_up(self) -> None:
        """After an interrupt, do not wait for a stage that is stuck in its own code."""
        if self.interrupted_by is None:
            return
        if self.setting.clock.monotonic_s() - self._interrupted_at > PATIENCE_S:
            for gate in self._schedule.running:
                self._settle(_interrupted(gate))

    def _judge(self, measured: Measured) -> None:
        context, outcome = measured.context, measured.outcome
        gate = context.gate
        if gate.name in self._done:
            return
        if self.interrupted_by is not None:
            # Whatever a stage made of its ended tool, it did not measure under these conditions.
            outcome = NotMeasured(problem=INTERRUPTED)
        judged = self.setting.share.unjudged(gate, outcome) or judge(
            gate, outcome, waivers=self.setting.waivers, today=self.setting.clock.today()
        )
        result = None if isinstance(outcome, NotMeasured) else outcome
        self._needed[gate.name] = Needed(
            name=gate.name,
            result=result,
            out=context.out,
            started_ns=context.started_ns,
            service=context.trace,
            handed=context.handed,
        )
        self._settle(
            GateRun(
                plan=gate,
                judged=judged,
                examined=result.examined
                if result and judged.status is not Status.SKIPPED
                else None,
                tool=result.tool if result else None,
                artifacts=result.artifacts if result else tuple(context.artifacts),
                argv=tuple(context.clean(word) for word in context.argv),
                tool_exit=context.tool_exit,
                seconds=measured.seconds,
                notes=(*context.notes, *(result.notes if result else ())),
                logs=tuple(context.logs),
                canary=result.canary if result else "",
                services=context.told_services,
            )
        )

    def _settle(self, gate: GateRun) -> None:
        self._done[gate.name] = gate
        self._schedule.end(gate.name, gate.status)
        self.setting.observer.event(GateEnded(gate))

    def _left_out(self, gate: GatePlan) -> GateRun:
        return _not_started(gate, due.left_out(gate, self.selection))

    def _context(self, gate: GatePlan) -> StageContext:
        share = self.setting.share
        asked = frozenset(
            word
            for other in self._schedule.gates
            for name, words in other.asks
            if name == gate.name
            for word in words
        )
        return StageContext(
            gate=gate,
            project=self.project,
            processes=self.processes,
            folder=self.project.folder / gate.name,
            needed={name: self._needed[name] for name in gate.needs if name in self._needed},
            asked=asked | share.asks.get(gate.name, frozenset()),
            tell=self._inbox.put,
            portion=share.portion(gate.name),
            handed=share.parts.get(gate.name, ()),
        )


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _not_started(gate: GatePlan, reason: str) -> GateRun:
    return GateRun(plan=gate, judged=Judged(status=Status.SKIPPED, reason=reason))


def _interrupted(gate: GatePlan) -> GateRun:
    judged = Judged(status=Status.ERRORED, reason=INTERRUPTED.summary, problem=INTERRUPTED)
    return GateRun(plan=gate, judged=judged)
