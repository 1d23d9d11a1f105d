"""The lock that a project has decides how its tools are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

from gates.survey.ci_install import Command, installation


def commands(root: Path, *, has_environment: bool = False) -> list[str]:
    found = installation(root, has_environment=has_environment)
    return [" ".join(command.argv) for command in found.commands]


def pinned(root: Path) -> list[bool]:
    return [each.is_pinned for each in installation(root, has_environment=False).commands]


@pytest.mark.parametrize(
    ("lock", "command", "managers"),
    [
        ("uv.lock", "uv sync --frozen --all-extras --all-groups --quiet", ("uv",)),
        (
            "poetry.lock",
            "poetry install --all-extras --all-groups --no-interaction",
            ("poetry",),
        ),
        ("package-lock.json", "npm ci --no-audit --no-fund --loglevel error", ()),
        ("npm-shrinkwrap.json", "npm ci --no-audit --no-fund --loglevel error", ()),
    ],
)
def test_a_lock(tmp_path: Path, lock: str, command: str, managers: tuple[str, ...]) -> None:
    (tmp_path / lock).write_text("")
    (tmp_path / "requirements.txt.bak").write_text("")
    found = installation(tmp_path, has_environment=False)
    assert found.commands == (Command(tuple(command.split()), is_pinned=True),)
    assert (found.why, found.managers) == ((lock,), managers)


def test_requirements_and_the_project_itself(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("a==1 --hash=sha256:0\n")
    (tmp_path / "requirements-dev.txt").write_text("b==1\n")
    (tmp_path / "pyproject.toml").write_text('[build-system]\n[project]\nname = "x"\n')
    pip = ".venv/bin/python -m pip install --disable-pip-version-check --quiet"
    assert commands(tmp_path) == [
        "python3 -m venv .venv",
        f"{pip} --require-hashes --requirement requirements.txt",
        f"{pip} --requirement requirements-dev.txt",
        f"{pip} --no-deps --editable .",
    ]
    assert pinned(tmp_path) == [True, True, False, False]


def test_groups_and_extras_of_development(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[build-system]\n[project]\nname = "x"\n'
        "[project.optional-dependencies]\ntest = []\nodd = []\ndev = []\n"
        "[dependency-groups]\nlint = []\n"
    )
    pip = ".venv/bin/python -m pip install --disable-pip-version-check --quiet"
    assert commands(tmp_path)[1:] == [f"{pip} --group lint", f"{pip} --editable .[dev,test]"]


def test_a_project_that_is_not_built(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n")
    assert commands(tmp_path) == []


def test_an_environment_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("")
    (tmp_path / "package-lock.json").write_text("{}")
    assert commands(tmp_path, has_environment=True) == [
        "npm ci --no-audit --no-fund --loglevel error"
    ]
