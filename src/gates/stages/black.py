"""`black`: formatting of Python files with black, by the project's own configuration."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gates.domain.errors import ToolCrashed
from gates.formats import black_config, black_given, black_log, given_parts
from gates.formats.black_config import BlackConfig
from gates.formats.chosen_files import choose
from gates.formats.tool_paths import Tree, arguments, left_out, some
from gates.plugin import (
    EVERYWHERE,
    Completed,
    Context,
    Default,
    Direction,
    Examined,
    Finding,
    MetricSpec,
    OutputUnreadable,
    Report,
    ReportOptions,
    Sample,
    Severity,
    Stage,
    StageError,
    StageResult,
    Tool,
    Unit,
    count,
)
from gates.toolkit.files import write_atomic

CONFIGURATION = "pyproject.toml"
FAILED_EXIT = 123


@dataclass(frozen=True, slots=True, kw_only=True)
class BlackOptions(ReportOptions):
    """Options of `black`."""

    paths: tuple[str, ...] = field(
        default=(".",), metadata={"help": "files and folders to judge", "stricter": "wider"}
    )


class Black(Stage[BlackOptions]):
    """Formatting: files that `black` would change."""

    uses = "black"
    title = "format"
    options_type = BlackOptions
    metrics = (
        MetricSpec(
            name="unformatted",
            unit=Unit.COUNT,
            direction=Direction.LOWER,
            title="files to reformat",
            noun="files to reformat",
        ),
    )
    defaults = (Default(text="unformatted == 0"),)
    criteria = ("L1-FORMAT",)
    when = EVERYWHERE
    examines = "files"
    errored_when = (
        "no file was looked at",
        "a file could not be read or parsed",
        "a file that was handed over is not named by black",
        "black is not the version that the project requires",
        "the exit code, the sums and the files contradict each other",
        "a given report does not name a source, or black's cache answered for a file in it",
    )
    programs = ("black",)
    written_by = "BLACK_CACHE_DIR=$(mktemp -d) black --check --verbose . 2> out/black.txt"
    sample = Sample(
        files={"src/a.py": "X = 1\n", "src/b.py": "Y = 2\n"},
        faulty={"src/a.py": "X=1\n", "src/b.py": "Y  =  2\n"},
        vital=("src/a.py", "src/b.py"),
    )

    def check(self) -> None:
        """Refuse options of a run beside a report.

        Raises:
            ValueError: `paths` is given with `report`.
        """
        given_parts.refuse_paths(self.given, is_set=self.options.paths != (".",))

    def inputs(self, ctx: Context) -> tuple[str, ...]:
        """All Python files, and whatever configures black."""
        return ctx.files("**/*.py", "**/*.pyi", CONFIGURATION)

    def run(self, ctx: Context) -> StageResult:
        """Ask black what it would change in each file by name, and change nothing.

        Its cache is a fresh folder: it trusts a file's size and time.
        """
        tree = _tree(ctx)
        path, config = _config(ctx)
        chosen = choose(tree.files, self.options.paths)
        leaves_out = _left_out_by(config, path, ctx)
        handed = tuple(file for file in chosen if not leaves_out(file))
        if not handed:
            raise StageError(
                "nothing-examined",
                "black is left no file to look at" if chosen else "there is no Python file",
                hint="see `include` and `exclude` in black's configuration" if chosen else "",
            )
        done = ctx.run(
            ctx.tool("black"),
            "--check",
            "--verbose",
            "--no-color",
            *(("--no-cache",) if config.sets_cache else ()),
            f"--config={path}",
            "--",
            *arguments(handed),
            ok=(0, 1, FAILED_EXIT),
            env={"BLACK_CACHE_DIR": str(ctx.out / "cache")},
        )
        log = ctx.out / "black.log"
        write_atomic(log, done.stderr)
        ctx.report(log)
        return parse(done, tree, handed=handed)

    def read(self, ctx: Context, reports: tuple[Report, ...]) -> StageResult:
        """Judge kept logs; each names all files that it looked at."""
        tree = _tree(ctx)
        given_parts.refuse_unprovable(tree)
        path, config = _config(ctx)
        told = black_given.merged(
            [(one.name, one.data) for one in reports],
            tree,
            _left_out_by(config, path, ctx),
            written_by=self.written_by,
        )
        ctx.note(black_given.UNKNOWN)
        tool = Tool(name="black", version="", how="a given report")
        return _result(told.unformatted, told.examined, tree, tool)


def parse(done: Completed, tree: Tree, *, handed: tuple[str, ...]) -> StageResult:
    """Read what a verbose `black --check` wrote.

    Args:
        done: the run; exit code 0, 1 or 123.
        tree: the project's Python files.
        handed: those that were handed over.

    Raises:
        ToolCrashed: black ended before it looked at a file.
        OutputUnreadable: the files, the sums and the exit code do not tell one story.
        StageError: a file was not readable or not Python, there was none, or black is another
            version than the configuration requires.
    """
    _refuse_early_end(done)
    log = black_log.parse(done.stderr)
    black_log.refuse_failures(log, tree)
    unformatted = frozenset(map(tree.relative, log.unformatted))
    examined = unformatted | {tree.relative(path) for path in log.formatted}
    ignored = {tree.relative(path) for path in log.ignored}
    if done.exit_code != (1 if unformatted else 0):
        summary = (
            f"black ended with exit code {done.exit_code} and named {len(unformatted)} files to"
            " reformat"
        )
        raise OutputUnreadable("contradiction", summary, place="black")
    odd = set(handed) ^ (examined | ignored)
    if odd or examined & ignored:
        summary = f"black does not name what it was given: {some(odd or examined & ignored)}"
        raise OutputUnreadable("contradiction", summary, place="black")
    if not examined:
        hint = "see `force-exclude` in black's configuration"
        raise StageError("nothing-examined", "black is left no file to look at", hint=hint)
    return _result(unformatted, examined, tree, done.tool)


def _tree(ctx: Context) -> Tree:
    return Tree(
        roots=(str(ctx.root), os.path.realpath(ctx.root)),
        files=frozenset(ctx.files("**/*.py", "**/*.pyi")),
        sources=frozenset(ctx.sources(".py", ".pyi").files),
    )


def _left_out_by(config: BlackConfig, path: Path, ctx: Context) -> Callable[[str], bool]:
    """Whether the configuration that lies there leaves a file of the project out."""
    below = posixpath.relpath(ctx.root, path.parent) if config.is_there else "."
    return lambda file: config.leaves_out(posixpath.normpath(posixpath.join(below, file)))


def _config(ctx: Context) -> tuple[Path, BlackConfig]:
    """The project's pyproject.toml, else one above it up to git's that is for black, else none.

    An empty one in its place keeps the user's own away.
    """
    for folder in (ctx.root, *ctx.root.parents):
        path = folder / CONFIGURATION
        if path.is_file():
            shown = CONFIGURATION if folder == ctx.root else str(path)
            config = black_config.parse(path.read_bytes(), name=shown)
            if config.is_there:
                return path, config
        if (folder / ".git").exists():
            break
    own = ctx.root / CONFIGURATION
    if own.is_file():  # black takes the version of Python from it
        return own, BlackConfig()
    empty = ctx.out / "black.toml"
    write_atomic(empty, b"")
    return empty, BlackConfig()


def _refuse_early_end(done: Completed) -> None:
    """Refuse exit code 1 of a black that looked at nothing: it sums up nothing then."""
    if done.exit_code != 1 or black_log.is_finished(done.stderr):
        return
    last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if "required version" in last:
        raise StageError(
            "tool-version",
            f"black refuses to run: {last[max(last.find('The required'), 0) :]}",
            hint="install the version that `required-version` of its configuration names",
            place="black",
        )
    raise ToolCrashed("tool-crashed", f"`black` ended with exit code 1: {last}", place="black")


def _result(
    unformatted: frozenset[str], examined: frozenset[str], tree: Tree, tool: Tool
) -> StageResult:
    return StageResult(
        metrics=(count("unformatted", len(unformatted)),),
        examined=Examined(count=len(examined), unit="files", excluded=len(tree.files - examined)),
        findings=tuple(_finding(path) for path in sorted(unformatted)),
        tool=tool,
        notes=left_out(tree.sources - examined, did="formatted"),
    )


def _finding(path: str) -> Finding:
    return Finding(
        rule="unformatted",
        severity=Severity.LOW,
        message="would be reformatted",
        path=path,
        counts=("unformatted",),
        fix="`black` mends it",
    )
