"""The file in which GitHub tells a workflow of the event that started it.

Format: https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LIMIT_BYTES = 32 << 20
"""What is larger is not read; GitHub sends no event above 25 MB."""


def payload(environ: Mapping[str, str]) -> object:
    """What the file holds; None where there is none, or it cannot be read.

    Args:
        environ: names the file.
    """
    import json

    try:
        with Path(environ.get("GITHUB_EVENT_PATH", "")).open("rb") as handle:
            found: object = json.loads(handle.read(LIMIT_BYTES))
    except (OSError, ValueError, RecursionError):
        return None
    return found


def text(value: object, *keys: str) -> str:
    """The text at a place, one key below the other; empty where there is none.

    Args:
        value: what `payload` gave.
        keys: the place.
    """
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def commit(value: object, *keys: str) -> str:
    """The name of a commit at a place; empty where there is none, or only zeros.

    Args:
        value: what `payload` gave.
        keys: the place.
    """
    found = text(value, *keys)
    is_name = len(found) in {40, 64} and found.isalnum() and bool(found.strip("0"))
    return found if is_name else ""
