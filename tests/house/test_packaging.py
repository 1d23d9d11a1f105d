"""What is not Python reaches those who install the package."""

from __future__ import annotations

import os
import tomllib
import zipfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest
from house.tree import ROOT, text_of, tracked

NEEDED = {"gates/py.typed", "gates/reports/run_v1.schema.json", "gates/__main__.py"}


def built(folder: Path) -> set[str]:
    """The files of a wheel, built by the back end that pyproject.toml names."""
    # By name: the tests do not ask for the back end to be installed.
    build_wheel: object = import_module("hatchling.build").build_wheel
    assert callable(build_wheel)
    before = Path.cwd()
    os.chdir(ROOT)  # a build back end works in the folder of the project, says PEP 517
    try:
        name = str(build_wheel(str(folder)))
    finally:
        os.chdir(before)
    with zipfile.ZipFile(folder / name) as wheel:
        return set(wheel.namelist())


def declared() -> set[str]:
    """The files that a wheel would hold: hatchling takes all in a package that git tracks."""
    wheel = tomllib.loads(text_of("pyproject.toml"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel == {"packages": ["src/gates"]}
    return {name.removeprefix("src/") for name in tracked("src/gates")}


@pytest.fixture
def wheel(tmp_path: Path) -> set[str]:
    return built(tmp_path) if find_spec("hatchling") else declared()


def test_the_wheel_holds_what_the_package_reads_and_says(wheel: set[str]) -> None:
    assert wheel >= NEEDED


def test_the_wheel_holds_every_tracked_file_and_no_test(wheel: set[str]) -> None:
    inside = {name for name in wheel if name.startswith("gates/")}
    assert inside >= {name.removeprefix("src/") for name in tracked("src/gates")}
    assert {name.split("/")[0].partition("-")[0] for name in wheel} == {"gates"}
