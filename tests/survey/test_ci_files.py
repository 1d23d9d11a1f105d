"""The files for a CI system say what the project needs; `tests/workflows` shows they are valid."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from gates import __version__
from gates.survey import ci_files
from gates.survey.ci_files import Project
from gates.survey.ci_install import installation


def project(root: Path, *locks: str, folder: str = "", levels: tuple[int, ...] = (1,)) -> Project:
    for lock in locks:
        (root / lock).write_text("")
    found = installation(root, has_environment=False)
    return Project(folder=folder, branch="trunk", levels=levels, installation=found)


def test_a_workflow_for_each_level(tmp_path: Path) -> None:
    files = ci_files.github(project(tmp_path, levels=(1, 2, 3)))
    assert [file.path for file in files] == [
        ".github/workflows/gates.yml",
        ".github/workflows/gates-daily.yml",
        ".github/workflows/gates-weekly.yml",
    ]
    first, second, third = (yaml.safe_load(file.text) for file in files)
    assert first[True] == {
        "pull_request": None,
        "merge_group": None,
        "push": {"branches": ["trunk"]},
    }
    for each, minute in ((second, 17), (third, 43)):
        (time,) = each[True]["schedule"]
        assert int(time["cron"].split()[0]) == minute
        assert time["timezone"] == "Etc/UTC"
        assert each["concurrency"]["queue"] == "max"
    for level, each in enumerate((first, second, third), 1):
        assert each["permissions"] == {}
        assert f"check --level {level} " in each["jobs"]["gates"]["steps"][-2]["run"]
    assert first["jobs"]["gates"]["name"] == "gates"


def test_what_is_awaited_is_green_once_a_week_alone(tmp_path: Path) -> None:
    texts = [file.text for file in ci_files.github(project(tmp_path, levels=(1, 2, 3)))]
    assert ["-eq 4" in text for text in texts] == [False, False, True]


@pytest.mark.parametrize(
    ("lock", "uses", "runs"),
    [
        ("uv.lock", "astral-sh/setup-uv", "uv sync --frozen"),
        ("poetry.lock", "actions/setup-python", '"$RUNNER_TEMP/poetry/bin/poetry" install'),
        ("package-lock.json", "actions/setup-node", "npm ci"),
        ("requirements.txt", "actions/setup-python", "--requirement requirements.txt"),
    ],
)
def test_the_tools_of_the_project(tmp_path: Path, lock: str, uses: str, runs: str) -> None:
    (file,) = ci_files.github(project(tmp_path, lock))
    assert uses in file.text
    assert runs in file.text
    assert f"gates=={__version__}" in file.text


def test_a_folder_of_the_repository(tmp_path: Path) -> None:
    said = project(tmp_path, folder="services/a")
    (file,) = ci_files.github(said)
    job = yaml.safe_load(file.text)["jobs"]["gates"]
    assert job["defaults"]["run"]["working-directory"] == "services/a"
    assert "/services/a/gates.yaml" in ci_files.github_by_hand(said)[1]
    (file,) = ci_files.gitlab(said, is_beside=False)
    made = yaml.safe_load(file.text)["gates"]
    assert made["script"][0] == "cd services/a"
    assert made["artifacts"]["reports"]["junit"] == "services/a/gates-report/junit.xml"


def test_a_pipeline(tmp_path: Path) -> None:
    said = project(tmp_path, "poetry.lock", "package-lock.json")
    (file,) = ci_files.gitlab(said, is_beside=False)
    assert file.path == ".gitlab-ci.yml"
    made = yaml.safe_load(file.text)["gates"]
    assert made["variables"]["POETRY_VIRTUALENVS_IN_PROJECT"] == "true"
    assert (
        "/opt/poetry/bin/poetry install --all-extras --all-groups --no-interaction"
        in (made["script"])
    )
    assert "--report gitlab=gates-report/codequality.json" in made["script"][-1]
    # A request whose base GitLab does not name is refused, not judged by its own policy.
    assert '${CI_MERGE_REQUEST_IID:+--policy-from "$CI_MERGE_REQUEST_DIFF' in made["script"][-1]
    assert made["artifacts"]["when"] == "always"
    # Backtracking is not needed, and a percent sign is not escaped.
    assert made["coverage"] == "/ line (\\d+(?:\\.\\d+)?) %/"


def test_a_pipeline_with_uv(tmp_path: Path) -> None:
    (file,) = ci_files.gitlab(project(tmp_path, "uv.lock"), is_beside=True)
    assert file.path == "gates.gitlab-ci.yml"
    assert "/opt/uv/bin/uv sync" in file.text
    assert "include" in ci_files.gitlab_by_hand(is_beside=True)[0]
    assert len(ci_files.gitlab_by_hand(is_beside=False)) == 2
