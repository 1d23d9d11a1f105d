"""CVSS base scores, exact: versions 2, 3.0, 3.1 and 4.0.

Only the base metrics count. Temporal, environmental, threat and supplemental metrics are read
strictly (a wrong one makes the vector unreadable) and then left out, because they describe a
place or a moment, and an advisory speaks for everybody. For version 4.0 that is its CVSS-B.

Formulas and weights: FIRST, "A Complete Guide to the Common Vulnerability Scoring System
Version 2.0", "Common Vulnerability Scoring System v3.0" and "v3.1" specification documents.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_TENTH: Final = Decimal("0.1")
_MAX_LENGTH: Final = 1000

_V2_BASE: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "AV": {"L": Decimal("0.395"), "A": Decimal("0.646"), "N": Decimal(1)},
    "AC": {"H": Decimal("0.35"), "M": Decimal("0.61"), "L": Decimal("0.71")},
    "Au": {"M": Decimal("0.45"), "S": Decimal("0.56"), "N": Decimal("0.704")},
    "C": {"N": Decimal(0), "P": Decimal("0.275"), "C": Decimal("0.660")},
    "I": {"N": Decimal(0), "P": Decimal("0.275"), "C": Decimal("0.660")},
    "A": {"N": Decimal(0), "P": Decimal("0.275"), "C": Decimal("0.660")},
}
_V2_OTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "E": ("U", "POC", "F", "H", "ND"),
    "RL": ("OF", "TF", "W", "U", "ND"),
    "RC": ("UC", "UR", "C", "ND"),
    "CDP": ("N", "L", "LM", "MH", "H", "ND"),
    "TD": ("N", "L", "M", "H", "ND"),
    "CR": ("L", "M", "H", "ND"),
    "IR": ("L", "M", "H", "ND"),
    "AR": ("L", "M", "H", "ND"),
}
_V3_IMPACT: Final[Mapping[str, Decimal]] = {
    "N": Decimal(0),
    "L": Decimal("0.22"),
    "H": Decimal("0.56"),
}
_V3_WEIGHTS: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "AV": {"N": Decimal("0.85"), "A": Decimal("0.62"), "L": Decimal("0.55"), "P": Decimal("0.2")},
    "AC": {"L": Decimal("0.77"), "H": Decimal("0.44")},
    "PR": {"N": Decimal("0.85"), "L": Decimal("0.62"), "H": Decimal("0.27")},
    "UI": {"N": Decimal("0.85"), "R": Decimal("0.62")},
    "C": _V3_IMPACT,
    "I": _V3_IMPACT,
    "A": _V3_IMPACT,
}
# Privileges weigh more where the scope changes.
_V3_PR_CHANGED: Final[Mapping[str, Decimal]] = {
    "N": Decimal("0.85"),
    "L": Decimal("0.68"),
    "H": Decimal("0.5"),
}
_V3_BASE: Final[Mapping[str, tuple[str, ...]]] = {
    "AV": ("N", "A", "L", "P"),
    "AC": ("L", "H"),
    "PR": ("N", "L", "H"),
    "UI": ("N", "R"),
    "S": ("U", "C"),
    "C": ("N", "L", "H"),
    "I": ("N", "L", "H"),
    "A": ("N", "L", "H"),
}
_V3_OTHER: Final[Mapping[str, tuple[str, ...]]] = {
    "E": ("X", "U", "P", "F", "H"),
    "RL": ("X", "O", "T", "W", "U"),
    "RC": ("X", "U", "R", "C"),
    "CR": ("X", "L", "M", "H"),
    "IR": ("X", "L", "M", "H"),
    "AR": ("X", "L", "M", "H"),
    **{f"M{name}": ("X", *values) for name, values in _V3_BASE.items()},
}


def base_score(vector: str) -> Decimal:
    """Score one vector, of whichever version it says it is.

    Args:
        vector: as OSV writes it: `CVSS:3.1/AV:N/...`, `CVSS:4.0/...`, or for version 2 the
            metrics alone.

    Returns:
        The base score, 0.0 to 10.0 with one decimal.

    Raises:
        ValueError: the vector is empty, too long, of another version, or one of its metrics is
            unknown, repeated or missing.
    """
    if not vector:
        raise ValueError("the vector is empty")
    if len(vector) > _MAX_LENGTH:
        raise ValueError(f"the vector has {len(vector)} characters")
    prefix, _, rest = vector.partition("/")
    match prefix:
        case "CVSS:4.0":
            from gates.advisories.cvss4 import base_score_4

            return base_score_4(rest)
        case "CVSS:3.0" | "CVSS:3.1":
            return _score_3(rest)
        case _ if prefix.startswith("CVSS:"):
            raise ValueError(f"{prefix[:20]!r} is not a known version")
        case _:
            return _score_2(vector)


def metrics_of(
    text: str, base: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> dict[str, str]:
    """Read `AV:N/AC:L/...` strictly, and give the base metrics alone.

    Args:
        text: the vector without its version.
        base: the required metrics with the values each may have.
        other: the metrics that may stand beside them.

    Raises:
        ValueError: a metric is unknown, repeated, missing, or has no such value.
    """
    seen: dict[str, str] = {}
    for part in text.split("/"):
        name, colon, value = part.partition(":")
        allowed = base.get(name) or other.get(name)
        if not colon or allowed is None:
            raise ValueError(f"{part[:20]!r} is not a metric of this version")
        if value not in allowed:
            raise ValueError(f"{name} has no value {value[:20]!r}")
        if name in seen:
            raise ValueError(f"{name} stands twice")
        seen[name] = value
    missing = [name for name in base if name not in seen]
    if missing:
        raise ValueError(f"{', '.join(missing)} missing")
    return {name: seen[name] for name in base}


def _score_2(text: str) -> Decimal:
    """Version 2, equation of section 3.2.1; rounds half up."""
    chosen = metrics_of(text, {name: tuple(of) for name, of in _V2_BASE.items()}, _V2_OTHER)
    weight = {name: _V2_BASE[name][value] for name, value in chosen.items()}
    left = (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = Decimal("10.41") * (1 - left)
    if impact == 0:
        return Decimal("0.0")
    exploitability = 20 * weight["AV"] * weight["AC"] * weight["Au"]
    raw = Decimal("0.6") * impact + Decimal("0.4") * exploitability - Decimal("1.5")
    return (raw * Decimal("1.176")).quantize(_TENTH, ROUND_HALF_UP)


def _score_3(text: str) -> Decimal:
    """Versions 3.0 (its section 8.1) and 3.1 (its section 7.1).

    The two define their rounding differently; on exact numbers it is the same for every vector.
    """
    chosen = metrics_of(text, _V3_BASE, _V3_OTHER)
    changed = chosen["S"] == "C"
    weight = {name: of[chosen[name]] for name, of in _V3_WEIGHTS.items()}
    if changed:
        weight["PR"] = _V3_PR_CHANGED[chosen["PR"]]
    iss = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    if changed:
        impact = Decimal("7.52") * (iss - Decimal("0.029"))
        impact -= Decimal("3.25") * (iss - Decimal("0.02")) ** 15
    else:
        impact = Decimal("6.42") * iss
    if impact <= 0:
        return Decimal("0.0")
    reach = Decimal("8.22") * weight["AV"] * weight["AC"] * weight["PR"] * weight["UI"]
    raw = impact + reach
    if changed:
        raw *= Decimal("1.08")
    return min(raw, Decimal(10)).quantize(_TENTH, ROUND_CEILING)
