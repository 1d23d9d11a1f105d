from __future__ import annotations

from pathlib import Path

import pytest

from gates.domain.errors import StageError
from gates.toolkit.node_programs import (
    RUNTIME,
    node_folders,
    outermost_node_folder,
    package_folder,
    package_version,
    started_file,
    way_in,
)

PNPM_SCRIPT = Path(__file__).parent / "data" / "pnpm" / "10.34.8" / "prettier.sh"
STORED = "node_modules/.pnpm/prettier@3.10.1/node_modules/prettier"


def package(folder: Path, program: str = "cli.js", *, version: str = "1.2.3") -> Path:
    """An installed package with one program."""
    file = folder / program
    file.parent.mkdir(parents=True)
    file.write_text("#!/usr/bin/env node\n")
    (folder / "package.json").write_text(f'{{"name": "x", "version": "{version}"}}')
    return file


def link(bin_folder: Path, name: str, target: str) -> str:
    """What npm puts into `.bin`."""
    bin_folder.mkdir(parents=True, exist_ok=True)
    (bin_folder / name).symlink_to(target)
    return str(bin_folder / name)


def test_folders_are_those_up_to_the_top(tmp_path: Path) -> None:
    root = tmp_path / "repo" / "services" / "a"
    for folder in (tmp_path, tmp_path / "repo", root):
        (folder / "node_modules").mkdir(parents=True)
    top = tmp_path / "repo"
    assert list(node_folders(root, top)) == [root / "node_modules", top / "node_modules"]
    assert list(node_folders(root, root)) == [root / "node_modules"]


def test_a_link_of_npm_leads_to_its_package(tmp_path: Path) -> None:
    file = package(tmp_path / "node_modules" / "@scope" / "tool", "dist/esm/cli.js")
    (file.parent / "package.json").write_text('{"type": "module"}')
    path = link(tmp_path / "node_modules" / ".bin", "tool", "../@scope/tool/dist/esm/cli.js")
    assert started_file(path) == str(file)
    assert package_version(started_file(path)) == "1.2.3"


def test_a_script_of_pnpm_names_its_file(tmp_path: Path) -> None:
    file = package(tmp_path / STORED, "bin/prettier.cjs", version="3.10.1")
    script = tmp_path / "packages" / "a" / "node_modules" / ".bin" / "prettier"
    script.parent.mkdir(parents=True)
    script.write_bytes(PNPM_SCRIPT.read_bytes())
    assert started_file(str(script)) == str(file)
    assert package_version(started_file(str(script))) == "3.10.1"


BASE = """basedir=$(dirname "$(echo "$0" | sed -e 's,\\\\,/,g')")"""
CALL = 'exec node  "$basedir/../tool/cli.js" "$@"'


def script(folder: Path, *lines: str) -> str:
    """A file that stands in `.bin`."""
    path = folder / "node_modules" / ".bin" / "tool"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(("#!/bin/sh", *lines)) + "\n")
    return str(path)


@pytest.mark.parametrize(
    "lines",
    [
        (BASE, CALL),
        (BASE, 'exec "$basedir/../tool/cli.js"   "$@"', "exit $?"),
        (BASE, '"$basedir/node" --no-warnings "$basedir/../tool/cli.js" "$@"', "# a comment"),
    ],
)
def test_other_scripts_of_package_managers(tmp_path: Path, lines: tuple[str, ...]) -> None:
    assert started_file(script(tmp_path, *lines)) == f"{tmp_path}/node_modules/tool/cli.js"


@pytest.mark.parametrize(
    "lines",
    [
        ("exec node x",),
        ('exec node "$(dirname "$0")/../../tools/fake.cjs" "$@"',),
        (CALL,),
        ('basedir=$(dirname "$0")', CALL),
        (BASE, BASE, CALL),
        (BASE, 'basedir="/tools"', CALL),
        (BASE, 'exec node  "$basedir/../tool/cli.js"   $NODE_ARGS "$@"'),
        (BASE, 'exec node --require=../../fake.cjs "$basedir/../tool/cli.js" "$@"'),
        (BASE, 'exec node "$basedir/$TOOL" "$@"'),
        (BASE, CALL, 'exec node "$basedir/../other/cli.js" "$@"'),
        (BASE, 'export NODE_PATH="/project/tools"', CALL),
        (BASE, 'export NODE_OPTIONS="--require=/project/fake.cjs"', CALL),
        (BASE, CALL, "#" * 70_000),
    ],
)
def test_what_a_script_of_another_form_starts_is_not_known(
    tmp_path: Path, lines: tuple[str, ...]
) -> None:
    with pytest.raises(
        StageError, match=r"`tool` in node_modules/\.bin is of an unknown form"
    ) as at:
        started_file(script(tmp_path, *lines))
    assert (at.value.problem.slug, at.value.problem.place) == (
        "tool-unknown-form",
        "node_modules/.bin/tool",
    )


@pytest.mark.parametrize("text", [b"#!/usr/bin/env node\n", b"\xff\0", b""])
def test_a_program_itself_in_the_folder_of_links_is_refused(tmp_path: Path, text: bytes) -> None:
    path = script(tmp_path)
    Path(path).write_bytes(text)
    with pytest.raises(StageError, match="unknown form"):
        started_file(path)
    elsewhere = tmp_path / "bin" / "tool"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(text)
    assert started_file(str(elsewhere)) == str(elsewhere)
    assert package_version(str(elsewhere)) == ""


def test_the_folder_of_a_package(tmp_path: Path) -> None:
    file = tmp_path / "node_modules" / "@scope" / "tool" / "dist" / "cli.js"
    assert package_folder(str(file)) == tmp_path / "node_modules" / "@scope" / "tool"
    assert package_folder(str(tmp_path / "cli.js")) is None


@pytest.mark.parametrize(
    "manifest", ["", "[]", '{"version": 3}', '{"name": "x"}', "[" * 100_000, "{'a'}"]
)
def test_a_version_that_is_not_told_is_empty(tmp_path: Path, manifest: str) -> None:
    file = package(tmp_path / "node_modules" / "tool")
    (tmp_path / "node_modules" / "tool" / "package.json").write_text(manifest)
    assert package_version(str(file)) == ""


def test_what_lies_in_no_package_has_no_version(tmp_path: Path) -> None:
    assert package_version(str(package(tmp_path / "tool"))) == ""
    assert package_version(str(tmp_path / "node_modules" / "absent" / "cli.js")) == ""


def test_the_outermost_folder_of_packages_decides_whose_they_are() -> None:
    assert outermost_node_folder("/r/a/node_modules/x/node_modules/y/c.js", "/r") == Path(
        "/r/a/node_modules"
    )
    assert outermost_node_folder("/r/packages/x/c.js", "/r") is None
    assert outermost_node_folder("/r/packages/node_modules", "/r") is None


@pytest.mark.parametrize(
    ("lock", "hint"),
    [
        ("package-lock.json", "install it: npm install --save-dev typescript"),
        ("pnpm-lock.yaml", "install it: pnpm add --save-dev typescript"),
        ("yarn.lock", "install it: yarn add --dev typescript"),
        ("bun.lock", "install it: bun add --dev typescript"),
        ("other", "install it: npm install --save-dev typescript"),
        (".pnp.cjs", "Plug'n'Play keeps tools where they cannot be started by path: set"),
    ],
)
def test_the_way_in_is_that_of_the_manager(tmp_path: Path, lock: str, hint: str) -> None:
    root = tmp_path / "packages" / "a"
    root.mkdir(parents=True)
    (tmp_path / lock).touch()
    told = way_in("tsc", root, tmp_path)
    assert told is not None
    assert told.startswith(hint)


def test_a_lock_above_the_repository_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").touch()
    (tmp_path / "repo").mkdir()
    assert way_in("jest", tmp_path / "repo", tmp_path / "repo") == (
        "install it: npm install --save-dev jest"
    )


def test_other_programs_have_another_way_in(tmp_path: Path) -> None:
    assert way_in("ruff", tmp_path, tmp_path) is None
    for name in RUNTIME:
        told = way_in(name, tmp_path, tmp_path)
        assert told == f"install Node.js, and put the folder of `{name}` on PATH"
