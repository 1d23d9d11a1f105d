import pytest
from repositories import Repo

from gates.domain.errors import ConfigError, StageError
from gates.toolkit.pushed import PushedRef, commits, refs

ONE, TWO, ZERO = "1" * 40, "2" * 40, "0" * 40


def test_lines_of_git_are_read_and_deletions_told_apart() -> None:
    data = f"refs/a {ONE} refs/b {TWO}\n(delete) {ZERO} refs/c {ONE}\nrefs/d {TWO} refs/d {ZERO}\n"
    assert refs(data.encode(), {}) == (
        PushedRef("refs/a", ONE, TWO),
        PushedRef("refs/c", "", ONE),
        PushedRef("refs/d", TWO, ""),
    )


def test_lines_go_before_variables() -> None:
    environ = {"PRE_COMMIT_TO_REF": TWO, "PRE_COMMIT_FROM_REF": ONE}
    assert refs(f"refs/a {ONE} refs/a {ZERO}\n".encode(), environ)[0].new == ONE
    assert refs(b"", environ) == (PushedRef(TWO, TWO, ONE),)


def test_a_first_push_by_a_hook_manager_names_its_branch_alone() -> None:
    environ = {"PRE_COMMIT_LOCAL_BRANCH": "refs/heads/x", "PRE_COMMIT_FROM_REF": ONE}
    assert refs(b"", environ) == (PushedRef("refs/heads/x", "refs/heads/x", ""),)


@pytest.mark.parametrize("data", [b"", b"\n", b"hello\n", b"a b c d\n", f"a {ONE} b".encode()])
def test_what_git_did_not_write_is_refused(data: bytes) -> None:
    with pytest.raises(ConfigError):
        refs(data, {})


def pushed(repo: Repo, name: str, old: str = "") -> list[str | None]:
    found = commits(repo.ask(), (PushedRef(name, name, old),), repo.environ)
    return [each.base for each in found]


def test_the_base_is_what_the_remote_has(repo: Repo) -> None:
    first, second = repo.commit("one"), repo.commit("two")
    assert pushed(repo, second, first) == [first]
    assert pushed(repo, second) == [None]
    assert pushed(repo, second, ONE) == [None]
    assert pushed(repo, second, second) == [None]
    repo.git("update-ref", "refs/remotes/origin/main", first)
    assert pushed(repo, second) == [first]
    repo.git("checkout", "-q", "--orphan", "other")
    orphan = repo.commit("three")
    assert pushed(repo, orphan, second) == [None]
    # What the remote has wholly must not leave nothing to judge.
    assert pushed(repo, first) == [None]


def test_a_tag_is_judged_by_its_commit_and_each_commit_once(repo: Repo) -> None:
    commit = repo.commit("one")
    repo.git("tag", "-am", "x", "v1")
    given = (
        PushedRef("refs/tags/v1", repo.git("rev-parse", "v1"), ""),
        PushedRef("refs/heads/main", commit, ""),
        PushedRef("(delete)", "", commit),
    )
    (found,) = commits(repo.ask(), given, repo.environ)
    assert found.commit == commit
    assert found.names == ("refs/tags/v1", "refs/heads/main")


def test_two_bases_of_one_commit_are_none(repo: Repo) -> None:
    first, second, third = (repo.commit(str(number)) for number in range(3))
    given = (PushedRef("a", third, first), PushedRef("b", third, second))
    assert [each.base for each in commits(repo.ask(), given, repo.environ)] == [None]


def test_what_leads_to_no_commit_is_refused(repo: Repo) -> None:
    repo.commit("one")
    blob = repo.git("hash-object", "-w", "/dev/null")
    with pytest.raises(StageError, match="leads to no commit"):
        commits(repo.ask(), (PushedRef("refs/tags/blob", blob, ""),), repo.environ)
