from pathlib import Path

import pytest
from repositories import Repo

from gates.toolkit.side_tree import SideTree, staged


@pytest.fixture
def made(repo: Repo, tmp_path: Path) -> tuple[Repo, Repo]:
    repo.environ["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    library = Repo(tmp_path / "library", repo.environ)
    library.root.mkdir()
    library.git("init", "-q")
    library.write("lib.txt", "one\n")
    library.commit()
    repo.git("submodule", "--quiet", "add", str(library.root), "deps/lib")
    repo.commit()
    return repo, Repo(repo.root / "deps" / "lib", repo.environ)


def taken(repo: Repo) -> SideTree:
    with staged(repo.ask(), repo.environ) as side:
        return side


def test_a_submodule_is_there_at_the_commit_that_is_recorded(made: tuple[Repo, Repo]) -> None:
    repo, module = made
    side = taken(repo)
    assert (side.top / "deps/lib/lib.txt").read_text() == "one\n"
    assert side.notes == ()
    module.write("lib.txt", "two\n")
    module.commit()
    (side.top / "deps/lib/left.txt").write_text("left by a tool")
    assert (taken(repo).top / "deps/lib/lib.txt").read_text() == "one\n"
    assert not (side.top / "deps/lib/left.txt").exists()
    repo.git("add", "deps/lib")
    assert (taken(repo).top / "deps/lib/lib.txt").read_text() == "two\n"


def test_one_that_is_not_here_stays_empty_and_is_told(made: tuple[Repo, Repo]) -> None:
    repo, _ = made
    taken(repo)
    repo.git("submodule", "--quiet", "deinit", "--force", "deps/lib")
    side = taken(repo)
    assert list((side.top / "deps/lib").iterdir()) == []
    (note,) = side.notes
    assert note.startswith("submodule `deps/lib` is not here at ")


def test_what_a_module_of_a_module_left_does_not_stay(made: tuple[Repo, Repo]) -> None:
    repo, module = made
    module.git("submodule", "--quiet", "add", str(repo.root.parent / "library"), "inner")
    module.commit()
    repo.git("add", "-A")
    side = taken(repo)
    assert (side.top / "deps/lib/inner/lib.txt").is_file()
    module.git("rm", "-q", "-f", "inner")
    module.commit()
    repo.git("add", "-A")
    assert taken(repo).notes == ()
    assert not (side.top / "deps/lib/inner").exists()


def test_a_module_in_which_a_test_made_a_repository_is_put_right(made: tuple[Repo, Repo]) -> None:
    repo, module = made
    side = taken(repo)
    inside = Repo(side.top / "deps" / "lib", module.environ)
    inside.git("init", "-q")
    inside.write("lib.txt", "another commit\n")
    inside.commit()
    assert "deps/lib" in side.plumbing.changed()
    assert not (taken(repo).top / "deps/lib/.git").exists()
