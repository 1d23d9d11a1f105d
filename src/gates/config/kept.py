"""A plan as JSON and back, exactly; for the plan that is kept between runs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import TYPE_CHECKING

from gates.domain.allowance import Baseline
from gates.domain.condition import UNKNOWN, Condition, Operator, Role
from gates.domain.metric import Direction, MetricSpec, Unit
from gates.domain.moment import Moment
from gates.domain.plan import Exemption, Extended, GatePlan, LevelPlan, Plan, Policy, ProjectEntry

if TYPE_CHECKING:
    from gates.domain.service import ServicePlan


def encode(plan: Plan) -> str:
    """Write a plan as JSON."""
    document = {
        "project": plan.project,
        "policy": [plan.policy.source, plan.policy.sha256],
        "extends": [
            {"source": each.source, "sha256": each.sha256, "pinned": each.is_pinned}
            for each in plan.policy.extends
        ],
        "levels": [{"number": level.number, "name": level.name} for level in plan.levels],
        "gates": [_gate(gate) for gate in plan.gates],
        "include": plan.include,
        "exclude": plan.exclude,
        "environment": plan.environment,
        "not_applicable": [
            {"criterion": each.criterion, "reason": each.reason, "owner": each.owner}
            for each in plan.not_applicable
        ],
        "projects": [[entry.pattern, entry.place] for entry in plan.projects],
        "services": _services(plan),
        "allow_hosts": plan.allow_hosts,
        "judging": [_gate(plan.judging)] if plan.judging else [],
    }
    return json.dumps(document, separators=(",", ":"))


def _services(plan: Plan) -> list[object]:
    if not plan.services:
        return []
    from gates.config import kept_services  # most plans have none

    return [kept_services.plain(service) for service in plan.services]


def _read_services(values: list[object]) -> tuple[ServicePlan, ...]:
    if not values:
        return ()
    from gates.config import kept_services

    return tuple(map(kept_services.read, values))


def decode(text: str) -> Plan:
    """Read what `encode` wrote.

    Raises:
        ValueError: where it is anything else.
    """
    try:
        top = _Fields(json.loads(text))
        source, sha256 = top.texts("policy")
        return Plan(
            project=top.text("project"),
            policy=Policy(
                source=source,
                sha256=sha256,
                extends=tuple(
                    Extended(each.text("source"), each.text("sha256"), each.flag("pinned"))
                    for each in top.each("extends")
                ),
            ),
            levels=tuple(
                LevelPlan(number=each.integer("number"), name=each.text("name"))
                for each in top.each("levels")
            ),
            gates=tuple(_read_gate(each) for each in top.each("gates")),
            include=top.texts("include"),
            exclude=top.texts("exclude"),
            environment=top.text("environment"),
            not_applicable=tuple(
                Exemption(
                    criterion=each.text("criterion"),
                    reason=each.text("reason"),
                    owner=each.text("owner"),
                )
                for each in top.each("not_applicable")
            ),
            projects=tuple(ProjectEntry(*pair) for pair in top.pairs("projects")),
            services=_read_services(top.items("services")),
            allow_hosts=top.texts("allow_hosts"),
            judging=next(map(_read_gate, top.each("judging")), None),
        )
    except (KeyError, InvalidOperation, RecursionError) as error:
        raise ValueError(f"not a kept plan: {error}") from error


def digest(uses: str, options: Mapping[str, object], service: str, env: Mapping[str, str]) -> str:
    """A digest of what decides how a gate measures, as `GatePlan.options_sha256` holds it."""
    plain = {name: _tagged(value) for name, value in options.items()}
    text = json.dumps([uses, plain, service, dict(env)], sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


class _Fields:
    """The members of a JSON object, narrowed to the types that they must have."""

    def __init__(self, value: object) -> None:
        self.members: dict[str, object] = _mapping(value)

    def text(self, key: str) -> str:
        return _text(self.members[key])

    def integer(self, key: str) -> int:
        value = self.members[key]
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"`{key}` is not an integer")  # noqa: TRY004 - one error for all
        return value

    def flag(self, key: str) -> bool:
        value = self.members[key]
        if not isinstance(value, bool):
            raise ValueError(f"`{key}` is not a flag")  # noqa: TRY004 - one error for all
        return value

    def items(self, key: str) -> list[object]:
        return _list(self.members[key])

    def texts(self, key: str) -> tuple[str, ...]:
        return tuple(map(_text, self.items(key)))

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        return tuple(_pair(item) for item in self.items(key))

    def each(self, key: str) -> Iterator[_Fields]:
        return map(_Fields, self.items(key))


def _gate(gate: GatePlan) -> dict[str, object]:
    return {
        "name": gate.name,
        "level": gate.level,
        "uses": gate.uses,
        "options": {name: _tagged(value) for name, value in gate.options.items()},
        "specs": [_spec(spec) for spec in gate.specs],
        "conditions": [_condition(condition) for condition in gate.conditions],
        "criteria": gate.criteria,
        "dropped": gate.dropped,
        "needs": gate.needs,
        "asks": [{"gate": name, "words": words} for name, words in gate.asks],
        "exclusive": gate.exclusive,
        "timeout_s": gate.timeout_s,
        "env": gate.env,
        "service": gate.service,
        "place": gate.place,
        "options_sha256": gate.options_sha256,
        "when": gate.when,
        "shards": gate.shards,
    }


def _read_gate(each: _Fields) -> GatePlan:
    options = _mapping(each.members["options"])
    return GatePlan(
        name=each.text("name"),
        level=each.integer("level"),
        uses=each.text("uses"),
        options={name: _untagged(value) for name, value in options.items()},
        specs=tuple(_read_spec(spec) for spec in each.each("specs")),
        conditions=tuple(_read_condition(condition) for condition in each.each("conditions")),
        criteria=each.texts("criteria"),
        dropped=each.texts("dropped"),
        needs=each.texts("needs"),
        asks=tuple((ask.text("gate"), ask.texts("words")) for ask in each.each("asks")),
        exclusive=each.flag("exclusive"),
        timeout_s=each.integer("timeout_s"),
        env=each.pairs("env"),
        service=each.text("service"),
        place=each.text("place"),
        options_sha256=each.text("options_sha256"),
        when=tuple(map(Moment, each.texts("when"))),
        shards=each.integer("shards"),
    )


def _spec(spec: MetricSpec) -> dict[str, object]:
    return {
        "name": spec.name,
        "unit": spec.unit.value,
        "direction": spec.direction.value,
        "title": spec.title,
        "noun": spec.noun,
        "tags": spec.tags,
        "optional": spec.optional,
    }


def _read_spec(each: _Fields) -> MetricSpec:
    return MetricSpec(
        name=each.text("name"),
        unit=Unit(each.text("unit")),
        direction=Direction(each.text("direction")),
        title=each.text("title"),
        noun=each.text("noun"),
        tags=each.texts("tags"),
        optional=each.flag("optional"),
    )


def _condition(condition: Condition) -> dict[str, object]:
    return {
        "text": condition.text,
        "metric": condition.metric,
        "tags": condition.tags,
        "operator": condition.operator.value,
        "limit": str(condition.limit),
        "unit": condition.unit.value,
        "role": condition.role.value,
        "origin": condition.origin,
        "replaces": condition.replaces,
        "baseline": str(condition.baseline.allowance) if condition.baseline else "",
    }


def _read_condition(each: _Fields) -> Condition:
    allowance = each.text("baseline")
    return Condition(
        text=each.text("text"),
        metric=each.text("metric"),
        tags=each.pairs("tags"),
        operator=Operator(each.text("operator")),
        limit=UNKNOWN if allowance else _finite(each.text("limit")),
        unit=Unit(each.text("unit")),
        role=Role(each.text("role")),
        origin=each.text("origin"),
        replaces=each.text("replaces"),
        baseline=Baseline(allowance=_finite(allowance)) if allowance else None,
    )


def _tagged(value: object) -> object:
    """An option's value, where a decimal and a text, both texts in JSON, stay apart."""
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, Mapping):
        return {"mapping": {key: _tagged(item) for key, item in value.items()}}
    if isinstance(value, list):
        return [_tagged(item) for item in value]
    return value


def _untagged(value: object) -> object:
    if isinstance(value, list):
        return [_untagged(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "decimal" in value:
        return _finite(_text(value["decimal"]))
    return {key: _untagged(item) for key, item in _mapping(value["mapping"]).items()}


def _finite(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"`{text}` is no finite number")
    return number


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise ValueError("not a mapping")  # noqa: TRY004 - one error for all that is damaged
    return value


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("not a list")  # noqa: TRY004 - one error for all that is damaged
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - one error for all that is damaged
    return value


def _pair(value: object) -> tuple[str, str]:
    left, right = map(_text, _list(value))
    return left, right
