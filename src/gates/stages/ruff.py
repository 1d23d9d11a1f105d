"""`ruff`: lint of Python files with ruff, by the project's own configuration."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from gates.formats import ruff_config, ruff_json, ruff_log
from gates.formats.ruff_json import Diagnostic
from gates.formats.tool_paths import Tree, arguments, left_out
from gates.plugin import (
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    Options,
    OutputUnreadable,
    Severity,
    Stage,
    StageError,
    StageResult,
    Unit,
    count,
)

SEVERITIES: dict[str, tuple[Severity, str]] = {
    "fatal": (Severity.HIGH, "errors"),
    "error": (Severity.HIGH, "errors"),
    "warning": (Severity.MEDIUM, "warnings"),
    "info": (Severity.INFO, "warnings"),
}
"""Ruff's words (it says `error` for every rule so far), and the metric that counts them."""

CONFIGURATION = ("**/pyproject.toml", "**/ruff.toml", "**/.ruff.toml")
PYTHON = ("**/*.py", "**/*.pyi", "**/*.ipynb")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuffOptions(Options):
    """Options of `ruff`."""

    paths: tuple[str, ...] = field(default=(".",), metadata={"help": "files and folders to lint"})


class Ruff(Stage[RuffOptions]):
    """Lint: every diagnostic counts; what `noqa` comments hide is counted beside them."""

    uses = "ruff"
    title = "lint"
    options_type = RuffOptions
    metrics = (
        MetricSpec(
            name="errors",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="lint errors",
            noun="errors",
        ),
        MetricSpec(
            name="warnings",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="lint warnings",
            noun="warnings",
        ),
        MetricSpec(
            name="suppressed",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="diagnostics that comments suppress",
            noun="suppressed diagnostics",
        ),
    )
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0"))
    criteria = ("L1-LINT",)
    examines = "files"
    errored_when = (
        "no Python file was linted",
        "a file could not be read or parsed",
        "no rule is enabled for some of the files, or all are ignored for a source",
        "ruff does not say which files it checked",
        "the exit code and the diagnostics contradict each other",
    )
    programs = ("ruff",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, and whatever configures ruff."""
        extended = ruff_config.extended(_configuration(ctx))
        return ctx.files(*PYTHON, *CONFIGURATION, "**/.gitignore", *extended)

    def run(self, ctx: Context) -> StageResult:
        """Lint, count the files that were really linted, and the rules that were enabled."""
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
            sources=frozenset(ctx.sources(".py", ".pyi").files),
        )
        for path in self.options.paths:
            if not os.path.lexists(ctx.root / path):
                summary = f"`{path}`: no such file or folder"
                raise StageError("path-missing", summary, hint="see `paths`", place=path)
        isolation = ruff_config.isolation(_configuration(ctx))
        done, data = self._check(ctx, "ruff.json", *isolation)
        _refuse_unreadable(ruff_json.parse(data, what="ruff.json"), tree)
        missing = tree.sources - _linted(done.stderr, tree)
        handed = tuple(sorted(missing)) if self.options.paths == (".",) else ()
        if handed:
            # A file that is tracked although .gitignore names it is only linted where it is named.
            isolation = (*isolation, "--force-exclude")
            done, data = self._check(ctx, "ruff-with-ignored.json", *isolation, paths=handed)
        result = parse(done, data, tree)
        rules = _fewest_rules(ctx, done, tree, isolation)
        _, everything = self._check(
            ctx, "ruff-without-noqa.json", "--ignore-noqa", *isolation, paths=handed
        )
        return replace(
            result,
            metrics=(*result.metrics, count("suppressed", hidden(data, everything))),
            examined=replace(result.examined, details=(("rules", rules),)),
        )

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
    if (done.exit_code == 1) != bool(entries):
        summary = f"ruff ended with exit code {done.exit_code} and {len(entries)} diagnostics"
        raise OutputUnreadable("contradiction", summary, place="ruff")
    _refuse_unreadable(entries, tree)
    examined = _linted(done.stderr, tree)
    if not examined:
        raise StageError("nothing-examined", "ruff found no Python file to lint")
    findings = tuple(_finding(entry, tree) for entry in entries)
    return StageResult(
        metrics=tuple(
            count(name, sum(name in finding.counts for finding in findings))
            for name in ("errors", "warnings")
        ),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=findings,
        tool=done.tool,
        notes=left_out(tree.sources - examined, did="linted"),
    )


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


def _linted(log: bytes, tree: Tree) -> frozenset[str]:
    """The files that were linted, without configuration files, which ruff also reads."""
    named = (tree.relative(path) for path in ruff_log.files_in(log, ruff_log.CHECKED))
    return frozenset(path for path in named if not path.endswith(".toml"))


def _configuration(ctx: Context) -> dict[str, bytes]:
    """The files that may configure ruff: the project's, and those above it up to git's folder."""
    found = {name: (ctx.root / name).read_bytes() for name in ctx.files(*CONFIGURATION)}
    folders = (ctx.root, *ctx.root.parents)
    top = next((folder for folder in folders if (folder / ".git").exists()), ctx.root)
    for folder in folders[1 : folders.index(top) + 1]:
        paths = (folder / name for name in ruff_config.NAMES)
        found |= {str(path): path.read_bytes() for path in paths if path.is_file()}
    return found


def _fewest_rules(ctx: Context, done: Completed, tree: Tree, more: tuple[str, ...]) -> int:
    """The number of rules enabled where they are fewest; each configuration is asked once.

    A source for which the settings ignore all of them is as good as one that was not linted.
    """
    places = {str(PurePosixPath(path).parent) for path in ctx.files(*CONFIGURATION)}
    ignored = {
        tree.relative(path): rules for path, rules in ruff_log.ignored_rules(done.stderr).items()
    }
    enabled: dict[str, frozenset[str]] = {}
    numbers: list[int] = []
    for path in sorted(_linted(done.stderr, tree)):
        folders = (str(folder) for folder in PurePosixPath(path).parents)
        place = next((one for one in folders if one in places), ".")
        if place not in enabled:
            command = ("check", "--show-settings", *more, "--", *arguments((path,)))
            enabled[place] = ruff_json.enabled_rules(ctx.run(done.tool, *command).stdout)
        left = enabled[place] - ignored.get(path, frozenset())
        if not enabled[place] or (not left and path in tree.sources):
            raise StageError(
                "no-rule",
                f"ruff enables no rule for `{path}`",
                hint="see `select` and `per-file-ignores` in its configuration,"
                " or `ruff check --show-settings`",
                place=path,
            )
        numbers.append(len(left) if path in tree.sources else len(enabled[place]))
    return min(numbers)


def _refuse_unreadable(entries: tuple[Diagnostic, ...], tree: Tree) -> None:
    entry = ruff_json.unreadable(entries)
    if entry is not None:
        place = tree.relative(entry.path)
        raise StageError(
            "file-unreadable",
            f"`{place}` could not be read as Python: {entry.message}",
            hint="mend it, or leave it out by `exclude` in ruff's configuration",
            place=f"{place}:{entry.line}:{entry.column}" if entry.line else place,
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
        counts=(metric,),
        fix=entry.fix,
    )
