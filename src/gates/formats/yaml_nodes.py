"""The nodes of a YAML document: values with the places that they were written at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gates.formats.yaml_scalars import Scalar

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file; line and column count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """A leaf.

    Attributes:
        mark: where it begins.
        value: what it stands for; its text where it was refused.
        text: its characters after unquoting and folding.
        quoted: whether it stood in quotes or as a block (`|`, `>`).
    """

    mark: Mark
    value: Scalar
    text: str
    quoted: bool


@dataclass(slots=True)
class MappingNode:
    """Keys with their marks and values, in order; grows while the file is read."""

    mark: Mark
    keys: dict[str | int, Mark] = field(default_factory=dict)
    children: dict[str | int, Node] = field(default_factory=dict)


@dataclass(slots=True)
class SequenceNode:
    """Items in order; grows while the file is read."""

    mark: Mark
    children: list[Node] = field(default_factory=list)


Node = ScalarNode | MappingNode | SequenceNode


@dataclass(frozen=True, slots=True)
class Found:
    """Where a path led.

    Attributes:
        node: the deepest node on the way.
        key: the place of the key, or the item, that holds it; the top level's own place at first.
        is_whole: whether every step of the path was there.
    """

    node: Node
    key: Mark
    is_whole: bool


def follow(root: Node, path: Path) -> Found:
    """Follow `path` as far as it goes.

    A step that is not there is left out and the next one tried: validators put names of their own
    (of a model, of a variant) between the keys of a file.
    """
    node, key, is_whole = root, root.mark, True
    for step in path:
        below = _step(node, step)
        if below is None:
            is_whole = False
        else:
            key, node = below
    return Found(node, key, is_whole)


def native(node: Node) -> object:
    """Nested dictionaries, lists and scalars."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, SequenceNode):
        return [native(child) for child in node.children]
    return {key: native(child) for key, child in node.children.items()}


def _step(node: Node, step: str | int) -> tuple[Mark, Node] | None:
    if isinstance(node, MappingNode):
        for key in _spellings(step):
            if key in node.children:
                return node.keys[key], node.children[key]
        return None
    items = node.children if isinstance(node, SequenceNode) and isinstance(step, int) else []
    if isinstance(step, int) and 0 <= step < len(items):
        return items[step].mark, items[step]
    return None


def _spellings(step: str | int) -> Iterator[str | int]:
    """A level is written `1:` and becomes a number; whoever asks may hold its text."""
    yield step
    if isinstance(step, int):
        yield str(step)
    elif step.isascii() and step.isdigit() and len(step) < 10:  # noqa: PLR2004
        yield int(step)
