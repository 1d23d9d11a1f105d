"""The stages that a first gates.yaml may hold: their programs, names, and what speaks for them."""

from __future__ import annotations

from dataclasses import dataclass

from gates.survey.layout import NODE, PYTHON


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A stage that may suit a project.

    Attributes:
        uses: the stage.
        gate: the name that its gate gets.
        criterion: the documented criterion that it is for.
        purpose: what the gate shows, in a few words.
        program: the program that must be there; empty where none is needed.
        distribution: the package that brings the program.
        is_bound: it imports the project, so that it must be in the project's own environment.
        is_on_request: it only suits a project that configures it.
        oldest: the first version that will do, or empty.
        start_s: about how long it takes for a small project; None for what is never quick.
        file_s: about how much longer it takes for each file of its language.
        language: the language of the sources that it looks at, or of the tool.
        is_shared: one gate looks at all languages, so that a project needs one of them.
    """

    uses: str
    gate: str
    criterion: str
    purpose: str
    program: str = ""
    distribution: str = ""
    is_bound: bool = False
    is_on_request: bool = False
    oldest: tuple[int, ...] = ()
    start_s: float | None = None
    file_s: float = 0.0
    language: str = PYTHON
    is_shared: bool = False

    @property
    def package(self) -> str:
        """What to install."""
        return self.distribution or self.program


CANDIDATES: tuple[Candidate, ...] = (
    Candidate(
        uses="ruff",
        gate="lint",
        criterion="L1-LINT",
        purpose="0 lint errors and warnings",
        program="ruff",
        start_s=0.3,
        file_s=0.001,
    ),
    Candidate(
        uses="flake8",
        gate="lint",
        criterion="L1-LINT",
        purpose="0 lint errors and warnings",
        program="flake8",
        start_s=0.8,
        file_s=0.03,
    ),
    Candidate(
        uses="pylint",
        gate="lint",
        criterion="L1-LINT",
        purpose="0 lint errors and warnings",
        program="pylint",
        is_bound=True,
    ),
    Candidate(
        uses="ruff-format",
        gate="format",
        criterion="L1-FORMAT",
        purpose="nothing to reformat",
        program="ruff",
        start_s=0.2,
        file_s=0.001,
    ),
    Candidate(
        uses="black",
        gate="format",
        criterion="L1-FORMAT",
        purpose="nothing to reformat",
        program="black",
        start_s=0.6,
        file_s=0.04,
    ),
    Candidate(
        uses="mypy",
        gate="types",
        criterion="L1-TYPES",
        purpose="0 type errors, strict, all typed",
        program="mypy",
    ),
    Candidate(
        uses="pyright",
        gate="types",
        criterion="L1-TYPES",
        purpose="0 type errors, strict, all typed",
        program="pyright",
    ),
    Candidate(
        uses="pytest",
        gate="tests",
        criterion="L1-TESTS",
        purpose="all tests pass, and more than none ran",
        program="pytest",
        is_bound=True,
    ),
    Candidate(
        uses="coverage",
        gate="coverage",
        criterion="L1-COVERAGE",
        purpose="90 % of lines covered, and of changed lines",
        program="coverage",
        is_bound=True,
        oldest=(7, 14),
    ),
    Candidate(
        uses="bandit",
        gate="sast",
        criterion="L1-SAST",
        purpose="no insecure code of high severity",
        program="bandit",
        start_s=1.0,
        file_s=0.03,
    ),
    Candidate(
        uses="ruff-security",
        gate="sast",
        criterion="L1-SAST",
        purpose="no insecure code of high severity",
        program="ruff",
        start_s=0.4,
        file_s=0.001,
    ),
    Candidate(
        uses="pip-audit",
        gate="audit",
        criterion="L1-AUDIT",
        purpose="no critical or high vulnerability",
        program="pip-audit",
        oldest=(2, 9),
    ),
    Candidate(
        uses="advisories",
        gate="audit",
        criterion="L1-AUDIT",
        purpose="no critical or high vulnerability, by the local database",
    ),
    Candidate(
        uses="import-linter",
        gate="layers",
        criterion="L1-ARCH",
        purpose="no import against the layers",
        program="lint-imports",
        distribution="import-linter",
        is_on_request=True,
        start_s=1.0,
        file_s=0.005,
    ),
    Candidate(
        uses="eslint",
        gate="lint",
        criterion="L1-LINT",
        purpose="0 lint errors and warnings",
        program="eslint",
        is_bound=True,
        start_s=4.0,
        file_s=0.15,
        language=NODE,
    ),
    Candidate(
        uses="prettier",
        gate="format",
        criterion="L1-FORMAT",
        purpose="nothing to reformat",
        program="prettier",
        is_bound=True,
        start_s=1.0,
        file_s=0.02,
        language=NODE,
    ),
    Candidate(
        uses="tsc",
        gate="types",
        criterion="L1-TYPES",
        purpose="0 type errors, strict, all typed",
        program="tsc",
        distribution="typescript",
        is_bound=True,
        language=NODE,
    ),
    Candidate(
        uses="vitest",
        gate="tests",
        criterion="L1-TESTS",
        purpose="all tests pass, and more than none ran",
        program="vitest",
        is_bound=True,
        language=NODE,
    ),
    Candidate(
        uses="jest",
        gate="tests",
        criterion="L1-TESTS",
        purpose="all tests pass, and more than none ran",
        program="jest",
        is_bound=True,
        language=NODE,
    ),
    Candidate(
        uses="istanbul",
        gate="coverage",
        criterion="L1-COVERAGE",
        purpose="90 % of lines covered, and of changed lines",
        language=NODE,
    ),
    Candidate(
        uses="sarif",
        gate="sast",
        criterion="L1-SAST",
        purpose="no insecure code of high severity",
        language=NODE,
    ),
    Candidate(
        uses="npm-audit",
        gate="audit",
        criterion="L1-AUDIT",
        purpose="no critical or high vulnerability",
        program="npm",
        language=NODE,
    ),
    Candidate(
        uses="dependency-cruiser",
        gate="layers",
        criterion="L1-ARCH",
        purpose="no import against the layers",
        program="depcruise",
        distribution="dependency-cruiser",
        is_bound=True,
        is_on_request=True,
        start_s=1.5,
        file_s=0.01,
        language=NODE,
    ),
    Candidate(
        uses="detect-secrets",
        gate="secrets",
        criterion="L1-SECRETS",
        purpose="no secret in the files",
        program="detect-secrets",
        is_shared=True,
        start_s=1.5,
        file_s=0.02,
    ),
    Candidate(
        uses="secretlint",
        gate="secrets",
        criterion="L1-SECRETS",
        purpose="no secret in the files",
        program="secretlint",
        is_bound=True,
        is_shared=True,
        start_s=2.0,
        file_s=0.01,
        language=NODE,
    ),
    Candidate(
        uses="commit-message",
        gate="commits",
        criterion="L1-COMMIT",
        purpose="commit messages in Conventional Commits form",
        program="git",
        is_shared=True,
        start_s=0.2,
    ),
)
"""In the order of the file; of several for one criterion the preferred one first."""


def candidate(uses: str) -> Candidate | None:
    """The entry of a stage, or None."""
    return next((one for one in CANDIDATES if one.uses == uses), None)
