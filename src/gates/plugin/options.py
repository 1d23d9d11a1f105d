"""Options of stages: what `with:` may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Base of a stage's options: a frozen dataclass whose fields are what `with:` may hold.

    Fields are texts, whole numbers, booleans, Decimals, tuples of texts, mappings from text to
    text or to a mapping of texts, each with a default. Unknown keys are refused at the door.
    A field's `metadata={"help": "..."}` is its line in the docs.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid", "strict": True}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Build options from validated plain values, in which lists stand for tuples."""
        known = {field.name for field in fields(cls)}
        values = {name: _frozen(value) for name, value in plain.items() if name in known}
        return cls(**values)


def _frozen(value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    return value
