from __future__ import annotations

import json
from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit import node_links


def write(root: Path, name: str, document: object) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(json.dumps(document), encoding="utf-8")


def link(root: Path, name: str, target: str, *, holder: str = "") -> None:
    """Let `node_modules` hold a link to a folder of the checkout."""
    path = root / holder / "node_modules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    (root / target).mkdir(parents=True, exist_ok=True)
    path.symlink_to(root / target)


def look(root: Path, package: str = "node_modules/prettier", *, holder: str = "") -> None:
    """Look at the links around an installed tool."""
    folder = root / holder / "node_modules"
    file = root / package / "cli.js"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    node_links.refuse("prettier", str(file), folder, str(root))


def refused(root: Path, package: str = "node_modules/prettier", *, holder: str = "") -> str:
    with pytest.raises(StageError) as caught:
        look(root, package, holder=holder)
    assert caught.value.problem.slug == "tool-in-checkout"
    return caught.value.problem.summary


def test_a_link_that_no_package_json_names(tmp_path: Path) -> None:
    link(tmp_path, "impl", "tools")
    write(tmp_path, "package.json", {"dependencies": {"impl": "^1.0.0"}})
    assert refused(tmp_path) == (
        "`prettier` may load `impl`, which no package.json names as the project's own,"
        " and which is a link to tools of the checkout"
    )


@pytest.mark.parametrize("name", ["@own/impl", "@own"])
def test_a_link_of_a_scope(tmp_path: Path, name: str) -> None:
    link(tmp_path, name, "tools")
    assert f"may load `{name}`" in refused(tmp_path)


@pytest.mark.parametrize(
    "package",
    ["node_modules/prettier", "node_modules/.pnpm/prettier@3/node_modules/prettier"],
)
def test_links_beside_and_in_the_tools_package(tmp_path: Path, package: str) -> None:
    link(tmp_path, "impl", "tools", holder=package)
    assert "may load `impl`" in refused(tmp_path, package)
    (tmp_path / package / "node_modules" / "impl").unlink()
    look(tmp_path, package)
    link(tmp_path, "impl", "tools", holder=str(Path(package).parents[1]).removesuffix("."))
    assert "may load `impl`" in refused(tmp_path, package)


@pytest.mark.parametrize("table", ["devDependencies", "dependencies"])
@pytest.mark.parametrize("wanted", ["file:tools", "link:./tools", "workspace:*", "./tools"])
def test_a_folder_that_the_project_asks_for_is_its_own(
    tmp_path: Path, wanted: str, table: str
) -> None:
    link(tmp_path, "own", "tools")
    write(tmp_path, "package.json", {table: {"own": wanted}})
    look(tmp_path)


def test_a_folder_that_a_linked_package_asks_for_is_its_own(tmp_path: Path) -> None:
    link(tmp_path, "own", "tools")
    link(tmp_path, "inner", "inner")
    write(tmp_path, "package.json", {"dependencies": {"own": "file:tools"}})
    write(tmp_path, "tools/package.json", {"dependencies": {"inner": "file:../inner"}})
    look(tmp_path)


@pytest.mark.parametrize(
    ("workspaces", "is_own"),
    [
        (["packages/*"], True),
        ({"packages": ["./packages/*"]}, True),
        (["packages/**"], True),
        (["packages/a"], True),
        (["packages"], False),
        (["packages/*", "!packages/a"], False),
        (["others/*", 3], False),
        ("packages/*", False),
    ],
)
def test_workspaces_are_the_projects_own(
    tmp_path: Path, workspaces: object, *, is_own: bool
) -> None:
    link(tmp_path, "a", "packages/a")
    write(tmp_path, "package.json", {"workspaces": workspaces})
    if is_own:
        look(tmp_path)
    else:
        assert "may load `a`" in refused(tmp_path)


def test_workspaces_of_pnpm_are_linked_where_they_are_asked_for(tmp_path: Path) -> None:
    link(tmp_path, "b", "packages/b", holder="packages/a")
    write(tmp_path, "packages/a/package.json", {"dependencies": {"b": "^1.0.0"}})
    assert "may load `b`" in refused(tmp_path, holder="packages/a")
    (tmp_path / "pnpm-workspace.yaml").touch()
    look(tmp_path, holder="packages/a")
    write(tmp_path, "packages/a/package.json", {})
    assert "may load `b`" in refused(tmp_path, holder="packages/a")


@pytest.mark.parametrize("table", ["dependencies", "optionalDependencies"])
def test_a_package_of_the_project_that_the_tool_needs(tmp_path: Path, table: str) -> None:
    link(tmp_path, "impl", "packages/impl")
    write(tmp_path, "package.json", {"workspaces": ["packages/*"]})
    write(tmp_path, "node_modules/prettier/package.json", {table: {"impl": "^1.0.0"}})
    assert "`prettier` may load `impl`, which it needs," in refused(tmp_path)


def test_installed_packages_and_what_lies_outside_are_no_files_of_the_checkout(
    tmp_path: Path,
) -> None:
    root = tmp_path / "repo"
    link(root, "stored", "node_modules/.pnpm/stored@1/node_modules/stored")
    link(root, "outside", "../other")
    (root / "node_modules" / "plain").mkdir()
    look(root)


@pytest.mark.parametrize("text", ["{", "[]", '{"dependencies": ["impl"]}', "[" * 100_000])
def test_a_package_json_that_cannot_be_read_names_nothing(tmp_path: Path, text: str) -> None:
    link(tmp_path, "impl", "tools")
    (tmp_path / "package.json").write_text(text)
    assert "may load `impl`" in refused(tmp_path)
