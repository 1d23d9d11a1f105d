from __future__ import annotations

from pathlib import Path

import pytest
from repositories import Repo

from gates.toolkit.unlisted import unlisted


@pytest.fixture
def project(repo: Repo) -> Path:
    """A package in a repository that ignores what is built, with links between packages."""
    repo.write(".gitignore", "dist/\nnode_modules\n")
    repo.write("app/src/a.ts")
    repo.write("core/src/b.ts")
    repo.commit()
    repo.write("app/new.ts")
    repo.write("core/dist/b.d.ts")
    repo.write("app/dist/a.d.ts")
    repo.write("app/node_modules/left-pad/index.d.ts")
    (repo.root / "app/node_modules/core").symlink_to("../../core")
    return repo.root / "app"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("src/a.ts", ""),
        ("new.ts", ""),
        ("../core/src/b.ts", ""),
        ("dist/a.d.ts", "dist/a.d.ts"),
        ("src/../dist/a.d.ts", "dist/a.d.ts"),
        ("../core/dist/b.d.ts", "../core/dist/b.d.ts"),
        ("node_modules/left-pad/index.d.ts", ""),
        ("node_modules/core/dist/b.d.ts", "node_modules/core/dist/b.d.ts"),
        ("node_modules/core/src/b.ts", ""),
        ("/usr/lib/typescript/lib.d.ts", ""),
        ("../../elsewhere/a.ts", ""),
    ],
)
def test_what_git_does_not_list(project: Path, path: str, told: str) -> None:
    assert unlisted(project, {path}) == ({told} if told else set())


def test_absolute_paths_are_told_as_seen_from_the_project(project: Path) -> None:
    read = {str(project / "dist/a.d.ts"), str(project.parent / "core/dist/b.d.ts"), "src/a.ts"}

    assert unlisted(project, read) == {"dist/a.d.ts", "../core/dist/b.d.ts"}


def test_a_repository_in_the_repository_is_its_own(project: Path, repo: Repo) -> None:
    inner = project / "inner"
    inner.mkdir()
    repo.git("init", "--quiet", str(inner))
    (inner / "a.ts").touch()

    assert unlisted(project, {"inner/a.ts"}) == frozenset()


def test_nothing_is_unlisted_where_nobody_lists(tmp_path: Path, project: Path) -> None:
    assert unlisted(project, ()) == frozenset()
    assert unlisted(tmp_path, {"a.ts"}) == frozenset()
