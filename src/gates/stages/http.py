"""`http`: requests to the running service, each with what is expected of its answer.

Declared requests stand in a plan; ready-made sets look at what every service must get right.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path, PurePosixPath

from gates.formats import (
    probe_choice,
    probe_patterns,
    probe_plan,
    probe_record,
    probe_sets,
)
from gates.formats.probe_headers import Pages
from gates.formats.probe_model import Check, ProbePlan
from gates.formats.probe_session import RUN, Session
from gates.formats.probe_sets import Probing, Wanted
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Direction,
    Examined,
    MetricSpec,
    Options,
    Stage,
    StageError,
    StageResult,
    Unit,
)
from gates.toolkit.clock import SystemClock
from gates.toolkit.files import write_atomic
from gates.toolkit.http_calls import HttpCalls
from gates.toolkit.regular import open_regular

MOST_BYTES = 16 * 1024 * 1024
"""Of a plan, or of an OpenAPI document in a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions(Options):
    """Options of `http`."""

    plan: str = field(
        default="",
        metadata={
            "help": "a YAML file with identities, requests and the matrix of roles",
            "policy_file": "told",
        },
    )
    sets: tuple[str, ...] = field(
        default=("requests",),
        metadata={
            "help": f"what is looked at: {', '.join(probe_choice.SETS)}",
            "or_text": True,
            "stricter": "more",
        },
    )
    openapi: str = field(
        default="",
        metadata={
            "help": "the OpenAPI document: a path on the service (`/openapi.json`, which"
            " `authentication` asks by default), or a file of the project"
        },
    )
    public: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "operations that need no credentials: `GET /health`",
            "stricter": "fewer",
        },
    )
    pages: tuple[str, ...] = field(
        default=("/health",),
        metadata={"help": "paths that anybody may GET, whose headers are looked at"},
    )
    private: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "paths with the identity that may GET them: {/auth/me: customer}"},
    )
    refused: str = field(
        default="",
        metadata={
            "help": "a request that is refused as wrong, whose headers are looked at; by default a"
            " POST to the first of `pages`"
        },
    )
    hsts: bool = field(
        default=False,
        metadata={
            "help": "ask for Strict-Transport-Security also where the address is http",
            "stricter": "on",
        },
    )
    origins: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "origins that the service must allow; `https://*.shop.example` for each name"
            " below one"
        },
    )
    any_origin: bool = field(
        default=False,
        metadata={"help": "any origin may read answers, without credentials", "stricter": "off"},
    )
    limits: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "documented limits by caller: {anonymous: 100/15min, customer: 1000/15min"
            " /orders}, with what is asked; else the first of `pages`"
        },
    )
    tolerance: int = field(
        default=0,
        metadata={
            "help": "how many requests more or fewer a limit may let through",
            "stricter": "lower",
        },
    )
    login: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "whose login is tried, and the documented attempts: {identity: customer,"
            " attempts: 5/15min}; `user` and `password` where they are not /email and /password"
        },
    )
    health: Mapping[str, str] = field(
        default_factory=lambda: {"/health": "", "/ready": ""},
        metadata={
            "help": "paths with what they say: {/health: '/status = ok'}, a text, or '' for any"
        },
    )
    metrics_page: str = field(
        default="/metrics", metadata={"help": "path of the page for Prometheus"}
    )
    ca: str = field(
        default="",
        metadata={"help": "a PEM file of the certificates to trust; else those of the system"},
    )


class Http(Stage[HttpOptions]):
    """Each expectation of an answer is one check; those that do not hold are findings."""

    uses = "http"
    title = "what a running service answers to declared requests and ready-made sets of them"
    options_type = HttpOptions
    metrics = (
        MetricSpec(
            name="checks",
            unit=Unit.RATIO,
            direction=Direction.HIGHER,
            title="checks that hold",
            noun="checks",
            tags=("set",),
        ),
        MetricSpec(
            name="failed",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="checks that do not hold",
            noun="failed checks",
            tags=("set",),
        ),
        MetricSpec(
            name="requests",
            unit=Unit.COUNT,
            direction=Direction.HIGHER,
            title="requests that were answered",
            noun="requests",
        ),
    )
    defaults = (Default(text="failed == 0"),)
    examines = "checks"
    when = IN_CI
    timeout_s = 300
    errored_when = (
        "the plan or the OpenAPI document is not there, not valid, or names what is not there",
        "a request has no whole answer within 10 s",
        "an identity cannot log in, or a step that others stand on does not succeed",
        "a set has nothing to look at, or its matrix would hold whatever the service does",
        "a page that is to be looked at does not answer 2xx, or a refusal is none of 4xx",
        "everything is refused, also what is not there, and no identity is known to be let in",
        "a rate limit refuses a request of a set that does not look at limits",
        "a path that is not there answers 200, so that no 200 shows anything",
        "a setting `${NAME}` of the plan is not in the environment",
    )

    def asks_service(self) -> bool:
        """It asks the running service."""
        return True

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: with one line that says why.
        """
        options = self.options
        plain = HttpOptions()
        names = [each.name for each in fields(options)]
        given = {name for name in names if getattr(options, name) != getattr(plain, name)}
        probe_choice.check_sets(options.sets, plan=options.plan, given=given)
        probe_choice.check_names(
            paths=(*options.pages, *options.private, *options.health, options.metrics_page),
            operations=options.public,
            requests=(options.refused,),
            origins=options.origins,
        )
        if not options.pages or not options.health or options.tolerance < 0:
            raise ValueError("`pages` and `health` hold a path, and `tolerance` is no less than 0")
        if options.private and not options.plan:
            raise ValueError("`private` names identities, who stand in a `plan`")
        for name in ("plan", "openapi", "ca"):
            path = getattr(options, name)
            is_page = name == "openapi" and path.startswith("/")
            if not is_page and (path.startswith("/") or ".." in PurePosixPath(path).parts):
                raise ValueError(f"`{name}` must stay in the project")
        self._wanted()

    def run(self, ctx: Context) -> StageResult:
        """Ask, set by set, and compare."""
        probing = self._probing(ctx)
        sets: dict[str, tuple[Check, ...]] = {}
        chosen = [name for name in probe_choice.SETS if name in self.options.sets]
        for name in probe_sets.fitting(chosen, probing):
            ctx.progress(name, done=len(sets), total=len(chosen))
            checks = self._searched(ctx, tuple(probe_sets.checks(name, probing)))
            if not checks:
                hint = "add what it shall look at, or take it out of `sets`"
                raise StageError("nothing-to-check", f"set `{name}` checks nothing", hint=hint)
            sets[name] = checks
        if not sets:
            summary = "no set applies to this service"
            raise StageError("nothing-to-check", summary, hint="its address is http, not https")
        asked = probing.session.asked
        path = ctx.out / "http.json"
        write_atomic(path, probe_record.record(sets, asked, ctx.clean))
        ctx.report(path)
        return StageResult(
            metrics=probe_record.metrics(sets, len(asked)),
            examined=Examined(
                count=sum(len(checks) for checks in sets.values()),
                unit="checks",
                details=(("requests", len(asked)),),
            ),
            findings=probe_record.told(sets, ctx.clean),
            tool=ctx.itself(),
            notes=tuple(probe_sets.notes(chosen, probing)),
        )

    def _probing(self, ctx: Context) -> Probing:
        options, service = self.options, ctx.service
        plan = ProbePlan()
        if options.plan:
            data = _read(ctx, options.plan, what="plan")
            plan = probe_plan.read(data, name=options.plan)
        ca = str(ctx.root / options.ca) if options.ca else ""
        session = Session(
            send=HttpCalls.for_seconds(service.url, ctx.timeout_s, ca=ca),
            setting=ctx.setting,
            url=service.url,
            identities=plan.identities,
            values={RUN: secrets.token_hex(6)},
        )
        # A limit is measured from its first request on: no step may come before.
        if "rate-limit" not in options.sets:
            for step in plan.setup:
                session.perform(step)
        return Probing(
            session=session,
            plan=plan,
            wanted=self._wanted(),
            address=(service.host, service.port),
            file=lambda path: _read(ctx, path, what="OpenAPI document"),
            now=SystemClock().now_utc,
        )

    def _wanted(self) -> Wanted:
        options = self.options
        method, _, path = (options.refused or f"POST {options.pages[0]}").partition(" ")
        private = tuple(options.private.items())
        return Wanted(
            pages=Pages(open=options.pages, private=private, wrong=(method, path)),
            hsts=options.hsts,
            origins=options.origins,
            any_origin=options.any_origin,
            openapi=options.openapi,
            public=options.public,
            limits=probe_choice.limits_of(options.limits, page=options.pages[0], plan=options.plan),
            tolerance=options.tolerance,
            login=probe_choice.login_of(options.login) if options.login else None,
            health=options.health,
            metrics_page=options.metrics_page,
        )

    def _searched(self, ctx: Context, checks: tuple[Check, ...]) -> tuple[Check, ...]:
        """The checks with their patterns looked at, in a process that ends with the gate."""
        request = probe_patterns.request(checks)
        if not request:
            return checks
        program, pairs = ctx.out / "patterns.py", ctx.out / "patterns.json"
        write_atomic(program, probe_patterns.PROGRAM.encode())
        write_atomic(pairs, request)
        # Isolated and without site packages: nothing of the project is on the import path.
        done = ctx.run(ctx.itself(), "-I", "-S", str(program), str(pairs))
        return probe_patterns.answered(checks, done.stdout)


def _read(ctx: Context, path: str, *, what: str) -> bytes:
    file: Path = ctx.root / path
    try:
        with open_regular(file) as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        summary = f"the {what} cannot be read: {error.strerror or error}"
        hint = "a path is relative to the folder of gates.yaml"
        raise StageError("file-unreadable", summary, hint=hint, place=path) from error
    if len(data) > MOST_BYTES:
        summary = f"the {what} is larger than {MOST_BYTES} bytes"
        raise StageError("file-too-large", summary, place=path)
    return data
