"""Files of pinned revisions: fetched once, proved by their hashes, read offline."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError, ToolCrashed
from gates.toolkit.pinned import FOLDER, Pinned, is_full


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


def pinned(repo: Repo, state: Path) -> Pinned:
    return Pinned(state, repo.environ, state)


def refused(read: Callable[[], object]) -> str:
    with pytest.raises(StageError) as caught:
        read()
    return caught.value.problem.slug


@pytest.mark.parametrize(
    ("revision", "full"),
    [("a" * 40, True), ("a" * 64, True), ("a" * 39, False), ("A" * 40, False), ("main", False)],
)
def test_only_a_whole_name_is_one(revision: str, full: bool) -> None:  # noqa: FBT001 - a case
    assert is_full(revision) is full


def test_a_file_is_read_as_the_commit_has_it(repo: Repo, state: Path) -> None:
    repo.write("a/b/gates.yaml", "one")
    first = repo.commit()
    repo.write("a/b/gates.yaml", "two")
    second = repo.commit()
    reader = pinned(repo, state)
    address = str(repo.root)
    assert reader.read(address, second, "a/b/gates.yaml") == b"two"
    assert reader.read(address, first, "a/b/gates.yaml") == b"one"


def test_what_was_fetched_is_read_without_the_repository(repo: Repo, state: Path) -> None:
    repo.write("gates.yaml", "one")
    commit, address = repo.commit(), str(repo.root)
    reader = pinned(repo, state)
    reader.read(address, commit, "gates.yaml")
    repo.root.rename(repo.root.with_name("moved"))
    assert reader.read(address, commit, "gates.yaml") == b"one"
    assert refused(lambda: reader.read(f"{address}2", commit, "x")) == "pinned-unreachable"


def test_sha256_repositories_are_read_too(repo: Repo, state: Path, tmp_path: Path) -> None:
    other = Repo(tmp_path / "sha256", repo.environ)
    other.root.mkdir()
    other.git("init", "--quiet", "--object-format=sha256")
    other.write("gates.yaml", "one")
    commit = other.commit()
    assert len(commit) == 64
    assert pinned(repo, state).read(str(other.root), commit, "gates.yaml") == b"one"


@pytest.mark.parametrize("path", ["none.yaml", "folder", "link", "gates.yaml/x", ""])
def test_what_is_no_file_of_the_commit_is_refused(repo: Repo, state: Path, path: str) -> None:
    repo.write("gates.yaml", "one")
    repo.write("folder/x", "one")
    (repo.root / "link").symlink_to("gates.yaml")
    commit = repo.commit()
    reader = pinned(repo, state)
    assert refused(lambda: reader.read(str(repo.root), commit, path)) == "pinned-absent"


def test_a_commit_that_is_not_there_is_an_error(repo: Repo, state: Path) -> None:
    repo.commit()
    reader = pinned(repo, state)
    assert refused(lambda: reader.read(str(repo.root), "a" * 40, "x")) == "pinned-unreachable"


def test_a_file_is_no_commit(repo: Repo, state: Path) -> None:
    repo.write("gates.yaml", "one")
    repo.commit()
    blob = repo.git("rev-parse", "HEAD:gates.yaml")
    assert refused(lambda: pinned(repo, state).read(str(repo.root), blob, "x")) == (
        "pinned-unreachable"
    )


def test_an_address_cannot_run_a_command(repo: Repo, state: Path, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    address = f"ext::sh -c 'touch {planted}'"
    assert refused(lambda: pinned(repo, state).read(address, "a" * 40, "x")) == (
        "pinned-unreachable"
    )
    assert not planted.exists()


def test_forged_objects_are_refused(repo: Repo, state: Path) -> None:
    """A repository that was put in place of the fetched one says other bytes under the name."""
    repo.write("gates.yaml", "one")
    commit, address = repo.commit(), str(repo.root)
    blob = repo.git("rev-parse", "HEAD:gates.yaml")
    reader = pinned(repo, state)
    reader.read(address, commit, "gates.yaml")
    (folder,) = (state / FOLDER).iterdir()
    repo.write("forged", "two")
    repo.git("add", "forged")
    forged = repo.git("rev-parse", ":forged")
    source = repo.root / ".git/objects" / forged[:2] / forged[2:]
    for pack in (folder / "objects/pack").glob("*"):
        pack.unlink()
    objects = folder / "objects"
    for name in (commit, repo.git("rev-parse", "HEAD^{tree}"), blob):
        there = objects / name[:2] / name[2:]
        there.parent.mkdir(exist_ok=True)
        there.unlink(missing_ok=True)
        origin = repo.root / ".git/objects" / name[:2] / name[2:]
        there.write_bytes((source if name == blob else origin).read_bytes())
    with pytest.raises(StageError) as caught:
        reader.read(address, commit, "gates.yaml")
    assert caught.value.problem.slug in {"pinned-forged", "pinned-unreadable"}


def test_settings_of_a_planted_repository_do_not_count(
    repo: Repo, state: Path, tmp_path: Path
) -> None:
    repo.write("gates.yaml", "one")
    first, address = repo.commit(), str(repo.root)
    reader = pinned(repo, state)
    reader.read(address, first, "gates.yaml")
    (folder,) = (state / FOLDER).iterdir()
    planted = tmp_path / "planted"
    hook = folder / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {planted}\n")
    hook.chmod(0o755)
    own = (folder / "config").read_text()
    (folder / "config").write_text(f'{own}[alias]\n\tx = "!touch {planted}"\n')
    second = repo.commit()
    assert reader.read(address, second, "gates.yaml") == b"one"
    assert (folder / "config").read_text() == own
    assert not planted.exists()


def test_without_git_nothing_is_read(repo: Repo, state: Path) -> None:
    commit = repo.commit()
    reader = Pinned(state, {**repo.environ, "PATH": os.devnull}, state)
    with pytest.raises(ToolCrashed):
        reader.read(str(repo.root), commit, "x")
