"""The service of a gate: whether it may name it, and what its `env:` may hold then."""

from __future__ import annotations

from gates.config.draft import GateDraft
from gates.config.problems import Problems, suggest
from gates.config.services import Services
from gates.domain.metric import MetricSpec
from gates.domain.service import PLACES, SERVICE_METRICS, placeholders
from gates.plugin import Options, Stage


def service_of(
    gate: GateDraft, stage: Stage[Options] | None, services: Services, problems: Problems
) -> str:
    """The service that a gate names, or empty; what cannot be is told.

    Args:
        gate: the gate as written.
        stage: its stage, or None where its options were refused.
        services: the services of the file.
        problems: takes what is wrong.
    """
    name = gate.body.service
    if "service" in gate.damaged:
        return ""
    if not name:
        _refuse_absence(gate, stage, services, problems)
        _refuse_strangers(gate, services, problems)
        return ""
    path = (*gate.path, "service")
    if name not in services.names:
        hint = suggest(name, sorted(services.names), plural="services")
        problems.add("unknown-service", f"no service is named `{name}`", path, hint=hint)
        return ""
    if stage is not None and stage.given:
        summary = f"gate `{gate.name}` judges a report, which was measured elsewhere"
        hint = "leave out `service`, or `report`"
        problems.add("service-unused", summary, path, key=True, hint=hint)
    if services.find(name) is not None:
        for key, text in gate.body.env.items():
            for shown, hint in services.unknown(text, name):
                summary = f"`{shown}` names nothing that service `{name}` has or needs"
                place = (*gate.path, "env", key)
                problems.add("unknown-placeholder", summary, place, hint=hint)
    return name


def service_specs(
    name: str, declared: tuple[MetricSpec, ...], services: Services
) -> tuple[MetricSpec, ...]:
    """What a condition may ask of the service itself, where its gate's stage has no such metric."""
    plan = services.find(name)
    if plan is None or not plan.is_local:
        return ()
    taken = {spec.name for spec in declared}
    return tuple(spec for spec in SERVICE_METRICS if spec.name not in taken)


def _refuse_absence(
    gate: GateDraft, stage: Stage[Options] | None, services: Services, problems: Problems
) -> None:
    """Refuse a gate whose stage cannot measure without a service."""
    if stage is None or stage.given or not stage.asks_service():
        return
    names = ", ".join(sorted(services.names))
    hint = f"name one with `service:`; services: {names}"
    if not names:
        hint = "write `services: {api: {run: ...}}` with its command, and `service: api` here"
    summary = f"gate `{gate.name}` does not say which service it measures"
    problems.add("missing-key", summary, gate.path, key=True, hint=hint)


def _refuse_strangers(gate: GateDraft, services: Services, problems: Problems) -> None:
    """Refuse a service's placeholder in a gate for which that service would not be started."""
    for key, text in gate.body.env.items():
        for name, place in placeholders(text):
            if name in services.names and place in PLACES:
                summary = f"`{{{name}.{place}}}` is known only while `{name}` runs for this gate"
                hint = f"write `service: {name}`, or name a service that needs it"
                problems.add("unknown-placeholder", summary, (*gate.path, "env", key), hint=hint)
