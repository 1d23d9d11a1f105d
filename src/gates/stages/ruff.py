"""`ruff`: lint of Python files with ruff, by the project's own configuration."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace

from gates.formats import given_parts, ruff_config, ruff_given, ruff_json, ruff_log, ruff_settings
from gates.formats.counts import counted
from gates.formats.ruff_json import Diagnostic
from gates.formats.ruff_settings import Settings
from gates.formats.tool_paths import Tree, arguments, left_out
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    Examined,
    Finding,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit import ruff_files
from gates.toolkit.ruff_files import CONFIGURATION

SEVERITIES: dict[str, tuple[Severity, str]] = {
    "fatal": (Severity.HIGH, "errors"),
    "error": (Severity.HIGH, "errors"),
    "warning": (Severity.MEDIUM, "warnings"),
    "info": (Severity.INFO, "warnings"),
}
"""Ruff's words (it says `error` for every rule so far), and the metric that counts them."""

PYTHON = ("**/*.py", "**/*.pyi", "**/*.ipynb")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuffOptions(ReportOptions):
    """Options of `ruff`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files and folders to lint", "stricter": "wider"}
    )
    log: str = field(
        default="",
        metadata={"help": "what the runs behind `report` wrote to standard error with `--verbose`"},
    )


class Ruff(Stage[RuffOptions]):
    """Lint: every diagnostic counts; what `noqa` comments hide is counted beside them."""

    uses = "ruff"
    title = "lint"
    options_type = RuffOptions
    metrics = (
        counted("errors", "lint errors", "errors"),
        counted("warnings", "lint warnings", "warnings"),
        counted("suppressed", "diagnostics that comments suppress", "suppressed diagnostics"),
    )
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0"))
    criteria = ("L1-LINT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no Python file was linted",
        "a file could not be read or parsed",
        "no rule is enabled for some of the files, or all are ignored for a source",
        "ruff's configuration has it take Python for another language",
        "the name of a source holds a line break, so that ruff's log proves nothing of it",
        "ruff does not say which files it checked, or passes one over that it would check",
        "the exit code and the diagnostics contradict each other",
        "the log beside a given report does not name a source, or does not fit the report",
    )
    programs = ("ruff",)
    reports_may_repeat = True
    written_by = (
        "ruff check --no-cache --verbose --output-format json --output-file out/ruff.json ."
        " 2> out/ruff.log"
    )

    def check(self) -> None:
        """Refuse a report without its log, and options of a run beside one.

        Raises:
            ValueError: one of the two stands without the other, or `paths` beside them.
        """
        given_parts.refuse_alone(self.given, self.options.log, written_by=self.written_by)
        given_parts.refuse_paths(self.given, is_set=self.options.paths != (".",))

    def specs(self) -> tuple[MetricSpec, ...]:
        """The metrics; a given report does not tell what comments suppress."""
        return tuple(one for one in self.metrics if not self.given or one.name != "suppressed")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, and whatever configures ruff."""
        extended = ruff_config.extended(_configuration(ctx))
        return ctx.files(*PYTHON, *CONFIGURATION, "**/.gitignore", *extended)

    def run(self, ctx: Context) -> StageResult:
        """Lint, count the files that were really linted, and the rules that were enabled."""
        tree = _tree(ctx)
        ruff_files.refuse_missing(ctx.root, self.options.paths)
        isolation = ruff_config.isolation(_configuration(ctx))
        done, data = self._check(ctx, "ruff.json", *isolation)
        ruff_json.refuse_unreadable(ruff_json.parse(data, what="ruff.json"), tree)
        missing = tree.sources - ruff_log.linted(done.stderr, tree)
        handed = tuple(sorted(missing)) if self.options.paths == (".",) else ()
        if handed:
            # A file that is tracked although .gitignore names it is only linted where it is named.
            isolation = (*isolation, "--force-exclude")
            done, data = self._check(ctx, "ruff-with-ignored.json", *isolation, paths=handed)
        result = parse(done, data, tree)
        settings = _settings(ctx, tree, isolation)
        passed_over = tree.files - ruff_log.linted(done.stderr, tree)
        if passed_over:
            shown = self._shown(ctx, *isolation, paths=handed)
            ruff_settings.refuse_passed_over(
                passed_over, shown, tree, settings, of=ruff_settings.LINTER
            )
        settings.refuse_foreign(ruff_log.linted(done.stderr, tree))
        rules = _fewest_rules(done, tree, settings)
        again, everything = self._check(
            ctx, "ruff-without-noqa.json", "--ignore-noqa", *isolation, paths=handed
        )
        entries = ruff_json.parse(everything, what="ruff-without-noqa.json")
        ruff_json.refuse_contradiction(entries, again.exit_code)
        return replace(
            result,
            metrics=(*result.metrics, count("suppressed", hidden(data, everything))),
            examined=replace(result.examined, details=(("rules", rules),)),
        )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports beside the log of the same runs, which names what was linted."""
        tree = _tree(ctx)
        log = self.options.log
        told = ruff_given.merged(
            [(one.name, one.data) for one in reports],
            (log, ctx.given_report(log).data),
            tree,
            written_by=self.written_by,
        )
        ctx.note(ruff_given.UNKNOWN)
        tool = Tool(name="ruff", version="", how="a given report")
        return _result(told.entries, told.examined, tree, tool)

    def _check(
        self, ctx: Context, name: str, *more: str, paths: tuple[str, ...] = ()
    ) -> tuple[Completed, bytes]:
        """One run that changes and caches nothing, and its report.

        `fix-only` in the project's configuration would rewrite files and report none of them.
        E902 makes an unreadable file a diagnostic, whatever the configuration selects.
        """
        path = ctx.out / name
        done = ctx.run(
            ctx.tool("ruff"),
            "check",
            "--verbose",
            "--no-cache",
            "--no-fix",
            "--no-fix-only",
            "--extend-select=E902",
            "--extend-exclude=.gates",
            "--output-format=json",
            f"--output-file={path}",
            *more,
            "--",
            *arguments((*self.options.paths, *paths)),
            ok=(0, 1),
        )
        return done, ctx.report(path).data

    def _shown(self, ctx: Context, *more: str, paths: tuple[str, ...]) -> bytes:
        """The files that ruff says it would lint by the same arguments."""
        return ctx.run(
            ctx.tool("ruff"),
            "check",
            "--show-files",
            "--no-cache",
            "--extend-exclude=.gates",
            *more,
            "--",
            *arguments((*self.options.paths, *paths)),
        ).stdout


def parse(done: Completed, data: bytes, tree: Tree) -> StageResult:
    """Read ruff's JSON beside its log; the metric `suppressed` is not in it yet.

    Args:
        done: the verbose run.
        data: its report.
        tree: the project's Python files.

    Raises:
        OutputUnreadable: the report, the log and the exit code do not tell one story.
        StageError: a file was not readable or not Python, or there was none.
    """
    entries = ruff_json.parse(data, what="ruff.json")
    ruff_json.refuse_contradiction(entries, done.exit_code)
    ruff_json.refuse_unreadable(entries, tree)
    examined = ruff_log.linted(done.stderr, tree)
    if not examined:
        raise StageError("nothing-examined", "ruff found no Python file to lint")
    return _result(entries, examined, tree, done.tool)


def hidden(data: bytes, everything: bytes) -> int:
    """How many diagnostics a run that ignores suppressing comments has beyond the plain one."""
    plain, whole = (
        Counter(
            (entry.path, entry.code, entry.line, entry.column)
            for entry in ruff_json.parse(part, what="ruff.json")
        )
        for part in (data, everything)
    )
    return (whole - plain).total()


def _tree(ctx: Context) -> Tree:
    tree = Tree(
        roots=ruff_files.roots(ctx.root),
        files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
        sources=frozenset(ctx.sources(".py", ".pyi").files),
    )
    ruff_log.refuse_unprovable(tree)
    return tree


def _configuration(ctx: Context) -> dict[str, bytes]:
    return ruff_files.configuration(ctx.root, ctx.files(*CONFIGURATION))


def _settings(ctx: Context, tree: Tree, isolation: tuple[str, ...]) -> Settings:
    def ask(path: str) -> bytes:
        command = ("check", "--show-settings", *isolation, "--", *arguments((path,)))
        return ctx.run(ctx.tool("ruff"), *command).stdout

    names = ruff_files.beside(ctx.root, tree.files, known=ctx.files(*CONFIGURATION))
    return Settings(ask, names)


def _fewest_rules(done: Completed, tree: Tree, settings: Settings) -> int:
    """The number of rules enabled where they are fewest.

    A source for which the settings ignore all of them is as good as one that was not linted.
    """
    ignored = {
        tree.relative(path): rules for path, rules in ruff_log.ignored_rules(done.stderr).items()
    }
    numbers: list[int] = []
    for path in sorted(ruff_log.linted(done.stderr, tree)):
        enabled = settings.rules(path).keys()
        left = enabled - ignored.get(path, frozenset())
        if not enabled or (not left and path in tree.sources):
            raise StageError(
                "no-rule",
                f"ruff enables no rule for `{path}`",
                hint="see `select` and `per-file-ignores` in its configuration,"
                " or `ruff check --show-settings`",
                place=path,
            )
        numbers.append(len(left) if path in tree.sources else len(enabled))
    return min(numbers)


def _result(
    entries: tuple[Diagnostic, ...], examined: frozenset[str], tree: Tree, tool: Tool
) -> StageResult:
    findings = tuple(_finding(entry, tree) for entry in entries)
    return StageResult(
        metrics=tuple(
            count(name, sum(name in finding.counts for finding in findings))
            for name in ("errors", "warnings")
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=tool,
        notes=left_out(tree.sources - examined, did="linted"),
    )


def _finding(entry: Diagnostic, tree: Tree) -> Finding:
    if entry.severity not in SEVERITIES:
        summary = f"ruff calls a diagnostic `{entry.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="ruff")
    severity, metric = SEVERITIES[entry.severity]
    return Finding(
        rule=entry.code,
        severity=severity,
        message=entry.message,
        path=tree.relative(entry.path),
        line=entry.line,
        column=entry.column,
        end_line=entry.end_line,
        counts=(metric,),
        fix=entry.fix,
    )
