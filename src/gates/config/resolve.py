"""A draft resolved to a plan: stages found, options and conditions bound, gates in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from gates.config import reserved
from gates.config.conditions import Resolved, Resolving, Targets, read_targets
from gates.config.draft import Draft, GateDraft
from gates.config.gate_service import service_of, service_specs
from gates.config.kept import digest
from gates.config.options import Configured, Configuring
from gates.config.order import Ordering
from gates.config.problems import Problems, suggest
from gates.config.service_parts import seconds
from gates.config.services import Services, Serving
from gates.domain.condition import Condition, Role
from gates.domain.criteria import IDS
from gates.domain.metric import NEW_FINDINGS, MetricSpec, Unit
from gates.domain.moment import EVERYWHERE, IN_CI, Moment
from gates.domain.plan import Exemption, GatePlan, LevelPlan, Plan, Policy, ProjectEntry
from gates.domain.service import SERVICE_METRICS
from gates.formats.strict_yaml import Path
from gates.plugin import Options, Stage, Wants

LoadStage = Callable[[str], type[Stage[Options]]]
StageNames = Callable[[], tuple[str, ...]]

OFFERED = (NEW_FINDINGS, *SERVICE_METRICS)
"""Metrics that are measured only where a condition asks for them."""

REGRESSION = "L2-REGRESSION"
"""The criterion that a condition on a baseline serves."""


@dataclass(slots=True)
class Stages:
    """The stages that can be used, each loaded once.

    Attributes:
        load: finds a stage's class by name; raises KeyError for an unknown one.
        names: all names.
    """

    load: LoadStage
    names: StageNames
    _loaded: dict[str, type[Stage[Options]] | str | None] = field(default_factory=dict)

    def is_known(self, name: str) -> bool:
        """Whether a stage has this name, broken or not."""
        return self.find(name) is not None

    def find(self, name: str) -> type[Stage[Options]] | str | None:
        """The stage of this name; why it cannot be loaded; or None where there is none."""
        if name not in self._loaded:
            try:
                self._loaded[name] = self.load(name)
            except KeyError:
                self._loaded[name] = None
            except Exception as error:  # noqa: BLE001 - another package's code may raise anything
                self._loaded[name] = f"{type(error).__name__}: {error}"
        return self._loaded[name]


@dataclass(slots=True)
class Resolution:
    """Resolves one draft.

    Attributes:
        draft: what the file says.
        stages: the stages that can be used.
        problems: takes what is wrong.
    """

    draft: Draft
    stages: Stages
    problems: Problems
    _wants: dict[str, Wants] = field(default_factory=dict)
    _configuring: Configuring = field(init=False)
    _services: Services = field(init=False)

    def __post_init__(self) -> None:
        """Read the services, and prepare to read the options."""
        self._configuring = Configuring(self.problems)
        serving = Serving(self.problems, self.draft.head.allow_hosts)
        self._services = serving.read(self.draft.services)

    def plan(self, *, project: str, policy: Policy) -> Plan:
        """The plan; whole only where no problem was found."""
        head = self.draft.head
        targets = read_targets(
            head.targets, self.problems, is_whole="targets" not in self.draft.damaged
        )
        resolved = [self._gate(gate, targets) for gate in self.draft.gates]
        plans = [plan for plan in resolved if plan is not None]
        ordering = Ordering(
            self.draft.gates, self.draft.unread, self.stages.is_known, self.problems
        )
        sources = head.sources
        include, exclude = (
            (sources, []) if isinstance(sources, list) else (sources.include, sources.exclude)
        )
        return Plan(
            project=head.project or project,
            policy=policy,
            levels=tuple(LevelPlan(number=at, name=name) for at, name in self.draft.levels),
            gates=ordering.ordered(plans, self._wants),
            include=tuple(include),
            exclude=tuple(exclude),
            environment=head.environment,
            not_applicable=self._exemptions(),
            projects=tuple(
                ProjectEntry(pattern, self.problems.place(("projects", at)))
                for at, pattern in enumerate(head.projects)
            ),
            services=self._services.plans,
            allow_hosts=tuple(head.allow_hosts),
            judging=reserved.judging(self.draft.judging, targets, self.problems),
        )

    def _gate(self, gate: GateDraft, targets: Targets) -> GatePlan | None:
        stage_type = self._stage_type(gate)
        if stage_type is None:
            return None
        configured = self._configured(gate, stage_type)
        stage = configured.stage if configured is not None else None
        service = service_of(gate, stage, self._services, self.problems)
        resolved = self._conditions(gate, stage_type, configured, targets)
        criteria = self._criteria(gate, stage_type, resolved.conditions)
        if configured is None:
            return None
        want = configured.stage.wants()
        if want is not None:
            self._wants[gate.name] = want
        return GatePlan(
            name=gate.name,
            level=gate.level,
            uses=gate.uses,
            options=configured.plain,
            specs=_used(self._specs(gate, configured.stage), resolved.conditions),
            conditions=resolved.conditions,
            criteria=criteria,
            dropped=resolved.dropped,
            exclusive=stage_type.exclusive,
            timeout_s=(
                seconds(gate.body.timeout) if gate.body.timeout else configured.stage.time_limit_s()
            ),
            env=tuple(gate.body.env.items()),
            service=service,
            place=self.problems.place(gate.path, key=True),
            options_sha256=digest(gate.uses, configured.plain, service, gate.body.env),
            when=_when(gate, configured.stage, service),
            shards=self._shards(gate, configured.stage),
        )

    def _stage_type(self, gate: GateDraft) -> type[Stage[Options]] | None:
        if not gate.uses:
            return None
        found = self.stages.find(gate.uses)
        if isinstance(found, type):
            return found
        path, is_key = self._uses_place(gate)
        if found is None:
            hint = suggest(gate.uses, self.stages.names(), plural="stages")
            summary = f"no stage is named `{gate.uses}`"
            self.problems.add("unknown-stage", summary, path, key=is_key, hint=hint)
        else:
            hint = "install its package again, or ask its author"
            summary = f"stage `{gate.uses}` cannot be loaded: {found}"
            self.problems.add("broken-stage", summary, path, key=is_key, hint=hint)
        return None

    def _uses_place(self, gate: GateDraft) -> tuple[Path, bool]:
        """Where the stage is named: under `uses:`, as the gate's value, or as its key."""
        if gate.body.uses:
            return (*gate.path, "uses"), False
        return gate.path, gate.uses == gate.name and not isinstance(gate.path[-1], int)

    def _configured(self, gate: GateDraft, stage_type: type[Stage[Options]]) -> Configured | None:
        if "with" in gate.damaged:
            return None
        return self._configuring.configure(stage_type, gate.body.options, (*gate.path, "with"))

    def _conditions(
        self,
        gate: GateDraft,
        stage_type: type[Stage[Options]],
        configured: Configured | None,
        targets: Targets,
    ) -> Resolved:
        if configured is not None:
            specs = self._specs(gate, configured.stage)
            resolving = Resolving(gate, specs, targets, self.problems)
            return resolving.resolve(configured.stage.conditions())
        # The options were refused: what does not hang on them is judged all the same.
        if stage_type.specs is Stage.specs:
            resolving = Resolving(
                gate,
                (*stage_type.metrics, *self._service_specs(gate, stage_type.metrics)),
                targets,
                self.problems,
            )
            if stage_type.conditions is Stage.conditions:
                return resolving.resolve(stage_type.defaults)
            resolving.check()
        return Resolved((), ())

    def _specs(self, gate: GateDraft, stage: Stage[Options]) -> tuple[MetricSpec, ...]:
        """The metrics that a condition of the gate may name."""
        own = (*stage.specs(), NEW_FINDINGS) if stage.tells_findings else stage.specs()
        return (*own, *self._service_specs(gate, own))

    def _service_specs(
        self, gate: GateDraft, own: tuple[MetricSpec, ...]
    ) -> tuple[MetricSpec, ...]:
        return service_specs(gate.body.service, own, self._services)

    def _criteria(
        self,
        gate: GateDraft,
        stage_type: type[Stage[Options]],
        conditions: tuple[Condition, ...],
    ) -> tuple[str, ...]:
        served = list(stage_type.criteria)
        for identifier, path in gate.texts("criteria"):
            if identifier not in IDS:
                self._refuse_criterion(identifier, path, is_key=False)
            elif identifier in served:
                summary = f"gate `{gate.name}` serves `{identifier}` already"
                self.problems.add("same-criterion", summary, path, hint="leave it out")
            else:
                served.append(identifier)
        if REGRESSION not in served and _guards_speed(gate, conditions):
            served.append(REGRESSION)
        return tuple(served)

    def _shards(self, gate: GateDraft, stage: Stage[Options]) -> int:
        """Into how many parts the gate's work is split; refused where its stage cannot."""
        count = gate.body.shards
        path: Path = (*gate.path, "shards")
        if count == 1:
            return 1
        if stage.given or not stage.divisible:
            what = "a report" if stage.given else f"what stage `{stage.uses}` measures"
            hint = "leave `shards` out: the whole gate goes to one machine"
            self.problems.add("indivisible", f"{what} cannot be split", path, hint=hint)
        elif gate.body.service:
            summary = f"gate `{gate.name}` measures a service, which each part would start anew"
            hint = "leave `shards` out, or give the tests with a service a gate of their own"
            self.problems.add("indivisible", summary, path, hint=hint)
        return count

    def _exemptions(self) -> tuple[Exemption, ...]:
        given = self.draft.head.not_applicable
        for identifier in given:
            if identifier not in IDS:
                self._refuse_criterion(identifier, ("not_applicable", identifier), is_key=True)
        return tuple(
            Exemption(criterion=identifier, reason=said.reason, owner=said.owner)
            for identifier, said in given.items()
        )

    def _refuse_criterion(self, identifier: str, path: Path, *, is_key: bool) -> None:
        summary = f"no criterion is named `{identifier}`"
        hint = suggest(identifier, sorted(IDS), plural="criteria")
        self.problems.add("unknown-criterion", summary, path, key=is_key, hint=hint)


def _when(gate: GateDraft, stage: Stage[Options], service: str) -> tuple[Moment, ...]:
    """When a gate is due: as it says, else in CI where it measures a service, else as its stage."""
    given = gate.body.when
    if not given:
        return IN_CI if service else stage.due()
    named = {given} if isinstance(given, str) else set(given)
    return tuple(moment for moment in EVERYWHERE if moment.value in named)


def _guards_speed(gate: GateDraft, conditions: tuple[Condition, ...]) -> bool:
    """Whether a gate of Level 2 or 3 fails where a time or a rate is worse than its baseline."""
    return gate.level > 1 and any(
        each.baseline is not None
        and each.role is Role.REQUIRE
        and each.unit in {Unit.SECONDS, Unit.PER_SECOND}
        for each in conditions
    )


def _used(
    specs: tuple[MetricSpec, ...], conditions: tuple[Condition, ...]
) -> tuple[MetricSpec, ...]:
    """The metrics that are measured: what is on offer to any gate only where a condition asks."""
    asked = {condition.metric for condition in conditions}
    return tuple(spec for spec in specs if spec not in OFFERED or spec.name in asked)
