import pytest
from survey.scenes import Ground

from gates.domain.errors import ToolMissing
from gates.survey.scene import is_older
from gates.survey.table import candidate


def test_a_tool_is_found_once_with_its_version(place: Ground) -> None:
    made = place.environment()
    scene = place.scene()
    tool = scene.tool("ruff")
    assert (tool.version, tool.how) == ("0.17.6", ".venv")
    assert scene.is_own(tool)
    assert scene.has_environment
    (made / "bin" / "ruff").unlink()
    assert scene.tool("ruff") == tool


def test_a_tool_that_is_missing_stays_missing(place: Ground) -> None:
    scene = place.scene()
    for _ in range(2):
        with pytest.raises(ToolMissing):
            scene.tool("ruff")


def test_what_lies_beside_gates_is_not_the_projects(place: Ground) -> None:
    place.environment(folder=place.own)
    scene = place.scene()
    assert not scene.has_environment
    place.environment({}, folder=place.root / ".venv")
    scene = place.scene()
    assert scene.has_environment
    assert not scene.is_own(scene.tool("ruff"))


def test_how_to_install_a_tool_is_short(place: Ground) -> None:
    entry = candidate("import-linter")
    assert entry is not None
    assert place.scene().install(entry) == "python3 -m pip install import-linter"
    place.environment()
    assert place.scene().install(entry) == ".venv/bin/python -m pip install import-linter"


@pytest.mark.parametrize(
    ("lock", "command"),
    [("uv.lock", "uv add --dev"), ("poetry.lock", "poetry add --group dev")],
)
def test_the_manager_of_the_packages_installs(place: Ground, lock: str, command: str) -> None:
    place.repo.write(lock)
    entry = candidate("coverage")
    assert entry is not None
    assert place.scene().install(entry) == f"{command} 'coverage>=7.14'"


@pytest.mark.parametrize(
    ("version", "oldest", "is_so"),
    [
        ("7.13.9", (7, 14), True),
        ("7.14.0", (7, 14), False),
        ("8.0", (7, 14), False),
        ("1.0", (), False),
        ("", (1,), False),
        ("unknown", (1,), False),
    ],
)
def test_versions_compare_as_numbers(version: str, oldest: tuple[int, ...], is_so: bool) -> None:  # noqa: FBT001
    assert is_older(version, oldest) is is_so
