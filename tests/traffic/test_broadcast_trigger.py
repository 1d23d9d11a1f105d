from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from traffic.broadcast_server import Broadcaster, Faults, broadcaster

from gates.formats.broadcast_plan import BroadcastPlan, BroadcastProtocol
from gates.formats.broadcast_record import Sent
from gates.traffic.broadcast_trigger import NotPublishedError, publish
from gates.traffic.broadcast_wire import now_us


def plan(service: Broadcaster, **changes: object) -> BroadcastPlan:
    base = BroadcastPlan(
        nonce="n",
        url=service.url,
        protocol=BroadcastProtocol.SSE,
        path="/sse",
        subscribers=1,
        messages=1,
        method="POST",
        target=f"{service.url}/broadcast?m={{message}}",
        body='{"m": "{message}"}',
        connect_us=5_000_000,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and kinds are the test's


def sent(asked: BroadcastPlan, headers: tuple[tuple[str, str], ...] = ()) -> Sent:
    return asyncio.run(publish(asked, 7, headers, now_us())).sent


def refused(asked: BroadcastPlan) -> str:
    with pytest.raises(NotPublishedError) as caught:
        sent(asked)
    return str(caught.value)


def test_a_request_publishes() -> None:
    with broadcaster() as service:
        done = sent(plan(service), (("Authorization", "Bearer x"),))
        assert service.published == [b'{"m": "n-000007"}']
        ((line, fields),) = service.requests
    assert done.number == 7
    assert 0 <= done.at_us <= done.answered_us
    assert line == "POST /broadcast?m=n-000007"
    assert (fields["content-type"], fields["authorization"]) == ("application/json", "Bearer x")


def test_the_answer_names_what_was_published() -> None:
    with broadcaster(Faults(names=True, status="201 Created")) as service:
        done = asyncio.run(publish(plan(service, answer="/id", body="{}"), 7, (), now_us()))
        wrong = refused(plan(service, answer="/none"))
    assert (done.name, done.sent.number) == ("100", 7)
    assert wrong.startswith("its answer does not name it: ")
    assert "none" in wrong
    with broadcaster() as service:
        assert refused(plan(service, answer="/id")).startswith("its answer does not name it: ")


def test_a_text_is_no_json() -> None:
    with broadcaster() as service:
        sent(plan(service, body="m {message}"))
        sent(plan(service, body=""))
        (_, first), (_, second) = service.requests
    assert first["content-type"] == "text/plain; charset=utf-8"
    assert (second["content-length"], "content-type" in second) == ("0", False)


def test_a_request_that_is_refused_tells_how() -> None:
    with broadcaster(Faults(status="409 Conflict\r\nContent-Length: 0")) as service:
        assert refused(plan(service)) == "HTTP 409"
        gone = plan(service, method="GET", target=f"{service.url}/none", body="")
        assert refused(gone) == "HTTP 503"
    assert refused(plan(service)) == "Connection refused"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 500 No\r\nContent-Length: 10\r\n\r\nbad\n  luck", "HTTP 500: bad luck"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbad", "the answer was cut short"),
        (b"", "closed without an answer"),
        (b"junk", "it does not begin as an answer of HTTP/1.1"),
    ],
)
def test_an_answer_that_is_none_tells_why(answer: bytes, why: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"}")
        writer.write(answer)
        writer.close()

    async def main() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            asked = replace(plan(Broadcaster(Faults())), target=f"{url}/b")
            await publish(asked, 0, (), now_us())

    with pytest.raises(NotPublishedError) as caught:
        asyncio.run(main())
    assert str(caught.value) == why


def test_a_service_that_does_not_answer_is_told() -> None:
    async def main() -> None:
        done = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            del reader
            await done.wait()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        asked = replace(plan(Broadcaster(Faults())), target=f"{url}/b", connect_us=50_000)
        try:
            await publish(asked, 0, (), now_us())
        finally:
            done.set()
            server.close()

    with pytest.raises(NotPublishedError, match=r"no answer within 0\.05 s"):
        asyncio.run(main())


def command(*words: str) -> BroadcastPlan:
    return plan(Broadcaster(Faults()), command=(sys.executable, *words), method="", target="")


def test_a_command_publishes(tmp_path: Path) -> None:
    code = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    done = sent(command("-c", code, str(tmp_path / "told"), "x {message}"))
    assert (tmp_path / "told").read_text(encoding="utf-8") == "x n-000007"
    assert done.at_us < done.answered_us


def test_a_command_that_fails_is_told(tmp_path: Path) -> None:
    why = refused(command("-c", "import sys; sys.exit('not today')"))
    assert why == "the command ended with exit code 1: not today"
    missing = plan(Broadcaster(Faults()), command=(str(tmp_path / "none"),))
    assert refused(missing) == "No such file or directory"
