"""What a change does to the policy of each project, and what it weakens from outside of it."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.plan import Policy
from gates.domain.policy_change import PolicyChange
from gates.domain.weakening import Weakening


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectDiff:
    """What a change does to the policy of one project.

    Attributes:
        path: its folder; `.` for that in which the command was called.
        before: the earlier policy, or None where there was none: then the later one is the first.
        after: the later policy.
        changes: what became of each thing, the worst first.
    """

    path: str
    before: Policy | None
    after: Policy
    changes: tuple[PolicyChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDiff:
    """What a change does to the policy.

    Attributes:
        ref: the revision that is compared with, as it was given.
        commit: the commit that it names.
        projects: the folder itself first.
        outside: what weakens the gates from outside of the policy.
    """

    ref: str
    commit: str
    projects: tuple[ProjectDiff, ...]
    outside: Weakening

    @property
    def loosens(self) -> bool:
        """Whether the policy of any project asks for less."""
        return any(change.loosens for project in self.projects for change in project.changes)

    @property
    def exit_code(self) -> int:
        """0 where nothing is loosened, else 1; what weakens from outside is told."""
        return int(self.loosens)
