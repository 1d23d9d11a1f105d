"""What Schemathesis writes, as small as it can be, for tests."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

CORE = (
    "not_a_server_error",
    "status_code_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)


def case(
    label: str = "GET /a",
    status: int | None = 200,
    *,
    mode: str = "positive",
    failures: Sequence[Mapping[str, object]] = (),
    checks: Sequence[str] = CORE,
    **more: object,
) -> dict[str, object]:
    """One request, its answer and its checks; those that failed stand besides `checks`.

    `parent` names the case that it repeats; `request` holds members of the request.
    """
    request = more.get("request", {})
    assert isinstance(request, dict)
    method, _, path = label.partition(" ")
    made = [{"name": name, "status": "success"} for name in checks]
    failed = [
        {"name": one["check"], "status": "failure", "failure_info": {"failure": one}}
        for one in failures
    ]
    asked = {"method": method, "uri": f"http://127.0.0.1:80{path}", "headers": {}}
    interaction = {"request": {**asked, **request}}
    if status is not None:
        interaction["response"] = {"status_code": status}
    value = {"method": method, "path": path, "meta": {"generation": {"mode": mode}}}
    held: dict[str, object] = {"value": value, "is_transition_applied": False}
    if "parent" in more:
        held["parent_id"] = more["parent"]
    return {"case": held, "checks": [*made, *failed], "interaction": interaction}


def failure(
    code: str = "ST103",
    message: str = "Received: 418\nDocumented: 200",
    *,
    operation: str | None = "GET /a",
    severity: str = "medium",
    title: str = "Undocumented status code",
    check: str = "status_code_conformance",
) -> dict[str, object]:
    """A check that did not hold."""
    return {
        "code": code,
        "operation": operation,
        "title": title,
        "message": message,
        "severity": severity,
        "check": check,
    }


def events(
    *cases: Mapping[str, object],
    more: Sequence[Mapping[str, object]] = (),
    stop_reason: str = "completed",
) -> bytes:
    """A whole record in which each case is a scenario of its own."""
    lines: list[Mapping[str, object]] = [
        {"Initialize": {"schemathesis_version": "4.32.5", "command": "st run", "seed": 1}},
        {"ScenarioStarted": {}},
        {"ScenarioFinished": {"recorder": {"label": "skipped"}}},
    ]
    for number, one in enumerate(cases):
        key = f"c{number}"
        recorder = {"cases": {key: one["case"]}, "interactions": {key: one["interaction"]}}
        if one["checks"]:
            recorder["checks"] = {key: one["checks"]}
        lines += [{"ScenarioStarted": {}}, {"ScenarioFinished": {"recorder": recorder}}]
    lines += [*more, {"EngineFinished": {"stop_reason": stop_reason}}]
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def account(**more: object) -> dict[str, object]:
    """The account of a run with one request to one operation; `operations` and the like by name."""
    operations = {"total": 1, "selected": 1, "tested": 1, "errored": 0, "skipped": 0}
    cases = {"generated": 1, "with_failures": 0, "unique_failures": 0, "without_checks": 0}
    whole: dict[str, object] = {
        "schemathesis_version": "4.32.5",
        "complete": True,
        "stop_reason": "completed",
        "exit_code": 0,
        "operations": operations,
        "test_cases": {**cases, "errored": 0},
        "failures": [],
        "errors": [],
        "filtered": 0,
    }
    for name, value in more.items():
        held = whole[name]
        whole[name] = (
            {**held, **value} if isinstance(held, dict) and isinstance(value, dict) else value
        )
    return whole
