"""A mapping of gates.yaml validated by a model; of a bad one, what is sound in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from pydantic import ValidationError

from gates.config.problems import Problems
from gates.config.refusals import Validated, report
from gates.config.wire import Model
from gates.formats.strict_yaml import Path

ModelT = TypeVar("ModelT", bound=Model)


def validated(
    model: type[ModelT],
    seen: Validated,
    problems: Problems,
) -> tuple[ModelT | None, frozenset[str]]:
    """Validate a mapping; where something was refused, what is left, and the keys that it was in.

    Args:
        model: says what the mapping may hold.
        seen: the mapping.
        problems: takes what is wrong.

    Returns:
        What is left, or None where the model cannot do without what was refused.
    """
    try:
        return model.model_validate(dict(seen.value)), frozenset()
    except ValidationError as error:
        refused = report(error, seen, problems)
    damaged = frozenset(str(path[0]) for path in refused if path)
    try:
        return model.model_validate(_without(seen.value, refused)), damaged
    except ValidationError:
        return None, damaged


def _without(
    value: Mapping[str, object] | Mapping[str | int, object], refused: Iterable[Path]
) -> dict[str | int, object]:
    """What is left of a mapping: of a mapping in it the other keys, of anything else nothing."""
    whole = {path[0] for path in refused if len(path) == 1}
    parts = {path[:2] for path in refused if len(path) > 1}
    rest: dict[str | int, object] = {}
    for key, item in value.items():
        hit = {path[1] for path in parts if path[0] == key}
        if key in whole or (hit and not isinstance(item, dict)):
            continue
        rest[key] = item
        if isinstance(item, dict) and hit:
            rest[key] = {name: below for name, below in item.items() if name not in hit}
    return rest
