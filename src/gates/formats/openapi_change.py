"""One difference between two OpenAPI documents, and the place where it is told to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gates.formats.openapi_parts import Schema, pointer_of


class Way(StrEnum):
    """Which way data goes."""

    REQUEST = "request"
    RESPONSE = "response"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two documents.

    Attributes:
        rule: its kind.
        is_breaking: whether a client of the old document may fail.
        text: what changed, in words.
        pointer: where it stands.
        is_old: whether that is a place of the old document, since the new one has none.
        where: the operation, and which part of it.
    """

    rule: str
    is_breaking: bool
    text: str
    pointer: str
    is_old: bool = False
    where: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change of a schema is told to be.

    Attributes:
        old: the schema of the old document.
        new: that of the new one.
        way: which way its data goes.
        is_old: whether a place of the old document is told.
    """

    old: Schema
    new: Schema
    way: Way
    is_old: bool = False

    @property
    def pointer(self) -> str:
        """JSON pointer of the schema."""
        schema = (self.old or self.new) if self.is_old else (self.new or self.old)
        return pointer_of(schema[-1])

    def at(self, schema: Schema, *, is_old: bool = False) -> Place:
        """The place of a part of it."""
        if not schema:
            return self
        return Place(schema if is_old else (), () if is_old else schema, self.way, is_old)

    def change(self, rule: str, text: str, *, is_breaking: bool = True) -> Change:
        """A change that is here."""
        return Change(
            rule=rule,
            is_breaking=is_breaking,
            text=text,
            pointer=self.pointer,
            is_old=self.is_old or not self.new,
        )

    def moved(self, rule: str, text: str, *, narrowed: bool, widened: bool) -> Iterator[Change]:
        """A change that allows less, more, or something else."""
        if narrowed or widened:
            is_breaking = narrowed if self.way is Way.REQUEST else widened
            yield self.change(rule, text, is_breaking=is_breaking)


def broken(rule: str, text: str, pointer: str, where: str, *, is_old: bool = False) -> Change:
    """A change that breaks clients; see `Change`."""
    return Change(
        rule=rule, is_breaking=True, text=text, pointer=pointer, is_old=is_old, where=where
    )


def compatible(rule: str, text: str, pointer: str, where: str, *, is_old: bool = False) -> Change:
    """A change that breaks nobody; see `Change`."""
    return Change(
        rule=rule, is_breaking=False, text=text, pointer=pointer, is_old=is_old, where=where
    )
