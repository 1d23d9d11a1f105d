from __future__ import annotations

import errno
import json
import os
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.conftest import Gates
from reports.runs import gate_runs, sample_run

from gates.cli.destination import descriptor, prepare, write
from gates.cli.outputs import Output, parse_outputs
from gates.reports.record_v1 import render

# No test names a file of /dev but to ask what it is: code that is wrong may replace what it is told
# to write, and root may replace a device. Descriptors are named in /proc, where nobody can.


@contextmanager
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    try:
        yield ends
    finally:
        for end in ends:
            os.close(end)


def refusals(path: Path) -> set[int | None]:
    """Why a path is refused, before a run and after it."""
    with pytest.raises(OSError, match=r".") as before:
        prepare(path)
    with pytest.raises(OSError, match=r".") as after:
        write(path, b"x")
    return {before.value.errno, after.value.errno}


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/dev/stdin", 0),
        ("/dev/stdout", 1),
        ("/dev/stderr", 2),
        ("/dev/fd/1", 1),
        ("/dev//fd/63", 63),
        ("/proc/self/fd/2", 2),
        ("/dev/fd/x", None),
        ("/dev/fd/\u00b2", None),
        ("/dev/fd/99999999999999999999", None),
        ("/dev/null", None),
        ("stdout", None),
        ("dev/stdout", None),
    ],
)
def test_names_of_open_descriptors_are_known(path: str, number: int | None) -> None:
    assert descriptor(Path(path)) == number


def test_standard_output_by_its_path_is_standard_output() -> None:
    for path in ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
        assert parse_outputs((f"json={path}",)) == (Output("json", None),)


def test_a_descriptor_is_written_into(capsys: pytest.CaptureFixture[str]) -> None:
    with pipe() as (reader, writer):
        sys.stdout.write("before\n")
        path = Path(f"/proc/self/fd/{writer}")
        prepare(path)
        write(path, b"a report")
        assert os.read(reader, 100) == b"a report"
        write(path, b"another")  # it is still open
        assert os.read(reader, 100) == b"another"
    assert capsys.readouterr().out == "before\n"


def test_a_file_behind_a_descriptor_keeps_what_others_write_to_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb", buffering=0) as file:
        file.write(b"first ")
        write(Path(f"/proc/self/fd/{file.fileno()}"), b"report")
        file.write(b" last")
    assert log.read_bytes() == b"first report last"


def test_a_descriptor_that_cannot_be_written_is_refused() -> None:
    with pipe() as (reader, _):
        path = Path(f"/proc/self/fd/{reader}")
        assert refusals(path) == {errno.EBADF}
    assert refusals(Path("/proc/self/fd/99999")) == {errno.EBADF}


def test_a_named_pipe_stays_a_pipe_and_hands_over_the_report(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    link = tmp_path / "link"
    link.symlink_to(path)
    for named in (path, link):
        prepare(named)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            write(named, b"a report")
            assert os.read(reader, 100) == b"a report"
        finally:
            os.close(reader)
    assert stat.S_ISFIFO(path.lstat().st_mode)
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]


def test_a_report_longer_than_a_pipe_holds_arrives_whole(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    data = os.urandom(300_000)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write(path, data)
    reader.join(20)
    assert got == [data]


def test_a_pipe_whose_reader_went_away_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    # Read and write: it then opens at once, and has no reader any more when this one is closed.
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    closer = threading.Timer(0.2, os.close, (reader,))
    closer.start()
    with pytest.raises(BrokenPipeError):
        write(path, b"x" * 1_000_000)
    closer.join()


def test_a_terminal_is_written_into() -> None:
    master, slave = os.openpty()
    try:
        path = Path(os.ttyname(slave))
        prepare(path)
        write(path, b"a report")
        assert os.read(master, 100) == b"a report"
        assert stat.S_ISCHR(path.lstat().st_mode)
    finally:
        os.close(master)
        os.close(slave)


def test_a_link_is_followed_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    target, link, second = tmp_path / "deep" / "run.json", tmp_path / "link", tmp_path / "second"
    target.write_text("old")
    target.chmod(0o600)
    link.symlink_to("deep/run.json")
    second.symlink_to("link")
    before = target.stat().st_ino
    prepare(second)
    assert target.read_text() == "old"
    write(second, b"new")
    assert target.read_text() == "new"
    assert target.stat().st_ino != before, "not written whole"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert (str(link.readlink()), str(second.readlink())) == ("deep/run.json", "link")
    assert list(target.parent.iterdir()) == [target]


def test_a_link_to_a_file_that_is_not_there_yet_makes_it(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("artifacts/run.json")
    prepare(link)
    assert not (tmp_path / "artifacts" / "run.json").exists()
    write(link, b"new")
    assert link.is_symlink()
    assert (tmp_path / "artifacts" / "run.json").read_bytes() == b"new"


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("link")
    assert refusals(link) == {errno.ELOOP}
    assert link.is_symlink()


def test_a_folder_is_refused_also_behind_a_link(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert refusals(tmp_path) == refusals(link) == {errno.EISDIR}
    assert link.is_symlink()


def test_a_socket_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert refusals(path) == {errno.ENOTSUP}
    assert stat.S_ISSOCK(path.lstat().st_mode)


def test_a_plain_file_is_written_whole_with_its_folder(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "run.json"
    prepare(path)
    assert list(path.parent.iterdir()) == []
    write(path, b"one")
    write(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_a_command_writes_into_a_pipe_and_through_a_link(gates: Gates) -> None:
    gates.policy("version: 1\nproject: orders\nlevels:\n  1: [ruff]\n")
    root = gates.repo.root
    gates.repo.write("mine.json", render(sample_run(gate_runs()[0])))
    os.mkfifo(root / "pipe")
    (root / "real.json").write_text("old")
    (root / "link.json").symlink_to("real.json")
    reader = os.open(root / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    try:
        done = gates("report", "json", "--record", "mine.json", "-o", "pipe")
        assert (done.code, done.out, done.err) == (0, "", "")
        assert json.loads(os.read(reader, 1_000_000))["verdict"] == "passed"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO((root / "pipe").lstat().st_mode)
    done = gates("report", "json", "--record", "mine.json", "-o", "link.json")
    assert (done.code, done.err) == (0, "")
    assert (root / "link.json").is_symlink()
    assert json.loads((root / "real.json").read_text())["verdict"] == "passed"
    done = gates("report", "json", "--record", "mine.json", "-o", ".")
    assert done.code == 2
    assert "no file can be written to .: Is a directory" in done.err
