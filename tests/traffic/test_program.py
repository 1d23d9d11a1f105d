from __future__ import annotations

import asyncio
import gc
import json
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from traffic.running import failed, plan_of, times_of
from traffic.scripted_server import OK, ScriptedServer

from gates.domain.errors import StageError
from gates.formats import load_record
from gates.formats.load_plan import LoadPlan, Login, Request
from gates.traffic import program

pytestmark = pytest.mark.serial


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """The program stops collecting garbage in its process; a test goes on in this one."""
    yield
    gc.enable()
    gc.unfreeze()


def run(folder: Path, plan: LoadPlan) -> tuple[int, Path]:
    """The exit code of the program, run in this process, and where its record should be."""
    given, record = folder / "plan.json", folder / "record.jsonl"
    given.write_bytes(plan.to_json())
    return program.main(["--plan", str(given), "--record", str(record)]), record


def test_a_plan_becomes_a_record(tmp_path: Path) -> None:
    with ScriptedServer() as server:
        code, path = run(tmp_path, plan_of(server.port, rate=40))
    assert code == 0
    assert len(times_of(load_record.read(path.read_bytes()))) == 20


def test_the_login_comes_first_and_all_requests_carry_its_token(tmp_path: Path) -> None:
    login = Login(
        request=Request(name="login", method="POST", path="/login"),
        take="/token",
        header="Authorization: Bearer {token}",
    )
    body = b'{"token": "t0"}'
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    with ScriptedServer(lambda request: answer if b"/login" in request else OK) as server:
        code, _ = run(tmp_path, plan_of(server.port, rate=20, login=login))
    assert code == 0
    assert server.requests[0].startswith(b"POST /login")
    assert [b"Authorization: Bearer t0\r\n" in each for each in server.requests] == [
        False,
        *[True] * 10,
    ]


def test_what_keeps_it_from_beginning_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    login = Login(request=Request(name="login"), take="/t", header="X: {token}")
    with ScriptedServer() as server:
        code, path = run(tmp_path, plan_of(server.port, login=login))
    assert code == program.CANNOT_BEGIN
    assert not path.exists()
    assert json.loads(capsys.readouterr().out)["slug"] == "login-failed"


def test_a_plan_that_is_none_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("{}")
    assert program.main(["--plan", str(plan), "--record", "r"]) == program.CANNOT_BEGIN
    assert json.loads(capsys.readouterr().out)["slug"] == "json-missing"


def test_other_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["--help"]) == 2
    assert "usage" in capsys.readouterr().err


def test_a_host_that_is_not_found_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(StageError, match="`no-such` was not found"):
        asyncio.run(program._place("http://no-such:80"))


@pytest.mark.parametrize(
    ("url", "port", "tls"),
    [("http://127.0.0.1", 80, False), ("https://127.0.0.1/api", 443, True)],
)
def test_a_place_has_a_port_even_where_the_address_has_none(
    url: str, port: int, *, tls: bool
) -> None:
    place = asyncio.run(program._place(url))
    assert (place.host, place.port, place.tls is not None) == ("127.0.0.1", port, tls)


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [((100, 5000), (1064, 5000)), ((2000, 5000), None), ((-1, -1), None)],
)
def test_the_limit_of_files_is_raised_as_far_as_needed(
    monkeypatch: pytest.MonkeyPatch, limits: tuple[int, int], wanted: tuple[int, int] | None
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: set_to.append(both))
    program._allow_files(1000)
    assert set_to == ([wanted] if wanted else [])


def test_too_few_files_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1000))
    with pytest.raises(StageError, match="10064 open files, and 1000 are allowed"):
        program._allow_files(10_000)


@pytest.mark.live
def test_it_runs_as_a_program_and_sigterm_ends_it_with_a_record(tmp_path: Path) -> None:
    plan, path = tmp_path / "plan.json", tmp_path / "record.jsonl"
    with ScriptedServer() as server:
        plan.write_bytes(plan_of(server.port, rate=50, seconds=60).to_json())
        words = ["-P", "-m", "gates.traffic.program", "--plan", str(plan), "--record", str(path)]
        process = subprocess.Popen([sys.executable, *words])
        while len(server.requests) < 10:
            assert process.poll() is None
            # It waits for what the program does, not for luck.
            signal.sigtimedwait([], 0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    record = load_record.read(path.read_bytes())
    assert record.seconds < 60
    assert failed(record) == {}
