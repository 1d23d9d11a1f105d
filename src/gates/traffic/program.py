"""The load generator as a program: `python -m gates.traffic.program --plan FILE --record FILE`.

It ends with 0 where the record is written, also where SIGTERM ended it early; with 3 where it could
not begin, and then says why as JSON on standard output.
"""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import signal
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlsplit

from gates.domain.errors import StageError
from gates.formats import load_plan
from gates.formats.load_plan import LoadPlan
from gates.toolkit.files import write_atomic
from gates.traffic.generator import Generator
from gates.traffic.login import logged_in
from gates.traffic.loops import exact_loop
from gates.traffic.pool import Place

CANNOT_BEGIN = 3
"""Exit code where nothing was measured."""

_SPARE_FILES = 64
_ARGUMENTS = 4


def main(arguments: list[str]) -> int:
    """Run the plan and write the record; the exit code."""
    if len(arguments) != _ARGUMENTS or arguments[0] != "--plan" or arguments[2] != "--record":
        sys.stderr.write("usage: python -m gates.traffic.program --plan FILE --record FILE\n")
        return 2
    given = Path(arguments[1])
    try:
        plan = load_plan.read(given.read_bytes(), what=given.name)
        _allow_files(plan.connections)
        with asyncio.Runner(loop_factory=exact_loop) as runner:
            record = runner.run(_measured(plan))
    except StageError as error:
        problem = error.problem
        told = {"slug": problem.slug, "summary": problem.summary, "hint": problem.hint}
        sys.stdout.write(json.dumps(told) + "\n")
        return CANNOT_BEGIN
    write_atomic(Path(arguments[3]), record)
    return 0


async def _measured(plan: LoadPlan) -> bytes:
    """Run the plan; the record."""
    place = await _place(plan.url)
    fields = () if plan.login is None else (await logged_in(plan, place),)
    generator = Generator(plan, place, fields=fields)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, generator.stop)
    # What stands now stays; a collection in the middle would look like a slow service.
    gc.collect()
    gc.freeze()
    gc.disable()
    started, seconds = await generator.run()
    return b"".join(generator.tally.lines(started=started, seconds=seconds))


async def _place(url: str) -> Place:
    """Where the service is: its name is looked up once, and certificates are read once."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StageError(
            "unknown-host",
            f"the host `{name}` was not found: {error.strerror or error}",
            hint="look at `url:` of the service",
            place=url,
        ) from None
    tls = ssl.create_default_context() if parts.scheme == "https" else None
    return Place(host=str(found[0][4][0]), port=port, name=name, tls=tls)


def _allow_files(connections: int) -> None:
    """Raise the limit of open files, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + _SPARE_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise StageError(
            "too-few-files",
            f"{connections} connections need {needed} open files, and {hard} are allowed",
            hint="raise the hard limit (`ulimit -Hn`), or lower `connections`",
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
