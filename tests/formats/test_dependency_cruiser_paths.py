from __future__ import annotations

import pytest

from gates.formats.dependency_cruiser_json import Breach, Cruise
from gates.formats.dependency_cruiser_paths import cruised, handed, inside, placed
from gates.formats.tool_paths import Tree

TREE = Tree(roots=("/top/project",), files=frozenset(), sources=frozenset())


def cruise(folder: str, *modules: str, breaches: tuple[Breach, ...] = ()) -> Cruise:
    return Cruise(
        folder=folder,
        cruised=modules,
        unresolved=(),
        imports=0,
        rules=(),
        breaches=breaches,
        systems=("es6",),
        sees_types=True,
        is_cached=False,
    )


@pytest.mark.parametrize(
    ("sources", "folders"),
    [
        (("src/a.ts", "src/b/c.ts"), ("src",)),
        (("src/b/c.ts", "src/bc/d.ts"), ("src/b", "src/bc")),
        (("index.ts", "lib/a.ts"), ("index.ts", "lib")),
        (("app/[id]/page.ts",), ("app",)),
        (("app/(group)/deep/page.ts", "app/x.ts"), ("app",)),
        (("[id].ts",), (".",)),
        (("src/[id].ts",), ("src",)),
    ],
)
def test_the_folders_of_the_sources_are_handed_over(
    sources: tuple[str, ...], folders: tuple[str, ...]
) -> None:
    assert handed(frozenset(sources)) == folders


@pytest.mark.parametrize(
    ("folder", "path", "known"),
    [
        ("/top/project", "src/a.ts", "src/a.ts"),
        ("/top", "project/src/a.ts", "src/a.ts"),
        ("/top/project/src", "a.ts", "src/a.ts"),
        ("/runner/work", "src/a.ts", "src/a.ts"),
        ("", "src/a.ts", "src/a.ts"),
        ("/top/project", "../other/a.ts", "../other/a.ts"),
        ("/top/project", "./gone.js", "./gone.js"),
    ],
)
def test_paths_are_relative_to_the_project(folder: str, path: str, known: str) -> None:
    assert inside(path, cruise(folder), TREE) == known


def test_what_was_cruised_in_parts() -> None:
    parts = (cruise("/top/project", "a.ts"), cruise("/top", "project/a.ts", "project/b.ts"))

    assert cruised(parts, TREE) == {"a.ts", "b.ts"}


def test_breaches_are_placed() -> None:
    one = Breach(rule="r", severity="warn", source="a.ts", target="b.ts", way=("b.ts", "a.ts"))

    assert placed(cruise("/top/project/src", breaches=(one,)), TREE) == (
        Breach(
            rule="r",
            severity="warn",
            source="src/a.ts",
            target="src/b.ts",
            way=("src/b.ts", "src/a.ts"),
        ),
    )
