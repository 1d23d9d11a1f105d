import pytest
from survey.scenes import Ground

from gates.survey.pytest_settings import FILES, PytestSettings, read

INI = "[{}]\npython_files = check_*.py\npython_functions = it_* 'a b'\ntestpaths = ./spec/ more\n"
QUOTED = "python_functions = \"it_* 'a b'\"\ntestpaths = ['spec', 'more']\n"
LISTS = """python_files = ["check_*.py"]
python_functions = ["it_*", "a b"]
testpaths = ["spec", "more"]
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", INI.format("pytest")),
        (".pytest.ini", INI.format("pytest")),
        ("tox.ini", INI.format("pytest")),
        ("setup.cfg", INI.format("tool:pytest")),
        (
            "pyproject.toml",
            f'[tool.pytest.ini_options]\npython_files = "check_*.py"\n{QUOTED}',
        ),
        (
            "pyproject.toml",
            f"[tool.pytest]\n{LISTS}",
        ),
        (
            "pytest.toml",
            f"[pytest]\n{LISTS}",
        ),
    ],
)
def test_each_file_that_pytest_reads_is_read(place: Ground, name: str, text: str) -> None:
    place.repo.write(name, text)
    assert read(place.root) == PytestSettings(
        place=name, files=("check_*.py",), functions=("it_*", "a b"), paths=("spec", "more")
    )


def test_the_first_file_that_configures_it_is_the_only_one(place: Ground) -> None:
    place.repo.write("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["spec"]\n')
    place.repo.write("setup.cfg", "[tool:pytest]\ntestpaths = other\n")
    assert read(place.root).paths == ("spec",)
    place.repo.write("pytest.ini", "")
    assert read(place.root) == PytestSettings(place="pytest.ini")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pyproject.toml", "[tool.pytest"),
        ("pyproject.toml", "[tool.pytest]]"),
        ("pyproject.toml", "[project]\n"),
        ("setup.cfg", "[metadata]\n"),
        ("tox.ini", "no section\n"),
        ("tox.ini", "[tool:pytest]\n"),
    ],
)
def test_a_file_that_says_nothing_of_pytest_is_none(place: Ground, name: str, text: str) -> None:
    place.repo.write(name, text)
    assert read(place.root) == PytestSettings()
    assert read(place.root).files == FILES


@pytest.mark.parametrize(
    ("line", "doctest"),
    [
        ("addopts = -ra --doctest-modules", True),
        ("addopts = --doctest-glob='*.md", True),
        ("doctest_optionflags = ELLIPSIS", True),
        ("addopts = -ra", False),
    ],
)
def test_documents_may_be_tests(place: Ground, line: str, *, doctest: bool) -> None:
    place.repo.write("pytest.ini", f"[pytest]\n{line}\n")
    assert read(place.root).doctest is doctest


def test_a_configuration_above_holds_without_its_paths(place: Ground) -> None:
    place.repo.write("pytest.ini", "[pytest]\npython_files = check_*.py\ntestpaths = spec\n")
    place.repo.write("part/app.py")
    assert read(place.root / "part") == PytestSettings(place="pytest.ini", files=("check_*.py",))
