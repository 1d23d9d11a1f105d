"""Pages that continue from an opaque cursor."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

CURSOR = r"^[0-7][0-9a-f]{7}$"
"""What a cursor looks like: a number below 2**31."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items and the cursor of the next page, which the last page lacks."""

    items: Sequence[Item]
    next_cursor: str | None


def cut(found: Sequence[Item], limit: int, key: Callable[[Item], int]) -> Page[Item]:
    """Make a page out of up to one item more than it holds."""
    if len(found) <= limit:
        return Page(found, None)
    items = found[:limit]
    return Page(items, write_cursor(key(items[-1])))


def write_cursor(position: int) -> str:
    """Put a position into a text that tells callers nothing."""
    return f"{position:08x}"


def read_cursor(cursor: str) -> int:
    """Return the position inside a cursor."""
    return int(cursor, 16)
