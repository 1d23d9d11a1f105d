"""How strict an option of a stage is: which of two values asks for less, where anybody can tell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from gates.domain.metric import Unit
from gates.domain.policy_change import Kind
from gates.domain.units import SUFFIXES

EVERYTHING = "."
"""The path that holds all others."""

_PER_MINUTE = "/min"
_MINUTE = 60  # rates are compared by the minute, in which both ways to write one are exact
_TIMES = "x"


class Stricter(StrEnum):
    """Which values of an option ask for more, as its `metadata={"stricter": ...}` says it."""

    LOWER = "lower"
    HIGHER = "higher"
    FEWER = "fewer"
    MORE = "more"
    WIDER = "wider"  # paths: those above others, and none or `.` for all
    ON = "on"
    OFF = "off"
    ABSENT = "absent"  # any value asks for less than none
    NEITHER = "neither"  # it decides how, never what is asked
    UNKNOWN = ""


class Bearing(StrEnum):
    """How a later value stands to an earlier one."""

    SAME = "same"
    TIGHTER = "tighter"
    LOOSER = "looser"
    DOUBTFUL = "doubtful"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class OptionRule:
    """What is known of an option.

    Attributes:
        stricter: which of its values ask for more.
        default: its plain value where gates.yaml gives none.
        policy_file: it names a file that is part of the policy: `counted` where a change of that
            counts as loosening, `told` where it is told; else empty.
    """

    stricter: Stricter = Stricter.UNKNOWN
    default: object = None
    policy_file: str = ""


OptionRules = Mapping[str, Mapping[str, OptionRule]]
"""What is known of options, by stage and name."""


def bearing(before: object, after: object, stricter: Stricter) -> Bearing:
    """Tell how a later value of an option stands to an earlier one."""
    old, new = _plain(before), _plain(after)
    if old == new and isinstance(old, bool) == isinstance(new, bool):
        return Bearing.SAME
    if stricter in {Stricter.LOWER, Stricter.HIGHER}:
        return _by_amount(old, new, is_lower=stricter is Stricter.LOWER)
    if stricter in {Stricter.ON, Stricter.OFF}:
        return Bearing.TIGHTER if new is (stricter is Stricter.ON) else Bearing.LOOSER
    return _of_many(old, new, stricter)


def _of_many(old: object, new: object, stricter: Stricter) -> Bearing:
    """How a value stands that holds several, or that may be none."""
    if stricter is Stricter.FEWER:
        return _by_set(new, old)
    if stricter is Stricter.MORE:
        return Bearing.DOUBTFUL if _differs_within(old, new) else _by_set(old, new)
    if stricter is Stricter.WIDER:
        return _by_path(_words(old), _words(new))
    if stricter is Stricter.ABSENT and not (old and new):
        return Bearing.TIGHTER if old else Bearing.LOOSER
    return Bearing.NEUTRAL if stricter is Stricter.NEITHER else Bearing.DOUBTFUL


def shown(value: object) -> str:
    """An option's value for people."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {shown(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(shown(item) for item in value) + "]"
    return "" if value is None else f"{value}"


def _plain(value: object) -> object:
    """The value with tuples for lists, so that both are compared alike."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return tuple(_plain(item) for item in value)
    return value


def _by_amount(old: object, new: object, *, is_lower: bool) -> Bearing:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        return _by_amounts(old, new, is_lower=is_lower)
    mine, theirs = _amount(new), _amount(old)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return Bearing.DOUBTFUL
    if mine[1] == theirs[1]:
        return Bearing.SAME
    return Bearing.TIGHTER if (mine[1] < theirs[1]) == is_lower else Bearing.LOOSER


def _by_amounts(
    old: Mapping[object, object], new: Mapping[object, object], *, is_lower: bool
) -> Bearing:
    """Amounts by key: of allowances a new key asks for less, of floors a lost one does."""
    more, fewer = (old, new) if is_lower else (new, old)
    if not fewer.keys() <= more.keys():
        return Bearing.LOOSER
    found = {_by_amount(old[key], new[key], is_lower=is_lower) for key in fewer}
    for worst in (Bearing.LOOSER, Bearing.DOUBTFUL):
        if worst in found:
            return worst
    is_same = found <= {Bearing.SAME} and old.keys() == new.keys()
    return Bearing.SAME if is_same else Bearing.TIGHTER


def _amount(value: object) -> tuple[str, Decimal] | None:
    """A number with its dimension; None where it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, Decimal)):
        return "", Decimal(value)
    found = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([A-Za-z%/]*)", f"{value}", re.ASCII)
    if found is None:
        return None
    number, suffix = Decimal(found[1]), found[2]
    if suffix in SUFFIXES:
        unit, size = SUFFIXES[suffix]
        return unit.value, number * size * (_MINUTE if unit is Unit.PER_SECOND else 1)
    if suffix == _PER_MINUTE:
        return Unit.PER_SECOND.value, number
    return (suffix, number) if suffix in {"", _TIMES} else None


def _by_set(part: object, whole: object) -> Bearing:
    """Whether one value lies within another, whichever of them is the later one."""
    if isinstance(part, Mapping) and isinstance(whole, Mapping):
        if not part.keys() <= whole.keys():
            return Bearing.LOOSER
        is_same = part.keys() == whole.keys()
        return Bearing.NEUTRAL if is_same else Bearing.TIGHTER
    few, many = frozenset(_words(part)), frozenset(_words(whole))
    if few == many:
        return Bearing.SAME
    return Bearing.TIGHTER if few <= many else Bearing.LOOSER


def _differs_within(old: object, new: object) -> bool:
    """Whether a key that both mappings have says something else."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)):
        return False
    return any(old[key] != new[key] for key in old.keys() & new.keys())


def _words(value: object) -> tuple[str, ...]:
    if isinstance(value, (tuple, list)):
        return tuple(shown(each) for each in value)
    return () if value is None or value == "" else (shown(value),)


def _by_path(old: tuple[str, ...], new: tuple[str, ...]) -> Bearing:
    old, new = (tuple(_folder(each) for each in paths) for paths in (old, new))
    if set(old) == set(new):
        return Bearing.SAME
    if _covers(new, old):
        return Bearing.SAME if _covers(old, new) else Bearing.TIGHTER
    return Bearing.LOOSER if _covers(old, new) else Bearing.DOUBTFUL


def _folder(path: str) -> str:
    return path.removeprefix("./").rstrip("/") or EVERYTHING


def _covers(paths: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Whether all that the others name is named here; none of them stands for all sources."""
    if EVERYTHING in paths:
        return True
    if not others or not paths:
        # No path stands for what the stage finds by itself: more than any that is in the sources.
        return not paths and not others
    return all(any(_holds(path, other) for path in paths) for other in others)


def _holds(path: str, other: str) -> bool:
    return path == other or other.startswith(f"{path}/")


KINDS = {
    Bearing.TIGHTER: Kind.TIGHTENED,
    Bearing.LOOSER: Kind.LOOSENED,
    Bearing.DOUBTFUL: Kind.LOOSENED,
    Bearing.NEUTRAL: Kind.CHANGED,
}
"""What is told of each way in which a value may stand to an earlier one."""


def compared(
    before: Mapping[str, object], after: Mapping[str, object], rules: Mapping[str, OptionRule]
) -> tuple[tuple[str, Bearing, object, object], ...]:
    """The options that differ, each with how its later value stands, and both values."""
    found = []
    for name in dict.fromkeys((*before, *after)):
        rule = rules.get(name, OptionRule())
        old, new = before.get(name, rule.default), after.get(name, rule.default)
        how = bearing(old, new, rule.stricter)
        if how is not Bearing.SAME:
            found.append((name, how, old, new))
    return tuple(found)
