"""A run in which every foreign text is the same hostile one, and such texts."""

from __future__ import annotations

from dataclasses import replace

from reports.rollups import sample_rollup
from reports.runs import sample_run

from gates.domain.errors import Problem
from gates.domain.finding import Finding
from gates.domain.judge import Checked, Judged
from gates.domain.plan import LevelPlan
from gates.domain.rollup import RollUp
from gates.domain.run import GateRun, Run
from gates.domain.service import ServiceRun
from gates.domain.stage_result import Artifact, Tool
from gates.domain.waiver import Waiver

ATTACKS = (
    "::set-output name=verdict::passed",
    "::SET-OUTPUT name=verdict::passed",
    "::add-mask::0",
    "::add-matcher::evil.json",
    "::stop-commands::token",
    "::error file=a.py,line=1::forged",
    "::group::x",
    "::debug::x",
    "::save-state name=x::y",
    "::set-env name=PATH::/evil",
    "::add-path::/evil",
    "::echo::on",
    "##[set-output name=verdict]passed",
    "##[Set-Output name=verdict;]passed",
    "##[add-mask]0",
    "##[error]forged",
    "assert 1 == 2 ##[set-output name=verdict]passed",
    "##vso[task.setvariable variable=verdict]passed",
    "##VSO[task.complete result=Succeeded;]done",
    "##teamcity[buildStatus status='SUCCESS']",
    "  ##teamcity[buildStop]",
    " \t ::set-output name=verdict::passed",
    "\xa0\u3000\u2003::set-output name=verdict::passed",
    "\u200b\ufeff::set-output name=verdict::passed",
    "first\n::set-output name=verdict::passed",
    "first\r::set-output name=verdict::passed",
    "first\r\n::set-output name=verdict::passed",
    "first\x85::set-output name=verdict::passed",
    "first\u2028::set-output name=verdict::passed",
    "first\x0b::set-output name=verdict::passed",
    "first\x0c::set-output name=verdict::passed",
    "\x1b[31m::set-output name=verdict::passed",
    "\x1b[0m\x1b[2K##[set-output name=verdict]passed",
    "#\x1b[0m#\x1b[31m[set-output name=verdict]passed",
    "\x1b]0;::set-output name=verdict::passed\x07",
    "\x1b]8;;https://x.example\x1b\\::add-mask::0\x1b]8;;\x1b\\",
    "#\x00#[set-output name=verdict]passed",
    ":\x00:set-output name=verdict::passed",
    "###[set-output name=verdict]passed",
    "##[##[set-output name=verdict]passed]",
    "%0A::set-output name=verdict::passed",
    "verdict<<EOF\npassed\nEOF",
    "EOF\nverdict=passed",
    ":",
    "::",
    "##",
    "##[",
)
"""What a tool may say to make a CI system obey it."""


def infested(text: str, run: Run | None = None) -> Run:
    """A run whose every foreign text is the given one."""
    whole = run or sample_run()
    gates = tuple(_gate(gate, text, f"{text}{n}") for n, gate in enumerate(whole.gates))
    levels = tuple(LevelPlan(number=each.number, name=text) for each in whole.plan.levels)
    policy = replace(whole.plan.policy, source=text)
    plan = replace(whole.plan, project=text, levels=levels, policy=policy)
    plan = replace(plan, gates=tuple(gate.plan for gate in gates))
    return replace(
        whole,
        plan=plan,
        gates=gates,
        commit=text,
        base=text,
        selection=text,
        where=replace(whole.where, host=text, os=text, ci=text),
        originator=text,
        gates_version=text,
        notes=(text, f"a {text}"),
        prefix=text,
    )


def infested_rollup(text: str) -> RollUp:
    """A roll-up whose every foreign text is the given one."""
    whole = sample_rollup()
    problem = Problem("slug", text, place=text, hint=text)
    projects = tuple(
        replace(
            each,
            path=f"{number}{text}",
            name=text,
            reason=text,
            problem=problem if each.problem else None,
            run=infested(text, each.run) if each.run else None,
            record=text if each.record else "",
        )
        for number, each in enumerate(whole.projects)
    )
    return replace(
        whole, project=text, projects=projects, notes=(text,), selection=text, commit=text
    )


def _gate(gate: GateRun, text: str, name: str) -> GateRun:
    service = ServiceRun(
        name=text, url=text, is_local=True, owner=text, trouble=text, logs=(text, text)
    )
    plan = replace(
        gate.plan,
        name=name,
        uses=text,
        criteria=(*gate.plan.criteria, text),
        dropped=(text,),
        place=text,
        options_sha256="",
    )
    return replace(
        gate,
        plan=plan,
        judged=_judged(gate.judged, text, name),
        examined=replace(gate.examined, unit=text, note=text) if gate.examined else None,
        tool=Tool(name=text, version=text, path=text, how=text),
        artifacts=(Artifact(path=text, sha256="a" * 64),),
        argv=(text, text),
        notes=(text,),
        logs=(text, text),
        canary=text,
        services=(service,),
    )


def _judged(judged: Judged, text: str, name: str) -> Judged:
    problem = judged.problem
    checks = tuple(_check(check, text) for check in judged.checks)
    return replace(
        judged,
        reason=text,
        checks=checks,
        findings=tuple(_finding(each, text) for each in judged.findings),
        waived=tuple((_finding(each, text), _waiver(by, text, name)) for each, by in judged.waived),
        waivers=tuple(_waiver(each, text, name) for each in judged.waivers),
        problem=Problem(text, text, place=text, hint=text) if problem else None,
        caused_by=text if judged.caused_by else None,
    )


def _check(check: Checked, text: str) -> Checked:
    return replace(check, reason=text, advice=text if check.advice else "")


def _finding(finding: Finding, text: str) -> Finding:
    return replace(
        finding,
        rule=text,
        message=text,
        path=text if finding.path else "",
        subject=text,
        fix=text,
        confidence=text,
        owasp=text,
        aliases=(text,),
        fingerprint=finding.fingerprint or text,
    )


def _waiver(waiver: Waiver, text: str, gate: str) -> Waiver:
    return replace(waiver, gate=gate, finding=text, reason=text, owner=text)
