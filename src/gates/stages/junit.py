"""JUnit XML: the tests of any runner, judged by the reports that an earlier step wrote."""

from __future__ import annotations

from dataclasses import dataclass

from gates.formats import junit_result, tested
from gates.plugin import (
    Context,
    Default,
    Report,
    ReportOptions,
    ReportStage,
    StageResult,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class JunitOptions(ReportOptions):
    """What `with:` may hold."""


class Junit(ReportStage[JunitOptions]):
    """Count the tests of JUnit files by their elements, whatever their headers say."""

    uses = "junit"
    title = "tests of any runner that writes JUnit XML"
    options_type = JunitOptions
    metrics = (*tested.METRICS, tested.XFAILED, tested.PASS_RATE)
    defaults = tuple(Default(text=text) for text in tested.DEFAULTS)
    criteria = ("L1-TESTS",)
    examines = "tests"
    errored_when = (
        "no test ran: there is none, all were skipped or expected to fail",
        "a report is cut short, is no JUnit XML, or declares an entity",
        "a suite declares more tests, failures or skips than stand in it, or fewer than ran",
        "a suite says that it failed or was stopped, and no test in it tells so",
        "a test has no name; a test or a suite has an unknown status or an unknown element",
        "one of several reports holds no test",
    )
    written_by = "pytest --junitxml=out/junit.xml"

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Merge the reports, and count each test once."""
        merged = junit_result.read_all([(one.name, one.data) for one in reports])
        for note in junit_result.notes(merged.repeated):
            ctx.note(note)
        ctx.note(junit_result.NOTE_RETRIED)
        roots = (str(ctx.root), str(ctx.root.resolve()))
        files = ctx.files("**")
        return junit_result.result_of(merged.report, files=files, roots=roots, rate=True)
