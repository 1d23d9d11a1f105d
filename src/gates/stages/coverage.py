"""coverage.py: what the tests' one run executed of the project's sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import coverage_json, coverage_result, pytest_proof
from gates.formats.coverage_combine import refuse_partial
from gates.formats.coverage_metrics import (
    CONDITIONS,
    ERRORED,
    METRICS,
    MIN_CHANGED,
    floors,
    refuse_odd,
)
from gates.formats.coverage_model import CoverageReport
from gates.formats.coverage_result import Terms
from gates.plugin import (
    Context,
    Default,
    Needed,
    Report,
    ReportOptions,
    SourceSet,
    Stage,
    StageError,
    StageResult,
    Tool,
    Wants,
)
from gates.toolkit.files import open_report, read_report
from gates.toolkit.pytest_launch import inputs_of_tests

SUFFIXES = (".py",)
"""Endings of what coverage.py measures."""

MAX_DATA_BYTES = 4 * 1024**3
"""How large a data file may be; it is not read here."""

OLDEST = (7, 14)
"""First version of coverage.py whose report can be believed line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions(ReportOptions):
    """What `with:` may hold."""

    tests: str = field(
        default="", metadata={"help": "the gate whose tests measure; default: the only one"}
    )
    critical: Mapping[str, str] = field(
        default_factory=dict,
        metadata={"help": "paths with a floor of their own: `src/orders/pricing.py: 95%`"},
    )
    min_changed: int = field(
        default=MIN_CHANGED,
        metadata={"help": "below so many changed lines `changed_uncovered` decides"},
    )


class Coverage(Stage[CoverageOptions]):
    """Count covered lines of every source, those that no report knows included."""

    uses = "coverage"
    title = "coverage of the sources by the tests"
    options_type = CoverageOptions
    metrics = METRICS
    defaults = tuple(Default(text=text) for text in CONDITIONS)
    criteria = ("L1-COVERAGE",)
    examines = "lines"
    errored_when = (
        *ERRORED,
        "a source changed after it was measured",
        "the test gate left no data, or fewer data files than processes measured",
        "coverage.py is older than 7.14",
        "a data file is damaged or cannot be combined",
    )
    programs = ("coverage",)
    written_by = "coverage run -m pytest && coverage json -o out/coverage.json"

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
        return Wants(uses=("pytest",), ask="coverage", option="tests")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """Those of the tests."""
        return inputs_of_tests(ctx.root, ctx.files("**"))

    def run(self, ctx: Context) -> StageResult:
        """Make coverage.py report on the tests' data; then count."""
        tool = ctx.tool("coverage")
        _refuse_old(tool)
        report = _report(ctx, self._tests(ctx), ctx.sources(*SUFFIXES), tool)
        terms = self._terms(tool, is_given=False)
        return coverage_result.measured(ctx, (("coverage.json", report),), terms)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Count coverage.py's JSON reports of an earlier step."""
        terms = self._terms(Tool(name="coverage", version=""), is_given=True)
        return coverage_result.of_reports(ctx, reports, coverage_json.read, terms)

    def _terms(self, tool: Tool, *, is_given: bool) -> Terms:
        return Terms(
            tool=tool,
            suffixes=SUFFIXES,
            critical=self.options.critical,
            min_changed=self.options.min_changed,
            is_given=is_given,
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
