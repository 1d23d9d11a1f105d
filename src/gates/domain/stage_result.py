"""What a stage hands over: metrics, examined, findings and artifacts, and never a status."""

from __future__ import annotations

from dataclasses import dataclass

from gates.domain.finding import Finding
from gates.domain.metric import Examined, Metric


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A program that a stage ran.

    Attributes:
        name: as a reader knows it.
        version: as its environment or itself says; empty where unknown.
        path: absolute path of the executable; empty for a report that was only read.
        how: where it was found, in a few words.
    """

    name: str
    version: str
    path: str = ""
    how: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file that a stage read its numbers from.

    Attributes:
        path: relative to the run's folder, or to the folder of gates.yaml for a given report.
        sha256: hexadecimal digest of the bytes that were read.
    """

    path: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplicable:
    """A metric that this measurement has no value for, with the reason.

    Only metrics declared `optional` may be named; a condition on one is then unaffected.
    """

    metric: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inconclusive:
    """A metric that was measured honestly, but whose sample cannot decide a condition."""

    metric: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StageResult:
    """What one stage measured.

    Attributes:
        metrics: each declared metric once per set of tags.
        examined: how much was looked at.
        findings: what was found, all of it.
        artifacts: files behind the numbers; at least one, or `proof` says what stands for it.
        tool: the program that measured.
        not_applicable: declared optional metrics without a value here.
        inconclusive: metrics whose sample is too small to decide.
        notes: what every output must tell (a date of data, a substitution, a fallback).
        canary: the known-bad item that was planted and found, or empty where none is planted.
    """

    metrics: tuple[Metric, ...]
    examined: Examined
    tool: Tool
    findings: tuple[Finding, ...] = ()
    artifacts: tuple[Artifact, ...] = ()
    not_applicable: tuple[NotApplicable, ...] = ()
    inconclusive: tuple[Inconclusive, ...] = ()
    notes: tuple[str, ...] = ()
    canary: str = ""
