"""Which tools of a plan a machine lacks, and which of them may come from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates import stages
from gates.domain.errors import StageError
from gates.domain.plan import Plan
from gates.toolkit.git import Git
from gates.toolkit.tools import Toolbox

ALONE = {
    "bandit": "bandit",
    "black": "black",
    "detect-secrets": "detect-secrets",
    "flake8": "flake8",
    "lint-imports": "import-linter",
    "locust": "locust",
    "pip-audit": "pip-audit",
    "ruff": "ruff",
    "schemathesis": "schemathesis",
}
"""Programs that work from any environment, since they read files or ask a service, with the package
that brings each. What imports the project (pytest, mypy and the like) must be in its own."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not there, sorted.

    Attributes:
        packages: that may be installed beside the project.
        programs: that only the project's own environment can bring.
    """

    packages: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


def missing(plan: Plan, level: int, git: Git, environ: Mapping[str, str]) -> Missing:
    """Look up each program that the gates up to a level need; none of them is started.

    Raises:
        StageError: the environment that gates.yaml names is not there.
    """
    toolbox = Toolbox(
        root=git.root,
        git_root=git.toplevel(),
        environment=plan.environment or None,
        environ=environ,
    )
    names = {
        program
        for gate in plan.up_to(level)
        if not gate.options.get("report")
        for program in stages.load(gate.uses).programs
    }
    absent = sorted(name for name in names if not _is_there(toolbox, name))
    return Missing(
        tuple(ALONE[name] for name in absent if name in ALONE),
        tuple(name for name in absent if name not in ALONE),
    )


def _is_there(toolbox: Toolbox, name: str) -> bool:
    """Whether a program is found; one that the checkout planted is there, and refused later."""
    from gates.domain.errors import ToolMissing

    try:
        toolbox.find(name)
    except ToolMissing:
        return False
    except StageError:
        return True
    return True
