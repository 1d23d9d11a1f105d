"""`gates init --ci` writes files for a CI system, and never over one that is there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from cli.conftest import Gates
from repositories import Repo

from gates.cli.init_ci import write_files
from gates.domain.errors import ConfigError

POLICY = "version: 1\nlevels:\n  1: [ruff]\n  2: [bandit]\n"


def test_the_files_of_a_project_that_has_a_policy(gates: Gates) -> None:
    gates.policy(POLICY)
    done = gates("init", "--ci", "github")

    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(
        "wrote .github/workflows/gates.yml\nwrote .github/workflows/gates-daily.yml\n"
    )
    assert "require the check `gates` for main" in done.out
    root = gates.repo.root
    assert yaml.safe_load((root / ".github/workflows/gates.yml").read_text())["name"] == "gates"
    assert (root / "gates.yaml").read_text() == POLICY

    again = gates("init", "--ci", "github")
    assert again.code == 2
    assert "never overwritten" in again.err


def test_a_dry_run_writes_nothing(gates: Gates) -> None:
    gates.policy(POLICY)
    done = gates("init", "--ci", "gitlab", "--dry-run")

    assert done.code == 0
    assert done.out.startswith("# .gitlab-ci.yml\n")
    assert "to be set by hand" in done.err
    assert gates.repo.git("status", "--porcelain") == ""


def test_without_a_policy_it_is_written_first(gates: Gates) -> None:
    gates.repo.write("pyproject.toml", '[project]\nname = "x"\n[tool.ruff]\n')
    gates.repo.write("src/x.py", '"""Nothing."""\n')
    gates.repo.commit()
    done = gates("init", "--ci", "github")

    assert done.code == 0, done.err
    assert (gates.repo.root / "gates.yaml").is_file()
    assert (gates.repo.root / ".github/workflows/gates.yml").is_file()


def written(repo: Repo, system: str, folder: str = "") -> None:
    write_files(system, repo.root / folder, repo.environ, dry_run=False)


def test_a_pipeline_that_is_there_stays(repo: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    repo.write(".gitlab-ci.yml", "own: {script: [make]}\n")
    written(repo, "gitlab")
    assert (repo.root / "gates.gitlab-ci.yml").is_file()
    assert "include: [{local: gates.gitlab-ci.yml}]" in capsys.readouterr().out


def test_the_default_branch_is_that_of_the_remote(repo: Repo) -> None:
    repo.write("services/a/gates.yaml", POLICY)
    repo.commit()
    repo.git("update-ref", "refs/remotes/origin/trunk", "HEAD")
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    written(repo, "github", "services/a")
    text = (repo.root / ".github/workflows/gates.yml").read_text()
    assert "branches: [trunk]" in text
    assert "working-directory: services/a" in text


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="in none"):
        write_files("github", tmp_path, {"PATH": "/usr/bin:/bin"}, dry_run=False)


def test_a_folder_whose_name_does_not_fit(repo: Repo) -> None:
    repo.write("a b/x")
    with pytest.raises(ConfigError, match="a b"):
        written(repo, "github", "a b")


def test_a_place_that_cannot_be_written(repo: Repo) -> None:
    repo.write(".github", "a file")
    with pytest.raises(ConfigError, match="cannot be written"):
        written(repo, "github")
