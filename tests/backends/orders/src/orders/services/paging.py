"""Pages that continue from an opaque cursor."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from orders.errors import InvalidInputError

Item = TypeVar("Item")

POSITIONS = 2**31


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
    """Hide a position in an opaque text."""
    return base64.urlsafe_b64encode(f"id:{position}".encode()).decode()


def read_cursor(cursor: str | None) -> int | None:
    """Return the position inside a cursor."""
    if cursor is None:
        return None
    try:
        kind, _, position = base64.urlsafe_b64decode(cursor).decode().partition(":")
        found = int(position)
    except (binascii.Error, ValueError) as error:
        raise InvalidInputError("the cursor is not one of ours") from error
    if kind != "id" or not 0 <= found < POSITIONS:
        raise InvalidInputError("the cursor is not one of ours")
    return found
