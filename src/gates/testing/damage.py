"""Damage: what can happen to the output of a program, as pure functions on its bytes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import islice

DEEP = 100_000
"""Levels of nesting in a hostile document."""

DIGITS = 5_000
"""Digits of a hostile number; Python refuses to read more than 4300."""

MOST_PARTS = 12
"""Parts that are left out of one document, one at a time."""

MOST_OF_ONE = 4
"""Entries of one array or object that are left out; its last one besides."""

_PAGE = b"<!DOCTYPE html>\n<html><body><h1>502 Bad Gateway</h1></body></html>\n"
_ENTITIES = (
    b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<x>&b;</x>\n'
)
_STEERING = b"\x1b[2J\x1b]0;all good\x07\x1b[31m0 findings\x1b[0m\r\n"
_STEERING_TEXT = "\x1b[2J\x9b1m\u202e"

_CUT = object()

Damaged = Iterator[tuple[str, bytes]]
"""What was done, as `kind: detail`, and what is left."""

Path = tuple[str | int, ...]
"""Where an entry stands in a JSON document."""


def torn(data: bytes) -> Damaged:
    """The data cut off: inside a line, at lines, and before its last sign."""
    lines = data.splitlines(keepends=True)
    size = len(data.rstrip())
    cuts = {
        "cut off: after a quarter": data[: size // 4],
        "cut off: in the middle": data[: size // 2],
        "cut off: after three quarters": data[: size * 3 // 4],
        "cut off: before its last sign": data[: max(size - 1, 0)],
        "cut off: after its first line": b"".join(lines[:1]),
        "cut off: at half of its lines": b"".join(lines[: len(lines) // 2]),
        "cut off: before its last line": b"".join(lines[:-1]),
        "cut off: its first line": b"".join(lines[1:]),
    }
    seen = {data.strip(), b""}
    for name, cut in cuts.items():
        if cut.strip() not in seen:
            seen.add(cut.strip())
            yield name, cut


def hostile(data: bytes) -> Damaged:
    """Something else altogether in its place: what no honest program writes as its report."""
    others = {
        "steers the terminal": _STEERING,
        "a web page": _PAGE,
        "entity declarations": _ENTITIES,
        "zeros of a lost disk block": b"\0" * max(len(data), 1),
        "nested too deep: arrays": b"[" * DEEP,
        "nested too deep: objects": b'{"a":' * DEEP,
        "nested too deep: elements": b"<a>" * DEEP,
        "a number too long": b"9" * DIGITS,
        "JSON without content: null": b"null",
        "JSON without content: []": b"[]",
        "JSON without content: {}": b"{}",
        'JSON without content: ""': b'""',
        "JSON without content: 0": b"0",
        "JSON without content: NaN": b"NaN",
    }
    for name, other in others.items():
        if other.strip() != data.strip():
            yield name, other


def soiled(data: bytes) -> Damaged:
    """The whole data, with something else around it."""
    yield "more around it: bytes that are not UTF-8", b"\xff\xfe\x80" + data
    yield "more around it: a merge conflict", b"<<<<<<< HEAD\n" + data + b"=======\n>>>>>>> other\n"


def twisted(data: bytes) -> Damaged:
    """Documents whose form is whole, with content that must not be believed or shown."""
    document = _document(data)
    if document is not None:
        numbers = json.dumps(_mapped(document, _not_a_number))
        yield from _changed("every number is NaN", numbers, document)
        texts = json.dumps(_mapped(document, _steering))
        yield from _changed("every text steers the terminal", texts, document)
        if isinstance(document, dict) and document:
            for key, value in islice(document.items(), MOST_PARTS):
                twice = f"{json.dumps(document)[:-1]}, {json.dumps(key)}: {_emptied(value)}}}"
                yield f"a key twice, the second time empty: `{key}`", twice.encode()


def partial(data: bytes) -> Damaged:
    """Documents that lost one part each: an entry of an array or object, an element, a line."""
    document = _document(data)
    if document is not None:
        yield from islice(_without_entries(document), MOST_PARTS)
    elif data.lstrip().startswith(b"<"):
        yield from islice(_without_elements(data), MOST_PARTS)
    else:
        yield from islice(_without_lines(data), MOST_PARTS)


def whole(data: bytes) -> Damaged:
    """No damage at all."""
    del data
    return iter(())


def unlisted(data: bytes, *, names: Callable[[str], bool], count: int) -> Damaged:
    """Documents whose lists of what was examined name one thing less, and nothing else is lost.

    Args:
        data: the document.
        names: whether a text names something that can be examined.
        count: how much was examined; only a list of so many names is one.
    """
    document = _document(data)
    for path, listed in _lists(document):
        texts = [text for text in listed if isinstance(text, str) and names(text)]
        if texts and len(texts) == len(listed) == len(set(texts)) == count:
            shown = "".join(f"/{part}" for part in path) or "/"
            for at in sorted({0, count - 1}):
                place = at if isinstance(listed, list) else texts[at]
                cut = json.dumps(_cut(document, (*path, place)))
                yield f"names one file less: {texts[at]} is not in {shown}", cut.encode()


def _lists(document: object) -> Iterator[tuple[Path, list[object] | dict[str, object]]]:
    """All arrays and objects in a document, outer ones first."""
    level: list[tuple[Path, object]] = [((), document)]
    while level:
        for path, value in level:
            if isinstance(value, list | dict):
                yield path, value
        level = [
            ((*path, place), entry) for path, value in level for place, entry in _entries(value)
        ]


def _document(data: bytes) -> object:
    """The JSON document in the data, or None where there is none with entries."""
    try:
        document: object = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict | list) and document else None


def _changed(name: str, text: str, document: object) -> Damaged:
    if text != json.dumps(document):
        yield name, text.encode()


def _not_a_number(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float("nan") if is_number else value


def _steering(value: object) -> object:
    return f"{_STEERING_TEXT}{value}" if isinstance(value, str) else value


def _mapped(value: object, change: Callable[[object], object]) -> object:
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return change(value)


def _emptied(value: object) -> str:
    if isinstance(value, dict):
        return "{}"
    if isinstance(value, list):
        return "[]"
    return '""' if isinstance(value, str) else "0"


def _without_entries(document: object) -> Damaged:
    """The document without one entry each: outer ones first, and of each level some."""
    level: list[tuple[Path, object]] = [((), document)]
    while level:
        deeper: list[tuple[Path, object]] = []
        for path, value in level:
            entries = _entries(value)
            for place, entry in (*entries[:MOST_OF_ONE], *entries[MOST_OF_ONE:][-1:]):
                shown = "".join(f"/{part}" for part in (*path, place))
                yield f"lost a part: {shown}", json.dumps(_cut(document, (*path, place))).encode()
                deeper.append(((*path, place), entry))
        level = deeper


def _entries(value: object) -> tuple[tuple[str | int, object], ...]:
    if isinstance(value, dict):
        return tuple(value.items())
    return tuple(enumerate(value)) if isinstance(value, list) else ()


def _cut(value: object, path: Path) -> object:
    """The value without what stands at a path."""
    if not path:
        return _CUT
    kept = (
        (place, _cut(entry, path[1:]) if place == path[0] else entry)
        for place, entry in _entries(value)
    )
    left = {place: entry for place, entry in kept if entry is not _CUT}
    return left if isinstance(value, dict) else list(left.values())


def _without_elements(data: bytes) -> Damaged:
    """The XML document without one element each; nothing where it is none."""
    import pyexpat

    places: list[tuple[int, int, str]] = []
    starts: list[int] = []
    parser = pyexpat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        del name, attributes  # its end says the rest
        starts.append(parser.CurrentByteIndex)

    def end(name: str) -> None:
        first, last = starts.pop(), parser.CurrentByteIndex
        # An element without an end tag of its own has ended here already.
        is_over = data.find(b">", first) == last - 1 and data[:last].endswith(b"/>")
        places.append((first, last if is_over else data.index(b">", last) + 1, name))

    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        parser.Parse(data, True)
    except pyexpat.ExpatError:
        return
    for number, (first, last, name) in enumerate(sorted(places)[1:], 1):
        yield f"lost a part: element {number}, `{name}`", data[:first] + data[last:]


def _without_lines(data: bytes) -> Damaged:
    lines = data.splitlines(keepends=True)
    if len(lines) > 1:
        for at in range(len(lines)):
            yield f"lost a part: line {at + 1}", b"".join(lines[:at] + lines[at + 1 :])
