from __future__ import annotations

import importlib.util
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import live_context
from traffic.broadcast_server import broadcaster

from gates.formats import broadcast_plan, broadcast_record
from gates.formats.broadcast_plan import BroadcastPlan, BroadcastProtocol
from gates.formats.broadcast_record import BroadcastRecord, Heard, Lag, Life, Sent
from gates.plugin import OutputUnreadable, StageError
from gates.stages.broadcast import Broadcast, BroadcastOptions
from gates.testing.fake_service import FakeService

OPTIONS = BroadcastOptions(
    path="/ws", subscribers=2, messages=3, trigger="POST /broadcast", body='{"m": "{message}"}'
)
Change = Callable[[BroadcastRecord], BroadcastRecord]


def served(tmp_path: Path, change: Change = lambda record: record) -> FakeContext:
    """A service whose subscribers hear all, as the program would tell it; changed."""
    ctx = fake_context(tmp_path)
    ctx.given_services = {
        "api": FakeService(port=8000, values={"worker.url": "http://127.0.0.1:9000"}),
        "worker": FakeService(name="worker", port=9000),
    }

    def run(argv: tuple[str, ...]) -> None:
        plan = planned(ctx)
        assert argv[argv.index("--plan") + 1] == str(ctx.out / "plan.json")
        record = Path(argv[argv.index("--record") + 1])
        record.write_bytes(broadcast_record.write(change(heard(plan))))

    ctx.answer("gates", "-P", "-m", "gates.traffic.broadcast_program", does=run)
    return ctx


def planned(ctx: FakeContext) -> BroadcastPlan:
    return broadcast_plan.read((ctx.out / "plan.json").read_bytes(), what="plan")


def heard(plan: BroadcastPlan) -> BroadcastRecord:
    sent = tuple(Sent(number, 10 + number, 20 + number) for number in range(plan.published))
    got = tuple((each.number, each.at_us + 100) for each in sent)
    return BroadcastRecord(
        nonce=plan.nonce,
        version="1",
        protocol=plan.protocol,
        subscribers=plan.subscribers,
        messages=plan.published,
        deadline_us=plan.deadline_us,
        sent=sent,
        heard=tuple(Heard(number, (Life(5),), got) for number in range(plan.subscribers)),
        lag=Lag(5, 0, 0),
    )


def test_what_was_heard_is_measured(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    result = Broadcast(OPTIONS).measure(ctx)
    assert metrics_of(result)["delivered"] == (6, 6)
    assert (result.examined.count, result.examined.unit) == (6, "deliveries")
    assert "`expect`" in result.notes[0]
    placed = Broadcast(replace(OPTIONS, expect="/m")).measure(ctx)
    assert placed.notes == ()
    assert Broadcast(OPTIONS).asks_service()
    assert Broadcast.exclusive


def test_the_plan_says_all_that_is_asked(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    ctx.settings["TOKEN"] = "Bearer planted"
    options = replace(
        OPTIONS,
        protocol="sse",
        reconnect=1,
        replay=True,
        expect="/m",
        headers={"X-A": "1"},
        headers_from={"Authorization": "TOKEN"},
        deadline="2s",
        settle="1s",
        listen="7s",
        pause="20ms",
        connect_timeout="3s",
    )
    Broadcast(options).run(ctx)
    plan = planned(ctx)
    assert plan == BroadcastPlan(
        nonce=plan.nonce,
        url="http://127.0.0.1:8000",
        protocol=BroadcastProtocol.SSE,
        path="/ws",
        subscribers=2,
        messages=3,
        reconnect=1,
        replay=True,
        method="POST",
        target="http://127.0.0.1:8000/broadcast",
        body='{"m": "{message}"}',
        pointer="/m",
        headers=(("X-A", "1"),),
        headers_from=(("Authorization", "TOKEN"),),
        deadline_us=2_000_000,
        connect_us=3_000_000,
        settle_us=1_000_000,
        listen_us=7_000_000,
        pause_us=20_000,
    )
    assert plan.nonce.startswith("gates-")
    # The secret goes by the environment alone.
    assert ctx.envs == [{"TOKEN": "Bearer planted"}]
    assert b"planted" not in (ctx.out / "plan.json").read_bytes()
    assert stat.S_IMODE((ctx.out / "plan.json").stat().st_mode) == 0o600


def test_a_login_and_names_of_the_service_are_planned(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    login = {"path": "/login", "take": "/token"}
    options = replace(OPTIONS, body="{}", answer="/id", expect="/order_id", login=login)
    Broadcast(options).check()
    Broadcast(options).run(ctx)
    plan = planned(ctx)
    assert (plan.answer, plan.pointer) == ("/id", "/order_id")
    assert plan.login is not None
    assert (plan.login.path, plan.login.header) == ("/login", "Authorization: Bearer {token}")


def test_another_service_may_publish(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    options = replace(OPTIONS, trigger="PUT {worker.url}/publish?m={message}", body="")
    Broadcast(options).run(ctx)
    assert (planned(ctx).method, planned(ctx).target) == (
        "PUT",
        "http://127.0.0.1:9000/publish?m={message}",
    )


@pytest.mark.parametrize("target", ["http://other.example/b", "http://127.0.0.1:80001/b"])
def test_nothing_is_sent_to_a_stranger(tmp_path: Path, target: str) -> None:
    ctx = served(tmp_path)
    with pytest.raises(StageError, match="no service of this gate"):
        Broadcast(replace(OPTIONS, trigger=f"POST {target}")).run(ctx)
    assert ctx.runs == []


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("redis-cli publish {url} '{message} x'", "/tools/redis-cli"),
        (("./say.sh", "publish", "{url}", "{message} x"), "{root}/./say.sh"),
    ],
)
def test_a_command_may_publish(tmp_path: Path, command: str | tuple[str, ...], words: str) -> None:
    ctx = served(tmp_path)
    ctx.write("say.sh")
    Broadcast(replace(OPTIONS, trigger="", body="", command=command)).run(ctx)
    program, *rest = planned(ctx).command
    assert Path(program) == Path(words.replace("{root}", str(ctx.root)))
    assert rest == ["publish", "http://127.0.0.1:8000", "{message} x"]


def refused(tmp_path: Path, change: Change) -> str:
    with pytest.raises(StageError) as caught:
        Broadcast(OPTIONS).run(served(tmp_path, change))
    return caught.value.problem.slug


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, nonce="other"),
        lambda record: replace(record, deadline_us=1),
        lambda record: replace(record, protocol=BroadcastProtocol.SSE),
        lambda record: replace(record, subscribers=1, heard=record.heard[:1]),
    ],
)
def test_a_record_of_another_run_is_refused(tmp_path: Path, change: Change) -> None:
    assert refused(tmp_path, change) == "record-foreign"


def test_a_run_without_a_record_is_errored(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    ctx.answer("gates")
    with pytest.raises(OutputUnreadable):
        Broadcast(OPTIONS).run(ctx)


def test_a_websocket_takes_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(StageError) as caught:
        Broadcast(OPTIONS).run(served(tmp_path))
    assert caught.value.problem.hint == "install `gates[realtime]`"
    (tmp_path / "sse").mkdir()
    Broadcast(replace(OPTIONS, protocol="sse")).run(served(tmp_path / "sse"))


def test_a_secret_that_no_header_holds_is_errored(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    ctx.settings["TOKEN"] = "a\r\nB: c"
    with pytest.raises(StageError) as caught:
        Broadcast(replace(OPTIONS, headers_from={"Authorization": "TOKEN"})).run(ctx)
    assert caught.value.problem.slug == "header-value"
    assert "B: c" not in caught.value.problem.summary


def test_a_variable_that_is_not_set_is_left_to_the_gate(tmp_path: Path) -> None:
    ctx = served(tmp_path)
    Broadcast(replace(OPTIONS, headers_from={"Authorization": "TOKEN"})).run(ctx)
    assert ctx.envs == [{}]


def test_options_are_taken() -> None:
    Broadcast(OPTIONS).check()
    Broadcast(replace(OPTIONS, subscribe="in", confirmed="yes", expect="/a")).check()
    sse = replace(OPTIONS, protocol="sse", reconnect=1, replay=True)
    Broadcast(sse).check()
    Broadcast(replace(OPTIONS, trigger="", body="", command="say {message}")).check()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (replace(OPTIONS, path=""), "`path`"),
        (replace(OPTIONS, path="ws"), "`path`"),
        (replace(OPTIONS, path="/w s"), "`path`"),
        (replace(OPTIONS, protocol="mqtt"), "`protocol` is one of websocket, sse"),
        (replace(OPTIONS, subscribers=0), "`subscribers`"),
        (replace(OPTIONS, headers={"a b": ""}), "header"),
        (replace(OPTIONS, expect="m"), "`expect`"),
        (replace(OPTIONS, pause="soon"), "`pause`"),
        (replace(OPTIONS, deadline="0s"), "`deadline`"),
        (replace(OPTIONS, protocol="sse", subscribe="x"), "`subscribe`"),
        (replace(OPTIONS, reconnect=1, replay=True), "`replay`"),
        (replace(OPTIONS, protocol="sse", replay=True), "`replay`"),
        (replace(OPTIONS, protocol="sse", replay=True, reconnect=1, messages=1), "`replay`"),
        (replace(OPTIONS, trigger=""), "either `trigger` or `command`"),
        (replace(OPTIONS, command="x {message}"), "either `trigger` or `command`"),
        (replace(OPTIONS, trigger="/broadcast"), "`POST /broadcast`"),
        (replace(OPTIONS, trigger="", command="x {message}"), "`body` belongs to `trigger`"),
        (replace(OPTIONS, body="hello"), "{message}"),
        (replace(OPTIONS, trigger="", body="", command="'x"), "quotation"),
        (replace(OPTIONS, answer="id"), "`answer` is a JSON pointer"),
        (replace(OPTIONS, answer="/id"), "`answer` needs"),
        (replace(OPTIONS, login={"path": "/login"}), "`login` needs `take`"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: BroadcastOptions, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Broadcast(options).check()


@pytest.mark.live
@pytest.mark.parametrize(("protocol", "path"), [("websocket", "/ws"), ("sse", "/sse")])
def test_a_real_broadcast(tmp_path: Path, protocol: str, path: str) -> None:
    ctx = live_context(tmp_path)
    options = replace(
        OPTIONS, protocol=protocol, path=path, subscribers=50, pause="5ms", settle="50ms",
        listen="50ms", deadline="30s", reconnect=5, replay=protocol == "sse",
    )  # fmt: skip
    with broadcaster() as service:
        ctx.given_services = {"api": FakeService(port=service.port)}
        result = Broadcast(options).measure(ctx)
    metrics = metrics_of(result)
    assert (metrics["delivered"], metrics["duplicates"]) == ((300, 300), 0)
    assert (metrics["connected"], metrics["subscribers"]) == (50, 50)


@pytest.mark.live
@pytest.mark.serial
def test_a_thousand_subscribers(tmp_path: Path) -> None:
    ctx = live_context(tmp_path)
    with broadcaster() as service:
        ctx.given_services = {"api": FakeService(port=service.port)}
        options = replace(OPTIONS, subscribers=1000, messages=5, deadline="30s", listen="500ms")
        result = Broadcast(options).measure(ctx)
    metrics = metrics_of(result)
    assert (metrics["delivered"], metrics["duplicates"]) == ((5000, 5000), 0)
    assert metrics["out_of_order"] == 0
