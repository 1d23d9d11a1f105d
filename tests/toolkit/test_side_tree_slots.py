import os
import subprocess
import sys
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError
from gates.toolkit import side_tree_slots
from gates.toolkit.side_tree_slots import held, remove


@pytest.fixture
def made(repo: Repo, tmp_path: Path) -> Repo:
    repo.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    return repo


def test_a_slot_is_held_by_one_run_and_the_next_takes_another(made: Repo) -> None:
    git = made.ask()
    with held(git, made.environ) as one, held(git, made.environ) as two:
        assert (one.folder.name, two.folder.name) == ("0", "1")
        assert two.folder.stat().st_mode & 0o777 == 0o700
        with held(git, made.environ) as three:
            (three.folder / "files").mkdir()
        # More than two at once are rare: they do not stay.
        assert list(three.folder.iterdir()) == [three.folder / "lock"]
    with held(git, made.environ) as again:
        assert again.folder == one.folder


def test_whoever_inherits_the_lock_holds_the_slot(made: Repo) -> None:
    with held(made.ask(), made.environ) as slot:
        os.set_inheritable(slot.lock, True)
        words = [sys.executable, "-c", "import sys; sys.stdin.read()"]
        child = subprocess.Popen(words, stdin=subprocess.PIPE, pass_fds=(slot.lock,))
    with held(made.ask(), made.environ) as other:
        assert other.folder != slot.folder
    child.communicate(b"")
    with held(made.ask(), made.environ) as again:
        assert again.folder == slot.folder


def test_trees_of_repositories_that_are_gone_are_removed(made: Repo, tmp_path: Path) -> None:
    with held(made.ask(), made.environ) as slot:
        family = slot.folder.parent
    (tmp_path / "elsewhere").mkdir()
    made.root.rename(tmp_path / "moved")
    moved = Repo(tmp_path / "moved", made.environ)
    with held(moved.ask(), made.environ) as slot:
        assert slot.folder.parent != family
    assert not family.exists()


def test_no_side_tree_lies_in_the_checkout(
    made: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_tree_slots, "_VAR", tmp_path / "var")
    made.environ["XDG_CACHE_HOME"] = str(made.root / "cache")
    with held(made.ask(), made.environ) as slot:
        assert slot.folder.is_relative_to(tmp_path / "var")
    monkeypatch.setattr(side_tree_slots, "_VAR", made.root / "var")
    with (
        pytest.raises(StageError, match="no folder outside the checkout"),
        held(made.ask(), made.environ),
    ):
        pass


def test_there_is_an_end_to_how_many_runs_there_are(
    made: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_tree_slots, "MOST", 0)
    with pytest.raises(StageError, match="at the same time"), held(made.ask(), made.environ):
        pass


def test_what_cannot_be_read_is_removed_and_links_are_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("x")
    folder = tmp_path / "folder"
    (folder / "inner").mkdir(parents=True)
    (folder / "link").symlink_to(target)
    (folder / "inner").chmod(0)
    remove(folder)
    remove(folder)
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    remove(link)
    assert target.exists()
    assert not folder.exists()


def test_a_pipe_is_removed_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    remove(tmp_path / "pipe")
    assert list(tmp_path.iterdir()) == []


def test_the_history_of_another_repository_is_refused(made: Repo, tmp_path: Path) -> None:
    own = str(made.root / ".git")
    for named in (".git", own):
        with held(made.ask(), {**made.environ, "GIT_DIR": named}):
            pass
    # As `git --git-dir=... --work-tree=. commit` hands it to its hooks.
    other = {**made.environ, "GIT_DIR": str(tmp_path / "other.git")}
    with pytest.raises(StageError, match="another repository"), held(made.ask(), other):
        pass
