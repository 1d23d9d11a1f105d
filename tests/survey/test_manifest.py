import os
from pathlib import Path

import pytest
from survey.scenes import Ground

from gates.survey import manifest


def test_what_a_package_says(place: Ground) -> None:
    assert manifest.read(place.root) is None
    place.repo.write(
        "package.json",
        '{"name": "@acme/shop", "dependencies": {"fastify": "5"}, "devDependencies": {"eslint":'
        ' "10"}, "peerDependencies": 3, "jest": {}}',
    )
    found = manifest.read(place.root)
    assert found is not None
    assert found.name == "shop"
    assert found.packages == {"fastify", "eslint"}
    assert "jest" in found.keys
    assert found.is_project
    assert not found.has_workspaces
    place.repo.write("pnpm-workspace.yaml")
    found = manifest.read(place.root)
    assert found is not None
    assert found.has_workspaces


def test_a_mark_of_modules_is_no_project(place: Ground) -> None:
    place.repo.write("package.json", '{"type": "module"}')
    found = manifest.read(place.root)
    assert found is not None
    assert not found.is_project
    assert found.name == ""


@pytest.mark.parametrize("text", ["{", "[1]", '"text"', "\udcff", "[" * 100_000])
def test_what_cannot_be_read_is_told(place: Ground, text: str) -> None:
    (place.root / "package.json").write_bytes(os.fsencode(text))
    assert manifest.read(place.root) is None
    assert manifest.fault(place.root)


def test_nothing_is_wrong_where_there_is_none(place: Ground) -> None:
    assert manifest.fault(place.root) == ""
    place.repo.write("package.json", "{}")
    assert manifest.fault(place.root) == ""


def test_a_file_that_cannot_be_opened_says_so(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place.repo.write("package.json", "{}")

    def refuses(*arguments: object, **more: object) -> None:
        del arguments, more
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refuses)
    assert manifest.fault(place.root) == "Permission denied"


def test_the_lock_and_the_packages_of_workspaces_count(place: Ground) -> None:
    inner = place.root / "packages" / "a"
    place.manifest("eslint", folder="packages/a/")
    place.manifest("prettier")
    assert manifest.lock_of(inner) is None
    place.repo.write("yarn.lock")
    assert manifest.lock_of(inner) == (
        place.root / "yarn.lock",
        "yarn install --frozen-lockfile",
    )
    assert manifest.asked_for(inner) == {"eslint", "prettier"}
    assert [*manifest.upwards(inner)] == [inner, inner.parent, place.root]


def test_outside_a_repository_nothing_above_counts(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (tmp_path / "package.json").write_text('{"dependencies": {"eslint": "1"}}')
    assert manifest.asked_for(inner) == frozenset()
