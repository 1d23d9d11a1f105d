import pytest
from survey.scenes import Ground

from gates.domain.errors import StageError
from gates.survey import layout
from gates.toolkit import sources

TEST = "def test_one() -> None:\n    assert True\n"


def test_a_src_layout(place: Ground) -> None:
    place.repo.write("src/shop/app.py", "x = 1\n")
    place.repo.write("tests/test_app.py", TEST)
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    found = layout.look(place.root)
    assert (found.name, found.kind, found.sources) == ("shop", "src layout", ("src",))
    assert found.files == ("src/shop/app.py",)
    assert found.tests == ("tests/test_app.py",)
    assert found.is_package
    assert found.exclude == ()
    assert not found.is_only_a_roof


@pytest.mark.parametrize(
    ("files", "kind", "sources"),
    [
        (("shop/__init__.py",), "flat layout: `shop`", ("shop",)),
        (("shop/__init__.py", "tools/__init__.py"), "2 packages at the top", ("shop", "tools")),
        (("app.py",), "modules at the top", ("app.py",)),
        (("README.md",), "no Python sources", ()),
    ],
)
def test_the_kinds_of_flat_layouts(
    place: Ground, files: tuple[str, ...], kind: str, sources: tuple[str, ...]
) -> None:
    for name in files:
        place.repo.write(name)
    found = layout.look(place.root)
    assert (found.kind, found.sources) == (kind, sources)
    assert not found.is_package


def test_tests_among_the_sources_are_no_sources(place: Ground) -> None:
    place.repo.write("shop/__init__.py")
    place.repo.write("shop/tests/test_app.py", TEST)
    found = layout.look(place.root)
    assert found.files == ("shop/__init__.py",)
    assert found.exclude == ("**/tests/**", "**/test_*.py")


def test_sources_that_git_ignores_are_none(place: Ground) -> None:
    place.repo.write("shop/__init__.py")
    place.repo.write(".gitignore", "shop\n")
    assert layout.look(place.root).sources == ()


def test_a_folder_that_cannot_be_read_is_told(
    place: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*arguments: object, **more: object) -> None:
        del arguments, more
        raise StageError("folder-unreadable", "no")

    place.repo.write("shop/__init__.py")
    monkeypatch.setattr(sources, "find_sources", refuses)
    with pytest.raises(StageError):
        layout.look(place.root)


@pytest.mark.parametrize("text", ["", "# to be written\n", "def helper():\n    pass\n"])
def test_a_file_without_a_test_is_no_test(place: Ground, text: str) -> None:
    place.repo.write("tests/test_app.py", text)
    assert layout.look(place.root).tests == ()


@pytest.mark.parametrize("named", ['"check_*.py"', '["check_*.py", "a/b.py", 3]'])
def test_pytest_may_name_its_files_otherwise(place: Ground, named: str) -> None:
    table = f"[tool.pytest.ini_options]\npython_files = {named}\n"
    place.repo.write("pyproject.toml", table)
    place.repo.write("tests/check_app.py", f"class TestApp:\n    async {TEST}")
    place.repo.write("tests/test_app.py", TEST)
    found = layout.look(place.root)
    assert found.tests == ("tests/check_app.py",)
    assert found.pytest.files[0] == "check_*.py"


@pytest.mark.parametrize("named", ['["test.py"]', '"docs ./test.py"', '["test.py", 3]'])
def test_pytest_may_be_told_of_single_files(place: Ground, named: str) -> None:
    place.repo.write("shop/__init__.py")
    place.repo.write("test.py", TEST)
    place.repo.write("pyproject.toml", f"[tool.pytest.ini_options]\ntestpaths = {named}\n")
    found = layout.look(place.root)
    assert (found.tests, found.sources) == (("test.py",), ("shop",))


def test_projects_below_are_found_and_their_own_parts_are_none(place: Ground) -> None:
    for folder in ("services/a", "services/b", "services/b/inner", "docs/c", "empty"):
        place.repo.write(f"{folder}/pyproject.toml", '[project]\nname = "x"\n')
    for name in ("services/a/src/a/m.py", "services/b/b/__init__.py", "docs/c/c.py"):
        place.repo.write(name)
    place.repo.write("services/b/inner/deep/__init__.py")
    place.repo.write("services/a/setup.py")
    found = layout.look(place.root)
    assert found.below == ("services/a", "services/b")
    assert found.is_only_a_roof


@pytest.mark.parametrize("name", ['"../x"', "3", '"a b"'])
def test_a_name_that_is_no_name_is_left_out(place: Ground, name: str) -> None:
    place.repo.write("pyproject.toml", f"[project]\nname = {name}\n")
    assert layout.look(place.root).name == ""


def test_poetry_names_a_project_too(place: Ground) -> None:
    place.repo.write("pyproject.toml", '[tool.poetry]\nname = "shop"\n')
    found = layout.look(place.root)
    assert found.name == "shop"
    assert found.is_package


def test_two_languages_lie_side_by_side(place: Ground) -> None:
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    place.repo.write("src/shop/__init__.py")
    place.repo.write("src/shop/test_shop.py", TEST)
    place.manifest(name="web")
    place.repo.write("web/a.ts")
    place.repo.write("web/a.spec.ts")
    found = layout.look(place.root)
    assert found.languages == ("python", "node")
    assert found.sources == ("src", "web")
    assert found.exclude == ("src/**/test_*.py", "web/**/*.spec.*")
    assert (found.name, found.kind) == ("shop", "Python and TypeScript in `web`")


def test_scripts_do_not_make_a_node_project_one_of_python(place: Ground) -> None:
    place.manifest(name="web")
    place.repo.write("src/a.js")
    place.repo.write("scripts/tool.py")
    found = layout.look(place.root)
    assert (found.languages, found.sources, found.stray) == (("node",), ("src",), ("scripts",))
    assert found.name == "web"


def test_workspaces_are_projects_below(place: Ground) -> None:
    place.manifest(workspaces=["packages/*"])
    place.repo.write("gulpfile.js")
    place.repo.write("tools.js")
    for name in ("a", "b"):
        place.manifest(folder=f"packages/{name}/")
        place.repo.write(f"packages/{name}/src/a.ts")
    place.manifest(folder="packages/empty/")
    found = layout.look(place.root)
    assert found.below == ("packages/a", "packages/b")
    assert found.is_only_a_roof
    assert not layout.is_project(place.root)
    assert layout.is_project(place.root / "packages" / "a")
    place.repo.write("src/a.ts")
    assert not layout.look(place.root).is_only_a_roof


def test_requirements_make_a_project_below_what_is_none_itself(place: Ground) -> None:
    place.repo.write("backend/requirements.txt")
    place.repo.write("backend/app.py")
    found = layout.look(place.root)
    assert (found.below, found.is_only_a_roof) == (("backend",), True)
    place.repo.write("pyproject.toml", '[project]\nname = "shop"\n')
    found = layout.look(place.root)
    assert (found.below, found.is_only_a_roof) == ((), False)
