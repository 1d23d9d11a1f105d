from __future__ import annotations

import pytest
from repositories import Repo

from gates.domain.errors import StageError
from gates.domain.weakening import WeakeningKind
from gates.formats.weakening import look

TESTS = "def test_one():\n    assert compute(1) == 1\n\n\ndef test_two():\n    assert compute(2)\n"
CONFIG = "[tool.coverage.run]\nomit = ['a.py']\n[tool.coverage.report]\nfail_under = 90\n"
WORKFLOW = "on:\n  pull_request:\njobs:\n  a:\n    steps:\n      - run: gates check\n"


@pytest.fixture
def project(repo: Repo) -> Repo:
    """A project with all that a change may weaken."""
    repo.write("pyproject.toml", CONFIG)
    repo.write("src/app.py", "import os\n")
    repo.write("tests/test_app.py", TESTS)
    repo.write(".github/workflows/ci.yml", WORKFLOW)
    repo.write("eslint.config.js", "export default [{ rules: { eqeqeq: 'error' } }]\n")
    repo.commit("base")
    return repo


def told(repo: Repo, folder: str = "") -> list[str]:
    base = repo.git("rev-parse", "HEAD")
    root = repo.root / folder
    found = look(repo.ask().at(root), base, root)
    return [f"{one.kind}:{one.rule}:{one.path}:{one.line}" for one in found.items]


def test_a_change_of_nothing_weakens_nothing(project: Repo) -> None:
    found = look(project.ask(), project.git("rev-parse", "HEAD"), project.root)
    assert (found.items, found.examined, found.compared) == ((), (), frozenset())


def test_each_way_of_weakening_is_named(project: Repo) -> None:
    project.write("src/app.py", "import os  # noqa\nx = y()  # nosec B603 - argv is ours\n")
    project.write("tests/test_app.py", f"import pytest\n\n\n@pytest.mark.skip\n{TESTS[:45]}\n")
    project.write("pyproject.toml", CONFIG.replace("'a.py'", "'a.py', 'b.py'").replace("90", "80"))
    project.write(".github/workflows/ci.yml", WORKFLOW.replace("check", "check || true"))
    project.write("eslint.config.js", "export default [{ rules: { eqeqeq: 'off' } }]\n")
    project.write("sitecustomize.py", "import os\n")
    assert told(project) == [
        "ci_edits:ci-edited:.github/workflows/ci.yml:0",
        "ci_loosened:error-ignored:.github/workflows/ci.yml:6",
        "settings:severity-lowered:eslint.config.js:0",
        "omits:exclusion-grown:pyproject.toml:2",
        "settings:floor-lowered:pyproject.toml:4",
        "settings:startup-code:sitecustomize.py:0",
        "suppressions:noqa:src/app.py:1",
        "suppressions:nosec:src/app.py:2",
        "deletions:test-deleted:tests/test_app.py:0",
        "skips:skip:tests/test_app.py:4",
    ]
    found = look(project.ask(), project.git("rev-parse", "HEAD"), project.root)
    assert {kind.value: found.counted(kind) for kind in WeakeningKind} == {
        "suppressions": 1, "skips": 1, "deletions": 1, "omits": 1, "settings": 3, "ci_edits": 1,
        "ci_loosened": 1,
    }  # fmt: skip
    assert "sitecustomize.py" in found.examined
    assert "sitecustomize.py" not in found.compared


def test_deleted_files_take_their_tests_and_settings(project: Repo) -> None:
    for name in ("tests/test_app.py", "pyproject.toml", ".github/workflows/ci.yml"):
        (project.root / name).unlink()
    assert told(project) == [
        "ci_edits:ci-deleted:.github/workflows/ci.yml:0",
        "ci_loosened:ci-deleted:.github/workflows/ci.yml:0",
        "settings:settings-deleted:pyproject.toml:0",
        "deletions:test-deleted:tests/test_app.py:0",
        "deletions:test-deleted:tests/test_app.py:0",
    ]


def test_a_renamed_file_keeps_what_it_has(project: Repo) -> None:
    project.write("src/app.py", "import os  # noqa\n# ruff: noqa\nx = 1  # noqa\n")
    project.commit()
    project.git("mv", "src/app.py", "src/new.py")
    project.git("mv", "tests/test_app.py", "tests/test_new.py")
    assert told(project) == []
    project.git("mv", "tests/test_new.py", "tests/new.py")
    assert told(project) == [
        "deletions:test-deleted:tests/new.py:0",
        "deletions:test-deleted:tests/new.py:0",
        "deletions:test-file-renamed:tests/new.py:0",
    ]
    project.git("mv", ".github/workflows/ci.yml", ".github/ci.yml")
    assert "ci_loosened:ci-deleted:.github/ci.yml:0" in told(project)


def test_an_end_of_a_region_that_is_gone_is_told(project: Repo) -> None:
    project.write("src/app.py", "# fmt: off\nx\n# fmt: on\n")
    project.commit()
    project.write("src/app.py", "# fmt: off\nx\n")
    assert told(project) == ["suppressions:fmt-on-removed:src/app.py:0"]


def test_links_in_the_place_of_files(project: Repo) -> None:
    project.write("elsewhere.txt", "[tool.ruff]\n")
    project.commit()
    (project.root / "ruff.toml").symlink_to("elsewhere.txt")
    (project.root / "tests/test_app.py").unlink()
    (project.root / "tests/test_app.py").symlink_to("../elsewhere.txt")
    assert told(project) == [
        "settings:settings-linked:ruff.toml:0",
        "deletions:test-deleted:tests/test_app.py:0",
        "deletions:test-deleted:tests/test_app.py:0",
    ]


def test_a_part_of_a_repository_sees_what_is_above_it(project: Repo) -> None:
    project.write("services/a/app.py", "x = 1\n")
    project.commit()
    project.write("services/a/app.py", "x = 1  # noqa\n")
    project.write("services/b/app.py", "x = 1  # noqa\n")
    project.write("pyproject.toml", CONFIG.replace("90", "80"))
    project.write(".github/workflows/ci.yml", WORKFLOW.replace("check", "check; true"))
    assert told(project, "services/a") == [
        "ci_edits:ci-edited:../../.github/workflows/ci.yml:0",
        "ci_loosened:error-ignored:../../.github/workflows/ci.yml:6",
        "settings:floor-lowered:../../pyproject.toml:4",
        "suppressions:noqa:app.py:1",
    ]


def test_code_that_is_too_large_to_be_looked_through_is_an_error(
    project: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gates.formats.weakening._LIMIT", 1000)
    project.write("data.bin", b"x" * 2000)
    assert told(project) == []
    project.write("src/app.py", "x = 1\n" * 1000)
    with pytest.raises(StageError, match="larger than"):
        told(project)


def test_a_long_line_is_cut(project: Repo) -> None:
    project.write("src/app.py", f"import os  # noqa {'x' * 500}\n")
    base = project.git("rev-parse", "HEAD")
    (one,) = look(project.ask(), base, project.root).items
    assert len(one.text) < 200


def test_a_stub_beside_a_module_hides_it(project: Repo) -> None:
    project.write("src/app.pyi", "def f() -> int: ...\n")
    project.write("src/other.pyi", "def f() -> int: ...\n")
    assert told(project) == ["omits:stub-shadows:src/app.pyi:0"]
    project.commit("stubs")
    project.write("src/app.pyi", "def f() -> str: ...\n")
    assert told(project) == []
