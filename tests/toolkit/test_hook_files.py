from __future__ import annotations

import os
from pathlib import Path

import pytest
from repositories import Repo

from gates.domain.errors import ConfigError
from gates.toolkit.hook_files import (
    Change,
    hooks_folder,
    install_hooks,
    relative_folder,
    uninstall_hooks,
)
from gates.toolkit.hook_script import ARGUMENTS, KEPT, hook_script

LFS = b'#!/bin/sh\ngit lfs pre-push "$@"\n'
HOOKS = ".git/hooks"


def scripts(*names: str, python: str = "/env/bin/python", folder: str = ".") -> dict[str, bytes]:
    return {name: hook_script(name, python=python, folder=folder) for name in names or ARGUMENTS}


def install(repo: Repo, wanted: dict[str, bytes]) -> tuple[Change, ...]:
    return install_hooks(hooks_folder(repo.ask()), wanted, repo.ask())


def uninstall(repo: Repo, *names: str) -> tuple[Change, ...]:
    return uninstall_hooks(hooks_folder(repo.ask()), names or tuple(ARGUMENTS))


def hook(repo: Repo, name: str, text: bytes, mode: int = 0o755) -> Path:
    path = repo.write(f"{HOOKS}/{name}", text)
    path.chmod(mode)
    return path


def held(repo: Repo) -> dict[str, bytes]:
    """The hooks that stand there, without the samples that git brings."""
    folder = repo.root / HOOKS
    files = folder.iterdir() if folder.is_dir() else ()
    return {path.name: path.read_bytes() for path in files if path.suffix != ".sample"}


def refused(repo: Repo, wanted: dict[str, bytes]) -> list[tuple[str, str, str]]:
    """The slugs, places and hints of what is refused; nothing may have been written."""
    before = held(repo)
    with pytest.raises(ConfigError) as caught:
        install(repo, wanted)
    assert held(repo) == before
    return [(each.slug, each.place, each.hint) for each in caught.value.problems]


def test_hooks_are_written_once_and_taken_away(repo: Repo) -> None:
    wanted = scripts("pre-commit", "pre-push")
    assert install(repo, wanted) == (
        Change(".git/hooks/pre-commit", "written"),
        Change(".git/hooks/pre-push", "written"),
    )
    assert held(repo) == wanted
    assert all(os.access(repo.root / HOOKS / name, os.X_OK) for name in wanted)
    assert {each.done for each in install(repo, wanted)} == {"is as it should be"}
    assert uninstall(repo, "pre-push") == (Change(".git/hooks/pre-push", "removed"),)
    assert set(held(repo)) == {"pre-commit"}
    assert uninstall(repo) == (Change(".git/hooks/pre-commit", "removed"),)
    assert held(repo) == {}
    assert uninstall(repo) == ()


def test_the_folder_need_not_be_there(repo: Repo) -> None:
    folder = repo.root / HOOKS
    for sample in folder.iterdir() if folder.is_dir() else ():
        sample.unlink()
    if folder.is_dir():
        folder.rmdir()
    assert uninstall(repo) == ()
    install(repo, scripts("commit-msg"))
    assert set(held(repo)) == {"commit-msg"}


def test_another_interpreter_brings_the_hook_up_to_date(repo: Repo) -> None:
    install(repo, scripts("pre-push", python="/old/python"))
    (change,) = install(repo, scripts("pre-push", python="/new/python"))
    assert change.done == "brought up to date"
    assert held(repo) == scripts("pre-push", python="/new/python")


def test_one_that_lost_its_right_to_run_gets_it_back(repo: Repo) -> None:
    install(repo, scripts("pre-push"))
    (repo.root / HOOKS / "pre-push").chmod(0o644)
    (change,) = install(repo, scripts("pre-push"))
    assert change.done == "brought up to date"
    assert os.access(repo.root / HOOKS / "pre-push", os.X_OK)


def test_a_hook_that_was_there_is_kept_and_put_back(repo: Repo) -> None:
    hook(repo, "pre-push", LFS, mode=0o700)
    assert install(repo, scripts("pre-push")) == (
        Change(f".git/hooks/pre-push{KEPT}", "is the hook that was there: it runs first"),
        Change(".git/hooks/pre-push", "written"),
    )
    assert held(repo) == {**scripts("pre-push"), f"pre-push{KEPT}": LFS}
    install(repo, scripts("pre-push"))
    assert uninstall(repo) == (
        Change(".git/hooks/pre-push", "removed"),
        Change(".git/hooks/pre-push", "put back as it was before"),
    )
    assert held(repo) == {"pre-push": LFS}
    assert (repo.root / HOOKS / "pre-push").stat().st_mode & 0o777 == 0o700


def test_a_link_that_was_there_is_kept_as_a_link(repo: Repo) -> None:
    target = repo.write("scripts/push", LFS)
    repo.write(f"{HOOKS}/x").unlink()
    link = repo.root / HOOKS / "pre-push"
    link.symlink_to("../../scripts/push")
    install(repo, scripts("pre-push"))
    assert not link.is_symlink()
    assert target.read_bytes() == LFS
    uninstall(repo)
    assert link.readlink() == Path("../../scripts/push")


def test_a_link_that_leads_nowhere_is_kept(repo: Repo) -> None:
    repo.write(f"{HOOKS}/x").unlink()
    (repo.root / HOOKS / "pre-push").symlink_to("nowhere")
    install(repo, scripts("pre-push"))
    assert (repo.root / HOOKS / f"pre-push{KEPT}").readlink() == Path("nowhere")


def test_a_link_to_a_file_of_ours_is_somebody_elses(repo: Repo, tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.write_bytes(scripts("pre-push")["pre-push"])
    repo.write(f"{HOOKS}/x").unlink()
    (repo.root / HOOKS / "pre-push").symlink_to(shared)
    assert uninstall(repo) == ()
    install(repo, scripts("pre-push", python="/new/python"))
    assert shared.read_bytes() == scripts("pre-push")["pre-push"]
    assert (repo.root / HOOKS / f"pre-push{KEPT}").is_symlink()


def test_what_is_kept_is_put_back_though_ours_is_gone(repo: Repo) -> None:
    hook(repo, "pre-push", LFS)
    install(repo, scripts("pre-push"))
    (repo.root / HOOKS / "pre-push").unlink()
    install(repo, scripts("pre-push"))
    assert held(repo)[f"pre-push{KEPT}"] == LFS
    (repo.root / HOOKS / "pre-push").unlink()
    uninstall(repo)
    assert held(repo) == {"pre-push": LFS}


def test_two_hooks_of_somebody_else_are_both_left(repo: Repo) -> None:
    hook(repo, "pre-push", LFS)
    install(repo, scripts("pre-push"))
    hook(repo, "pre-push", b"#!/bin/sh\necho new\n")
    ((slug, place, _),) = refused(repo, scripts("pre-push"))
    assert (slug, place) == ("hook-kept-twice", ".git/hooks/pre-push")
    (change,) = uninstall(repo)
    assert change.path.endswith(KEPT)
    assert change.done.startswith("left")
    assert held(repo)["pre-push"] == b"#!/bin/sh\necho new\n"
    assert held(repo)[f"pre-push{KEPT}"] == LFS


def test_one_of_ours_that_was_edited_is_left(repo: Repo) -> None:
    install(repo, scripts())
    path = repo.root / HOOKS / "commit-msg"
    path.write_bytes(path.read_bytes() + b"echo mine\n")
    ((slug, place, hint),) = refused(repo, scripts())
    assert (slug, place) == ("hook-edited", ".git/hooks/commit-msg")
    assert f"commit-msg{KEPT}" in hint
    before = held(repo)
    with pytest.raises(ConfigError, match="edited since"):
        uninstall(repo)
    assert held(repo) == before


@pytest.mark.parametrize(
    ("text", "manager", "hint"),
    [
        (
            b"# File generated by pre-commit: https://pre-commit.com\n",
            "pre-commit",
            "commit-hook.md",
        ),
        (b"# File generated by prek: https://github.com/j178/prek\n", "prek", "commit-hook.md"),
        (b'call_lefthook run "x" "$@"\n', "lefthook", "`gates check --commit-msg FILE`"),
    ],
)
def test_a_managers_hook_is_refused_and_then_none_is_written(
    repo: Repo, text: bytes, manager: str, hint: str
) -> None:
    hook(repo, "commit-msg", b"#!/bin/sh\n" + text)
    ((slug, place, told),) = refused(repo, scripts())
    assert (slug, place) == ("hook-of-manager", ".git/hooks/commit-msg")
    assert manager in told
    assert hint in told


def test_a_hook_that_judges_another_folder_is_not_taken_over(repo: Repo) -> None:
    install(repo, scripts("pre-push", folder="services/a"))
    ((slug, _, hint),) = refused(repo, scripts("pre-push", folder="services/b"))
    assert slug == "hook-of-another-folder"
    assert "projects:" in hint


def test_each_hook_that_cannot_be_written_is_told(repo: Repo) -> None:
    for name in ("pre-commit", "pre-push"):
        hook(repo, name, b"#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n")
    assert [place for _, place, _ in refused(repo, scripts())] == [
        ".git/hooks/pre-commit",
        ".git/hooks/pre-push",
    ]


def test_a_folder_of_the_checkout_is_used_and_a_tracked_hook_left(repo: Repo) -> None:
    repo.git("config", "core.hooksPath", ".githooks")
    assert hooks_folder(repo.ask()).path == repo.root / ".githooks"
    (change,) = install(repo, scripts("pre-push"))
    assert change.path == ".githooks/pre-push"
    repo.write(".githooks/commit-msg", "#!/bin/sh\n")
    repo.commit()
    ((slug, place, hint),) = refused(repo, scripts("commit-msg"))
    assert (slug, place) == ("hook-tracked", ".githooks/commit-msg")
    assert 'gates check --commit-msg "$1"' in hint
    assert held(repo) == {}


def test_the_folder_is_found_from_below_and_by_an_absolute_path(repo: Repo, tmp_path: Path) -> None:
    below = repo.write("a/b/c.txt").parent
    assert hooks_folder(repo.ask().at(below)).path == repo.root / HOOKS
    repo.git("config", "core.hooksPath", ".githooks")
    assert hooks_folder(repo.ask().at(below)).path == repo.root / ".githooks"
    elsewhere = tmp_path / "it's\nelsewhere"
    repo.git("config", "core.hooksPath", str(elsewhere))
    hooks = hooks_folder(repo.ask().at(below))
    assert hooks.path == elsewhere
    assert hooks.top == repo.root
    assert "\n" not in hooks.shown("pre-push")


@pytest.mark.parametrize("link", [False, True])
def test_linked_work_trees_share_their_hooks(repo: Repo, tmp_path: Path, link: bool) -> None:  # noqa: FBT001
    repo.commit()
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    tree = Repo(tmp_path / "linked", repo.environ)
    if link:
        (tmp_path / "by-link").symlink_to("linked")
        tree = Repo(tmp_path / "by-link", repo.environ)
    hooks = hooks_folder(tree.ask())
    assert hooks.path == repo.root / HOOKS
    assert hooks.top == tmp_path / "linked"
    install(tree, scripts("pre-push"))
    assert held(repo) == scripts("pre-push")


def test_a_folder_of_all_repositories_is_refused(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "--global", "core.hooksPath", str(tmp_path / "everybody"))
    with pytest.raises(ConfigError, match="all repositories use") as caught:
        hooks_folder(repo.ask())
    (problem,) = caught.value.problems
    assert problem.place == str(tmp_path / "everybody")
    assert problem.hint.endswith(f'git config core.hooksPath "{repo.root}/.git/hooks"')
    repo.git("config", "core.hooksPath", str(repo.root / ".git" / "hooks"))
    assert hooks_folder(repo.ask()).path == repo.root / HOOKS


@pytest.mark.parametrize("named", ["", "/dev/null"])
def test_hooks_that_were_switched_off_are_not_written(repo: Repo, named: str) -> None:
    repo.git("config", "core.hooksPath", named)
    with pytest.raises(ConfigError, match="git runs no hooks") as caught:
        hooks_folder(repo.ask())
    assert caught.value.problems[0].slug == "hooks-path"


def test_without_a_work_tree_there_are_no_hooks(repo: Repo, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no git work tree"):
        hooks_folder(repo.ask().at(tmp_path))
    repo.git("init", "--quiet", "--bare", str(tmp_path / "bare"))
    with pytest.raises(ConfigError, match="no git work tree"):
        hooks_folder(repo.ask().at(tmp_path / "bare"))


def test_the_folder_of_the_policy_is_told_from_the_top() -> None:
    assert relative_folder(Path("/repo"), Path("/repo")) == "."
    assert relative_folder(Path("/repo/services/a"), Path("/repo")) == "services/a"
    with pytest.raises(ConfigError, match="outside its repository"):
        relative_folder(Path("/repos"), Path("/repo"))
