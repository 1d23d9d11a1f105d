"""`sarif`: what any tool for static analysis found, by the SARIF 2.1.0 that it wrote."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from gates.domain.owasp import category_of
from gates.formats import sarif, sarif_merge
from gates.formats.counts import BY_SEVERITY, counted
from gates.formats.sarif import Result, Run
from gates.formats.sarif_merge import ARTIFACTS, RUNS, TARGETS
from gates.formats.tool_paths import relative, some
from gates.plugin import (
    Context,
    Default,
    Examined,
    Finding,
    Report,
    ReportOptions,
    ReportStage,
    Role,
    Sample,
    Severity,
    StageError,
    StageResult,
    Tool,
    count,
)

SEVERITIES: dict[Severity, str] = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
    Severity.INFO: "info",
    Severity.UNKNOWN: "unknown",
}
"""Severities, and the metric that counts them; `formats/sarif_rules.py` says how one is found."""

_RUN = """\
{{"version": "2.1.0", "runs": [{{
 "tool": {{"driver": {{"name": "sample", "version": "1.0", "rules": [
  {{"id": "shell", "properties": {{"security-severity": "8.8", "tags": ["CWE-78"]}}}}]}}}},
 "invocations": [{{"executionSuccessful": true}}],
 "artifacts": [
  {{"location": {{"uri": "src/a.py"}}, "roles": ["analysisTarget"]}},
  {{"location": {{"uri": "src/b.py"}}, "roles": ["analysisTarget"]}}],
 "results": [{results}]}}]}}
"""
_RESULT = """
  {{"ruleId": "shell", "ruleIndex": 0, "message": {{"text": "runs a shell"}}, "locations": [
   {{"physicalLocation": {{"artifactLocation": {{"uri": "src/{name}.py"}},
    "region": {{"startLine": 1}}}}}}]}}"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SarifOptions(ReportOptions):
    """Options of `sarif`."""

    tool: str = field(
        default="", metadata={"help": "the tool that must have written it; else any may"}
    )
    examined: str = field(
        default=TARGETS,
        metadata={
            "help": "what tells how much was examined: `targets`, files that the report calls"
            " analysed; `artifacts`, all files that it lists; `runs` where it tells no files"
        },
    )
    suffixes: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "endings (`.py`) of the sources that must all have been examined",
            "stricter": "more",
        },
    )


class Sarif(ReportStage[SarifOptions]):
    """Findings by severity, each with its weakness and OWASP category where a CWE is told."""

    uses = "sarif"
    title = "findings of any tool that writes SARIF"
    options_type = SarifOptions
    metrics = (
        counted("critical", "findings of critical severity", "findings"),
        *BY_SEVERITY,
        counted("info", "findings that only inform", "findings"),
        counted("suppressed", "findings that are suppressed in the report", "suppressed findings"),
    )
    defaults = (
        Default(text="critical == 0"),
        Default(text="high == 0"),
        Default(text="unknown == 0"),
        Default(text="medium == 0", role=Role.WARN),
    )
    criteria = ("L1-SAST",)
    examines = "files"
    errored_when = (
        "the report holds no run, or one without a list of results",
        "an invocation did not succeed, or the tool tells of an error of its own",
        "results are left to other files",
        "it is not told which files were examined, and `examined: runs` does not say so",
        "no file that a run examined is one of the project",
        "a source that `suffixes` names was not examined",
        "the report is of another tool than `tool` says",
        "a rule or a file is named that is not there, or two places contradict each other",
    )
    written_by = (
        "ruff check --select S,E902 --no-cache --output-format sarif --output-file out/ruff.sarif ."
        "  # and with: {examined: runs}: ruff does not tell which files it read"
    )
    sample = Sample(
        files={
            "src/a.py": "import a\n",
            "src/b.py": "import b\n",
            "out/scan.sarif": _RUN.format(results=""),
        },
        faulty={
            "out/scan.sarif": _RUN.format(
                results=",".join(_RESULT.format(name=name) for name in ("a", "b"))
            ),
        },
        options={"report": "out/scan.sarif", "tool": "sample", "suffixes": [".py"]},
        sources=("src",),
        reports=("out/scan.sarif",),
        vital=("src/a.py", "src/b.py"),
    )

    def check(self) -> None:
        """Refuse options that do not fit together.

        Raises:
            ValueError: no report is named, `examined` is none of its words, or sources shall be
                compared with files that are not told.
        """
        super().check()
        known = (TARGETS, ARTIFACTS, RUNS)
        if self.options.examined not in known:
            raise ValueError(f"`examined` is one of {', '.join(known)}")
        if self.options.suffixes and self.options.examined == RUNS:
            raise ValueError("`suffixes` needs the examined files, and `examined: runs` has none")

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge all runs of all reports as one whole."""
        roots = (str(ctx.root), os.path.realpath(ctx.root))
        named = [(report.name, report.data) for report in reports]
        sources = ctx.sources(*self.options.suffixes).files if self.options.suffixes else None
        return parse(named, roots, self.options, files=ctx.files("**"), sources=sources)


def parse(
    reports: Sequence[tuple[str, bytes]],
    roots: tuple[str, ...],
    options: SarifOptions,
    *,
    files: Collection[str],
    sources: tuple[str, ...] | None = None,
) -> StageResult:
    """Read reports that belong together.

    Args:
        reports: the name and the bytes of each.
        roots: absolute forms of the project's folder.
        options: of the stage.
        files: all files of the project.
        sources: files that must have been examined; None where none are asked for.

    Raises:
        OutputUnreadable: a report is no SARIF, not of one piece, or tells too little.
        StageError: something was not checked.
    """
    runs: list[Run] = []
    for name, data in reports:
        found = sarif.read(data, what=name, relative=lambda path: relative(path, *roots))
        if options.tool:
            sarif_merge.refuse_foreign(found, options.tool, what=name)
        runs += found
    what = reports[0][0]
    sarif_merge.refuse_twice(runs, what=what)
    if options.examined == RUNS:
        examined = Examined(count=len(runs), unit="runs", note="the files are not told")
    else:
        told = sarif_merge.examined(runs, options.examined, frozenset(files), what=what)
        examined = _examined(told, sources, what)
    results = sarif_merge.results(runs)
    findings = tuple(_finding(result) for result in results if not result.is_suppressed)
    suppressed = len(results) - len(findings)
    by_metric = [name for finding in findings for name in finding.counts]
    return StageResult(
        metrics=(
            *(count(name, by_metric.count(name)) for name in SEVERITIES.values()),
            count("suppressed", suppressed),
        ),
        examined=examined,
        findings=findings,
        tool=_tool(runs),
        notes=(*sarif_merge.notes(runs, options.examined), *_notes(findings, options, suppressed)),
    )


def _examined(files: frozenset[str], sources: tuple[str, ...] | None, what: str) -> Examined:
    missing = set(sources or ()) - files
    if missing:
        raise StageError(
            "sources-not-examined",
            f"the report does not call {some(missing)} examined",
            hint="have the tool examine it, or leave it out of `sources`",
            place=what,
        )
    return Examined(count=len(files), unit="files")


def _notes(
    findings: tuple[Finding, ...], options: SarifOptions, suppressed: int
) -> tuple[str, ...]:
    nameless = sum(not finding.owasp for finding in findings)
    told = (
        (suppressed, f"{suppressed} findings are suppressed in the report"),
        (nameless, f"{nameless} findings have no OWASP category: no CWE is told that has one"),
        (
            not options.suffixes and options.examined != RUNS,
            "whether each source was examined is not asked; `suffixes` asks it",
        ),
    )
    return tuple(text for holds, text in told if holds)


def _tool(runs: Sequence[Run]) -> Tool:
    names = sorted({run.tool for run in runs})
    versions = sorted({run.version for run in runs if run.version})
    return Tool(name=", ".join(names), version=", ".join(versions), how="told by the report")


def _finding(result: Result) -> Finding:
    return Finding(
        rule=result.rule,
        severity=result.severity,
        message=result.message,
        path=result.path,
        line=result.line,
        column=result.column,
        end_line=result.end_line,
        also=result.also,
        counts=(SEVERITIES[result.severity],),
        cwe=result.cwe,
        owasp=category_of(result.cwe),
        subject=result.subject,
        fix=result.fix,
    )
