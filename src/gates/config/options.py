"""`with:` checked against the options that a stage declares, and the stage made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from pydantic import TypeAdapter, ValidationError

from gates.config.problems import Problems
from gates.config.refusals import Validated, report
from gates.formats.strict_yaml import Path
from gates.plugin import Options, Stage


@dataclass(frozen=True, slots=True)
class Configured:
    """A stage with its options.

    Attributes:
        stage: the stage.
        plain: the options that were given, as `Options.from_plain` takes them.
    """

    stage: Stage[Options]
    plain: Mapping[str, object]


class Configuring:
    """Makes stages of the options in one gates.yaml."""

    def __init__(self, problems: Problems) -> None:
        self._problems = problems
        # Made once for each kind: making one costs as much as reading a whole file.
        self._adapters: dict[type[Options], TypeAdapter[Options]] = {}

    def configure(
        self, stage_type: type[Stage[Options]], given: Mapping[str, object], path: Path
    ) -> Configured | None:
        """Make a stage of the options in gates.yaml; None where they were refused.

        Args:
            stage_type: the stage's class.
            given: what stands under `with:`.
            path: where that stands.

        Raises:
            TypeError: where an option's value is of a kind that a plan cannot hold, which is a
                fault of the stage.
        """
        before = len(self._problems)
        self._refuse_number_keys(given, path)
        self._refuse_empty_texts(stage_type.options_type, given, path)
        options = self._validated(stage_type, given, path)
        if options is None or len(self._problems) > before:
            return None
        plain = {name: _plain(_exact(getattr(options, name), given[name])) for name in given}
        stage = stage_type(stage_type.options_type.from_plain(plain))
        try:
            stage.check()
        except ValueError as error:
            # Where there is no `with:`, its gate is the place.
            self._problems.add("bad-options", f"{error}", path, key=not given)
            return None
        return Configured(stage, plain)

    def _validated(
        self, stage_type: type[Stage[Options]], given: Mapping[str, object], path: Path
    ) -> Options | None:
        kind = stage_type.options_type
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        known = tuple(field.name for field in fields(kind))
        given = {name: _listed(kind, name, value) for name, value in given.items()}
        seen = Validated(path, given, known, {}, f"options of stage `{stage_type.uses}`")
        try:
            # Strict JSON lets a list be a tuple and a mapping a dataclass; strict Python does not.
            return self._adapters[kind].validate_json(_as_json(given))
        except ValidationError as error:
            report(error, seen, self._problems)
        return None

    def _refuse_empty_texts(
        self, kind: type[Options], given: Mapping[str, object], path: Path
    ) -> None:
        """An empty path would name the project's folder."""
        for each in fields(kind):
            value = given.get(each.name)
            if each.metadata.get("or_text") and (
                value == "" or (isinstance(value, list) and "" in value)
            ):
                hint = "write a path or a glob, or leave the option out"
                summary = f"`{each.name}` holds an empty text"
                self._problems.add("empty-value", summary, (*path, each.name), hint=hint)

    def _refuse_number_keys(self, value: object, path: Path) -> None:
        """JSON would make text of them."""
        if isinstance(value, list):
            for at, item in enumerate(value):
                self._refuse_number_keys(item, (*path, at))
        if isinstance(value, dict):
            for key, item in value.items():
                if not isinstance(key, str):
                    summary = f"the key `{key}` is a number"
                    hint = "put it in quotes"
                    self._problems.add("bad-value", summary, (*path, key), key=True, hint=hint)
                self._refuse_number_keys(item, (*path, key))


def _listed(kind: type[Options], name: str, value: object) -> object:
    """A list of one text, where the option lets the text stand for it."""
    may_be_text = any(each.name == name and each.metadata.get("or_text") for each in fields(kind))
    return [value] if may_be_text and isinstance(value, str) else value


def _as_json(value: object) -> str:
    """JSON with each number as it was written."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key))}:{_as_json(item)}" for key, item in value.items())
        return f"{{{','.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_as_json, value))}]"
    return json.dumps(value)


def _exact(value: object, given: object) -> object:
    """The number as written, where the way through JSON made a binary fraction of it."""
    if isinstance(value, Decimal) and isinstance(given, (int, Decimal)):
        return Decimal(given)
    return value


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, int, Decimal, str)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    raise TypeError(f"an option of type {type(value).__name__} cannot be kept in a plan")
