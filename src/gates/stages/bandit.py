"""`bandit`: insecure Python code, found by bandit and named by OWASP Top 10:2025."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from gates.domain.owasp import category_of
from gates.formats import bandit_json
from gates.formats.bandit_json import BanditReport, Issue
from gates.formats.tool_paths import Tree, arguments, some
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
    Role,
    Severity,
    Stage,
    StageError,
    StageResult,
    Unit,
    count,
)
from gates.toolkit.files import write_atomic

SEVERITIES: dict[str, tuple[Severity, str]] = {
    "HIGH": (Severity.HIGH, "high"),
    "MEDIUM": (Severity.MEDIUM, "medium"),
    "LOW": (Severity.LOW, "low"),
    "UNDEFINED": (Severity.UNKNOWN, "unknown"),
}
"""Bandit's words, and the metric that counts them."""


def _spec(name: str, title: str, noun: str) -> MetricSpec:
    return MetricSpec(name=name, unit=Unit.COUNT, direction=Direction.LOWER, title=title, noun=noun)


@dataclass(frozen=True, slots=True, kw_only=True)
class BanditOptions(Options):
    """Options of `bandit`."""

    paths: tuple[str, ...] = field(
        default=(), metadata={"help": "files and folders to examine; else all of `sources`"}
    )
    config: str = field(
        default="",
        metadata={"help": "bandit's configuration; else pyproject.toml with [tool.bandit]"},
    )
    ini: str = field(
        default="", metadata={"help": "a `.bandit` file to obey; none is obeyed unnamed"}
    )


class Bandit(Stage[BanditOptions]):
    """Insecure code by severity, each finding with confidence, CWE and OWASP category."""

    uses = "bandit"
    title = "insecure code"
    options_type = BanditOptions
    metrics = (
        _spec("high", "findings of high severity", "findings"),
        _spec("medium", "findings of medium severity", "findings"),
        _spec("low", "findings of low severity", "findings"),
        _spec("unknown", "findings of unknown severity", "findings"),
        _spec("nosec", "findings that a bare `nosec` silences", "silenced findings"),
        _spec("skipped_tests", "findings that `nosec` with an id silences", "silenced findings"),
    )
    defaults = (
        Default(text="high == 0"),
        Default(text="unknown == 0"),
        Default(text="medium == 0", role=Role.WARN),
    )
    criteria = ("L1-SAST",)
    examines = "files"
    errored_when = (
        "no source file was examined",
        "a file could not be read or parsed",
        "a source file is neither examined nor left out by bandit's configuration",
        "the results are filtered: they are not those that bandit counted",
        "the exit code and the results contradict each other",
    )
    programs = ("bandit",)

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """The sources, and whatever configures bandit."""
        named = [name for name in (self.options.config, self.options.ini) if name]
        examined = ctx.files(*self.options.paths) if self.options.paths else ()
        files = examined or ctx.sources(".py").files
        return (*files, *ctx.files("pyproject.toml", "**/.bandit", *named))

    def run(self, ctx: Context) -> StageResult:
        """Examine the sources file by file, so that bandit cannot pass over one unseen."""
        handed, excluded = self._handed(ctx)
        tree = Tree(
            roots=(str(ctx.root), os.path.realpath(ctx.root)),
            files=frozenset(handed) | frozenset(excluded),
            sources=frozenset(handed),
        )
        path = ctx.out / "bandit.json"
        config, excluding = self._config(ctx)
        done = ctx.run(
            ctx.tool("bandit"),
            "--quiet",
            "--format=json",
            f"--output={path}",
            *self._ini(ctx),
            *((f"--configfile={config}",) if config else ()),
            "--",
            *arguments(handed),
            ok=(0, 1),
        )
        others = tuple(
            f"`{name}` is not obeyed; `with: {{ini: {name}}}` obeys it"
            for name in ctx.files("**/.bandit")
            if name != self.options.ini
        )
        return parse(done, ctx.report(path).data, tree, excluding=excluding, notes=others)

    def _handed(self, ctx: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The files to examine, and those that `sources` excludes."""
        if not self.options.paths:
            sources = ctx.sources(".py")
            if not sources.files:
                raise StageError("nothing-examined", "there is no Python source to examine")
            return sources.files, sources.excluded
        handed: set[str] = set()
        for path in self.options.paths:
            found = [name for name in ctx.files(path) if name.endswith(".py")]
            if not found:
                raise StageError("path-missing", f"`{path}` holds no Python file", place=path)
            handed.update(found)
        return tuple(sorted(handed)), ()

    def _config(self, ctx: Context) -> tuple[str, bool]:
        """The configuration file to name, if any, and whether it may leave files out."""
        ini = bool(self.options.ini)
        if self.options.config:
            if not (ctx.root / self.options.config).is_file():
                summary = f"`{self.options.config}` is not there"
                raise StageError("config-missing", summary, place=self.options.config)
            return self.options.config, True
        path = ctx.root / "pyproject.toml"
        table = _table(path.read_bytes()) if path.is_file() else None
        if table is None:
            return "", ini
        return "pyproject.toml", ini or "exclude_dirs" in table

    def _ini(self, ctx: Context) -> tuple[str, ...]:
        """Which `.bandit` to obey: the named one, else an empty one, or bandit looks for its own.

        Without a named one, bandit's default exclusions go too: they are looked for anywhere in a
        path, so that `.tox` would leave out `src/a.toxic.py`.
        """
        if self.options.ini:
            if not (ctx.root / self.options.ini).is_file():
                summary = f"`{self.options.ini}` is not there"
                raise StageError("config-missing", summary, place=self.options.ini)
            return (f"--ini={self.options.ini}",)
        empty = ctx.out / "bandit.ini"
        write_atomic(empty, b"[bandit]\n")
        return (f"--ini={empty}", f"--exclude={empty}")


def parse(
    done: Completed,
    data: bytes,
    tree: Tree,
    *,
    excluding: bool = False,
    notes: tuple[str, ...] = (),
) -> StageResult:
    """Read bandit's report beside the files that it was given.

    Args:
        done: the run; exit code 0 or 1.
        data: its report.
        tree: the files that were handed over (`sources`), and those that were left out before.
        excluding: bandit's configuration may leave files out.
        notes: what to tell besides.

    Raises:
        OutputUnreadable: the results and the exit code do not tell one story.
        StageError: a file was not readable, not Python, or passed over without a reason.
    """
    report = bandit_json.parse(data, what="bandit.json")
    _refuse_unexamined(report, tree)
    if (done.exit_code == 1) != bool(report.issues):
        summary = f"bandit ended with exit code {done.exit_code} and {len(report.issues)} results"
        raise OutputUnreadable("contradiction", summary, place="bandit")
    examined = {tree.relative(path) for path in report.examined}
    left_out = tree.sources - examined
    if left_out and (not excluding or not examined):
        raise StageError(
            "sources-not-examined",
            f"bandit did not examine {some(left_out)}",
            hint="see the exclusions in its configuration",
            place="bandit",
        )
    findings = tuple(_finding(issue, tree) for issue in report.issues)
    told = (f"not examined, by configuration: {some(left_out)}",) if left_out else ()
    return StageResult(
        metrics=(
            *(
                count(name, sum(name in finding.counts for finding in findings))
                for _, name in SEVERITIES.values()
            ),
            *(count(name, report.totals.get(name, 0)) for name in ("nosec", "skipped_tests")),
        ),
        examined=Examined(
            count=len(examined),
            unit="files",
            excluded=len(tree.files - examined),
            details=(("lines", report.totals.get("loc", 0)),),
        ),
        findings=findings,
        tool=done.tool,
        notes=(*told, *notes),
    )


def _table(pyproject: bytes) -> dict[str, object] | None:
    """The table [tool.bandit], or None; a file that is no TOML is bandit's to refuse."""
    import tomllib

    try:
        tool: object = tomllib.loads(pyproject.decode()).get("tool")
    except ValueError:
        return None
    table = tool.get("bandit") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _refuse_unexamined(report: BanditReport, tree: Tree) -> None:
    if report.errors:
        path, reason = report.errors[0]
        place = tree.relative(path)
        more = f", and {len(report.errors) - 1} more" if len(report.errors) > 1 else ""
        raise StageError(
            "file-unreadable",
            f"bandit could not examine `{place}`: {reason}{more}",
            hint="mend it, or leave it out of `sources`",
            place=place,
        )


def _finding(issue: Issue, tree: Tree) -> Finding:
    if issue.severity not in SEVERITIES:
        summary = f"bandit calls a result `{issue.severity}`, which is unknown"
        raise OutputUnreadable("unknown-severity", summary, place="bandit")
    severity, metric = SEVERITIES[issue.severity]
    cwe = (issue.cwe,) if issue.cwe else ()
    return Finding(
        rule=issue.test,
        severity=severity,
        message=issue.text,
        path=tree.relative(issue.path),
        line=issue.line,
        column=issue.column,
        counts=(metric,),
        confidence=issue.confidence.lower(),
        cwe=cwe,
        owasp=category_of(cwe, bandit_test=issue.test),
    )
