"""`mypy`: static types of Python with mypy, by the project's own configuration."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from gates.formats import mypy_comments, mypy_config, mypy_given, mypy_json, python_annotations
from gates.formats.counts import TYPED, counted
from gates.formats.mypy_comments import Comments
from gates.formats.mypy_config import MypyConfig
from gates.formats.mypy_json import Log
from gates.formats.mypy_result import ASKED, BLOCKING_EXIT, Checked, blocked, finding, measured
from gates.formats.tool_paths import Tree, arguments, some
from gates.plugin import (
    Completed,
    Context,
    Default,
    OutputUnreadable,
    Report,
    ReportOptions,
    Stage,
    StageError,
    StageResult,
    ToolMissing,
)
from gates.toolkit.files import write_atomic

PACKAGES = ("**/*requirements*.txt", "**/pylock*.toml", "**/*.lock", "Pipfile*", "setup.py")
"""What says which packages are installed: types of what is imported come from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MypyOptions(ReportOptions):
    """Options of `mypy`."""

    paths: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "what is checked; else what mypy's configuration names, else `sources`",
            "stricter": "wider",
        },
    )
    strict: bool = field(
        default=False,
        metadata={"help": "add `--strict` to the project's configuration", "stricter": "on"},
    )


class Mypy(Stage[MypyOptions]):
    """Types: errors, explicit `Any`, functions without types, and whether strict mode holds."""

    uses = "mypy"
    title = "types"
    options_type = MypyOptions
    metrics = (
        counted("errors", "type errors", "errors"),
        *TYPED,
        counted("ignores", "`type: ignore` comments", "`type: ignore` comments"),
    )
    defaults = (
        Default(text="errors == 0"),
        Default(text="any == 0"),
        Default(text="untyped == 0"),
        Default(text="strict == 1"),
    )
    criteria = ("L1-TYPES",)
    examines = "files"
    errored_when = (
        "no file was checked, or no source among them",
        "a file could not be parsed",
        "a file that was handed over was not checked",
        "mypy does not say that it checked to the end",
        "the exit code and the messages contradict each other",
        "a given report does not name a source, or names what is no file of the project",
        "a given report tells of another configuration than the project's",
    )
    programs = ("mypy",)
    written_by = (
        "(mypy --verbose --output=json . && echo exit code 0 || echo exit code $?) > mypy.txt 2>&1"
    )

    def check(self) -> None:
        """Refuse options of a run beside a report.

        Raises:
            ValueError: `paths` or `strict` is given with `report`.
        """
        for name in ("paths", "strict"):
            if self.given and getattr(self.options, name):
                raise ValueError(f"`{name}` is for a run, and `report` takes its place")

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, since types follow imports, and whatever configures mypy."""
        return ctx.files("**/*.py", "**/*.pyi", *mypy_config.NAMES, "**/py.typed", *PACKAGES)

    def run(self, ctx: Context) -> StageResult:
        """Check, with the two questions of the criterion added to the project's own."""
        config, tree = _config(ctx), _tree(ctx)
        paths = self._paths(config, tree)
        done = ctx.run(
            ctx.tool("mypy"),
            *self._arguments(ctx, config),
            *(("--", *arguments(paths)) if paths else ()),
            ok=(0, 1, BLOCKING_EXIT),
        )
        # The log goes with it: without an error, mypy prints nothing.
        report = ctx.out / "mypy.log"
        write_atomic(report, done.stdout + done.stderr)
        ctx.report(report)
        comments = _comments(ctx, _named(done, tree) & tree.sources)
        handed = () if self.options.paths else paths
        return parse(
            done, tree, comments=comments, config=config, strict=self.options.strict, handed=handed
        )

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge what `written_by` wrote; what it was not asked for is counted in the files."""
        config, tree = _config(ctx), _tree(ctx)
        told = ((one.name, one.data) for one in reports)
        checked = mypy_given.merged(told, tree, config, lambda path: (ctx.root / path).is_file())
        texts = {path: (ctx.root / path).read_bytes() for path in sorted(tree.files)}
        among = python_annotations.project(iter(texts.items()))
        files = {
            path: python_annotations.read(texts[path], name=path, among=among)
            for path in sorted(tree.files & checked.modules.keys())
        }
        ctx.note(mypy_given.UNTOLD)
        return measured(
            mypy_given.with_annotations(checked, files),
            tree,
            comments=_comments(ctx, tree.sources & checked.modules.keys()),
            config=config,
        )

    def _paths(self, config: MypyConfig, tree: Tree) -> tuple[str, ...]:
        """What is handed over; empty where mypy's configuration names it by itself."""
        if self.options.paths:
            return self.options.paths
        if config.names_files and "/" not in config.name:
            return ()
        handed = tuple(sorted(path for path in tree.sources if not config.excludes(path)))
        if not handed:
            raise StageError("nothing-examined", "there is no Python source to check")
        return handed

    def _arguments(self, ctx: Context, config: MypyConfig) -> tuple[str, ...]:
        cache = ctx.kept_cache("mypy", ctx.files("**/*.py", "**/*.pyi"))
        added = (
            "--verbose",
            "--output=json",
            f"--config-file={config.name}",
            f"--cache-dir={cache}",
            "--disallow-any-explicit",
            "--disallow-untyped-defs",
            "--disallow-incomplete-defs",
            *(f"--enable-error-code={code}" for code in ASKED),
        )
        strict = ("--strict",) if self.options.strict else ()
        if "python_executable" in config.whole.texts:
            return (*added, *strict)
        return (*added, *strict, *_interpreter(ctx))


def parse(
    done: Completed,
    tree: Tree,
    *,
    comments: dict[str, Comments],
    config: MypyConfig,
    strict: bool = False,
    handed: tuple[str, ...] = (),
) -> StageResult:
    """Read mypy's JSON lines beside its log.

    Args:
        done: the verbose run; exit code 0, 1 or 2.
        tree: the project's Python files.
        comments: comments of each source file that was checked.
        config: the project's configuration of mypy.
        strict: the command line asked for strict mode.
        handed: the source files that were handed over one by one.

    Raises:
        ToolCrashed: exit code 2 without a file that is to blame.
        OutputUnreadable: the messages, the log and the exit code do not tell one story.
        StageError: a file was not Python, or no source was checked.
    """
    log = mypy_json.read_log(done.stderr)
    if done.exit_code == BLOCKING_EXIT:
        raise _blocked(done, log, tree)
    findings = tuple(
        finding(message, tree.relative(message.path), config, strict=strict)
        for message in mypy_json.parse(done.stdout)
    )
    errors = sum(bool(finding.counts) for finding in findings)
    if (done.exit_code == 1) != bool(errors) or not log.is_finished:
        end = "its log has an end" if log.is_finished else "its log has no end"
        summary = f"mypy ended with exit code {done.exit_code} and {errors} errors, and {end}"
        raise OutputUnreadable("contradiction", summary, place="mypy")
    modules = {tree.relative(path): module for path, module in log.modules}
    lost = set(handed) - modules.keys()
    if lost:
        summary = f"mypy did not look at {some(lost)}, which it was given"
        raise OutputUnreadable("contradiction", summary, place="mypy")
    if not tree.sources & modules.keys():
        raise StageError("nothing-examined", "mypy checked none of the project's sources")
    checked = Checked(modules=modules, findings=findings, complaints=log.complaints, tool=done.tool)
    return measured(checked, tree, comments=comments, config=config, strict=strict)


def _config(ctx: Context) -> MypyConfig:
    """The configuration as mypy finds it: in the project's folder, else above it up to git's."""
    for folder in (ctx.root, *ctx.root.parents):
        for name in mypy_config.NAMES:
            path = folder / name
            if path.is_file():
                shown = name if folder == ctx.root else str(path)
                config = mypy_config.parse(path.read_bytes(), name=shown)
                if config is not None:
                    return config
        if (folder / ".git").exists():
            break
    return MypyConfig()


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
        sources=frozenset(ctx.sources(".py", ".pyi").files),
    )


def _named(done: Completed, tree: Tree) -> frozenset[str]:
    """The files that a run checked; none where it could not."""
    if done.exit_code == BLOCKING_EXIT:
        return frozenset()
    return frozenset(tree.relative(path) for path, _ in mypy_json.read_log(done.stderr).modules)


def _comments(ctx: Context, paths: Iterable[str]) -> dict[str, Comments]:
    return {
        path: mypy_comments.read((ctx.root / path).read_bytes(), name=path)
        for path in sorted(paths)
    }


def _interpreter(ctx: Context) -> tuple[str, ...]:
    """The project's interpreter, in whose packages imports are looked up."""
    try:
        return (f"--python-executable={ctx.tool('python').path}",)
    except ToolMissing:
        return ()


def _blocked(done: Completed, log: Log, tree: Tree) -> StageError:
    try:
        messages = mypy_json.parse(done.stdout)
    except OutputUnreadable:  # a path or an option that it refuses is told in plain text
        messages = ()
    placed = [replace(one, path=tree.relative(one.path)) for one in messages]
    told = log.last or done.stdout.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return blocked(placed, told, exit_code=done.exit_code)
