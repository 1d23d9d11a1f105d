from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit import planting


def test_a_planted_file_lies_alone_in_a_private_folder(tmp_path: Path) -> None:
    checkout, temporary = tmp_path / "checkout", tmp_path / "temporary"
    checkout.mkdir()
    temporary.mkdir()
    path = planting.plant("c.py", b"bad", environ={"TMPDIR": str(temporary)}, outside=checkout)
    assert path.read_bytes() == b"bad"
    assert path.parent.parent == temporary
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["c.py"]


def test_it_is_removed_with_what_lies_beside_it(tmp_path: Path) -> None:
    path = planting.plant("c.py", b"bad", environ={"TMPDIR": str(tmp_path)}, outside=Path("/none"))
    (path.parent / "__pycache__").mkdir()
    planting.remove(path)
    assert not path.parent.exists()
    planting.remove(path)


@pytest.mark.parametrize("place", ["inside", "", "relative"])
def test_a_temporary_folder_within_the_checkout_is_passed_over(tmp_path: Path, place: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    given = str(inside) if place == "inside" else place
    path = planting.plant("c.py", b"bad", environ={"TMPDIR": given}, outside=tmp_path)
    try:
        assert not path.is_relative_to(tmp_path)
    finally:
        planting.remove(path)


def test_a_link_into_the_checkout_is_no_way_out(tmp_path: Path) -> None:
    checkout, link = tmp_path / "checkout", tmp_path / "link"
    checkout.mkdir()
    link.symlink_to(checkout)
    path = planting.plant("c.py", b"bad", environ={"TMPDIR": str(link)}, outside=checkout)
    try:
        assert list(checkout.iterdir()) == []
    finally:
        planting.remove(path)


def test_without_a_place_nothing_is_planted() -> None:
    with pytest.raises(StageError, match="no temporary folder") as caught:
        planting.plant("c.py", b"bad", environ={}, outside=Path("/"))
    assert caught.value.problem.slug == "no-place"
