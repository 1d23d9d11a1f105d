from __future__ import annotations

import os
from pathlib import Path

import pytest

from gates.config.waiver_file import read
from gates.domain.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / ".gates"
    folder.mkdir()
    return folder


def test_a_project_without_the_file_has_no_waivers(tmp_path: Path) -> None:
    assert read(tmp_path) is None
    (tmp_path / ".gates").write_text("a file")
    assert read(tmp_path) is None


def test_the_bytes_are_read(folder: Path) -> None:
    (folder / "waivers.yaml").write_bytes(b"version: 1\n")
    assert read(folder.parent) == b"version: 1\n"


def test_a_link_is_refused(folder: Path) -> None:
    (folder / "other.yaml").write_text("version: 1\n")
    (folder / "waivers.yaml").symlink_to("other.yaml")
    with pytest.raises(ConfigError, match=r"`\.gates/waivers\.yaml` is a link"):
        read(folder.parent)


def test_a_link_to_nothing_is_refused(folder: Path) -> None:
    (folder / "waivers.yaml").symlink_to("absent.yaml")
    with pytest.raises(ConfigError, match="is a link"):
        read(folder.parent)


def test_a_folder_that_is_a_link_is_refused(folder: Path) -> None:
    folder.rename(folder.parent / "elsewhere")
    folder.symlink_to("elsewhere")
    with pytest.raises(ConfigError, match=r"`\.gates` is a link") as caught:
        read(folder.parent)
    assert caught.value.problems[0].hint


def test_what_is_no_file_is_refused(folder: Path) -> None:
    os.mkfifo(folder / "waivers.yaml")
    with pytest.raises(ConfigError, match="not a regular file"):
        read(folder.parent)


def test_a_file_of_another_name_is_no_silent_gap(folder: Path) -> None:
    (folder / "waivers.yml").write_text("version: 1\n")
    with pytest.raises(ConfigError, match=r"`\.gates/waivers\.yml` is not read") as caught:
        read(folder.parent)
    assert caught.value.problems[0].hint == "rename it to `.gates/waivers.yaml`"
    (folder / "waivers.yaml").write_text("version: 1\n")
    assert read(folder.parent) == b"version: 1\n"
