from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError
from gates.toolkit.both_sides import Pair, at_base, pairs, present
from gates.toolkit.git import Git

LIMIT = 1 << 20
ODD = os.fsdecode(b"odd \xff\n.py")


def test_each_changed_file_is_a_pair(repo: Repo) -> None:
    for name in ("kept", "edited", "gone", "moved", "watched", "sub/in", ODD):
        repo.write(name, f"{name.encode('utf-8', 'surrogateescape')!r}\n" * 9)
    base = repo.commit()
    for name in ("edited", "sub/in", ODD):
        repo.write(name, "other\n")
    (repo.root / "gone").unlink()
    repo.git("mv", "moved", "there")
    repo.write("new", "x")
    repo.git("add", "new")
    repo.write("untracked", "x")
    repo.git("update-index", "--assume-unchanged", "watched")
    wanted = (
        Pair("edited", "edited"), Pair("gone", ""), Pair("", "new"), Pair(ODD, ODD),
        Pair("sub/in", "sub/in"), Pair("moved", "there"), Pair("", "untracked", is_tracked=False),
        Pair("watched", "watched", is_tracked=False),
    )  # fmt: skip
    assert pairs(repo.ask(), base) == wanted
    assert pairs(repo.ask().at(repo.root / "sub"), base) == wanted
    assert {pair.name for pair in wanted if not pair.after} == {"gone"}


def test_a_base_that_is_not_there_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    with pytest.raises(StageError, match="not in this clone"):
        pairs(repo.ask(), "0" * 40)
    outside = tmp_path / "outside"
    outside.mkdir()
    with pytest.raises(StageError, match="in no repository"):
        pairs(Git(outside, repo.environ), "HEAD")
    assert at_base(Git(outside, repo.environ), "HEAD", ["a"], limit=LIMIT) == {}


def test_the_base_gives_the_very_bytes(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "empty": b"", "a": b"same\n", "b": b"same\n", "deep/c": b"\0\xff\r\n", ODD: b"odd",
        "large": b"x" * 100,
    }  # fmt: skip
    for name, data in files.items():
        repo.write(name, data)
    (repo.root / "link").symlink_to("a")
    base = repo.commit()
    repo.write("a", "changed")
    wanted = {name: data for name, data in files.items() if name != "large"}
    names = [*files, "link", "deep", "absent", ""]
    assert at_base(repo.ask(), base, names, limit=99) == wanted
    monkeypatch.setattr("gates.toolkit.both_sides._ARGUMENT_BYTES", 50)
    monkeypatch.setattr("gates.toolkit.both_sides._PART_BYTES", 5)
    assert at_base(repo.ask(), base, names, limit=99) == wanted


def test_fewer_bytes_than_announced_are_refused(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.write("a", "abc")
    base = repo.commit()
    asked = Git.ask

    def cut(git: Git, *arguments: str) -> object:
        from dataclasses import replace

        answer = asked(git, *arguments)
        return replace(answer, stdout=b"ab") if arguments[0] == "show" else answer

    monkeypatch.setattr(Git, "ask", cut)
    with pytest.raises(StageError, match="2 bytes of 1 files"):
        at_base(repo.ask(), base, ["a"], limit=LIMIT)


def test_the_present_content_is_that_of_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "link").symlink_to("a")
    assert present(tmp_path, "a", limit=LIMIT) == b"abc"
    assert present(tmp_path, "a", limit=2) is None
    assert present(tmp_path, "link", limit=LIMIT) is None
    assert present(tmp_path, "absent", limit=LIMIT) is None


def test_a_file_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_bytes(b"abc")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("gates.toolkit.regular.open_regular", refuse)
    with pytest.raises(StageError, match="Permission denied"):
        present(tmp_path, "a", limit=LIMIT)
