from __future__ import annotations

from gates.domain.weakening import Weakening, WeakeningItem, WeakeningKind, in_order


def item(path: str, line: int = 0, *, is_counted: bool = True) -> WeakeningItem:
    return WeakeningItem(
        kind=WeakeningKind.SKIP, rule="skip", path=path, line=line, text="", is_counted=is_counted
    )


def test_only_what_counts_is_counted() -> None:
    found = Weakening(base="b", items=(item("a"), item("b", is_counted=False)))
    assert found.counted(WeakeningKind.SKIP) == 1
    assert found.counted(WeakeningKind.OMIT) == 0


def test_items_stand_by_path_and_line() -> None:
    one, two, three = item("a", 9), item("a", 10), item("b", 1)
    assert in_order((three, two, one)) == (one, two, three)
