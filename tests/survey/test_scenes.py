"""The stand-in programs of these tests never reach outside their own folders."""

from pathlib import Path

import pytest
from survey.scenes import Ground


def test_a_stand_in_replaces_a_link_and_not_what_it_leads_to(place: Ground, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("real")
    link = place.home / "bin" / "tool"
    link.symlink_to(real)
    place.program(link, "exit 0")
    assert real.read_text() == "real"
    assert not link.is_symlink()


def test_a_stand_in_outside_these_folders_is_refused(place: Ground, tmp_path: Path) -> None:
    (place.home / "away").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    for path in (tmp_path / "tool", place.home / "away" / "tool"):
        with pytest.raises(AssertionError):
            place.program(path, "exit 0")
        assert not path.exists()


def test_nothing_on_path_is_a_link(place: Ground) -> None:
    assert [path for path in (place.home / "bin").iterdir() if path.is_symlink()] == []
