"""Which gates one machine must measure together, which are split, and which wait for the merge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gates.domain.plan import GatePlan
from gates.domain.service import ServicePlan
from gates.domain.shards import ShardPlan
from gates.plugin import Options, Stage

LoadStage = Callable[[str], type[Stage[Options]]]


@dataclass(slots=True)
class Joining:
    """Which gates must be measured on one machine, and which wait for the merge.

    Gates stay together where one needs another, and where they reach a service whose state or time
    they share: one instance for all of them, or one that runs elsewhere and is measured in time.

    Attributes:
        gates: the gates that are divided.
        services: the services of the plan.
        load: finds a stage's class by name.
    """

    gates: tuple[GatePlan, ...]
    services: tuple[ServicePlan, ...]
    load: LoadStage
    _stages: dict[str, type[Stage[Options]]] = field(default_factory=dict)

    def at_merge(self) -> frozenset[str]:
        """Gates whose data several machines measure, and whose stage can take it from there."""
        names = {gate.name: gate for gate in self.gates}
        needed = {need for gate in self.gates for need in gate.needs}
        found = set()
        for gate in self.gates:
            sources = [names[name] for name, _ in gate.asks if name in names]
            is_spread = len(sources) > 1 or any(self._may_split(each) for each in sources)
            hand_over = all(self._stage(each).hands_over for each in sources)
            is_able = self._stage(gate).measures_at_merge and not _is_given(gate)
            if gate.name not in needed and is_spread and hand_over and is_able:
                found.add(gate.name)
        return frozenset(found)

    def splittable(self, at_merge: frozenset[str]) -> frozenset[str]:
        """Gates whose own work is split: nothing that is measured on the machines needs them."""
        needed = {need for gate in self.gates if gate.name not in at_merge for need in gate.needs}
        return frozenset(
            gate.name
            for gate in self.gates
            if self._may_split(gate) and gate.name not in needed and not gate.needs
        )

    def clusters(self, gates: Sequence[GatePlan]) -> tuple[tuple[str, ...], ...]:
        """The gates that stay together, by name, in file order."""
        above = {gate.name: gate.name for gate in gates}

        def top(name: str) -> str:
            while above[name] != name:
                name = above[name]
            return name

        for one, other in self._joined(gates):
            if one in above and other in above:
                above[top(one)] = top(other)
        found: dict[str, list[str]] = {}
        for gate in gates:
            found.setdefault(top(gate.name), []).append(gate.name)
        return tuple(map(tuple, found.values()))

    def torn(self, plan: ShardPlan) -> str:
        """In what a plan divides these gates as they must not be, in words; empty where in nothing.

        Whoever wrote it: half of a gate's work, or a gate without what it needs, proves nothing.
        """
        at_merge = self.at_merge()
        if at_merge != frozenset(plan.at_merge):
            example = min(at_merge ^ frozenset(plan.at_merge))
            return f"is wrong on whether `{example}` waits for the merge"
        may_split = self.splittable(at_merge)
        for gate in self.gates:
            parts = plan.split().get(gate.name, 1)
            if parts > (gate.shards if gate.name in may_split else 1):
                return f"has {parts} parts of `{gate.name}`, which it must not be split into"
        for cluster in self.clusters([gate for gate in self.gates if gate.name not in at_merge]):
            if len({plan.shards_of(name) for name in cluster}) > 1:
                names = ", ".join(f"`{name}`" for name in cluster)
                return f"has gates apart that must be measured together: {names}"
        return ""

    def _joined(self, gates: Sequence[GatePlan]) -> Iterator[tuple[str, str]]:
        for gate in gates:
            for need in gate.needs:
                yield gate.name, need
        for service in self.services:
            users = [gate for gate in gates if service.name in self._reached(gate)]
            is_timed = not service.is_local and any(gate.exclusive for gate in users)
            if service.shared or is_timed:
                for gate in users[1:]:
                    yield users[0].name, gate.name

    def _reached(self, gate: GatePlan) -> frozenset[str]:
        """The service of a gate and all that it needs."""
        by_name = {service.name: service for service in self.services}
        found: set[str] = set()
        todo = [gate.service] if gate.service else []
        while todo:
            name = todo.pop()
            if name in by_name and name not in found:
                found.add(name)
                todo += by_name[name].needs
        return frozenset(found)

    def _may_split(self, gate: GatePlan) -> bool:
        return gate.shards > 1 and self._stage(gate).divisible and not _is_given(gate)

    def _stage(self, gate: GatePlan) -> type[Stage[Options]]:
        if gate.uses not in self._stages:
            self._stages[gate.uses] = self.load(gate.uses)
        return self._stages[gate.uses]


def _is_given(gate: GatePlan) -> bool:
    return bool(gate.options.get("report"))
