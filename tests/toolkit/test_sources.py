from __future__ import annotations

from pathlib import Path
from typing import Protocol

import pytest

from gates.domain.errors import StageError
from gates.toolkit import sources
from gates.toolkit.sources import (
    SourceSet,
    detect_sources,
    find_files,
    find_sources,
    link_targets,
    look,
    matches,
)


class Repo(Protocol):
    @property
    def root(self) -> Path: ...
    def git(self, *arguments: str) -> str: ...
    def write(self, name: str, text: str | bytes = "") -> Path: ...
    def commit(self, message: str = "a commit") -> str: ...


def plant(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


def found(root: Path, *include: str, exclude: tuple[str, ...] = ()) -> SourceSet:
    return find_sources(root, include=include, exclude=exclude)


def test_in_git_sources_are_tracked_or_new_and_never_ignored(repo: Repo) -> None:
    repo.write(".gitignore", "*_pb2.py\n")
    plant(repo.root, "src/a.py", "src/gone.py", "src/b.txt", "src/.hidden/c.py", "tests/t.py")
    repo.commit()
    (repo.root / "src" / "gone.py").unlink()
    plant(repo.root, "src/new.py", "src/x_pb2.py")
    assert found(repo.root, "src") == SourceSet(("src/.hidden/c.py", "src/a.py", "src/new.py"))
    assert found(repo.root / "src", ".").files == (".hidden/c.py", "a.py", "new.py")


def test_links_and_inner_repositories_are_counted_as_excluded(repo: Repo) -> None:
    plant(repo.root, "src/a.py", "other.py")
    (repo.root / "src" / "link.py").symlink_to("../other.py")
    repo.git("init", "--quiet", "src/vendored")
    plant(repo.root, "src/vendored/x.py")
    assert found(repo.root, "src") == SourceSet(("src/a.py",), ("src/link.py", "src/vendored"))
    assert find_files(repo.root, ("src",)) == ("src/a.py",)


def test_without_git_what_lies_there_counts_but_environments_do_not(tmp_path: Path) -> None:
    plant(
        tmp_path, "app/a.py", "app/b/c.py", ".venv/x.py", "node_modules/x.py", "env/pyvenv.cfg",
        "env/x.py", "app/__pycache__/x.py", ".hidden/x.py", "venv/x.py",
    )  # fmt: skip
    (tmp_path / "app" / "loop").symlink_to(tmp_path)
    assert found(tmp_path, ".").files == ("app/a.py", "app/b/c.py")


def test_what_is_excluded_is_told(tmp_path: Path) -> None:
    plant(tmp_path, "src/a.py", "src/migrations/1.py", "src/b/migrations/2.py")
    both = ("src/b/migrations/2.py", "src/migrations/1.py")
    assert found(tmp_path, "src", exclude=("**/migrations",)) == SourceSet(("src/a.py",), both)


@pytest.mark.parametrize("entry", ["scr", "src/*.pyi", "src/gone", "README.md", "src/[id]"])
def test_an_entry_that_matches_nothing_is_an_error_that_names_it(
    tmp_path: Path, entry: str
) -> None:
    plant(tmp_path, "src/a.py", "README.md")
    with pytest.raises(StageError) as caught:
        found(tmp_path, "src", entry)
    assert caught.value.problem.slug == "source-unmatched"
    assert f"`{entry}`" in caught.value.problem.summary


def test_an_entry_may_hold_sources_of_another_language(tmp_path: Path) -> None:
    plant(tmp_path, "src/a.py", "web/a.ts", "other.ts", "docs/x.md")
    (tmp_path / "src" / "b.ts").symlink_to("../other.ts")
    assert found(tmp_path, "src", "web") == SourceSet(("src/a.py",))
    with pytest.raises(StageError, match="`docs` in `sources` matches no file"):
        found(tmp_path, "src", "docs")
    with pytest.raises(StageError, match=r"`sources` names no file of \.py"):
        found(tmp_path, "web")


def test_no_source_at_all_is_an_error(tmp_path: Path) -> None:
    plant(tmp_path, "src/a.py")
    with pytest.raises(StageError, match="takes every source"):
        found(tmp_path, "src", exclude=("src",))
    with pytest.raises(StageError, match="no sources are named"):
        found(tmp_path)


@pytest.mark.parametrize("entry", ["/etc", "../other", "src/../../x"])
def test_an_entry_stays_in_the_project(tmp_path: Path, entry: str) -> None:
    with pytest.raises(StageError, match="does not stay"):
        found(tmp_path, entry)
    with pytest.raises(StageError, match="does not stay"):
        find_files(tmp_path, (entry,))


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="cannot be read: No such file"):
        found(tmp_path / "absent", ".")


def test_files_are_found_by_any_pattern(tmp_path: Path) -> None:
    plant(tmp_path, "pyproject.toml", "a/requirements.txt", "a/b/requirements-dev.txt")
    wanted = ("./pyproject.toml", "**/requirements*.txt", "absent")
    assert find_files(tmp_path, wanted) == (
        "a/b/requirements-dev.txt",
        "a/requirements.txt",
        "pyproject.toml",
    )
    assert find_files(tmp_path, ()) == ()


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("src/a.py", ".", True),
        ("src/a.py", "src", True),
        ("src/a.py", "src/a.py", True),
        ("srcs/a.py", "src", False),
        ("src/a.py", "src/*.py", True),
        ("src/b/a.py", "src/*.py", False),
        ("src/b/a.py", "src/*", True),
        ("src/b/a.py", "src/**/*.py", True),
        ("src/a.py", "src/**/*.py", True),
        ("src/b/c/d/a.py", "**/c", True),
        ("c/a.py", "**/c/**", True),
        ("b/a.py", "**/c/**", False),
        ("a/b/c/d", "**/b/**/d", True),
        ("src/a1.py", "src/a?.py", True),
        ("src/a1.py", "src/a[0-9].py", True),
        ("src/A.py", "src/a.py", False),
        ("app/[id]/a.py", "app/[id]", True),
        ("app/i/a.py", "app/[id]", True),
        ("src", "src/a", False),
        ("a", "**", True),
    ],
)
def test_patterns_name_folders_files_and_globs(path: str, pattern: str, *, expected: bool) -> None:
    assert matches(path, pattern) is expected


def test_many_stars_do_not_explode() -> None:
    assert not matches("/".join("a" * 200), "/".join(["**", "a"] * 100 + ["b"]))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["src/a/b.py", "other/__init__.py"], ("src",)),
        (["src/readme.txt", "app/__init__.py"], ("app",)),
        (["app/__init__.py", "manage.py", "setup.py", "conftest.py"], ("app", "manage.py")),
        (["app/__init__.py", "tests/__init__.py", "docs/__init__.py", "flat/x.py"], ("app",)),
        (["app/main.py", "tests/test_x.py"], ("app",)),
        (["one.py", "test_one.py", "noxfile.py"], ("one.py",)),
        ([".venv/a/__init__.py", "README.md"], ()),
    ],
)
def test_sources_are_detected(tmp_path: Path, names: list[str], expected: tuple[str, ...]) -> None:
    assert detect_sources(plant(tmp_path, *names)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[tool.hatch.build.targets.wheel]\npackages = ["lib/orders"]', ("lib/orders",)),
        (
            '[tool.setuptools]\npackages = ["app", "app.sub"]\npy-modules = ["one"]',
            ("app", "one.py"),
        ),
        ('[tool.setuptools]\npackages = ["absent"]', ("app", "one.py")),
        ('[tool.hatch.build.targets.wheel]\npackages = ["../app"]', ("app", "one.py")),
        ('[tool.setuptools.packages.find]\nwhere = ["lib"]', ("app", "one.py")),
        ("tool = 1", ("app", "one.py")),
        ("not toml", ("app", "one.py")),
    ],
)
def test_pyproject_names_the_packages(tmp_path: Path, text: str, expected: tuple[str, ...]) -> None:
    plant(tmp_path, "app/__init__.py", "one.py", "lib/orders/a.py")
    (tmp_path / "pyproject.toml").write_text(text)
    assert detect_sources(tmp_path) == expected


def test_a_link_is_no_source_folder(tmp_path: Path) -> None:
    plant(tmp_path, "app/__init__.py", "real/__init__.py")
    (tmp_path / "linked").symlink_to("real")
    assert sources.detect_sources(tmp_path) == ("app", "real")


def test_one_look_answers_several_questions(repo: Repo) -> None:
    plant(repo.root, "src/a.py", "src/gone.py")
    (repo.root / "link").symlink_to("src")
    repo.commit()
    (repo.root / "src/gone.py").unlink()
    seen = look(repo.root)
    plant(repo.root, "src/late.py")
    assert find_sources(repo.root, include=("src",), seen=seen).files == ("src/a.py",)
    assert find_files(repo.root, ("**/*.py",), seen=seen) == ("src/a.py",)
    assert link_targets(repo.root, seen=seen) == ("src",)
    assert seen.listed is not None
    assert seen.listed.tracked == ("link", "src/a.py", "src/gone.py")
    assert find_files(repo.root, ("**/*.py",)) == ("src/a.py", "src/late.py")


def test_a_look_outside_a_repository_lists_nothing_of_git(tmp_path: Path) -> None:
    plant(tmp_path, "src/a.py")
    seen = look(tmp_path)
    assert seen.listed is None
    assert find_files(tmp_path, ("src",), seen=seen) == ("src/a.py",)


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("b.py", "**/*.py", True),
        ("a/.py", "**/*.py", True),
        ("a.py/x.txt", "**/*.py", True),
        ("a/b.pyc", "**/*.py", False),
        ("a/b.py", "a/*.py", True),
        ("a/c/b.py", "a/*.py", False),
        ("a/b.py", "a/***.py", True),
        ("a/b", "**/*", True),
        ("a/setup.py/x", "**/setup.py", True),
        ("a/my-setup.py", "**/setup.py", False),
        ("a[b].py", "**/a[b].py", True),
        ("a/a[b].py", "a/a[b].py", True),
    ],
)
def test_a_short_way_through_a_pattern_means_the_same(
    path: str, pattern: str, *, expected: bool
) -> None:
    assert matches(path, pattern) is expected
