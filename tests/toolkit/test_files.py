from __future__ import annotations

import os
import time
from hashlib import sha256
from pathlib import Path

import pytest

from gates.domain.errors import OutputUnreadable, StageError
from gates.toolkit.files import (
    folder_stamp_ns,
    fresh_folder,
    open_report,
    read_report,
    sha256_file,
    write_atomic,
)


@pytest.mark.parametrize("sync", [False, True])
def test_a_file_is_written_whole_and_nothing_else_is_left(tmp_path: Path, *, sync: bool) -> None:
    path = tmp_path / "record.json"
    write_atomic(path, b"old")
    write_atomic(path, b"new" * 1_000_000, sync=sync)
    assert path.read_bytes() == b"new" * 1_000_000
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_the_permissions_are_those_asked_for(tmp_path: Path) -> None:
    write_atomic(tmp_path / "private", b"x", mode=0o600)
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o600


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"kept")
    (tmp_path / "link").symlink_to(target)
    write_atomic(tmp_path / "link", b"new")
    assert target.read_bytes() == b"kept"
    assert not (tmp_path / "link").is_symlink()


def test_a_write_that_fails_leaves_the_old_file_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "record.json"
    write_atomic(path, b"old")

    def full(_descriptor: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["record.json"]


def test_a_fresh_folder_is_ours_alone(tmp_path: Path) -> None:
    assert fresh_folder(tmp_path, "lint").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_is_there_is_not_fresh(tmp_path: Path) -> None:
    (tmp_path / "lint").mkdir()
    with pytest.raises(StageError, match="there already"):
        fresh_folder(tmp_path, "lint")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a"])
def test_a_folder_has_a_plain_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(StageError, match="cannot name a folder"):
        fresh_folder(tmp_path, name)


def test_a_report_comes_with_its_digest(tmp_path: Path) -> None:
    since_ns = folder_stamp_ns(tmp_path)
    path = tmp_path / "report.json"
    path.write_bytes(b"{}")
    report = read_report(path, since_ns=since_ns)
    assert (report.path, report.data, report.size) == (path, b"{}", 2)
    assert report.sha256 == sha256(b"{}").hexdigest() == sha256_file(path)
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def slug(path: Path, *, since_ns: int | None = None, max_bytes: int = 1000) -> str:
    with pytest.raises(OutputUnreadable) as caught:
        read_report(path, since_ns=since_ns, max_bytes=max_bytes)
    assert path.name in caught.value.problem.summary
    return caught.value.problem.slug


def test_what_proves_nothing_is_refused_with_its_reason(tmp_path: Path) -> None:
    report = tmp_path / "report"
    assert slug(report) == "report-absent"
    report.write_bytes(b"")
    assert slug(report) == "report-empty"
    report.write_bytes(b"x" * 1001)
    assert slug(report) == "report-too-large"
    (tmp_path / "link").symlink_to(report)
    assert slug(tmp_path / "link") == "report-link"
    (tmp_path / "folder").mkdir()
    assert slug(tmp_path / "folder") == "report-not-a-file"
    os.mkfifo(tmp_path / "pipe")
    assert slug(tmp_path / "pipe") == "report-not-a-file"
    assert slug(report / "below") == "report-unreadable"


def test_a_report_older_than_its_stage_is_stale(tmp_path: Path) -> None:
    report = tmp_path / "report"
    report.write_bytes(b"x")
    found = report.stat()
    assert read_report(report, since_ns=found.st_mtime_ns).data == b"x"
    assert slug(report, since_ns=found.st_mtime_ns + 1) == "report-stale"
    ahead = time.time_ns() + 3600 * 10**9
    os.utime(report, ns=(ahead, ahead))
    assert slug(report, since_ns=ahead) == "report-stale"  # the change time cannot be set


def test_another_users_report_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    report = tmp_path / "report"
    report.write_bytes(b"x")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert slug(report) == "report-foreign"


def test_a_large_report_is_read_in_pieces_and_hashed_whole(tmp_path: Path) -> None:
    data = os.urandom(700_000)
    path = tmp_path / "report"
    path.write_bytes(data)
    with open_report(path) as reader:
        first = reader.read(10)
        assert first + reader.read(300_000) == data[:300_010]
        assert reader.finish() == sha256(data).hexdigest()
        assert reader.read() == b""
        assert reader.size == len(data)


@pytest.mark.parametrize("change", ["grow", "shrink", "rewrite"])
def test_a_report_that_changes_under_the_reader_is_refused(tmp_path: Path, change: str) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"x" * 100)
    with open_report(path) as reader:
        reader.read(10)
        path.write_bytes(b"x" * {"grow": 200, "shrink": 50, "rewrite": 100}[change])
        os.utime(path, ns=(5, 5))
        with pytest.raises(OutputUnreadable, match="while it was read"):
            reader.finish()


def test_a_report_that_cannot_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report"
    path.write_bytes(b"x")

    def broken(_descriptor: int, _size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", broken)
    assert slug(path) == "report-unreadable"
