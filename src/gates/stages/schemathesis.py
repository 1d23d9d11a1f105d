"""`schemathesis`: the running service against its OpenAPI document, with valid and invalid input.

Schemathesis calls an operation tested once it sent a request, so that a service which answers 401,
404 or 429 to everything can come out clean. Here an operation counts as exercised only where a
valid request succeeded. Its exit code alone decides nothing: its two accounts must agree with each
other, and with the operations that we count in the document ourselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from gates.formats import (
    openapi_document,
    schemathesis_config,
    schemathesis_events,
    schemathesis_summary,
)
from gates.formats.nearest import nearest
from gates.formats.openapi_document import Document
from gates.formats.schemathesis_events import Events
from gates.formats.schemathesis_result import CORE, METRICS, Measured
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Options,
    Stage,
    StageError,
    StageResult,
    Tool,
)
from gates.toolkit.files import read_report, write_atomic
from gates.toolkit.http_calls import Call, HttpCalls

PROGRAM = "schemathesis"
PHASES = ("examples", "coverage", "fuzzing", "stateful")

MAX_EVENTS = 512 * 1024 * 1024

CANARY = (
    b'{"openapi": "3.0.3", "info": {"title": "canary", "version": "1"}, "paths": {"/": {"get":'
    b' {"responses": {"299": {"description": "no service answers so"}}}}}}'
)
"""A document that no service keeps: whatever `GET /` answers, the status is not documented."""

CANARY_RULE = "ST103"
CANARY_TOLD = "a document that the service cannot keep was found to be broken"

ALWAYS = (
    "--checks=all",
    "--mode=all",
    "--continue-on-failure",
    "--output-sanitize=true",
    "--no-color",
    "--report=ndjson,json",
)
"""What every run is given, whatever schemathesis.toml says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemathesisOptions(Options):
    """Options of `schemathesis`."""

    openapi: str = field(
        default="/openapi.json",
        metadata={"help": "the document: a path on the service (`/...`), or a file of the project"},
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "headers of every request; `${NAME}` stands for a variable of the environment"
        },
    )
    exclude: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "operations to leave out (`POST /orders/{id}/pay`), each with a reason",
            "stricter": "fewer",
        },
    )
    phases: tuple[str, ...] = field(
        default=PHASES,
        metadata={
            "help": "`examples`, `coverage`, `fuzzing`, `stateful`; `coverage` is needed",
            "stricter": "more",
        },
    )
    exclude_checks: tuple[str, ...] = field(
        default=(),
        metadata={"help": "checks to leave out; each output tells them", "stricter": "fewer"},
    )
    examples: int = field(
        default=50,
        metadata={"help": "random requests an operation and phase, at most", "stricter": "higher"},
    )
    seed: int = field(
        default=0, metadata={"help": "another draw of random requests; 0 draws the same ones"}
    )


class Schemathesis(Stage[SchemathesisOptions]):
    """An API that does what its OpenAPI document says, and refuses what it does not allow."""

    uses = "schemathesis"
    title = "the API against its OpenAPI document"
    options_type = SchemathesisOptions
    metrics = METRICS
    defaults = (
        Default(text="operations == 100%"),
        Default(text="failures == 0"),
        Default(text="accepts_invalid == 0"),
        Default(text="server_errors == 0"),
    )
    criteria = ("L2-CONTRACT", "L2-VALIDATION")
    examines = "operations"
    when = IN_CI
    errored_when = (
        "the document is not there, not valid, or documents no operation, or all are excluded",
        "no operation answered a valid request with success (credentials, path, rate limiter)",
        "schemathesis stopped early, or could not test an operation or check an answer",
        "a request got no answer",
        "its accounts contradict each other, or the operations that the document holds",
        "a check that matters was not made on an operation, or no invalid input was sent",
        "a rate limiter (429) answered most of the invalid requests to an operation",
        "a document that the service cannot keep was not seen to be broken",
    )
    programs = (PROGRAM,)

    def check(self) -> None:
        """Refuse options that would leave nothing shown.

        Raises:
            ValueError: with the reason.
        """
        for phase in self.options.phases:
            if phase not in PHASES:
                raise ValueError(f"`{phase}` is no phase: {', '.join(PHASES)}")
        if "coverage" not in self.options.phases:
            raise ValueError("without the phase `coverage` no invalid input is sent")
        for name in self.options.exclude_checks:
            if name in CORE or name == "all":
                raise ValueError(f"the check `{name}` cannot be left out: it is what is measured")
        for label, reason in self.options.exclude.items():
            if not reason.strip():
                raise ValueError(f"`exclude` needs a reason for `{label}`")
        if self.options.examples < 1 or self.options.seed < 0:
            raise ValueError("`examples` is at least 1, and `seed` at least 0")

    def asks_service(self) -> bool:
        """It is the service that is tested."""
        return True

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """None are known: what the service is made of decides."""
        del ctx
        return ()

    def run(self, ctx: Context) -> StageResult:
        """Test the service by its document, and by one that it cannot keep."""
        tool = ctx.tool(PROGRAM)
        data, document = self._document(ctx)
        self._refuse_unknown(document)
        measured = Measured(
            document=document,
            path="" if self._is_served else self.options.openapi,
            excluded=self.options.exclude,
            tool=tool,
            clean=ctx.clean,
        )
        measured.refuse_empty()
        project = ctx.root / schemathesis_config.NAME
        config = schemathesis_config.combined(
            project.read_bytes() if project.is_file() else None, self.options.headers
        )
        runner = _Runner(ctx, tool, config.data, ctx.service.url + document.base_path)
        events = runner.test(
            "openapi", data, self._arguments(), operations=len(document.operations)
        )
        result = measured.result(events)
        runner.refuse_blind()
        left_out = self.options.exclude_checks
        told = (f"checks left out: {', '.join(left_out)}",) if left_out else ()
        return replace(result, notes=(*result.notes, *config.notes, *told), canary=CANARY_TOLD)

    @property
    def _is_served(self) -> bool:
        return self.options.openapi.startswith("/")

    def _document(self, ctx: Context) -> tuple[bytes, Document]:
        """The document, its bytes read once: Schemathesis is given these very ones."""
        name = self.options.openapi
        if not self._is_served:
            data = _file(ctx, name)
        else:
            reply = HttpCalls(url=ctx.service.url)(Call(method="GET", target=name))
            if reply.status != HTTPStatus.OK:
                raise StageError(
                    "no-document",
                    f"GET {name} answers {reply.status}, and not with an OpenAPI document",
                    hint="name its path on the service, or a file of the project, in `openapi`",
                    place=name,
                )
            data = reply.body
        document = openapi_document.read(data, name)
        if not document.operations:
            raise StageError(
                "no-operations",
                f"`{name}` documents no operation",
                hint="see its `paths`",
                place=name,
            )
        return data, document

    def _refuse_unknown(self, document: Document) -> None:
        known = [operation.label for operation in document.operations]
        for label in self.options.exclude:
            if label not in known:
                near = nearest(label, known)
                hint = f"did you mean `{near}`?" if near else "write it as `POST /orders/{id}`"
                summary = f"`{label}` of `exclude` is not in `{document.name}`"
                raise StageError("unknown-operation", summary, hint=hint, place=document.name)

    def _arguments(self) -> tuple[str, ...]:
        options = self.options
        # Without a seed, what is drawn depends on the document alone.
        seed: tuple[str, ...] = ("--generation-deterministic",)
        if options.seed:
            seed = (f"--seed={options.seed}", "--generation-database=none")
        return (
            f"--phases={','.join(options.phases)}",
            f"--max-examples={options.examples}",
            *seed,
            *(
                (f"--exclude-checks={','.join(options.exclude_checks)}",)
                if options.exclude_checks
                else ()
            ),
            *(f"--exclude-name={label}" for label in options.exclude),
        )


@dataclass(frozen=True, slots=True)
class _Runner:
    """Runs Schemathesis on a service.

    Attributes:
        ctx: the project.
        tool: Schemathesis.
        config: its configuration.
        url: where the service answers.
    """

    ctx: Context
    tool: Tool
    config: bytes
    url: str

    def test(
        self, name: str, data: bytes, arguments: tuple[str, ...], *, operations: int
    ) -> Events:
        """Test the service by a document; its files begin with `name`."""
        out = self.ctx.out
        config = out / schemathesis_config.NAME
        ending = "json" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" else "yaml"
        document = out / f"{name}.{ending}"
        write_atomic(config, self.config)
        write_atomic(document, data)
        record, account = out / f"{name}.events.ndjson", out / f"{name}.account.json"
        done = self.ctx.run(
            self.tool,
            f"--config-file={config}",
            "run",
            str(document),
            f"--url={self.url}",
            *arguments,
            *ALWAYS,
            f"--report-ndjson-path={record}",
            f"--report-json-path={account}",
            ok=(0, 1),
            # Left to itself it keeps examples in the checkout, and hashes order what it draws.
            env={"HYPOTHESIS_STORAGE_DIRECTORY": str(out / "hypothesis"), "PYTHONHASHSEED": "0"},
        )
        events = schemathesis_events.read(
            self.ctx.report(record, max_bytes=MAX_EVENTS).data, what=record.name
        )
        summary = schemathesis_summary.read(self.ctx.report(account).data, what=account.name)
        schemathesis_summary.refuse_partial(summary, events, done.exit_code, operations=operations)
        return events

    def refuse_blind(self) -> None:
        """Refuse a tool that finds nothing in a document which no service keeps."""
        arguments = ("--phases=fuzzing", "--max-examples=1", "--generation-deterministic")
        events = self.test("canary", CANARY, arguments, operations=1)
        if all(failure.code != CANARY_RULE for failure in events.failures):
            raise StageError(
                "canary-passed-over",
                "schemathesis found nothing wrong in a document that the service cannot keep",
                hint=f"see the checks that {schemathesis_config.NAME} switches off",
                place="schemathesis",
            )


def _file(ctx: Context, name: str) -> bytes:
    if name not in ctx.files(name):
        raise StageError(
            "no-document",
            f"`{name}` is not a file of the project",
            hint="name the document in `openapi`; a path on the service begins with `/`",
            place=name,
        )
    return read_report(ctx.root / name).data
