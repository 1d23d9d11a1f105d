"""What a scan of detect-secrets measured, as a stage hands it over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gates.domain.errors import StageError
from gates.domain.finding import Finding, Severity
from gates.domain.metric import Examined, count
from gates.domain.stage_result import NotApplicable, StageResult, Tool
from gates.formats.counts import counted
from gates.formats.detect_secrets_json import Entry
from gates.formats.detect_secrets_tally import Tally
from gates.formats.detect_secrets_witness import Witnessed
from gates.formats.tool_paths import some

COUNTED = tuple(
    counted(name, title, noun, optional=True)
    for name, title, noun in (
        ("secrets", "what looks like a secret", "findings"),
        ("allowed", "findings that the baseline's audit calls no secret", "findings"),
        ("suppressed", "findings that a pragma or a pattern silences", "silenced findings"),
    )
)
"""What a scan counts; a change that touches no file that is scanned has none of it."""

METRICS = tuple(spec.name for spec in COUNTED)

FIX = "rotate it and clean the history, or waive its fingerprint in .gates/waivers.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which files to scan.

    Attributes:
        files: to hand over, relative.
        left_out: named by `exclude`, or the baseline.
        links: of which only the name is in version control.
        repositories: folders that are repositories of their own.
        listed: how many files the project has.
        base: the commit with which the change begins; empty where the whole project is scanned.
        notes: what to tell of it.
    """

    files: tuple[str, ...]
    left_out: tuple[str, ...]
    listed: int
    base: str
    notes: tuple[str, ...]
    links: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()


def measured(
    tool: Tool, chosen: Chosen, seen: Witnessed, sums: Tally, names: Mapping[Entry, str]
) -> StageResult:
    """What was found, and what was not looked at.

    Args:
        tool: the program.
        chosen: what was handed over.
        seen: what was read of it.
        sums: the results, sorted.
        names: the fingerprint of each that counts.
    """
    filtered = set(chosen.files) - seen.read - seen.undecoded
    unscanned = len(chosen.left_out) + len(filtered) + len(seen.undecoded)
    unscanned += len(chosen.links) + len(chosen.repositories)
    told = (
        (filtered, "by detect-secrets' filters on names"),
        (chosen.left_out, "by `exclude` or as the baseline"),
        (chosen.links, "as links"),
        (chosen.repositories, "as repositories of their own"),
    )
    notes = tuple(f"not scanned, {why}: {some(these)}" for these, why in told if these)
    return StageResult(
        metrics=(
            count("secrets", len(sums.counted)),
            count("allowed", len(sums.allowed)),
            count("suppressed", len(sums.suppressed)),
        ),
        examined=Examined(
            count=len(seen.read),
            unit="files",
            excluded=unscanned,
            details=(("binary", len(seen.undecoded)),) if seen.undecoded else (),
        ),
        findings=tuple(_finding(entry, names[entry]) for entry in sums.counted),
        tool=tool,
        notes=(*chosen.notes, *sums.notes(), *notes),
    )


def nothing_read(tool: Tool, chosen: Chosen) -> StageResult:
    """A change that touches nothing that is scanned leaves the gate unaffected.

    All files of the project were listed and compared with the base; that much was examined.

    Raises:
        StageError: it was no change that was scanned, but the whole project.
    """
    if not chosen.base or not chosen.listed:
        summary = "there is no file that could be scanned"
        raise StageError("nothing-examined", summary, hint="see `exclude` and the baseline")
    touched = (*chosen.files, *chosen.left_out)
    which = f": {some(touched)}" if touched else ""
    reason = f"the change since {chosen.base} touches no file that is scanned{which}"
    return StageResult(
        metrics=(),
        examined=Examined(
            count=chosen.listed, unit="files", note="compared with the base; none was scanned"
        ),
        not_applicable=tuple(NotApplicable(metric=name, reason=reason) for name in METRICS),
        tool=tool,
        notes=chosen.notes,
    )


def _finding(entry: Entry, name: str) -> Finding:
    return Finding(
        rule=entry.rule,
        severity=Severity.HIGH,
        message="looks like a secret, which is not shown",
        path=entry.path,
        line=entry.line,
        counts=("secrets",),
        fix=FIX,
        fingerprint=name,
    )
