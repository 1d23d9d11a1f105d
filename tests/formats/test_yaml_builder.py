from __future__ import annotations

from gates.formats.yaml_builder import Builder
from gates.formats.yaml_nodes import MappingNode, Mark, SequenceNode, native
from gates.formats.yaml_source import TextSource

M = Mark(1, 1)


def test_nodes_grow_from_events() -> None:
    builder = Builder(TextSource("g.yaml", ("line",)))
    builder.open(MappingNode(M))
    builder.scalar(M, "a", quoted=False)
    builder.open(SequenceNode(M))
    builder.scalar(M, "yes", quoted=True)
    builder.scalar(M, "yes", quoted=False)
    assert builder.depth == 2
    builder.close()
    builder.close()
    assert builder.root is not None
    assert native(builder.root) == {"a": ["yes", "yes"]}
    assert builder.refused == {("a", 1)}
    assert [problem.slug for _, problem in builder.problems] == ["yaml-ambiguous"]


def test_what_stands_below_a_dropped_key_is_dropped_and_still_judged() -> None:
    builder = Builder(TextSource("g.yaml", ("line",)))
    builder.open(MappingNode(M))
    builder.scalar(M, "<<", quoted=False)
    builder.open(SequenceNode(M))
    builder.scalar(M, "no", quoted=False)
    builder.close()
    builder.close()
    assert builder.root is not None
    assert native(builder.root) == {}
    assert builder.refused == set()
    assert [problem.slug for _, problem in builder.problems] == ["yaml-merge-key", "yaml-ambiguous"]
