from __future__ import annotations

import pytest

from gates.formats.locked import Locked, Origin, is_archive, is_name


@pytest.mark.parametrize("origin", list(Origin))
def test_only_what_an_index_gave_can_be_audited(origin: Origin) -> None:
    locked = Locked("a", "1", origin)
    assert locked.is_auditable is (origin is Origin.INDEX)
    assert locked.is_folder is (origin in {Origin.EDITABLE, Origin.FOLDER})


def test_without_a_version_nothing_can_be_audited() -> None:
    assert not Locked("a", "").is_auditable


@pytest.mark.parametrize("path", ["a.whl", "a.ZIP", "./a-1.tar.bz2", "a.tgz", "a.tar", "/a.tar.xz"])
def test_archives_are_known_by_their_endings(path: str) -> None:
    assert is_archive(path)
    assert not is_archive(f"{path}/folder")


@pytest.mark.parametrize("name", ["a", "A9", "a.b-c_d"])
def test_names_are_those_of_pep_508(name: str) -> None:
    assert is_name(name)
    for bad in (
        "",
        f"-{name}",
        f"{name}.",
        f"{name} x",
        f"{name}/",
        f"{name}\N{LATIN SMALL LETTER E WITH ACUTE}",
    ):
        assert not is_name(bad)
