"""JaCoCo's XML report of what ran of Java, Kotlin and their kin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import jacoco
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

_SOURCE = "package shop;\nclass Shop { static int one = 1; }\n"


def _report(hits: int) -> str:
    """A report of two sources of the sample, in which so many of one instruction ran."""

    def counters(number: int) -> str:
        numbers = f'missed="{number * (1 - hits)}" covered="{number * hits}"'
        return f'<counter type="INSTRUCTION" {numbers}/>\n<counter type="LINE" {numbers}/>\n'

    line = f'<line nr="2" mi="{1 - hits}" ci="{hits}" mb="0" cb="0"/>\n'
    files = "".join(
        f'<sourcefile name="{name}.java">\n{line}{counters(1)}</sourcefile>\n' for name in "AB"
    )
    return (
        f'<report name="shop"><package name="shop">\n{files}{counters(2)}</package>\n'
        f"{counters(2)}</report>\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JacocoOptions(ReportOptions):
    """What `with:` may hold."""

    critical: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "paths with a floor of their own: `src/orders/Pricing.java: 95%`",
            "stricter": "higher",
        },
    )
    min_changed: int = field(
        default=MIN_CHANGED,
        metadata={"help": "below so many changed lines `changed_uncovered` decides"},
    )


class Jacoco(ReportStage[JacocoOptions]):
    """Count covered lines of every source of the languages that the report speaks of."""

    uses = "jacoco"
    title = "coverage of Java and its kin, by JaCoCo"
    options_type = JacocoOptions
    metrics = METRICS
    defaults = tuple(Default(text=text) for text in CONDITIONS)
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = ERRORED
    written_by = "mvn test jacoco:report"
    sample = Sample(
        files={
            "src/shop/A.java": _SOURCE,
            "src/shop/B.java": _SOURCE,
            "out/jacoco.xml": _report(1),
        },
        faulty={"out/jacoco.xml": _report(0)},
        options={"report": "out/jacoco.xml"},
        sources=("src",),
        reports=("out/jacoco.xml",),
        vital=("src/shop/A.java", "src/shop/B.java"),
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
            tool=Tool(name="jacoco", version=""),
            critical=self.options.critical,
            min_changed=self.options.min_changed,
        )
        return of_reports(ctx, reports, jacoco.read, terms)
