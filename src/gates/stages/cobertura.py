"""Cobertura XML, as most tools of coverage write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gates.formats import cobertura, ignore_comments
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
    lines = "".join(f'<line number="{number}" hits="{hits}"/>\n' for number in (1, 2))
    classes = "".join(
        f'<class filename="src/{name}.ts" line-rate="{hits}">\n'
        f"<methods/><lines>\n{lines}</lines></class>\n"
        for name in "ab"
    )
    return (
        f'<coverage lines-covered="{4 * hits}" lines-valid="4" line-rate="{hits}">\n'
        f"<packages><package><classes>\n{classes}</classes></package></packages>\n</coverage>\n"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CoberturaOptions(ReportOptions):
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


class Cobertura(ReportStage[CoberturaOptions]):
    """Count covered lines of every source of the languages that the report speaks of."""

    uses = "cobertura"
    title = "coverage in Cobertura's format, of any language"
    options_type = CoberturaOptions
    metrics = METRICS
    defaults = tuple(Default(text=text) for text in CONDITIONS)
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = ERRORED
    written_by = "coverage run -m pytest && coverage xml -o out/coverage.xml"
    sample = Sample(
        files={"src/a.ts": _SOURCE, "src/b.ts": _SOURCE, "out/coverage.xml": _report(1)},
        faulty={"out/coverage.xml": _report(0)},
        options={"report": "out/coverage.xml"},
        sources=("src",),
        reports=("out/coverage.xml",),
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
            tool=Tool(name="cobertura", version=""),
            critical=self.options.critical,
            min_changed=self.options.min_changed,
        )
        return ignore_comments.told(ctx, of_reports(ctx, reports, cobertura.read, terms))
