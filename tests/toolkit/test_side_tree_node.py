import shutil
import subprocess
from pathlib import Path

import pytest

from gates.toolkit.side_tree_node import clear, folders_of, furnish


@pytest.fixture
def trees(tmp_path: Path) -> tuple[Path, Path]:
    real, side = tmp_path / "real", tmp_path / "side"
    for name, text in {
        "node_modules/left/index.js": "module.exports = 'installed'",
        "node_modules/@org/right/index.js": "module.exports = 'scoped'",
        "node_modules/.cache/x": "stale",
        "node_modules/.gitignore": "own",
        "packages/lib/index.js": "module.exports = 'working tree'",
    }.items():
        (real / name).parent.mkdir(parents=True, exist_ok=True)
        (real / name).write_text(text)
    (real / "node_modules" / "@org" / "lib").symlink_to("../../packages/lib")
    (real / "node_modules" / ".bin").mkdir()
    (side / "packages" / "lib").mkdir(parents=True)
    (side / "packages" / "lib" / "index.js").write_text("module.exports = 'staged'")
    return real, side


def test_packages_are_found_and_those_of_the_repository_are_the_staged_ones(
    trees: tuple[Path, Path],
) -> None:
    real, side = trees
    made = furnish(real, side, ("", "web", "packages/lib"))
    assert made == ("node_modules",)
    modules = side / "node_modules"
    assert (modules / "left").resolve() == real / "node_modules" / "left"
    assert (modules / "@org" / "right").resolve() == real / "node_modules" / "@org" / "right"
    assert (modules / "@org" / "lib").resolve() == side / "packages" / "lib"
    assert (modules / ".bin").resolve() == real / "node_modules" / ".bin"
    assert not (modules / ".cache").exists()
    assert (modules / ".gitignore").read_text() == "*\n"
    clear(side, made)
    assert (real / "node_modules" / "left" / "index.js").exists()
    assert not modules.exists()


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not here")
def test_node_resolves_through_the_links(trees: tuple[Path, Path]) -> None:
    real, side = trees
    furnish(real, side, ("",))
    code = "console.log(require('left'), require('@org/right'), require('@org/lib'))"
    (side / "main.js").write_text(code)
    node = shutil.which("node") or ""
    done = subprocess.run([node, "main.js"], cwd=side, capture_output=True, text=True, check=True)
    assert done.stdout == "installed scoped staged\n"


def test_folders_with_a_manifest_may_hold_packages() -> None:
    files = ("package.json", "web/package.json", "web/src/a.ts", "notpackage.json")
    assert folders_of(files) == ("", "web")
