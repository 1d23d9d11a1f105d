"""Whether two documents say the same at some place."""

from __future__ import annotations

from gates.domain.errors import OutputUnreadable
from gates.formats.openapi_references import reference_of, target
from gates.formats.strict_json import Value


def is_same(old: Value, new: Value) -> bool:
    """Whether two values are the same, what they refer to included.

    Raises:
        OutputUnreadable: a reference cannot be followed.
    """
    try:
        return _is_same(old, new, set())
    except RecursionError:
        raise OutputUnreadable(
            "openapi-depth", "schemas refer to each other too deep", place=new.what
        ) from None


def _is_same(old: Value, new: Value, seen: set[tuple[str, str]]) -> bool:
    key = (old.pointer, new.pointer)
    if key in seen:
        return True
    seen.add(key)
    references = reference_of(old), reference_of(new)
    if all(each is not None for each in references):
        pair = target(old, references[0] or ""), target(new, references[1] or "")
        if not _is_same(*pair, seen):
            return False
    if isinstance(old.raw, dict) and isinstance(new.raw, dict):
        members = dict(old.entries()), dict(new.entries())
        return members[0].keys() == members[1].keys() and all(
            name == "$ref" or _is_same(each, members[1][name], seen)
            for name, each in members[0].items()
        )
    if isinstance(old.raw, list) and isinstance(new.raw, list):
        return len(old.raw) == len(new.raw) and all(
            _is_same(*pair, seen) for pair in zip(old.items(), new.items(), strict=True)
        )
    return type(old.raw) is type(new.raw) and old.raw == new.raw
