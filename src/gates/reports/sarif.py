"""The SARIF report (2.1.0), as GitHub's code scanning takes it; other readers take it too.

One run of it a gate that was looked at, so that an alert closes when its gate no longer finds it; a
gate that found nothing has an empty one. Where a file of SARIF could not hold so many runs, all
gates of a level share one. The first run is that of the whole level. Rules are `GATE/RULE`; a
condition without findings is a result of the rule `GATE/METRIC`, a gate that was not measured one
of `GATE/errored`, each at the gate's line in gates.yaml.

The limits are those of code scanning: 20 runs, 5,000 results of a run that are kept, 10 MB
compressed. What is left out is counted in a notification. The hash of a line comes from the record,
where it was kept when the gate was measured, so that a record gives the same report ever after;
where there is none, the finding's own fingerprint stands in for it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from gates.domain.rollup import OWN, ProjectRun, RollUp
from gates.domain.run import GateRun, Run
from gates.domain.status import Status
from gates.reports import told
from gates.reports.entries import (
    NAME_LIMIT,
    WHOLE,
    Entry,
    beyond,
    beyond_projects,
    of_gate,
    of_project,
    ranked,
)
from gates.reports.sarif_rules import plain, rules_of
from gates.toolkit.door import one_line

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MOST_RUNS = 20
MOST_RESULTS = 5_000
MOST_BYTES = 9_500_000
"""Bytes of a compressed report; code scanning takes 10 MB."""

_LEAST_RESULTS = 100
_UNMEASURED = {Status.ERRORED, Status.PENDING}

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Part:
    """What becomes one run of the file.

    Attributes:
        category: its name, with `/` at the end.
        gates: the gates that it tells of.
        entries: what they tell, waived things too.
    """

    category: str
    gates: tuple[GateRun, ...]
    entries: tuple[Entry, ...]


def report(run: Run | RollUp) -> str:
    """The report as JSON text that ends with a line break."""
    parts = _parts_of_run(run) if isinstance(run, Run) else _parts_of_rollup(run)
    most = MOST_RESULTS
    while True:
        text = _render(run, parts, most)
        if most <= _LEAST_RESULTS or not _is_too_large(text):
            return text
        most = max(most // 2, _LEAST_RESULTS)


def filed_under(text: str, category: str) -> str:
    """A report whose categories stand below another, by which several of one commit are told apart.

    Args:
        text: the report.
        category: what is put ahead of each of its categories.
    """
    document: object = json.loads(text)
    runs = document.get("runs") if isinstance(document, dict) else None
    for run in runs if isinstance(runs, list) else []:
        run["automationDetails"]["id"] = f"{category.strip('/')}/{run['automationDetails']['id']}"
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _is_too_large(text: str) -> bool:
    return len(text) > MOST_BYTES and len(zlib.compress(text.encode(), 6)) > MOST_BYTES


def _render(run: Run | RollUp, parts: Sequence[_Part], most: int) -> str:
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [_run(part, run, most) for part in parts],
    }
    return json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _parts_of_run(run: Run) -> tuple[_Part, ...]:
    top = f"gates/level-{run.level}/"
    whole = _Part(top, (), tuple(beyond(run)))
    looked_at = [gate for gate in run.gates if gate.status not in _SKIPPED]
    if len(run.gates) < MOST_RUNS:
        names = _unique(gate.name for gate in looked_at)
        return (
            whole,
            *(
                _Part(f"gates/level-{gate.plan.level}/{name}/", (gate,), tuple(of_gate(gate, run)))
                for name, gate in zip(names, looked_at, strict=True)
            ),
        )
    levels = sorted({gate.plan.level for gate in looked_at})
    return (whole, *(_level(run, number, looked_at) for number in levels))


_SKIPPED = {Status.SKIPPED, Status.UNAFFECTED}


def _level(run: Run, number: int, gates: Sequence[GateRun]) -> _Part:
    held = tuple(gate for gate in gates if gate.plan.level == number)
    entries = tuple(entry for gate in held for entry in of_gate(gate, run))
    return _Part(f"gates/level-{number}/gates-of-it/", held, entries)


def _parts_of_rollup(rollup: RollUp) -> tuple[_Part, ...]:
    top = f"gates/level-{rollup.level}/"
    whole = _Part(top, (), tuple(beyond_projects(rollup)))
    if len(rollup.projects) < MOST_RUNS:
        names = _unique("own" if p.path == OWN else p.path for p in rollup.projects)
        pairs = zip(names, rollup.projects, strict=True)
        looked_at = [(name, each) for name, each in pairs if _has_looked(each)]
        return (whole, *(_project(f"{top}{name}/", (each,)) for name, each in looked_at))
    return (whole, _project(f"{top}projects/", rollup.projects))


def _has_looked(project: ProjectRun) -> bool:
    return project.run is not None or project.problem is not None


def _project(category: str, projects: Sequence[ProjectRun]) -> _Part:
    runs = [project.run for project in projects if project.run is not None]
    gates = tuple(gate for run in runs for gate in run.gates)
    return _Part(category, gates, tuple(e for project in projects for e in of_project(project)))


def _unique(names: Iterable[str]) -> Iterator[str]:
    """Names as parts of a category, none of them twice."""
    seen: dict[str, int] = {}
    for raw in names:
        name = quote(one_line(raw, limit=NAME_LIMIT), safe="", errors="replace") or "gate"
        seen[name] = seen.get(name, 0) + 1
        yield name if seen[name] == 1 else f"{name}~{seen[name]}"


def _run(part: _Part, run: Run | RollUp, most: int) -> Json:
    entries = ranked(part.entries)
    kept = _kept(entries, most)
    left_out = len(entries) - len(kept)
    rules, index = rules_of(kept)
    driver = {"name": "gates", "version": run.gates_version, "rules": rules}
    return {
        "tool": {"driver": driver, **_extensions(part.gates)},
        "automationDetails": {"id": part.category},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(part, run, left_out)],
        "results": [_result(entry, index[entry.id]) for entry in kept],
    }


def _kept(entries: Sequence[Entry], most: int) -> list[Entry]:
    """The first of them; no finding takes the place of what is told of a gate itself.

    So a gate that could not be measured is there, however much another one found.
    """
    room = most - sum(each.is_of_gate for each in entries)
    kept: list[Entry] = []
    for each in entries:
        if each.is_of_gate or room > 0:
            kept.append(each)
            room -= not each.is_of_gate
    return kept[:most]


def _extensions(gates: Sequence[GateRun]) -> Json:
    """The tools that measured, each once."""
    tools = {
        (one_line(gate.tool.name, limit=NAME_LIMIT), one_line(gate.tool.version, limit=NAME_LIMIT))
        for gate in gates
        if gate.tool is not None and gate.tool.name.strip()
    }
    found = [
        {"name": name, "version": version} if version else {"name": name}
        for name, version in sorted(tools)
    ]
    return {"extensions": found[:100]} if found else {}


def _invocation(part: _Part, run: Run | RollUp, left_out: int) -> Json:
    """How it went: not well where a gate was not measured, or the run did not reach its end."""
    notifications = [_errored(gate) for gate in part.gates if gate.status in _UNMEASURED]
    slug = run.verdict.value if run.complete else "interrupted"
    notifications += [
        _notification("error", slug, each.message) for each in part.entries if each.rule == WHOLE
    ]
    failed = bool(notifications)
    if left_out:
        words = f"{left_out:,} more results are left out here; the record {run.id} holds them all"
        notifications.append(_notification("warning", "results-left-out", words))
    exits = [gate.tool_exit for gate in part.gates if gate.tool_exit is not None]
    return {
        "executionSuccessful": not failed,
        "startTimeUtc": run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        **({"exitCode": exits[0]} if len(exits) == len(part.gates) == 1 else {}),
        "toolExecutionNotifications": notifications,
    }


def _errored(gate: GateRun) -> Json:
    reasons = "; ".join(told.reasons(gate))
    slug = gate.judged.problem.slug if gate.judged.problem else gate.status.value
    return _notification("error", slug, f"{gate.name}: {reasons}")


def _notification(level: str, slug: str, text: str) -> Json:
    return {
        "level": level,
        "descriptor": {"id": one_line(slug, limit=NAME_LIMIT) or level},
        "message": {"text": plain(text)},
    }


def _result(entry: Entry, index: int) -> Json:
    place = entry.place
    line = place.line or 1
    column = place.column or 1
    last = max(place.end_line, line)
    region = {
        "startLine": line,
        "startColumn": column,
        "endLine": last,
        "endColumn": column + 1 if last == line else 2,
    }
    uri = quote(place.path, safe="/", errors="replace")
    return {
        "ruleId": entry.id,
        "ruleIndex": index,
        "kind": "fail",
        "level": entry.effect.value,
        "message": {"text": plain(entry.message)},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {
            "primaryLocationLineHash": entry.line_hash or f"{entry.fingerprint}:1",
            "gatesFingerprint/v1": entry.fingerprint,
        },
        **_suppressions(entry),
        "properties": {"severity": entry.severity.value, "tool": entry.tool, "new": entry.is_new},
    }


def _suppressions(entry: Entry) -> Json:
    waiver = entry.waiver
    if waiver is None:
        return {}
    words = f"{waiver.reason} (waived until {waiver.expires} by {waiver.owner})"
    return {
        "suppressions": [{"kind": "external", "status": "accepted", "justification": plain(words)}]
    }
