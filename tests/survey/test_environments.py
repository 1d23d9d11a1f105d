import os
import re
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from survey.scenes import Ground

from gates.survey.environments import Surroundings, find_environment, overruled, shown


def found(place: Ground, **environ: str) -> Surroundings:
    return find_environment(place.root, place.root, {**place.environ, **environ})


def poetry_name(place: Ground, name: str) -> str:
    digest = sha256(os.fsencode(os.path.realpath(place.root))).digest()
    return f"{name}-{urlsafe_b64encode(digest).decode()[:8]}"


def test_what_gates_finds_by_itself_needs_no_word(place: Ground) -> None:
    place.environment()
    assert found(place) == Surroundings(named="", launcher="", environ=place.environ)


def test_an_active_environment_is_found(place: Ground) -> None:
    made = place.environment(folder=place.home / "active")
    place.environment(folder=place.root / "venv")
    assert found(place, VIRTUAL_ENV=str(made)).named == ""


@pytest.mark.parametrize("name", ["venv", "env"])
def test_an_environment_in_a_folder_of_another_name_is_named(place: Ground, name: str) -> None:
    place.environment(folder=place.root / name)
    assert found(place).named == name


def test_a_folder_that_is_no_environment_is_not_named(place: Ground) -> None:
    place.repo.write("env/settings.py")
    assert found(place).named == ""
    assert "no environment of the project was found" in found(place).note


@pytest.mark.parametrize("variable", ["", "POETRY_VIRTUALENVS_PATH", "POETRY_CACHE_DIR"])
def test_the_newest_environment_of_poetry_is_found(place: Ground, variable: str) -> None:
    place.repo.write("pyproject.toml", '[tool.poetry]\nname = "My Shop"\n')
    base = place.home / "elsewhere"
    homes = {
        "": place.home / ".cache" / "pypoetry" / "virtualenvs",
        "POETRY_VIRTUALENVS_PATH": base,
        "POETRY_CACHE_DIR": base / "virtualenvs",
    }
    for version in ("3.9", "3.12", "3.11"):
        place.environment(folder=homes[variable] / f"{poetry_name(place, 'my_shop')}-py{version}")
    got = found(place, **({variable: str(base)} if variable else {}))
    assert got.launcher == "poetry run "
    assert got.environ["VIRTUAL_ENV"].endswith("-py3.12")


def test_poetry_keeps_them_elsewhere_on_a_mac(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    place.repo.write("poetry.lock")
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    home = place.home / "Library" / "Caches" / "pypoetry" / "virtualenvs"
    place.environment(folder=home / f"{poetry_name(place, 'shop')}-py3.11")
    assert found(place).launcher == "poetry run "


def test_an_environment_that_uv_keeps_elsewhere_is_found(place: Ground) -> None:
    made = place.environment(folder=place.home / "uvs")
    got = found(place, UV_PROJECT_ENVIRONMENT=str(made))
    assert got.launcher == "uv run "
    assert got.environ["VIRTUAL_ENV"] == str(made)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("uv.lock", "uv sync"), ("poetry.lock", "poetry install"), ("x", "python3 -m venv .venv")],
)
def test_without_one_the_way_to_make_one_is_told(place: Ground, name: str, remedy: str) -> None:
    place.repo.write(name)
    assert re.search(f"`{re.escape(remedy)}` makes one$", found(place).note)


def test_where_tools_are_looked_up_first_is_shown(place: Ground) -> None:
    assert shown(place.scene().toolbox) == "PATH"
    place.environment()
    assert shown(place.scene().toolbox) == ".venv"
    made = place.environment(folder=place.home / "active")
    assert shown(place.scene(VIRTUAL_ENV=str(made)).toolbox) == f"{made} (VIRTUAL_ENV)"


def test_an_active_environment_puts_another_aside(place: Ground, tmp_path: Path) -> None:
    made = place.environment()
    assert overruled(place.root, {}) == ""
    assert overruled(place.root, {"VIRTUAL_ENV": str(made)}) == ""
    assert overruled(place.root, {"VIRTUAL_ENV": str(tmp_path)}) == str(made)


def test_a_project_of_poetry_without_a_name_has_no_environment_of_its_own(place: Ground) -> None:
    place.repo.write("poetry.lock")
    assert found(place).launcher == ""


def test_a_folder_without_an_environment_is_passed_over(place: Ground) -> None:
    assert found(place, UV_PROJECT_ENVIRONMENT="nowhere").launcher == ""
