"""The rules of probes, and the findings that they make."""

from __future__ import annotations

import re
from dataclasses import replace

from house.tree import text_of

from gates.domain.finding import Severity
from gates.domain.owasp import category_of
from gates.formats.probe_model import Check
from gates.formats.probe_rules import RULES, findings

CHECK = Check(
    rule="http/csp-missing", subject="GET /", expected="a policy", got="none", holds=False
)


def test_what_holds_is_no_finding() -> None:
    assert findings("headers", [replace(CHECK, holds=True)]) == ()


def test_a_finding() -> None:
    (found,) = findings("headers", [replace(CHECK, curl="curl -si http://127.0.0.1/")])

    assert found.message == "expected a policy, got none"
    assert found.subject == "GET /"
    assert found.counts == ("failed", 'failed{set="headers"}')
    assert found.cwe == (16, 693)
    assert found.owasp == "A02:2025 Security Misconfiguration"
    assert found.severity is Severity.MEDIUM
    assert found.fix.endswith("; curl -si http://127.0.0.1/")


def test_what_came_is_no_part_of_the_identity() -> None:
    first = findings("headers", [CHECK])[0].fingerprint
    assert findings("headers", [replace(CHECK, got="`x`", curl="curl")])[0].fingerprint == first
    assert findings("cors", [CHECK])[0].fingerprint != first
    assert findings("headers", [replace(CHECK, subject="GET /b")])[0].fingerprint != first


def test_two_alike_stay_two_whichever_of_them_fails() -> None:
    both = findings("headers", [CHECK, CHECK])
    second = findings("headers", [replace(CHECK, holds=True), CHECK])

    assert both[0].fingerprint != both[1].fingerprint
    assert second[0].fingerprint == both[1].fingerprint


def test_each_rule_of_a_weakness_says_what_mends_it() -> None:
    assert [name for name, rule in RULES.items() if rule.cwe and not rule.fix] == []
    assert all(name.startswith("http/") for name in RULES)


def test_the_page_of_the_docs_says_each_rule_as_it_is() -> None:
    rows = [line for line in text_of("docs/http.md").splitlines() if line.startswith("| `http/")]
    told = {}
    for row in rows:
        names, severity, weakness = row.split(" | ")[:3]
        for name in re.findall(r"`(http/[a-z0-9-]+)`", names):
            told[name] = (severity, weakness)
    assert told.keys() == RULES.keys()
    for name, rule in RULES.items():
        severity, weakness = told[name]
        assert severity == rule.severity.value, name
        category = category_of(rule.cwe).partition(":")[0]
        assert bool(rule.cwe) == weakness.startswith("CWE-"), name
        assert weakness.endswith(category), name
        numbers = re.findall(r"CWE-([0-9]+)", weakness)
        assert {int(number) for number in numbers} <= set(rule.cwe), name
