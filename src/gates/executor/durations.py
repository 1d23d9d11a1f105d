"""How long each gate took last time: kept for the order of a run and for live output."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from gates.toolkit.files import write_atomic

NAME = "durations.json"


def read(state: Path | None) -> dict[str, float]:
    """Seconds by gate name; empty where nothing usable is kept, since it is only speed."""
    if state is None:
        return {}
    try:
        kept: object = json.loads((state / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(kept, dict):
        return {}
    return {
        name: float(seconds)
        for name, seconds in kept.items()
        if isinstance(name, str)
        and isinstance(seconds, int | float)
        and 0 <= seconds < 10**6  # also refuses NaN
    }


def keep(state: Path | None, seconds: Mapping[str, float]) -> None:
    """Keep the seconds of this run beside those of gates that did not run now."""
    if state is None or not seconds:
        return
    merged = {**read(state), **{name: round(value, 3) for name, value in seconds.items()}}
    try:
        write_atomic(state / NAME, json.dumps(merged, indent=0).encode())
    except OSError:
        # Kept for speed only: a folder that cannot be written costs the order of the next run.
        return
