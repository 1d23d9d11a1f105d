"""Waivers: dated, reasoned, owned, expiring exceptions to one condition or finding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from gates.domain.finding import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """One exception; it covers a finding or a condition of one gate, never a whole gate.

    Attributes:
        gate: name of the gate it applies to.
        finding: rule, alias or fingerprint of the finding it covers; empty for a condition.
        condition: metric (with tags) of the condition it covers; empty for a finding.
        scope: path prefix or `package` that the finding must have; empty for any.
        reason: why.
        owner: who answers for it.
        created: first day it holds (UTC).
        expires: last day it holds (UTC).
    """

    gate: str
    reason: str
    owner: str
    created: date
    expires: date
    finding: str = ""
    condition: str = ""
    scope: str = ""

    def is_valid_on(self, today: date) -> bool:
        """Tell whether it holds on a day (UTC)."""
        return self.created <= today <= self.expires

    def covers_finding(self, finding: Finding) -> bool:
        """Tell whether it covers a finding, by rule, alias or fingerprint, within its scope."""
        names = (finding.rule, finding.fingerprint, *finding.aliases)
        if not self.finding or self.finding not in names:
            return False
        inside = finding.path == self.scope or finding.path.startswith(f"{self.scope.rstrip('/')}/")
        return not self.scope or inside or finding.subject.split(" ")[0] == self.scope
