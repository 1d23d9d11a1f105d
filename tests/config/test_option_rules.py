"""Every option of every stage says which of its values ask for more, or is known to have none."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from gates import stages
from gates.config.option_rules import rules
from gates.domain.policy_options import OptionRule, Stricter
from gates.plugin import Options

UNORDERED: dict[str, set[str]] = {
    "advisories": {"lock", "source"},
    "alembic": {"config", "section", "url", "url_variable", "x_argument", "fill"},
    "bandit": {"config", "ini"},
    "broadcast": {
        "path", "protocol", "trigger", "body", "command", "expect", "answer", "login", "subscribe",
        "confirmed", "headers", "headers_from", "settle", "pause",
    },
    "cobertura": {"min_changed"},
    "command": {"run", "examined", "metrics", "output", "inputs"},
    "commit-message": {"scopes", "file"},
    "coverage": {"tests", "min_changed"},
    "dependency-cruiser": {"config"},
    "detect-secrets": {"log"},
    "eslint": {"config"},
    "flake8": {"log"},
    "grype": {"lock", "sbom"},
    "http": {
        "plan", "openapi", "pages", "private", "refused", "origins", "limits", "login", "health",
        "metrics_page", "ca",
    },
    "import-linter": {"config"},
    "istanbul": {"tests", "min_changed"},
    "jacoco": {"min_changed"},
    "jest": {"paths", "args"},
    "lcov": {"min_changed"},
    "load": {
        "requests", "warmup", "max_duration", "profile", "pace", "hold", "every", "arrivals",
        "connections", "paths", "plan", "openapi", "login", "confidence", "patience",
    },
    "locust": {
        "locustfile", "spawn_rate", "ramp", "own_shape", "warmup", "max_duration", "workers",
        "master", "wait_for_workers", "bind", "path", "tags", "user_classes", "confidence",
        "patience",
    },
    "logs": {"gate", "time", "level", "message", "correlation"},
    "migrations": {"up", "down", "dump", "url", "url_variable", "fill"},
    "npm-audit": {"lock", "log"},
    "openapi-diff": {"current", "base", "base_service"},
    "osv-scanner": {"lock"},
    "pip-audit": {"lock", "service", "osv_url", "source"},
    "playwright": {"paths", "args"},
    "policy": {"base", "source", "changes"},
    "pool": {"run", "gauge", "path", "warmup"},
    "prometheus": {"metrics", "gate", "path", "seconds", "server", "examined", "token"},
    "pylint": {"log"},
    "pyright": {"log"},
    "pytest": {"args"},
    "queries": {
        "gate", "path", "histogram", "requests", "queries", "endpoint", "run", "database",
    },
    "repeatable": {"run", "outputs", "source_date_epoch"},
    "ruff": {"log"},
    "ruff-security": {"log"},
    "sarif": {"tool", "examined"},
    "schemathesis": {"openapi", "headers", "seed"},
    "snyk": {"lock"},
    "trivy": {"lock", "log"},
    "tsc": {"project"},
    "vitest": {"paths", "args"},
}  # fmt: skip
"""Options of which nobody can say that one value asks for more: each change of them is in doubt."""


@pytest.mark.parametrize("uses", sorted(stages.BUILT_IN))
def test_each_option_has_a_direction_or_is_known_to_have_none(uses: str) -> None:
    found = rules(stages.load(uses).options_type)
    unordered = {name for name, rule in found.items() if rule.stricter is Stricter.UNKNOWN}
    assert unordered == UNORDERED.get(uses, set())


def test_the_list_names_no_stage_that_is_gone() -> None:
    assert set(UNORDERED) <= set(stages.BUILT_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOptions(Options):
    limit: Decimal = field(default=Decimal(1), metadata={"stricter": "lower"})
    left_out: tuple[str, ...] = field(default_factory=tuple, metadata={"stricter": "fewer"})
    plan: str = field(default="", metadata={"policy_file": "told"})
    asked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongOptions(Options):
    limit: int = field(default=1, metadata={"stricter": "less"})


def test_rules_follow_from_the_fields() -> None:
    assert rules(OwnOptions) == {
        "limit": OptionRule(Stricter.LOWER, Decimal(1)),
        "left_out": OptionRule(Stricter.FEWER, ()),
        "plan": OptionRule(Stricter.UNKNOWN, "", "told"),
        "asked": OptionRule(),
    }


def test_a_direction_that_is_none_is_a_defect() -> None:
    with pytest.raises(ValueError, match="less"):
        rules(WrongOptions)
