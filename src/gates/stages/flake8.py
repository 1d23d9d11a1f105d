"""`flake8`: lint of Python files with flake8, by the project's own configuration."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from gates.formats import (
    flake8_canary,
    flake8_config,
    flake8_given,
    flake8_log,
    flake8_noqa,
    flake8_result,
    given_parts,
)
from gates.formats.chosen_files import choose
from gates.formats.counts import counted
from gates.formats.flake8_config import UNREADABLE, Flake8Config
from gates.formats.tool_paths import Tree, arguments, some
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Sample,
    Stage,
    StageError,
    StageResult,
    Tool,
    count,
)
from gates.toolkit.files import write_atomic

FEW = 4
"""So many rules, or fewer, are told."""

LOG_LIMIT_BYTES = 256 * 1024 * 1024
"""How large a log may be, in bytes; it tells each line of code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flake8Options(ReportOptions):
    """Options of `flake8`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files and folders to lint", "stricter": "wider"}
    )
    log: str = field(
        default="",
        metadata={"help": "what the runs behind `report` wrote to standard error with `-vv`"},
    )


class Flake8(Stage[Flake8Options]):
    """Lint: every entry counts; what `noqa` comments hide is counted beside them."""

    uses = "flake8"
    title = "lint"
    options_type = Flake8Options
    metrics = (
        counted("errors", "lint errors", "errors"),
        counted("warnings", "lint warnings", "warnings"),
        counted("suppressed", "entries that comments suppress", "suppressed entries"),
    )
    defaults = (Default(text="errors == 0"), Default(text="warnings == 0"))
    criteria = ("L1-LINT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was linted",
        "a file could not be read or parsed",
        "flake8 did not take each file that was handed over",
        "no rule is enabled by which a planted file is faulty, or all are ignored for a source",
        "the exit code, the sums and the entries contradict each other",
        "the log beside a given report does not name a source, or does not fit the report",
    )
    programs = ("flake8",)
    reports_may_repeat = True
    written_by = (
        f"flake8 -vv --benchmark --format='{flake8_log.FORMAT}' ."
        " > out/flake8.txt 2> out/flake8.log"
    )
    sample = Sample(
        files={"src/a.py": "X = 1\n", "src/b.py": "Y = 2\n"},
        faulty={"src/a.py": "import os\n", "src/b.py": "Y = undefined_name\n"},
        vital=("src/a.py", "src/b.py"),
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
        """All Python files, and whatever configures flake8."""
        return ctx.files("**/*.py", *flake8_config.NAMES, "pyproject.toml")

    def run(self, ctx: Context) -> StageResult:
        """Lint each file by name beside a planted one, and count what comments hide."""
        tree = _tree(ctx)
        config = _config(ctx)
        handed = _handed(choose(tree.files, self.options.paths), config)
        planted = ctx.plant(flake8_canary.NAME, flake8_canary.TEXT)
        settings = _arguments(ctx, config)
        done = _lint(ctx, "flake8.log", *settings, "--", *arguments(handed), str(planted))
        comments = {path: flake8_noqa.read((ctx.root / path).read_bytes()) for path in handed}
        muted = frozenset(
            path
            for path, found in comments.items()
            if found.hides_file and not config.disables_noqa
        )
        result = parse(done, tree, config=config, handed=handed, planted=str(planted), muted=muted)
        if config.may_hide_unreadable:
            only = ("--isolated", f"--select={','.join(UNREADABLE)}", "--disable-noqa")
            plain = _lint(ctx, "flake8-parsed.log", *only, "--", *arguments(handed))
            flake8_log.refuse_unreadable(flake8_log.parse(plain.stdout, plain.stderr).reports, tree)
        hidden = 0
        if any(found.may_hide for found in comments.values()):
            whole = _lint(
                ctx, "flake8-whole.log", *settings, "--disable-noqa", "--", *arguments(handed)
            )
            hidden = suppressed(done, whole, tree, planted=str(planted))
        return replace(result, metrics=(*result.metrics, count("suppressed", hidden)))

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge reports beside the log of the same runs, which names what was linted."""
        tree = _tree(ctx)
        given_parts.refuse_unprovable(tree)
        log = self.options.log
        told = flake8_given.merged(
            [(one.name, one.data) for one in reports],
            (log, ctx.given_report(log, max_bytes=LOG_LIMIT_BYTES).data),
            tree,
            written_by=self.written_by,
        )
        known = told.taken & tree.files - {one.path for one in told.reports}
        texts = {path: flake8_noqa.read((ctx.root / path).read_bytes()) for path in known}
        muted = frozenset(path for path, found in texts.items() if found.hides_file)
        ctx.note(flake8_given.UNKNOWN)
        tool = Tool(name="flake8", version="", how="a given report")
        return flake8_result.measured(told.reports, told.taken, muted, tree, tool)


def parse(
    done: Completed,
    tree: Tree,
    *,
    config: Flake8Config,
    handed: tuple[str, ...],
    planted: str,
    muted: frozenset[str] = frozenset(),
) -> StageResult:
    """Read flake8's entries beside its sums; the metric `suppressed` is not in it yet.

    Args:
        done: the run; exit code 0 or 1.
        tree: the project's Python files.
        config: the project's configuration.
        handed: the files that were handed over.
        planted: the path of the planted file, which was handed over too.
        muted: files that a comment hides as a whole.

    Raises:
        OutputUnreadable: the entries, the sums and the exit code do not tell one story.
        StageError: a file was not readable or not Python, there was none, or no rule is enabled.
    """
    log = flake8_log.parse(done.stdout, done.stderr)
    if log.files != len(handed) + 1 or (done.exit_code == 1) != bool(log.reports):
        summary = (
            f"flake8 ended with exit code {done.exit_code} and {len(log.reports)} entries, and took"
            f" {log.files} of {len(handed) + 1} files"
        )
        raise OutputUnreadable("contradiction", summary, place="flake8")
    reports = tuple(one for one in log.reports if one.path != planted)
    flake8_log.refuse_unreadable(reports, tree)
    codes = frozenset(one.code for one in log.reports if one.path == planted)
    proved, fewest = _prove_rules(codes, tree.sources & set(handed), config)
    result = flake8_result.measured(reports, frozenset(handed), muted, tree, done.tool)
    few: tuple[str, ...] = ()
    if len(fewest) <= FEW:
        few = (f"few rules of flake8's own are enabled: {some(fewest, limit=FEW)}",)
    return replace(
        result,
        examined=replace(result.examined, details=(("rules", len(fewest)),)),
        notes=(*result.notes, *few),
        canary=f"a file with {len(proved)} kinds of defects, found by their rules",
    )


def suppressed(done: Completed, whole: Completed, tree: Tree, *, planted: str) -> int:
    """How many entries a run that ignores suppressing comments has beyond the plain one.

    Raises:
        OutputUnreadable: the run that ignores them took other files.
        StageError: a file that a comment hides was not readable or not Python.
    """
    plain, every = (flake8_log.parse(run.stdout, run.stderr) for run in (done, whole))
    if every.files != plain.files - 1:
        summary = f"flake8 took {plain.files - 1} files, and {every.files} without comments"
        raise OutputUnreadable("contradiction", summary, place="flake8")
    flake8_log.refuse_unreadable(every.reports, tree)
    shown = Counter(one for one in plain.reports if one.path != planted)
    return (Counter(every.reports) - shown).total()


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files("**/*.py")),
        sources=frozenset(ctx.sources(".py").files),
    )


def _config(ctx: Context) -> Flake8Config:
    """The configuration as flake8 finds it: in the project's folder, else above it up to git's.

    The plugin Flake8-pyproject puts a section of pyproject.toml before all others.
    """
    root = str(ctx.root)
    path = ctx.root / "pyproject.toml"
    if path.is_file():
        config = flake8_config.parse(path.read_bytes(), name=path.name, root=root)
        if config is not None:
            version = ctx.run(ctx.tool("flake8"), "--version").stdout.lower()
            if b"flake8-pyproject" in b"".join(version.split()):
                return config
            ctx.note("flake8 does not obey pyproject.toml without the plugin Flake8-pyproject")
    for folder in (ctx.root, *ctx.root.parents):
        for name in flake8_config.NAMES:
            path = folder / name
            if path.is_file():
                shown = name if folder == ctx.root else str(path)
                config = flake8_config.parse(path.read_bytes(), name=shown, root=root)
                if config is not None:
                    return config
        if (folder / ".git").exists():
            break
    return Flake8Config(root=root)


def _handed(chosen: tuple[str, ...], config: Flake8Config) -> tuple[str, ...]:
    handed = tuple(path for path in chosen if not config.excludes(path))
    if handed:
        return handed
    if chosen:
        hint = f"see `exclude` in `{config.name}`"
        raise StageError("nothing-examined", "flake8 is left no file to lint", hint=hint)
    raise StageError("nothing-examined", "there is no Python file to lint")


def _arguments(ctx: Context, config: Flake8Config) -> tuple[str, ...]:
    """Name the configuration; what it excludes is left out already, by the rule for folders."""
    if not config.name or config.name.endswith(".toml"):
        return ("--isolated",)
    added = ctx.out / "flake8.ini"
    write_atomic(added, flake8_log.overrides())
    return (f"--config={config.name}", f"--append-config={added}")


def _lint(ctx: Context, name: str, *more: str) -> Completed:
    done = ctx.run(
        ctx.tool("flake8"),
        "--verbose",
        "--benchmark",
        "--color=never",
        f"--format={flake8_log.FORMAT}",
        "--exclude=",
        "--extend-exclude=",
        *more,
        ok=(0, 1),
    )
    path: Path = ctx.out / name
    write_atomic(path, done.stdout + done.stderr)
    ctx.report(path)
    return done


def _prove_rules(
    codes: frozenset[str], sources: frozenset[str], config: Flake8Config
) -> tuple[frozenset[str], frozenset[str]]:
    """The rules that showed in the planted file, and those in force where they are fewest."""
    proved = flake8_canary.proving(codes)
    hint = "see `select`, `ignore` and `per-file-ignores` in flake8's configuration"
    if not proved:
        summary = "flake8 enables no rule by which a planted file full of defects is faulty"
        raise StageError("no-rule", summary, hint=hint, place="flake8")
    fewest = proved
    for path in sorted(sources):
        left = config.reported(proved, path)
        if not left:
            summary = f"flake8 enables no rule for `{path}`"
            raise StageError("no-rule", summary, hint=hint, place=path)
        fewest = min(fewest, left, key=len)
    return proved, fewest
