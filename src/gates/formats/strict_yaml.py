"""gates.yaml's YAML: a strict subset in which a file has one meaning and every value a place.

Of YAML 1.2's core schema: mappings, sequences, text, `true`, `false`, `null`, integers and exact
decimals. Refused are anchors, aliases, tags, merge keys, directives, a second document, duplicate
keys, tabs and whatever YAML 1.1 readers read differently. All problems of a file are collected.

The events of libyaml's parser are read one by one, and the nesting is counted on them: libyaml's
own way to build nodes recurses in C and dies at some ten thousand brackets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from gates.domain.errors import Problem
from gates.formats.yaml_builder import Builder
from gates.formats.yaml_nodes import (
    MappingNode,
    Mark,
    Node,
    Path,
    ScalarNode,
    SequenceNode,
    follow,
    native,
)
from gates.formats.yaml_source import TextSource, decoded, printable

if TYPE_CHECKING:
    import yaml

__all__ = ["Mark", "Path", "RawText", "YamlDocument", "read"]

MAX_BYTES = 256 * 1024
MAX_DEPTH = 64
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True)
class RawText:
    """A scalar as it was written: its characters, and whether quotes or a block held them."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A file that was read, however badly.

    Attributes:
        value: nested dictionaries, lists and scalars; empty where the file could not be read to
            its end. A refused scalar is its text.
        problems: all that is wrong, by place.
        is_whole: whether the file was read to its end, so that `value` is worth judging further.
        refused: paths of the values that have a problem here already.
    """

    value: dict[str | int, object]
    problems: tuple[Problem, ...]
    is_whole: bool
    refused: frozenset[Path]
    _root: Node
    _source: TextSource

    def mark(self, path: Path, *, key: bool = False) -> Mark:
        """The place of the value at `path`, or of its key.

        Where the path leads to nothing, the key of the last thing that it did lead to. Steps that
        are not there are left out, and a last step `[key]` asks for the key, as pydantic writes.
        """
        if path and path[-1] == "[key]":
            path, key = path[:-1], True
        found = follow(self._root, path)
        return found.node.mark if found.is_whole and not key else found.key

    def problem(
        self, slug: str, summary: str, path: Path, *, key: bool = False, hint: str = ""
    ) -> Problem:
        """A problem at the place of `path`, with an excerpt of the file."""
        return self._source.problem(slug, summary, self.mark(path, key=key), hint)

    def raw_text(self, path: Path) -> RawText | None:
        """The scalar at `path` as it was written; None where no scalar stands there."""
        found = follow(self._root, path)
        if found.is_whole and isinstance(found.node, ScalarNode):
            return RawText(found.node.text, found.node.quoted)
        return None


def read(data: bytes, *, name: str) -> YamlDocument:
    """Read a file; what is wrong with it is in the document's `problems`.

    Args:
        data: the whole file, UTF-8; a byte order mark is accepted.
        name: the file's name, for places.
    """
    if len(data) > MAX_BYTES:
        source = TextSource(name, ())
        summary = f"{len(data)} bytes, at most {MAX_BYTES} are read"
        problem = Problem("yaml-too-big", summary, place=name)
        return YamlDocument({}, (problem,), False, frozenset(), MappingNode(_TOP), source)
    source, problems = decoded(data, name)
    builder = Builder(source)
    builder.problems.extend(problems)
    is_utf8 = all(problem.slug != "yaml-encoding" for _, problem in problems)
    is_whole = is_utf8 and _build(printable(source), source, builder)
    root = builder.root
    if is_whole and not isinstance(root, MappingNode):
        is_whole = False
        _refuse_root(root, builder)
    value = native(root) if is_whole and root else {}
    builder.problems.sort(key=lambda problem: problem[0])
    return YamlDocument(
        value=value if isinstance(value, dict) else {},
        problems=tuple(problem for _, problem in builder.problems),
        is_whole=is_whole,
        refused=frozenset(builder.refused),
        _root=root or MappingNode(_TOP),
        _source=source,
    )


_TOP = Mark(1, 1)


def _build(text: str, source: TextSource, builder: Builder) -> bool:
    """Feed all events to the builder; whether the end was reached."""
    import yaml

    feeder = _Feeder(builder)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            feeder.take(event)
            if builder.depth > MAX_DEPTH:
                summary = f"nested more than {MAX_DEPTH} deep"
                builder.refuse("yaml-depth", summary, _mark(event.start_mark))
                return False
            if feeder.documents > 1 or len(builder.problems) >= MAX_PROBLEMS:
                return False
    except yaml.MarkedYAMLError as error:
        _refuse_syntax(error, source, builder)
        return False
    return True


class _Feeder:
    """Translates PyYAML's events for the builder."""

    def __init__(self, builder: Builder) -> None:
        import yaml

        self.builder = builder
        self.documents = 0
        # Looked up once: an import per event would be a quarter of the whole time.
        self.scalar = yaml.ScalarEvent
        self.mapping = yaml.MappingStartEvent
        self.sequence = yaml.SequenceStartEvent
        self.end = yaml.CollectionEndEvent
        self.alias = yaml.AliasEvent
        self.document = yaml.DocumentStartEvent

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, self.scalar):
            mark = self.checked(event, event.tag)
            self.builder.scalar(mark, event.value, quoted=bool(event.style))
        elif isinstance(event, self.mapping):
            self.builder.open(MappingNode(self.checked(event, event.tag)))
        elif isinstance(event, self.sequence):
            self.builder.open(SequenceNode(self.checked(event, event.tag)))
        elif isinstance(event, self.end):
            self.builder.close()
        elif isinstance(event, self.alias):
            mark = _mark(event.start_mark)
            self.builder.refuse(
                "yaml-alias", f"alias `*{event.anchor}`", mark, "write the value out"
            )
            self.builder.scalar(mark, f"*{event.anchor}", quoted=True)
        elif isinstance(event, self.document):
            self.start_document(event)

    def checked(self, event: yaml.NodeEvent, tag: str | None) -> Mark:
        """The place of a node, after its anchor and tag were refused."""
        mark = _mark(event.start_mark)
        if event.anchor is not None:
            hint = "write the value out where it is needed"
            self.builder.refuse("yaml-anchor", f"anchor `&{event.anchor}`", mark, hint)
        if tag is not None:
            short = tag.replace("tag:yaml.org,2002:", "!!")
            hint = "leave it out; text that looks like a number is put in quotes"
            self.builder.refuse("yaml-tag", f"tag `{short}`", mark, hint)
        return mark

    def start_document(self, event: yaml.DocumentStartEvent) -> None:
        mark = _mark(event.start_mark)
        self.documents += 1
        if self.documents > 1:
            hint = "keep one document; delete the `---`"
            self.builder.refuse("yaml-documents", "a second document", mark, hint)
        if event.version or event.tags:
            summary = "a directive before the document"
            self.builder.refuse("yaml-directive", summary, mark, "delete it")


def _refuse_root(root: Node | None, builder: Builder) -> None:
    if root is None or (isinstance(root, ScalarNode) and not root.text and not root.quoted):
        builder.refuse("yaml-empty", "the file is empty", _TOP, "begin with `version: 1`")
        return
    kind = "a list" if isinstance(root, SequenceNode) else "a single value"
    hint = "begin with `version: 1`"
    builder.refuse("yaml-top-level", f"the top level is {kind}, not keys", root.mark, hint)


def _refuse_syntax(error: yaml.MarkedYAMLError, source: TextSource, builder: Builder) -> None:
    mark = _mark(error.problem_mark or error.context_mark)
    if mark.line > len(source.lines):
        mark = Mark(len(source.lines), len(source.lines[-1]) + 1)
    summary = error.problem or "not YAML"
    if error.context:
        summary = f"{summary} {error.context}"
        if error.context_mark and _mark(error.context_mark).line != mark.line:
            summary += f" that begins on line {error.context_mark.line + 1}"
    line = source.lines[mark.line - 1]
    hint = _syntax_hint(line[: mark.column - 1], line[mark.column - 1 :], summary)
    builder.refuse("yaml-syntax", summary, mark, hint)


def _syntax_hint(before: str, after: str, summary: str) -> str:
    if after.startswith("{") and before.rstrip()[-1:] not in {"", ":", ",", "[", "{", "-"}:
        return "quote a condition with tags, or put it in a block list"
    if before.endswith('"') and before.count('"') > 1 and "expected ','" in summary:
        return "put text that holds double quotes in single ones"
    if "mapping values are not allowed" in summary:
        return "quote text that holds `: `, and check the indentation"
    return ""


class _Place(Protocol):
    """A mark of either of PyYAML's two parsers."""

    line: int
    column: int


def _mark(place: _Place | None) -> Mark:
    return Mark(place.line + 1, place.column + 1) if place else _TOP
