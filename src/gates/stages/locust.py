"""`locust`: response times and failures under load, by Locust with an add-on of ours."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import ceil

from gates.domain.condition import Role
from gates.formats import load_amounts, load_record, load_result, locust_about, locust_plan
from gates.formats.latency import BENCH, FLOOR, LOAD
from gates.formats.load_record import LoadRecord
from gates.formats.load_result import LoadMeasured
from gates.formats.load_soundness import AGAIN, fell_behind
from gates.formats.locust_about import About
from gates.formats.locust_plan import RunPlan, Users
from gates.formats.locust_report import Statistics, parse, result_of
from gates.plugin import (
    IN_CI,
    Completed,
    Context,
    Default,
    MetricSpec,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.locust_launch import Asked, free_port, prepare

_ANY_EXIT = tuple(range(256))  # Locust ends with 0 where nothing was asked, too
_RECORD_BYTES = 1 << 30

_HISTOGRAM = """\
[{{"name": "/orders", "method": "GET", "start_time": 1767225600.0,
  "last_request_timestamp": 1767225610.0, "num_requests": 200, "num_none_requests": 0,
  "num_failures": 0, "total_response_time": {total}, "min_response_time": {time},
  "max_response_time": {time}, "response_times": {{"{time}": 200}},
  "num_reqs_per_sec": {{"1767225600": 120, "1767225609": 80}}, "num_fail_per_sec": {{}}}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocustOptions(ReportOptions):
    """What `with:` may hold."""

    locustfile: tuple[str, ...] = field(
        default=("locustfile.py",),
        metadata={"help": "the locust files, a path or a list of them", "or_text": True},
    )
    users: int = field(
        default=0, metadata={"help": "users that ask at the same time", "stricter": "higher"}
    )
    spawn_rate: int = field(
        default=0, metadata={"help": "users that begin each second; a fifth of all by default"}
    )
    ramp: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "users over time in place of `users` and `duration`, step by step: `100@2m`"
            " leads evenly to 100 users in 2 minutes; or `documented-ramp`",
            "or_text": True,
        },
    )
    own_shape: bool = field(
        default=False, metadata={"help": "a `LoadTestShape` of the locust file tells the users"}
    )
    duration: str = field(
        default="60s", metadata={"help": "length of the measured phase", "stricter": "higher"}
    )
    warmup: str = field(
        default="",
        metadata={"help": "left out before it; by default until all users are there, and 5 s"},
    )
    max_duration: str = field(
        default="",
        metadata={
            "help": "how long it goes on while a condition is open; 4 times `duration` by default"
        },
    )
    workers: int = field(
        default=0, metadata={"help": "processes of Locust on this machine; 0 for a single one"}
    )
    master: bool = field(
        default=False, metadata={"help": "wait for workers that are started elsewhere"}
    )
    expect_workers: int = field(
        default=0,
        metadata={
            "help": "how many of them there must be, from begin to end",
            "stricter": "higher",
        },
    )
    wait_for_workers: str = field(
        default="60s", metadata={"help": "how long to wait for them to come"}
    )
    bind: str = field(
        default="127.0.0.1:5557", metadata={"help": "where the master waits for them"}
    )
    path: str = field(
        default="", metadata={"help": "put between the service's address and what users ask for"}
    )
    tags: tuple[str, ...] = field(
        default=(), metadata={"help": "only tasks with one of these tags", "or_text": True}
    )
    exclude_tags: tuple[str, ...] = field(
        default=(),
        metadata={"help": "no tasks with one of these tags", "or_text": True, "stricter": "fewer"},
    )
    user_classes: tuple[str, ...] = field(
        default=(), metadata={"help": "only these user classes", "or_text": True}
    )
    confidence: str = field(
        default="95%", metadata={"help": "how sure an interval must be to decide a condition"}
    )
    slow: str = field(
        default="100ms", metadata={"help": "what `over` counts as slow", "stricter": "lower"}
    )
    patience: str = field(
        default="10s", metadata={"help": "how long answers are waited for at the end"}
    )


class Locust(Stage[LocustOptions]):
    """Run the users' own locust files, unchanged, and measure by what our add-on records."""

    uses = "locust"
    title = "latency and errors under load, by Locust"
    options_type = LocustOptions
    metrics = load_result.specs()
    defaults = (
        *(Default(text=text, to_level=1) for text in (*BENCH, FLOOR)),
        Default(text=LOAD[1], role=Role.WARN, to_level=1),
        *(Default(text=text, from_level=2) for text in LOAD),
        Default(text="alive == 1"),
    )
    criteria = ("L1-BENCH", "L2-LOAD")
    examines = "requests"
    when = IN_CI
    errored_when = (
        "Locust cannot begin: no locust file, no user class, a file that cannot be imported",
        "no request came to an end, none succeeded, or the run took no time",
        "the run ended before its time, or fewer users or workers were there than asked",
        "a user class had no user, or our add-on could not count what Locust told it",
        "requests went to another host than the gate's services",
        "the generator was saturated: late by its own timer, or most of a core taken",
        "a percentile is asked of a report in which every request failed, or some have no time",
        "response times of a report are rounded in another way than Locust's own",
        "numbers of a report contradict each other, or its end is missing",
        "reports in CSV are of several runs, or reports of several kinds stand beside each other",
    )
    programs = ("locust",)
    tells_findings = False
    exclusive = True
    judges_death = True
    timeout_s = 1800
    written_by = (
        "locust -f locustfile.py --headless -u 20 -r 20 -t 60s -s 10 --json-file out/locust"
    )
    sample = Sample(
        files={"out/locust.json": _HISTOGRAM.format(time=20, total=4000)},
        faulty={"out/locust.json": _HISTOGRAM.format(time=400, total=80000)},
        options={"report": "out/locust.json"},
        reports=("out/locust.json",),
    )

    def check(self) -> None:
        """Refuse options that cannot be read, or that do not fit together."""
        options = self.options
        asked = (options.users > 0, bool(options.ramp), options.own_shape)
        if options.report:
            if any(asked):
                raise ValueError("`report` is judged in place of a run: leave out what a run takes")
        elif sum(asked) != 1:
            raise ValueError("name one of `users`, `ramp` and `own_shape`: who is to ask?")
        if options.workers and options.master:
            raise ValueError(
                "`workers` are of this machine and `master` waits for others: name one"
            )
        if options.master != (options.expect_workers > 0):
            raise ValueError("`master: true` and `expect_workers` belong together")
        if min(options.users, options.spawn_rate, options.workers, options.expect_workers) < 0:
            raise ValueError("a number of users or workers is negative")
        host, _, port = options.bind.rpartition(":")
        if not host or not port.isdecimal():
            raise ValueError(f"`bind` is `{options.bind}`: write it as `0.0.0.0:5557`")
        locust_plan.whole(options.wait_for_workers, "wait_for_workers")
        if any("," in path for path in options.locustfile) or not options.locustfile:
            raise ValueError("`locustfile` names no file, or one with a comma")
        if not options.report:
            self._plan()
        self._statistics()

    def specs(self) -> tuple[MetricSpec, ...]:
        """A report does not tell how long the service lived."""
        return tuple(spec for spec in self.metrics if not self.given or spec.name != "alive")

    def conditions(self) -> tuple[Default, ...]:
        """The same for conditions."""
        return tuple(each for each in self.defaults if not self.given or "alive" not in each.text)

    def asks_service(self) -> bool:
        """Whoever asks needs somebody to answer."""
        return not self.given

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge the reports of all generators as one load."""
        named = [(report.name, report.data) for report in reports]
        return parse(named, clean=ctx.clean, statistics=self._statistics())

    def run(self, ctx: Context) -> StageResult:
        """Load the service, longer while a condition is open."""
        plan = self._plan()
        self._refuse_absent(ctx, plan)
        tool = ctx.tool("locust")
        record: LoadRecord | None = None
        measured: LoadMeasured | None = None
        abouts: list[About] = []
        again = AGAIN
        for place, seconds in enumerate(plan.runs):
            ctx.progress(f"{seconds} s of load", done=place, total=len(plan.runs))
            part, about = self._once(ctx, tool, plan, place)
            if again and (why := fell_behind(part)) and not ctx.service.trouble():
                again -= 1
                ctx.note(f"a run was thrown away and made again: {why}")
                part, about = self._once(ctx, tool, plan, place, again=True)
            abouts.append(about)
            record = part if record is None else load_record.joined(record, part)
            measured = self._measured(ctx, plan, record)
            if ctx.service.trouble() or not ctx.undecided(measured.metrics):
                break
        if record is None or measured is None:  # pragma: no cover - there is a first run
            raise AssertionError(plan)
        tool = replace(tool, version=ctx.clean(record.version))
        for text in locust_about.notes(abouts, record):
            ctx.note(ctx.clean(text))
        return result_of(measured, tool, ctx.clean, seen=True)

    def _plan(self) -> RunPlan:
        options = self.options
        return locust_plan.plan_of(
            Users(options.users, options.spawn_rate, options.ramp, is_own=options.own_shape),
            duration=options.duration,
            warmup=options.warmup,
            max_duration=options.max_duration,
            patience=options.patience,
        )

    def _statistics(self) -> Statistics:
        options = self.options
        return Statistics(
            confidence=load_amounts.confidence(options.confidence),
            slow_s=load_amounts.seconds(options.slow, name="slow"),
            patience_s=load_amounts.seconds(options.patience, name="patience"),
        )

    def _refuse_absent(self, ctx: Context, plan: RunPlan) -> None:
        for path in self.options.locustfile:
            if not (ctx.root / path).exists():
                raise StageError(
                    "no-locustfile",
                    "the locust file is not there",
                    hint="name it by `locustfile`, relative to the folder of gates.yaml",
                    place=path,
                )
        if plan.seconds > ctx.timeout_s:
            raise StageError(
                "timeout-short",
                f"all runs together can take {plan.seconds} s, and the gate has {ctx.timeout_s} s",
                hint=f"set `timeout: {ceil(plan.seconds / 60)}m`, or a shorter `max_duration`",
            )

    def _once(
        self, ctx: Context, tool: Tool, plan: RunPlan, place: int, *, again: bool = False
    ) -> tuple[LoadRecord, About]:
        """One run of Locust, warm-up included."""
        options = self.options
        asked = Asked(
            warmup=plan.warmup,
            duration=plan.runs[place],
            patience=plan.patience,
            workers=options.workers or options.expect_workers,
            ramp=plan.ramp,
            hosts=tuple(_netloc(service.url) for service in ctx.services.values()),
            shaped=options.own_shape,
        )
        launch = prepare(ctx.out, f"run-{place}{'-again' if again else ''}", asked)
        files = ",".join((*(str(file) for file in launch.files), *options.locustfile))
        done = ctx.run(
            tool,
            *("-f", files, "--headless", "--only-summary", "--exit-code-on-error", "0"),
            *("--host", f"{ctx.service.url}{options.path}"),
            *locust_plan.arguments(plan, place),
            *self._processes(),
            *options.user_classes,
            *(("--tags", *options.tags) if options.tags else ()),
            *(("--exclude-tags", *options.exclude_tags) if options.exclude_tags else ()),
            ok=_ANY_EXIT,
        )
        if not launch.about.exists():
            raise locust_about.why_no_record(done.exit_code, _said(ctx, done))
        about = locust_about.read(ctx.report(launch.about).data, what="about.json")
        locust_about.refuse(about, ctx.clean)
        data = ctx.report(launch.record, max_bytes=_RECORD_BYTES).data
        record = load_record.read(data, what="load.jsonl")
        locust_plan.refuse_few_users(record, plan)
        return record, about

    def _processes(self) -> tuple[str, ...]:
        """How Locust is parted into processes."""
        options = self.options
        if options.workers:
            port = str(free_port())
            # The workers are forked before the master listens, so its port must be known to all.
            there = ("--master-bind-host", "127.0.0.1", "--master-host", "127.0.0.1")
            bind = ("--master-bind-port", port, "--master-port", port)
            return ("--processes", str(options.workers), *there, *bind)
        if not options.master:
            return ()
        host, _, port = options.bind.rpartition(":")
        wait = locust_plan.whole(options.wait_for_workers, "wait_for_workers")
        return (
            *("--master", "--expect-workers", str(options.expect_workers)),
            *("--expect-workers-max-wait", str(wait)),
            *("--master-bind-host", host, "--master-bind-port", port),
        )

    def _measured(self, ctx: Context, plan: RunPlan, record: LoadRecord) -> LoadMeasured:
        options, statistics = self.options, self._statistics()
        return load_result.measured(
            record,
            confidence=statistics.confidence,
            looks=len(plan.runs),
            slow_s=statistics.slow_s,
            # A request of the warm-up that outlasts the measured phase counts in it.
            patience_s=record.warmup_s + statistics.patience_s,
            workers=max(1, options.workers, options.expect_workers),
            died=ctx.clean(ctx.service.trouble()),
        )


def _netloc(url: str) -> str:
    return url.partition("://")[2].partition("/")[0]


def _said(ctx: Context, done: Completed) -> str:
    lines = (done.stdout + b"\n" + done.stderr).splitlines()
    return "\n".join(ctx.clean(line) for line in lines[-200:])
