from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import StageError
from gates.toolkit.changes import Base, changed_lines, resolve_base
from gates.toolkit.git import Git


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    @property
    def environ(self) -> dict[str, str]: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...
    def ask(self) -> Git: ...


EMPTY = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # pragma: allowlist secret


def base_of(git: Git, named: str | None = None, **environ: str) -> Base:
    return resolve_base(git, named=named, environ=environ)


def clone(repo: Repo, target: Path, *options: str) -> Git:
    repo.git("clone", "--quiet", *options, f"file://{repo.root}", str(target))
    return Git(target, repo.environ)


def run(git: Git, environ: Mapping[str, str], *arguments: str) -> None:
    subprocess.run(["/usr/bin/env", "git", *arguments], cwd=git.root, env=environ, check=True)


def test_outside_a_repository_there_is_no_base(tmp_path: Path, git_environ: dict[str, str]) -> None:
    with pytest.raises(StageError, match="in no repository"):
        base_of(Git(tmp_path, git_environ))


def test_before_the_first_commit_every_line_is_new(repo: Repo) -> None:
    assert base_of(repo.ask()) == Base(EMPTY, "nothing is committed yet")


def test_without_a_remote_the_first_parent_is_the_base(repo: Repo) -> None:
    first = repo.commit()
    assert base_of(repo.ask()) == Base(EMPTY, "HEAD is the first commit")
    repo.commit()
    assert base_of(repo.ask()) == Base(first, "HEAD's first parent")


def branched(repo: Repo) -> tuple[str, str, str]:
    """A branch that left main, and main that went on: the fork, main's end, the branch's end."""
    fork = repo.commit("fork")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("side 1")
    side = repo.commit("side 2")
    repo.git("checkout", "--quiet", "main")
    main = repo.commit("main")
    return fork, main, side


def test_a_named_base_is_where_head_left_it(repo: Repo) -> None:
    fork, main, _ = branched(repo)
    repo.git("checkout", "--quiet", "side")
    assert base_of(repo.ask(), "main") == Base(fork, "named: main")
    assert base_of(repo.ask(), fork).commit == fork
    assert main != fork


@pytest.mark.parametrize(
    ("named", "fetch"),
    [
        ("origin/main", "git fetch origin main"),
        ("v1", "git fetch origin v1"),
        ("--all", "git fetch"),
    ],
)
def test_a_named_base_that_is_not_there_says_what_mends_it(
    repo: Repo, named: str, fetch: str
) -> None:
    repo.commit()
    with pytest.raises(StageError) as caught:
        base_of(repo.ask(), named, GITHUB_BASE_REF="main")
    assert caught.value.problem.slug == "base-missing"
    assert fetch in caught.value.problem.hint


def test_a_named_base_counts_before_the_first_commit(repo: Repo) -> None:
    first = repo.commit()
    repo.git("checkout", "--quiet", "--orphan", "fresh")
    assert base_of(repo.ask(), "main").commit == first


def test_unrelated_histories_are_compared_directly(repo: Repo) -> None:
    first = repo.commit()
    repo.git("checkout", "--quiet", "--orphan", "fresh")
    repo.commit("other")
    found = base_of(repo.ask(), "main")
    assert (found.commit, found.shallow_note) == (first, "")
    assert "no common commit" in found.how


def test_head_off_the_default_branch_is_judged_from_where_it_left(
    repo: Repo, tmp_path: Path
) -> None:
    fork, main, side = branched(repo)
    git = clone(repo, tmp_path / "clone")
    assert base_of(git).commit == fork
    assert base_of(git).how == "HEAD's first parent"
    run(git, repo.environ, "checkout", "--quiet", "side")
    assert git.head() == side
    assert base_of(git) == Base(fork, "where HEAD left origin/HEAD")
    run(git, repo.environ, "checkout", "--quiet", "main")
    run(git, repo.environ, "commit", "--quiet", "--allow-empty", "-m", "unpushed")
    assert base_of(git).commit == main


def test_a_pull_request_on_github_is_judged_from_its_target(repo: Repo, tmp_path: Path) -> None:
    fork, _, _ = branched(repo)
    git = clone(repo, tmp_path / "clone", "--branch", "side")
    found = base_of(git, GITHUB_BASE_REF="main")
    assert found == Base(fork, "GITHUB_BASE_REF: origin/main")


def test_the_merge_that_github_checks_out_has_the_target_as_parent(repo: Repo) -> None:
    _, main, _ = branched(repo)
    repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    found = base_of(repo.ask(), GITHUB_BASE_REF="main", GITHUB_REF="refs/pull/1/merge")
    assert found.commit == main


def test_a_target_that_was_not_fetched_makes_every_line_count(repo: Repo, tmp_path: Path) -> None:
    branched(repo)
    git = clone(repo, tmp_path / "clone", "--depth=1", "--branch", "side")
    found = base_of(git, GITHUB_BASE_REF="main", GITHUB_REF="refs/pull/1/merge")
    assert found.commit == EMPTY
    assert "every line counts as changed: git fetch origin main" in found.shallow_note


def push(tmp_path: Path, event: object) -> dict[str, str]:
    path = tmp_path / "event.json"
    path.write_text(event if isinstance(event, str) else json.dumps(event))
    return {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(path)}


def test_a_push_to_github_is_judged_from_what_was_there(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit()
    repo.commit()
    repo.commit()
    found = base_of(repo.ask(), **push(tmp_path, {"before": first}))
    assert found == Base(first, f"the push's state before: {first[:12]}")


def without_a_default_branch(repo: Repo, tmp_path: Path, branch: str) -> Git:
    """A clone as a CI makes it: `origin/main` is there, and nothing calls it the default one."""
    git = clone(repo, tmp_path / "clone", "--branch", branch)
    run(git, repo.environ, "remote", "set-head", "origin", "--delete")
    return git


NOTHING_BEFORE: list[object] = [
    {"before": "0" * 40}, {}, [], {"before": 1}, {"before": "-" * 40}, {"repository": 1},
    {"repository": {"default_branch": 1}}, "{", "[" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("event", NOTHING_BEFORE)
def test_a_push_that_makes_a_branch_is_judged_from_the_default_one(
    repo: Repo, tmp_path: Path, event: object
) -> None:
    fork, _, side = branched(repo)
    git = without_a_default_branch(repo, tmp_path, "side")
    assert git.head() == side
    assert git.parent(side) != fork
    found = base_of(git, **push(tmp_path, event))
    assert found == Base(fork, "where HEAD left origin/main")


@pytest.mark.parametrize("event", NOTHING_BEFORE)
def test_a_push_that_makes_the_first_branch_is_judged_wholly(
    repo: Repo, tmp_path: Path, event: object
) -> None:
    repo.commit()
    repo.commit()
    found = base_of(repo.ask(), **push(tmp_path, event))
    assert found.commit == EMPTY
    assert "origin/HEAD is not in this clone" in found.shallow_note
    found = base_of(without_a_default_branch(repo, tmp_path, "main"), **push(tmp_path, event))
    assert (found.commit, found.how) == (EMPTY, "nothing was there before this push")
    assert "HEAD is on the default branch, so every line counts" in found.shallow_note
    assert found.shallow_note.endswith("name a base with --changed-from")


def test_an_entry_of_a_merge_queue_is_judged_from_its_base(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit()
    repo.commit()
    repo.commit()
    queued = push(tmp_path, {"merge_group": {"base_sha": first}})
    queued["GITHUB_EVENT_NAME"] = "merge_group"
    told = f"the base of the merge queue's entry: {first[:12]}"
    assert base_of(repo.ask(), **queued) == Base(first, told)
    missing = {**push(tmp_path, {}), "GITHUB_EVENT_NAME": "merge_group"}
    assert base_of(repo.ask(), **missing).how == "HEAD's first parent"


def test_an_event_that_is_not_there_tells_nothing_of_before(repo: Repo, tmp_path: Path) -> None:
    fork, _, _ = branched(repo)
    git = without_a_default_branch(repo, tmp_path, "side")
    absent = {"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "absent")}
    assert base_of(git, **absent).commit == fork
    assert base_of(git, GITHUB_EVENT_NAME="push").commit == fork


def test_the_default_branch_is_the_one_that_the_ci_names(repo: Repo, tmp_path: Path) -> None:
    repo.commit("old")
    repo.git("branch", "master")
    fork = repo.commit("fork")
    repo.git("branch", "trunk")
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit("side 1")
    repo.commit("side 2")
    repo.git("branch", "--delete", "--force", "main")
    git = without_a_default_branch(repo, tmp_path, "side")
    named = {"before": "0" * 40, "repository": {"default_branch": "trunk"}}
    zeros = {"CI_COMMIT_BEFORE_SHA": "0" * 40}
    for environ in (push(tmp_path, named), {**zeros, "CI_DEFAULT_BRANCH": "trunk"}):
        assert base_of(git, **environ) == Base(fork, "where HEAD left origin/trunk")
    assert base_of(git, **zeros).how == "where HEAD left origin/master"
    found = base_of(git, **zeros, CI_DEFAULT_BRANCH="gone")
    assert found.commit == EMPTY
    assert found.shallow_note.endswith("every line counts as changed: git fetch origin gone")


def test_a_pipeline_that_nothing_was_pushed_for_is_judged_from_the_parent(
    repo: Repo, tmp_path: Path
) -> None:
    fork, main, _ = branched(repo)
    git = without_a_default_branch(repo, tmp_path, "main")
    zeros = {"CI_COMMIT_BEFORE_SHA": "0" * 40, "CI_DEFAULT_BRANCH": "main"}
    assert git.head() == main
    assert base_of(git, **zeros, CI_PIPELINE_SOURCE="push").commit == EMPTY
    assert base_of(git, **zeros, CI_PIPELINE_SOURCE="schedule").commit == fork
    run(git, repo.environ, "checkout", "--quiet", "origin/side")
    assert base_of(git, **zeros, CI_PIPELINE_SOURCE="schedule").commit == fork
    repo.git("checkout", "--quiet", "side")
    assert base_of(repo.ask(), **zeros, CI_PIPELINE_SOURCE="schedule").commit == EMPTY


def test_a_replaced_push_is_judged_from_the_default_branch_or_wholly(
    repo: Repo, tmp_path: Path
) -> None:
    fork, _, _ = branched(repo)
    event = push(tmp_path, {"before": "a" * 40})
    assert base_of(repo.ask(), **event).commit == EMPTY
    found = base_of(clone(repo, tmp_path / "clone", "--branch", "side"), **event)
    assert found.commit == fork
    assert "not in this clone" in found.shallow_note


def test_a_merge_request_on_gitlab_is_judged_from_its_base(repo: Repo) -> None:
    first = repo.commit()
    repo.commit()
    repo.commit()
    git = repo.ask()
    for name in ("CI_MERGE_REQUEST_DIFF_BASE_SHA", "CI_COMMIT_BEFORE_SHA"):
        assert base_of(git, **{name: first}) == Base(first, f"{name}: {first[:12]}")


def test_a_shallow_clone_judges_every_line_and_says_so(repo: Repo, tmp_path: Path) -> None:
    repo.commit()
    repo.commit()
    found = base_of(clone(repo, tmp_path / "clone", "--depth=1"))
    assert found.commit == EMPTY
    assert "git fetch --unshallow" in found.shallow_note


def test_a_branch_whose_fork_is_cut_off_is_compared_directly(repo: Repo, tmp_path: Path) -> None:
    _, main, _ = branched(repo)
    git = clone(repo, tmp_path / "clone", "--depth=1", "--no-single-branch", "--branch", "side")
    found = base_of(git, "origin/main")
    assert found.commit == main
    assert "git fetch --unshallow" in found.shallow_note


def test_what_changed_outside_the_folder_is_named(repo: Repo) -> None:
    repo.write("svc/a.py", "x = 1\n")
    repo.write("ruff.toml", "")
    repo.commit()
    repo.write("ruff.toml", "line-length = 80\n")
    repo.write("libs/new.py", "y = 1\n")
    repo.write("svc/a.py", "x = 2\n")
    base = resolve_base(repo.ask(), named="HEAD", environ={})
    inner = changed_lines(repo.ask(), base, repo.root / "svc")
    assert inner.outside == ("libs/new.py", "ruff.toml")
    assert list(inner.files) == ["a.py"]
    assert changed_lines(repo.ask(), base).outside == ()
