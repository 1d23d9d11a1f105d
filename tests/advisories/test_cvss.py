from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest

from gates.advisories.cvss import base_score

# Scores on which the `cvss` package 3.6 agrees.
SCORES = (
    # version 2
    ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "10.0"),
    ("AV:N/AC:L/Au:N/C:P/I:P/A:P", "7.5"),
    ("AV:N/AC:M/Au:N/C:N/I:P/A:N", "4.3"),
    ("AV:L/AC:L/Au:N/C:C/I:C/A:C", "7.2"),
    ("AV:L/AC:H/Au:M/C:N/I:N/A:P", "0.8"),
    ("AV:A/AC:M/Au:S/C:P/I:N/A:N", "2.3"),
    ("AV:N/AC:L/Au:N/C:N/I:N/A:N", "0.0"),
    ("AV:N/AC:L/Au:N/C:N/I:N/A:C", "7.8"),
    ("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H", "7.8"),
    # version 3
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "9.8"),
    ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "9.8"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", "10.0"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "6.1"),
    ("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", "6.4"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", "7.5"),
    ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.1"),
    ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "7.8"),
    ("CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N", "1.6"),
    ("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H", "9.1"),
    ("CVSS:3.1/AV:A/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "0.0"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N", "0.0"),
    ("CVSS:3.0/S:U/AV:N/AC:L/PR:N/UI:N/A:N/I:N/C:H", "7.5"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O/RC:U/MAV:P/CR:L", "9.8"),
    ("CVSS:3.0/AV:P/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:L", "7.3"),
    # version 4
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "9.3"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", "10.0"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "0.0"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:H/SC:N/SI:N/SA:N", "8.7"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "6.9"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", "5.1"),
    ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "7.7"),
    ("CVSS:4.0/AV:L/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "8.5"),
    ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "7.3"),
    ("CVSS:4.0/AV:P/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:L/SC:N/SI:N/SA:N", "2.4"),
    ("CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", "1.0"),
    ("CVSS:4.0/AV:A/AC:H/AT:N/PR:L/UI:P/VC:L/VI:H/VA:N/SC:N/SI:L/SA:H", "5.7"),
    (
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U/CR:L/MSI:S/U:Red",
        "9.3",
    ),
)

UNREADABLE = (
    ("", "empty"),
    ("7.5", "not a metric"),
    ("CVSS:5.0/AV:N", "not a known version"),
    ("CVSS:3.1", "not a metric"),
    ("CVSS:3.1/", "not a metric"),
    ("cvss:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "not a metric"),
    ("CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h", "not a metric"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", "not a metric"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "A missing"),
    ("CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV stands twice"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X", "A has no value"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:Z", "E has no value"),
    ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/Q:Z", "not a metric"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N", "SA missing"),
    ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:S/SA:N", "SI has no value"),
    ("(AV:N/AC:L/Au:N/C:P/I:P/A:P)", "not a metric"),
    ("AV:N/AC:L/Au:N/C:P/I:P/A:P" + "/E:U" * 300, "characters"),
)


@pytest.mark.parametrize(("vector", "score"), SCORES)
def test_the_score_is_exact(vector: str, score: str) -> None:
    assert str(base_score(vector)) == score


@pytest.mark.parametrize(("vector", "why"), UNREADABLE)
def test_a_vector_that_is_not_whole_has_no_score(vector: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        base_score(vector)


def test_version_4_never_rises_when_one_metric_gets_milder() -> None:
    order = {
        "AV": "NALP",
        "AC": "LH",
        "AT": "NP",
        "PR": "NLH",
        "UI": "NPA",
        "VC": "HLN",
        "VI": "HLN",
        "VA": "HLN",
        "SC": "HLN",
        "SI": "HN",
        "SA": "HN",
    }
    names = list(order)

    def score(values: tuple[str, ...]) -> Decimal:
        parts = (f"{name}:{value}" for name, value in zip(names, values, strict=True))
        return base_score("CVSS:4.0/" + "/".join(parts))

    known = {values: score(values) for values in product(*(of[:2] for of in order.values()))}
    assert len(known) == 2**11
    for values, high in known.items():
        for place, name in enumerate(names):
            if values[place] == order[name][0]:
                milder = (*values[:place], order[name][1], *values[place + 1 :])
                assert known[milder] <= high
