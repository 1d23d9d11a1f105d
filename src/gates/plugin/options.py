"""Options of stages: what `with:` may hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import ClassVar, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Base of a stage's options: a frozen dataclass whose fields are what `with:` may hold.

    Fields are texts, whole numbers, booleans, Decimals, tuples of texts, mappings from text to
    text or to a mapping of texts, each with a default. Unknown keys are refused at the door.
    A field's `metadata={"help": "..."}` is its line in the docs; with `"or_text": True` there, one
    text may stand for a tuple of texts that holds it. `"stricter"` says which of its values ask for
    more (`gates.domain.policy_options.Stricter`): a change of an option without it counts as
    loosening. `"policy_file"` says that it names a file which is part of the policy: a change of
    one that is `"counted"` counts as loosening, of one that is `"told"` it is told.
    """

    __pydantic_config__: ClassVar[Mapping[str, object]] = {"extra": "forbid", "strict": True}

    @classmethod
    def from_plain(cls, plain: Mapping[str, object]) -> Self:
        """Build options from validated plain values, in which lists stand for tuples."""
        known = {each.name for each in fields(cls)}
        values = {name: _frozen(value) for name, value in plain.items() if name in known}
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions(Options):
    """Base of the options of a stage that also judges what an earlier step wrote.

    Attributes:
        report: paths and globs of reports; none where the stage runs its tool.
    """

    report: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "what an earlier step wrote, a path, a glob or a list of them, judged in place"
            " of a run",
            "or_text": True,
            "stricter": "absent",
        },
    )


def _frozen(value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, Mapping):
        return {key: _frozen(item) for key, item in value.items()}
    return value
