"""What a change of the policy does: one item for each thing that it tightens, loosens or removes.

The policy is what gates.yaml says, the waivers beside it, and the files that either names as a
part of it. Whatever cannot be told to be as strict as before counts as loosening.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from gates.domain.plan import GATE as GATE  # noqa: PLC0414 - it is read from here, too
from gates.domain.plan import Plan
from gates.domain.waiver import Waiver

IN_DOUBT = "cannot be told to be as strict"
"""What is said of a change whose effect nobody can order."""


class Kind(StrEnum):
    """What became of one thing that the policy says, the worst first."""

    LOOSENED = "loosened"
    REMOVED = "removed"
    SKIPPED = "skipped"
    CHANGED = "changed"
    TIGHTENED = "tightened"
    ADDED = "added"


LOOSENING = frozenset({Kind.LOOSENED, Kind.REMOVED, Kind.SKIPPED})
"""The kinds after which something passes that did not pass before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """One difference between two policies.

    Attributes:
        kind: what became of it.
        what: what it is about, in a few words: `condition of gate coverage`.
        before: what the earlier policy says; empty where it says nothing.
        after: what the later one says; empty where it says nothing.
        place: where that stands, `file:line:column`, or empty.
        is_doubtful: nobody can tell that it is as strict, so it counts as loosening.
    """

    kind: Kind
    what: str
    before: str = ""
    after: str = ""
    place: str = ""
    is_doubtful: bool = False

    @property
    def loosens(self) -> bool:
        """Whether something may pass that did not pass before."""
        return self.kind in LOOSENING

    @property
    def said(self) -> str:
        """What it is about, with the doubt where there is one."""
        return f"{self.what} ({IN_DOUBT})" if self.is_doubtful else self.what

    def plain(self) -> dict[str, str]:
        """The item as plain texts."""
        return {
            "kind": self.kind.value,
            "what": self.said,
            "before": self.before,
            "after": self.after,
            "place": self.place,
        }


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A further file that is part of a policy; what is in it, nobody can order.

    Attributes:
        sha256: hexadecimal digest of its bytes.
        is_counted: a change of it counts as loosening; else it is told.
    """

    sha256: str
    is_counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicySide:
    """One of two policies that are compared.

    Attributes:
        plan: what gates.yaml says, with all that it extends.
        waivers: the exceptions beside it.
        files: further files that are part of the policy, by path.
    """

    plan: Plan
    waivers: tuple[Waiver, ...] = ()
    files: Mapping[str, PolicyFile] = field(default_factory=dict)
