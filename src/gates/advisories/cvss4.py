"""CVSS version 4.0 base score by MacroVectors, in whole numbers.

Source of the classes, the scores of the classes and the depths: FIRST, "Common Vulnerability
Scoring System version 4.0: Specification Document", section 8. With base metrics alone the
exploit maturity counts as attacked and the three requirements as high, so only a part of the
table is ever read: class 0 of EQ5, classes 1 and 2 of EQ4, and three of the joint classes of EQ3
and EQ6, with the two further ones that stand below them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gates.advisories.cvss import metrics_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_BASE: Final[Mapping[str, tuple[str, ...]]] = {
    # Each from the most to the least severe: the place is the metric's severity level.
    "AV": ("N", "A", "L", "P"),
    "AC": ("L", "H"),
    "AT": ("N", "P"),
    "PR": ("N", "L", "H"),
    "UI": ("N", "P", "A"),
    "VC": ("H", "L", "N"),
    "VI": ("H", "L", "N"),
    "VA": ("H", "L", "N"),
    "SC": ("H", "L", "N"),
    "SI": ("H", "L", "N"),
    "SA": ("H", "L", "N"),
}
_OTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "E": ("X", "A", "P", "U"),
    "CR": ("X", "H", "M", "L"),
    "IR": ("X", "H", "M", "L"),
    "AR": ("X", "H", "M", "L"),
    **{f"M{name}": ("X", *values) for name, values in _BASE.items() if name not in {"SI", "SA"}},
    "MSI": ("X", "S", "H", "L", "N"),
    "MSA": ("X", "S", "H", "L", "N"),
    "S": ("X", "N", "P"),
    "AU": ("X", "N", "Y"),
    "R": ("X", "A", "U", "I"),
    "V": ("X", "D", "C"),
    "RE": ("X", "L", "M", "H"),
    "U": ("X", "Clear", "Green", "Amber", "Red"),
}

# Score in tenths of each class: by (EQ1, EQ2), then the joint class of EQ3 and EQ6, then
# (EQ4 = 1, EQ4 = 2).
_JOINT: Final = ("00", "01", "10", "11", "21")
_SCORES: Final[Mapping[tuple[int, int], tuple[tuple[int, int], ...]]] = {
    (0, 0): ((100, 93), (96, 90), (93, 88), (92, 80), (79, 69)),
    (0, 1): ((95, 92), (91, 81), (92, 84), (82, 70), (71, 63)),
    (1, 0): ((94, 87), (89, 75), (86, 72), (76, 57), (65, 53)),
    (1, 1): ((90, 77), (77, 66), (74, 61), (59, 52), (58, 23)),
    (2, 0): ((86, 70), (74, 54), (72, 53), (57, 36), (47, 24)),
    (2, 1): ((73, 54), (55, 43), (61, 46), (51, 18), (24, 10)),
}
# The classes directly below a joint class; the best of them is the one that counts.
_BELOW: Final[Mapping[str, tuple[str, ...]]] = {"00": ("01", "10"), "10": ("11",), "21": ()}
# The most severe vectors of each class, as severity levels.
_EQ1_METRICS: Final = ("AV", "PR", "UI")
_EQ1_PEAKS: Final = (((0, 0, 0),), ((1, 0, 0), (0, 1, 0), (0, 0, 1)), ((3, 0, 0), (1, 1, 1)))
_EQ2_METRICS: Final = ("AC", "AT")
_EQ2_PEAKS: Final = (((0, 0),), ((1, 0), (0, 1)))
_EQ36_METRICS: Final = ("VC", "VI", "VA")
_EQ36_PEAKS: Final[Mapping[str, tuple[tuple[int, ...], ...]]] = {
    "00": ((0, 0, 0),),
    "10": ((1, 0, 0), (0, 1, 0)),
    "21": ((1, 1, 1),),
}
_EQ4_METRICS: Final = ("SC", "SI", "SA")
_EQ4_PEAKS: Final[Mapping[int, tuple[tuple[int, ...], ...]]] = {1: ((0, 0, 0),), 2: ((1, 1, 1),)}
# How many steps of 0.1 lie inside a class.
_EQ1_DEPTH: Final = (1, 4, 5)
_EQ2_DEPTH: Final = (1, 2)
_EQ36_DEPTH: Final[Mapping[str, int]] = {"00": 7, "10": 8, "21": 10}
_EQ4_DEPTH: Final[Mapping[int, int]] = {1: 5, 2: 4}
# Least common multiple of all depths: it keeps the shares whole.
_SHARE: Final = 280


def base_score_4(text: str) -> Decimal:
    """Score the base metrics of a version 4.0 vector without its `CVSS:4.0/`.

    Raises:
        ValueError: a metric is unknown, repeated, missing, or has no such value.
    """
    chosen = metrics_of(text, _BASE, _OTHER)
    level = {name: _BASE[name].index(value) for name, value in chosen.items()}
    if all(chosen[name] == "N" for name in (*_EQ36_METRICS, *_EQ4_METRICS)):
        return Decimal("0.0")
    eq1, eq2, eq36, eq4 = _eq1(chosen), _eq2(chosen), _eq36(chosen), _eq4(chosen)
    score = _class_score(eq1, eq2, eq36, eq4)
    # A class below in EQ5 always exists and its share is always nothing: it only divides.
    classes_below, shares = 1, 0
    steps = (
        (
            [_class_score(eq1 + 1, eq2, eq36, eq4)] if eq1 < len(_EQ1_DEPTH) - 1 else [],
            _distance(level, _EQ1_METRICS, _EQ1_PEAKS[eq1]),
            _EQ1_DEPTH[eq1],
        ),
        (
            [_class_score(eq1, eq2 + 1, eq36, eq4)] if eq2 == 0 else [],
            _distance(level, _EQ2_METRICS, _EQ2_PEAKS[eq2]),
            _EQ2_DEPTH[eq2],
        ),
        (
            [_class_score(eq1, eq2, below, eq4) for below in _BELOW[eq36]],
            _distance(level, _EQ36_METRICS, _EQ36_PEAKS[eq36]),
            _EQ36_DEPTH[eq36],
        ),
        (
            [_class_score(eq1, eq2, eq36, eq4 + 1)] if eq4 == 1 else [],
            _distance(level, _EQ4_METRICS, _EQ4_PEAKS[eq4]),
            _EQ4_DEPTH[eq4],
        ),
    )
    for below, distance, depth in steps:
        if below:
            classes_below += 1
            shares += (score - max(below)) * distance * (_SHARE // depth)
    divisor = _SHARE * classes_below
    tenths = (2 * (score * divisor - shares) + divisor) // (2 * divisor)  # half up
    return Decimal(min(max(tenths, 0), 100)).scaleb(-1)


def _eq1(chosen: Mapping[str, str]) -> int:
    open_ways = sum(chosen[name] == "N" for name in _EQ1_METRICS)
    if open_ways == len(_EQ1_METRICS):
        return 0
    return 2 if chosen["AV"] == "P" or open_ways == 0 else 1


def _eq2(chosen: Mapping[str, str]) -> int:
    return 0 if chosen["AC"] == "L" and chosen["AT"] == "N" else 1


def _eq36(chosen: Mapping[str, str]) -> str:
    # With all requirements high, EQ6 is 0 as soon as one impact is high.
    if chosen["VC"] == "H" and chosen["VI"] == "H":
        return "00"
    return "10" if any(chosen[name] == "H" for name in _EQ36_METRICS) else "21"


def _eq4(chosen: Mapping[str, str]) -> int:
    return 1 if any(chosen[name] == "H" for name in _EQ4_METRICS) else 2


def _class_score(eq1: int, eq2: int, eq36: str, eq4: int) -> int:
    return _SCORES[eq1, eq2][_JOINT.index(eq36)][eq4 - 1]


def _distance(
    level: Mapping[str, int], names: tuple[str, ...], peaks: tuple[tuple[int, ...], ...]
) -> int:
    """Steps from the first of the class's most severe vectors that is at least as severe."""
    for peak in peaks:
        steps = [level[name] - top for name, top in zip(names, peak, strict=True)]
        if min(steps) >= 0:
            return sum(steps)
    raise AssertionError(names)  # each class has a peak above each of its vectors
