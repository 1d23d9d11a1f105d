from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import StageError
from gates.toolkit.git import Git
from gates.toolkit.state import (
    COMPARED,
    create_run,
    is_run_id,
    latest_run,
    list_runs,
    prune_runs,
    runs_folder,
    state_folder,
)

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...
    def git(self, *arguments: str) -> str: ...
    def ask(self) -> Git: ...


def test_in_git_the_state_is_shared_by_all_work_trees(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "side"), "-b", "side")
    linked = repo.ask().at(tmp_path / "side")
    found = state_folder(tmp_path / "side", linked, {})
    assert found == state_folder(repo.root, repo.ask(), {})
    assert found.parent == repo.root / ".git" / "gates"
    inner = repo.root / "services" / "a"
    inner.mkdir(parents=True)
    assert state_folder(inner, repo.ask().at(inner), {}) != found
    assert found.stat().st_mode & 0o777 == 0o700


def test_without_git_each_root_has_a_folder_in_the_cache(
    tmp_path: Path, git_environ: dict[str, str]
) -> None:
    git = Git(tmp_path, git_environ)
    one = state_folder(tmp_path / "one", git, {"XDG_CACHE_HOME": str(tmp_path / "a" / "b")})
    other = state_folder(tmp_path / "other", git, {"XDG_CACHE_HOME": str(tmp_path / "a" / "b")})
    assert one.parent == other.parent == tmp_path / "a" / "b" / "gates"
    assert one != other
    home = state_folder(
        tmp_path / "one", git, {"HOME": str(tmp_path), "XDG_CACHE_HOME": "relative"}
    )
    assert home.parent == tmp_path / ".cache" / "gates"


def test_a_state_folder_that_others_could_fill_is_refused(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = repo.root / ".git" / "gates"
    planted.symlink_to(tmp_path)
    with pytest.raises(StageError, match="is a link"):
        state_folder(repo.root, repo.ask(), {})
    planted.unlink()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(StageError, match="another user"):
        state_folder(repo.root, repo.ask(), {})


def test_runs_are_not_seen_by_git_and_for_their_owner_alone(repo: Repo) -> None:
    run = create_run(repo.root, NOON)
    (run / "run.json").touch()
    assert run.stat().st_mode & 0o777 == 0o700
    assert repo.ask().untracked() == ()
    assert runs_folder(repo.root) == run.parent == repo.root / ".gates" / "local" / "runs"


@pytest.mark.parametrize("name", [".gates", ".gates/local", ".gates/local/runs"])
def test_a_checkout_cannot_lead_the_records_elsewhere(tmp_path: Path, name: str) -> None:
    path = tmp_path / "root" / name
    path.parent.mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StageError, match="is a link"):
        create_run(tmp_path / "root", NOON)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_a_folders_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".gates").write_bytes(b"")
    with pytest.raises(StageError, match="is a link"):
        runs_folder(tmp_path)


def test_ids_sort_by_time_whatever_the_zone(tmp_path: Path) -> None:
    later = (NOON + timedelta(seconds=1)).astimezone(timezone(timedelta(hours=-9)))
    second = create_run(tmp_path, later)
    first = create_run(tmp_path, NOON)
    assert first.name.startswith("20260131T120000Z-")
    assert list_runs(tmp_path) == (first, second)


def test_two_runs_of_one_second_have_their_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter([b"\0\0\0", b"\0\0\0", b"\0\0\1"])
    runs_folder(tmp_path)
    monkeypatch.setattr(os, "urandom", lambda _size: next(numbers))
    assert create_run(tmp_path, NOON).name.endswith("-000000")
    assert create_run(tmp_path, NOON).name.endswith("-000001")
    monkeypatch.setattr(os, "urandom", lambda _size: b"\0\0\0")
    with pytest.raises(StageError, match="no free name"):
        create_run(tmp_path, NOON)


def test_the_latest_run_is_the_newest_with_a_record(tmp_path: Path) -> None:
    assert latest_run(tmp_path) is None
    old, new, unfinished = (create_run(tmp_path, NOON + timedelta(days=days)) for days in range(3))
    assert latest_run(tmp_path) is None
    (new / "run.json").touch()
    (old / "run.json").touch()
    assert latest_run(tmp_path) == new
    assert unfinished in list_runs(tmp_path)


def test_only_the_oldest_runs_are_removed(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, NOON + timedelta(days=days)) for days in range(5)]
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").touch()
    (runs[0] / "link").symlink_to(kept)
    other = runs[0].parent / "notes"
    other.mkdir()
    planted = runs[0].parent / "20200101T000000Z-abcdef"
    planted.symlink_to(kept)
    assert prune_runs(tmp_path, keep=3) == 2
    assert list_runs(tmp_path) == tuple(runs[2:])
    assert prune_runs(tmp_path, keep=3) == 0
    assert (kept / "file").exists()
    assert other.exists()
    assert planted.is_symlink()
    assert prune_runs(tmp_path, keep=0) == 3


def test_quick_runs_do_not_take_away_what_later_ones_are_compared_with(tmp_path: Path) -> None:
    runs = [create_run(tmp_path, NOON + timedelta(days=days)) for days in range(6)]
    for run in runs[:3]:
        (run / COMPARED).touch()
    assert prune_runs(tmp_path, keep=2) == 2
    assert list_runs(tmp_path) == (*runs[1:3], *runs[4:])
    assert prune_runs(tmp_path, keep=0) == 4


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("20260131T120000Z-1a2b3c", True),
        ("20260231T120000Z-1a2b3c", False),
        ("20260131T126000Z-1a2b3c", False),
        ("20260131T12:00Zx-1a2b3c", False),
        ("2026-01-31T1200Z-1a2b3c", False),
        ("20260131T\u06611\u06620000Z-1a2b3c", False),
        ("20260131T120000Z-1A2B3C", False),
        ("20260131T120000Z-1a2b3", False),
        ("20260131T120000Zx1a2b3c", False),
        ("../../../etc/passwd-abc", False),
    ],
)
def test_an_id_has_one_form(name: str, *, expected: bool) -> None:
    assert is_run_id(name) is expected
