from __future__ import annotations

from dataclasses import replace

import pytest
from reports.runs import gate_runs, sample_run

from gates.domain.finding import Severity
from gates.reports.entries import Effect, entries_of
from gates.reports.sarif_rules import plain, rules_of

_, COVERAGE, SAST, _, _ = gate_runs()
(SHELL,) = entries_of(sample_run(SAST))
LINE = next(entries_of(sample_run(COVERAGE)))


def test_each_rule_is_described_once() -> None:
    rules, index = rules_of([LINE, SHELL, replace(LINE, message="another")])
    assert index == {"coverage/uncovered": 0, "sast/B602": 1}
    assert rules[0] == {
        "id": "coverage/uncovered",
        "shortDescription": {"text": "uncovered (ruff)."},
        "fullDescription": {"text": "uncovered of ruff, told by the gate coverage."},
        "help": {
            "text": "`gates explain` with the gate's name tells why it stands as it does, what"
            " would make it pass and how to repeat it; what may stay is waived in"
            " .gates/waivers.yaml. Asked for by the gate coverage in gates.yaml."
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["quality"], "problem.severity": "error"},
    }


@pytest.mark.parametrize(
    ("severity", "score"),
    [
        (Severity.CRITICAL, "9.5"),
        (Severity.HIGH, "8.0"),
        (Severity.UNKNOWN, "7.0"),
        (Severity.MEDIUM, "5.5"),
        (Severity.LOW, "2.0"),
        (Severity.INFO, None),
    ],
)
def test_a_weakness_has_a_score_in_words(severity: Severity, score: str | None) -> None:
    ((rule,), _) = rules_of([replace(SHELL, severity=severity)])
    properties = rule["properties"]
    assert isinstance(properties, dict)
    assert properties.get("security-severity") == score
    assert properties["tags"] == ["security"]


def test_a_rule_is_as_bad_as_its_worst_result() -> None:
    low = replace(SHELL, severity=Severity.LOW, effect=Effect.NOTE)
    for pair in ([low, SHELL], [SHELL, low]):
        ((rule,), _) = rules_of(pair)
        properties = rule["properties"]
        assert isinstance(properties, dict)
        assert properties["security-severity"] == "8.0"


def test_what_the_run_says_names_no_gate() -> None:
    ((rule,), _) = rules_of([replace(LINE, gate="", rule="verdict", tool="gates")])
    assert rule["id"] == "verdict"
    assert rule["fullDescription"] == {"text": "verdict of gates, judged for the run."}


def test_a_text_is_on_one_line_without_links() -> None:
    assert plain("[a](b)\nc") == "[a]\u200b(b) c"
    assert plain("") == "-"
