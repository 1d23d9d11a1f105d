"""Waivers as JSON and back, exactly; for what is kept between runs."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date

from gates.domain.waiver import Waiver

_TEXTS = frozenset({"gate", "finding", "condition", "scope", "reason", "owner", "place"})


def encode(waivers: Iterable[Waiver]) -> str:
    """Write waivers as JSON."""
    return json.dumps([_plain(waiver) for waiver in waivers], separators=(",", ":"))


def decode(text: str) -> tuple[Waiver, ...]:
    """Read what `encode` wrote.

    Raises:
        ValueError: where it is anything else.
    """
    try:
        items: object = json.loads(text)
        if isinstance(items, list):
            return tuple(_waiver(item) for item in items)
    except (KeyError, RecursionError, ValueError) as error:
        raise ValueError(f"not kept waivers: {error}") from error
    raise ValueError("not kept waivers: no list")


def _plain(waiver: Waiver) -> dict[str, str]:
    return {
        "gate": waiver.gate,
        "finding": waiver.finding,
        "condition": waiver.condition,
        "scope": waiver.scope,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "place": waiver.place,
        "created": waiver.created.isoformat(),
        "expires": waiver.expires.isoformat(),
    }


def _waiver(item: object) -> Waiver:
    if not isinstance(item, dict) or not all(isinstance(text, str) for text in item.values()):
        raise ValueError("a waiver is no mapping of texts")
    texts = {str(key): str(text) for key, text in item.items()}
    created, expires = (date.fromisoformat(texts.pop(key)) for key in ("created", "expires"))
    if texts.keys() != _TEXTS:
        raise ValueError("a waiver has other keys")
    return Waiver(**texts, created=created, expires=expires)
