from __future__ import annotations

import pytest
from formats.sarif_samples import RESULT, one, read, ruled

from gates.domain.errors import OutputUnreadable
from gates.domain.finding import Severity
from gates.formats.sarif import Result
from gates.formats.sarif_components import LEVELS
from gates.formats.sarif_rules import BY_LEVEL, NO_RULE, severity_of

OVERRIDE: dict[str, object] = {
    "descriptor": {"id": "shell"},
    "configuration": {"level": "error"},
}


def invocation(*overrides: dict[str, object]) -> dict[str, object]:
    return {"executionSuccessful": True, "ruleConfigurationOverrides": list(overrides)}


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.MEDIUM),
        ("note", Severity.LOW),
        ("none", Severity.INFO),
    ],
)
def test_each_level_has_a_severity(level: str, severity: Severity) -> None:
    assert one({"level": level}).severity is severity
    assert severity_of(level, None) is severity


def test_the_table_of_levels_is_total() -> None:
    assert tuple(BY_LEVEL) == LEVELS


@pytest.mark.parametrize(
    ("number", "severity"),
    [
        ("10.0", Severity.CRITICAL),
        ("10", Severity.CRITICAL),
        ("9.0", Severity.CRITICAL),
        ("8.99", Severity.HIGH),
        ("7.0", Severity.HIGH),
        ("6.9", Severity.MEDIUM),
        ("4.0", Severity.MEDIUM),
        ("3.9", Severity.LOW),
        ("0.1", Severity.LOW),
        ("0.0", Severity.LOW),
        ("0", Severity.LOW),
        (" 7.5 ", Severity.HIGH),
        (7.5, Severity.HIGH),
        (9, Severity.CRITICAL),
        ("10.1", Severity.UNKNOWN),
        ("-1", Severity.UNKNOWN),
        ("", Severity.UNKNOWN),
        ("HIGH", Severity.UNKNOWN),
        ("NaN", Severity.UNKNOWN),
        ("1e1", Severity.UNKNOWN),
        ("\u0669.\u0660", Severity.UNKNOWN),
        (True, Severity.UNKNOWN),
        (["9.8"], Severity.UNKNOWN),
    ],
)
def test_a_number_decides_whatever_the_level_but_for_zero(
    number: object, severity: Severity
) -> None:
    properties = {"properties": {"security-severity": number}}

    assert one({"level": "note"}, properties).severity is severity
    assert one({"level": "note", **properties}).severity is severity


@pytest.mark.parametrize("number", ["0.0", "0", 0, "00.000"])
@pytest.mark.parametrize("level", LEVELS)
def test_a_zero_takes_nothing_from_the_level(level: str, number: object) -> None:
    properties = {"properties": {"security-severity": number}}

    assert one({"level": level, **properties}).severity is BY_LEVEL[level]
    assert one({"level": level}, properties).severity is BY_LEVEL[level]


@pytest.mark.parametrize(
    ("level", "severity"),
    [
        ("error", Severity.HIGH),
        ("warning", Severity.UNKNOWN),
        ("note", Severity.UNKNOWN),
        ("none", Severity.UNKNOWN),
    ],
)
def test_beside_what_is_no_number_the_worse_counts(level: str, severity: Severity) -> None:
    assert severity_of(level, "unknown") is severity


def test_the_number_of_the_result_stands_before_that_of_its_rule() -> None:
    found = one(
        {"properties": {"security-severity": "2.0"}},
        {"properties": {"security-severity": "9.8"}},
    )

    assert found.severity is Severity.LOW


def test_properties_may_be_absent_or_null() -> None:
    assert one({"properties": None}, {"properties": {"security-severity": None}}).severity is (
        Severity.MEDIUM
    )


@pytest.mark.parametrize(
    ("result", "rule", "severity"),
    [
        ({}, {}, Severity.MEDIUM),
        ({}, {"defaultConfiguration": {}}, Severity.MEDIUM),
        ({}, {"defaultConfiguration": {"level": "note"}}, Severity.LOW),
        ({"level": "none"}, {"defaultConfiguration": {"level": "error"}}, Severity.INFO),
    ],
)
def test_a_level_is_that_of_the_result_else_of_the_rule_else_a_warning(
    result: dict[str, object], rule: dict[str, object], severity: Severity
) -> None:
    assert one(result, rule).severity is severity


@pytest.mark.parametrize(
    ("result", "default", "severity"),
    [
        ({"provenance": {"invocationIndex": 0}}, "note", Severity.HIGH),
        ({"provenance": {"invocationIndex": 1}}, "note", Severity.LOW),
        ({"provenance": {"invocationIndex": 7}}, "note", Severity.LOW),
        ({"provenance": {}}, "note", Severity.HIGH),
        ({}, "note", Severity.HIGH),
        ({"level": "none", "provenance": {"invocationIndex": 0}}, "note", Severity.INFO),
    ],
)
def test_the_configuration_of_an_invocation_stands_before_the_rule(
    result: dict[str, object], default: str, severity: Severity
) -> None:
    found = one(
        result,
        {"defaultConfiguration": {"level": default}},
        invocations=[invocation(OVERRIDE), invocation()],
    )

    assert found.severity is severity


def test_a_configuration_that_lowers_applies_only_to_its_own_invocation() -> None:
    lowered = {**OVERRIDE, "configuration": {"level": "note"}}
    untold = {**OVERRIDE, "configuration": {"enabled": True}}
    parts = [invocation(lowered, untold)]
    rule = {"defaultConfiguration": {"level": "error"}}

    assert one({}, rule, invocations=parts).severity is Severity.HIGH
    own: dict[str, object] = {"provenance": {"invocationIndex": 0}}
    assert one(own, rule, invocations=parts).severity is Severity.LOW


def test_a_case_of_a_rule_is_the_rule() -> None:
    found = one({"ruleId": "shell/1/2"}, {"defaultConfiguration": {"level": "error"}})

    assert (found.rule, found.severity) == ("shell/1/2", Severity.HIGH)


def test_a_rule_that_is_not_described_has_a_level_of_its_own() -> None:
    found = one({"ruleId": "other"}, {"defaultConfiguration": {"level": "error"}})

    assert (found.rule, found.severity) == ("other", Severity.MEDIUM)


def test_a_result_may_name_no_rule() -> None:
    assert one({"ruleId": None}).rule == NO_RULE


@pytest.mark.parametrize(
    "reference",
    [
        {"ruleId": None, "ruleIndex": 0},
        {"ruleId": None, "rule": {"index": 0}},
        {"ruleId": None, "rule": {"id": "shell"}},
        {"ruleId": None, "rule": {"guid": "ABC"}},
        {"ruleId": "shell", "ruleIndex": 0, "rule": {"id": "shell", "index": 0, "guid": "abc"}},
        {"ruleId": "shell", "ruleIndex": -1},
        {"ruleId": "shell/1", "ruleIndex": 0},
        {"ruleId": "shell/1", "rule": {"guid": "abc"}},
    ],
)
def test_a_rule_is_named_by_id_number_or_identity(reference: dict[str, object]) -> None:
    rule = {"guid": "abc", "defaultConfiguration": {"level": "error"}}

    found = one(reference, rule)

    assert found.severity is Severity.HIGH
    assert found.rule == (reference["ruleId"] or "shell")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ({"ruleIndex": 1}, "names rule 1, of 1"),
        ({"ruleIndex": -2}, "below -1"),
        ({"ruleId": "other", "ruleIndex": 0}, "which is `shell`, as `other`"),
        ({"ruleId": "shellac", "ruleIndex": 0}, "which is `shell`, as `shellac`"),
        ({"rule": {"id": "other"}}, "another by `rule`"),
        ({"ruleIndex": 0, "rule": {"index": 1}}, "another by `rule`"),
        ({"ruleId": None, "rule": {"guid": "f"}}, "which is not there"),
        ({"rule": {"toolComponent": {"index": 0}}}, "names extension 0, of 0"),
        ({"rule": {"toolComponent": {"name": "y"}}}, "the component `y`"),
        ({"rule": {"toolComponent": {"guid": "y"}}}, "the component `y`"),
    ],
)
def test_a_rule_that_is_not_there_is_a_contradiction(
    reference: dict[str, object], message: str
) -> None:
    with pytest.raises(OutputUnreadable, match=message):
        one(reference)


def extended(result: dict[str, object], driver: list[object] | None = None) -> Result:
    """A result of a tool with two extensions, each with a rule of the same id."""
    tool = {
        "driver": {"name": "sample", "guid": "D0", "rules": driver or []},
        "extensions": [
            {
                "name": f"pack-{at}",
                "guid": f"E{at}",
                "rules": [{"id": "shell", "defaultConfiguration": {"level": level}}],
            }
            for at, level in enumerate(("note", "error"))
        ],
    }
    (found,) = read(tool=tool, results=[{**RESULT, **result}]).results
    return found


@pytest.mark.parametrize(
    ("component", "severity"),
    [
        ({"index": 0}, Severity.LOW),
        ({"index": 1}, Severity.HIGH),
        ({"name": "pack-1"}, Severity.HIGH),
        ({"guid": "e1"}, Severity.HIGH),
        ({"guid": "E0", "name": "odd"}, Severity.LOW),
        ({}, Severity.MEDIUM),
        ({"guid": "d0"}, Severity.MEDIUM),
    ],
)
@pytest.mark.parametrize("rule", [{"index": 0}, {"id": "shell"}])
def test_a_rule_may_stand_in_an_extension(
    component: dict[str, object], severity: Severity, rule: dict[str, object]
) -> None:
    driver: list[object] = [{"id": "shell"}]

    found = extended({"rule": {**rule, "toolComponent": component}}, driver)

    assert found.severity is severity


def test_a_rule_that_the_driver_lacks_is_looked_for_in_extensions() -> None:
    assert extended({}).severity is Severity.LOW


def test_two_rules_of_one_id_must_be_alike_or_named_by_number() -> None:
    rules = [
        {"id": "shell"},
        {"id": "shell", "defaultConfiguration": {"level": "error"}},
        {"id": "same"},
        {"id": "same"},
    ]
    tool = {"driver": {"name": "sample", "rules": rules}}

    assert one({"ruleIndex": 1}, tool=tool).severity is Severity.HIGH
    assert one({"ruleId": "same"}, tool=tool).rule == "same"
    with pytest.raises(OutputUnreadable, match="several rules that differ"):
        one({}, tool=tool)


@pytest.mark.parametrize(
    "rule", [{"id": None}, {"id": 1}, {"defaultConfiguration": {"level": "fatal"}}]
)
def test_a_rule_has_an_id_and_a_known_level(rule: dict[str, object]) -> None:
    with pytest.raises(OutputUnreadable):
        ruled(rule)
