"""Reports of detect-secrets that earlier steps wrote, judged beside the log of the same runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from gates.domain.stage_result import StageResult, Tool
from gates.formats import detect_secrets_json, detect_secrets_log
from gates.formats.detect_secrets_call import PROGRAM, expected_of, refuse_complaint
from gates.formats.detect_secrets_json import Entry, SecretsReport
from gates.formats.detect_secrets_names import refuse_unread
from gates.formats.detect_secrets_result import Chosen, measured, nothing_read
from gates.formats.detect_secrets_tally import OWN, tally, without_own

SUPPRESSED = "suppressed"
"""The metric that a given report does not tell."""

SILENT = (
    "a report does not tell what pragmas and patterns silence, and nothing was planted:"
    " that detect-secrets sees secrets is not proved"
)
REBUILT = "of files that it reads as INI or YAML, only what detect-secrets made of them was scanned"
"""What every output must tell of a given report."""

CHANGED: Final = {
    "help": "scan only the files that the change touches, each whole",
    "stricter": "off",
}
EXCLUDE: Final = {
    "help": "files, folders and globs to leave out; counted and shown",
    "stricter": "fewer",
}
BASELINE: Final = {
    "help": "a baseline of detect-secrets, whose detectors and filters are used; what its"
    " audit calls no secret does not count; none is obeyed unnamed",
    "stricter": "absent",
    "policy_file": "counted",
}
"""Help of options, and which values ask for more."""

Named = tuple[str, bytes]
"""A file's name and its bytes."""


def audited(baseline: bytes, name: str) -> tuple[Entry, ...]:
    """The entries of a baseline; one whose detectors no canary is known for is refused early.

    Raises:
        OutputUnreadable: it is none.
        StageError: a filter of the project's own is on, or no detector that is known.
    """
    if not baseline:
        return ()
    report = detect_secrets_json.parse_baseline(baseline, what=name)
    expected_of(report.detectors)
    return report.entries


def merged(reports: Sequence[Named]) -> SecretsReport:
    """Reports that belong together as one; a result that several of them have is one.

    What an audit said of a result in them does not count: it is not under version control.

    Raises:
        OutputUnreadable: one is no report of detect-secrets, or they had different settings.
        StageError: a filter of the project's own was on, or no detector that is known.
    """
    for name, data in reports:
        audited(data, name)
    parts = [detect_secrets_json.parse(data, what=name) for name, data in reports]
    whole = detect_secrets_json.merged(parts, what=reports[0][0])
    bare = (replace(entry, is_secret=None) for entry in whole.entries)
    return replace(whole, entries=tuple(dict.fromkeys(bare)))


def measured_by(
    reports: Sequence[Named],
    log: Named,
    chosen: Chosen,
    read: Callable[[str], bytes],
    *,
    audited: tuple[Entry, ...],
) -> StageResult:
    """What reports and their log tell of the files of the project.

    Args:
        reports: all parts.
        log: the standard error of all runs.
        chosen: the files that should have been scanned.
        read: gives a file's bytes.
        audited: entries of a baseline that is under version control.

    Raises:
        OutputUnreadable: a report or the log is unreadable, or they do not tell one story.
        StageError: a file was not read, or is text that the tool passes over.
    """
    report = merged(reports)
    what, text = log
    refuse_complaint(text)
    seen = detect_secrets_log.seen(text, chosen.files, report, read, what=what)
    refuse_unread(seen, read)
    tool = Tool(name=PROGRAM, version=report.version, how="told by the report")
    if not seen.read:
        return nothing_read(tool, chosen)
    found = tuple(entry for entry in report.entries if entry.path not in chosen.left_out)
    texts = {entry.path: read(entry.path) for entry in found if entry.path in OWN}
    kept = without_own(found, texts)
    sums = tally(bare=kept, kept=kept, audited=audited, read=seen.read.difference(OWN))
    result = measured(tool, chosen, seen, sums, detect_secrets_json.fingerprints(kept))
    raised = (
        note
        for name, data in reports
        for note in detect_secrets_json.raised_limits(data, what=name)
    )
    return replace(
        result,
        metrics=tuple(metric for metric in result.metrics if metric.name != SUPPRESSED),
        notes=(*result.notes, *raised, SILENT, REBUILT),
    )
