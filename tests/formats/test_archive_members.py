from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from gates.formats.archive_members import difference

Members = dict[str, bytes]


def zipped(path: Path, members: Members, *, year: int = 2000, mode: int = 0o644) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            info = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return path


def tarred(path: Path, members: Members, *, mtime: int = 1, uid: int = 0, gz_time: int = 0) -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size, info.mtime, info.uid = len(data), mtime, uid
            archive.addfile(info, io.BytesIO(data))
    path.write_bytes(gzip.compress(buffer.getvalue(), mtime=gz_time))
    return path


ONE: Members = {"a": b"1", "b": b"2"}


def test_the_first_difference_of_zips(tmp_path: Path) -> None:
    first, other = zipped(tmp_path / "1.whl", ONE), tmp_path / "2.whl"

    told = "the time of member `a` (2000-01-01 00:00:00 and 2001-01-01 00:00:00)"
    assert difference(first, zipped(other, ONE, year=2001)) == told
    assert difference(first, zipped(other, ONE, mode=0o755)).startswith("the mode of member `a`")
    assert difference(first, zipped(other, {**ONE, "b": b"3"})) == "the content of member `b`"
    assert difference(first, zipped(other, {**ONE, "b": b"22"})) == "the content of member `b`"
    assert difference(first, zipped(other, {"b": b"2", "a": b"1"})).startswith("the order of")
    assert difference(first, zipped(other, {**ONE, "c": b""})) == "only one of them holds `c`"


def test_the_first_difference_of_tars(tmp_path: Path) -> None:
    first, other = tarred(tmp_path / "1.tgz", ONE), tmp_path / "2.tgz"

    assert difference(first, tarred(other, ONE, mtime=2)) == "the time of member `a` (1 and 2)"
    assert difference(first, tarred(other, ONE, uid=7)).startswith("the owner of member `a`")
    assert difference(first, tarred(other, {**ONE, "b": b"3"})) == "the content of member `b`"
    assert difference(first, tarred(other, ONE, gz_time=9)).startswith("its own header")


def test_a_folder_and_a_link_are_members(tmp_path: Path) -> None:
    paths = []
    for target in ("x", "y"):
        paths.append(tmp_path / target)
        with tarfile.open(paths[-1], "w") as archive:
            info = tarfile.TarInfo("link")
            info.type, info.linkname = tarfile.SYMTYPE, target
            archive.addfile(info)

    assert difference(*paths) == "the content of member `link`"


def test_a_member_that_stands_twice(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "2.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("a"), b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(zipfile.ZipInfo("a"), b"1")

    told = difference(zipped(tmp_path / "1.zip", {"a": b"1"}), tmp_path / "2.zip")
    assert told == "a member stands twice in one"


def test_other_files_and_broken_archives_are_told_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(b"words")
    good = zipped(tmp_path / "1.zip", ONE)
    broken = tmp_path / "2.zip"
    broken.write_bytes(b"PK\x01\x02" + good.read_bytes()[-40:])
    cut = tmp_path / "3.tgz"
    cut.write_bytes(tarred(tmp_path / "4.tgz", {"a": bytes(5000)}).read_bytes()[:-30])

    assert difference(good, tmp_path / "text") == ""
    assert difference(good, broken) == ""
    assert difference(cut, cut) == ""


def test_members_are_read_up_to_a_limit(tmp_path: Path) -> None:
    first, other = (
        tarred(tmp_path / name, {"a": b"1", "b": data}) for name, data in (("1", b"2"), ("2", b"3"))
    )
    assert difference(first, other, max_bytes=1).startswith("its own header")
