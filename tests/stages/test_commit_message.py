from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo
from stages.fake_context import FakeContext, fake_context, metrics_of
from stages.live_context import LiveContext

from gates.plugin import Change, Role, StageError, Tool
from gates.stages.commit_message import (
    CommitMessageOptions,
    CommitMessages,
)
from gates.toolkit.changes import Base, changed_lines, resolve_base
from gates.toolkit.git import Git

GIT = Tool(name="git", version="2.47", path="/tools/git")
ONE, TWO, BASE = "1" * 40, "2" * 40, "b" * 40


def logged(*entries: tuple[str, str]) -> bytes:
    return b"".join(f"{head}\n{body}\0".encode() for head, body in entries)


@pytest.fixture
def ctx(tmp_path: Path) -> FakeContext:
    ctx = fake_context(tmp_path)
    ctx.difference = Change(base=Base(BASE, "named"), files={})
    ctx.answer("git", "rev-parse", "HEAD^{commit}", stdout=f"{TWO}\n")
    ctx.answer("git", "cat-file", stdout="commit\n")
    ctx.answer("git", "rev-parse", "--is-shallow-repository", stdout="false\nshallow\n")
    ctx.answer("git", "config", "core.commentChar", stdout="#\n")
    ctx.answer("git", "config", "commit.cleanup", stdout="default\n")
    ctx.answer("git", "log", "--format=%ct", stdout="1000\n")
    return ctx


def stage(**options: object) -> CommitMessages:
    return CommitMessages(CommitMessageOptions.from_plain(options))


def test_messages_are_counted_and_faults_told(ctx: FakeContext) -> None:
    ctx.answer(
        "git",
        "log",
        "HEAD",
        f"^{BASE}",
        stdout=logged(
            (f"{TWO} {ONE}", "feat!: drop it\n"),
            (f"{ONE} {BASE}", "half done\n"),
            (f"{'3' * 40} {BASE}", "wip: more\n"),
            (f"{'4' * 40} {BASE} {ONE}", "Merge branch 'topic'\n"),
        ),
    )
    result = stage().run(ctx)
    assert metrics_of(result) == {"malformed": 1, "wip": 1, "breaking": 1}
    assert (result.examined.count, result.examined.unit, result.examined.excluded) == (
        3,
        "commits",
        1,
    )
    assert result.examined.note == "commits since bbbbbbbbbb (named)"
    assert {"GIT_GRAFT_FILE": "/dev/null/none"} in ctx.envs
    assert [(each.rule, each.subject, each.counts) for each in result.findings] == [
        ("no-type", "1111111111 half done", ("malformed",)),
        ("wip", "3333333333 wip: more", ("wip",)),
    ]
    assert "type(scope): description" in result.findings[0].fix


def test_every_fault_of_a_message_counts(ctx: FakeContext) -> None:
    ctx.answer("git", "log", stdout=logged((f"{ONE} {BASE}", "feature:\nbody\n")))
    result = stage().run(ctx)
    assert metrics_of(result)["malformed"] == 3
    assert {each.counts for each in result.findings} == {("malformed",)}


def test_a_merge_that_a_person_worded_is_read(ctx: FakeContext) -> None:
    ctx.answer("git", "log", stdout=logged((f"{TWO} {BASE} {ONE}", "all of it\n")))
    assert metrics_of(stage().run(ctx))["malformed"] == 1


def test_merges_alone_prove_nothing(ctx: FakeContext) -> None:
    ctx.answer("git", "log", stdout=logged((f"{TWO} {BASE} {ONE}", "Merge branch 'x'\n")))
    with pytest.raises(StageError, match="no message to read"):
        stage().run(ctx)


def test_a_message_that_is_not_utf_8_is_malformed(ctx: FakeContext) -> None:
    ctx.answer("git", "log", stdout=f"{ONE} {BASE}\n".encode() + b"fix: \xff\n\0")
    result = stage().run(ctx)
    assert metrics_of(result) == {"malformed": 1, "wip": 0, "breaking": 0}
    assert result.findings[0].rule == "not-utf-8"


def test_where_head_is_the_base_head_is_read(ctx: FakeContext) -> None:
    ctx.difference = Change(base=Base(TWO, "CI"), files={})
    ctx.answer("git", "log", "--max-count=1", "HEAD", stdout=logged((TWO, "fix: a\n")))
    result = stage().run(ctx)
    assert result.examined.note == "HEAD alone, which is the base itself"
    assert result.examined.count == 1


def test_where_the_base_contains_head_head_is_read(ctx: FakeContext) -> None:
    ctx.answer("git", "log", "HEAD", f"^{BASE}", stdout=b"")
    ctx.answer("git", "log", "--max-count=1", "HEAD", stdout=logged((TWO, "fix: a\n")))
    assert stage().run(ctx).examined.note == "HEAD alone, which the base contains"


def test_without_a_commit_nothing_is_proved(ctx: FakeContext) -> None:
    ctx.answer("git", "rev-parse", "HEAD^{commit}", exit_code=1)
    with pytest.raises(StageError, match="no commit yet"):
        stage().run(ctx)


def test_outside_git_nothing_is_proved(ctx: FakeContext) -> None:
    ctx.difference = None
    with pytest.raises(StageError, match="this folder is in no repository") as caught:
        stage().run(ctx)
    assert "changed lines" not in str(caught.value.problem)


def test_a_shallow_clone_that_hides_commits_is_told(ctx: FakeContext) -> None:
    ctx.answer("git", "rev-parse", "--is-shallow-repository", stdout="true\nshallow\n")
    ctx.answer("git", "log", stdout=logged((ONE, "fix: a\n")))
    ctx.write("shallow", f"{ONE}\n")
    with pytest.raises(StageError, match="shallow") as caught:
        stage().run(ctx)
    assert "fetch-depth: 0" in caught.value.problem.hint
    ctx.write("shallow", f"{BASE}\n")
    assert stage().run(ctx).examined.count == 1
    (ctx.root / "shallow").unlink()
    assert stage().run(ctx).examined.count == 1


def test_a_file_may_hold_the_message(ctx: FakeContext) -> None:
    ctx.write("MSG", "wip: half\n\n# told by git\n")
    result = stage(file="MSG").run(ctx)
    assert metrics_of(result) == {"malformed": 0, "wip": 1, "breaking": 0}
    assert result.examined.note == "the message in `MSG`"
    assert result.findings[0].subject == "wip: half"


@pytest.mark.parametrize(("sign", "text"), [("auto", "fix: a\n# b"), (";", "fix: a\n; b")])
def test_the_comment_sign_is_gits(ctx: FakeContext, sign: str, text: str) -> None:
    ctx.write("MSG", text)
    ctx.answer("git", "config", "core.commentChar", stdout=f"{sign}\n")
    assert metrics_of(stage(file="MSG").run(ctx))["malformed"] == 0


def test_a_file_that_is_not_utf_8_is_malformed(ctx: FakeContext) -> None:
    ctx.write("MSG", b"fix: \xff")
    assert metrics_of(stage(file="MSG").run(ctx))["malformed"] == 1


@pytest.mark.parametrize("data", [b"", b"# only a comment\n", None, b"x" * (1024 * 1024 + 1)])
def test_a_file_without_a_message_is_errored(ctx: FakeContext, data: bytes | None) -> None:
    if data is not None:
        ctx.write("MSG", data)
    with pytest.raises(StageError, match="MSG"):
        stage(file="MSG").run(ctx)


@pytest.mark.parametrize(("cleanup", "editor"), [("whitespace", ""), ("default", ":")])
def test_lines_that_git_keeps_are_no_comments(ctx: FakeContext, cleanup: str, editor: str) -> None:
    ctx.write("MSG", "#12 broken\n\nfeat: add\n")
    ctx.answer("git", "config", "commit.cleanup", stdout=f"{cleanup}\n")
    ctx.settings["GIT_EDITOR"] = editor
    assert metrics_of(stage(file="MSG").run(ctx))["malformed"] == 1


def test_the_message_of_an_earlier_commit_is_stale(ctx: FakeContext) -> None:
    path = ctx.write("MSG", "fix: a\n")
    os.utime(path, (999, 999))
    with pytest.raises(StageError, match="older than HEAD"):
        stage(file="MSG").run(ctx)
    ctx.answer("git", "log", "--format=%ct", exit_code=128)  # the first commit
    assert metrics_of(stage(file="MSG").run(ctx))["malformed"] == 0


def test_a_pipe_is_not_waited_for(ctx: FakeContext) -> None:
    os.mkfifo(ctx.root / "MSG")
    with pytest.raises(StageError, match="cannot be read"):
        stage(file="MSG").run(ctx)


def test_a_folder_is_no_message(ctx: FakeContext) -> None:
    (ctx.root / "MSG").mkdir()
    with pytest.raises(StageError, match="`MSG` cannot be read: a folder"):
        stage(file="MSG").run(ctx)


def test_a_linked_work_tree_keeps_its_message_elsewhere(ctx: FakeContext) -> None:
    ctx.write(".git", "gitdir: elsewhere\n")
    ctx.write("elsewhere/COMMIT_EDITMSG", "wip: half\n")
    ctx.answer("git", "rev-parse", "--git-path", stdout="elsewhere/COMMIT_EDITMSG\n")
    assert metrics_of(stage(file=".git/COMMIT_EDITMSG").run(ctx))["wip"] == 1


def test_a_merge_in_words_of_no_one_is_read(ctx: FakeContext) -> None:
    ctx.answer("git", "log", stdout=logged((f"{TWO} {BASE} {ONE}", "Merge all this\n")))
    assert metrics_of(stage().run(ctx))["malformed"] == 1


def test_options_that_nothing_meets_are_refused() -> None:
    with pytest.raises(ValueError, match="types"):
        stage(types=[]).check()
    for outside in ("/etc/hosts", "../MSG"):
        with pytest.raises(ValueError, match="stay in the project"):
            stage(file=outside).check()
    with pytest.raises(ValueError, match="max_header"):
        stage(max_header=0).check()
    stage().check()


def test_unfinished_work_is_told_and_refused_at_level_3() -> None:
    limits = [each for each in CommitMessages.defaults if each.text == "wip == 0"]
    assert [(each.role, each.from_level, each.to_level) for each in limits] == [
        (Role.WARN, 1, 2),
        (Role.REQUIRE, 3, 3),
    ]


@pytest.mark.live
def test_a_real_repository_is_read(repo: Repo, tmp_path: Path) -> None:
    repo.write("a.txt", "1")
    repo.commit("chore: begin")
    base = repo.git("rev-parse", "HEAD").strip()
    repo.write("a.txt", "2")
    repo.commit("feat(api): add\n\nBREAKING CHANGE: all")
    repo.write("a.txt", "3")
    repo.commit("oops")
    out = tmp_path / "out"
    out.mkdir()
    ctx = LiveContext(root=repo.root, out=out, timeout_s=60, programs={"git": Path("/usr/bin/git")})
    git = Git(repo.root)
    ctx.difference = changed_lines(git, resolve_base(git, named=base, environ={}))
    result = stage().run(ctx)
    assert metrics_of(result) == {"malformed": 1, "wip": 0, "breaking": 1}
    assert result.examined.count == 2
    assert result.findings[0].subject.endswith("oops")
