"""How detect-secrets is called, and whether what it wrote is of one piece."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gates.domain.errors import OutputUnreadable, StageError
from gates.formats import detect_secrets_json, detect_secrets_witness, planted_secrets
from gates.formats.detect_secrets_json import SecretsReport
from gates.formats.detect_secrets_witness import Witnessed
from gates.formats.tool_paths import some

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "detect-secrets"

SILENCING = (
    "detect_secrets.filters.allowlist.is_line_allowlisted",
    "detect_secrets.filters.regex.should_exclude_line",
    "detect_secrets.filters.regex.should_exclude_secret",
    "detect_secrets.filters.wordlist.should_exclude_secret",
)
"""Filters by which a project hides single results; off in the first scan, so that they count."""

BY_PATH = ("detect_secrets.filters.regex.should_exclude_file",)
"""A filter that has no say about a canary, which lies nowhere in the project."""

BATCH_BYTES = 100_000
"""Bytes of file names in one command; every system takes that many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One scan.

    Attributes:
        settings: the file that holds the settings, and that the report is written over.
        witness: the planted filter.
        has_baseline: the settings name detectors; else all of the tool's own are on.
        without: names of filters to switch off.
        root: the folder to scan in; empty: where the tool is run.
        cores: how many processes may scan.
    """

    settings: str
    witness: str
    has_baseline: bool
    without: tuple[str, ...] = ()
    root: str = ""
    cores: int = 1

    def words(self) -> tuple[str, ...]:
        """All arguments ahead of the files. Nothing is asked over the network (`--no-verify`)."""
        return (
            *(("-C", self.root) if self.root else ()),
            f"--cores={self.cores}",
            "scan",
            "--all-files",
            "--no-verify",
            f"--baseline={self.settings}",
            *(() if self.has_baseline else ("--force-use-all-plugins",)),
            *(f"--disable-filter={name}" for name in self.without),
            f"--filter=file://{self.witness}::{detect_secrets_witness.FUNCTION}",
        )


def batches(files: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The files in groups whose names a command line can hold."""
    batch: list[str] = []
    size = 0
    for path in files:
        length = len(os.fsencode(path)) + len("./") + 1
        if batch and size + length > BATCH_BYTES:
            yield _two(batch)
            batch, size = [], 0
        batch.append(path)
        size += length
    yield _two(batch)


def refuse_complaint(stderr: bytes) -> None:
    """Refuse a scan that told of an error; its exit code may be 0 all the same.

    Raises:
        StageError: with the first such line.
    """
    for line in stderr.decode("utf-8", "replace").splitlines():
        if "\tERROR\t" in line or "\tWARNING\t" in line or line.startswith("fatal:"):
            raise StageError("scanner-complains", f"detect-secrets: {line}", place=PROGRAM)


def merged(
    done: Sequence[tuple[SecretsReport, Witnessed]], files: Collection[str]
) -> tuple[SecretsReport, Witnessed]:
    """The scans of several batches as one; a finding's line is the one in the file.

    Raises:
        OutputUnreadable: they tell of files that were not handed over, or found something in files
            that they did not read.
        StageError: files were not scanned in every form.
    """
    report = detect_secrets_json.merged([report for report, _ in done], what=PROGRAM)
    seen = detect_secrets_witness.merged([seen for _, seen in done])
    found = {entry.path for entry in report.entries}
    foreign = (seen.read | seen.undecoded | seen.unread | found).difference(files)
    if foreign:
        summary = f"it tells of files that it was not given: {some(foreign)}"
        raise OutputUnreadable("contradiction", summary, place=PROGRAM)
    if found - seen.read:
        summary = f"it found something in files that it did not read: {some(found - seen.read)}"
        raise OutputUnreadable("contradiction", summary, place=PROGRAM)
    refuse_one_form(seen)
    entries = tuple(
        replace(entry, line=(entry.line - 1) % seen.periods[entry.path] + 1)
        if entry.line
        else entry
        for entry in report.entries
    )
    return replace(report, entries=entries), seen


def refuse_one_form(seen: Witnessed) -> None:
    """Refuse a scan that did not see the plain text of what it reads as INI or YAML.

    Raises:
        StageError: with the files of which it is not known.
    """
    unproved = seen.read.difference(seen.periods)
    if unproved:
        raise StageError(
            "text-not-scanned",
            f"it is not proved that detect-secrets scanned the whole text of {some(unproved)}",
            hint="install detect-secrets 1.2 to 1.5; another version reads files in another way",
            place=PROGRAM,
        )


def expected_of(detectors: tuple[str, ...]) -> dict[str, str]:
    """What each detector that is on calls its findings, if a secret is known to plant for it.

    Raises:
        StageError: none is known for any of them.
    """
    expected = planted_secrets.expected(detectors)
    if not expected:
        on = some(detectors) if detectors else "none"
        summary = f"no planted secret can prove that the scanner sees; detectors that are on: {on}"
        hint = f"switch on one of {some(planted_secrets.KNOWN, limit=8)}"
        raise StageError("scanner-blind", summary, hint=hint, place=PROGRAM)
    return expected


def sighted(
    expected: Mapping[str, str],
    planted: Collection[Path],
    report: SecretsReport,
    seen: Witnessed,
    *,
    has_baseline: bool,
) -> tuple[str, tuple[str, ...]]:
    """What of the planted secrets was found.

    Args:
        expected: what each detector that is on calls its findings.
        planted: the files that hold a secret for each of them.
        report: what was found in them.
        seen: what became of them.
        has_baseline: the settings are the project's own.

    Returns:
        What was planted, and a note where some detectors did not see theirs.

    Raises:
        StageError: none was found, or not all of the text was scanned.
    """
    refuse_one_form(seen)
    found = {(entry.path, entry.rule) for entry in report.entries}
    unfound = [
        name
        for name, rule in expected.items()
        if any((path.name, rule) not in found for path in planted)
    ]
    if len(unfound) == len(expected) or not seen.read.issuperset(map(str, planted)):
        summary = "the scanner is blind: it found none of the secrets that were planted"
        hint = "see the filters and limits in its baseline" if has_baseline else ""
        raise StageError("scanner-blind", summary, hint=hint, place=PROGRAM)
    told = (
        f"{len(expected) - len(unfound)} of {len(expected)} made-up secrets in each of"
        f" {len(planted)} planted files"
    )
    return told, ((f"what was planted is not seen by {some(unfound)}",) if unfound else ())


def _two(batch: list[str]) -> tuple[str, ...]:
    """The batch; a lone name with a backslash twice, or the tool takes the sign for a slash."""
    return (*batch, *batch) if len(batch) == 1 and "\\" in batch[0] else tuple(batch)
