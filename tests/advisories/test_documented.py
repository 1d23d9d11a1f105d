from __future__ import annotations

from gates.advisories import documented
from gates.advisories.matching import Package
from gates.domain.condition import parse


def test_a_canary_is_told_by_package_and_finder() -> None:
    told = documented.planted(Package("lib", "1.1"), "x.sqlite")

    assert told == "planted lib 1.1, and x.sqlite found it"


def test_the_default_conditions_can_be_read() -> None:
    metrics = [parse(text).metric for text in (*documented.CONDITIONS, documented.AGE_CONDITION)]

    assert metrics == ["critical", "high", "unknown", "advisory_age"]
