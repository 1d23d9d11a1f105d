"""Sizes that no linter of ours holds."""

from __future__ import annotations

from house.tree import SOURCES

MOST_LINES = 350


def test_no_module_is_longer_than_one_can_hold_in_mind() -> None:
    sizes = {
        str(path.relative_to(SOURCES)): len(path.read_text(encoding="utf-8").splitlines())
        for path in SOURCES.rglob("*.py")
    }
    assert sizes
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}
