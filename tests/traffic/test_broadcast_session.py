from __future__ import annotations

import asyncio
import errno
import resource
from collections.abc import Mapping
from dataclasses import replace

import pytest
from traffic.broadcast_server import Broadcaster, Faults, broadcaster

from gates.domain.errors import StageError
from gates.formats import broadcast_record
from gates.formats.broadcast_plan import BroadcastLogin, BroadcastPlan, BroadcastProtocol
from gates.formats.broadcast_record import BroadcastRecord, Lag
from gates.formats.broadcast_result import result_of
from gates.testing.fakes import metrics_of
from gates.traffic import broadcast_session
from gates.traffic.broadcast_session import LagProbe, Session
from gates.traffic.broadcast_wire import Wire

WEBSOCKET, SSE = BroadcastProtocol.WEBSOCKET, BroadcastProtocol.SSE
BOTH = pytest.mark.parametrize("protocol", [WEBSOCKET, SSE])


def plan(service: Broadcaster, protocol: BroadcastProtocol, **changes: object) -> BroadcastPlan:
    base = BroadcastPlan(
        nonce="gates-test",
        url=service.url,
        protocol=protocol,
        path="/ws" if protocol is WEBSOCKET else "/sse",
        subscribers=5,
        messages=4,
        method="POST",
        target=f"{service.url}/broadcast",
        body='{"m": "{message}"}',
        deadline_us=20_000_000,  # far beyond what a busy machine adds
        settle_us=30_000,
        listen_us=30_000,
        pause_us=1_000,
    )
    return replace(base, **changes)  # type: ignore[arg-type] # names and kinds are the test's


def ran(asked: BroadcastPlan, environ: Mapping[str, str] | None = None) -> BroadcastRecord:
    record = asyncio.run(Session(asked, environ or {}).run())
    assert broadcast_record.read(broadcast_record.write(record), what="r") == record
    return record


def measured(
    faults: Faults, protocol: BroadcastProtocol = WEBSOCKET, **changes: object
) -> dict[str, object]:
    """The counts of a run against a service with these faults."""
    with broadcaster(faults) as service:
        record = ran(plan(service, protocol, **changes))
    # How late this machine was itself is shown elsewhere; here it must not decide.
    found = metrics_of(result_of(replace(record, lag=Lag(1, 0, 0)), what="r"))
    names = ("delivered", "duplicates", "out_of_order", "missed_subscribers", "connected")
    return {name: found[name] for name in names}


def counts(
    delivered: int, of: int = 20, *, again: int = 0, order: int = 0, missed: int = 0, there: int = 5
) -> dict[str, object]:
    return {
        "delivered": (delivered, of), "duplicates": again, "out_of_order": order,
        "missed_subscribers": missed, "connected": there,
    }  # fmt: skip


@BOTH
def test_all_messages_reach_everybody(protocol: BroadcastProtocol) -> None:
    with broadcaster() as service:
        record = ran(plan(service, protocol, headers=(("X-A", "1"),)))
    assert [len(each.got) for each in record.heard] == [4] * 5
    assert (len(record.sent), record.trouble) == (4, None)
    assert record.lag.probes > 0
    assert record.lag.cpu_us > 0
    assert [fields["x-a"] for _, fields in service.requests] == ["1"] * 9


SHORT = 700_000


@BOTH
def test_a_broadcast_that_drops_the_last_subscriber(protocol: BroadcastProtocol) -> None:
    assert measured(Faults(deaf=1), protocol, deadline_us=SHORT) == counts(16, missed=1)


def test_a_message_that_comes_twice() -> None:
    assert measured(Faults(repeat=frozenset({1, 3}))) == counts(20, again=2)


def test_a_message_that_comes_again_later_is_listened_for() -> None:
    faults = Faults(again_s=0.2)
    assert measured(faults, listen_us=1_000_000) == counts(20, again=4)


def test_a_message_that_breaks_off_is_none() -> None:
    with broadcaster() as service:
        record = ran(plan(service, WEBSOCKET, body='{"m": "{message}"', deadline_us=100_000))
    assert [(each.got, each.broken, each.foreign) for each in record.heard] == [((), 4, 0)] * 5


def test_a_service_that_closes_after_the_last_message() -> None:
    with broadcaster(Faults(close_after=4)) as service:
        record = ran(plan(service, WEBSOCKET, listen_us=1_000_000))
    found = metrics_of(result_of(replace(record, lag=Lag(1, 0, 0)), what="r"))
    assert (found["delivered"], found["closed"]) == ((20, 20), 1)


def test_messages_in_another_order() -> None:
    assert measured(Faults(swap=True)) == counts(20, order=1)


def test_messages_that_are_late() -> None:
    found = measured(Faults(delay_s=0.6), deadline_us=500_000)
    assert found == counts(0, missed=5)


@BOTH
def test_a_service_that_closes_half_way(protocol: BroadcastProtocol) -> None:
    assert measured(Faults(close_at=2), protocol) == counts(18, missed=1)


def test_a_service_that_lets_in_some() -> None:
    assert measured(Faults(full=3)) == counts(12, missed=2, there=3)


def errored(faults: Faults, **changes: object) -> tuple[str, str]:
    with broadcaster(faults) as service:
        record = ran(plan(service, WEBSOCKET, **changes))
    with pytest.raises(StageError) as caught:
        result_of(record, what="r")
    return caught.value.problem.slug, caught.value.problem.summary


def test_a_service_that_says_nothing() -> None:
    slug, _ = errored(Faults(deaf=5), deadline_us=200_000)
    assert slug == "never-broadcast"


def test_a_service_that_lets_nobody_in() -> None:
    slug, summary = errored(Faults(full=0))
    assert slug == "no-subscriber"
    assert "HTTP 503" in summary


def test_a_trigger_that_is_refused() -> None:
    assert errored(Faults(status="500 No")) == ("trigger-refused", "message 0: HTTP 500")


def test_a_service_that_never_lets_in() -> None:
    slug, summary = errored(Faults(), confirmed="never said", connect_us=100_000)
    assert (slug, "not connected within 0.1 s" in summary) == ("no-subscriber", True)


def test_a_service_that_is_not_there() -> None:
    with broadcaster() as service:
        asked = plan(service, SSE)
    record = ran(asked)
    assert {each.lives[0].why for each in record.heard} == {"Connection refused"}


def test_what_confirms_a_subscription_is_waited_for() -> None:
    found = measured(Faults(greeting="welcome"), subscribe="in {subscriber}", confirmed="welcome")
    assert found == counts(20)


def test_other_messages_are_no_messages_of_ours() -> None:
    assert measured(Faults(chatter=True), pointer="/m") == counts(20)


def test_subscribers_that_come_again() -> None:
    assert measured(Faults(), reconnect=2) == counts(40, 40)


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        (Faults(), counts(40, 40)),
        (Faults(forgets=True), counts(36, 40, missed=2)),
        (Faults(repeats_all=True), counts(40, 40, again=8)),
    ],
)
def test_what_was_missed_is_made_up_for(faults: Faults, expected: dict[str, object]) -> None:
    found = measured(faults, SSE, reconnect=2, replay=True, deadline_us=SHORT)
    assert found == expected


OURS = Faults(names=True, status="201 Created")


@BOTH
def test_messages_are_known_by_the_names_that_the_answers_tell(
    protocol: BroadcastProtocol,
) -> None:
    assert measured(OURS, protocol, answer="/id", pointer="/order_id", body="{}") == counts(20)
    deaf = replace(OURS, deaf=1)
    assert measured(
        deaf, protocol, deadline_us=SHORT, answer="/id", pointer="/order_id", body="{}"
    ) == counts(16, missed=1)
    again = replace(OURS, repeat=frozenset({1}), chatter=protocol is WEBSOCKET)
    assert measured(again, protocol, answer="/id", pointer="/order_id", body="{}") == counts(
        20, again=1
    )
    assert measured(
        replace(OURS, delay_s=0.05), protocol, answer="/id", pointer="/order_id", body="{}"
    ) == counts(20)


def test_a_name_that_is_told_twice_tells_nothing() -> None:
    slug, summary = errored(
        replace(OURS, same_name=True), answer="/id", pointer="/order_id", body="{}"
    )
    assert (slug, summary) == (
        "trigger-refused",
        "message 1: its answer names it 7, as message 0 is",
    )


LOGIN = BroadcastLogin(
    method="POST",
    path="/login",
    kind="text/plain",
    body="",
    take="/token",
    header="Authorization:{token}",
)


def test_a_login_comes_first() -> None:
    found = measured(
        Faults(token="made-up", greeting="welcome"),
        login=LOGIN,
        subscribe="I am {token}",
        confirmed="welcome",
    )
    assert found == counts(20)
    slug, summary = errored(Faults(token="made-up"), login=replace(LOGIN, take="/none"))
    assert slug == "login-failed"
    assert summary.startswith("the login by POST /login failed")


def test_paths_hold_the_number_of_the_subscriber() -> None:
    with broadcaster() as service:
        ran(plan(service, SSE, path="/sse/{subscriber}", subscribers=2))
    assert {line for line, _ in service.requests} >= {"GET /sse/0", "GET /sse/1"}


def test_headers_come_from_the_environment() -> None:
    with broadcaster() as service:
        asked = plan(service, SSE, headers_from=(("Authorization", "TOKEN"),))
        ran(asked, {"TOKEN": "Bearer y"})
        assert {fields["authorization"] for _, fields in service.requests} == {"Bearer y"}
        record = ran(asked)
    assert record.trouble is not None
    assert record.trouble.summary == "the environment variable `TOKEN` is not set"


def test_too_few_files(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = [(50, 60)]
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[0])
    monkeypatch.setattr(resource, "setrlimit", lambda _, new: given.append(new))
    with broadcaster() as service:
        record = ran(plan(service, SSE))
        assert record.trouble is not None
        assert "5 subscribers take 69 open files, and only 60" in record.trouble.summary
        limits[0] = (50, 100)
        assert ran(plan(service, SSE)).trouble is None
    assert given == [(69, 100)]


def test_a_machine_that_is_full_is_no_fault_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_: Session, wire: Wire) -> None:
        del wire
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(broadcast_session.Session, "_open", full)
    record = ran(plan(Broadcaster(Faults()), SSE))
    assert record.trouble is not None
    assert record.trouble.slug == "generator-trouble"
    assert record.trouble.summary.startswith("Too many open files")


def test_a_timer_that_is_late_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([0, 5_000 + 7_000, 20_000, 20_000 + 5_000 + 100])

    async def main() -> LagProbe:
        seen = asyncio.Event()

        def clock() -> int:
            now = next(times, None)
            if now is None:
                seen.set()
            return 30_000 if now is None else now

        monkeypatch.setattr(broadcast_session, "now_us", clock)
        probe = LagProbe()
        await seen.wait()
        probe.stop()
        return probe

    probe = asyncio.run(main())
    assert (probe.probes, probe.late, probe.worst_us) == (2, 1, 7_000)
