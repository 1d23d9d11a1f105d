from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from advisories.samples import about, record

from gates.advisories import building, location
from gates.advisories.store import Database
from gates.domain.errors import StageError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = datetime(2026, 6, 2, tzinfo=UTC)


def export(tmp_path: Path, name: str = "A-1") -> Path:
    folder = tmp_path / "osv"
    folder.mkdir(exist_ok=True)
    text = json.dumps(record(name, affected=[about("lib", versions=("1",))]))
    (folder / f"{name}.json").write_text(text)
    return folder


def test_the_cache_is_where_the_environment_says(tmp_path: Path) -> None:
    place = tmp_path / "gates" / "advisories"
    assert location.cache_folder({"XDG_CACHE_HOME": str(tmp_path), "HOME": "/no"}) == place
    home = {"XDG_CACHE_HOME": "relative", "HOME": str(tmp_path)}
    assert location.cache_folder(home) == tmp_path / ".cache" / "gates" / "advisories"
    with pytest.raises(StageError) as caught:
        location.cache_folder({"HOME": ""})
    assert caught.value.problem.slug == "no-cache-folder"


def open_(environ: dict[str, str], tmp_path: Path, now: datetime = NOW) -> Database:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), **environ}
    return location.open_configured(environ, base=tmp_path, now=now)


def test_without_a_variable_it_is_the_database_in_the_cache(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        open_({}, tmp_path)
    assert caught.value.problem.slug == "advisories-absent"
    place = location.default_database({"XDG_CACHE_HOME": str(tmp_path / "cache")})
    building.update(str(export(tmp_path)), place, built=NOW)
    with open_({}, tmp_path) as database:
        assert database.path == place


def test_the_variable_may_name_a_database(tmp_path: Path) -> None:
    building.update(str(export(tmp_path)), tmp_path / "x.sqlite", built=NOW)
    with open_({"GATES_ADVISORIES": "x.sqlite"}, tmp_path) as database:
        assert database.path == tmp_path / "x.sqlite"
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("form", ["folder", "zip", "file"])
def test_the_variable_may_name_an_export_which_is_read_once(tmp_path: Path, form: str) -> None:
    path = export(tmp_path)
    if form == "zip":
        with ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(path / "A-1.json", "A-1.json")
        path = tmp_path / "all.zip"
    elif form == "file":
        path /= "A-1.json"
    environ = {"GATES_ADVISORIES": str(path)}
    with open_(environ, tmp_path) as first, open_(environ, tmp_path, LATER) as again:
        assert first.meta["built"] == again.meta["built"] == "2026-06-01T00:00:00Z"
    later = path.stat().st_mtime + 5
    os.utime(path / "A-1.json" if form == "folder" else path, (later, later))
    with open_(environ, tmp_path, LATER) as changed:
        assert changed.meta["built"] == "2026-06-02T00:00:00Z"
    assert len(list((tmp_path / "cache" / "gates" / "advisories").iterdir())) == 1


def test_a_new_record_in_a_folder_is_seen(tmp_path: Path) -> None:
    environ = {"GATES_ADVISORIES": "osv"}
    export(tmp_path)
    with open_(environ, tmp_path) as database:
        assert database.facts.records == 1
    export(tmp_path, "A-2")
    with open_(environ, tmp_path) as database:
        assert database.facts.records == 2


def test_a_damaged_kept_database_is_made_anew(tmp_path: Path) -> None:
    environ = {"GATES_ADVISORIES": str(export(tmp_path))}
    with open_(environ, tmp_path) as database:
        database.path.write_bytes(b"")
    with open_(environ, tmp_path, LATER) as database:
        assert database.meta["built"] == "2026-06-02T00:00:00Z"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("absent", "advisories-absent"), ("empty", "json-empty"), ("bad.json", "json-syntax")],
)
def test_nothing_usable_is_an_error(tmp_path: Path, name: str, slug: str) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "bad.json").write_text("<html>")
    with pytest.raises(StageError) as caught:
        open_({"GATES_ADVISORIES": name}, tmp_path)
    assert caught.value.problem.slug == slug


def test_what_is_named_goes_before_the_variable(tmp_path: Path) -> None:
    building.update(str(export(tmp_path)), tmp_path / "x.sqlite", built=NOW)
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "GATES_ADVISORIES": "gone"}
    with location.open_configured(environ, base=tmp_path, now=NOW, named="x.sqlite") as database:
        assert database.path == tmp_path / "x.sqlite"


@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_a_pipe_or_a_device_is_no_source(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(StageError, match="a pipe or a device") as caught:
        open_({"GATES_ADVISORIES": name}, tmp_path)
    assert caught.value.problem.slug == "advisories-absent"
