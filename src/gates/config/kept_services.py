"""A service as plain values and back, exactly; for the plan that is kept between runs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gates.domain.service import Ready, ReadyBy, ServicePlan


def plain(service: ServicePlan) -> dict[str, object]:
    """A service as values that JSON can hold."""
    traffic = service.expected_traffic
    return {
        "texts": [service.name, service.url, service.cwd, service.address, service.place],
        "run": service.run,
        "setup": service.setup,
        "ready": [service.ready.by.value, service.ready.value],
        "ready_command": service.ready.command,
        "env": service.env,
        "needs": service.needs,
        "shared": service.shared,
        "expected_traffic": [] if traffic is None else [str(traffic)],
        "seconds": [service.ready.timeout_s, service.grace_s],
    }


def read(value: object) -> ServicePlan:
    """Read what `plain` made.

    Raises:
        ValueError: where it is anything else.
        KeyError: a member is not there.
    """
    if not isinstance(value, Mapping):
        raise ValueError("a service is no mapping")  # noqa: TRY004 - one error for all
    name, url, cwd, address, place = _texts(value["texts"])
    by, said = _texts(value["ready"])
    timeout_s, grace_s = (int(text) for text in map(str, _list(value["seconds"])))
    ready = Ready(
        by=ReadyBy(by), value=said, command=_texts(value["ready_command"]), timeout_s=timeout_s
    )
    env = tuple(_pair(each) for each in _list(value["env"]))
    traffic = [Decimal(text) for text in _texts(value["expected_traffic"])]
    return ServicePlan(
        name=name,
        run=_texts(value["run"]),
        url=url,
        setup=tuple(_texts(words) for words in _list(value["setup"])),
        ready=ready,
        env=env,
        cwd=cwd,
        needs=_texts(value["needs"]),
        shared=value["shared"] is True,
        expected_traffic=traffic[0] if traffic else None,
        grace_s=grace_s,
        address=address,
        place=place,
    )


def _pair(value: object) -> tuple[str, str]:
    left, right = _texts(value)
    return left, right


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise ValueError("not a list")  # noqa: TRY004 - one error for all that is damaged
    return value


def _texts(value: object) -> tuple[str, ...]:
    items = _list(value)
    if not all(isinstance(item, str) for item in items):
        raise ValueError("not all of it is text")
    return tuple(map(str, items))
