"""Runs for tests of reports: one gate of each outcome."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from samples import CHANGED, ERRORS, LINE, P95, condition, gate, plan, result

from gates.domain.baseline import Past, settled
from gates.domain.condition import Role
from gates.domain.errors import Problem
from gates.domain.finding import Finding, Severity, fingerprinted
from gates.domain.judge import Judged, NotMeasured, judge
from gates.domain.metric import Metric, count, ratio
from gates.domain.run import GateRun, Run, Where, cover, verdict_of
from gates.domain.stage_result import Artifact, NotApplicable
from gates.domain.status import Status
from gates.domain.waiver import Waiver

TODAY = date(2026, 1, 31)


def gate_runs() -> tuple[GateRun, ...]:
    lint = gate(name="lint")
    coverage = gate(
        replace(condition("line >= 90%", LINE), origin="gates.yaml:9:7", replaces="line >= 85%"),
        condition("changed_line >= 90%", CHANGED),
        condition("errors == 0", ERRORS, Role.WARN),
        name="coverage",
        specs=(LINE, CHANGED, ERRORS),
        criteria=("L1-COVERAGE",),
    )
    coverage = replace(coverage, place="gates.yaml:8:5", dropped=("branch >= 80%",))
    sast = gate(name="sast", criteria=("L1-SAST",))
    audit = gate(name="audit", criteria=("L1-AUDIT",))
    found = fingerprinted(
        (
            Finding(
                rule="uncovered",
                severity=Severity.INFO,
                message="lines 45-52 are not covered",
                path="src/orders/pricing.py",
                line=45,
                column=1,
                counts=("line",),
            ),
        )
    )
    shell = fingerprinted(
        (
            Finding(
                rule="B602",
                severity=Severity.HIGH,
                message="subprocess call with shell=True",
                path="src/orders/mail.py",
                line=12,
                cwe=(78,),
                owasp="A05:2025 Injection",
                counts=("errors",),
                fix="pass a list",
                confidence="HIGH",
                aliases=("S602",),
            ),
        )
    )
    waiver = Waiver(
        gate="sast",
        finding="B602",
        reason="input is a constant",
        owner="ana",
        created=date(2026, 1, 1),
        expires=date(2026, 2, 1),
    )
    missing = Problem(
        "tool-missing",
        "`pip-audit` was not found",
        place="pip-audit",
        hint="pip install pip-audit",
    )
    absent = (NotApplicable(metric="changed_line", reason="no executable line changed"),)
    uncovered = result(
        ratio("line", 179, 200), count("errors", 2), findings=found, not_applicable=absent
    )
    return (
        _measured(lint, judge(lint, result(count("errors", 0)), waivers=(), today=TODAY)),
        _measured(coverage, judge(coverage, uncovered, waivers=(), today=TODAY)),
        _measured(
            sast,
            judge(sast, result(count("errors", 1), findings=shell), waivers=(waiver,), today=TODAY),
        ),
        GateRun(
            plan=audit,
            judged=judge(audit, NotMeasured(problem=missing), waivers=(), today=TODAY),
            seconds=Decimal("0.01"),
        ),
        GateRun(
            plan=gate(name="later", criteria=()),
            judged=Judged(status=Status.SKIPPED, reason="not selected on the command line"),
        ),
    )


def undecided() -> GateRun:
    """A gate of Level 2 whose sample leaves its condition open."""
    planned = gate(condition("line >= 90%", LINE), name="load", specs=(LINE,), level=2)
    ends = (Decimal("0.88"), Decimal("0.92"))
    measured = result(replace(ratio("line", 91, 100), interval=ends))
    return _measured(planned, judge(planned, measured, waivers=(), today=TODAY))


def against_baseline(milliseconds: int, *past: int, ends: tuple[str, str] | None = None) -> GateRun:
    """A gate whose time is held against that of earlier runs, the newest first."""
    runs = tuple(
        Past(f"20260130T1200{len(past) - at:02}Z-abcdef", (value, 1000))
        for at, value in enumerate(past)
    )
    held = settled(condition("p95 <= baseline + 10%", P95), runs)
    planned = replace(gate(held, name="load", specs=(P95,)), options_sha256="d" * 64)
    interval = (Decimal(ends[0]), Decimal(ends[1])) if ends else None
    time = Metric(name="p95", value=Decimal(milliseconds) / 1000, interval=interval)
    return _measured(planned, judge(planned, result(time), waivers=(), today=TODAY))


def _measured(planned: object, judged: Judged) -> GateRun:
    from gates.domain.plan import GatePlan

    assert isinstance(planned, GatePlan)
    measured = result()
    return GateRun(
        plan=planned,
        judged=judged,
        examined=measured.examined,
        tool=measured.tool,
        artifacts=(Artifact(path=f"{planned.name}/out/report.json", sha256="a" * 64),),
        argv=("/env/bin/tool", "check", "a file"),
        tool_exit=1,
        seconds=Decimal("1.25"),
        notes=("a note",),
        logs=(f"{planned.name}/01-tool.stdout", f"{planned.name}/01-tool.stderr"),
        canary="B307 in a planted file",
    )


def sample_run(*gates: GateRun) -> Run:
    chosen = gates or gate_runs()
    planned = plan(*(each.plan for each in chosen))
    verdict = verdict_of(chosen)
    return Run(
        id="20260131T120000Z-abcdef",
        plan=planned,
        level=1,
        gates=chosen,
        verdict=verdict,
        exit_code=verdict.exit_code,
        complete=True,
        started=datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC),
        seconds=Decimal("3.2"),
        commit="c" * 40,
        tree="t" * 40,
        dirty=True,
        base="b" * 40,
        selection="--gate lint",
        where=Where(host="runner", os="Linux 6.1", cpus=2, ci="github"),
        originator="User:ana",
        gates_version="0.1.0",
        criteria=cover(planned, 1, chosen),
        notes=("files changed while they were judged",),
        folder="/project/.gates/local/runs/20260131T120000Z-abcdef",
    )
