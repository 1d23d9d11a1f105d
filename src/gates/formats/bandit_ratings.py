"""The tests of bandit by id, with severity and weakness, and the rules of ruff that redo them.

Ruff's rule S307 redoes bandit's test B307, and has neither a severity nor a weakness of its own.
Severities and weaknesses are those that bandit 1.9.4 gives; where its severity depends on the case,
the highest stands here.
"""

from __future__ import annotations

from gates.domain.finding import Severity

_HIGH, _MEDIUM, _LOW = Severity.HIGH, Severity.MEDIUM, Severity.LOW

# fmt: off
TESTS: dict[str, tuple[Severity, int]] = {
    "101": (_LOW, 703), "102": (_MEDIUM, 78), "103": (_HIGH, 732), "104": (_MEDIUM, 605),
    "105": (_LOW, 259), "106": (_LOW, 259), "107": (_LOW, 259), "108": (_MEDIUM, 377),
    "110": (_LOW, 703), "112": (_LOW, 703), "113": (_MEDIUM, 400),
    "201": (_HIGH, 94), "202": (_HIGH, 22),
    "301": (_MEDIUM, 502), "302": (_MEDIUM, 502), "303": (_MEDIUM, 327), "304": (_HIGH, 327),
    "305": (_MEDIUM, 327), "306": (_MEDIUM, 377), "307": (_MEDIUM, 78), "308": (_MEDIUM, 79),
    "310": (_MEDIUM, 22), "311": (_LOW, 330), "312": (_HIGH, 319), "313": (_MEDIUM, 20),
    "314": (_MEDIUM, 20), "315": (_MEDIUM, 20), "316": (_MEDIUM, 20), "317": (_MEDIUM, 20),
    "318": (_MEDIUM, 20), "319": (_MEDIUM, 20), "321": (_HIGH, 319), "323": (_MEDIUM, 295),
    "324": (_HIGH, 327),
    "401": (_HIGH, 319), "402": (_HIGH, 319), "403": (_LOW, 502), "404": (_LOW, 78),
    "405": (_LOW, 20), "406": (_LOW, 20), "407": (_LOW, 20), "408": (_LOW, 20), "409": (_LOW, 20),
    "411": (_HIGH, 20), "412": (_HIGH, 284), "413": (_HIGH, 327), "415": (_HIGH, 319),
    "501": (_HIGH, 295), "502": (_HIGH, 327), "503": (_MEDIUM, 327), "504": (_LOW, 327),
    "505": (_HIGH, 326), "506": (_MEDIUM, 20), "507": (_HIGH, 295), "508": (_MEDIUM, 319),
    "509": (_MEDIUM, 319),
    "601": (_MEDIUM, 78), "602": (_HIGH, 78), "603": (_LOW, 78), "604": (_MEDIUM, 78),
    "605": (_HIGH, 78), "606": (_LOW, 78), "607": (_LOW, 78), "608": (_MEDIUM, 89),
    "609": (_HIGH, 155), "610": (_MEDIUM, 89), "611": (_MEDIUM, 89), "612": (_MEDIUM, 94),
    "613": (_HIGH, 838), "614": (_MEDIUM, 502), "615": (_MEDIUM, 494),
    "701": (_HIGH, 94), "702": (_MEDIUM, 80), "703": (_MEDIUM, 80), "704": (_MEDIUM, 79),
}
# fmt: on
"""By the number of bandit's test: its severity, and the number of its weakness (CWE)."""

HARMLESS = frozenset({"602", "605"})
"""Tests that are of low severity where the command is a literal: no input can reach it."""

_SEEMS_SAFE = "seems safe"


def of_rule(code: str, message: str) -> tuple[Severity, int]:
    """Severity and weakness of what a rule of ruff found, as bandit's same test rates it.

    Args:
        code: ruff's rule, as `S602`.
        message: what ruff says; it tells a literal command from another.

    Returns:
        Unknown severity and weakness 0 where no test of bandit corresponds to the rule.
    """
    number = code.removeprefix("S")
    if not code.startswith("S") or number not in TESTS:
        return Severity.UNKNOWN, 0
    severity, cwe = TESTS[number]
    if number in HARMLESS and _SEEMS_SAFE in message:
        severity = Severity.LOW
    return severity, cwe
