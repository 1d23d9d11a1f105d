from __future__ import annotations

import socket
import threading
import time

import pytest
from traffic.running import GET, failed, plan_of, ran, times_of
from traffic.scripted_server import OK, ScriptedServer

from gates.formats.load_plan import Request
from gates.traffic.generator import Generator

pytestmark = pytest.mark.serial

MS = 1000


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def test_as_many_requests_are_sent_as_the_rate_asks_for() -> None:
    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, rate=100, seconds=0.5, warmup_s=0.2), server.port)
    assert len(server.requests) == 70
    assert len(times_of(record)) == 50
    assert failed(record) == {}
    assert [beat.asked for beat in record.beats] == [20, 50]
    assert record.seconds == record.duration_s


def test_requests_come_in_their_cycle_and_count_for_their_endpoint() -> None:
    often = Request(name="often", path="/a?n={n}", weight=3)
    seldom = Request(name="seldom", method="POST", path="/b", body='{"x": {n}}')
    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, often, seldom, rate=80), server.port)
    assert {cell.endpoint: cell.succeeded for cell in record.measured} == {0: 30, 1: 10}
    assert record.endpoints == ("often", "seldom")
    asked = {each.split(b" ")[1] for each in server.requests if each.startswith(b"GET")}
    assert len(asked) == 30
    assert asked < {b"/a?n=%d" % number for number in range(1, 41)}
    assert all(b"Content-Length: " in each for each in server.requests if b"POST" in each[:4])


def test_what_is_rare_is_asked_in_a_short_run_too() -> None:
    often = Request(name="often", path="/a", weight=1000)
    rare = Request(name="rare", path="/b")
    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, often, rare, rate=80, warmup_s=0.1), server.port)
    assert {cell.endpoint: cell.succeeded for cell in record.measured} == {0: 39, 1: 1}


def test_a_run_without_a_request_ends_all_the_same() -> None:
    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, rate=1, seconds=0.1), server.port)
    assert record.measured == ()


def test_answers_that_are_longer_than_they_say_fail() -> None:
    # So many connections stay open that one is used again only when the bytes have come.
    held = ((20.0, 20.0, 0.5),)
    with ScriptedServer(later=b"more") as server:
        record, _ = ran(plan_of(server.port, rate=20, seconds=0.5, held=held), server.port)
    assert failed(record)["bytes after the answer"] >= 9


def test_redirects_are_counted_unless_their_status_is_asked() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    due = Request(name="due", path="/a", statuses=(302,))
    with ScriptedServer(lambda _: moved) as server:
        record, _ = ran(plan_of(server.port, GET, due, rate=40, seconds=0.5), server.port)
    assert (len(times_of(record)), record.redirects) == (20, 10)


def test_a_stall_is_paid_for_by_all_who_come_meanwhile() -> None:
    began: list[float] = []

    def stall(_: bytes) -> bytes:
        now = time.monotonic()
        if not began:
            began.append(now)
        if 0.2 < now - began[0] < 0.7:
            time.sleep(0.7 - (now - began[0]))
        return OK

    with ScriptedServer(stall) as server:
        record, _ = ran(plan_of(server.port, rate=100, seconds=1.2), server.port)
    times = times_of(record)
    # Half a second of 1.2: those who came in it wait for a quarter of a second on average. A
    # generator that waits for answers would see as many slow ones as it has users.
    assert len(times) == 120
    assert sum(time > 100 * MS for time in times) > 25
    assert times[round(len(times) * 0.95)] > 300 * MS


def test_time_that_a_request_waits_for_a_connection_counts() -> None:
    def slow(_: bytes) -> bytes:
        time.sleep(0.02)
        return OK

    with ScriptedServer(slow) as server:
        record, _ = ran(plan_of(server.port, rate=100, seconds=0.5, connections=1), server.port)
    assert server.connections == 1
    # 50 requests of 20 ms take a second where half of one was given.
    assert times_of(record)[-1] > 300 * MS


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n", "status 500"),
        (None, "connection closed"),
        (b"hello\r\n\r\n", "no HTTP/1.1"),
    ],
)
def test_a_bad_end_is_counted_by_its_reason(answer: bytes | None, reason: str) -> None:
    with ScriptedServer(lambda _: answer) as server:
        record, _ = ran(plan_of(server.port, rate=40), server.port)
    assert len(times_of(record)) == 0
    assert sum(failed(record).values()) == 20
    # An end of the connection may also come as a reset.
    assert set(failed(record)) <= {reason, "connection reset"}


def test_a_service_that_is_not_there_refuses_each_request() -> None:
    port = closed_port()
    record, _ = ran(plan_of(port, rate=40), port)
    assert failed(record) == {"connection refused": 20}


def test_a_service_that_closes_each_connection_is_asked_over_new_ones() -> None:
    answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"
    with ScriptedServer(lambda _: answer, close_after=True) as server:
        record, _ = ran(plan_of(server.port, rate=40), server.port)
    assert len(times_of(record)) == 20
    assert failed(record) == {}
    assert server.connections >= 20


def test_an_answer_that_its_connection_ends_is_one() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\nhello"
    request = Request(name="GET /", min_bytes=5, max_bytes=5)
    with ScriptedServer(lambda _: answer, close_after=True) as server:
        record, _ = ran(plan_of(server.port, request, rate=40), server.port)
    assert failed(record) == {}


def test_the_answer_to_head_is_whole_without_a_body() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    with ScriptedServer(lambda _: answer) as server:
        head = Request(name="HEAD /", method="HEAD", path="/")
        record, _ = ran(plan_of(server.port, head, rate=40), server.port)
    assert failed(record) == {}


def test_what_has_no_answer_when_patience_is_over_is_unfinished() -> None:
    with ScriptedServer(lambda _: b"") as server:
        record, _ = ran(plan_of(server.port, rate=40, patience_s=0.1), server.port)
    assert record.unfinished == 20
    assert failed(record) == {"unfinished": 20}


def test_a_run_that_is_ended_early_says_how_long_it_was() -> None:
    def end(generator: Generator) -> None:
        generator._loop.call_later(0.4, generator.stop)

    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, seconds=30, rate=50), server.port, before=end)
    assert 0 < record.seconds < 5
    assert record.duration_s == 30


def test_connections_are_held_open_and_used_in_turn() -> None:
    with ScriptedServer() as server:
        plan = plan_of(server.port, rate=60, seconds=0.5, connections=30, held=((30, 30, 0.5),))
        record, _ = ran(plan, server.port)
    assert server.connections == 30
    assert [beat.users for beat in record.phase] == [30]
    assert failed(record) == {}


def test_connections_follow_the_users() -> None:
    with ScriptedServer() as server:
        slopes = ((0.0, 20.0, 0.4), (20.0, 20.0, 0.3), (20.0, 4.0, 0.3))
        plan = plan_of(server.port, rate=50, seconds=1.0, connections=40, held=slopes)
        _, generator = ran(plan, server.port)
    assert server.connections >= 20
    assert generator.pool.wanted <= 8


def test_what_a_service_closes_is_opened_again_where_it_is_to_be_held() -> None:
    count = [0]

    def sometimes(_: bytes) -> bytes | None:
        count[0] += 1
        return None if count[0] % 10 == 0 else OK

    with ScriptedServer(sometimes) as server:
        plan = plan_of(server.port, rate=60, seconds=1.0, connections=10, held=((10, 10, 1.0),))
        record, _ = ran(plan, server.port)
    assert server.connections > 10
    assert 0 < sum(failed(record).values()) <= 7


def test_the_generator_tells_how_it_fared() -> None:
    with ScriptedServer() as server:
        record, _ = ran(plan_of(server.port, GET, rate=50, seconds=1.0), server.port)
    (beat,) = record.phase
    assert beat.probes == 100
    assert 0 < beat.cpu < 1.5
    assert beat.workers == 1
    assert beat.users is None
    assert threading.active_count() < 10
