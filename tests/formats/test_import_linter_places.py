from __future__ import annotations

import pytest

from gates.formats.import_linter_config import ImportLinterConfig
from gates.formats.import_linter_places import places_of
from gates.formats.tool_paths import Tree
from gates.plugin import StageError


def config(roots: tuple[str, ...]) -> ImportLinterConfig:
    return ImportLinterConfig(name="pyproject.toml", roots=roots, contracts=())


@pytest.mark.parametrize(
    ("files", "root", "place"),
    [
        (("shop/__init__.py",), "shop", ""),
        (("src/shop/__init__.py",), "shop", "src"),
        (("src/shop/__init__.py", "shop/__init__.py"), "shop", ""),
        (("a/shop/__init__.py", "src/shop/__init__.py"), "shop", "src"),
        (("src/shop.py",), "shop", "src"),
        (("shop/a.py",), "shop", ""),
        (("src/shop/a.py",), "shop", "src"),
        (("shop/a.py", "src/shop/__init__.py"), "shop", "src"),
        (("src/shop/front/__init__.py",), "shop.front", "src"),
        (("workshop/__init__.py", "src/shop/a/b.py"), "shop", "src"),
    ],
)
def test_a_root_package_is_found(files: tuple[str, ...], root: str, place: str) -> None:
    sources = frozenset(path for path in files if path.startswith("src/"))
    tree = Tree(roots=("/project",), files=frozenset(files), sources=sources)

    assert places_of(config(roots=(root,)), tree) == {root: place}


@pytest.mark.parametrize(
    ("roots", "words"), [(("shopp",), "`shopp`, a root package"), ((), "names no root package")]
)
def test_a_root_package_that_is_not_there_is_told(roots: tuple[str, ...], words: str) -> None:
    with pytest.raises(StageError, match=words):
        places_of(
            config(roots=roots), Tree(roots=(), files=frozenset({"shop/a.py"}), sources=frozenset())
        )
