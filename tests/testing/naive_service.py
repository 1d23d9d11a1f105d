"""Stages that ask a small service of the sample's own: careful ones, and naive ones.

It answers each request with `{"errors": N}`; `N` stands in a file of the project.
"""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from gates.plugin import (
    Context,
    Default,
    Direction,
    Examined,
    MetricSpec,
    Options,
    OutputUnreadable,
    Sample,
    Stage,
    StageResult,
    Unit,
    count,
    read_json,
)
from gates.toolkit.http_calls import Call, HttpCalls

SERVER = """\
import socket, sys
body = b'{"errors": %d}' % int(open("errors.txt").read())
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    caller, _ = server.accept()
    try:
        if caller.recv(65536):
            print("asked", flush=True)
            head = b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n"
            caller.sendall(head % len(body) + body)
        caller.close()
    except OSError:
        pass
"""

ASK = """\
#!/bin/sh
exec python -I -S -c '
import os, socket, sys
place = os.environ["GATES_SERVICE_HOST"], int(os.environ["GATES_SERVICE_PORT"])
with socket.create_connection(place, timeout=5) as service, open(sys.argv[1], "wb") as report:
    service.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
    data = service.makefile("rb").read()
    report.write(data.partition(b"\\r\\n\\r\\n")[2])
    sys.exit(0 if b" 200 " in data[:20] else 1)
' "$@"
"""

SERVICES = {"api": {"run": "python -I -S server.py {port}", "ready": "tcp", "grace": "1s"}}

SAMPLE = Sample(
    files={"server.py": SERVER, "ask": ASK, "errors.txt": "0"},
    faulty={"errors.txt": "2"},
    services=SERVICES,
    vital=("errors.txt",),
)


class Asks(Stage[Options]):
    """Asks the service by itself, and believes whole answers alone."""

    uses = "small-ask"
    title = "small ask"
    metrics = (
        MetricSpec(name="errors", unit=Unit.COUNT, direction=Direction.LOWER, title="errors"),
    )
    defaults = (Default(text="errors == 0"),)
    examines = "answers"
    sample: ClassVar[Sample | None] = SAMPLE

    def asks_service(self) -> bool:
        return True

    def run(self, ctx: Context) -> StageResult:
        answer = HttpCalls(url=ctx.service.url)(Call(method="GET", target="/"))
        if answer.status != 200:
            raise OutputUnreadable("refused", f"the service answers {answer.status}")
        return result(ctx, read_json(answer.body, what="answer").member("errors").count())


class AsksByProgram(Asks):
    """Lets a program ask."""

    def run(self, ctx: Context) -> StageResult:
        path = ctx.out / "answer.json"
        assert ctx.service.is_local
        assert ctx.service.folder != ctx.root
        ctx.run(replace(ctx.itself(), path=str(ctx.root / "ask")), str(path))
        told = read_json(ctx.report(path).data, what="answer")
        return result(ctx, told.member("errors").count())


class TakesAnyAnswer(Asks):
    """Takes whatever is answered for an answer without errors, unless it says otherwise."""

    def run(self, ctx: Context) -> StageResult:
        answer = HttpCalls(url=ctx.service.url)(Call(method="GET", target="/"))
        return result(ctx, 2 if b"2" in answer.body else 0)


class OverlooksDeath(TakesAnyAnswer):
    """Says that it tells of a service that died, and does not look."""

    judges_death = True


class CountsItsRuns(AsksByProgram):
    """Examines more each time."""

    runs: ClassVar[int] = 0

    def run(self, ctx: Context) -> StageResult:
        CountsItsRuns.runs += 1
        found = super().run(ctx)
        return replace(found, examined=Examined(count=CountsItsRuns.runs, unit="answers"))


def result(ctx: Context, errors: int) -> StageResult:
    return StageResult(
        metrics=(count("errors", errors),),
        examined=Examined(count=1, unit="answers"),
        tool=ctx.itself(),
    )
