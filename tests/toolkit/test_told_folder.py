from __future__ import annotations

from pathlib import Path

import pytest

from gates.toolkit.told_folder import Here, repository_top

FILES = ("src/app.ts", "src/more.ts")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with two services of the same files, which also lie at its top and below."""
    top = tmp_path / "build"
    (top / ".git").mkdir(parents=True)
    for folder in ("services/api", "services/web", ".", "src"):
        for file in FILES:
            path = top / folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return top.resolve()


def test_the_top_is_the_folder_that_git_keeps(top: Path, tmp_path: Path) -> None:
    assert repository_top(top / "services/api") == str(top)
    assert repository_top(top) == str(top)
    bare = tmp_path / "bare"
    bare.mkdir()
    assert repository_top(bare) == str(bare.resolve())


def test_a_folder_of_this_machine_must_be_the_projects(top: Path) -> None:
    here = Here.of(top / "services/api")

    assert here.stands_for(str(top / "services/api"), FILES)
    for other in ("services/web", "services", "."):
        assert not here.stands_for(str(top / other), FILES)
    assert not here.stands_for("/", FILES)


def test_a_folder_may_be_told_by_a_link(top: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(top / "services/api")
    here = Here.of(top / "services/api")

    assert here.stands_for(str(link), FILES)
    assert here.note(str(link)) == ""


def test_a_folder_of_the_repository_that_is_gone_is_another_one(top: Path) -> None:
    assert not Here.of(top / "services/api").stands_for(str(top / "services/gone"), FILES)


@pytest.mark.parametrize(
    ("folder", "stands"),
    [
        ("/runner/repo/services/api", True),
        ("/runner/repo/services/web", False),
        ("/runner/services/web/", False),
        ("/app", True),
        ("/app/services", True),
    ],
)
def test_a_folder_of_another_machine_must_not_end_like_a_sibling(
    top: Path, folder: str, *, stands: bool
) -> None:
    assert Here.of(top / "services/api").stands_for(folder, FILES) is stands


def test_a_sibling_with_less_of_the_files_is_one_by_accident(top: Path) -> None:
    """A container may hold the whole checkout in `/build/src`."""
    here = Here.of(top)

    assert not here.stands_for("/runner/src", FILES)
    assert here.stands_for("/runner/src", (*FILES, "services/web/src/app.ts"))


def test_a_folder_of_another_machine_is_told(top: Path) -> None:
    assert "made in `/runner/app`, which is not on this machine" in Here.of(top).note("/runner/app")


def test_another_folder_is_refused_with_the_next_step(top: Path) -> None:
    problem = Here.of(top).refused("/x/web", what="t.txt").problem

    assert (problem.slug, problem.place) == ("report-foreign", "t.txt")
    assert "`/x/web`, which is another folder" in problem.summary
    assert "folder of gates.yaml" in problem.hint
