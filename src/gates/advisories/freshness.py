"""Of which ecosystems an export is one, and how old its data is.

An export is one of an ecosystem where a standing record is about packages of it alone: an export
of another ecosystem names its packages too, but only in records on what is published in both.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gates.advisories import osv

if TYPE_CHECKING:
    from datetime import datetime

    from gates.advisories.osv import Advisory


@dataclass(slots=True)
class Dates:
    """When records of an export last changed.

    Attributes:
        naming: the newest record that names packages of an ecosystem.
        alone: the newest that names those alone, and is not withdrawn.
        nameless: the newest that names none.
    """

    naming: dict[str, datetime] = field(default_factory=dict)
    alone: dict[str, datetime] = field(default_factory=dict)
    nameless: datetime | None = None

    def note(self, record: Advisory) -> None:
        """Take a record into account."""
        named = {of.ecosystem for of in record.affected}
        if not named:
            self.nameless = max(self.nameless or record.modified, record.modified)
        for ecosystem in named & set(osv.ECOSYSTEMS):
            is_alone = len(named) == 1 and not record.withdrawn
            for dates in (self.naming, self.alone) if is_alone else (self.naming,):
                dates[ecosystem] = max(dates.get(ecosystem, record.modified), record.modified)

    def by_ecosystem(self) -> dict[str, datetime]:
        """How old the data of each ecosystem is of which this is an export.

        Where there are two, each is dated by what is about it alone: the rest may have come with
        the other one.
        """
        if len(self.alone) != 1:
            return self.alone
        ((ecosystem, newest),) = self.alone.items()
        return {ecosystem: max(newest, self.naming[ecosystem], self.nameless or newest)}
