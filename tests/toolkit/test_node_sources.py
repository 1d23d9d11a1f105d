from __future__ import annotations

from pathlib import Path

import pytest

from gates.toolkit.node_sources import NO_NODE_SOURCES, NODE_SUFFIXES, detect_node_sources
from gates.toolkit.sources import detect_sources, find_sources, no_sources

TYPESCRIPT = (".ts", ".tsx")


def plant(root: Path, *names: str) -> Path:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return root


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["src/a.ts", "tests/a.test.ts", "lib/b.ts"], ("src",)),
        (["src/a.py", "server/app/a.ts"], ("server",)),
        (["packages/a/src/a.ts", "packages/b/index.mts", "scripts/x.ts"], ("packages", "scripts")),
        (["app/a.tsx", "dist/a.ts", "coverage/x.ts", "node_modules/x/y.ts"], ("app",)),
        (["e2e/a.ts", "docs/x.ts", "__tests__/a.ts", ".hidden/a.ts"], ()),
        (
            ["index.ts", "vitest.config.ts", "a.test.ts", "b.spec.ts", "global.d.ts", ".x.ts"],
            ("index.ts",),
        ),
        (["gulpfile.ts", "jest.setup.ts", "app.module.ts"], ("app.module.ts",)),
        (["README.md"], ()),
    ],
)
def test_sources_are_detected(tmp_path: Path, names: list[str], expected: tuple[str, ...]) -> None:
    assert detect_node_sources(plant(tmp_path, *names), (".ts", ".tsx", ".mts")) == expected


def test_a_link_is_no_source_folder(tmp_path: Path) -> None:
    plant(tmp_path, "app/a.ts")
    (tmp_path / "linked").symlink_to("app")
    assert detect_node_sources(tmp_path, TYPESCRIPT) == ("app",)


def test_languages_are_looked_for_apart(tmp_path: Path) -> None:
    plant(tmp_path, "src/a.py", "web/a.ts", "manage.py")
    assert detect_sources(tmp_path) == ("src",)
    assert detect_sources(tmp_path, (".py",)) == ("src",)
    assert detect_sources(tmp_path, ()) == ("src",)
    assert detect_sources(tmp_path, (".toml",)) == ("src",)
    assert detect_sources(tmp_path, TYPESCRIPT) == ("web",)
    assert detect_sources(tmp_path, (".py", ".ts")) == ("src", "web")


def test_what_is_no_source_depends_on_the_language() -> None:
    assert no_sources(TYPESCRIPT) == NO_NODE_SOURCES
    assert no_sources(()) == no_sources((".py",)) == no_sources((".yaml",))
    assert no_sources((".ts", ".py")) == (*no_sources((".py",)), *NO_NODE_SOURCES)


def test_tests_and_declarations_are_no_sources(tmp_path: Path) -> None:
    plant(
        tmp_path, "src/a.ts", "src/a.test.ts", "src/b.spec.tsx", "src/__tests__/c.ts",
        "src/env.d.ts", "src/dist/a.ts", "src/tests/d.ts", "src/latest.ts", "src/contest/e.ts",
    )  # fmt: skip
    found = find_sources(
        tmp_path, include=("src",), exclude=NO_NODE_SOURCES, suffixes=NODE_SUFFIXES
    )
    assert found.files == ("src/a.ts", "src/contest/e.ts", "src/latest.ts")
    assert len(found.excluded) == 6
