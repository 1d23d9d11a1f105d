"""coverage.py: what the tests' one run executed of the project's sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import coverage_json, line_coverage, pytest_proof
from gates.formats.coverage_combine import refuse_partial
from gates.formats.coverage_json import CoverageReport
from gates.formats.coverage_summary import CoverageSummary
from gates.formats.executable_lines import statement_starts
from gates.plugin import (
    Change,
    Context,
    Default,
    Direction,
    MetricSpec,
    Needed,
    Options,
    OutputUnreadable,
    SourceSet,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    Wants,
)
from gates.toolkit.files import open_report, read_report
from gates.toolkit.pytest_launch import inputs_of_tests

MIN_CHANGED = 20
"""Changed lines from which on their ratio says something."""

MAX_DATA_BYTES = 4 * 1024**3
"""How large a data file may be; it is not read here."""

OLDEST = (7, 14)
"""First version of coverage.py whose report can be believed line by line."""

_PERCENT = re.compile(r"(?:100|[1-9]?[0-9])(?:\.[0-9]{1,4})?\s?%")


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions(Options):
    """What `with:` may hold."""

    tests: str = field(
        default="", metadata={"help": "the gate whose tests measure; default: the only one"}
    )
    report: str = field(
        default="", metadata={"help": "a coverage.py JSON report of an earlier step, instead"}
    )
    critical: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "paths with a floor of their own: `src/orders/pricing.py: 95%`"},
    )
    min_changed: int = field(
        default=MIN_CHANGED,
        metadata={"help": "below so many changed lines `changed_uncovered` decides"},
    )


def _ratio(
    name: str, noun: str, *, tags: tuple[str, ...] = (), optional: bool = False
) -> MetricSpec:
    return MetricSpec(
        name=name,
        unit=Unit.RATIO,
        direction=Direction.HIGHER,
        title=noun,
        noun=noun,
        tags=tags,
        optional=optional,
    )


class Coverage(Stage[CoverageOptions]):
    """Count covered lines of every source, those that no report knows included."""

    uses = "coverage"
    title = "coverage of the sources by the tests"
    options_type = CoverageOptions
    metrics = (
        _ratio("line", "covered lines", tags=("path",)),
        _ratio("branch", "covered branches", optional=True),
        _ratio("changed_line", "covered changed lines", optional=True),
        _ratio("changed_branch", "covered changed branches", optional=True),
        MetricSpec(
            name="changed_uncovered",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="uncovered changed lines",
            noun="uncovered changed lines",
            optional=True,
        ),
    )
    defaults = (
        Default(text="line >= 90%"),
        Default(text="changed_line >= 90%"),
        Default(text="changed_uncovered <= 2"),
    )
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = (
        "there is no executable line",
        "a source cannot be parsed, or changed after it was measured",
        "the test gate left no data, or fewer data files than processes measured",
        "coverage.py is older than 7.14",
        "a data file is damaged or cannot be combined",
        "a given report knows none of the sources, or lines that they do not have",
        "the named base of the change is not there",
    )
    programs = ("coverage",)

    def check(self) -> None:
        """Refuse critical paths and floors that no condition can name."""
        for path, floor in self.options.critical.items():
            if not path or '"' in path or "\\" in path:
                raise ValueError(f"`critical` cannot name the path `{path}`")
            if _PERCENT.fullmatch(floor) is None:
                raise ValueError(f"the floor of `{path}` is a percentage such as `80%`")
        if self.options.min_changed < 1:
            raise ValueError("`min_changed` is at least 1")

    def conditions(self) -> tuple[Default, ...]:
        """A floor for each critical path besides those of the whole."""
        floors = (
            Default(text=f'line{{path="{path}"}} >= {floor}')
            for path, floor in self.options.critical.items()
        )
        return (*self.defaults, *floors)

    def wants(self) -> Wants | None:
        """The one run of the tests, unless a report is judged."""
        if self.options.report:
            return None
        return Wants(uses=("pytest",), ask="coverage", option="tests")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """Those of the tests; a report may depend on anything."""
        if self.options.report:
            return ()
        return inputs_of_tests(ctx.root, ctx.files("**"))

    def run(self, ctx: Context) -> StageResult:
        """Make coverage.py report on the tests' data, or read the given report; then count."""
        options = self.options
        sources = ctx.sources(".py")
        if options.report:
            given = ctx.given_report(options.report)
            report = coverage_json.read(given.data, what=options.report)
            _refuse_foreign(report, sources, ctx.root)
            tool = Tool(name="coverage", version=report.version)
        else:
            tool = ctx.tool("coverage")
            _refuse_old(tool)
            report = _report(ctx, self._tests(ctx), sources, tool)
        covered = line_coverage.of_sources(
            report,
            sources.files,
            root=str(ctx.root.resolve()),
            read=lambda path: (ctx.root / path).read_bytes(),
            is_given=bool(options.report),
        )
        change = _change(ctx)
        summary = CoverageSummary(
            report, covered, _changed_lines(ctx, change, sources), change, options.min_changed
        )
        metrics, absent = summary.metrics(options.critical)
        findings, cut = summary.findings(lambda path: (ctx.root / path).read_bytes())
        more = (f"{cut} more uncovered places are not listed",) if cut else ()
        return StageResult(
            metrics=metrics,
            examined=summary.examined(excluded=len(sources.excluded)),
            tool=tool,
            findings=findings,
            not_applicable=absent,
            notes=(*summary.notes(), *more),
        )

    def _tests(self, ctx: Context) -> Needed:
        """The gate whose run measured."""
        found = [
            need
            for name, need in ctx.needed.items()
            if name == (self.options.tests or name) and (need.out / "proof").is_dir()
        ]
        if len(found) != 1:
            raise StageError(
                "no-coverage-data",
                "no gate ran the tests and measured coverage",
                hint="give this gate `report:` too where the tests' gate judges a report",
            )
        return found[0]


def _refuse_old(tool: Tool) -> None:
    """Refuse versions whose reports count docstrings and excluded lines among the executed ones."""
    found = re.match(r"(\d+)\.(\d+)", tool.version)
    if found is not None and (int(found[1]), int(found[2])) < OLDEST:
        needed = ".".join(str(number) for number in OLDEST)
        raise StageError(
            "tool-too-old",
            f"coverage {tool.version} lists lines as executed that are no statements",
            hint=f"install coverage {needed} or newer in the project's environment",
        )


def _report(ctx: Context, need: Needed, sources: SourceSet, tool: Tool) -> CoverageReport:
    """What coverage.py makes of the data that the tests' processes left."""
    files, config = _data_files(need)
    _refuse_changed_sources(ctx, sources, files)
    rcfile = (f"--rcfile={config}",) if config else ()
    data = files[0]
    if len(files) > 1:
        data = ctx.out / "combined"
        names = [str(file) for file in files]
        done = ctx.run(tool, "combine", "--keep", f"--data-file={data}", *rcfile, *names)
        output = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
        refuse_partial(output, expected=len(files))
    target = ctx.out / "coverage.json"
    ctx.run(
        tool,
        "json",
        *(f"--data-file={data}", f"-o{target}", "--fail-under=0", *rcfile),
        # What counts is told by `sources:`, so the configuration must not leave any of it out.
        *(f"--include={_patterns(ctx.root, sources)}", "--omit=*/:nothing:"),
    )
    written = ctx.report(target)
    return coverage_json.read(written.data, what=target.name)


def _data_files(need: Needed) -> tuple[list[Path], str]:
    """All data files of the run, and the configuration that its command line named."""
    proof, data = need.out / "proof", need.out / "proof" / "data"
    config = ""
    expected: set[str] = set()
    who = f"gate `{need.name}`"
    for path in (proof / "main.json", *sorted(proof.glob("worker-*.json"))):
        record = read_report(path, since_ns=need.started_ns, max_bytes=pytest_proof.MAX_BYTES)
        measured = pytest_proof.read(record.data, what=path.name, nonce=None).measured
        if measured is None:
            raise StageError("no-coverage-data", f"{who} was not asked to measure coverage")
        if measured.problem:
            raise StageError(
                "coverage-broken",
                f"{who} could not measure coverage: {measured.problem}",
                hint="install `coverage` in the environment of the tests, or mend its settings",
            )
        if measured.files and not measured.data:
            raise StageError("data-lost", f"a process of {who} measured and left no data")
        config = config or measured.config
        expected.update({measured.data} - {""})
    found = sorted(path for path in data.glob("lines*") if not path.name.endswith("-journal"))
    if not expected and not found:
        summary = f"the tests of {who} executed no line that coverage was told to measure"
        raise StageError("nothing-measured", summary)
    lost = expected.difference(path.name for path in found)
    if lost:
        raise StageError("data-lost", f"{len(lost)} data files of {who} are missing")
    for path in found:
        with open_report(path, since_ns=need.started_ns, max_bytes=MAX_DATA_BYTES):
            pass  # whole, ours, and made by this run
    return found, config


def _refuse_changed_sources(ctx: Context, sources: SourceSet, files: list[Path]) -> None:
    measured_ns = max(file.stat().st_mtime_ns for file in files)
    for path in sources.files:
        if (ctx.root / path).stat().st_mtime_ns > measured_ns:
            raise StageError(
                "source-changed", f"`{path}` changed after the tests measured it", place=path
            )


def _patterns(root: Path, sources: SourceSet) -> str:
    """The sources' top folders and modules as coverage.py's patterns.

    coverage.py puts the folder in front of each and has no way to quote a sign, so where there is
    one it must report on all files.
    """
    tops = {path.partition("/")[0] for path in sources.files}
    if any(sign in name for name in (str(root.resolve()), *tops) for sign in "*?[],\\"):
        return "*"
    folders = {path.partition("/")[0] for path in sources.files if "/" in path}
    return ",".join(f"{top}/**" if top in folders else top for top in sorted(tops))


def _refuse_foreign(report: CoverageReport, sources: SourceSet, root: Path) -> None:
    """Refuse a given report that speaks of other paths than ours."""
    real = str(root.resolve())
    known = {line_coverage.relative_to(file.path, real) for file in report.files}
    if known.isdisjoint(sources.files):
        example = next(iter(sorted(known)), "no file")
        raise OutputUnreadable(
            "paths-differ",
            f"the report knows none of the {len(sources.files)} sources, but {example}",
            hint="write it in the folder of gates.yaml, with `relative_files = true`",
        )


def _change(ctx: Context) -> Change | str:
    """The change, or why there is none; a named base that is not there is an error."""
    try:
        return ctx.change()
    except StageError as error:
        if error.problem.slug != "no-repository":
            raise
        return "changed lines are told by git, and this folder is in no repository"


def _changed_lines(
    ctx: Context, change: Change | str, sources: SourceSet
) -> dict[str, frozenset[int]]:
    """The changed lines of each source, at the first line of their statement."""
    if isinstance(change, str):
        return {}
    changed = {}
    for path in sources.files:
        lines = change.lines(path)
        if lines:
            starts = statement_starts((ctx.root / path).read_bytes(), path=path)
            changed[path] = frozenset(starts.get(line, line) for line in lines)
    return changed
