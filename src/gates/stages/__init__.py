"""The stages, one file each; the table names the built-in ones, and imports none of them."""

from __future__ import annotations

from gates.plugin import Options, Stage

BUILT_IN: dict[str, str] = {
    "advisories": "gates.stages.advisories:Advisories",
    "alembic": "gates.stages.alembic:Alembic",
    "bandit": "gates.stages.bandit:Bandit",
    "black": "gates.stages.black:Black",
    "broadcast": "gates.stages.broadcast:Broadcast",
    "cobertura": "gates.stages.cobertura:Cobertura",
    "command": "gates.stages.command:Command",
    "commit-message": "gates.stages.commit_message:CommitMessages",
    "coverage": "gates.stages.coverage:Coverage",
    "dependency-cruiser": "gates.stages.dependency_cruiser:DependencyCruiser",
    "detect-secrets": "gates.stages.detect_secrets:DetectSecrets",  # pragma: allowlist secret
    "eslint": "gates.stages.eslint:Eslint",
    "flake8": "gates.stages.flake8:Flake8",
    "grype": "gates.stages.grype:Grype",
    "http": "gates.stages.http:Http",
    "import-linter": "gates.stages.import_linter:ImportLinter",
    "istanbul": "gates.stages.istanbul:Istanbul",
    "jacoco": "gates.stages.jacoco:Jacoco",
    "jest": "gates.stages.jest:Jest",
    "junit": "gates.stages.junit:Junit",
    "k6": "gates.stages.k6:K6",
    "lcov": "gates.stages.lcov:Lcov",
    "load": "gates.stages.http_load:Load",
    "locust": "gates.stages.locust:Locust",
    "logs": "gates.stages.logs:Logs",
    "migrations": "gates.stages.migrations:Migrations",
    "mypy": "gates.stages.mypy:Mypy",
    "npm-audit": "gates.stages.npm_audit:NpmAudit",
    "openapi-diff": "gates.stages.openapi_diff:OpenapiDiff",
    "osv-scanner": "gates.stages.osv_scanner:OsvScanner",
    "pip-audit": "gates.stages.pip_audit:PipAudit",
    "playwright": "gates.stages.playwright:Playwright",
    "policy": "gates.stages.policy:Policy",
    "pool": "gates.stages.pool:Pool",
    "prettier": "gates.stages.prettier:Prettier",
    "prometheus": "gates.stages.prometheus:Prometheus",
    "pylint": "gates.stages.pylint:Pylint",
    "pyright": "gates.stages.pyright:Pyright",
    "pytest": "gates.stages.pytest:Pytest",
    "pytest-benchmark": "gates.stages.pytest_benchmark:PytestBenchmark",
    "queries": "gates.stages.queries:Queries",
    "repeatable": "gates.stages.repeatable:Repeatable",
    "ruff": "gates.stages.ruff:Ruff",
    "ruff-format": "gates.stages.ruff_format:RuffFormat",
    "ruff-security": "gates.stages.ruff_security:RuffSecurity",
    "sarif": "gates.stages.sarif:Sarif",
    "schemathesis": "gates.stages.schemathesis:Schemathesis",
    "secretlint": "gates.stages.secretlint:Secretlint",  # pragma: allowlist secret
    "snyk": "gates.stages.snyk:Snyk",
    "trivy": "gates.stages.trivy:Trivy",
    "tsc": "gates.stages.tsc:Tsc",
    "vitest": "gates.stages.vitest:Vitest",
}
"""Stage names with the place of their class."""

GROUP = "gates.stages"
"""The entry point group in which other packages name their stages."""


def load(uses: str) -> type[Stage[Options]]:
    """Find a stage by name: built in, else among the entry points of installed packages.

    Raises:
        KeyError: where no stage has this name.
    """
    if uses in BUILT_IN:
        module, _, name = BUILT_IN[uses].partition(":")
        return _stage(module, name)
    from importlib.metadata import entry_points

    for point in entry_points(group=GROUP, name=uses):
        return _stage(point.module, point.attr)
    raise KeyError(uses)


def names() -> tuple[str, ...]:
    """The names of all stages that can be used here, sorted."""
    from importlib.metadata import entry_points

    return tuple(sorted({*BUILT_IN, *(point.name for point in entry_points(group=GROUP))}))


def _stage(module: str, name: str) -> type[Stage[Options]]:
    from importlib import import_module

    stage: object = getattr(import_module(module), name)
    if not (isinstance(stage, type) and issubclass(stage, Stage)):
        raise TypeError(f"{module}:{name} is not a Stage")
    return stage
