from __future__ import annotations

from gates.formats.yaml_nodes import MappingNode, Mark, ScalarNode, SequenceNode, follow, native

LEAF = ScalarNode(Mark(2, 8), 5, "5", quoted=False)
LIST = SequenceNode(Mark(2, 5), [LEAF])
ROOT = MappingNode(Mark(1, 1), {1: Mark(1, 1), "2": Mark(3, 1)}, {1: LIST, "2": LEAF})


def test_follow() -> None:
    assert follow(ROOT, ()).node is ROOT
    assert follow(ROOT, (1, 0)).node is LEAF
    assert follow(ROOT, (1, 0)).key == Mark(2, 8)
    assert follow(ROOT, (1,)).key == Mark(1, 1)
    assert follow(ROOT, ("1", 0)).is_whole
    assert follow(ROOT, (2,)).key == Mark(3, 1)


def test_steps_that_are_not_there_are_left_out() -> None:
    for path in (("Model", 1, 0), (1, "list[int]", 0), (1, 0, "int"), (1, 7, 0)):
        found = follow(ROOT, path)
        assert found.node is LEAF
        assert not found.is_whole
    assert follow(ROOT, (1, -1)).node is LIST
    assert follow(ROOT, ("9" * 5000,)).node is ROOT


def test_native() -> None:
    assert native(ROOT) == {1: [5], "2": 5}


def test_marks_sort_by_place() -> None:
    assert sorted([Mark(2, 1), Mark(1, 9), Mark(1, 2)]) == [Mark(1, 2), Mark(1, 9), Mark(2, 1)]
