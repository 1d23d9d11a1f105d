"""What a probe hands over: its metrics and findings, and the record of all that was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from gates.domain.finding import Finding
from gates.domain.metric import Metric, count, ratio
from gates.formats.probe_model import Check
from gates.formats.probe_rules import findings
from gates.formats.probe_session import Asked

Sets = Mapping[str, tuple[Check, ...]]
"""The checks of each set that was looked at."""


def metrics(sets: Sets, requests: int) -> tuple[Metric, ...]:
    """The numbers of the whole and of each set.

    Args:
        sets: the checks by set; at least one in each.
        requests: how many were answered.
    """
    every = [check for checks in sets.values() for check in checks]
    good = sum(check.holds for check in every)
    parts = []
    for name, checks in sets.items():
        held = sum(check.holds for check in checks)
        parts.append(ratio("checks", held, len(checks), set=name))
        parts.append(count("failed", len(checks) - held, set=name))
    return (
        ratio("checks", good, len(every)),
        count("failed", len(every) - good),
        count("requests", requests),
        *parts,
    )


def told(sets: Sets, clean: Callable[[str], str]) -> tuple[Finding, ...]:
    """A finding for each check that does not hold, fit to be shown."""
    found = (each for name, checks in sets.items() for each in findings(name, checks))
    return tuple(
        replace(
            each,
            message=clean(each.message),
            subject=clean(each.subject),
            fix=clean(each.fix),
        )
        for each in found
    )


def record(sets: Sets, asked: Sequence[Asked], clean: Callable[[str], str]) -> bytes:
    """All that was asked and checked, as JSON, without bodies and secrets."""
    document = {
        "schema": "gates/http/v1",
        "requests": [asdict(each) for each in asked],
        "checks": [
            {"set": name, **shown} for name, checks in sets.items() for shown in _shown(checks)
        ],
    }
    return (json.dumps(_cleaned(document, clean), indent=1) + "\n").encode()


def _shown(checks: Iterable[Check]) -> Iterable[dict[str, object]]:
    for check in checks:
        yield {
            "rule": check.rule,
            "subject": check.subject,
            "expected": check.expected,
            "got": check.got,
            "holds": check.holds,
        }


def _cleaned(value: object, clean: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {key: _cleaned(item, clean) for key, item in value.items()}
    return [_cleaned(item, clean) for item in value] if isinstance(value, list) else value
