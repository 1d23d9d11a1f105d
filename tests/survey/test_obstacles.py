from pathlib import Path

import pytest
from survey.scenes import TOOLS, Ground

from gates.survey.obstacles import (
    lock_of,
    no_database,
    no_packages,
    nothing_to_see,
    obstacle,
    outdated,
)
from gates.survey.scene import Obstacle
from gates.survey.table import candidate

DATABASE = Path(__file__).parents[1] / "backends" / "orders" / "advisories"
PINNED = "flask==3.0.0\n"
TEST = "def test_one():\n    pass\n"


def told(place: Ground, uses: str, **environ: str) -> Obstacle | None:
    entry = candidate(uses)
    assert entry is not None
    return obstacle(entry, place.scene(**environ))


def test_a_tool_that_is_there_is_no_obstacle(place: Ground) -> None:
    place.environment()
    assert told(place, "ruff") is None


def test_a_missing_tool_is_named_with_the_way_to_install_it(place: Ground) -> None:
    place.environment({})
    assert told(place, "ruff") == Obstacle(
        "ruff is not installed", ".venv/bin/python -m pip install ruff"
    )


def test_a_tool_that_the_checkout_brought_is_refused(place: Ground) -> None:
    made = place.environment()
    (made / ".gitignore").unlink()
    place.repo.commit()
    found = told(place, "ruff")
    assert found is not None
    assert "was brought by the checkout" in found.why


def test_what_imports_the_project_must_be_beside_it(place: Ground) -> None:
    place.repo.write("tests/test_app.py", TEST)
    place.environment(folder=place.own)
    place.environment({})
    found = told(place, "pytest")
    assert found is not None
    assert found.why == "pytest imports the project, and is not in the project's environment"
    assert found.hint == ".venv/bin/python -m pip install pytest"


def test_a_tool_that_is_too_old_is_none(place: Ground) -> None:
    place.repo.write("tests/test_app.py", TEST)
    place.environment({**TOOLS, "coverage": "7.13.0"})
    found = told(place, "coverage")
    assert found == Obstacle(
        "coverage 7.13.0 is too old: 7.14 is needed",
        ".venv/bin/python -m pip install 'coverage>=7.14'",
    )
    entry = candidate("ruff")
    assert entry is not None
    assert outdated(entry, place.scene()) is None


@pytest.mark.parametrize("uses", ["pytest", "coverage"])
def test_without_a_test_there_is_nothing_to_run(place: Ground, uses: str) -> None:
    place.environment()
    found = told(place, uses)
    assert found is not None
    assert found.why == "would be vacuous: no file test_*.py or *_test.py holds a test"
    place.repo.write("tests/test_app.py", TEST)
    assert told(place, uses) is None


@pytest.mark.parametrize("uses", ["pytest", "coverage"])
def test_tests_that_pytest_is_kept_from_are_none(place: Ground, uses: str) -> None:
    place.environment()
    place.repo.write("tests/helper.py", "x = 1\n")
    place.repo.write("other/test_app.py", TEST)
    place.repo.write("pyproject.toml", '[tool.pytest.ini_options]\ntestpaths = ["tests"]\n')
    assert told(place, uses) == Obstacle(
        "would be vacuous: no file test_*.py or *_test.py below `tests` holds a test",
        "write one, or correct `testpaths` and `python_files` in pyproject.toml",
    )
    place.repo.write("tests/test_orders.yaml", "a: 1\n")
    assert told(place, uses) is None


def test_contracts_that_nobody_wrote_cannot_be_broken(place: Ground) -> None:
    place.environment({"lint-imports": "2.5"})
    found = told(place, "import-linter")
    assert found is not None
    assert found.why == "would be vacuous: the project does not configure import-linter"
    place.repo.write(".importlinter", "[importlinter]\n")
    assert told(place, "import-linter") is None


def test_the_first_lock_that_is_whole_is_taken(place: Ground) -> None:
    assert lock_of(place.scene()) == ("", "")
    place.repo.write("requirements.txt", PINNED)
    assert lock_of(place.scene()) == ("requirements.txt", "")
    place.repo.write("poetry.lock", "no lock at all")
    name, refused = lock_of(place.scene())
    assert name == "requirements.txt"
    assert refused.startswith("poetry.lock: ")


def test_a_lock_without_versions_is_none(place: Ground) -> None:
    place.environment()
    place.repo.write("requirements.txt", "flask\n")
    found = told(place, "pip-audit")
    assert found is not None
    assert found.why.startswith("requirements.txt: ")


def test_a_lock_of_the_project_alone_names_no_package(place: Ground) -> None:
    place.environment(folder=place.own)
    place.repo.write(
        "uv.lock",
        'version = 1\nrevision = 1\nrequires-python = ">=3.11"\n'
        '[[package]]\nname = "shop"\nversion = "1"\nsource = { editable = "." }\n',
    )
    found = told(place, "pip-audit")
    assert found is not None
    assert found.why == "would be vacuous: uv.lock names no package to look up"


def test_without_lock_and_environment_no_package_is_known(place: Ground) -> None:
    place.environment(folder=place.own)
    found = told(place, "pip-audit")
    assert found is not None
    assert "neither a lock nor an environment" in found.why


def test_an_environment_may_stand_for_a_lock(place: Ground) -> None:
    made = place.environment({"pip-audit": "2.10.1"})
    for folder in made.glob("lib/*/site-packages/*.dist-info"):
        (folder / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: pip-audit\nVersion: 2.10.1\n"
        )
        (folder / "RECORD").write_text("")
    assert told(place, "pip-audit") is None


def test_packages_are_looked_for_where_the_options_say(place: Ground) -> None:
    scene = place.scene()
    found = no_packages(scene, ())
    assert found is not None
    assert "neither a lock nor an environment" in found.why
    found = no_packages(scene, ("requirements.txt",))
    assert found is not None
    assert "requirements.txt" in found.why
    place.repo.write("requirements.txt", PINNED)
    assert no_packages(scene, ("requirements.txt",)) is None
    found = no_packages(scene, ("requirements.txt",), ("flask",))
    assert found == Obstacle("would be vacuous: there is no package to look up")


def test_a_database_is_needed_where_nobody_is_asked(place: Ground) -> None:
    place.repo.write("requirements.txt", PINNED)
    found = told(place, "advisories")
    assert found is not None
    assert found.why == "there is no vulnerability database"
    assert told(place, "advisories", GATES_ADVISORIES=str(DATABASE)) is None
    assert no_database(place.scene(), str(DATABASE)) is None
    missing = no_database(place.scene(), "nowhere")
    assert missing is not None
    assert "`nowhere`" in missing.why


def test_secrets_are_looked_for_in_git_alone(place: Ground) -> None:
    assert nothing_to_see("detect-secrets", place.scene()) is None
    (place.root / ".git").rename(place.home / "git")
    found = nothing_to_see("detect-secrets", place.scene())
    assert found is not None
    assert "not in git" in found.why
    messages = nothing_to_see("commit-message", place.scene())
    assert messages == found


@pytest.mark.parametrize(
    ("messages", "fits"),
    [
        (("feat: one",), True),
        (("feat: one", "fix(api): two", "docs: x", "test: y", "and another"), True),
        (("feat: one", "and another"), False),
    ],
)
def test_messages_must_mostly_be_of_the_form(
    place: Ground, messages: tuple[str, ...], *, fits: bool
) -> None:
    for message in messages:
        place.repo.commit(message)
    found = nothing_to_see("commit-message", place.scene())
    assert (found is None) is fits
    if found is not None:
        assert found.why == "1 of the last 2 commit messages are Conventional Commits"


def test_before_the_first_commit_there_is_no_message(place: Ground) -> None:
    found = nothing_to_see("commit-message", place.scene())
    assert found == Obstacle("would be vacuous: nothing is committed yet")


def test_most_stages_ask_nothing_more_of_a_project(place: Ground) -> None:
    assert nothing_to_see("ruff", place.scene()) is None
