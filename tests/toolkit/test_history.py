"""A shallow clone gets what the change is compared with, and not more than it needs."""

from __future__ import annotations

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import StageError
from gates.toolkit import history
from gates.toolkit.history import Remote, Wanted, is_whole, reach


@pytest.fixture
def origin(repo: Repo) -> Repo:
    """A remote: 8 commits on main, then 4 on a branch."""
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    for number in range(8):
        repo.commit(f"main {number}")
    repo.git("checkout", "-q", "-b", "topic")
    for number in range(4):
        repo.commit(f"topic {number}")
    return repo


def clone(origin: Repo, tmp_path: Path, *options: str, branch: str = "topic") -> Repo:
    place = tmp_path / "clone"
    url = f"file://{origin.root}"
    origin.git("clone", "-q", "--branch", branch, *options, url, str(place))
    return replace(origin, root=place)


def remote(repo: Repo) -> Remote:
    return Remote(environ=repo.environ)


def test_a_branch_is_fetched_until_it_is_seen_where_the_change_left_it(
    origin: Repo, tmp_path: Path
) -> None:
    shallow = clone(origin, tmp_path, "--depth=1")
    wanted = Wanted(branch="main")
    assert not is_whole(shallow.ask(), wanted)
    assert reach(shallow.ask(), wanted, remote(shallow)) == "fetched 50 commits of history"
    base = shallow.git("merge-base", "HEAD", "origin/main")
    assert shallow.git("rev-list", "--count", f"{base}..HEAD") == "4"
    assert reach(shallow.ask(), wanted, remote(shallow)) == ""


def test_it_goes_deeper_while_a_commit_of_the_change_is_cut_off(
    origin: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "DEPTHS", (1, 2))
    shallow = clone(origin, tmp_path, "--depth=1")
    wanted = Wanted(branch="main")
    assert reach(shallow.ask(), wanted, remote(shallow)) == "fetched all of history"
    assert is_whole(shallow.ask(), wanted)


def test_no_more_is_fetched_than_shows_the_change(
    origin: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "DEPTHS", (2, 5))
    shallow = clone(origin, tmp_path, "--depth=1")
    wanted = Wanted(branch="main")
    assert reach(shallow.ask(), wanted, remote(shallow)) == "fetched 5 commits of history"
    assert shallow.ask().is_shallow()
    assert shallow.git("rev-list", "--count", "origin/main..HEAD") == "4"


def test_a_commit_is_fetched_by_its_name(origin: Repo, tmp_path: Path) -> None:
    wanted = Wanted(commit=origin.git("rev-parse", "main"))
    shallow = clone(origin, tmp_path, "--depth=1")
    assert reach(shallow.ask(), wanted, remote(shallow))
    assert shallow.ask().resolve(wanted.commit) == wanted.commit


def test_without_a_base_the_commit_before_is_enough(origin: Repo, tmp_path: Path) -> None:
    shallow = clone(origin, tmp_path, "--depth=1")
    assert reach(shallow.ask(), Wanted(), remote(shallow)) == "fetched the commit before HEAD"
    assert shallow.ask().parent("HEAD")
    assert reach(shallow.ask(), Wanted(), remote(shallow)) == ""


def test_a_whole_clone_without_the_branch_gets_it(origin: Repo, tmp_path: Path) -> None:
    whole = clone(origin, tmp_path, "--single-branch")
    assert reach(whole.ask(), Wanted(branch="main"), remote(whole)) == "fetched main"
    assert reach(whole.ask(), Wanted(), remote(whole)) == ""


def test_where_nothing_is_committed_nothing_lacks(repo: Repo) -> None:
    assert reach(repo.ask(), Wanted(branch="main"), remote(repo)) == ""


def test_what_is_not_there_is_told(origin: Repo, tmp_path: Path) -> None:
    shallow = clone(origin, tmp_path, "--depth=1")
    with pytest.raises(StageError, match="cannot be fetched") as raised:
        reach(shallow.ask(), Wanted(branch="gone"), remote(shallow))
    assert "fetch-depth" in raised.value.problem.hint
    with pytest.raises(StageError, match="no git"):
        reach(shallow.ask(), Wanted(branch="gone"), Remote(environ={"PATH": ""}))


def test_a_token_goes_by_the_environment_alone(origin: Repo, tmp_path: Path) -> None:
    told = tmp_path / "told"
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text(f'#!/bin/sh\necho "$*" > {told}\nenv >> {told}\nexit 1\n')
    fake.chmod(0o755)
    shallow = clone(origin, tmp_path, "--depth=1")
    environ = {**os.environ, "PATH": f"{fake.parent}:{os.environ['PATH']}", "GIT_DIR": "/elsewhere"}
    asked = Remote(environ=environ, token="s3cret", server="https://github.example/")
    with pytest.raises(StageError, match="exit code 1"):
        reach(shallow.ask(), Wanted(branch="main"), asked)
    argv, *env = told.read_text().splitlines()
    assert "s3cret" not in argv
    assert argv.endswith("--depth=50 -- +refs/heads/main:refs/remotes/origin/main " + argv[-40:])
    header = base64.b64encode(b"x-access-token:s3cret").decode()
    assert f"GIT_CONFIG_VALUE_0=AUTHORIZATION: basic {header}" in env
    assert "GIT_CONFIG_KEY_0=http.https://github.example/.extraheader" in env
    assert not [line for line in env if line.startswith("GIT_DIR=")]
