"""Which gate may start now: needs, levels, cores, and stages that must run alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from gates.domain.errors import ConfigError, Problem
from gates.domain.plan import GATE, GatePlan, Plan
from gates.domain.run import Selection
from gates.domain.status import Status

_STOPS = (Status.FAILED, Status.ERRORED)


def check_selection(plan: Plan, selection: Selection) -> None:
    """Refuse a selection that names nothing.

    Raises:
        ConfigError: for a level without gates of its own, or an unknown gate.
    """
    if not any(gate.level == selection.level for gate in plan.gates):
        have = ", ".join(str(level.number) for level in plan.levels)
        raise ConfigError(
            Problem(
                "empty-level",
                f"level {selection.level} has no gates in {plan.policy.source}",
                hint=f"levels with gates: {have}",
            )
        )
    names = [gate.name for gate in plan.up_to(selection.level)]
    for name in selection.gates:
        if name not in names:
            hint = f"gates up to level {selection.level}: {', '.join(names)}"
            raise ConfigError(Problem("unknown-gate", f"no gate is named `{name}`", hint=hint))


def selected(gates: Sequence[GatePlan], names: Iterable[str]) -> tuple[GatePlan, ...]:
    """The gates with these names and all that they need; all gates where no name is given.

    The gate that judges a change of the policy is never left out.
    """
    wanted = set(names)
    if not wanted:
        return tuple(gates)
    wanted |= {gate.name for gate in gates if gate.uses == GATE}
    by_name = {gate.name: gate for gate in gates}
    todo = list(wanted)
    while todo:
        for need in by_name[todo.pop()].needs:
            if need not in wanted:
                wanted.add(need)
                todo.append(need)
    return tuple(gate for gate in gates if gate.name in wanted)


def ordered(gates: Sequence[GatePlan]) -> tuple[GatePlan, ...]:
    """Gates in an order in which each stands behind what it needs; else in the given order."""
    by_name = {gate.name: gate for gate in gates}
    graph = {gate.name: [need for need in gate.needs if need in by_name] for gate in gates}
    sorter = TopologicalSorter(graph)
    return tuple(by_name[name] for name in sorter.static_order())


@dataclass(slots=True)
class Schedule:
    """The state of a run's graph: who waits, who runs, who ended.

    Attributes:
        gates: the gates to run.
        jobs: how many stages may run side by side.
        expected_s: seconds that a gate took last time; unknown ones count as the longest.
        keep_going: start a level although one below it has a failed or errored gate.
    """

    gates: tuple[GatePlan, ...]
    jobs: int
    expected_s: Mapping[str, float]
    keep_going: bool = False
    _waiting: dict[str, GatePlan] = field(init=False)
    _running: dict[str, GatePlan] = field(init=False, default_factory=dict)
    _ended: dict[str, Status] = field(init=False, default_factory=dict)
    _weight: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        """Weigh each gate by the longest way through it, so that long ways start first."""
        self._waiting = {gate.name: gate for gate in self.gates}
        unknown = max(self.expected_s.values(), default=1.0)
        weight: dict[str, float] = {}
        for gate in reversed(ordered(self.gates)):
            behind = [weight[other.name] for other in self.gates if gate.name in other.needs]
            weight[gate.name] = self.expected_s.get(gate.name, unknown) + max(behind, default=0.0)
        self._weight = weight

    @property
    def is_done(self) -> bool:
        """Nothing waits and nothing runs."""
        return not self._waiting and not self._running

    @property
    def waiting(self) -> tuple[GatePlan, ...]:
        """Gates that have not started."""
        return tuple(self._waiting.values())

    @property
    def running(self) -> tuple[GatePlan, ...]:
        """Gates that run now."""
        return tuple(self._running.values())

    def startable(self) -> tuple[GatePlan, ...]:
        """Take out the gates that start now; they count as running from here on."""
        started: list[GatePlan] = []
        lowest = min(self._open_levels(), default=0)
        ready = sorted(
            (gate for gate in self._waiting.values() if self._is_ready(gate, lowest)),
            key=lambda gate: -self._weight[gate.name],
        )
        shared = [gate for gate in ready if not gate.exclusive]
        alone = [gate for gate in ready if gate.exclusive]
        if any(gate.exclusive for gate in self._running.values()):
            return ()
        for gate in shared[: max(self.jobs - len(self._running), 0)]:
            started.append(gate)
            self._start(gate)
        if not self._running and alone:
            started.append(alone[0])
            self._start(alone[0])
        return tuple(started)

    def open(self) -> tuple[GatePlan, ...]:
        """Gates that have not started, of the level that runs now."""
        lowest = min(self._open_levels(), default=0)
        return tuple(gate for gate in self._waiting.values() if gate.level == lowest)

    def blocked(self) -> tuple[GatePlan, ...]:
        """Take out the gates of levels that will not start, because one below did not pass."""
        if self.keep_going:
            return ()
        bad = [gate.level for gate in self.gates if self._ended.get(gate.name) in _STOPS]
        lowest = min(bad, default=99)
        gone = tuple(gate for gate in self._waiting.values() if gate.level > lowest)
        for gate in gone:
            del self._waiting[gate.name]
            self._ended[gate.name] = Status.SKIPPED
        return gone

    def end(self, name: str, status: Status) -> None:
        """Note that a gate ended, or was settled without running."""
        self._running.pop(name, None)
        self._waiting.pop(name, None)
        self._ended[name] = status

    def drain(self) -> tuple[GatePlan, ...]:
        """Take out all that waits: nothing more is started."""
        gone = self.waiting
        self._waiting.clear()
        return gone

    def _start(self, gate: GatePlan) -> None:
        del self._waiting[gate.name]
        self._running[gate.name] = gate

    def _is_ready(self, gate: GatePlan, lowest: int) -> bool:
        """Whether all that it needs has ended, and no level below it is open."""
        needs_wait = any(n in self._weight and n not in self._ended for n in gate.needs)
        return not needs_wait and gate.level <= lowest

    def _open_levels(self) -> set[int]:
        return {gate.level for gate in (*self._waiting.values(), *self._running.values())}
