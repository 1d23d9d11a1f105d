"""What a machine lacks is told, and what may come from elsewhere with it."""

from __future__ import annotations

import sys

import pytest
from repositories import Repo

from gates import app
from gates.survey.ci_missing import ALONE, Missing, missing


def found(repo: Repo, monkeypatch: pytest.MonkeyPatch, level: int, path: str = "") -> Missing:
    """As if `gates` were installed where nothing else is."""
    monkeypatch.setattr(sys, "prefix", str(repo.root.parent / "own"))
    environ = {"PATH": path}
    return missing(app.load(repo.root, repo.environ).plan, level, repo.ask(), environ)


def test_what_is_not_there(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("gates.yaml", "version: 1\nlevels: {1: [ruff, mypy, import-linter], 2: [bandit]}\n")
    repo.commit()
    assert found(repo, monkeypatch, 1) == Missing(("import-linter", "ruff"), ("mypy",))
    assert found(repo, monkeypatch, 2).packages == ("bandit", "import-linter", "ruff")


def test_what_is_there_or_planted(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.write("gates.yaml", "version: 1\nlevels: {1: [ruff, mypy]}\n")
    repo.write(".venv/bin/mypy", "#!/bin/sh\n").chmod(0o755)
    repo.commit()
    beside = repo.root.parent / "beside"
    beside.mkdir()
    (beside / "ruff").write_text("#!/bin/sh\n")
    (beside / "ruff").chmod(0o755)
    path = f"{beside}:{repo.environ['PATH']}"
    assert found(repo, monkeypatch, 1, path) == Missing()


def test_a_gate_that_reads_a_report_needs_no_tool(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = "{t: {uses: pytest, with: {report: out/junit.xml}}}"
    repo.write("gates.yaml", f"version: 1\nlevels: {{1: {{gates: {gate}}}}}\n")
    repo.commit()
    assert found(repo, monkeypatch, 1) == Missing()


def test_what_imports_the_project_comes_from_nowhere_else() -> None:
    assert not {"pytest", "mypy", "coverage", "pyright", "pylint", "vitest"} & set(ALONE)
