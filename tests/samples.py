"""Small valid values of the domain, each with what a test wants different."""

from __future__ import annotations

from gates.domain.condition import Condition, Role, bind, parse
from gates.domain.finding import Finding
from gates.domain.metric import Direction, Examined, Metric, MetricSpec, Unit
from gates.domain.plan import GatePlan, LevelPlan, Plan, Policy
from gates.domain.stage_result import Inconclusive, NotApplicable, StageResult, Tool

LINE = MetricSpec(
    name="line",
    unit=Unit.RATIO,
    direction=Direction.HIGHER,
    title="line coverage",
    noun="covered lines",
    tags=("path",),
)
ERRORS = MetricSpec(
    name="errors", unit=Unit.COUNT, direction=Direction.LOWER, title="errors", noun="errors"
)
P95 = MetricSpec(name="p95", unit=Unit.SECONDS, direction=Direction.LOWER, title="latency")
CHANGED = MetricSpec(
    name="changed_line", unit=Unit.RATIO, direction=Direction.HIGHER, title="x", optional=True
)


def condition(text: str, spec: MetricSpec, role: Role = Role.REQUIRE) -> Condition:
    return bind(parse(text), spec, {}, role=role)


def gate(
    *conditions: Condition,
    name: str = "lint",
    specs: tuple[MetricSpec, ...] = (ERRORS,),
    level: int = 1,
    needs: tuple[str, ...] = (),
    criteria: tuple[str, ...] = ("L1-LINT",),
) -> GatePlan:
    return GatePlan(
        name=name,
        level=level,
        uses="ruff",
        options={},
        specs=specs,
        conditions=conditions or (condition("errors == 0", ERRORS),),
        needs=needs,
        criteria=criteria,
    )


def result(
    *metrics: Metric,
    examined: int = 10,
    findings: tuple[Finding, ...] = (),
    not_applicable: tuple[NotApplicable, ...] = (),
    inconclusive: tuple[Inconclusive, ...] = (),
) -> StageResult:
    return StageResult(
        metrics=metrics,
        examined=Examined(count=examined, unit="files"),
        tool=Tool(name="ruff", version="1.0"),
        findings=findings,
        not_applicable=not_applicable,
        inconclusive=inconclusive,
    )


def plan(*gates: GatePlan) -> Plan:
    return Plan(
        project="orders",
        policy=Policy(source="gates.yaml", sha256="0" * 64),
        levels=tuple(
            LevelPlan(number=n, name=f"Level {n}") for n in sorted({each.level for each in gates})
        ),
        gates=gates,
    )
