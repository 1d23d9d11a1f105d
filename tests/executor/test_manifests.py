from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gates.executor.manifests import MOST_BYTES, Names, is_manifest, names_of, read

CORE = Names(frozenset({"shop-core"}))
MANIFEST = "services/api/pyproject.toml"


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("a/pyproject.toml", True),
        ("a/requirements-dev.txt", True),
        ("a/requirements/base.txt", True),
        ("a/uv.lock", True),
        ("a/package.json", True),
        ("a/package-lock.json", True),
        ("a/pnpm-lock.yaml", True),
        ("a/tsconfig.build.json", True),
        ("a/gates.yaml", True),
        ("a/src/main.py", False),
        ("a/README.md", False),
        ("a/notes.txt", False),
    ],
)
def test_manifests_are_known_by_their_names(name: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_manifest(name) is is_one


@pytest.mark.parametrize(
    "text",
    [
        'dependencies = ["shop-core>=1"]',
        'dependencies = ["shop.core[fast] == 1.0"]',
        "Shop_Core = {workspace = true}",
        "[tool.uv.sources.shop-core]",
        '"@acme/shop-core": "workspace:*"',
        'core = {path = "../../packages/core"}',
        "-e ../../packages/core[dev]",
        "-e file:../../packages/core#egg=x",
        '"core": "link:..\\/..\\/packages\\/core"',
        '"core": "..\\\\..\\\\packages\\\\core"',
        '"paths": {"core": ["../../packages/core/src/index.ts"]}',
        '"workspaces": ["../../packages/*"]',
        '"workspaces": ["../../packages/co*"]',
        "core @ file:///${PROJECT_ROOT}/../../packages/core",
        "path: ../../packages/./core/",
        "include: ['../..']",
        "root: ../",
        "PYTHONPATH=/srv/shop/packages/core:.",
    ],
)
def test_a_project_that_is_named_is_seen(text: str) -> None:
    manifest = "packages/a/b.toml" if text.startswith("root") else MANIFEST
    assert CORE.stand_in(text, manifest, "packages/core")


@pytest.mark.parametrize(
    "text",
    [
        "",
        'dependencies = ["shopcore", "shop-cores", "requests"]',
        'x = "../../packages/corelib"',
        'x = "../../packages/other/src"',
        'extends = "../../ruff.toml"',
        'x = "../../../elsewhere/core"',
        "see the docs...",
        "range = 1..2",
        "x = packages/corelib",
    ],
)
def test_a_project_that_is_not_named_is_not(text: str) -> None:
    assert not CORE.stand_in(text, MANIFEST, "packages/core")


@given(text=some.text(alphabet="ab./*\\\"'[]:@ \n", max_size=60))
def test_any_text_is_read(text: str) -> None:
    CORE.stand_in(text, MANIFEST, "packages/core")
    assert CORE.stand_in(f"{text} shop-core {text}", MANIFEST, "packages/core")


def named(tmp_path: Path, **files: str) -> Names:
    paths = []
    for name, text in files.items():
        path = name.replace("__", "/").replace("_dot_", ".")
        (tmp_path / "p" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "p" / path).write_text(text)
        paths.append(f"p/{path}")
    return names_of(tmp_path, "p", paths)


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        ("pyproject_dot_toml", '[project]\nname = "Shop_Core"', {"shop-core"}),
        ("pyproject_dot_toml", '[tool.poetry]\nname = "a"\nauthors = ["b"]', {"a"}),
        ("pyproject_dot_toml", "[tool.ruff]\nline-length = 100", set()),
        ("pyproject_dot_toml", 'tool = 5\nproject = "x"', set()),
        ("package_dot_json", '{"name": "@acme/core", "author": {"name": "b"}}', {"@acme/core"}),
        ("package_dot_json", "", set()),
        ("setup_dot_cfg", "[metadata]\nname = my.core\n", {"my-core"}),
        ("setup_dot_py", 'setup(name="my_core", version="1")', {"my-core"}),
        ("deep__package_dot_json", '{"name": "inner"}', {"inner"}),
        ("deep__package_dot_json", "{", set()),
        ("main_dot_py", 'name = "x"', set()),
    ],
)
def test_the_names_of_packages_are_read(
    tmp_path: Path, file: str, text: str, names: set[str]
) -> None:
    assert named(tmp_path, **{file: text}) == Names(frozenset(names))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("pyproject_dot_toml", "[project"),
        ("package_dot_json", '{"name": "a", "name": "b"}'),
        ("package_dot_json", "[" * 5000),
    ],
)
def test_a_name_that_cannot_be_read_is_told(tmp_path: Path, file: str, text: str) -> None:
    assert not named(tmp_path, **{file: text}).is_known


def test_a_manifest_that_is_no_file_cannot_be_told(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("elsewhere")
    (tmp_path / "empty").write_text("")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert [read(tmp_path / name) for name in ("link", "large", "empty", "gone")] == [
        None,
        None,
        "",
        "",
    ]
