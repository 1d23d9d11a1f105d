"""Builds a document's nodes from its events and collects what is refused in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from gates.domain.errors import Problem
from gates.formats.yaml_nodes import MappingNode, Mark, Node, Path, ScalarNode, SequenceNode
from gates.formats.yaml_scalars import Scalar, SurpriseError, plain
from gates.formats.yaml_source import TextSource, control

_Key = str | int


@dataclass(slots=True)
class _Frame:
    """An open mapping or sequence.

    Attributes:
        node: what is being filled.
        is_key: whether it stands where a key should; what is in it is dropped.
        awaits_key: whether a mapping's next node is a key.
        key: the key whose value comes next; None where the value is dropped.
        key_mark: the place of that key; at first, of the mapping.
        seen: the keys of a mapping so far, as text.
    """

    node: MappingNode | SequenceNode
    is_key: bool
    awaits_key: bool
    key_mark: Mark
    key: _Key | None = None
    seen: dict[str, Mark] = field(default_factory=dict)


class Builder:
    """Takes events in order; never stops at a problem.

    Attributes:
        root: the top level's node, or None before its first event.
        problems: with their places.
        refused: paths of the values about which a problem tells already.
    """

    def __init__(self, source: TextSource) -> None:
        self.root: Node | None = None
        self.problems: list[tuple[Mark, Problem]] = []
        self.refused: set[Path] = set()
        self._source = source
        self._frames: list[_Frame] = []

    @property
    def depth(self) -> int:
        """How many mappings and sequences are open."""
        return len(self._frames)

    def refuse(self, slug: str, summary: str, mark: Mark, hint: str = "") -> None:
        """Note a problem."""
        self.problems.append((mark, self._source.problem(slug, summary, mark, hint)))

    def scalar(self, mark: Mark, text: str, *, quoted: bool) -> None:
        """A leaf or a key."""
        if self._frames and self._frames[-1].awaits_key:
            self._key(self._frames[-1], mark, text, quoted=quoted)
            return
        value: Scalar = text
        surprise: SurpriseError | None = None
        if not quoted:
            try:
                value = plain(text)
            except SurpriseError as error:
                surprise = error
        self._place(ScalarNode(mark, value, text, quoted))
        hidden = self._refuse_control(mark, text)
        if surprise:
            self.refuse("yaml-ambiguous", surprise.summary, mark, surprise.hint)
        if surprise or hidden:
            path = self._path()
            if path is not None:
                self.refused.add(path)

    def open(self, node: MappingNode | SequenceNode) -> None:
        """The beginning of a mapping or a sequence."""
        is_key = bool(self._frames) and self._frames[-1].awaits_key
        if is_key:
            hint = "write one word as the key; text in braces or brackets is put in quotes"
            self.refuse("yaml-key", "a key is a mapping or a sequence", node.mark, hint)
        else:
            self._place(node)
        self._frames.append(_Frame(node, is_key, isinstance(node, MappingNode), node.mark))

    def close(self) -> None:
        """The end of the innermost mapping or sequence."""
        frame = self._frames.pop()
        if frame.is_key:
            self._frames[-1].key = None
            self._frames[-1].awaits_key = False

    def _place(self, node: Node) -> None:
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        if isinstance(frame.node, SequenceNode):
            frame.node.children.append(node)
            return
        frame.awaits_key = True
        if frame.key is not None:
            frame.node.keys[frame.key] = frame.key_mark
            frame.node.children[frame.key] = node

    def _key(self, frame: _Frame, mark: Mark, text: str, *, quoted: bool) -> None:
        frame.awaits_key = False
        self._refuse_control(mark, text)
        frame.key = text if quoted else self._plain_key(mark, text)
        frame.key_mark = mark
        if frame.key is None:
            return
        first = frame.seen.setdefault(str(frame.key), mark)
        if first is not mark:
            place = f"{self._source.name}:{first.line}:{first.column}"
            summary = f"key `{text}` stands twice, first at {place}"
            self.refuse("yaml-duplicate-key", summary, mark, "keep one of the two")
            frame.key = None

    def _refuse_control(self, mark: Mark, text: str) -> bool:
        """Refuse what an escape wrote into a value; whether there was any."""
        character = control(text)
        if character:
            summary = f"the control character U+{ord(character):04X}"
            self.refuse("yaml-control", summary, mark, "delete its escape")
        return bool(character)

    def _plain_key(self, mark: Mark, text: str) -> _Key | None:
        """The key; text where it was refused but says what was meant, None where it does not."""
        if text == "<<":
            hint = "write the keys out where they belong"
            self.refuse("yaml-merge-key", "a merge key", mark, hint)
            return None
        try:
            key = plain(text)
        except SurpriseError as error:
            self.refuse("yaml-ambiguous", f"key {error.summary}", mark, f'write `"{text}":`')
            return text
        if isinstance(key, bool) or not isinstance(key, str | int):
            hint = f'write `"{text}":`' if text else "write a key before the `:`"
            self.refuse("yaml-key", f"key `{text}` is not text", mark, hint)
            return text or None
        return key

    def _path(self) -> Path | None:
        """Where the node that was placed last stands; None where it was dropped."""
        steps: list[_Key] = []
        for frame in self._frames:
            if isinstance(frame.node, SequenceNode):
                steps.append(len(frame.node.children) - 1)
            elif frame.key is None:
                return None
            else:
                steps.append(frame.key)
        return tuple(steps)
