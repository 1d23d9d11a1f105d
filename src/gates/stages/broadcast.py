"""`broadcast`: does what a service publishes reach every subscriber, by a program of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import broadcast_options, broadcast_plan, broadcast_record, broadcast_result
from gates.formats.broadcast_options import PLACE, microseconds
from gates.formats.broadcast_plan import BroadcastPlan, BroadcastProtocol
from gates.plugin import (
    IN_CI,
    Context,
    Default,
    Options,
    OutputUnreadable,
    Stage,
    StageError,
    StageResult,
    ToolMissing,
)
from gates.toolkit.files import write_atomic

PROGRAM = "gates.traffic.broadcast_program"
"""The module that connects, publishes and listens."""

LIBRARY = "websockets"
"""What it takes for `protocol: websocket`."""

_PROTOCOLS = tuple(each.value for each in BroadcastProtocol)


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastOptions(Options):
    """Options of `broadcast`."""

    path: str = field(
        default="",
        metadata={
            "help": "where subscribers connect: `/ws/orders`; `{subscriber}` is their number"
        },
    )
    protocol: str = field(
        default="websocket",
        metadata={"help": "`websocket`, or `sse` for server-sent events"},
    )
    subscribers: int = field(
        default=100, metadata={"help": "how many connect", "stricter": "higher"}
    )
    messages: int = field(
        default=20,
        metadata={"help": "how many are published; with `reconnect`, twice", "stricter": "higher"},
    )
    trigger: str = field(
        default="",
        metadata={
            "help": "the request that publishes a message: `POST /broadcast`, or `POST"
            " {worker.url}/publish` to a service that this one needs"
        },
    )
    body: str = field(
        default="",
        metadata={"help": "body of that request; `{message}` in it is the token of a message"},
    )
    command: str | tuple[str, ...] = field(
        default="",
        metadata={
            "help": "a command that publishes, in place of `trigger`: a text, split as a shell"
            " splits words, or a list; `{message}` is the token of a message"
        },
    )
    expect: str = field(
        default="",
        metadata={
            "help": "JSON pointer of the token in what subscribers get, such as `/data/text`; by"
            " default it may stand anywhere in it"
        },
    )
    answer: str = field(
        default="",
        metadata={
            "help": "JSON pointer, in the answer to `trigger`, of what stands at `expect` in the"
            " message, in place of `{message}`: `/id` of what was created"
        },
    )
    login: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "a request that comes first: `path`, `body`, and `take`, the JSON pointer to"
            " the token in its answer; also `method` (POST), `content_type` (application/json) and"
            " `header`, sent by all (`Authorization: Bearer {token}`)"
        },
    )
    subscribe: str = field(
        default="",
        metadata={
            "help": "text that a subscriber sends once its WebSocket is open; `{token}` in it is"
            " that of `login`"
        },
    )
    confirmed: str = field(
        default="",
        metadata={
            "help": "text in the message by which the service says that one is subscribed; by"
            " default one is once connected, and `settle` later"
        },
    )
    headers: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "header fields of subscribers and of `trigger`"},
    )
    headers_from: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "the same, by the environment variable that holds the whole value:"
            " `Authorization: ORDERS_TOKEN`"
        },
    )
    deadline: str = field(default="5s", metadata=broadcast_options.DEADLINE)
    connect_timeout: str = field(default="10s", metadata=broadcast_options.CONNECT_TIMEOUT)
    settle: str = field(
        default="500ms",
        metadata={"help": "pause before the first message"},
    )
    listen: str = field(default="5s", metadata=broadcast_options.LISTEN)
    pause: str = field(default="100ms", metadata={"help": "pause between two messages"})
    reconnect: int = field(default=0, metadata=broadcast_options.RECONNECT)
    replay: bool = field(default=False, metadata=broadcast_options.REPLAY)


class Broadcast(Stage[BroadcastOptions]):
    """Connect subscribers, publish messages of ours, and count what came to whom, and when."""

    uses = "broadcast"
    title = "what a service publishes, at all its subscribers"
    options_type = BroadcastOptions
    metrics = broadcast_result.SPECS
    defaults = tuple(Default(text=text) for text in broadcast_result.DEFAULTS)
    criteria = ("L2-REALTIME",)
    when = IN_CI
    examines = "deliveries"
    errored_when = (
        "no subscriber could connect; where some could, the others missed every message",
        "the service or the command did not take a message that was to be published",
        "none of the messages came to anybody: perhaps nothing was published",
        "the measuring program was late itself by more than a tenth of the deadline",
        "more subscribers are asked than files may be open",
        "`protocol: websocket` without the library `websockets`",
        "the login fails, or with `answer` an answer names no message or one twice",
        "the record is cut short, of another run, or contradicts itself",
    )
    exclusive = True
    tells_findings = False

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: with one line that says why.
        """
        options = self.options
        if not options.path.startswith("/") or " " in options.path:
            raise ValueError("`path` names where subscribers connect, and begins with `/`")
        if options.protocol not in _PROTOCOLS:
            raise ValueError(f"`protocol` is one of {', '.join(_PROTOCOLS)}")
        broadcast_options.refuse_sizes(options.subscribers, options.messages, options.reconnect)
        broadcast_options.refuse_headers(options.headers, options.headers_from)
        for name in ("expect", "answer"):
            if getattr(options, name) and not getattr(options, name).startswith("/"):
                raise ValueError(f"`{name}` is a JSON pointer, and begins with `/`")
        broadcast_options.login(options.login)
        for name in ("deadline", "connect_timeout", "settle", "listen", "pause"):
            microseconds(getattr(options, name), name=name)
        if not microseconds(options.deadline, name="deadline"):
            raise ValueError("`deadline` is longer than 0 s")
        self._check_protocol()
        self._check_trigger()

    def asks_service(self) -> bool:
        """Subscribers connect to it."""
        return True

    def run(self, ctx: Context) -> StageResult:
        """Let the program connect, publish and listen."""
        self._refuse_without_library()
        plan = self._plan(ctx)
        paths = ctx.out / "plan.json", ctx.out / "record.jsonl"
        write_atomic(paths[0], broadcast_plan.write(plan), mode=0o600)
        values = {name: ctx.setting(name) for _, name in plan.headers_from}
        bad = [
            name for name, value in values.items() if not broadcast_options.is_header_value(value)
        ]
        if bad:
            summary = f"the environment variable `{bad[0]}` holds what no header may hold"
            raise StageError("header-value", summary, hint="give it on one line, in Latin-1")
        ctx.run(
            ctx.itself(),
            *("-P", "-m", PROGRAM),
            *("--plan", str(paths[0]), "--record", str(paths[1])),
            env={name: value for name, value in values.items() if value},
        )
        report = ctx.report(paths[1], max_bytes=broadcast_record.MAX_BYTES)
        return parse(report.data, what=report.path.name, plan=plan)

    def _check_protocol(self) -> None:
        options = self.options
        is_sse = options.protocol == BroadcastProtocol.SSE
        if is_sse and options.subscribe:
            raise ValueError(
                "`subscribe` is sent over a WebSocket; with `sse` only the service talks"
            )
        if options.replay and not (is_sse and options.reconnect and options.messages > 1):
            raise ValueError(
                "`replay` needs `protocol: sse`, `reconnect`, and more than one of `messages`"
            )

    def _check_trigger(self) -> None:
        options = self.options
        words = broadcast_options.words(options.command)
        if bool(options.trigger) == bool(words):
            raise ValueError("either `trigger` or `command` says how a message is published")
        if options.trigger:
            broadcast_options.trigger(options.trigger)
        elif options.body:
            raise ValueError("`body` belongs to `trigger`, and `command` has none")
        if options.answer:
            if not (options.trigger and options.expect):
                raise ValueError("`answer` needs `trigger`, and `expect` for the message")
            return
        if not any(PLACE in text for text in (options.trigger, options.body, *words)):
            raise ValueError(
                f"`{PLACE}` must stand in `body`, `trigger` or `command`: it is looked for"
            )

    def _refuse_without_library(self) -> None:
        from importlib.util import find_spec

        if self.options.protocol == BroadcastProtocol.WEBSOCKET and find_spec(LIBRARY) is None:
            raise ToolMissing(
                "library-missing",
                f"`{LIBRARY}` is not installed beside `gates`",
                hint="install `gates[realtime]`",
                place=LIBRARY,
            )

    def _plan(self, ctx: Context) -> BroadcastPlan:
        import secrets

        options = self.options
        method, target = self._request(ctx)
        return BroadcastPlan(
            nonce=f"gates-{secrets.token_hex(8)}",
            url=ctx.service.url,
            protocol=BroadcastProtocol(options.protocol),
            path=options.path,
            subscribers=options.subscribers,
            messages=options.messages,
            reconnect=options.reconnect,
            replay=options.replay,
            method=method,
            target=target,
            body=options.body,
            command=self._command(ctx),
            pointer=options.expect,
            answer=options.answer,
            login=broadcast_options.login(options.login),
            subscribe=options.subscribe,
            confirmed=options.confirmed,
            headers=tuple(options.headers.items()),
            headers_from=tuple(options.headers_from.items()),
            deadline_us=microseconds(options.deadline, name="deadline"),
            connect_us=microseconds(options.connect_timeout, name="connect_timeout"),
            settle_us=microseconds(options.settle, name="settle"),
            listen_us=microseconds(options.listen, name="listen"),
            pause_us=microseconds(options.pause, name="pause"),
        )

    def _request(self, ctx: Context) -> tuple[str, str]:
        """Method and whole URL of the request that publishes; both empty where a command does.

        Raises:
            StageError: it goes to no service of the gate.
        """
        if not self.options.trigger:
            return "", ""
        method, target = broadcast_options.trigger(self.options.trigger)
        if target.startswith("/"):
            return method, f"{ctx.service.url}{target}"
        filled = _filled(ctx, target)
        if not any(filled.startswith(f"{each.url}/") for each in ctx.services.values()):
            raise StageError(
                "foreign-target",
                f"`trigger` goes to `{filled}`, which is no service of this gate",
                hint="write `{NAME.url}/path`, and name the service in `needs` of the gate's own",
            )
        return method, filled

    def _command(self, ctx: Context) -> tuple[str, ...]:
        words = broadcast_options.words(self.options.command)
        if not words:
            return ()
        program, *arguments = words
        path = str(ctx.root / program) if "/" in program else ctx.tool(program, ask=False).path
        return (path, *(_filled(ctx, word) for word in arguments))


def parse(data: bytes, *, what: str, plan: BroadcastPlan) -> StageResult:
    """Read the record of a run.

    Args:
        data: the file.
        what: its name, in errors.
        plan: what the program was told to do.

    Raises:
        OutputUnreadable: it is no record, or one of another run.
        StageError: nothing was measured.
    """
    record = broadcast_record.read(data, what=what)
    asked = (plan.nonce, plan.protocol, plan.subscribers, plan.published, plan.deadline_us)
    told = (
        *(record.nonce, record.protocol),
        *(record.subscribers, record.messages, record.deadline_us),
    )
    if told != asked:
        raise OutputUnreadable("record-foreign", "the record is of another run", place=what)
    return broadcast_result.result_of(record, what=what, is_placed=bool(plan.pointer))


def _filled(ctx: Context, text: str) -> str:
    """Fill the service's placeholders; that of the message is the program's."""
    return PLACE.join(ctx.service.filled(part) for part in text.split(PLACE))
