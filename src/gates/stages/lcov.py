"""LCOV tracefiles, as geninfo, Istanbul, coverage.py and others write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import ignore_comments, lcov
from gates.formats.coverage_metrics import (
    CONDITIONS,
    ERRORED,
    METRICS,
    MIN_CHANGED,
    floors,
    refuse_odd,
)
from gates.formats.coverage_result import Terms, of_reports
from gates.plugin import (
    Context,
    Default,
    Report,
    ReportOptions,
    ReportStage,
    Sample,
    StageResult,
    Tool,
)

_SOURCE = "export const one = 1;\nexport const two = 2;\n"


def _report(hits: int) -> str:
    """A report of two sources of the sample, each line of which ran so often."""
    return "".join(
        f"TN:\nSF:src/{name}.ts\nDA:1,{hits}\nDA:2,{hits}\nLF:2\nLH:{2 * hits}\nend_of_record\n"
        for name in "ab"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LcovOptions(ReportOptions):
    """What `with:` may hold."""

    critical: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "paths with a floor of their own: `src/orders/pricing.ts: 95%`",
            "stricter": "higher",
        },
    )
    min_changed: int = field(
        default=MIN_CHANGED,
        metadata={"help": "below so many changed lines `changed_uncovered` decides"},
    )


class Lcov(ReportStage[LcovOptions]):
    """Count covered lines of every source of the languages that the report speaks of."""

    uses = "lcov"
    title = "coverage in LCOV's format, of any language"
    options_type = LcovOptions
    metrics = METRICS
    defaults = tuple(Default(text=text) for text in CONDITIONS)
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = ERRORED
    written_by = "vitest run --coverage.enabled --coverage.reporter=lcovonly"
    sample = Sample(
        files={"src/a.ts": _SOURCE, "src/b.ts": _SOURCE, "out/lcov.info": _report(1)},
        faulty={"out/lcov.info": _report(0)},
        options={"report": "out/lcov.info"},
        sources=("src",),
        reports=("out/lcov.info",),
        vital=("src/a.ts", "src/b.ts"),
    )

    def check(self) -> None:
        """Refuse a gate without report, and critical paths that no condition can name."""
        ReportStage.check(self)
        refuse_odd(self.options.critical, self.options.min_changed)

    def conditions(self) -> tuple[Default, ...]:
        """A floor for each critical path besides those of the whole."""
        return (*self.defaults, *(Default(text=text) for text in floors(self.options.critical)))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Count the reports over the sources."""
        terms = Terms(
            tool=Tool(name="lcov", version=""),
            critical=self.options.critical,
            min_changed=self.options.min_changed,
        )
        return ignore_comments.told(ctx, of_reports(ctx, reports, lcov.read, terms))
