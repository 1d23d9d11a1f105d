"""All texts of a line of a log, each with the name that it stands under."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gates.formats.json_pointer import escape
from gates.formats.log_secrets import is_secret_name, looks_secret

_NAMES = ("name", "key", "header", "field", "loc", "k", "n")
_VALUES = frozenset({"value", "val", "v", "content", "data", "text", "input"})
_WHOLE = _VALUES | {"raw", "plain", "plaintext", "string", "old", "new", "current", "previous"}
"""Names that tell nothing of what stands under them, so that the name above them tells it."""

_PAIR = 2


def texts(value: object, pointer: str = "", key: str = "") -> Iterator[tuple[str, str, str]]:
    """All texts and numbers of a document: pointer, the name above it, and text.

    Names are texts too. A name that says that it is secret also stands above what is in lists and
    members such as `value` below it, above the second of a pair that it begins, and above the
    `value` beside it in `{"name": ..., "value": ...}`.
    """
    if isinstance(value, Mapping):
        yield from _of_members(value, pointer, key)
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from texts(item, f"{pointer}/*", _before(value, at) or key)
    elif value is not None and not isinstance(value, bool):
        yield pointer, key, str(value)


def _of_members(
    members: Mapping[str, object], pointer: str, key: str
) -> Iterator[tuple[str, str, str]]:
    told = _told(members)
    is_cookie = key.lower().removeprefix("set").strip("_-") == "cookie"
    for name, item in members.items():
        yield f"{pointer}/*", "", str(name)
        own = str(name)
        if told and name in _VALUES:
            own = told
        elif is_secret_name(key) and (name in _WHOLE or is_cookie):
            own = key
        below = f"{pointer}/{escape(str(name))}"
        if isinstance(item, list) and _is_pairs(item):
            yield from _of_pairs(item, below, own)
        else:
            yield from texts(item, below, own)


def _told(members: Mapping[str, object]) -> str:
    """The secret name that a member tells for the value beside it, or empty."""
    for name in _NAMES:
        told = members.get(name)
        if isinstance(told, list) and told:
            told = told[-1]
        if isinstance(told, str) and is_secret_name(told):
            return told
    return ""


def _is_pairs(items: Sequence[object]) -> bool:
    return bool(items) and all(
        isinstance(item, list) and len(item) == _PAIR and isinstance(item[0], str) for item in items
    )


def _of_pairs(
    items: Sequence[Sequence[object]], pointer: str, key: str
) -> Iterator[tuple[str, str, str]]:
    """A list of pairs of a name and a value, as of the headers of a request."""
    for name, value in items:
        yield f"{pointer}/*/*", key, str(name)
        is_prose = isinstance(value, str) and " " in value and not looks_secret(value)
        above = str(name) if is_secret_name(str(name)) and not is_prose else key
        yield from texts(value, f"{pointer}/*/*", above)


def _before(items: Sequence[object], at: int) -> str:
    """The secret name that stands before an item which looks like its value, or empty."""
    if not at:
        return ""
    name, value = items[at - 1], items[at]
    is_named = isinstance(name, str) and is_secret_name(name)
    return str(name) if is_named and isinstance(value, str) and looks_secret(value) else ""
