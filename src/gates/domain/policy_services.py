"""The services of two policies compared; how a program under test is started, nobody can order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from gates.domain.plan import Plan
from gates.domain.policy_change import Kind, PolicyChange
from gates.domain.service import ServicePlan, reach


def compare_services(before: Plan, after: Plan) -> Iterator[PolicyChange]:
    """What became of each service."""
    old = {service.name: service for service in before.services}
    new = {service.name: service for service in after.services}
    used = _used(before) | _used(after)
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        if was is not None and now is not None:
            yield from _compare(was, now, is_used=name in used)
            continue
        found = now or was
        yield PolicyChange(
            # A gate that named it names another one now, which is told of the gate.
            kind=Kind.ADDED if was is None else Kind.CHANGED,
            what=f"service `{name}`",
            before=_text(was),
            after=_text(now),
            place=now.place if now is not None and found is now else after.policy.source,
        )


def _used(plan: Plan) -> set[str]:
    """The services that a gate names, and all that they need."""
    return {each.name for gate in plan.gates for each in reach(gate.service, plan.services)}


def _compare(was: ServicePlan, now: ServicePlan, *, is_used: bool) -> Iterator[PolicyChange]:
    def change(
        kind: Kind, what: str, texts: tuple[str, str], *, doubt: bool = False
    ) -> PolicyChange:
        return PolicyChange(
            kind=kind,
            what=f"{what} of service `{now.name}`",
            before=texts[0],
            after=texts[1],
            place=now.place,
            is_doubtful=doubt,
        )

    if was.expected_traffic != now.expected_traffic:
        kind = _of_traffic(was.expected_traffic, now.expected_traffic)
        texts = (_rate(was.expected_traffic), _rate(now.expected_traffic))
        yield change(kind if is_used else Kind.CHANGED, "`expected_traffic`", texts)
    waits = (_waits(was), _waits(now))
    if waits[0] != waits[1]:
        yield change(Kind.CHANGED, "the time given to start and end", waits)
    names = [name for name in _FIELDS if getattr(was, name) != getattr(now, name)]
    if _ready(was) != _ready(now):
        names.append("ready")
    for name in names:
        kind = Kind.LOOSENED if is_used else Kind.CHANGED
        yield change(kind, f"`{name}`", (_field(was, name), _field(now, name)), doubt=is_used)


_FIELDS = ("run", "url", "setup", "env", "cwd", "needs", "shared", "address")


def _ready(service: ServicePlan) -> object:
    return replace(service.ready, timeout_s=0)


def _field(service: ServicePlan, name: str) -> str:
    if name == "ready":
        return f"{service.ready.by.value} {service.ready.value}{' '.join(service.ready.command)}"
    value: object = getattr(service, name)
    return f"{value}" if isinstance(value, (str, bool)) else _words(value)


def _words(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(_words(each) for each in value)
    return f"{value}"


def _waits(service: ServicePlan) -> str:
    return f"{service.ready.timeout_s} s to be ready, {service.grace_s} s to end"


def _text(service: ServicePlan | None) -> str:
    return "" if service is None else " ".join(service.run) or service.url


def _rate(number: Decimal | None) -> str:
    return "" if number is None else f"{number:f}/s"


def _of_traffic(was: Decimal | None, now: Decimal | None) -> Kind:
    if was is None:
        return Kind.TIGHTENED
    return Kind.LOOSENED if now is None or now < was else Kind.TIGHTENED
