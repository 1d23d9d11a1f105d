"""A stored run record read back into a run, so that every report can be rendered from it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from gates.domain.allowance import Baseline
from gates.domain.condition import UNKNOWN, Condition, Operator, Role
from gates.domain.errors import OutputUnreadable, Problem
from gates.domain.finding import Finding
from gates.domain.judge import Checked, Judged, Reading
from gates.domain.metric import Examined, Metric, Unit
from gates.domain.plan import GatePlan, LevelPlan, Plan, Policy
from gates.domain.run import Coverage, GateRun, Run, Where
from gates.domain.service import ServiceRun
from gates.domain.stage_result import Artifact, Tool
from gates.domain.standing import Standing
from gates.domain.status import Status, Verdict
from gates.domain.waiver import Waiver
from gates.formats.strict_json import Value
from gates.formats.strict_json import read as read_json
from gates.reports import exact_values, shards_record
from gates.reports.record_v1 import SCHEMA, value_of
from gates.reports.stored_checks import SLUG, check
from gates.reports.stored_findings import finding
from gates.reports.stored_values import (
    bounded,
    day,
    exact,
    extended,
    items,
    later,
    maybe,
    moment,
    one_of,
    seconds,
    tags,
    text,
    texts,
)

ENDS = 2
"""An interval has a lower and an upper end."""

_MISSING = "json-missing"
_HINT = "run `gates check` again: it writes a new record"


def read(data: bytes, *, what: str) -> Run:
    """Read a record.

    Raises:
        OutputUnreadable: where it is no whole record of this schema, or contradicts itself.
    """
    try:
        return _run(read_json(data, what=what))
    except OutputUnreadable as error:
        problem = error.problem
        slug, summary = problem.slug, problem.summary
        if slug == _MISSING:
            slug, summary = "record-older", f"{summary}: another version of gates wrote this record"
        raise OutputUnreadable(slug, summary, place=problem.place, hint=_HINT) from None


def _run(top: Value) -> Run:
    found = top.find("schema")
    if found is None or found.text() != SCHEMA:
        raise top.unreadable(f"is no record of the schema `{SCHEMA}`", slug="record-schema")
    gates = tuple(_gate(entry) for entry in top.member("gates").items())
    plan = Plan(
        project=top.member("project").text(),
        policy=Policy(
            source=top.member("policy", "source").text(),
            sha256=top.member("policy", "sha256").text(),
            extends=later(top.member("policy"), "extends", extended) or (),
        ),
        levels=tuple(
            LevelPlan(number=each.member("number").count(), name=each.member("name").text())
            for each in top.member("levels").items()
        ),
        gates=tuple(gate.plan for gate in gates),
    )
    run = Run(
        id=top.member("id").text(),
        plan=plan,
        level=top.member("level").count(),
        gates=gates,
        verdict=one_of(Verdict, top.member("verdict")),
        exit_code=top.member("exit_code").count(),
        complete=top.member("complete").flag(),
        started=moment(top.member("started")),
        seconds=seconds(top.member("seconds")),
        commit=text(top, "commit"),
        tree=text(top, "tree"),
        dirty=top.member("dirty").flag(),
        base=text(top, "base"),
        selection=text(top, "selection"),
        where=_where(top.member("where")),
        originator=top.member("originator").text(),
        gates_version=top.member("gates_version").text(),
        criteria=_coverage(top.member("criteria")),
        notes=texts(top.member("notes")),
        waivers=_standing(top),
        prefix=later(top, "prefix", Value.text) or "",
        shard=shards_record.read_shard(top),
        merged=shards_record.read_merged(top),
    )
    check(run, top)
    return run


def _gate(entry: Value) -> GateRun:
    waivers = _waivers(entry, "waivers")
    readings = tuple(_reading(each) for each in entry.member("metrics").items())
    checks = tuple(_checked(each, readings) for each in entry.member("conditions").items())
    waived = tuple(
        (found, _by(found, waivers, each))
        for each in entry.member("waived_findings").items()
        for found in (finding(each),)
    )
    slug = text(entry, "error")
    problem = None
    if slug is not None:
        problem = Problem(
            slug,
            entry.member("reason").text(),
            place=entry.member("error_place").text(),
            hint=entry.member("hint").text(),
        )
    judged = Judged(
        status=one_of(Status, entry.member("status")),
        reason=entry.member("reason").text(),
        checks=checks,
        readings=readings,
        findings=tuple(finding(each) for each in entry.member("findings").items()),
        waived=waived,
        waivers=waivers,
        problem=problem,
        caused_by=text(entry, "caused_by"),
    )
    return GateRun(
        plan=_plan(entry, checks),
        judged=judged,
        examined=maybe(entry, "examined", _examined),
        tool=maybe(entry, "tool", _tool),
        artifacts=tuple(
            Artifact(path=each.member("path").text(), sha256=each.member("sha256").text())
            for each in entry.member("reports").items()
        ),
        argv=texts(entry.member("argv")),
        tool_exit=maybe(entry, "tool_exit", Value.integer),
        seconds=seconds(entry.member("seconds")),
        cached=entry.member("cached").flag(),
        notes=texts(entry.member("notes")),
        logs=texts(entry.member("logs")),
        services=tuple(_service(each) for each in entry.member("services").items()),
        canary=text(entry, "canary") or "",
    )


def _service(entry: Value) -> ServiceRun:
    return ServiceRun(
        name=entry.member("name").text(),
        url=text(entry, "url") or "",
        is_local=entry.member("local").flag(),
        is_shared=entry.member("shared").flag(),
        owner=text(entry, "owner") or "",
        trouble=text(entry, "trouble") or "",
        logs=texts(entry.member("logs")),
    )


def _plan(entry: Value, checks: tuple[Checked, ...]) -> GatePlan:
    return GatePlan(
        name=entry.member("name").text(),
        level=entry.member("level").count(),
        uses=entry.member("uses").text(),
        options={},
        specs=(),
        conditions=tuple(check.condition for check in checks),
        criteria=texts(entry.member("criteria")),
        dropped=texts(entry.member("dropped")),
        service=next((each.member("name").text() for each in entry.member("services").items()), ""),
        place=entry.member("place").text(),
        options_sha256=text(entry, "options_sha256") or "",
    )


def _checked(entry: Value, readings: tuple[Reading, ...]) -> Checked:
    limit = maybe(entry, "limit", bounded)
    condition = Condition(
        text=entry.member("text").text(),
        metric=entry.member("metric").text(),
        tags=tags(entry.member("tags")),
        operator=one_of(Operator, entry.member("operator")),
        limit=UNKNOWN if limit is None else limit,
        unit=one_of(Unit, entry.member("unit")),
        role=one_of(Role, entry.member("role")),
        origin=entry.member("origin").text(),
        replaces=text(entry, "replaces") or "",
        baseline=maybe(entry, "baseline", _baseline),
    )
    wanted = (condition.metric, condition.tags)
    measured = (each for each in readings if (each.metric.name, each.metric.tags) == wanted)
    reading = next(measured, None)
    told = maybe(entry, "value", bounded)
    if told is None:
        is_same = reading is None
    else:
        is_same = reading is not None and float(told) == float(value_of(reading.metric))
    if not is_same:
        problem = "is not what its metric says"
        raise entry.member("value").unreadable(problem, slug=SLUG)
    return Checked(
        condition=condition,
        status=one_of(Status, entry.member("status")),
        reason=entry.member("reason").text(),
        reading=reading,
        advice=entry.member("advice").text(),
    )


def _baseline(entry: Value) -> Baseline:
    return Baseline(
        allowance=bounded(entry.member("allowance")),
        runs=texts(entry.member("runs")),
        median=maybe(entry, "median", bounded),
    )


def _reading(entry: Value) -> Reading:
    top, bottom = maybe(entry, "numerator", bounded), maybe(entry, "denominator", bounded)
    if (top is None) != (bottom is None) or (bottom is not None and bottom <= 0):
        raise entry.unreadable("has a ratio that is none", slug=SLUG)
    ends = [bounded(end) for end in items(entry, "interval")]
    if ends and len(ends) != ENDS:
        raise entry.member("interval").unreadable("is no pair of bounds")
    told = exact(entry.member("value"))
    value, *exact_ends = exact_values.read(entry, (told, *ends))
    ends = list(map(Decimal, exact_ends))
    metric = Metric(
        name=entry.member("name").text(),
        value=value if top is None else None,
        numerator=None if top is None else entry.member("numerator").integer(),
        denominator=None if bottom is None else entry.member("denominator").integer(),
        tags=tags(entry.member("tags")),
        interval=(ends[0], ends[1]) if ends else None,
    )
    if float(value_of(metric)) != float(told):
        raise entry.member("value").unreadable("is not its ratio", slug=SLUG)
    waived = entry.member("waived").count()
    return Reading(metric=metric, unit=one_of(Unit, entry.member("unit")), waived=waived)


def _waiver(entry: Value) -> Waiver:
    return Waiver(
        gate=entry.member("gate").text(),
        finding=text(entry, "finding") or "",
        condition=text(entry, "condition") or "",
        scope=text(entry, "scope") or "",
        reason=entry.member("reason").text(),
        owner=entry.member("owner").text(),
        created=day(entry.member("created")),
        expires=day(entry.member("expires")),
    )


def _standing(top: Value) -> Standing | None:
    """How the waivers stand; the file behind them is part of the policy."""
    policy, entry = top.member("policy"), top.member("waivers")
    file = maybe(policy, "waivers", lambda found: found)
    if (file is None) != (entry.raw is None):
        raise entry.unreadable("contradicts the policy", slug=SLUG)
    if file is None:
        return None
    return Standing(
        source=file.member("source").text(),
        sha256=file.member("sha256").text(),
        total=entry.member("total").count(),
        expired=_waivers(entry, "expired"),
        early=_waivers(entry, "not_yet_valid"),
        ending=_waivers(entry, "expiring"),
        unmatched=_waivers(entry, "unmatched"),
    )


def _waivers(entry: Value, key: str) -> tuple[Waiver, ...]:
    return tuple(_waiver(each) for each in entry.member(key).items())


def _by(finding: Finding, waivers: Iterable[Waiver], entry: Value) -> Waiver:
    """The waiver that covers a waived finding; a record names each."""
    for waiver in waivers:
        if waiver.covers_finding(finding):
            return waiver
    raise entry.unreadable("is waived by no waiver of its gate", slug=SLUG)


def _examined(entry: Value) -> Examined:
    return Examined(
        count=entry.member("count").count(),
        unit=entry.member("unit").text(),
        excluded=maybe(entry, "excluded", Value.count),
        note=entry.member("note").text(),
        details=tuple((name, each.count()) for name, each in entry.member("details").entries()),
    )


def _tool(entry: Value) -> Tool:
    return Tool(
        name=entry.member("name").text(),
        version=entry.member("version").text(),
        path=entry.member("path").text(),
        how=entry.member("how").text(),
    )


def _where(entry: Value) -> Where:
    return Where(
        host=entry.member("host").text(),
        os=entry.member("os").text(),
        cpus=entry.member("cpus").count(),
        ci=text(entry, "ci"),
    )


def _coverage(entry: Value) -> Coverage:
    return Coverage(
        met=texts(entry.member("met")),
        failed=texts(entry.member("failed")),
        not_covered=texts(entry.member("not_covered")),
        not_applicable=tuple(
            (name, reason.text()) for name, reason in entry.member("not_applicable").entries()
        ),
    )
