from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gates.advisories import installed
from gates.domain.errors import StageError
from gates.formats.locked import Origin

if TYPE_CHECKING:
    from pathlib import Path

METADATA = "Metadata-Version: 2.4\nName: Order_Lib\nVersion: 1.2\n\nName: other\nVersion: 9\n"


def add(folder: Path, name: str, text: str = METADATA, direct: object = None) -> None:
    place = folder / f"{name}.dist-info"
    place.mkdir(parents=True)
    (place / "METADATA").write_text(text)
    if direct is not None:
        (place / "direct_url.json").write_text(json.dumps(direct))


def environment(tmp_path: Path, settings: str = "include-system-site-packages = false\n") -> Path:
    (tmp_path / "pyvenv.cfg").write_text(settings)
    folder = tmp_path / "lib" / "python3.11" / "site-packages"
    folder.mkdir(parents=True)
    return folder


def test_packages_are_read_from_their_metadata(tmp_path: Path) -> None:
    folder = environment(tmp_path)
    add(folder, "order_lib-1.2")
    add(folder, "~rder_lib-1.1")
    (folder / "old.egg-info").write_text("Name: old\nVersion: 0.1\n")
    (folder / "older.egg-info").mkdir()
    (folder / "older.egg-info" / "PKG-INFO").write_text("Name: older\nVersion: 0.2\n")
    (folder / "own.pkg.egg-link").write_text("/src")
    (folder / "module.py").write_text("")
    (tmp_path / "lib64").symlink_to("lib")
    found = installed.environment(tmp_path)
    assert [(of.name, of.version, of.is_folder) for of in found] == [
        ("old", "0.1", False),
        ("older", "0.2", False),
        ("order-lib", "1.2", False),
        ("own-pkg", "", True),
    ]


@pytest.mark.parametrize(
    ("direct", "origin"),
    [
        ({"url": "file:///src", "dir_info": {"editable": True}}, Origin.EDITABLE),
        ({"url": "file:///src", "dir_info": {}}, Origin.FOLDER),
        ({"url": "file:///x.whl", "archive_info": {}}, Origin.FILE),
        ({"url": "https://registry.example/x.whl", "archive_info": {}}, Origin.URL),
        ({"url": "https://registry.example/x", "vcs_info": {"vcs": "git"}}, Origin.VCS),
        (None, Origin.INDEX),
    ],
)
def test_where_a_package_is_from(tmp_path: Path, direct: object, origin: Origin) -> None:
    add(tmp_path, "order_lib-1.2", direct=direct)
    (found,) = installed.site_packages(tmp_path)
    assert found.origin is origin
    assert found.is_auditable is (origin is Origin.INDEX)
    assert found.path == ("/src" if origin in {Origin.EDITABLE, Origin.FOLDER} else "")


@pytest.mark.parametrize(
    "text", ["", "Name: x\n", "Version: 1\n", "Name:\nVersion: 1\n", "\nName: x"]
)
def test_metadata_that_names_nothing_is_an_error(tmp_path: Path, text: str) -> None:
    add(tmp_path, "x-1", text)
    with pytest.raises(StageError) as caught:
        installed.site_packages(tmp_path)
    assert caught.value.problem.slug == "metadata-unreadable"


def test_metadata_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x-1.dist-info").mkdir()
    with pytest.raises(StageError) as caught:
        installed.site_packages(tmp_path)
    assert caught.value.problem.slug == "metadata-unreadable"


def test_only_an_environment_can_be_listed(tmp_path: Path) -> None:
    with pytest.raises(StageError) as caught:
        installed.environment(tmp_path)
    assert caught.value.problem.slug == "environment-absent"
    (tmp_path / "pyvenv.cfg").write_text("")
    with pytest.raises(StageError) as caught:
        installed.environment(tmp_path)
    assert caught.value.problem.slug == "environment-absent"
    with pytest.raises(StageError) as caught:
        installed.site_packages(tmp_path / "no")
    assert caught.value.problem.slug == "environment-absent"


def test_packages_of_the_system_would_be_missed(tmp_path: Path) -> None:
    environment(tmp_path, "home = /usr/bin\nInclude-System-Site-Packages = True\n")
    with pytest.raises(StageError) as caught:
        installed.environment(tmp_path)
    assert caught.value.problem.slug == "environment-shares"


@pytest.mark.parametrize(
    "url", ["file://elsewhere/src", "https://registry.example/x", "file://[/x"]
)
def test_a_folder_that_is_not_here_has_no_path(tmp_path: Path, url: str) -> None:
    add(tmp_path, "order_lib-1.2", direct={"url": url, "dir_info": {}})
    (found,) = installed.site_packages(tmp_path)
    assert (found.origin, found.path) == (Origin.FOLDER, "")


def test_a_link_names_its_folder(tmp_path: Path) -> None:
    (tmp_path / "a.egg-link").write_text("/src/a\n../\n")
    (tmp_path / "b.egg-link").write_text("")
    (tmp_path / "c.egg-link").mkdir()
    assert [of.path for of in installed.site_packages(tmp_path)] == ["/src/a", "", ""]


def test_an_origin_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    add(tmp_path, "x-1")
    (tmp_path / "x-1.dist-info" / "direct_url.json").mkdir()
    with pytest.raises(StageError, match=r"no readable direct_url\.json"):
        installed.site_packages(tmp_path)
