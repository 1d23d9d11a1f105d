"""The record of a roll-up, `gates/rollup/v1`: its fields are named here by hand and frozen.

It measures nothing itself: it names the record of each project with its digest. A later form is
another file beside this one. `rollup_v1.schema.json` is its JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal

from gates.domain.rollup import ProjectRun, RollUp
from gates.domain.run import GateRun
from gates.reports import told

SCHEMA = "gates/rollup/v1"

Json = Mapping[str, object]


def render(rollup: RollUp) -> str:
    """The record as JSON text that ends with a line break."""
    return json.dumps(record(rollup), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def record(rollup: RollUp) -> dict[str, object]:
    """The record as plain values, in the order in which it is written."""
    where = rollup.where
    return {
        "schema": SCHEMA,
        "id": rollup.id,
        "project": rollup.project,
        "level": rollup.level,
        "verdict": rollup.verdict.value,
        "exit_code": rollup.exit_code,
        "complete": rollup.complete,
        "started": rollup.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": _number(rollup.seconds),
        "commit": rollup.commit,
        "tree": rollup.tree,
        "dirty": rollup.dirty,
        "base": rollup.base,
        "selection": rollup.selection,
        "where": {"host": where.host, "os": where.os, "cpus": where.cpus, "ci": where.ci},
        "originator": rollup.originator,
        "policy": {"source": rollup.policy.source, "sha256": rollup.policy.sha256},
        "gates_version": rollup.gates_version,
        "notes": list(rollup.notes),
        "projects": [project(entry) for entry in rollup.projects],
    }


def project(entry: ProjectRun) -> dict[str, object]:
    """One project as plain values; what is said of its gates stands in its record in full."""
    run, problem = entry.run, entry.problem
    return {
        "path": entry.path,
        "name": entry.name,
        "outcome": entry.outcome.value,
        "verdict": entry.verdict.value,
        "exit_code": entry.exit_code,
        "reason": entry.reason,
        "error": problem.slug if problem else None,
        "error_place": problem.place if problem else "",
        "hint": problem.hint if problem else "",
        "listed": entry.listed,
        "record": entry.record or None,
        "sha256": entry.sha256 or None,
        "run": run.id if run else None,
        "level": run.level if run else None,
        "commit": run.commit if run else None,
        "tree": run.tree if run else None,
        "counts": {status.value: number for status, number in entry.counts.items()},
        "open": [_open(gate) for gate in open_gates(entry)],
    }


def open_gates(entry: ProjectRun) -> tuple[GateRun, ...]:
    """The gates of a project that leave something to mend."""
    gates = entry.run.gates if entry.run else ()
    return tuple(gate for gate in gates if gate.status not in told.SETTLED)


def _open(gate: GateRun) -> Json:
    return {"gate": gate.name, "status": gate.status.value, "reason": gate.judged.reason}


def _number(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
