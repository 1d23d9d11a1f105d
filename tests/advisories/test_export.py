from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from gates.advisories import export
from gates.domain.errors import StageError

if TYPE_CHECKING:
    from pathlib import Path


def zipped(path: Path, members: dict[str, str]) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(ZipInfo(name), text)
    return path


def names(path: Path) -> list[str]:
    return [entry.name for entry in export.entries(path)]


def test_a_file_a_folder_and_a_zip_are_exports(tmp_path: Path) -> None:
    folder = tmp_path / "osv"
    (folder / "deep").mkdir(parents=True)
    (folder / "B.json").write_text("{}")
    (folder / "deep" / "A.json").write_text("[]")
    (folder / "README.md").write_text("no record")
    assert list(export.entries(folder)) == [
        export.Entry("B.json", b"{}"),
        export.Entry("deep/A.json", b"[]"),
    ]
    archive = zipped(tmp_path / "all.zip", {"B.json": "{}", "d/": "", "A.json": "1", "x.txt": "2"})
    assert list(export.entries(archive)) == [
        export.Entry("A.json", b"1"),
        export.Entry("B.json", b"{}"),
    ]
    assert names(folder / "B.json") == ["B.json"]


@pytest.mark.parametrize(
    "name", ["../A.json", "/A.json", "a/../../A.json", "..\\A.json", "C:/A.json"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(StageError, match="leads out"):
        names(zipped(tmp_path / "all.zip", {name: "{}"}))


def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    archive = tmp_path / "all.zip"
    with ZipFile(archive, "w") as file:
        file.writestr("A.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("A.json", "{}")
    with pytest.raises(StageError, match="two members of one name"):
        names(archive)


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = zipped(tmp_path / "all.zip", {"A.json": " " * 1000, "B.json": " " * 1000})
    monkeypatch.setattr(export, "_MAX_TOTAL", 1999)
    with pytest.raises(StageError, match="unpack to more than 1999 bytes"):
        names(archive)
    monkeypatch.setattr(export, "_MAX_RECORD", 999)
    monkeypatch.setattr(export, "_MAX_TOTAL", 5000)
    with pytest.raises(StageError, match=r"a file of more than 999 bytes: `A.json`"):
        names(archive)
    (tmp_path / "A.json").write_text(" " * 1000)
    with pytest.raises(StageError, match="more than 999 bytes"):
        names(tmp_path / "A.json")


def test_the_number_of_files_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_MAX_FILES", 1)
    with pytest.raises(StageError, match="more than 1 files"):
        names(zipped(tmp_path / "all.zip", {"A.json": "", "B.json": ""}))


def test_a_damaged_zip_is_an_error(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "all.zip", {f"{n}.json": json.dumps([n] * 500) for n in range(9)})
    whole = archive.read_bytes()
    for cut in (5, len(whole) // 2, len(whole) - 1):
        archive.write_bytes(whole[:cut])
        with pytest.raises(StageError, match="damaged"):
            names(archive)
    archive.write_bytes(whole[:60] + bytes(20) + whole[80:])
    with pytest.raises(StageError, match="damaged"):
        names(archive)


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    for path, slug in ((tmp_path / "no", "export-absent"), (tmp_path, "export-unreadable")):
        with pytest.raises(StageError) as caught:
            names(path)
        assert caught.value.problem.slug == slug
    with pytest.raises(StageError) as caught:
        export.digest(tmp_path / "no")
    assert caught.value.problem.slug == "export-absent"
    with pytest.raises(StageError, match=r"holds no `.json`"):
        names(zipped(tmp_path / "all.zip", {"readme": ""}))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "A.json")
    with pytest.raises(StageError, match="no file"):
        names(tmp_path)
    (tmp_path / "A.json").unlink()
    (tmp_path / "A.json").symlink_to("gone")
    with pytest.raises(StageError, match="no file"):
        names(tmp_path)


def test_the_digest_follows_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "A.json").write_text("{}")
    first = export.digest(tmp_path)
    (tmp_path / "A.json").rename(tmp_path / "B.json")
    second = export.digest(tmp_path)
    (tmp_path / "B.json").write_text("[]")
    assert len({first, second, export.digest(tmp_path), export.digest(tmp_path / "B.json")}) == 4


def test_a_pipe_is_no_export(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for read in (names, export.digest):
        with pytest.raises(StageError, match="a pipe or a device"):
            read(tmp_path / "pipe")
