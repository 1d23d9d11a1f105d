"""XML of tools, streamed through expat with limits; the ground on which XML readers stand.

Nothing is expanded: a document that declares an entity is refused (expat's own guard against
amplification starts at 8 MiB only), and so is a reference to one that was declared elsewhere.
A DOCTYPE alone is accepted and not followed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from gates.domain.errors import OutputUnreadable

if TYPE_CHECKING:
    from pyexpat import XMLParserType

MAX_BYTES = 256 * 1024 * 1024
MAX_MARKUP_BYTES = 4 * 1024 * 1024

_READ_BYTES = 1024 * 1024

Source = bytes | Iterable[bytes] | BinaryIO


def guarded_parser() -> XMLParserType:
    """A parser that gives attributes as a flat list and refuses entities; set its handlers."""
    import pyexpat

    parser = pyexpat.ParserCreate()
    parser.ordered_attributes = True
    parser.specified_attributes = True
    parser.buffer_text = True
    parser.EntityDeclHandler = _refuse_entity
    parser.SkippedEntityHandler = _refuse_entity
    return parser


def feed(parser: XMLParserType, source: Source, *, what: str, max_bytes: int = MAX_BYTES) -> None:
    """Drive `parser` over the whole of `source`, never holding more than a piece of it.

    Args:
        parser: from `guarded_parser`.
        source: a binary file, its pieces, or all of it.
        what: the file's name, for messages.
        max_bytes: a longer file is refused.

    Raises:
        OutputUnreadable: not well-formed, truncated, empty, too long, or entities are declared.
    """
    import pyexpat

    done = 0
    try:
        for piece in _pieces(source):
            done += len(piece)
            if done > max_bytes:
                summary = f"more than {max_bytes} bytes"
                raise OutputUnreadable("xml-too-big", summary, place=what)
            parser.Parse(piece, False)
            # Text comes out in parts, but a tag with its attributes is held until it is whole.
            if done - max(parser.CurrentByteIndex, 0) > MAX_MARKUP_BYTES + len(piece):
                raise OutputUnreadable(
                    "xml-limit", "one tag is too long", place=_place(parser, what)
                )
        if not done:
            raise OutputUnreadable("xml-empty", "the file is empty", place=what)
        parser.Parse(b"", True)
    except pyexpat.ExpatError as error:
        place = f"{what}:{error.lineno}:{error.offset + 1}"
        summary = f"not well-formed XML: {pyexpat.ErrorString(error.code)}"
        raise OutputUnreadable("xml-syntax", summary, place=place) from None
    except _EntityError:
        summary = "declares or uses an entity; none is expanded"
        raise OutputUnreadable("xml-entity", summary, place=_place(parser, what)) from None
    except (LookupError, UnicodeError, ValueError):
        # Foreign encodings are looked up among Python's codecs, which have their own errors.
        raise OutputUnreadable("xml-encoding", "encoding not known", place=what) from None


def attributes_of(flat: list[str]) -> dict[str, str]:
    """Names to values of a start tag's flat attribute list."""
    pairs = iter(flat)
    return dict(zip(pairs, pairs, strict=True))


def local_name(tag: str) -> str:
    """A tag without its namespace prefix."""
    return tag.rpartition(":")[2]


class _EntityError(Exception):
    """An entity was met inside a handler."""


def _refuse_entity(*_: object) -> NoReturn:
    raise _EntityError


def _pieces(source: Source) -> Iterator[bytes]:
    if isinstance(source, bytes):
        for start in range(0, len(source), _READ_BYTES):
            yield source[start : start + _READ_BYTES]
    elif hasattr(source, "read"):
        while piece := source.read(_READ_BYTES):
            yield piece
    else:
        yield from source


def _place(parser: XMLParserType, what: str) -> str:
    return f"{what}:{parser.CurrentLineNumber}"
