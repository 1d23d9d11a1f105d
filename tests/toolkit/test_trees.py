from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from gates.toolkit.git import Git
from gates.toolkit.trees import tracked_state, tree_state


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    @property
    def environ(self) -> dict[str, str]: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...
    def ask(self) -> Git: ...


def test_a_clean_tree_is_known_by_heads_tree(repo: Repo) -> None:
    repo.write("a", "x")
    commit = repo.commit()
    state = tree_state(repo.ask())
    assert state is not None
    assert (state.commit, state.tree) == (commit, repo.git("rev-parse", "HEAD^{tree}"))
    assert not state.is_dirty


def test_outside_a_repository_there_is_none(tmp_path: Path, git_environ: dict[str, str]) -> None:
    assert tree_state(Git(tmp_path, git_environ)) is None


CHANGES = {
    "content": "printf y > a",
    "other content": "printf z > a",
    "deleted": "rm a",
    "executable": "chmod +x a",
    "new": "touch new",
    "new odd": """touch "$(printf 'n\\377\\nx')" """,
    "link": "ln -sf b a",
    "other link": "ln -sf c a",
    "folder": "rm a; mkdir -p a/b",
    "full folder": "rm a; mkdir a; touch a/b",
    "pipe": "rm a; mkfifo a",
    "file for a folder": "rm -r d; touch d",
}


def test_each_change_has_an_identity_of_its_own(repo: Repo) -> None:
    repo.write("a", "x")
    repo.write("d/e", "x")
    repo.commit()
    git = repo.ask()
    seen = {git.tree_id(): "clean"}
    for name, change in CHANGES.items():
        subprocess.run(["/bin/sh", "-ec", change], cwd=repo.root, check=True)
        state = tree_state(git)
        assert state is not None
        assert state.is_dirty, name
        assert state.tree.startswith("sha256:")
        assert seen.setdefault(state.tree, name) == name
        assert git.tree_id() == state.tree
        repo.git("clean", "-fdq")
        repo.git("checkout", "--force", "--quiet", "HEAD", "--", ".")
    assert seen[git.tree_id()] == "clean"


def test_staging_does_not_change_the_identity_of_the_files(repo: Repo) -> None:
    repo.write("a", "x")
    repo.commit()
    repo.write("a", "y")
    before = repo.ask().tree_id()
    repo.git("add", "a")
    assert repo.ask().tree_id() == before


def test_a_file_that_git_was_told_not_to_look_at_counts(repo: Repo) -> None:
    repo.write("a", "x")
    repo.commit()
    repo.git("update-index", "--assume-unchanged", "a")
    before = repo.ask().tree_id()
    repo.write("a", "y")
    assert repo.ask().tree_id() != before


@pytest.mark.parametrize("is_submodule", [True, False])
def test_work_in_an_inner_repository_counts(repo: Repo, *, is_submodule: bool) -> None:
    inner = repo.root / "inner"
    inner.mkdir()
    repo.git("init", "--quiet", "inner")
    repo.write("inner/a", "x")
    repo.git("-C", "inner", "add", "a")
    repo.git("-C", "inner", "commit", "--quiet", "-m", "inner")
    if is_submodule:
        repo.git("-c", "advice.addEmbeddedRepo=false", "add", "inner")
        repo.git("commit", "--quiet", "-m", "outer")
    git = repo.ask()
    seen = {git.tree_id()}
    assert git.is_dirty() is not is_submodule
    for text in ("y", "z"):
        repo.write("inner/a", text)
        seen.add(git.tree_id())
    assert len(seen) == 3


def test_tracked_files_have_an_identity_of_their_own(repo: Repo) -> None:
    assert tracked_state(repo.ask()) is None
    repo.write("a.py", "x = 1\n")
    repo.commit()
    first = tracked_state(repo.ask())
    repo.write("new.py", "")
    assert tracked_state(repo.ask()) == first
    repo.write("a.py", "x = 2\n")
    assert tracked_state(repo.ask()) != first
