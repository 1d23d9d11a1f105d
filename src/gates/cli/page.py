"""The HTML page of a run or roll-up, with the digest of the record that it is made from."""

from __future__ import annotations

from pathlib import Path

from gates.app import RECORD, ROLLUP
from gates.domain.rollup import RollUp
from gates.domain.run import Run
from gates.toolkit.files import sha256_file


def page(run: Run | RollUp, record: str) -> str:
    """The page.

    Args:
        run: what is rendered.
        record: the file that it was read from, where that is not the one in the run's folder.
    """
    from gates.reports.page import report, rollup_report

    if isinstance(run, Run):
        return report(run, record=record, sha256=_digest(record, run.folder, RECORD))
    return rollup_report(run, record=record, sha256=_digest(record, run.folder, ROLLUP))


def _digest(record: str, folder: str, name: str) -> str:
    """The digest of the record's bytes; empty where it is not to be found any more."""
    path = Path(record) if record else Path(folder) / name
    try:
        return sha256_file(path) if record or folder else ""
    except OSError:
        return ""
