"""What a gate on a scanner's report may be told besides the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gates.advisories import inventory, locks
from gates.advisories.scan_audit import ScanAudit, listed_of
from gates.formats import sbom_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path


_OMITS = ("dev",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options of a gate ask.

    Attributes:
        scanner: the scanner's name.
        written_by: the command that writes a report which tells what is needed.
        lock: as the option `lock` has it.
        internal: names of the project's own packages.
        omit: kinds of packages that need not be in the report.
        sbom: path of an SBOM that the scanner read, or empty.
        assume_lock: the packages of the lock stand in where the report lists none.
    """

    scanner: str
    written_by: str
    lock: str | tuple[str, ...] = ()
    internal: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    sbom: str = ""
    assume_lock: bool = False

    def check(self) -> None:
        """Refuse what cannot be used.

        Raises:
            ValueError: with one line that says why.
        """
        locks.check(inventory.named(self.lock))
        for kind in self.omit:
            if kind not in _OMITS:
                raise ValueError(f"`omit` knows no `{kind}`; it knows {', '.join(_OMITS)}")
        if self.omit and not self.lock:
            raise ValueError("`omit` says what of `lock` may be missing: name that too")
        if self.assume_lock and (self.sbom or not self.lock):
            raise ValueError("`assume_lock` is about `lock`: name that, and no `sbom`")

    def audit(
        self,
        root: Path,
        today: date,
        given: Callable[[str], bytes],
        *,
        is_dated: bool = False,
    ) -> ScanAudit:
        """Read the locks, and what stands in for a list of packages.

        Args:
            root: the project's folder.
            today: the day of the run (UTC).
            given: reads an SBOM that an earlier step wrote.
            is_dated: the report may tell how old the scanner's data is.

        Raises:
            StageError: a lock or the SBOM cannot be read.
        """
        names = inventory.named(self.lock)
        used = locks.read(root, names, internal=self.internal) if names else None
        stand_in = None
        if self.sbom:
            stand_in = self.sbom, sbom_json.read(given(self.sbom), what=self.sbom)
        elif self.assume_lock and used is not None:
            stand_in = ", ".join(names), listed_of(used)
        return ScanAudit(
            scanner=self.scanner,
            root=root,
            today=today,
            written_by=self.written_by,
            used=used,
            omits_dev="dev" in self.omit,
            stand_in=stand_in,
            is_dated=is_dated,
        )

    def subjects(self, before: Callable[[str], bytes | None], root: Path) -> frozenset[str]:
        """The packages that the lock had at the base; none where no lock is named.

        Args:
            before: gives what a file held at the base; None where it was not there.
            root: the project's folder.

        Raises:
            StageError: the lock cannot be read now.
            OutputUnreadable: it was not whole.
        """
        return locks.subjects(before, inventory.named(self.lock), root=root)
