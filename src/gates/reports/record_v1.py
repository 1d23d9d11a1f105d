"""The run record, `gates/run/v1`: its fields are named here by hand and frozen.

A later form is another file beside this one. `run_v1.schema.json` is its JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from gates.domain.allowance import Baseline
from gates.domain.finding import Finding
from gates.domain.judge import Checked, Reading
from gates.domain.metric import Exact, Examined, Metric
from gates.domain.run import Coverage, GateRun, Run, Where
from gates.domain.stage_result import Tool
from gates.domain.waiver import Waiver
from gates.reports import exact_values, shards_record

if TYPE_CHECKING:
    from gates.domain.service import ServiceRun
    from gates.domain.standing import Standing

SCHEMA = "gates/run/v1"

Json = Mapping[str, object]


def render(run: Run) -> str:
    """The record as JSON text that ends with a line break."""
    return json.dumps(record(run), indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def record(run: Run) -> dict[str, object]:
    """The record as plain values, in the order in which it is written."""
    plain: dict[str, object] = {
        "schema": SCHEMA,
        "id": run.id,
        "project": run.plan.project,
        "level": run.level,
        "verdict": run.verdict.value,
        "exit_code": run.exit_code,
        "complete": run.complete,
        "started": run.started.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "seconds": _number(run.seconds),
        "commit": run.commit,
        "tree": run.tree,
        "dirty": run.dirty,
        "base": run.base,
        "selection": run.selection,
        "where": _where(run.where),
        "originator": run.originator,
        "policy": _policy(run),
        "prefix": run.prefix,
        "gates_version": run.gates_version,
        "levels": [{"number": each.number, "name": each.name} for each in run.plan.levels],
        "criteria": _coverage(run.criteria),
        "notes": list(run.notes),
        "waivers": _standing(run.waivers),
        "shard": shards_record.shard(run),
        "shards": shards_record.merged(run),
        "gates": [_gate(gate) for gate in run.gates],
    }
    return shards_record.sealed(plain)


def _policy(run: Run) -> Json:
    waivers = run.waivers
    return {
        "source": run.policy.source,
        "sha256": run.policy.sha256,
        "waivers": {"source": waivers.source, "sha256": waivers.sha256} if waivers else None,
        "extends": [
            {"source": each.source, "sha256": each.sha256, "pinned": each.is_pinned}
            for each in run.policy.extends
        ],
    }


def _standing(waivers: Standing | None) -> Json | None:
    if waivers is None:
        return None
    return {
        "total": waivers.total,
        "expired": [_waiver(waiver) for waiver in waivers.expired],
        "not_yet_valid": [_waiver(waiver) for waiver in waivers.early],
        "expiring": [_waiver(waiver) for waiver in waivers.ending],
        "unmatched": [_waiver(waiver) for waiver in waivers.unmatched],
    }


def _where(where: Where) -> Json:
    return {"host": where.host, "os": where.os, "cpus": where.cpus, "ci": where.ci}


def _coverage(coverage: Coverage) -> Json:
    return {
        "met": list(coverage.met),
        "failed": list(coverage.failed),
        "not_covered": list(coverage.not_covered),
        "not_applicable": dict(coverage.not_applicable),
    }


def _gate(gate: GateRun) -> Json:
    judged, plan = gate.judged, gate.plan
    return {
        "name": plan.name,
        "level": plan.level,
        "uses": plan.uses,
        "options_sha256": plan.options_sha256 or None,
        "criteria": list(plan.criteria),
        "status": judged.status.value,
        "caused_by": judged.caused_by,
        "reason": judged.reason,
        "hint": judged.problem.hint if judged.problem else "",
        "error": judged.problem.slug if judged.problem else None,
        "error_place": judged.problem.place if judged.problem else "",
        "place": plan.place,
        "examined": _examined(gate.examined),
        "canary": gate.canary or None,
        "metrics": [_metric(reading) for reading in judged.readings],
        "conditions": [_condition(check) for check in judged.checks],
        "dropped": list(plan.dropped),
        "findings": [_finding(finding) for finding in judged.findings],
        "waived_findings": [_finding(finding) for finding, _ in judged.waived],
        "reports": [{"path": each.path, "sha256": each.sha256} for each in gate.artifacts],
        "tool": _tool(gate.tool),
        "argv": list(gate.argv),
        "tool_exit": gate.tool_exit,
        "cached": gate.cached,
        "seconds": _number(gate.seconds),
        "notes": list(gate.notes),
        "logs": list(gate.logs),
        "services": [_service(service) for service in gate.services],
        "waivers": [_waiver(waiver) for waiver in judged.waivers],
    }


def _examined(examined: Examined | None) -> Json | None:
    if examined is None:
        return None
    return {
        "count": examined.count,
        "unit": examined.unit,
        "excluded": examined.excluded,
        "note": examined.note,
        "details": dict(examined.details),
    }


def _metric(reading: Reading) -> Json:
    metric = reading.metric
    return {
        "name": metric.name,
        "tags": dict(metric.tags),
        "value": value_of(metric),
        "unit": reading.unit.value,
        "numerator": metric.numerator,
        "denominator": metric.denominator,
        "interval": [_number(end) for end in metric.interval] if metric.interval else None,
        "exact": exact_values.written(metric),
        "waived": reading.waived,
    }


def _condition(check: Checked) -> Json:
    condition, reading = check.condition, check.reading
    return {
        "text": condition.text,
        "role": condition.role.value,
        "metric": condition.metric,
        "tags": dict(condition.tags),
        "value": value_of(reading.metric) if reading else None,
        "operator": condition.operator.value,
        "limit": None if condition.known_limit is None else _number(condition.limit),
        "unit": condition.unit.value,
        "status": check.status.value,
        "reason": check.reason,
        "advice": check.advice,
        "origin": condition.origin,
        "replaces": condition.replaces or None,
        "baseline": _baseline(condition.baseline),
    }


def _baseline(baseline: Baseline | None) -> Json | None:
    if baseline is None:
        return None
    return {
        "runs": list(baseline.runs),
        "median": None if baseline.median is None else _number(baseline.median),
        "allowance": _number(baseline.allowance),
    }


def _finding(finding: Finding) -> Json:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": finding.path or None,
        "line": finding.line or None,
        "column": finding.column or None,
        "end_line": finding.end_line or None,
        "message": finding.message,
        "subject": finding.subject or None,
        "fix": finding.fix or None,
        "confidence": finding.confidence or None,
        "cwe": list(finding.cwe),
        "owasp": finding.owasp or None,
        "aliases": list(finding.aliases),
        "counts": list(finding.counts),
        "fingerprint": finding.fingerprint,
        "new": finding.is_new,
        "line_hash": finding.line_hash or None,
    }


def _tool(tool: Tool | None) -> Json | None:
    if tool is None:
        return None
    return {"name": tool.name, "version": tool.version, "path": tool.path, "how": tool.how}


def _service(service: ServiceRun) -> Json:
    return {
        "name": service.name,
        "url": service.url or None,
        "local": service.is_local,
        "shared": service.is_shared,
        "owner": service.owner or None,
        "trouble": service.trouble or None,
        "logs": list(service.logs),
    }


def _waiver(waiver: Waiver) -> Json:
    return {
        "gate": waiver.gate,
        "finding": waiver.finding or None,
        "condition": waiver.condition or None,
        "scope": waiver.scope or None,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "created": waiver.created.isoformat(),
        "expires": waiver.expires.isoformat(),
    }


def value_of(metric: Metric) -> int | float:
    """A metric's value as a JSON number; a ratio's exact form stands beside it in the record."""
    if metric.value is not None:
        return _number(metric.value)
    top, bottom = metric.fraction
    return _number(Decimal(top) / Decimal(bottom))


def _number(value: Exact) -> int | float:
    return int(value) if value == int(value) else float(value)
