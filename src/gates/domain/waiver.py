"""Waivers: dated, reasoned, owned, expiring exceptions to one condition or finding."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gates.domain.condition import Condition, Role
from gates.domain.finding import Finding

WAIVERS = ".gates/waivers.yaml"
"""The one name of the file of waivers, relative to the folder of gates.yaml."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One exception; it covers a finding or a condition of one gate, never a whole gate.

    Attributes:
        gate: name of the gate it applies to.
        finding: rule, alias or fingerprint of the finding it covers; empty for a condition.
        condition: metric (with tags) of the condition it covers; empty for a finding.
        scope: path prefix or subject (a package, with its version or without) that the finding must
            have; empty for any.
        reason: why.
        owner: who answers for it.
        created: first day it holds (UTC).
        expires: last day it holds (UTC).
        place: `file:line:column` where it stands, or empty; no part of what it is.
    """

    gate: str
    reason: str
    owner: str
    created: date
    expires: date
    finding: str = ""
    condition: str = ""
    scope: str = ""
    place: str = field(default="", compare=False)

    @property
    def what(self) -> str:
        """What it covers, in a few words."""
        if self.condition:
            return f"condition `{self.condition}`"
        return f"{self.finding} in {self.scope}" if self.scope else self.finding

    def is_valid_on(self, today: date) -> bool:
        """Tell whether it holds on a day (UTC)."""
        return self.created <= today <= self.expires

    def covers_condition(self, condition: Condition) -> bool:
        """Tell whether it covers a condition; one that only tells is nothing to waive."""
        return condition.role is Role.REQUIRE and condition.subject == self.condition

    def covers_finding(self, finding: Finding) -> bool:
        """Tell whether it covers a finding, by rule, alias or fingerprint, within its scope."""
        names = (finding.rule, finding.fingerprint, *finding.aliases)
        if not self.finding or self.finding not in names:
            return False
        return not self.scope or self._holds_path(finding.path) or self._names(finding.subject)

    def _holds_path(self, path: str) -> bool:
        folder = self.scope.rstrip("/")
        return bool(folder) and (path == folder or path.startswith(f"{folder}/"))

    def _names(self, subject: str) -> bool:
        """Whether the scope is the subject, or its package: one name, however it is spelled."""
        package = subject.partition(" ")[0]
        return subject == self.scope or _spelled(package) == _spelled(self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverFile:
    """All waivers of a project.

    Attributes:
        source: the file's name, relative to the folder of gates.yaml.
        sha256: hexadecimal digest of its bytes.
        waivers: in the order of the file.
    """

    source: str
    sha256: str
    waivers: tuple[Waiver, ...] = ()


def _spelled(package: str) -> str:
    """A package's name as registries compare it, where case and separators make no difference."""
    return package.lower().replace("_", "-").replace(".", "-")
