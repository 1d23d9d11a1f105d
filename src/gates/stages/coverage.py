"""coverage.py: what the tests' one run executed of the project's sources."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gates.formats import coverage_data, coverage_json, coverage_result
from gates.formats.coverage_combine import refuse_partial
from gates.formats.coverage_data import Left
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
    Handed,
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
from gates.toolkit.files import write_atomic
from gates.toolkit.pytest_launch import inputs_of_tests

SUFFIXES = (".py",)
"""Endings of what coverage.py measures."""

OLDEST = (7, 14)
"""First version of coverage.py whose report can be believed line by line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageOptions(ReportOptions):
    """What `with:` may hold."""

    tests: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "the gate whose tests measure, or a list of gates that measure together;"
            " default: the only one",
            "or_text": True,
        },
    )
    critical: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "help": "paths with a floor of their own: `src/orders/pricing.py: 95%`",
            "stricter": "higher",
        },
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
    measures_at_merge = True
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
        return Wants(uses=("pytest",), ask="coverage", option="tests", several=True)

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

    def _tests(self, ctx: Context) -> tuple[Left, ...]:
        """What the gates whose runs measured have left, on this machine or on others."""
        named = self.options.tests
        asked = [need for name, need in ctx.needed.items() if name in named or not named]
        found = [left for need in asked for left in _left_by(ctx, need)]
        measured = {left.gate for left in found}
        absent = sorted({need.name for need in asked if need.name not in measured} & set(named))
        if absent or not found or not (named or len(measured) == 1):
            who = f"gate `{absent[0]}` did not run" if absent and found else "no gate ran"
            raise StageError(
                "no-coverage-data",
                f"{who} the tests and measured coverage",
                hint="give this gate `report:` too where the tests' gate judges a report",
            )
        return tuple(found)


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


def _report(ctx: Context, left: tuple[Left, ...], sources: SourceSet, tool: Tool) -> CoverageReport:
    """What coverage.py makes of the data that the tests' processes left."""
    files, config = _gathered(ctx, left, tool)
    _refuse_changed_sources(ctx, sources, files)
    rcfile = (f"--rcfile={config}",) if config else ()
    data = files[0] if len(files) == 1 else _combined(ctx, tool, files, "combined", rcfile)
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


def _left_by(ctx: Context, need: Needed) -> Iterator[Left]:
    """What a gate's tests left here, or where its parts ran."""
    here = Handed(out=need.out, root=ctx.root.resolve(), started_ns=need.started_ns)
    for handed in need.handed or (here,):
        proof = handed.out / "proof"
        if proof.is_dir():
            is_part = handed.portion is not None
            yield Left(need.name, proof, handed.root, handed.started_ns, is_part)


def _gathered(ctx: Context, left: tuple[Left, ...], tool: Tool) -> tuple[list[Path], str]:
    """All data files, those of other checkouts as if made in this one; and the configuration."""
    here = ctx.root.resolve()
    files: list[Path] = []
    configs: set[str] = set()
    for at, each in enumerate(left):
        measured = coverage_data.measured(each)
        configs.add(coverage_data.moved(measured.config, each.root, here))
        if each.root == here or not measured.files:
            files += measured.files
            continue
        rules = ctx.out / f"moved-{at}.ini"
        write_atomic(rules, coverage_data.aliases(each.root, here).encode())
        rcfile = (f"--rcfile={rules}",)
        files.append(_combined(ctx, tool, measured.files, f"moved-{at}", rcfile))
    if not files:
        summary = "the tests executed no line that coverage was told to measure"
        raise StageError("nothing-measured", summary)
    return files, coverage_data.one_config(configs)


def _combined(
    ctx: Context, tool: Tool, files: Sequence[Path], name: str, rcfile: tuple[str, ...]
) -> Path:
    """Data files as one; coverage.py joins what they executed, lines and branches."""
    data = ctx.out / name
    names = [str(file) for file in files]
    done = ctx.run(tool, "combine", "--keep", f"--data-file={data}", *rcfile, *names)
    output = (done.stdout + b"\n" + done.stderr).decode("utf-8", "replace")
    refuse_partial(output, expected=len(files))
    return data


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
