"""`load`: latency and errors under load, by the open-loop generator of `gates` itself.

The module has another name than the stage: `gates.stages.load` is the function that finds stages.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import (
    load_arrivals,
    load_calibration,
    load_operations,
    load_record,
    load_requests,
    load_result,
    load_told,
    openapi_document,
)
from gates.formats import load_documented as documented
from gates.formats.latency import BENCH, FLOOR, LOAD
from gates.formats.load_plan import LoadPlan, Request
from gates.formats.load_record import LoadRecord
from gates.formats.load_sample import sample
from gates.formats.load_shape import Shape
from gates.formats.load_soundness import AGAIN, fell_behind, refuse_unasked
from gates.formats.load_told import Told
from gates.formats.openapi_document import Document
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Metric,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Role,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
)
from gates.toolkit.files import read_report, write_atomic
from gates.toolkit.http_calls import Call, HttpCalls

PROGRAM = "gates.traffic.program"

SLA = ("p50 < 50ms", "p95 < 100ms", "p99 < 200ms", "error_rate < 0.1%")
"""What the criterion L3-SLA asks, with the error rate of L3-CAPACITY."""

CONNECTIONS = MetricSpec(
    name="connections",
    unit=Unit.COUNT,
    direction=Direction.HIGHER,
    title="connections that were open at once, at their fewest",
    noun="connections",
)

_ELSEWHERE = (
    "the service runs elsewhere: `alive` tells that its port was open when the load was over, not"
    " that nothing ended meanwhile"
)
_CANNOT_BEGIN = 3
_OK = 200
_MAX_RECORD = 512 * 1024 * 1024
_SPARE_S = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions(ReportOptions):
    """Options of `load`."""

    rate: str = field(default="", metadata=documented.RATE)
    duration: str = field(default="", metadata=documented.DURATION)
    requests: int = field(default=0, metadata=documented.REQUESTS)
    warmup: str = field(default=load_told.WARMUP, metadata=documented.WARMUP)
    max_duration: str = field(default="", metadata=documented.MAX_DURATION)
    profile: tuple[str, ...] = field(default=(), metadata=documented.PROFILE)
    pace: str = field(default="", metadata=documented.PACE)
    hold: int = field(default=0, metadata=documented.HOLD)
    every: str = field(default="", metadata=documented.EVERY)
    arrivals: str = field(default=load_told.ARRIVALS[0], metadata=documented.ARRIVALS)
    connections: int = field(default=0, metadata=documented.CONNECTIONS)
    paths: tuple[str, ...] = field(default=(), metadata=documented.PATHS)
    plan: str = field(default="", metadata=documented.PLAN)
    openapi: str = field(default="", metadata=documented.OPENAPI)
    login: Mapping[str, str] = field(default_factory=dict, metadata=documented.LOGIN)
    confidence: str = field(default="95%", metadata=documented.CONFIDENCE)
    slow: str = field(default="100ms", metadata=documented.SLOW)
    patience: str = field(default="10s", metadata=documented.PATIENCE)


class Load(Stage[LoadOptions]):
    """Percentiles by the moment at which each request was to start, and the share that failed."""

    uses = "load"
    title = "latency and errors under load, at a rate that the service cannot slow down"
    options_type = LoadOptions
    metrics = load_result.specs()
    defaults = (
        *(Default(text=text, to_level=1) for text in (*BENCH, FLOOR)),
        Default(text=LOAD[1], role=Role.WARN, to_level=1),
        *(Default(text=text, from_level=2, to_level=2) for text in LOAD),
        *(Default(text=text, from_level=3) for text in SLA),
        *(Default(text=text) for text in load_result.DEFAULTS),
    )
    criteria = ("L1-BENCH", "L2-LOAD")
    examines = "requests"
    when = IN_CI
    errored_when = (
        "no request succeeded, or the service cannot be reached",
        "an endpoint of the plan got no request, or the run has fewer requests than it has those",
        "the generator was saturated: late in more than 1 % of its looks, or 80 % of a core",
        "the generator ended early, or left no whole record",
        "no request is named, or the OpenAPI document has no operation that can be asked",
        "the login fails",
        "the time limit of the gate is shorter than its first run",
        "at Levels 2 and 3, a condition that its interval leaves open when `max_duration` is over",
    )
    tells_findings = False
    written_by = "python -m gates.traffic.program --plan plan.json --record out/load.jsonl"
    exclusive = True
    judges_death = True
    sample = Sample(
        files={"out/load.jsonl": sample(20_000)},
        faulty={"out/load.jsonl": sample(400_000)},
        options={"report": "out/load.jsonl"},
        reports=("out/load.jsonl",),
    )

    def check(self) -> None:
        """Refuse options that cannot be read or do not fit together."""
        self._told()
        named = [name for name in ("paths", "plan", "openapi") if getattr(self.options, name)]
        if len(named) > 1:
            raise ValueError(f"`{named[1]}` has no place beside `{named[0]}`")
        if not named and not self.given:
            raise ValueError("nothing says what is asked: name `paths`, `plan` or `openapi`")

    def specs(self) -> tuple[MetricSpec, ...]:
        """With `hold`, also the connections; a report does not tell how long the service lived."""
        if self.given:
            return tuple(spec for spec in self.metrics if spec.name != "alive")
        return (*self.metrics, CONNECTIONS) if self._holds else self.metrics

    def conditions(self) -> tuple[Default, ...]:
        """With `hold`, that so many connections were there."""
        if self.given:
            return tuple(each for each in self.defaults if "alive" not in each.text)
        if not self._holds:
            return self.defaults
        return (*self.defaults, Default(text=f"connections >= {self.options.hold}"))

    def asks_service(self) -> bool:
        """Only a report can be judged without."""
        return not self.given

    def time_limit_s(self) -> int:
        """Twice what all runs may take, and a minute; where that is not known, `timeout_s`."""
        told = self._told()
        shape = told.shape(None)
        if shape is None:
            return self.timeout_s
        return max(60 + 2 * told.seconds_of(told.runs(shape)), self.timeout_s)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge what generators did at the same time, as one load."""
        del ctx
        told = self._told()
        records = [load_record.read(report.data, what=report.name) for report in reports]
        if any(record.generator != self.uses for record in records):
            raise OutputUnreadable(
                "another-generator",
                "a record of another generator",
                hint="name it at the stage of that generator",
                place=reports[0].name,
            )
        return self._result(load_record.merge(records), told, looks=1)

    def run(self, ctx: Context) -> StageResult:
        """Load the service, and go on as long as conditions are open and the cap allows."""
        told = self._told()
        requests, notes = self._requests(ctx, told)
        notes += _calibration(ctx)
        runs = told.runs(_shape(ctx, told), within_s=ctx.timeout_s)
        _refuse_short_limit(told, runs, ctx.timeout_s)
        notes += () if ctx.service.is_local else (_ELSEWHERE,)
        plans = [_plan(ctx, told, shape, requests) for shape in runs]
        load_arrivals.refuse_too_few(plans[0])
        record: LoadRecord | None = None
        again = AGAIN
        while True:
            number = len(runs) - len(plans) + 1
            ctx.progress(f"run {number} of at most {len(runs)}", done=number, total=len(runs))
            part = _loaded(ctx, plans[0], number + AGAIN - again)
            trouble = ctx.service.trouble()
            if again and not trouble and (why := fell_behind(part)):
                again -= 1
                notes += (f"a run was thrown away and made again: {why}",)
                continue
            del plans[0]
            record = part if record is None else load_record.joined(record, part)
            result = self._result(record, told, looks=len(runs), died=trouble, notes=notes)
            if trouble or not plans or not ctx.undecided(result.metrics):
                return result

    @property
    def _holds(self) -> bool:
        return bool(self.options.hold) and not self.given

    def _told(self) -> Told:
        return load_told.read(self.options)

    def _requests(self, ctx: Context, told: Told) -> tuple[tuple[Request, ...], tuple[str, ...]]:
        """What is asked, and what every output must tell of it."""
        if self.options.plan:
            report = read_report(ctx.root / self.options.plan)
            return load_requests.of_file(report.data, what=self.options.plan), ()
        if not self.options.openapi:
            return told.paths, ()
        chosen = load_operations.chosen(_document(ctx, self.options.openapi))
        return chosen.requests, (chosen.note,) if chosen.note else ()

    def _result(
        self,
        record: LoadRecord,
        told: Told,
        *,
        looks: int,
        died: str = "",
        notes: tuple[str, ...] = (),
    ) -> StageResult:
        found = load_result.measured(
            record,
            confidence=told.confidence,
            looks=looks,
            slow_s=told.slow_s,
            patience_s=record.duration_s + told.patience_s,
            died=died,
        )
        if not died:
            refuse_unasked(record)
        seen = [each for each in found.metrics if not self.given or each.name != "alive"]
        held: tuple[Metric, ...] = ()
        if self._holds:
            held = (count("connections", min(beat.users or 0 for beat in record.phase)),)
        return StageResult(
            metrics=(*seen, *held),
            examined=found.examined,
            tool=Tool(name=self.uses, version=record.version, how="part of gates"),
            not_applicable=found.not_applicable,
            notes=(*found.notes, *notes),
        )


def _shape(ctx: Context, told: Told) -> Shape:
    shape = told.shape(ctx.service.expected_traffic)
    if shape is None:
        raise StageError(
            "no-traffic",
            f"service `{ctx.service.name}` does not say what traffic it expects",
            hint="give it `expected_traffic: 400/s`, or the gate a `rate:` such as `400/s`",
        )
    return shape


def _refuse_short_limit(told: Told, runs: tuple[Shape, ...], limit_s: int) -> None:
    needed = told.seconds_of(runs)
    if needed > limit_s:
        raise StageError(
            "timeout-too-short",
            f"one run takes up to {needed} s, and the gate ends after {limit_s} s",
            hint=f"give the gate `timeout: {needed + _SPARE_S}s`",
        )


def _document(ctx: Context, openapi: str) -> Document:
    """The OpenAPI document: a page of the service where a slash comes first, else a file."""
    if not openapi.startswith("/"):
        return openapi_document.read(read_report(ctx.root / openapi).data, openapi)
    reply = HttpCalls(url=ctx.service.url)(Call(method="GET", target=openapi))
    if reply.status != _OK:
        raise StageError(
            "no-document",
            f"GET {openapi} answers {reply.status}, not an OpenAPI document",
            hint="look at `openapi:`, or name a file",
            place=ctx.service.url,
        )
    return openapi_document.read(reply.body, openapi)


def _plan(ctx: Context, told: Told, shape: Shape, requests: tuple[Request, ...]) -> LoadPlan:
    return LoadPlan(
        url=ctx.service.url,
        rates=shape.rates,
        warmup_s=float(told.warmup_s),
        requests=requests,
        even=told.even,
        connections=told.connections or shape.connections,
        held=shape.held,
        patience_s=float(told.patience_s),
        login=told.login,
    )


def _loaded(ctx: Context, plan: LoadPlan, number: int) -> LoadRecord:
    """Run the generator once; what it recorded."""
    given, written = ctx.out / f"plan-{number}.json", ctx.out / f"load-{number}.jsonl"
    write_atomic(given, plan.to_json())
    arguments = ("-P", "-m", PROGRAM, "--plan", str(given), "--record", str(written))
    done = ctx.run(ctx.itself(), *arguments, ok=(0, _CANNOT_BEGIN))
    if done.exit_code == _CANNOT_BEGIN:
        raise _not_begun(ctx, done.stdout)
    report = ctx.report(written, max_bytes=_MAX_RECORD)
    return load_record.read(report.data, what=written.name)


def _calibration(ctx: Context) -> tuple[str, ...]:
    """What `gates doctor load` found on this machine; that there is none, where it found none."""
    path = ctx.kept_cache("calibration", ()) / load_calibration.FILE
    try:
        return (load_calibration.read(path.read_bytes()).note,)
    except (OSError, OutputUnreadable):
        return ("the generator was not calibrated on this machine: `gates doctor load` does it",)


def _not_begun(ctx: Context, told: bytes) -> StageError:
    """Why the generator could not begin, as it says."""
    try:
        problem: object = json.loads(told)
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    return StageError(
        ctx.clean(str(problem.get("slug", "no-load"))),
        ctx.clean(str(problem.get("summary", "the generator could not begin"))),
        hint=ctx.clean(str(problem.get("hint", ""))),
        place=ctx.service.url,
    )
