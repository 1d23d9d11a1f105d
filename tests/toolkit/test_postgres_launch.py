from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gates.toolkit import postgres_launch
from gates.toolkit.ports import free_port
from gates.toolkit.postgres_launch import NotStartedError, become_unprivileged, found, main, make

PlacePrograms = Callable[[Path], Path]


def programs(folder: Path, initdb: str = "exit 0", postgres: str = "cat") -> Path:
    """Stand-ins, which note what they are called with."""
    folder.mkdir(parents=True)
    for name, script in (("initdb", initdb), ("postgres", postgres)):
        path = folder / name
        path.write_text(f'#!/bin/sh\necho "$0" "$@" >> {folder}/calls\n{script}\n')
        path.chmod(0o755)
    return folder


def calls(folder: Path) -> list[str]:
    return (folder / "calls").read_text().replace(f"{folder}/", "").splitlines()


def test_it_is_found_where_it_is_named(tmp_path: Path) -> None:
    own = programs(tmp_path / "own")
    assert found({}, own=own) == own
    with pytest.raises(NotStartedError, match="no `initdb` and `postgres` in"):
        found({"PATH": str(own)}, own=tmp_path)


def test_path_comes_first_then_the_newest_of_debian_then_the_package(tmp_path: Path) -> None:
    debian = tmp_path / "debian"
    programs(debian / "9" / "bin")
    newest = programs(debian / "15" / "bin")
    (debian / "docs" / "bin").mkdir(parents=True)
    prefix = tmp_path / "env"
    packaged = programs(prefix / "lib/python3.11/site-packages/pgserver/pginstall/bin")
    on_path = programs(tmp_path / "path")
    environ = {"PATH": f"relative:{on_path}", "VIRTUAL_ENV": str(prefix)}
    assert found(environ, debian=str(debian)) == on_path
    assert found({**environ, "PATH": ""}, debian=str(debian)) == newest
    assert found({**environ, "PATH": ""}, debian=str(tmp_path / "none")) == packaged


def test_one_that_is_not_there_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", "")
    with pytest.raises(NotStartedError, match="install PostgreSQL, or `pip install pgserver`"):
        found({}, debian=str(tmp_path))


def test_a_database_is_made(tmp_path: Path) -> None:
    own = programs(tmp_path / "own", postgres="cat >> $(dirname $0)/calls")
    make(own, tmp_path / "data", "orders")
    assert calls(own) == [
        (
            f"initdb --pgdata {tmp_path}/data --username postgres --auth trust"
            " --encoding UTF8 --locale C --no-sync"
        ),
        f"postgres --single -F -D {tmp_path}/data postgres",
        'CREATE DATABASE "orders"',
    ]


def test_the_database_that_is_always_there_is_not_made(tmp_path: Path) -> None:
    own = programs(tmp_path / "own")
    make(own, tmp_path / "data", "postgres")
    assert len(calls(own)) == 1


@pytest.mark.parametrize("name", ["a-b", "1a", 'a"; DROP', "", "ä"])
def test_a_name_that_cannot_be_a_database(tmp_path: Path, name: str) -> None:
    with pytest.raises(NotStartedError, match="is no name of a database"):
        make(tmp_path, tmp_path, name)


def test_what_went_wrong_is_told(tmp_path: Path) -> None:
    broken = programs(tmp_path / "a", initdb="echo no space; exit 1")
    with pytest.raises(NotStartedError, match="`initdb` ended with 1: no space"):
        make(broken, tmp_path, "orders")
    refused = programs(tmp_path / "b", postgres="echo '2026 ERROR: exists'")
    with pytest.raises(NotStartedError, match="`postgres` ended with 0: 2026 ERROR: exists"):
        make(refused, tmp_path, "orders")
    with pytest.raises(NotStartedError, match="cannot be run by this user: No such file"):
        make(tmp_path / "none", tmp_path, "orders")


class Machine:
    """Records what a root would do to itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *users: str, uid: int = 0) -> None:
        self.did: list[str] = []
        entry = pwd.getpwuid(os.getuid())
        known = [pwd.struct_passwd((name, *tuple(entry)[1:])) for name in users]
        monkeypatch.setattr(pwd, "getpwall", lambda: known)
        monkeypatch.setattr(os, "getuid", lambda: uid)
        for name in ("chown", "setgroups", "setgid", "setuid"):
            monkeypatch.setattr(os, name, lambda *_, name=name: self.did.append(name))
        monkeypatch.setenv("HOME", "/before")


def test_root_becomes_another_user_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    machine = Machine(monkeypatch, "nobody", "daemon")
    become_unprivileged(tmp_path)
    assert machine.did == ["chown", "setgroups", "setgid", "setuid"]
    assert os.environ["HOME"] == str(tmp_path)


def test_anybody_else_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine = Machine(monkeypatch, "postgres", uid=1000)
    become_unprivileged(tmp_path)
    assert machine.did == []


def test_a_machine_without_such_a_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Machine(monkeypatch, "daemon")
    with pytest.raises(NotStartedError, match="there is no user postgres or nobody"):
        become_unprivileged(tmp_path)


def test_a_folder_that_the_user_cannot_reach(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Machine(monkeypatch, "postgres")
    with pytest.raises(NotStartedError, match="user `postgres` cannot reach"):
        become_unprivileged(tmp_path / "gone")


def test_it_becomes_the_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = programs(tmp_path / "own")
    (tmp_path / "data").mkdir()
    became: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, words: became.append(list(words)))
    monkeypatch.setattr(postgres_launch, "become_unprivileged", lambda _: None)
    monkeypatch.chdir(tmp_path)
    arguments = ("--dir", str(tmp_path), "--port", "5", "--bin", str(own))
    assert main((*arguments, "--database", "orders")) == 2
    assert became[0][1:7] == ["-D", f"{tmp_path}/data", "-p", "5", "-h", "127.0.0.1"]
    assert main((*arguments, "--database", "a-b")) == 2
    assert len(became) == 1
    assert capsys.readouterr().err == "postgres_launch: `a-b` is no name of a database\n"


@pytest.mark.live
def test_a_real_server(tmp_path: Path) -> None:
    import shutil
    import tempfile
    import time

    try:
        folder = found(os.environ)
    except NotStartedError:
        pytest.skip("PostgreSQL is not installed")
    place = Path(tempfile.mkdtemp(prefix="gates-postgres-"))
    port = free_port()
    log = tmp_path / "log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            (
                sys.executable, "-P", "-m", "gates.toolkit.postgres_launch",
                "--dir", str(place), "--port", f"{port}", "--database", "orders",
            ),
            stdout=out,
            stderr=out,
        )  # fmt: skip
    try:
        until = time.monotonic() + 30
        while b"ready to accept connections" not in log.read_bytes():
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.02)
        psql = shutil.which("psql") or str(folder / "psql")
        url = f"postgresql://postgres@127.0.0.1:{port}/orders"
        asked = "select current_database(), current_setting('listen_addresses')"
        names = subprocess.run(
            (psql, "-At", url, "-c", asked), capture_output=True, text=True, check=False
        ).stdout
        assert names == "orders|127.0.0.1\n"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(place)
