"""The documented criteria: what a back end must show at each level, with stable IDs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Criterion:
    """One documented demand.

    Attributes:
        id: stable, starts with its level (`L1-LINT`).
        title: the demand in a few words.
        threshold: the documented threshold, for people.
    """

    id: str
    title: str
    threshold: str

    @property
    def level(self) -> int:
        """The level it belongs to."""
        return int(self.id[1])


CRITERIA = (
    Criterion("L1-LINT", "lint, strict rules", "0 errors, 0 warnings"),
    Criterion("L1-FORMAT", "formatted", "0 files to reformat"),
    Criterion("L1-TYPES", "static types, strict mode", "0 errors, 0 explicit any, all typed"),
    Criterion("L1-TESTS", "unit and integration tests", "all pass, more than none ran"),
    Criterion(
        "L1-COVERAGE", "coverage of business logic", ">= 90 % of lines, also of changed ones"
    ),
    Criterion("L1-AUDIT", "known vulnerabilities", "0 critical, 0 high, 0 unknown"),
    Criterion("L1-SAST", "insecure code", "0 high, each with its OWASP category"),
    Criterion("L1-SECRETS", "secrets in version control", "0"),
    Criterion("L1-BENCH", "API benchmark of single operations", "p95 < 100 ms, mean < 200 ms"),
    Criterion("L1-ARCH", "layers kept", "0 broken contracts"),
    Criterion("L1-COMMIT", "commit message", "Conventional Commits form"),
    Criterion("L2-DB", "data survives transactions", "all pass"),
    Criterion("L2-MIGRATE", "migrations run forward and back", "schema equal"),
    Criterion("L2-CONTRACT", "the API does what its OpenAPI document says", "0, every operation"),
    Criterion("L2-VALIDATION", "invalid input is refused cleanly", "0 operations accept it"),
    Criterion("L2-BREAKING", "compatible with the released contract", "0 breaking changes"),
    Criterion("L2-CONSUMERS", "the consumers' suites", ">= 95 % pass"),
    Criterion("L2-REALTIME", "a broadcast reaches every subscriber", "100 %, in order, in time"),
    Criterion("L2-LOAD", "latency under load", "p95 < 100 ms, error rate < 0.1 %"),
    Criterion("L2-QUERY", "database queries", "p95 < 50 ms, no N+1"),
    Criterion("L2-POOL", "connection pool", "20 to 100 active"),
    Criterion("L2-REGRESSION", "performance of earlier phases", "none worse beyond noise"),
    Criterion("L2-SECURITY", "audit, SAST and HTTP probe", "hold, not older than 24 h"),
    Criterion("L2-E2E", "end-to-end workflows", "all pass"),
    Criterion("L2-REVIEW", "reviewed", "one approval, not by the author"),
    Criterion("L3-FEATURES", "every endpoint and requirement", "100 % traced to a passing test"),
    Criterion("L3-BUSINESS", "business logic validated by its owner", "signed for this release"),
    Criterion("L3-SLA", "response times", "p50 < 50 ms, p95 < 100 ms, p99 < 200 ms"),
    Criterion("L3-CAPACITY", "load at 3 times the expected traffic", "SLA, error rate < 0.1 %"),
    Criterion("L3-CONCURRENCY", "open connections", "10,000, error rate < 0.1 %"),
    Criterion("L3-CACHE", "cache hit rate", "> 80 %"),
    Criterion("L3-UPTIME", "availability", "99.9 % over 30 days"),
    Criterion("L3-MEMORY", "no leak, within budgets", "slope and budgets hold"),
    Criterion("L3-OWASP", "OWASP Top 10:2025", "no open medium or higher"),
    Criterion("L3-PENTEST", "penetration test", "passed, 0 critical, 12 months"),
    Criterion("L3-COMPLIANCE", "GDPR, SOC 2", "fresh evidence for each"),
    Criterion("L3-AUTHZ", "roles", "all cells of the matrix hold"),
    Criterion("L3-HTTP", "headers, CORS, TLS, rate limits", "all hold"),
    Criterion("L3-OPS", "health, readiness, metrics, image", "all hold"),
    Criterion("L3-LOGS", "structured logs", "all lines hold"),
    Criterion("L3-OPENAPI", "OpenAPI 3.1", "valid, 100 % of served endpoints"),
    Criterion("L3-DOCS", "documents", "present, complete, links alive"),
    Criterion("L3-RUNBOOK", "runbook drill, staging deployment", "done within 90 days"),
    Criterion("L3-ROLLBACK", "rollback and backups", "evidence within 90 days"),
    Criterion("L3-MONITORING", "dashboards and alerts", "named, signed"),
    Criterion("L3-OWNERS", "responsibilities", "each has an owner"),
    Criterion("L3-BUILD", "the build is repeatable", "the same digest twice"),
    Criterion("L3-HASHES", "packages are verified by checksum", "every locked package"),
    Criterion("L3-BOM", "bill of materials", "in every artefact"),
    Criterion("L3-PASSRATE", "gates pass rate", ">= 95 % over 30 days"),
    Criterion("L3-KPI", "business figures", "each by metric or evidence"),
    Criterion("L3-APPROVAL", "approval by the named roles", "quorum reached"),
)
"""All documented criteria, in the order of their levels."""

IDS = frozenset(criterion.id for criterion in CRITERIA)
"""The IDs of all documented criteria."""


def up_to(level: int) -> tuple[Criterion, ...]:
    """The criteria of a level and of all below it."""
    return tuple(criterion for criterion in CRITERIA if criterion.level <= level)
