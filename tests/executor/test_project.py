from dataclasses import replace
from pathlib import Path

import pytest
from repositories import Repo
from samples import gate, plan

from gates.domain.errors import StageError
from gates.executor.project import Project
from gates.plugin import Tool
from gates.toolkit.clock import SystemClock


@pytest.fixture
def project(repo: Repo, tmp_path: Path) -> Project:
    repo.write("shop/__init__.py")
    repo.write("shop/a.py", "x = 1\n")
    repo.commit()
    return Project(
        plan=plan(gate()),
        root=repo.root,
        folder=tmp_path / "run",
        state=tmp_path / "state",
        environ={**repo.environ, "API_TOKEN": "s3cr3t-value-1"},
        clock=SystemClock(),
        git=repo.ask(),
    )


def test_sources_are_detected_once(project: Project) -> None:
    found = project.sources((".py",))
    assert found.files == ("shop/__init__.py", "shop/a.py")
    assert project.sources((".py",)) is found
    assert project.files(("**/a.py",)) == ("shop/a.py",)


def test_what_was_detected_is_told_with_what_it_leaves_out(project: Project) -> None:
    for name in ("shop/tests/test_a.py", "lib/x.py", "lib/y.py"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("")
    assert project.notes() == ()
    found = project.sources((".py",))
    assert found.files == ("shop/__init__.py", "shop/a.py")
    assert found.excluded == ("shop/tests/test_a.py",)
    (note,) = project.notes()
    assert note == (
        "gates.yaml names no `sources:`; found: shop;"
        " Python files that are none: lib/x.py and 1 more"
    )


def test_only_languages_that_were_asked_for_are_told_of(project: Project) -> None:
    for name in ("web/a.ts", "web/a.test.ts", "eslint.config.js", "e2e/x.ts", "lib/x.py"):
        (project.root / name).parent.mkdir(exist_ok=True)
        (project.root / name).write_text("")
    assert project.sources((".ts",)).files == ("web/a.ts",)
    (note,) = project.notes()
    assert note == (
        "gates.yaml names no `sources:`; found: web;"
        " JavaScript or TypeScript files that are none: e2e/x.ts"
    )
    assert project.sources((".py",)).files == ("shop/__init__.py", "shop/a.py")
    (note,) = project.notes()
    assert note == (
        "gates.yaml names no `sources:`; found: web, shop; Python files that are none: lib/x.py;"
        " JavaScript or TypeScript files that are none: e2e/x.ts"
    )


def test_the_base_is_known_after_it_was_asked_for(project: Project) -> None:
    assert project.known_base is None
    assert project.change().base.commit == project.known_base


def test_foreign_text_is_made_safe_and_secrets_stay_out(project: Project) -> None:
    assert project.clean(b"\x1b[31ma\nb s3cr3t-value-1\x07") == "a b ***"


def test_children_know_whose_run_they_belong_to(project: Project) -> None:
    environ = project.child_environment({"EXTRA": "1"})
    assert environ["EXTRA"] == "1"
    assert str(project.root) in environ["GATES_RUN_FOLDER"]
    assert "API_TOKEN" not in environ


def test_a_program_is_asked_for_its_version_only_where_that_is_wanted(project: Project) -> None:
    asked: list[str] = []

    def ask(tool: Tool) -> Tool:
        asked.append(tool.name)
        return Tool(name=tool.name, version="9", path=tool.path)

    assert project.tool("sh", None).version == ""
    assert asked == []
    assert project.tool("sh", ask).version == "9"
    assert project.tool("sh", ask).version == "9"
    assert asked == ["sh"]


def test_a_program_that_is_nowhere_is_missing(project: Project) -> None:
    with pytest.raises(StageError, match="no-such-program"):
        project.tool("no-such-program", None)


def test_a_cache_has_a_folder_of_its_own(project: Project) -> None:
    assert project.kept_cache("types-mypy", ["shop/a.py"]).is_dir()


def test_one_look_answers_all_questions_of_a_block(project: Project) -> None:
    with project.one_look():
        (project.root / "shop/late.py").touch()
        assert project.sources((".py",)).files == ("shop/__init__.py", "shop/a.py")
        assert project.files(("**/late.py",)) == ()
        assert "elsewhere" not in project.always_inputs()
        (project.root / "link").symlink_to("elsewhere")
    assert project.files(("**/late*",)) == ("shop/late.py",)
    assert "elsewhere" in project.always_inputs()


def test_one_look_tells_the_change_of_a_folder_below_the_top(project: Project, repo: Repo) -> None:
    repo.write("shop/new.py", "x = 1\n")
    repo.write("beside.py")
    inner = replace(project, root=repo.root / "shop", changed_from="HEAD")
    with inner.one_look():
        assert set(inner.change().files) == {"new.py"}
        assert inner.change().outside == ("beside.py",)
        assert inner.files(("**/*.py",)) == ("__init__.py", "a.py", "new.py")
