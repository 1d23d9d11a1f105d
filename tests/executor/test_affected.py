from __future__ import annotations

import pytest
from monorepos import monorepo
from repositories import Repo

from gates.domain.errors import StageError
from gates.executor.affected import Affected, affected

API, MAIL, CORE = PROJECTS = ("services/api", "services/mail", "packages/core")


@pytest.fixture
def shop(repo: Repo) -> Repo:
    return monorepo(repo)


def look(repo: Repo, *projects: str, named: str = "HEAD") -> Affected:
    return affected(repo.ask(), projects or PROJECTS, named=named, environ=repo.environ)


def why(repo: Repo, *projects: str) -> dict[str, str]:
    return dict(look(repo, *projects).why)


def test_without_a_change_nothing_is_affected(shop: Repo) -> None:
    done = look(shop)
    assert (done.why, done.listed) == ({}, {API: 3, MAIL: 2, CORE: 3})
    assert done.base == shop.git("rev-parse", "HEAD")


def test_a_changed_file_affects_its_project_alone(shop: Repo) -> None:
    shop.write("services/mail/requirements.txt", "httpx\n")
    done = look(shop)
    assert done.why == {MAIL: "`services/mail/requirements.txt` changed"}
    assert done.listed == {API: 3, CORE: 3}


@pytest.mark.parametrize("path", ["packages/core/core.py", "packages/core/new.py"])
def test_who_names_the_package_is_affected_too(shop: Repo, path: str) -> None:
    shop.write(path, "X = 2\n")
    assert why(shop) == {
        API: "`packages/core` is affected, and `services/api/pyproject.toml` names it",
        CORE: f"`{path}` changed",
    }


def test_who_depends_by_way_of_another_is_affected_too(shop: Repo) -> None:
    shop.write("services/mail/requirements.txt", "-e ../api\n")
    shop.commit()
    shop.write("packages/core/core.py", "X = 2\n")
    assert why(shop)[MAIL].startswith("`services/api` is affected, and ")


@pytest.mark.parametrize("path", ["gates.yaml", "uv.lock", "docs/index.md", "services/shared.py"])
def test_a_file_of_no_project_affects_all(shop: Repo, path: str) -> None:
    shop.write(path, "# other\n")
    assert set(why(shop).values()) == {f"`{path}` changed, which lies in no project"}
    assert len(why(shop)) == 3


def test_a_file_that_moved_affects_where_it_was_and_where_it_is(shop: Repo) -> None:
    shop.git("mv", "services/api/src/api.py", "services/mail/api.py")
    assert set(why(shop)) == {API, MAIL}
    shop.commit()
    assert look(shop).why == {}
    assert set(look(shop, named="HEAD~1").why) == {API, MAIL}


def test_a_deleted_file_affects_its_project(shop: Repo) -> None:
    (shop.root / "services/mail/requirements.txt").unlink()
    assert set(why(shop)) == {MAIL}


def test_a_file_that_git_does_not_watch_counts_as_changed(shop: Repo) -> None:
    shop.git("update-index", "--assume-unchanged", "services/mail/requirements.txt")
    assert set(why(shop)) == {MAIL}


def test_a_project_around_another_is_affected_by_it(shop: Repo) -> None:
    shop.write("services/api/plugin/gates.yaml", "version: 1\n")
    shop.write("services/api/plugin/requirements.txt", "x\n")
    shop.commit()
    shop.write("services/api/plugin/a.py", "")
    assert set(why(shop, *PROJECTS, "services/api/plugin")) == {API, "services/api/plugin"}
    shop.commit()
    shop.write("services/api/src/api.py", "")
    assert set(why(shop, *PROJECTS, "services/api/plugin")) == {API}


def test_who_has_no_manifest_is_affected_by_every_project(shop: Repo) -> None:
    (shop.root / "services/mail/requirements.txt").unlink()
    shop.commit()
    shop.write("services/api/src/api.py", "")
    assert why(shop)[MAIL] == (
        "`services/api` is affected, and no manifest says what `services/mail` depends on"
    )


def test_in_doubt_about_a_name_all_are_affected(shop: Repo) -> None:
    shop.write("packages/core/pyproject.toml", "[project\n")
    assert why(shop)[MAIL].endswith("and the name of its package cannot be read")


def test_who_has_a_manifest_that_cannot_be_read_is_affected(shop: Repo) -> None:
    (shop.root / "services/mail/requirements.txt").unlink()
    (shop.root / "services/mail/requirements.txt").symlink_to("nowhere")
    shop.commit()
    shop.write("packages/core/core.py", "")
    assert why(shop)[MAIL].endswith("`services/mail/requirements.txt` cannot be read")


@pytest.mark.parametrize("target", ["../../packages/core/core.py", "../../packages"])
def test_who_links_to_a_project_is_affected(shop: Repo, target: str) -> None:
    (shop.root / "services/mail/linked").symlink_to(target)
    shop.commit()
    shop.write("packages/core/core.py", "")
    assert why(shop)[MAIL].endswith("the link `services/mail/linked` leads there")
    shop.commit()
    shop.write("services/api/src/api.py", "")
    assert MAIL not in why(shop)


def test_a_project_that_git_does_not_see_into_is_affected(shop: Repo) -> None:
    shop.write(".gitignore", "/hidden/\n")
    shop.write("hidden/gates.yaml", "version: 1\n")
    shop.commit()
    (shop.root / "nested").mkdir()
    Repo(shop.root / "nested", shop.environ).git("init", "--quiet")
    shop.write("nested/gates.yaml", "version: 1\n")
    done = why(shop, MAIL, "hidden", "nested")
    assert done["hidden"] == "git does not list its files here, so any may have changed"
    assert "nested" in done


def test_a_folder_below_the_top_can_name_projects(shop: Repo) -> None:
    inner = shop.ask().at(shop.root / "services")
    shop.write("services/mail/requirements.txt", "httpx\n")
    done = affected(inner, ("api", "mail"), named="HEAD", environ=shop.environ)
    assert (set(done.why), done.listed) == ({"mail"}, {"api": 3})
    shop.write("packages/core/core.py", "X = 3\n")
    done = affected(inner, ("api", "mail"), named="HEAD", environ=shop.environ)
    assert set(done.why) == {"api", "mail"}


def test_a_base_that_is_not_there_is_an_error(shop: Repo) -> None:
    with pytest.raises(StageError, match="nowhere"):
        look(shop, named="nowhere")
