"""Istanbul's JSON: what the tests of Vitest, Jest or nyc ran of JavaScript and TypeScript."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gates.formats import ignore_comments, istanbul
from gates.formats.coverage_metrics import (
    CONDITIONS,
    ERRORED,
    METRICS,
    MIN_CHANGED,
    floors,
    refuse_odd,
)
from gates.formats.coverage_result import Terms, measured, of_reports
from gates.plugin import (
    Artifact,
    Context,
    Default,
    Needed,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    Wants,
)
from gates.toolkit.files import read_report
from gates.toolkit.node_sources import NODE_SUFFIXES

REPORT = "coverage/coverage-final.json"
"""Where the gate of the tests leaves it in its folder."""


_SOURCE = "export const one = 1;\nexport const two = 2;\n"


def _report(hits: int) -> str:
    """A report of two sources of the sample, each statement of which ran so often."""
    places = (
        f'"{at}": {{"start": {{"line": {at}, "column": 0}}, "end": {{"line": {at}, "column": 20}}}}'
        for at in (1, 2)
    )
    statements = f'"statementMap": {{{", ".join(places)}}}, "s": {{"1": {hits}, "2": {hits}}}'
    rest = '"fnMap": {}, "f": {}, "branchMap": {}, "b": {}'
    paths = ("src/a.ts", "src/b.ts")
    files = (f'"{path}": {{"path": "{path}", {statements}, {rest}}}' for path in paths)
    return f"{{{', '.join(files)}}}\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class IstanbulOptions(ReportOptions):
    """What `with:` may hold."""

    tests: str = field(
        default="", metadata={"help": "the gate whose tests measure; default: the only one"}
    )
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


class Istanbul(Stage[IstanbulOptions]):
    """Count covered lines of every source, those that no report knows included."""

    uses = "istanbul"
    title = "coverage of JavaScript and TypeScript by the tests"
    options_type = IstanbulOptions
    metrics = METRICS
    defaults = tuple(Default(text=text) for text in CONDITIONS)
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = (
        *ERRORED,
        "a source changed after it was measured",
        "the test gate left no coverage",
        "lines changed, and the report only tells totals (`coverage-summary.json`)",
    )
    written_by = "vitest run --coverage.enabled --coverage.reporter=json"
    sample = Sample(
        files={"src/a.ts": _SOURCE, "src/b.ts": _SOURCE, "out/coverage-final.json": _report(1)},
        faulty={"out/coverage-final.json": _report(0)},
        options={"report": "out/coverage-final.json"},
        sources=("src",),
        reports=("out/coverage-final.json",),
        vital=("src/a.ts", "src/b.ts"),
    )

    def check(self) -> None:
        """Refuse critical paths and floors that no condition can name."""
        refuse_odd(self.options.critical, self.options.min_changed)

    def conditions(self) -> tuple[Default, ...]:
        """A floor for each critical path besides those of the whole."""
        return (*self.defaults, *(Default(text=text) for text in floors(self.options.critical)))

    def wants(self) -> Wants | None:
        """The one run of the tests, unless a report is judged."""
        if self.given:
            return None
        return Wants(uses=("vitest", "jest"), ask="coverage", option="tests")

    def run(self, ctx: Context) -> StageResult:
        """Count what the gate of the tests measured."""
        need = self._tests(ctx)
        report = read_report(need.out / REPORT, since_ns=need.started_ns)
        part = (REPORT, istanbul.read(report.data, what=REPORT))
        result = measured(ctx, (part,), self._terms())
        _refuse_changed_sources(ctx, report)
        kept = Artifact(path=f"{need.name}/out/{REPORT}", sha256=report.sha256)
        # The runner measured; its reporter only has the form that Istanbul gave it.
        tool = need.result.tool if need.result is not None else result.tool
        return ignore_comments.told(ctx, replace(result, tool=tool, artifacts=(kept,)))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Count the reports over the sources."""
        result = of_reports(ctx, reports, istanbul.read, self._terms())
        return ignore_comments.told(ctx, result)

    def _terms(self) -> Terms:
        return Terms(
            tool=Tool(name="istanbul", version=""),
            critical=self.options.critical,
            min_changed=self.options.min_changed,
        )

    def _tests(self, ctx: Context) -> Needed:
        """The gate whose run measured."""
        found = [
            need
            for name, need in ctx.needed.items()
            if name == (self.options.tests or name) and (need.out / REPORT).exists()
        ]
        if len(found) != 1:
            raise StageError(
                "no-coverage-data",
                "no gate ran the tests and measured coverage",
                hint="see the gate of the tests; where it judges a report, give this one `report:`",
            )
        return found[0]


def _refuse_changed_sources(ctx: Context, report: Report) -> None:
    measured_ns = report.path.stat().st_mtime_ns
    for path in ctx.sources(*NODE_SUFFIXES).files:
        if (ctx.root / path).stat().st_mtime_ns > measured_ns:
            raise StageError(
                "source-changed", f"`{path}` changed after the tests measured it", place=path
            )
