from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.domain.service import ServicePlan
from gates.executor import service_local
from gates.executor.service_local import LocalService, filled
from gates.toolkit import ports, process_tree
from gates.toolkit.clock import SystemClock
from gates.toolkit.ports import Owner
from gates.toolkit.processes import Cause, Command, Ended, Processes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as processes:
        yield processes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "folder"
    made.mkdir()
    return made


def started(processes: Processes, folder: Path, script: str, **more: object) -> LocalService:
    logs = (folder.parent / "out", folder.parent / "err")
    command = Command(
        argv=("/bin/sh", "-c", script),
        cwd="/",
        env={"PATH": "/usr/bin:/bin"},
        stdout=str(logs[0]),
        stderr=str(logs[1]),
        timeout_s=60,
        **more,  # type: ignore[arg-type]
    )
    port = ports.free_port()
    return LocalService(
        plan=ServicePlan(name="api"),
        port=port,
        url=f"http://127.0.0.1:{port}",
        folder=folder,
        running=processes.start(command),
        logs=logs,
        values={"port": f"{port}"},
        clock=SystemClock(),
    )


@pytest.fixture
def sleeping(processes: Processes, folder: Path) -> Iterator[LocalService]:
    service = started(processes, folder, "exec sleep 60")
    yield service
    service.end()


def test_one_that_runs_has_no_trouble(processes: Processes, folder: Path) -> None:
    service = started(processes, folder, "sleep 60 & wait")
    until = time.monotonic() + 5
    while len(service.tree()) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert (service.trouble(), service.seen_trouble) == ("", "")
    assert len(service.tree()) == 2
    assert (service.name, service.host, service.is_local) == ("api", "127.0.0.1", True)
    assert service.expected_traffic is None
    assert service.filled("{port}") == f"{service.port}"
    assert service.end() == ""
    assert not folder.exists()
    assert service.end() == ""


@pytest.mark.parametrize(
    ("script", "how", "more"),
    [
        ("exit 3", "it ended with exit code 3", {}),
        ("kill -9 $$", "it was ended by signal 9", {}),
        ("yes", "it wrote more output than a log may hold", {"log_limit_bytes": 1000}),
    ],
)
def test_how_it_ended(
    processes: Processes, folder: Path, script: str, how: str, more: dict[str, object]
) -> None:
    service = started(processes, folder, script, **more)
    until = time.monotonic() + 5
    while not service.how_it_ended() and time.monotonic() < until:
        time.sleep(0.01)
    assert service.trouble() == service.seen_trouble == how
    service.end()


def test_an_interrupted_run_says_so(processes: Processes, folder: Path) -> None:
    service = started(processes, folder, "exec sleep 60")
    processes.cancel_all()
    service.running.wait()
    assert service.trouble() == "it was ended, because the run was interrupted"
    service.end()


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (Ended(Cause.TIMED_OUT, seconds=7.0), "it was ended after 7 s"),
        (Ended(Cause.NOT_STARTED, detail="no such file"), "it could not be started: no such file"),
        (Ended(Cause.LOST, detail="x"), "it ended, and its exit status was lost: x"),
    ],
)
def test_rare_ends(processes: Processes, folder: Path, ended: Ended, words: str) -> None:
    class Over:
        pid = None

        def __init__(self) -> None:
            self.ended = ended

        def stop(self) -> None:
            pass

        def wait(self) -> Ended:
            return ended

    service = started(processes, folder, "true")
    service.end()
    over: object = Over()
    service.running = over  # type: ignore[assignment]
    assert service.how_it_ended() == words


def test_one_that_cannot_be_ended_is_told(
    processes: Processes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = started(processes, folder, "exec sleep 60")
    lost = Ended(Cause.LOST, detail="could not be ended: 7 sleep")
    monkeypatch.setattr(type(service.running), "wait", lambda _: lost)
    assert service.end() == (
        "service `api` could not be ended for sure: could not be ended: 7 sleep"
    )


@pytest.mark.parametrize(
    ("before", "now", "trouble"),
    [
        (Owner(frozenset({1})), Owner(frozenset({1, 2})), ""),
        (Owner(frozenset({1, 2})), Owner(frozenset({2})), ""),
        (Owner(), Owner(), ""),
        (Owner(frozenset({1})), Owner(is_known=False), ""),
        (Owner(), Owner(frozenset({9}), ("7 nc",)), "`7 nc` listens on its port PORT"),
        (Owner(frozenset({1})), Owner(), "nobody listens on its port PORT any more"),
        (
            Owner(frozenset({1})),
            Owner(frozenset({2})),
            "it started anew: another socket listens on its port PORT",
        ),
    ],
)
def test_who_listens_must_stay(
    sleeping: LocalService,
    monkeypatch: pytest.MonkeyPatch,
    before: Owner,
    now: Owner,
    trouble: str,
) -> None:
    service = sleeping
    service.settle(before)
    monkeypatch.setattr(LocalService, "owner", lambda _: now)
    assert service.trouble() == trouble.replace("PORT", f"{service.port}")
    monkeypatch.setattr(LocalService, "owner", lambda _: before)
    assert service.trouble() == trouble.replace("PORT", f"{service.port}"), "it stays"


def test_a_socket_without_holder_is_no_stranger_while_the_program_ends(
    processes: Processes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = started(processes, folder, "exec sleep 60")
    service.settle(Owner(frozenset({1})))

    def dying(service: LocalService) -> Owner:
        service.running.stop(kill_now=True)
        return Owner(frozenset({1}), (ports.UNSEEN,))

    monkeypatch.setattr(LocalService, "owner", dying)
    assert service.trouble().startswith("it was ended")
    service.end()


def test_a_doubt_that_passes_is_no_trouble(
    sleeping: LocalService, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Owner(), *[Owner(frozenset({1}))] * service_local.LOOKS])
    sleeping.settle(Owner(frozenset({1})))
    monkeypatch.setattr(LocalService, "owner", lambda _: next(answers))
    assert sleeping.trouble() == ""


def test_what_cannot_be_checked_is_told(processes: Processes, folder: Path) -> None:
    service = started(processes, folder, "exec sleep 60")
    service.settle(Owner(is_known=False))
    assert service.owner_note == "who listens cannot be seen here"
    service.end()


def test_it_is_looked_at_twice_a_second_until_it_ends(
    processes: Processes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_local, "SAMPLE_S", 0.01)
    service = started(processes, folder, "exec sleep 60")
    service.settle(Owner())
    until = time.monotonic() + 5
    while len(service.usage) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(service.usage) >= 3
    assert service.usage[-1].processes == 1
    assert service.usage[-1].at_s > service.usage[0].at_s
    assert service.now_s() > 0
    service.end()
    watchers = [each for each in threading.enumerate() if each.name == "usage of api"]
    for each in watchers:
        each.join(5)
    count = len(service.usage)
    service.sample()
    assert len(service.usage) == count, "nothing of it is left to be seen"


def test_where_no_process_can_be_seen_nothing_is_claimed(
    processes: Processes, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_tree, "look", lambda _: None)
    service = started(processes, folder, "exec sleep 60")
    assert service.tree() == ()
    assert service.how_it_ended() == ""
    service.end()


def test_a_placeholder_that_names_nothing() -> None:
    with pytest.raises(
        StageError, match=r"`\{db\.port\}` names nothing that service `api`"
    ) as caught:
        filled("{db.port}", {"port": "1", "url": "x"}, "api")
    assert caught.value.problem.hint == "known are `{port}`, `{url}`"
