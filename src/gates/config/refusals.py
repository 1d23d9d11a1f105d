"""Says in our own words, at the exact place, what pydantic refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from gates.config.problems import Problems, suggest
from gates.config.wire import OWN_ERROR
from gates.formats.nearest import nearest
from gates.formats.strict_yaml import Path

if TYPE_CHECKING:
    from pydantic import ValidationError
    from pydantic_core import ErrorDetails

_UNKNOWN_KEY = frozenset({"extra_forbidden", "unexpected_keyword_argument", "invalid_key"})
_ABSENT = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})
_EMPTY = frozenset({"too_short", "string_too_short"})
_CHOICE = frozenset({"literal_error", "enum"})
# By the first word of pydantic's error types (`int_type`, `int_parsing`, `int_from_float` …).
_KINDS = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a number",
    "bool": "`true` or `false`",
    "list": "a list",
    "tuple": "a list",
    "set": "a list",
    "frozen": "a list",
    "dict": "a mapping",
    "mapping": "a mapping",
    "model": "a mapping",
    "dataclass": "a mapping",
    "none": "",
    "is": "a number",
    "date": "a date",
}
_NUMERIC_TEXT = "put it in quotes if it is meant as text"
_HINTS = {
    "timeout": "write a time with its unit, as in `90s`, `10m` or `1h`",
    "require": "a condition is text, as in `line >= 90%`; one with tags stands in quotes",
    "warn": "a condition is text, as in `line >= 90%`; one with tags stands in quotes",
    "needs": "write the names of gates",
    "sources": "write `[src]`, or `{include: [src], exclude: [src/generated]}`",
    "env": "write `NAME: text`",
    "projects": "write a list of folders: `[services/*, packages/core]`",
    "targets": "write a number with its unit, as in `50ms`",
    "uses": "write the name of a stage",
}


@dataclass(frozen=True, slots=True)
class Validated:
    """A value that pydantic looked at.

    Attributes:
        base: its place in the file.
        value: itself, as read.
        known: the keys that it may hold.
        below: the keys that the mapping below one of its keys may hold.
        of: what its keys are, plural: "options of stage ruff".
    """

    base: Path
    value: Mapping[str, object] | Mapping[str | int, object]
    known: tuple[str, ...]
    below: Mapping[str, tuple[str, ...]]
    of: str = "keys"


@dataclass(frozen=True, slots=True)
class _Refused:
    """One error of pydantic with the path that it has in the file."""

    path: Path
    details: ErrorDetails

    @property
    def is_of_kind(self) -> bool:
        return _kind(self.details["type"]) is not None


def report(error: ValidationError, seen: Validated, problems: Problems) -> frozenset[Path]:
    """Refuse everything that pydantic refused.

    Returns:
        The paths, from the value on, of what was refused.
    """
    refused = [
        _Refused(_path_in(seen.value, details["loc"]), details)
        for details in error.errors(include_url=False)
    ]
    kinds: dict[Path, list[str]] = {}
    paths = {one.path for one in refused}
    # What is refused deeper was tried as the kind that it is: only that is worth telling.
    deepest = {path for path in paths if not any(_is_below(other, path) for other in paths)}
    told = {one.path for one in refused if not one.is_of_kind}
    for one in refused:
        if one.path in told:
            if not one.is_of_kind:
                _refuse(one, seen, problems)
        elif one.path in deepest:
            kinds.setdefault(one.path, []).append(_kind(one.details["type"]) or "")
    for path, expected in kinds.items():
        _refuse_kind(path, expected, seen, problems)
    return frozenset(told | deepest)


def found_kind(value: object) -> str:
    """What a value of the file is, in the words of the hints."""
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | Decimal():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"


def named(path: Path) -> str:
    """How a sentence calls the value at a path."""
    if not path:
        return "this"
    if isinstance(path[-1], int) and len(path) > 1:
        return f"item {path[-1] + 1} of `{path[-2]}`"
    return f"`{path[-1]}`"


def _refuse(one: _Refused, seen: Validated, problems: Problems) -> None:
    kind, path = one.details["type"], (*seen.base, *one.path)
    context: Mapping[str, object] = one.details.get("ctx", {})
    if kind == OWN_ERROR:
        is_key = one.details["loc"][-1:] == ("[key]",)
        slug, summary = str(context["slug"]), str(context["summary"])
        problems.add(slug, summary, path, key=is_key, hint=str(context["hint"]))
    elif kind in _UNKNOWN_KEY:
        _refuse_key(one.path, seen, problems)
    elif kind in _ABSENT:
        missing = one.details["loc"][-1]
        summary = f"{named(one.path)} has no `{missing}`"
        if not one.path:
            summary = f"option `{missing}` is missing"
        problems.add("missing-key", summary, path, key=True)
    elif kind in _EMPTY:
        problems.add("empty-value", f"{named(one.path)} is empty", path, key=True)
    elif kind in _CHOICE:
        _refuse_choice(one, path, str(context.get("expected", "")), problems)
    elif kind in {"string_too_long", "too_long"}:
        summary = f"{named(one.path)} is longer than {context.get('max_length')}"
        problems.add("long-value", summary, path)
    else:
        problems.add("bad-value", f"{named(one.path)} cannot be used as it stands", path)


def _refuse_key(path: Path, seen: Validated, problems: Problems) -> None:
    key = path[-1] if path else ""
    known, of = seen.known, seen.of
    if len(path) > 1:
        known, of = seen.below.get(str(path[0]), ()), "keys"
    hint = suggest(str(key), known, plural=of)
    noun = "option" if of.startswith("options") else "key"
    summary = f"unknown {noun} `{key}`"
    problems.add(f"unknown-{noun}", summary, (*seen.base, *path), key=True, hint=hint)


def _refuse_choice(one: _Refused, path: Path, expected: str, problems: Problems) -> None:
    choices = re.findall(r"'([^']*)'", expected)
    shown = re.sub(r"'([^']*)'", r"`\1`", expected)
    given = one.details["input"]
    close = nearest(given, choices) if isinstance(given, str) else None
    hint = f"did you mean `{close}`?" if close else _HINTS.get(str(one.path[-1]), "")
    problems.add("bad-value", f"{named(one.path)} should be {shown}", path, hint=hint)


def _refuse_kind(path: Path, expected: list[str], seen: Validated, problems: Problems) -> None:
    value = _value_at(seen.value, path)
    words = list(dict.fromkeys(word for word in expected if word)) or ["empty"]
    if "a number" in words and "a whole number" in words:
        words.remove("a whole number")
    summary = f"{named(path)} should be {' or '.join(words)}, not {found_kind(value)}"
    if value is None:
        summary = f"{named(path)} is empty; it should be {' or '.join(words)}"
    hint = next((_HINTS[step] for step in reversed(path) if step in _HINTS), "")
    if not hint and "text" in words and isinstance(value, (bool, int, Decimal)):
        hint = _NUMERIC_TEXT
    problems.add("bad-value", summary, (*seen.base, *path), hint=hint)


def _kind(slug: str) -> str | None:
    """The kind that pydantic expected, or None where the error is not about kinds."""
    if slug in _EMPTY or slug in {"string_too_long", "string_pattern_mismatch"}:
        return None
    return _KINDS.get(slug.partition("_")[0])


def _path_in(value: object, location: Iterable[str | int]) -> Path:
    """The location without the steps that pydantic put in: names of models and of variants."""
    path: list[str | int] = []
    for step in location:
        below = _step(value, step)
        if below is not None:
            path.append(step)
            value = below[0]
    return tuple(path)


def _value_at(value: object, path: Path) -> object:
    for step in path:
        below = _step(value, step)
        value = below[0] if below else None
    return value


def _step(value: object, step: str | int) -> tuple[object] | None:
    if isinstance(value, dict) and step in value:
        return (value[step],)
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return (value[step],)
    return None


def _is_below(path: Path, other: Path) -> bool:
    return len(path) > len(other) and path[: len(other)] == other
