"""What a change takes from the gates without touching gates.yaml: it silences, omits, deletes.

Each item says what it is and where it stands, and whether it counts. One that names the rule which
it silences and gives its reason is listed and does not count; so is a change that nobody can order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class WeakeningKind(StrEnum):
    """In which way a change weakens; its value is also the name of the metric that counts it."""

    SUPPRESSION = "suppressions"
    SKIP = "skips"
    DELETION = "deletions"
    OMIT = "omits"
    SETTING = "settings"
    CI_EDIT = "ci_edits"
    CI_LOOSENED = "ci_loosened"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakeningItem:
    """One place at which a change weakens, or may weaken.

    Attributes:
        kind: in which way.
        rule: a short name of what it is: `noqa`, `test-deleted`, `fail-under-lowered`.
        path: relative to the folder that was asked about, with `/`; that of the base if deleted.
        line: 1-based, in the present file; 0 where it has none there.
        text: what stands there, or what became of it, in one line.
        has_reason: it gives a reason in words.
        is_counted: it counts; else it is only told.
    """

    kind: WeakeningKind
    rule: str
    path: str
    line: int = 0
    text: str
    has_reason: bool = False
    is_counted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Weakening:
    """All of it, between a base and the files as they lie there.

    Attributes:
        base: the commit that was compared with.
        items: ordered by path and line.
        examined: the changed files that were looked at, sorted.
        compared: names, from the top of the repository, that git's own comparison tells, under both
            names where a file is renamed.
    """

    base: str
    items: tuple[WeakeningItem, ...] = ()
    examined: tuple[str, ...] = ()
    compared: frozenset[str] = frozenset()

    def counted(self, kind: WeakeningKind) -> int:
        """How many items of a kind count."""
        return sum(item.is_counted for item in self.items if item.kind is kind)


def in_order(items: Iterable[WeakeningItem]) -> tuple[WeakeningItem, ...]:
    """The items by path and line, equal ones side by side."""
    return tuple(sorted(items, key=lambda one: (one.path, one.line, one.kind, one.rule, one.text)))
