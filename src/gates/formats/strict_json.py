"""JSON (RFC 8259) that a tool wrote, read so that nothing doubtful gets through.

The standard reader lets the last of two equal keys win, accepts NaN and Infinity, which compare as
False with everything, and ends deep input by a RecursionError. Here each of these is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import NoReturn

from gates.domain.errors import OutputUnreadable
from gates.formats.json_pointer import escape

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200

_MAX_EXPONENT = 400  # beyond every double; a Decimal of 1e999999999 would fill the memory as an int
_MAX_NUMBER = 800  # digits of a fraction; the longest exact double has 767


def loads(
    data: bytes, *, what: str, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH
) -> object:
    """The document in `data`: dict, list, str, int, Decimal, bool or None.

    Numbers with a fraction or an exponent are Decimals, exact and finite.

    Args:
        data: the whole file, UTF-8; a byte order mark is accepted.
        what: the file's name, for messages.
        max_bytes: a longer file is refused.
        max_depth: deeper nesting is refused.

    Raises:
        OutputUnreadable: the file is no strict JSON; place is `what:line:column` where known.
    """
    import json

    text = _decoded(data, what, max_bytes)
    _refuse_depth(text, what, max_depth)
    try:
        document: object = json.loads(
            text, object_pairs_hook=_unique, parse_float=_decimal, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        place = f"{what}:{error.lineno}:{error.colno}"
        raise OutputUnreadable("json-syntax", f"not JSON: {error.msg}", place=place) from None
    except _RefusedError as error:
        raise OutputUnreadable(error.slug, error.summary, place=what) from None
    except ValueError:
        summary = "an integer has too many digits"
        raise OutputUnreadable("json-number", summary, place=what) from None
    except (RecursionError, MemoryError):
        raise OutputUnreadable("json-depth", "nested too deeply", place=what) from None
    return document


def read(data: bytes, *, what: str, max_bytes: int = MAX_BYTES) -> Value:
    """The document in `data` as a `Value`, whose accessors narrow and name what they miss.

    Raises:
        OutputUnreadable: the file is no strict JSON.
    """
    return Value(loads(data, what=what, max_bytes=max_bytes), what)


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a document, which knows the pointer that leads to it.

    Every accessor raises OutputUnreadable with that pointer where the value is of another kind.

    Attributes:
        raw: the value as parsed.
        what: the document's name.
        above: the object or array that holds it; None at the top level.
        key: its name, or its place, in there.
    """

    raw: object
    what: str
    above: Value | None = None
    key: str | int = ""

    @property
    def pointer(self) -> str:
        """JSON pointer from the top level; empty there."""
        keys: list[str] = []
        value = self
        while value.above is not None:
            keys.append(escape(str(value.key)))
            value = value.above
        return "".join(f"/{key}" for key in reversed(keys))

    def member(self, *keys: str) -> Value:
        """The member of an object; further keys go deeper."""
        value = self
        for key in keys:
            members = value.mapping()
            if key not in members:
                raise value.unreadable(f"has no member `{key}`", slug="json-missing")
            value = Value(members[key], value.what, value, key)
        return value

    def find(self, key: str) -> Value | None:
        """The member of an object, or None where it is absent or null."""
        found = self.mapping().get(key)
        return None if found is None else Value(found, self.what, self, key)

    def items(self) -> Iterator[Value]:
        """The items of an array, in order."""
        for index, item in enumerate(self.array()):
            yield Value(item, self.what, self, index)

    def entries(self) -> Iterator[tuple[str, Value]]:
        """The members of an object with their keys, in order."""
        for key, item in self.mapping().items():
            yield key, Value(item, self.what, self, key)

    def mapping(self) -> dict[str, object]:
        """The members of an object, bare."""
        if isinstance(self.raw, dict):
            return self.raw
        raise self._not("an object")

    def array(self) -> list[object]:
        """The items of an array, bare."""
        if isinstance(self.raw, list):
            return self.raw
        raise self._not("an array")

    def text(self) -> str:
        """A string."""
        if isinstance(self.raw, str):
            return self.raw
        raise self._not("a string")

    def integer(self) -> int:
        """An integer as written; `1.0` and `true` are none."""
        if isinstance(self.raw, int) and not isinstance(self.raw, bool):
            return self.raw
        raise self._not("an integer")

    def count(self) -> int:
        """An integer that is not negative."""
        number = self.integer()
        if number < 0:
            raise self._not("a count")
        return number

    def number(self) -> Decimal:
        """A number, exact and finite."""
        if isinstance(self.raw, Decimal):
            return self.raw
        if isinstance(self.raw, int) and not isinstance(self.raw, bool):
            return Decimal(self.raw)
        raise self._not("a number")

    def flag(self) -> bool:
        """True or false."""
        if isinstance(self.raw, bool):
            return self.raw
        raise self._not("true or false")

    def unreadable(self, problem: str, *, slug: str = "json-content") -> OutputUnreadable:
        """The error to raise about this value: `problem` continues a sentence that names it."""
        where = f"`{self.pointer}`" if self.pointer else "the top level"
        return OutputUnreadable(slug, f"{where} {problem}", place=self.what)

    def _not(self, wanted: str) -> OutputUnreadable:
        return self.unreadable(f"is {_kind(self.raw)}, not {wanted}", slug="json-type")


class _RefusedError(Exception):
    """Leaves the standard reader from inside one of its callbacks."""

    def __init__(self, slug: str, summary: str) -> None:
        super().__init__(summary)
        self.slug = slug
        self.summary = summary


def _decoded(data: bytes, what: str, max_bytes: int) -> str:
    if len(data) > max_bytes:
        summary = f"{len(data)} bytes, at most {max_bytes} are read"
        raise OutputUnreadable("json-too-big", summary, place=what)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8", "replace")
        place = f"{what}:{good.count(chr(10)) + 1}:{len(good) - good.rfind(chr(10))}"
        hint = "have it written in UTF-8: JSON is exchanged in no other encoding"
        if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
            hint = (
                "it is in UTF-16, as `>` of Windows PowerShell 5 writes it: have the tool write the"
                " file itself, or pipe to `Out-File -Encoding utf8`"
            )
        raise OutputUnreadable("json-encoding", "not UTF-8", hint=hint, place=place) from None
    if not text.strip(" \t\r\n"):
        raise OutputUnreadable("json-empty", "the file is empty", place=what)
    return text


def _refuse_depth(text: str, what: str, max_depth: int) -> None:
    """Refuse nesting beyond `max_depth`, without a step of Python per character.

    Strings are cut out first; then every round removes the innermost pairs of brackets, so the
    number of rounds is the depth. Broken nesting leaves a rest, which the reader refuses.
    """
    if text.count("[") + text.count("{") <= max_depth:
        return
    data = text.encode("utf-8", "surrogatepass")
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    others = bytes(byte for byte in range(256) if byte not in b'"[]{}')
    table = bytes.maketrans(b"{}", b"[]")
    brackets = b"".join(data.translate(table, others).split(b'"')[::2])
    # A run of openers is too deep at once; without this a long chain would cost a copy per round.
    chain = b"[" * (max_depth + 1)
    rounds = 0
    while chain not in brackets and rounds < max_depth and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        rounds += 1
    # A pair that is left is too deep; openers that are left were never closed.
    if b"[]" in brackets or brackets.count(b"[") > max_depth:
        summary = f"nested more than {max_depth} deep, or not closed"
        raise OutputUnreadable("json-depth", summary, place=what)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) == len(pairs):
        return members
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise _RefusedError("json-duplicate-key", f"key `{key}` stands twice in one object")
        seen.add(key)
    raise AssertionError(pairs)  # pragma: no cover - a shorter dict has a duplicate


def _decimal(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if len(text) > _MAX_NUMBER or not number.is_finite() or abs(number.adjusted()) > _MAX_EXPONENT:
        raise _RefusedError("json-number", f"number `{text[:40]}` is out of range")
    return number


def _no_constant(text: str) -> NoReturn:
    raise _RefusedError("json-number", f"`{text}` is no number")


def _kind(value: object) -> str:
    kinds = (
        (bool, "true or false"),
        (int, "an integer"),
        (Decimal, "a number"),
        (str, "a string"),
        (list, "an array"),
        (dict, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")
