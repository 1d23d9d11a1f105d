"""Whether two documents say the same at some place."""

from __future__ import annotations

from dataclasses import dataclass

from gates.formats.openapi_references import REF, is_30, reference_of, target
from gates.formats.strict_json import Value

_TOLD = frozenset({"summary", "description", "title", "$comment"})  # words for people
_LITERAL = frozenset({"const", "enum", "default", "mapping"})
"""What stands below these is a value, whatever its members are called."""
_FLAGS = frozenset({"nullable", "exclusiveMinimum", "exclusiveMaximum"})
"""Words that mean something only in OpenAPI 3.0 where they are true."""


def is_same(old: Value, new: Value) -> bool:
    """Whether two values are the same, what they refer to included; texts for people are left out.

    Where one stands in a document of 3.0 and one of 3.1, words that mean something in one of them
    only are not the same.

    Raises:
        OutputUnreadable: a reference cannot be followed.
    """
    is_across = is_30(old) != is_30(new)
    seen: set[tuple[str, str]] = set()
    waiting = [_Pair(old, new)]
    while waiting:
        pair = waiting.pop()
        key = (pair.old.pointer, pair.new.pointer)
        if key in seen:
            continue
        seen.add(key)
        below = pair.below(is_across=is_across)
        if below is None:
            return False
        waiting += below
    return True


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two values to compare.

    Attributes:
        old: the one.
        new: the other.
        is_literal: whether they are values that a schema names, and no schemas.
    """

    old: Value
    new: Value
    is_literal: bool = False

    def below(self, *, is_across: bool) -> list[_Pair] | None:
        """What must be the same for the two to be so; None where they are not."""
        old, new = self.old, self.new
        if isinstance(old.raw, dict) and isinstance(new.raw, dict):
            return self._members(is_across=is_across)
        if isinstance(old.raw, list) and isinstance(new.raw, list):
            if len(old.raw) != len(new.raw):
                return None
            pairs = zip(old.items(), new.items(), strict=True)
            return [_Pair(*each, self.is_literal) for each in pairs]
        return [] if type(old.raw) is type(new.raw) and old.raw == new.raw else None

    def _members(self, *, is_across: bool) -> list[_Pair] | None:
        members = self._meant(self.old), self._meant(self.new)
        if members[0].keys() != members[1].keys():
            return None
        if is_across and not self.is_literal and _differs_by_version(members[0]):
            return None
        references = reference_of(self.old), reference_of(self.new)
        found = []
        if references[0] is not None and references[1] is not None:
            found.append(_Pair(target(self.old, references[0]), target(self.new, references[1])))
            del members[0][REF]
        for name, each in members[0].items():
            found.append(_Pair(each, members[1][name], self.is_literal or name in _LITERAL))
        return found

    def _meant(self, value: Value) -> dict[str, Value]:
        """The members without texts for people."""
        return {
            name: each
            for name, each in value.entries()
            if self.is_literal or name not in _TOLD or not isinstance(each.raw, str)
        }


def _differs_by_version(members: dict[str, Value]) -> bool:
    """Whether the same members mean one thing in 3.0 and another in 3.1."""
    if REF in members and len(members) > 1:
        return True
    return any(name in _FLAGS and each.raw is True for name, each in members.items())
